"""Makes documents with the program, and reads them and the reports again, without any of the program's code."""

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "tests" / "fixtures" / "vidr"
PROFILES = Path(__file__).resolve().parent / "profiles"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
PROGRAM = TARGET / os.environ.get("PROFILE", "local") / "countinghouse"
MADE_ALL, SOME_LISTED = 0, 2
"""Exit codes of `countinghouse invoice`: everything due was made; something waits for a person."""
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


def reports() -> list[Path]:
    """The sample reports that can be read; those that cannot are named bad-…"""
    found = [path for path in sorted(REPORTS.iterdir()) if path.suffix in (".txt", ".csv", ".xml")]
    return [path for path in found if not path.name.startswith("bad-")]


def invoice(report: Path, out: Path, profile: str | None = None) -> list[dict]:
    """Runs `countinghouse invoice` and gives its JSON lines, with the paths as paths."""
    if not PROGRAM.is_file():
        sys.exit(f"{PROGRAM} is not there: `make build` builds it")
    seller = ["--sample"] if profile is None else ["--profile", str(PROFILES / profile)]
    command = [str(PROGRAM), "invoice", str(report), *seller, "--out", str(out), "--json"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (MADE_ALL, SOME_LISTED):
        raise AssertionError(f"{report.name}: exit code {run.returncode}\n{run.stderr}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    for line in lines:
        line["pdf"], line["xml"] = Path(line["pdf"]), Path(line["xml"])
    return lines


def kind_of(xml: bytes) -> str:
    """What an XML file is, told by its content."""
    if b"FatturaElettronica" in xml[:500]:
        return "fattura-pa"
    is_xrechnung = b"xrechnung_3.0" in xml
    if b"CrossIndustryInvoice" in xml[:500]:
        return "xrechnung-cii" if is_xrechnung else "factur-x"
    return "xrechnung-ubl"


def totals_of_cii(xml: bytes) -> tuple[Decimal, Decimal]:
    """Gross and VAT as a Cross Industry Invoice states them."""
    from lxml import etree

    sums = etree.fromstring(xml).find(f".//{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
    return Decimal(sums.findtext(f"{RAM}GrandTotalAmount")), Decimal(sums.findtext(f"{RAM}TaxTotalAmount"))


def totals_of_fattura(xml: bytes) -> tuple[Decimal, Decimal]:
    """Gross and VAT as a FatturaPA states them."""
    from lxml import etree

    root = etree.fromstring(xml)
    vat = sum((Decimal(element.text) for element in root.iter("Imposta")), Decimal(0))
    return Decimal(root.findtext(".//ImportoTotaleDocumento")), vat


PARTS = ["item", "gift-wrap", "shipping", "item-promo", "gift-promo", "shipping-promo"]


def totals_of_report(report: Path) -> dict[str, tuple[Decimal, Decimal]]:
    """Gross and VAT by transaction, added from the columns of a flat report as Amazon's page on uploads says."""
    rows = csv.DictReader(io.StringIO(report.read_bytes().decode("utf-8-sig")), delimiter="\t", quoting=csv.QUOTE_NONE)
    totals = {}
    for row in rows:
        key = row.get("transaction-id") or row["shipping-id"]
        gross, vat = totals.get(key, (Decimal(0), Decimal(0)))
        gross += sum((amount(row.get(f"{part}-vat-incl-amount")) for part in PARTS), Decimal(0))
        vat += sum((amount(row.get(f"{part}-vat-amount")) for part in PARTS), Decimal(0))
        totals[key] = gross, vat
    return totals


def amount(text: str | None) -> Decimal:
    """A number of the report, with a point or a comma."""
    return Decimal((text or "0").strip().replace(",", ".") or "0")


def text_of(pdf: Path) -> str:
    """The text of all pages, with single spaces."""
    import pypdf

    pages = pypdf.PdfReader(pdf).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())
