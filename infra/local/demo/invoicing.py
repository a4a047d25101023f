"""Own invoices in the demo: what Amazon says is due is numbered, drawn, uploaded, and followed until Amazon accepts it."""

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta

from deployment import ROOT, DeploymentError, target_directory

from demo.sellers import Seller, connect_for

SELLER = Seller("A4SOLBERGGLAS", "Solberg & Glas", "eu", ("A1PA6795UKMFR9",), vat=False)
PROFILE = ROOT / "shared" / "invoicing" / "profiles" / "sample.toml"
TAKES_AT_MOST_S = 90
COLUMNS = (
    "marketplace-id order-id order-item-id shipping-id transaction-id transaction-type invoice-status order-date shipment-date "
    "seller-vat-number asin sku product-name quantity-purchased currency item-vat-incl-amount item-vat-amount "
    "item-vat-excl-amount item-vat-rate ship-from-country ship-country buyer-name bill-address-1 bill-postal-code bill-city "
    "bill-country ship-address-1 ship-postal-code ship-city is-amazon-invoiced recommended-invoice-format").split()
LAMP, VASE = ("LK-LAMP-01", "B00EXAMP21", "Desk lamp “Alster”, oak and brass"), ("LK-VASE-03", "B00EXAMP22", "Vase, hand-blown glass")
ADDRESS = {"bill-address-1": "Musterweg 7", "bill-postal-code": "20457", "bill-city": "Hamburg", "bill-country": "DE",
           "ship-address-1": "Musterweg 7", "ship-postal-code": "20457", "ship-city": "Hamburg", "ship-country": "DE"}


def row(number: int, kind: str, status: str, article: tuple, amounts: tuple, **more: str) -> str:
    """One row of the report."""
    day = (datetime.now(UTC) - timedelta(days=3)).strftime("%d/%m/%Y")
    sku, asin, title = article
    gross, vat, net = amounts
    values = ADDRESS | {
        "marketplace-id": "DE", "order-id": f"302-4471920-883{number:04}", "order-item-id": f"5835637{number:05}",
        "shipping-id": f"4093{number:05}", "transaction-id": f"4093{number:05}", "transaction-type": kind,
        "invoice-status": status, "order-date": day, "shipment-date": day, "seller-vat-number": "DE123456788", "asin": asin,
        "sku": sku, "product-name": title, "quantity-purchased": "1", "currency": "EUR", "item-vat-incl-amount": gross,
        "item-vat-amount": vat, "item-vat-excl-amount": net, "item-vat-rate": "0.19", "ship-from-country": "DE",
        "buyer-name": "Erika Muster", "is-amazon-invoiced": "FALSE", "recommended-invoice-format": "PDF",
    } | more
    return "\t".join(values.get(column, "") for column in COLUMNS) + "\n"


def begin(stage) -> None:
    """Connects the seller, stores the profile, and lets the first invoice go its way."""
    connect_for("invoicing", SELLER, {}, stage.amazon, stage.stack)
    countinghouse(stage, "profile", "put", str(PROFILE), "--account", SELLER.seller_id)
    stage.say(f"{SELLER.name} is connected, and the profile for own invoices is stored")
    due(stage, "due", row(1, "SHIPMENT", "InvoicePending", LAMP, ("49.90", "7.97", "41.93"))
        + row(2, "SHIPMENT", "InvoiceCreatedByAmazon", VASE, ("29.95", "4.78", "25.17"), **{"is-amazon-invoiced": "TRUE"})
        + row(3, "SHIPMENT", "NoTaxCalculated", VASE, ("29.95", "0.00", "29.95"), **{"item-vat-rate": "0"}))
    answer = stage.run_schedule("create-reports")
    stage.say(f"schedule create-reports: {answer['requested']} reports of what must be invoiced are requested")


def finish(stage) -> list[dict]:
    """The buyer sends the lamp back; both documents are followed until Amazon has accepted them."""
    until(stage, "the invoice is with Amazon", lambda items: states(items) == {"processing"})
    ended(stage, 1)
    due(stage, "refund", row(1, "REFUND", "CreditNotePending", LAMP, ("-49.90", "-7.97", "-41.93"),
                             **{"transaction-id": "amzn1:crow:A0f6kWaFSV6ymAlMHe4VJw"}))
    ask_for_all(stage)
    until(stage, "the credit note is with Amazon", lambda items: states(items) == {"accepted", "processing"})
    ended(stage, 2)
    ask_for_all(stage)
    items = until(stage, "Amazon accepts both", lambda items: len(items) == 2 and states(items) == {"accepted"})
    stage.say("an invoice and its credit note are numbered, uploaded, and accepted by Amazon")
    return items


def due(stage, name: str, rows: str) -> None:
    """Amazon learns of shipments and refunds."""
    path = stage.logs / f"vidr-{name}.txt"
    path.write_text("\t".join(COLUMNS) + "\n" + rows)
    stage.amazon.add_due_rows(SELLER.seller_id, path)


def ask_for_all(stage) -> None:
    """A report of everything up to now, as a person asks for it."""
    since = (datetime.now(UTC) - timedelta(days=29)).strftime("%Y-%m-%dT%H:%M:%SZ")
    order = {"version": 1, "seller_id": SELLER.seller_id, "from": since}
    stage.stack.run_schedule("create-reports", json.dumps(order))


def documents(stage) -> list[dict]:
    """What is ours to issue: everything but what has no VAT."""
    return [item for item in stage.books.own_invoices() if item.get("amazons_status") != "NoTaxCalculated"]


def states(items: list[dict]) -> set[str]:
    return {item["state"] for item in items}


def until(stage, what: str, done) -> list[dict]:
    """Waits for it."""
    began = said = time.monotonic()
    while True:
        items = documents(stage)
        if items and done(items):
            return items
        now = time.monotonic()
        standing = ", ".join(f"{item['document']} is {item['state']}" for item in items) or "nothing is due yet"
        if now - began > TAKES_AT_MOST_S:
            raise DeploymentError(f"own invoices: after {TAKES_AT_MOST_S} s not yet: {what}; {standing}")
        if now - said > 5:
            said = now
            stage.say(f"waiting until {what}: {standing}")
        time.sleep(0.1)


def ended(stage, uploads: int) -> None:
    """Amazon has read so many uploads: the next report knows."""
    began = time.monotonic()
    while sum(feed["processing_status"] == "DONE" for feed in stage.amazon.feeds(SELLER.seller_id)) < uploads:
        if time.monotonic() - began > TAKES_AT_MOST_S:
            raise DeploymentError("own invoices: Amazon does not read what was uploaded")
        time.sleep(0.1)


def countinghouse(stage, *arguments: str) -> str:
    """Runs the operator's command on the local stack."""
    program = next((path for profile in ("local", "release", "debug")
                    if os.access(path := target_directory() / profile / "countinghouse", os.X_OK)), None)
    if program is None:
        raise DeploymentError("countinghouse is not built: make build")
    environment = os.environ | {"AWS_ENDPOINT_URL": stage.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                                "AWS_EC2_METADATA_DISABLED": "true"}
    command = [str(program), *arguments, "--stack", "countinghouse", "--region", "eu-west-1"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 2):
        raise DeploymentError(f"countinghouse {' '.join(arguments[:2])}: {run.stderr.strip()}")
    return run.stdout
