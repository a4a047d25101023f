#!/usr/bin/env python3
"""Holds the exceptions of exceptions.yaml against what checkov finds, in the template with all its options and with none.

Each failure must be excepted for just that resource, and each exception must be needed and have its reason.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

import python_env  # noqa: E402

if __name__ == "__main__":
    python_env.enter(__file__)

from deployment import TEMPLATE, parse_template  # noqa: E402
from template_variants import conditions, resolved  # noqa: E402

EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")
VARIANTS = {"with every option": True, "with no option": False}
SHORTEST_REASON = 40


@dataclass
class Exemption:
    """One entry of exceptions.yaml."""

    check: str
    always: list[str] = field(default_factory=list)
    without: dict[str, list[str]] = field(default_factory=dict)
    reason: str = ""

    def resources(self, has_options: bool) -> list[str]:
        """The resources or groups that it is for."""
        return self.always + ([] if has_options else [each for names in self.without.values() for each in names])


def read(text: str) -> list[Exemption]:
    """The entries of exceptions.yaml; what stands above each belongs to it."""
    found, above = [], []
    for line in text.split("\nskip-check:\n", 1)[1].splitlines():
        entry = re.match(r"  - (CKV\w+)", line)
        if entry:
            found.append(_exemption(entry[1], above))
            above = []
        elif line.strip().startswith("#"):
            above.append(line.strip().removeprefix("#"))
    return found


def _exemption(check: str, lines: list[str]) -> Exemption:
    exemption, joined = Exemption(check), []
    for line in lines:
        # A line that is indented further goes on with the one before.
        if line.startswith("   ") and joined:
            joined[-1] += " " + line.strip()
        else:
            joined.append(line.strip())
    for line in joined:
        key, _, value = line.partition(": ")
        if key == "reason":
            exemption.reason = value
        elif key == "always":
            exemption.always = value.split(", ")
        elif key.startswith("without "):
            exemption.without[key.removeprefix("without ")] = value.split(", ")
        else:
            sys.exit(f"{EXCEPTIONS.name}: {check}: cannot read '{line}'")
    return exemption


def members(template: dict, names: list[str]) -> set[str]:
    """The resources that names and groups stand for."""
    kinds = {"functions": "AWS::Serverless::Function", "queues": "AWS::SQS::Queue", "tables": "AWS::DynamoDB::Table",
             "log groups": "AWS::Logs::LogGroup"}
    found = set()
    for name in names:
        kind, _, starter = name.partition(" of ")
        if kind not in kinds:
            found.add(name)
            continue
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == kinds[kind] and (not starter or starter == _starter(resource)):
                found.add(logical_id)
    return found


def _starter(function: dict) -> str:
    """What starts a function: `queues`, also when a schedule does so too, or `schedules`."""
    kinds = {event["Type"] for event in function["Properties"]["Events"].values()}
    return "queues" if "SQS" in kinds else "schedules"


def failures(templates: dict[str, dict]) -> dict[str, dict[str, set[str]]]:
    """What checkov finds: by template and check, the resources."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{number}.json" for number, name in enumerate(templates)}
        for name, file in files.items():
            file.write_text(json.dumps(templates[name], default=str))
        command = [str(python_env.CHECKOV.ensure().with_name("checkov")), "--framework", "cloudformation", "--skip-download",
                   "--compact", "--quiet", "--output", "json"]
        for file in files.values():
            command += ["--file", str(file)]
        # Without it checkov asks PyPI whether there is a newer one.
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=folder,
                             env=os.environ | {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"})
    report = json.loads(ran.stdout)
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        sys.exit(f"checkov could not read the template: {report['summary']}")
    found: dict[str, dict[str, set[str]]] = {name: {} for name in templates}
    for failed in report["results"]["failed_checks"]:
        name = next(name for name, file in files.items() if file.name in failed["file_path"])
        found[name].setdefault(failed["check_id"], set()).add(failed["resource"].split(".", 1)[1])
    return found


def complaints(exemptions: list[Exemption], templates: dict[str, dict], found: dict[str, dict[str, set[str]]]) -> list[str]:
    """What is wrong with the template or with its exceptions, for a person."""
    wrong = [f"{each.check}: say why, in a sentence" for each in exemptions if len(each.reason) < SHORTEST_REASON]
    names = [each.check for each in exemptions]
    wrong += [f"{name}: stands there twice" for name in sorted(set(names)) if names.count(name) > 1]
    options = set(next(iter(templates.values()))["Parameters"])
    wrong += [f"{each.check}: the template has no option {option}" for each in exemptions for option in each.without
              if option not in options]
    for variant, template in templates.items():
        for check in sorted(set(names) | set(found[variant])):
            excepted = members(template, [name for each in exemptions if each.check == check
                                          for name in each.resources(VARIANTS[variant])])
            failed = found[variant].get(check, set())
            wrong += [f"{check} {variant}: {name} fails, and no exception is for it" for name in sorted(failed - excepted)]
            wrong += [f"{check} {variant}: the exception for {name} is not needed" for name in sorted(excepted - failed)]
    return wrong


def main() -> None:
    template = parse_template(TEMPLATE.read_text())
    templates = {name: resolved(template, dict.fromkeys(conditions(template), decided)) for name, decided in VARIANTS.items()}
    exemptions = read(EXCEPTIONS.read_text())
    wrong = complaints(exemptions, templates, failures(templates))
    if wrong:
        sys.exit("\n".join(["checkov:", *wrong]))
    print(f"checkov: {len(exemptions)} exceptions, each with its reason and each still needed")


if __name__ == "__main__":
    main()
