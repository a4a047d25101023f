"""The flow that is no part of the demo's story, a vendor's invoices, for the picture of the dashboard."""

import time

from deployment import ROOT, DeploymentError

from demo.sellers import Seller, connect_for

VENDOR = Seller("BROOK-SUPPLY", "Brook Supply", "eu", ("A1PA6795UKMFR9",), vat=False)
ENDED = {"accepted", "presumed_accepted_unverified"}
TAKES_AT_MOST_S = 60


def play(stage) -> None:
    """A vendor hands a file in. Polls until Amazon has said what it will say."""
    connect_for("vendor", VENDOR, {"kind": "vendor"}, stage.amazon, stage.stack)
    template = ROOT / "shared" / "vendor-invoices" / "templates" / "retail.csv"
    key = f"vendor-invoices/{VENDOR.seller_id}/incoming/november.csv"
    stage.stack.client("s3").put_object(Bucket=stage.outputs["ReportsBucketName"], Key=key, Body=template.read_bytes())
    stage.say(f"{VENDOR.name} hands invoices in")
    began = time.monotonic()
    while not (states := statuses(stage)) or not states <= ENDED:
        if time.monotonic() - began > TAKES_AT_MOST_S:
            raise DeploymentError(f"after {TAKES_AT_MOST_S} s the vendor's invoices are {', '.join(sorted(states)) or 'not there'}")
        time.sleep(1)
        stage.run_schedule("poll-jobs")
        stage.run_schedule("watch-books")
    stage.say("all of them are at Amazon")


def statuses(stage) -> set[str]:
    """Where the vendor's invoices stand."""
    found = stage.stack.client("dynamodb").scan(TableName=stage.outputs["VendorInvoicesTableName"])["Items"]
    return {item["status"]["S"] for item in found if "invoice_id" in item}
