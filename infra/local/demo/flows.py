"""The flows that send something to Amazon, a vendor's invoices and a seller's own, for the picture of the dashboard."""

import time

from deployment import ROOT, DeploymentError

from demo.sellers import Seller, connect_for

VENDOR = Seller("BROOK-SUPPLY", "Brook Supply", "eu", ("A1PA6795UKMFR9",), vat=False)
ISSUING = Seller("A4LINDENDIREKT", "Linden Direkt", "eu", ("A1PA6795UKMFR9",), vat=False)
TAKES_AT_MOST_S = 90


def play(stage) -> None:
    """A vendor hands a file in; a seller has shipments to invoice. Polls until Amazon has said what it will say."""
    bucket, s3 = stage.outputs["ReportsBucketName"], stage.stack.client("s3")
    connect_for("vendor", VENDOR, {"kind": "vendor"}, stage.amazon, stage.stack, stage.outputs)
    connect_for("invoicing", ISSUING, {}, stage.amazon, stage.stack, stage.outputs)
    profiles = ROOT / "shared" / "invoicing" / "profiles"
    for name, file in (("profile.toml", "sample.toml"), ("sample-logo.svg", "sample-logo.svg")):
        s3.put_object(Bucket=bucket, Key=f"own-invoices/{ISSUING.seller_id}/{name}", Body=(profiles / file).read_bytes())
    stage.amazon.call("POST", "shipments", {"seller_id": ISSUING.seller_id, "shipments": 8, "refund_percent": 25})
    template = ROOT / "shared" / "vendor-invoices" / "templates" / "retail.csv"
    s3.put_object(Bucket=bucket, Key=f"vendor-invoices/{VENDOR.seller_id}/incoming/november.csv", Body=template.read_bytes())
    stage.say(f"{VENDOR.name} hands invoices in, {ISSUING.name} has shipments to invoice")
    stage.run_schedule("create-reports")
    began = time.monotonic()
    while not is_over(stage):
        if time.monotonic() - began > TAKES_AT_MOST_S:
            raise DeploymentError(f"the invoices did not reach Amazon in {TAKES_AT_MOST_S} s")
        time.sleep(1)
        stage.run_schedule("poll-jobs")
        stage.run_schedule("watch-books")
    stage.say("all invoices are at Amazon")


def is_over(stage) -> bool:
    """Whether every invoice is at Amazon, and there are some of both."""
    own = [item["state"] for item in items(stage, "OwnInvoicesTableName", "shipping_id") if "state" in item]
    vendor = [item["status"] for item in items(stage, "VendorInvoicesTableName", "invoice_id") if "status" in item]
    return bool(own and vendor) and set(own) <= {"processing", "accepted"} and set(vendor) <= {"accepted", "presumed_accepted_unverified"}


def items(stage, table: str, attribute: str) -> list[dict]:
    """The texts of the items of a table that have an attribute."""
    found = stage.stack.client("dynamodb").scan(TableName=stage.outputs[table])["Items"]
    return [{name: value["S"] for name, value in item.items() if "S" in value} for item in found if attribute in item]
