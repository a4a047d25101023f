"""What the checks share: the template as data, and where things are."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

from deployment import TEMPLATE, parse_template  # noqa: E402
from template_variants import conditions, resolved  # noqa: E402

TEMPLATE_DATA = parse_template(TEMPLATE.read_text())
PARAMETERS = TEMPLATE_DATA["Parameters"]
RESOURCES = TEMPLATE_DATA["Resources"]
FUNCTION_FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))


def of_type(kind: str) -> dict:
    """The template's resources of a type, by logical id."""
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def properties(kind: str) -> dict:
    """The properties of the template's resources of a type, by logical id."""
    return {name: resource["Properties"] for name, resource in of_type(kind).items()}


def functions() -> dict:
    """The functions' properties by folder, for example `poll-jobs`."""
    return {folder_of(found): found for found in properties("AWS::Serverless::Function").values()}


def folder_of(function: dict) -> str:
    """The folder that a function's code comes from."""
    return function["CodeUri"].rstrip("/").rsplit("/", 1)[1]


def default(value):
    """A value, or the default of the parameter that it refers to."""
    if isinstance(value, dict) and value.get("Ref") in PARAMETERS:
        return PARAMETERS[value["Ref"]]["Default"]
    return value


def referred(value) -> set[str]:
    """The logical ids that a value refers to, however deep."""
    if isinstance(value, dict):
        found = set()
        for key, inner in value.items():
            if key == "Ref":
                found.add(inner)
            elif key == "Fn::GetAtt":
                found.add(inner[0])
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                found |= {part.split("}")[0].split(".")[0] for part in text.split("${")[1:]}
            else:
                found |= referred(inner)
        return found
    if isinstance(value, list):
        return set().union(*map(referred, value)) if value else set()
    return set()


def variant(**decided: bool) -> dict:
    """The template with these conditions true or false, and all others false."""
    return resolved(TEMPLATE_DATA, dict.fromkeys(conditions(TEMPLATE_DATA), False) | decided)
