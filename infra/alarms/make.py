#!/usr/bin/env python3
"""Writes the alarms of alarms.toml into infra/template.yaml and their table into infra/README.md, and the table of the
metrics that they may be on into docs/observability.md.

    make.py           writes them
    make.py --check   ends with 1 if something else stands there
"""

import re
import sys
from pathlib import Path

INFRA = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(INFRA / "local"))

import python_env  # noqa: E402

if __name__ == "__main__":
    python_env.enter(__file__)

from definition import COMPARISONS, alarms  # noqa: E402
from deployment import TEMPLATE, parse_template  # noqa: E402

PAGE = INFRA / "README.md"
METRICS_PAGE = INFRA.parent / "docs" / "observability.md"
METRICS = INFRA.parent / "shared" / "runtime" / "src" / "metrics.rs"
RULE = "  # ---------------------------------------------------------------- "
IN_TEMPLATE = (f"{RULE}the alarms: written by infra/alarms/make.py\n", f"{RULE}end of the alarms\n")
IN_METRICS_PAGE = ("<!-- the metrics: written by infra/alarms/make.py -->\n", "<!-- end of the metrics -->\n")
IN_PAGE = ("<!-- the alarms: written by infra/alarms/make.py -->\n", "<!-- end of the alarms -->\n")

EVERY = {
    "ApproximateNumberOfMessagesVisible": ("<queue>-dlq-not-empty", "A dead-letter queue is not empty."),
    "Errors": ("<function>-errors", "A function fails."),
    "Throttles": ("<function>-throttled", "Lambda has not started a function as often as it should, for a quarter of an hour."),
    "Invocations": ("<function>-silent", "A function with a schedule has not run for as many hours as its parameter says."),
}
"""What the page calls the alarms of every queue, function and schedule."""


def resource(alarm: dict) -> str:
    """An alarm as it stands in the template."""
    name, value = alarm["dimension"]
    periods = alarm.get("periods", 1)
    if "periods_parameter" in alarm:
        periods = f"!Ref {alarm['periods_parameter']}"
    threshold = f"!Ref {alarm['parameter']}" if "parameter" in alarm else alarm["threshold"]
    several = f"\n      DatapointsToAlarm: {periods}" if periods != 1 else ""
    description = f"{alarm['says']} {alarm['cure']}".replace("'", "''")
    return f"""  {alarm['id']}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub ${{AWS::StackName}}-{alarm['name']}
      AlarmDescription: '{description}'
      AlarmActions: [!Ref AlarmTopic]
      OKActions: [!Ref AlarmTopic]
      Namespace: {alarm['namespace']}
      MetricName: {alarm['metric']}
      Dimensions: [{{Name: {name}, Value: {value}}}]
      Statistic: {alarm['statistic']}
      Period: {alarm['period_s']}
      EvaluationPeriods: {periods}{several}
      ComparisonOperator: {COMPARISONS[alarm['fires']]}
      Threshold: {threshold}
      TreatMissingData: {alarm.get('missing', 'notBreaching')}
"""


def table(all_alarms: list[dict]) -> str:
    """The alarms for people. Those that every queue, function or schedule has are one row."""
    lines, told = ["| alarm | when | what to do |", "|---|---|---|"], set()
    for alarm in all_alarms:
        name, says = EVERY.get(alarm["metric"], (alarm["name"], alarm["says"]))
        if name not in told:
            lines.append(f"| `{name}` | {says} | {alarm['cure']} |")
        told.add(name)
    return "\n".join(lines) + "\n"


NARROWER = (("of a seller and currency", "Seller, Currency"), ("of a seller", "Seller"), ("in a state", "State"), ("of a stage", "Stage"),
            ("by Amazon's code", "Code"))
"""What a metric's description says where it has further dimensions."""


def metrics_table(all_alarms: list[dict]) -> str:
    """Every metric with its unit, from the program's own list, and the alarms on it."""
    lines = ["| metric | unit | what | by | alarm |", "|---|---|---|---|---|"]
    for says, name, unit in re.findall(r'^    /// (.*)\n    (\w+) "(\w+)",$', METRICS.read_text(), flags=re.MULTILINE):
        by = next((dimensions for words, dimensions in NARROWER if words in says), "")
        on_it = ", ".join(f"`{alarm['name']}`" for alarm in all_alarms if alarm["metric"] == name)
        lines.append(f"| `{name}` | {unit} | {says} | {by} | {on_it} |")
    return "\n".join(lines) + "\n"


def with_section(text: str, marks: tuple[str, str], section: str) -> str:
    """The text with what stands between the marks replaced."""
    before, _, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not end:
        raise SystemExit(f"the line {marks[0].strip()!r} or {marks[1].strip()!r} is missing")
    return before + marks[0] + section + marks[1] + after


def main() -> int:
    template, page, metrics_page = TEMPLATE.read_text(), PAGE.read_text(), METRICS_PAGE.read_text()
    found = alarms(parse_template(template))
    wanted = {
        TEMPLATE: with_section(template, IN_TEMPLATE, "\n".join(map(resource, found)) + "\n"),
        PAGE: with_section(page, IN_PAGE, table(found)),
        METRICS_PAGE: with_section(metrics_page, IN_METRICS_PAGE, metrics_table(found)),
    }
    if "--check" in sys.argv:
        return 0 if wanted == {TEMPLATE: template, PAGE: page, METRICS_PAGE: metrics_page} else 1
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
