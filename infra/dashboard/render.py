"""Draws the dashboard of the template from a stack's logs, as CloudWatch would show it: a page without CloudWatch.

The local AWS makes no metrics of log lines and has no console. So this reads the dashboard's body and the alarms from the
template, the metrics from the lines that the functions wrote, and draws an SVG.
"""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "alarms")]

import draw  # noqa: E402
from definition import alarms  # noqa: E402
from measured import Measured  # noqa: E402

TOP = 64
ACCOUNT = {"AWS::Region": "eu-west-1", "AWS::Partition": "aws", "AWS::AccountId": "000000000000"}


def svg(template: dict, stack: str, logs: dict[str, list[str]], queues: dict[str, int]) -> str:
    """The page. `logs` by function and `queues` (the messages in each) by the names that they have in AWS."""
    measured = Measured(logs, queues)
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, value in ({"AWS::StackName": stack} | ACCOUNT).items():
        body = body.replace(f"${{{name}}}", value)
    states = {alarm["name"]: measured.is_in_alarm(of_aws(alarm, template, stack), stack) for alarm in alarms(template)}
    drawn, bottom = [], 0
    for widget in json.loads(body)["widgets"]:
        x, y = draw.GAP + widget["x"] * draw.COLUMN, TOP + widget["y"] * draw.ROW
        width, height = widget["width"] * draw.COLUMN - draw.GAP, widget["height"] * draw.ROW - draw.GAP
        drawn += drawn_widget(widget, x, y, width, height, measured, states, stack)
        bottom = max(bottom, y + height)
    return page(drawn, 24 * draw.COLUMN + draw.GAP, bottom + 40, stack, measured)


def of_aws(alarm: dict, template: dict, stack: str) -> dict:
    """An alarm whose dimension is the name that a queue or function has in AWS."""
    name, value = alarm["dimension"]
    properties = template["Resources"].get(value.split(" ")[1].split(".")[0], {}).get("Properties", {})
    named = properties.get(name, {}).get("Fn::Sub", "").replace("${AWS::StackName}", stack)
    return alarm | {"dimension": (name, named)}


def drawn_widget(widget: dict, x, y, width, height, measured: Measured, states: dict, stack: str) -> list[str]:
    kind, properties = widget["type"], widget["properties"]
    if kind == "text":
        title, _, says = properties["markdown"].removeprefix("## ").partition("\n")
        return draw.heading(x, y, width, title, says)
    card = draw.card(x, y, width, height, properties["title"])
    if kind == "alarm":
        shown = [arn.rsplit(":", 1)[1].removeprefix(f"{stack}-") for arn in properties["alarms"]]
        return card + draw.alarms(x, y, width, height, [(name, states[name]) for name in shown])
    if kind == "log":
        return card + draw.table(x, y, width, height, *answered(properties["query"], measured, stack))
    if properties["view"] == "singleValue":
        return card + draw.numbers(x, y, width, height, [single(metric, measured, states) for metric in properties["metrics"]])
    edges = properties.get("yAxis", {}).get("left", {})
    series = all_series(properties, measured, stack)
    return card + draw.chart(x, y, width, height, series, (measured.began, measured.ended), edges, properties["stacked"])


def single(metric: list, measured: Measured, states: dict) -> tuple[str, float | None, bool]:
    """A metric's last value with its label, and whether an alarm on it fires."""
    namespace, name, dimension, value, options = metric
    points = measured.series(namespace, name, ((dimension, value),), options["stat"])
    last = points[-1][1] if points else None
    bad = any(is_on and alarm_of(name, each) for each, is_on in states.items())
    return options["label"], last, bad or (options["stat"] == "Maximum" and name.startswith(("Settlements", "Rows", "Own", "Vendor")) and bool(last))


def alarm_of(metric: str, alarm: str) -> bool:
    """Whether an alarm is on a metric that shows how things stand."""
    return {"HoursSinceSettlement": "no-settlement", "HoursSinceVatReport": "no-vat-report", "OldestOpenJobSeconds": "job-stands-still",
            "DaysUntilSecretExpires": "secret-expires", "DaysUntilReportsAreLost": "reports-about-to-be-lost"}.get(metric) == alarm


def all_series(properties: dict, measured: Measured, stack: str) -> dict[str, list[tuple[int, float]]]:
    """The lines of a chart with the labels that CloudWatch gives them."""
    found = {}
    several = len(properties["metrics"]) > 1
    for metric in properties["metrics"]:
        if isinstance(metric[0], dict):
            pattern = r"SEARCH\('\{Countinghouse,(.*?)\} .*MetricName=\"(\w+)\"', '(\w+)', \d+\)"
            dimensions, name, statistic = re.fullmatch(pattern, metric[0]["expression"]).groups()
            for each in measured.search(name, tuple(dimensions.split(","))):
                label = " ".join(value for key, value in each if key != "Stack") + (f" {name}" if several else "")
                found[label] = measured.series("Countinghouse", name, each, statistic)
        else:
            namespace, name, dimension, value, *_ = metric
            label = name if dimension == "Stack" else value.removeprefix(f"{stack}-")
            found[label] = measured.series(namespace, name, ((dimension, value),), properties["stat"])
    return found


def answered(query: str, measured: Measured, stack: str) -> tuple[list[str], list[list]]:
    """The columns and rows that a query of the logs answers, of the kind that `widgets.py` writes."""
    function = re.match(r"SOURCE '/aws/lambda/([\w-]+)'", query)[1]
    columns = re.findall(r"latest\((\w+)\) as (\w+)", query)
    groups = re.findall(r"(\w+) as (\w+)", query.split(" by ", 1)[1])
    present = re.search(r"ispresent\((\w+)\)", query)[1]
    lines = measured.latest(function, tuple(field for field, _ in groups), present)
    rows = [[line.get(field) for field, _ in groups + columns] for line in lines]
    return [name for _, name in groups + columns], rows


def page(drawn: list[str], width: float, height: float, stack: str, measured: Measured) -> str:
    """The page around the widgets."""
    day = datetime.fromtimestamp(measured.ended / 1000, UTC).strftime("%Y-%m-%d, %H:%M UTC")
    lasted = (measured.ended - measured.began) / 1000
    top = [
        draw.box(0, 0, width, 44, "#232f3e"),
        draw.text(16, 28, "CloudWatch", 15, "#ffffff", weight="bold"),
        draw.text(120, 28, f"›  Dashboards  ›  {stack}", 14, "#d5dbdb"),
        draw.text(width - 16, 28, f"the demo, {lasted:.0f} seconds up to {day}", 12, "#d5dbdb", "end"),
    ]
    foot = draw.text(draw.GAP + 2, height - 14, "Drawn by infra/dashboard/render.py from the log lines that the functions wrote in `make demo`, for the "
                     "dashboard and the alarms of infra/template.yaml.", 11, draw.FAINT)
    font = "font-family=\"'Amazon Ember','Helvetica Neue',Roboto,Arial,'DejaVu Sans',sans-serif\""
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" {font}>\n'
            + "\n".join([draw.box(0, 0, width, height, draw.PAGE), *top, *drawn, foot]) + "\n</svg>\n")
