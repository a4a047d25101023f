"""Creates, polls and downloads reports with python-amazon-sp-api, as it comes from PyPI.

The package has Amazon's hosts in it, but leaves three doors open, and this script uses them: the client takes the
class that fetches tokens as an argument, each client object has its endpoint as an attribute, and URLs of documents
come from the server anyway.

Usage: python_client.py http://127.0.0.1:PORT
"""

import sys
import time
from datetime import datetime, timezone

from sp_api.api import Reports, Sellers, Tokens
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces, SellingApiException

BASE_URL = sys.argv[1]
CREDENTIALS = {
    "lwa_app_id": "amzn1.application-oa2-client.example",
    "lwa_client_secret": "amzn1.oa2-cs.v1.example",
    "refresh_token": "Atzr|example-eu",
}
VAT = "SC_VAT_TAX_REPORT"
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


class LocalTokens(AccessTokenClient):
    """Fetches tokens from the local server."""

    scheme, host = BASE_URL.split("//")[0] + "//", BASE_URL.split("//")[1]


def local(api, **more):
    """A client of one API that talks to the local server."""
    client = api(marketplace=Marketplaces.DE, credentials=CREDENTIALS, auth_token_client_class=LocalTokens, **more)
    client.endpoint = BASE_URL
    return client


def until_finished(reports, report_id):
    """Polls a report until Amazon is done with it."""
    for _ in range(200):
        report = reports.get_report(report_id).payload
        if report["processingStatus"] not in ("IN_QUEUE", "IN_PROGRESS"):
            return report
        time.sleep(0.02)
    raise SystemExit(f"report {report_id} does not come to an end")


def main():
    """Reads where the seller sells, a settlement that Amazon made, and a VAT report that is asked for."""
    reports = local(Reports)
    shops = local(Sellers).get_marketplace_participation().payload
    print("sells in", ", ".join(shop["marketplace"]["domainName"] for shop in shops))

    settlements = reports.get_reports(reportTypes=[SETTLEMENT], processingStatuses=["DONE"]).payload["reports"]
    for settlement in settlements:
        print(reports.get_report_document(settlement["reportDocumentId"], download=True).payload["document"])
    try:
        reports.create_report(reportType=SETTLEMENT, marketplaceIds=[Marketplaces.DE.marketplace_id])
    except SellingApiException as refusal:
        print("refused:", refusal.message)

    created = reports.create_report(
        reportType=VAT,
        marketplaceIds=[Marketplaces.DE.marketplace_id],
        dataStartTime=datetime(2025, 11, 1, tzinfo=timezone.utc),
        dataEndTime=datetime(2025, 11, 21, tzinfo=timezone.utc),
    )
    report = until_finished(reports, created.payload["reportId"])
    print("report", report["reportId"], "is", report["processingStatus"])
    path = f"/reports/2021-06-30/documents/{report['reportDocumentId']}"
    wish = {"restrictedResources": [{"method": "GET", "path": path}]}
    token = local(Tokens).create_restricted_data_token(**wish).payload["restrictedDataToken"]
    restricted = local(Reports, restricted_data_token=token)
    print(restricted.get_report_document(report["reportDocumentId"], download=True).payload["document"])


if __name__ == "__main__":
    main()
