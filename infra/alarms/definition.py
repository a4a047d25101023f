"""The alarms of alarms.toml, those for each function, queue and schedule spelled out."""

import re
import tomllib
from pathlib import Path

NAMESPACE = "Countinghouse"
COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
DEFINITION = Path(__file__).with_name("alarms.toml")


def kebab(name: str) -> str:
    """`VendorSubmissions` becomes `vendor-submissions`."""
    return re.sub(r"(?<=.)([A-Z])", r"-\1", name).lower()


def camel(name: str) -> str:
    """`vendor-submissions` becomes `VendorSubmissions`."""
    return "".join(part.capitalize() for part in name.split("-"))


def spelled_out(pattern: dict, logical_id: str, dimension: tuple[str, str], words: dict[str, str]) -> dict:
    """A pattern of `each`, for one function, queue or schedule."""
    alarm = {key: value.format(**words) if isinstance(value, str) else value for key, value in pattern.items()}
    return alarm | {"id": logical_id, "dimension": dimension}


def alarms(template: dict) -> list[dict]:
    """Every alarm of a template with these resources, in the order of the template."""
    definition = tomllib.loads(DEFINITION.read_text())
    each, found = definition["each"], []
    kinds = {kind: [name for name, resource in template["Resources"].items() if resource["Type"] == kind]
             for kind in ("AWS::SQS::Queue", "AWS::Serverless::Function")}
    functions = [name.removesuffix("Function") for name in kinds["AWS::Serverless::Function"]]
    for dlq in kinds["AWS::SQS::Queue"]:
        if dlq.endswith("Dlq"):
            holds = template["Outputs"][f"{dlq}Url"]["Description"].rstrip(".")
            words = {"queue": kebab(dlq.removesuffix("Dlq")), "holds": holds}
            dimension = ("QueueName", f"!GetAtt {dlq}.QueueName")
            found.append(spelled_out(each["dead-letter-queue"], f"{dlq}Alarm", dimension, words))
    for kind, ending in (("function-errors", "Errors"), ("function-throttles", "Throttles"), ("schedule", "Silence")):
        for name in functions:
            events = template["Resources"][f"{name}Function"]["Properties"].get("Events", {}).values()
            if kind == "schedule" and not any(event["Type"] == "ScheduleV2" for event in events):
                continue
            dimension = ("FunctionName", f"!Ref {name}Function")
            words = {"function": kebab(name), "Function": name}
            found.append(spelled_out(each[kind], f"{name}{ending}Alarm", dimension, words))
    for alarm in definition["alarm"]:
        own = {"id": f"{camel(alarm['name'])}Alarm", "namespace": NAMESPACE, "dimension": ("Stack", "!Ref AWS::StackName")}
        found.append(alarm | own)
    return found
