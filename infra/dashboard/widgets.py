"""The widgets of the dashboard, as CloudWatch's dashboard body has them."""

NAMESPACE = "Countinghouse"
STACK = "${AWS::StackName}"
COLUMNS = 24
HEIGHT = 6
PERIOD_S = 900


def placed(row: dict, top: int, resources: dict) -> tuple[list[dict], int]:
    """A row's widgets at their places, below its heading; and where the next row begins."""
    heading = {"type": "text", "x": 0, "y": top, "width": COLUMNS, "height": 2,
               "properties": {"markdown": f"## {row['title']}\n{row['says']}"}}
    found, top = [heading], top + heading["height"]
    x, y, bottom = 0, top, top
    for widget in row["widgets"]:
        width, height = widget.get("width", COLUMNS // len(row["widgets"])), widget.get("height", HEIGHT)
        if "x" in widget:
            x, y = widget["x"], top + widget["below"]
        elif x + width > COLUMNS:
            x, y = 0, bottom
        made = KINDS[widget.get("kind", "series")](widget, resources)
        found.append({"type": made.pop("type"), "x": x, "y": y, "width": width, "height": height,
                      "properties": {"title": widget["title"]} | made})
        x, bottom = x + width, max(bottom, y + height)
    return found, bottom


def series(widget: dict, _resources: dict) -> dict:
    """Metrics over time: of the stack, or of each seller, currency or state that there is. Those are found by a search, so
    that nobody has to be named here."""
    if "per" in widget:
        dimensions = ",".join([NAMESPACE, "Stack", *widget["per"]])
        metrics = [[{"id": f"e{number}", "expression": f"SEARCH('{{{dimensions}}} Stack=\"{STACK}\" MetricName=\"{metric}\"', "
                                                       f"'{widget['stat']}', {PERIOD_S})"}]
                   for number, metric in enumerate(widget["metrics"], 1)]
    else:
        metrics = [[NAMESPACE, metric, "Stack", STACK] for metric in widget["metrics"]]
    made = over_time(metrics, widget["stat"], stacked=widget.get("stacked", False))
    edges = {name: widget[key] for name, key in (("min", "from"), ("max", "to")) if key in widget}
    return made | ({"yAxis": {"left": edges}} if edges else {})


def over_time(metrics: list, stat: str, stacked: bool = False) -> dict:
    return {"type": "metric", "region": "${AWS::Region}", "stat": stat, "period": PERIOD_S, "view": "timeSeries",
            "stacked": stacked, "metrics": metrics}


def numbers(widget: dict, _resources: dict) -> dict:
    """The last value of each metric, large, with words for people."""
    metrics = [[NAMESPACE, metric, "Stack", STACK, {"label": label, "stat": "Minimum" if metric in widget.get("least", []) else "Maximum"}]
               for metric, label in widget["metrics"].items()]
    return {"type": "metric", "region": "${AWS::Region}", "period": PERIOD_S, "view": "singleValue", "metrics": metrics}


def table(widget: dict, _resources: dict) -> dict:
    """The newest log line of each seller and currency, as a table: with all digits, and with days beside amounts."""
    columns = ", ".join(f"latest({field}) as {name}" for field, name in widget["columns"].items())
    groups = ", ".join(f"{field} as {name}" for field, name in widget["by"].items())
    names = ", ".join(widget["by"].values())
    query = (f"SOURCE '/aws/lambda/{STACK}-{widget['function']}' | filter ispresent({widget['where']}) and ispresent({list(widget['by'])[-1]})"
             f" | stats {columns} by {groups} | sort {names}")
    return {"type": "log", "region": "${AWS::Region}", "view": "table", "query": query}


def alarms(_widget: dict, resources: dict) -> dict:
    """Every alarm of the template. By name: an ARN that CloudFormation would have to ask for is no different."""
    prefix = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:"
    names = [resource["Properties"]["AlarmName"]["Fn::Sub"] for resource in resources.values()
             if resource["Type"] == "AWS::CloudWatch::Alarm"]
    return {"type": "alarm", "sortBy": "stateUpdatedTimestamp", "alarms": [prefix + name for name in names]}


def dead_letter_queues(widget: dict, resources: dict) -> dict:
    """How many messages each dead-letter queue has."""
    names = [resource["Properties"]["QueueName"]["Fn::Sub"] for name, resource in resources.items()
             if resource["Type"] == "AWS::SQS::Queue" and name.endswith("Dlq")]
    metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name] for name in names]
    return over_time(metrics, widget["stat"])


def functions(widget: dict, resources: dict) -> dict:
    """One of Lambda's metrics for each function."""
    names = [resource["Properties"]["FunctionName"]["Fn::Sub"] for resource in resources.values()
             if resource["Type"] == "AWS::Serverless::Function"]
    return over_time([["AWS/Lambda", widget["metric"], "FunctionName", name] for name in names], widget["stat"])


KINDS = {"series": series, "numbers": numbers, "table": table, "alarms": alarms,
         "dead-letter-queues": dead_letter_queues, "functions": functions}
