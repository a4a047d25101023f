"""Every document that the program makes of the sample reports is what the standards say, and its sums are Amazon's.

Run by `make test-documents`. The tools come from infra/requirements.txt; if one is missing, that is a failure.
"""

import re
import tempfile
import unittest
from pathlib import Path

import validators
from support import (
    REPORTS,
    invoice,
    kind_of,
    reports,
    text_of,
    totals_of_cii,
    totals_of_fattura,
    totals_of_report,
)

SAMPLE_OUTPUT = Path(__file__).resolve().parent / "sample-output"
"""Some of the documents of sample.txt, for a person who wants to see them without building anything."""
RENEW = "countinghouse invoice tests/fixtures/vidr/sample.txt --sample --out FOLDER, and copy them from there"

MADE: dict[str, list[dict]] = {}
"""The documents of each report, by the report's name."""
FOLDER = tempfile.TemporaryDirectory(prefix="countinghouse-documents-")


def setUpModule() -> None:
    validators.demand_tools()
    for report in reports():
        MADE[report.name] = invoice(report, Path(FOLDER.name) / report.name)
    for syntax in ("cii", "ubl"):
        name = f"xrechnung-{syntax}"
        MADE[name] = invoice(REPORTS / "business.txt", Path(FOLDER.name) / name, profile=f"{name}.toml")


def tearDownModule() -> None:
    FOLDER.cleanup()


def documents():
    """(name, line) for every document."""
    for report, lines in MADE.items():
        for line in lines:
            yield f"{report}: {line['number']}", line


class Documents(unittest.TestCase):
    def setUp(self):
        self.seen = 0

    def passes(self, name: str, complaints: list[str]) -> None:
        self.seen += 1
        self.assertEqual(complaints, [], name)

    def tearDown(self):
        self.assertGreater(self.seen, 0, "nothing was checked")

    def test_pdfs_are_pdf_a_3b(self):
        for name, line in documents():
            self.passes(name, validators.pdf_a(line["pdf"]))

    def test_pdfs_say_that_an_invoice_is_inside(self):
        for name, line in documents():
            self.passes(name, validators.factur_x_metadata(line["pdf"]))

    def test_the_xml_inside_is_an_invoice_of_en_16931(self):
        for name, line in documents():
            xml = validators.embedded(line["pdf"])
            for check in validators.of_kind("factur-x"):
                self.passes(f"{name}: {check.__name__}", check(xml))

    def test_the_xml_beside_is_what_it_says(self):
        kinds = set()
        for name, line in documents():
            xml = line["xml"].read_bytes()
            kinds.add(kind_of(xml))
            for check in validators.of_kind(kind_of(xml)):
                self.passes(f"{name}: {check.__name__}", check(xml))
        self.assertEqual(kinds, {"factur-x", "xrechnung-cii", "xrechnung-ubl", "fattura-pa"})

    def test_an_xml_that_is_no_other_kind_is_the_one_inside(self):
        for name, line in documents():
            if kind_of(line["xml"].read_bytes()) == "factur-x":
                self.passes(name, [] if line["xml"].read_bytes() == validators.embedded(line["pdf"]) else ["another"])

    def test_sums_are_amazons_to_the_cent(self):
        for report in reports():
            if report.suffix != ".txt" or report.name in ("windows-1252.txt", "quarrelsome.txt"):
                continue
            amazons = totals_of_report(report)
            for line in MADE[report.name]:
                gross, vat = amazons[line["transaction_id"] or line["shipping_id"]]
                wanted = [abs(gross), abs(vat)]
                inside = totals_of_cii(validators.embedded(line["pdf"]))
                xml = line["xml"].read_bytes()
                beside = totals_of_fattura(xml) if kind_of(xml) == "fattura-pa" else inside
                name = f"{report.name}: {line['number']}"
                self.passes(name, [] if list(inside) == wanted else [f"{inside} inside, Amazon has {wanted}"])
                self.passes(name, [] if list(beside) == wanted else [f"{beside} beside, Amazon has {wanted}"])
                told = [f"{amount:.2f}" for amount in wanted]
                self.assertEqual([line["total_amount"], line["total_vat_amount"]], told, name)

    def test_the_page_shows_number_order_and_total(self):
        for name, line in documents():
            text = text_of(line["pdf"])
            digits = re.sub(r"\D", "", line["total_amount"])
            shown = {re.sub(r"\D", "", found) for found in re.findall(r"\d[\d.,\u00a0 ]*", text)}
            complaints = [part for part in (line["number"], line["order_id"]) if part not in text]
            self.passes(name, complaints + ([] if any(digits in each for each in shown) else [f"no {digits}"]))

    def test_a_pdf_beside_a_fattura_pa_says_that_it_is_a_duplicate(self):
        for name, line in documents():
            is_fattura = kind_of(line["xml"].read_bytes()) == "fattura-pa"
            says = "Duplicato. L’originale è la fattura elettronica" in text_of(line["pdf"])
            self.passes(name, [] if is_fattura == says else [f"FatturaPA: {is_fattura}, says so: {says}"])

    def test_no_document_asks_for_a_bank_transfer(self):
        for name, line in documents():
            words = [word for word in ("IBAN", "BIC", "SWIFT") if word in text_of(line["pdf"])]
            self.passes(name, words)

    def test_the_same_report_gives_the_same_bytes(self):
        for line in invoice(REPORTS / "sample.txt", Path(FOLDER.name) / "again"):
            first = next(each for each in MADE["sample.txt"] if each["number"] == line["number"])
            for part in ("pdf", "xml"):
                same = first[part].read_bytes() == line[part].read_bytes()
                self.passes(line["number"], [] if same else [f"another {part}"])

    def test_the_sample_output_is_what_the_program_makes(self):
        made = {line["number"]: line for line in MADE["sample.txt"]}
        for kept in sorted(SAMPLE_OUTPUT.iterdir()):
            now = made[kept.stem][kept.suffix[1:]].read_bytes()
            changed = f"{kept.name} is made differently now. If that is meant: {RENEW}"
            self.passes(kept.name, [] if kept.read_bytes() == now else [changed])


class NegativeControls(unittest.TestCase):
    """Each validator refuses what is wrong; otherwise its silence above would say nothing."""

    def refused(self, check, given, words: str = "") -> None:
        complaints = check(given)
        self.assertTrue(complaints, f"{check.__name__} let it pass")
        self.assertIn(words, " ".join(complaints))

    @staticmethod
    def xml(kind: str) -> bytes:
        found = (line["xml"].read_bytes() for _, line in documents())
        return next(xml for xml in found if kind_of(xml) == kind)

    @staticmethod
    def changed(xml: bytes, pattern: bytes, replacement: bytes) -> bytes:
        changed, times = re.subn(pattern, replacement, xml, count=1)
        assert times == 1, pattern
        return changed

    def test_a_wrong_total_is_refused(self):
        wrong = self.changed(self.xml("factur-x"), rb"(<ram:GrandTotalAmount>)\d+", rb"\g<1>999999")
        self.refused(validators.cen_cii, wrong, "BR-CO-15")
        self.refused(validators.factur_x_rules, wrong, "BR-CO-15")

    def test_a_wrong_category_is_refused(self):
        wrong = self.changed(self.xml("factur-x"), rb"<ram:CategoryCode>S<", rb"<ram:CategoryCode>E<")
        self.refused(validators.cen_cii, wrong)

    def test_an_unknown_element_is_refused_by_the_schema(self):
        wrong = self.changed(self.xml("factur-x"), rb"<rsm:ExchangedDocument>", rb"<rsm:ExchangedDocument><ram:Surprise/>")
        self.refused(validators.factur_x_schema, wrong, "Surprise")

    def test_an_xrechnung_without_a_contact_is_refused(self):
        wrong = self.changed(self.xml("xrechnung-cii"), rb"(?s)<ram:DefinedTradeContact>.*?</ram:DefinedTradeContact>", b"")
        self.refused(validators.xrechnung_cii, wrong, "BR-DE-2")
        wrong = self.changed(self.xml("xrechnung-ubl"), rb"(?s)<cac:Contact>.*?</cac:Contact>", b"")
        self.refused(validators.xrechnung_ubl, wrong, "BR-DE-2")

    def test_a_wrong_total_in_ubl_is_refused(self):
        wrong = self.changed(self.xml("xrechnung-ubl"), rb"(<cbc:TaxInclusiveAmount[^>]*>)\d+", rb"\g<1>999999")
        self.refused(validators.cen_ubl, wrong, "BR-CO-15")

    def test_a_fattura_pa_with_a_bad_postal_code_is_refused(self):
        wrong = self.changed(self.xml("fattura-pa"), rb"<CAP>\d{5}<", rb"<CAP>ABC<")
        self.refused(validators.fattura_pa, wrong, "CAP")

    def test_another_kind_of_xml_is_refused(self):
        self.refused(validators.cen_ubl, self.xml("factur-x"), "is not for files")
        self.refused(validators.xrechnung_cii, self.xml("xrechnung-ubl"), "is not for files")
        self.refused(validators.fattura_pa, self.xml("factur-x"))

    def test_a_pdf_that_is_no_pdf_a_is_refused(self):
        import pypdf

        plain = Path(FOLDER.name) / "plain.pdf"
        writer = pypdf.PdfWriter()
        writer.add_blank_page(width=595, height=842)
        writer.write(plain)
        self.refused(validators.pdf_a, plain)

    def test_a_pdf_without_the_metadata_of_factur_x_is_refused(self):
        _, line = next(documents())
        bare = Path(FOLDER.name) / "bare.pdf"
        bare.write_bytes(line["pdf"].read_bytes().replace(b"fx:DocumentType", b"fx:DocumentTipo"))
        self.refused(validators.factur_x_metadata, bare, "fx:DocumentType")

    def test_a_pdf_without_an_invoice_is_an_error(self):
        import pypdf

        empty = Path(FOLDER.name) / "empty.pdf"
        writer = pypdf.PdfWriter()
        writer.add_blank_page(width=595, height=842)
        writer.write(empty)
        with self.assertRaises(Exception):
            validators.embedded(empty)

    def test_a_missing_tool_is_an_error_and_no_skip(self):
        tools, validators.TOOLS = validators.TOOLS, [*validators.TOOLS, "a-validator-that-nobody-has"]
        try:
            with self.assertRaisesRegex(validators.MissingTool, "a-validator-that-nobody-has"):
                validators.demand_tools()
        finally:
            validators.TOOLS = tools


if __name__ == "__main__":
    unittest.main()
