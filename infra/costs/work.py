"""Invented reports of any length, for measuring."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from deployment import ROOT

V2 = ("settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type order-id "
      "merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount fulfillment-id "
      "posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id sku "
      "quantity-purchased promotion-id").split()
PARTS = (("ItemPrice", "Principal", "20.00"), ("ItemPrice", "Tax", "1.60"), ("ItemPrice", "Shipping", "4.99"),
         ("ItemFees", "Commission", "-3.00"), ("ItemFees", "FBAPerUnitFulfillmentFee", "-3.22"),
         ("Promotion", "Shipping", "-4.99"), ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "-1.60"))
VAT_HEADER = ROOT / "tests" / "fixtures" / "vat" / "header-of-2026-oss.csv"


def settlement(rows: int) -> str:
    """A settlement of the United States with so many amounts."""
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=rows % 97)
    moment = f"{end - timedelta(days=3):%Y-%m-%d %H:%M:%S} UTC"
    lines, total = [], Decimal(0)
    for row in range(rows):
        kind, name, amount = PARTS[row % len(PARTS)]
        order = row // len(PARTS)
        total += Decimal(amount)
        lines.append({"transaction-type": "Order", "order-id": f"112-{order:07}-{rows:07}", "marketplace-name": "Amazon.com",
                      "merchant-order-id": f"112-{order:07}-{rows:07}", "shipment-id": f"U2w85{order:04}", "amount-type": kind,
                      "amount-description": name, "amount": amount, "fulfillment-id": "AFN", "posted-date": moment[:10],
                      "posted-date-time": moment, "order-item-code": f"{order:014}", "sku": f"SKU-{order % 50}",
                      "quantity-purchased": "1"})
    summary = {"settlement-start-date": f"{end - timedelta(days=14):%Y-%m-%d %H:%M:%S} UTC",
               "settlement-end-date": f"{end:%Y-%m-%d %H:%M:%S} UTC",
               "deposit-date": f"{end + timedelta(days=2):%Y-%m-%d %H:%M:%S} UTC", "total-amount": f"{total:.2f}",
               "currency": "USD"}
    number = f"2{rows:010}"
    return "".join("\t".join(line) + "\n" for line in (
        V2, *([{"settlement-id": number, **line}.get(name, "") for name in V2] for line in (summary, *lines))))


def vat_report(documents: int) -> str:
    """A VAT report with so many invoices of one line, each new: like the line of a fixture, with other numbers."""
    header, row = VAT_HEADER.read_text().splitlines()[:2]
    names = [name.strip('"') for name in header.split(",")]
    import csv

    values = dict(zip(names, next(csv.reader([row])), strict=False))
    yesterday = f"{datetime.now(UTC) - timedelta(days=2):%d-%b-%Y} UTC"
    lines = [header]
    for document in range(documents):
        mark = f"{documents:04}{document:05}"
        values.update({"Order ID": f"305-{documents:07}-{document:07}", "Shipment ID": mark, "Transaction ID": mark,
                       "VAT Invoice Number": f"DE6{mark}I", "Order Date": yesterday, "Shipment Date": yesterday,
                       "Tax Calculation Date": yesterday})
        lines.append(",".join(f'"{values.get(name, "")}"' for name in names))
    return "\n".join(lines) + "\n"
