"""A VAT report to documents, as one would write it in Python: gzip, csv, decimal, one dictionary for each document.

Usage: documents.py FILE.gz. Prints {"rows": …, "seconds": …} and fails if a row is missing or a document is flagged.
"""

import csv
import gzip
import io
import json
import sys
import time
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

COMPONENTS = {"item": "OUR_PRICE", "shipping": "SHIPPING", "gift_wrap": "GIFTWRAP"}
ZERO = Decimal("0.00")
CENT = Decimal("0.01")


def date_of(text):
    return datetime.strptime(text, "%d-%b-%Y UTC").date() if text else None


def line_of(row, number):
    rate = Decimal(row["Tax Rate"]) if row["Tax Rate"] else None
    line = {
        "line": number, "transaction_type": row["Transaction Type"], "shipment_id": row["Shipment ID"],
        "transaction_id": row["Transaction ID"], "asin": row["ASIN"], "sku": row["SKU"],
        "quantity": int(row["Quantity"] or 0), "rate": rate, "reason": row["Tax Calculation Reason Code"],
        "shipped_on": date_of(row["Shipment Date"]), "calculated_on": date_of(row["Tax Calculation Date"]),
        "tax_code": row["Product Tax Code"], "converted_vat": Decimal(row["Converted Tax Amount"] or 0),
        "gross": ZERO, "vat": ZERO, "net": ZERO, "flags": [],
    }
    for name, prefix in COMPONENTS.items():
        price = [Decimal(row[f"{prefix} {column}"] or 0)
                 for column in ("Tax Inclusive Selling Price", "Tax Amount", "Tax Exclusive Selling Price")]
        promotion = [Decimal(row[f"{prefix} {column}"] or 0)
                     for column in ("Tax Inclusive Promo Amount", "Tax Amount Promo", "Tax Exclusive Promo Amount")]
        for gross, vat, net in (price, promotion):
            if gross != net + vat:
                line["flags"].append("gross_mismatch")
            if rate is not None and abs(vat - rate * net) > CENT * max(line["quantity"], 1):
                line["flags"].append("vat_mismatch")
            line["gross"] += gross
            line["vat"] += vat
            line["net"] += net
        line[name] = (price, promotion)
    return line


def document_of(row, number, kind):
    return {
        "kind": kind, "number": number, "marketplace": row["Marketplace ID"], "merchant_id": row["Merchant ID"],
        "order_id": row["Order ID"], "order_date": date_of(row["Order Date"]), "currency": row["Currency"],
        "seller": (row["Seller Tax Registration"], row["Seller Tax Registration Jurisdiction"]),
        "buyer": (row["Buyer Tax Registration"], row["Buyer Tax Registration Jurisdiction"], row["Buyer Tax Registration Type"]),
        "scheme": row["Tax Reporting Scheme"], "responsibility": row["Tax Collection Responsibility"],
        "jurisdiction": row["Jurisdiction Name"], "export": row["Export Outside EU"].lower() == "true",
        "ship_from": (row["Ship From Country"], row["Ship From City"], row["Ship From Postal Code"]),
        "ship_to": (row["Ship To Country"], row["Ship To City"], row["Ship To Postal Code"]),
        "url": row["Invoice Url"], "original": row["Original VAT Invoice Number"],
        "gross": ZERO, "vat": ZERO, "net": ZERO, "by_rate": defaultdict(lambda: [ZERO, ZERO, ZERO]), "lines": [],
    }


def main(path):
    start = time.perf_counter()
    content = gzip.open(path).read().decode("utf-8")
    documents, rows = {}, 0
    for number, row in enumerate(csv.DictReader(io.StringIO(content)), start=2):
        rows += 1
        kind = "invoice" if row["Transaction Type"] == "SHIPMENT" else "credit_note"
        name = row["VAT Invoice Number"] or row["Transaction ID"] or row["Shipment ID"]
        document = documents.get((kind, name))
        if document is None:
            document = documents[kind, name] = document_of(row, name, kind)
        document["lines"].append(line_of(row, number))
    flagged, lines = 0, 0
    for document in documents.values():
        for line in sorted(document["lines"], key=lambda line: (line["shipment_id"], line["transaction_id"], line["asin"])):
            for place, name in enumerate(("gross", "vat", "net")):
                document[name] += line[name]
                document["by_rate"][line["rate"]][place] += line[name]
        document["issued_on"] = max(line["shipped_on"] or line["calculated_on"] for line in document["lines"])
        flagged += any(line["flags"] for line in document["lines"])
        lines += len(document["lines"])
    seconds = time.perf_counter() - start
    if lines != rows or flagged:
        sys.exit(f"{rows} rows, {lines} lines, {flagged} flagged documents")
    print(json.dumps({"rows": rows, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
