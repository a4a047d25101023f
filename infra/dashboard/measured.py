"""What CloudWatch would know from a stack's logs: metrics by name and dimensions, the newest lines, the alarms' states."""

import json
import operator
from collections import defaultdict

COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
TOGETHER = {"Sum": sum, "Maximum": max, "Minimum": min}


class Measured:
    """The metrics and fields of log lines, function by function."""

    def __init__(self, logs: dict[str, list[str]], queues: dict[str, int]):
        self.logs = {function: [line for line in map(parsed, lines) if line] for function, lines in logs.items()}
        self.points: dict[tuple, list[tuple[int, float]]] = defaultdict(list)
        for line in (line for lines in self.logs.values() for line in lines):
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for names in directive["Dimensions"]:
                    dimensions = tuple((name, line[name]) for name in names)
                    for metric in directive["Metrics"]:
                        value = (line["_aws"]["Timestamp"], line[metric["Name"]])
                        self.points[directive["Namespace"], metric["Name"], dimensions].append(value)
        times = [time for points in self.points.values() for time, _ in points]
        self.began, self.ended = min(times) // 1000 * 1000, max(times)
        # What AWS measures itself, as the local AWS shows it at the end.
        for queue, messages in queues.items():
            self.points["AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", queue),)] = [(self.ended, messages)]
        for function, lines in self.logs.items():
            failed = sum(line.get("message") == "the invocation failed" for line in lines)
            for metric, value in (("Errors", failed), ("Throttles", 0), ("Invocations", len(lines))):
                self.points["AWS/Lambda", metric, (("FunctionName", function),)] = [(self.ended, value)]

    def series(self, namespace: str, metric: str, dimensions: tuple, statistic: str) -> list[tuple[int, float]]:
        """A metric over time; what was written in one second is taken together."""
        seconds = defaultdict(list)
        for time, value in self.points.get((namespace, metric, dimensions), []):
            seconds[time // 1000].append(value)
        return [(second * 1000, TOGETHER[statistic](values)) for second, values in sorted(seconds.items())]

    def search(self, metric: str, names: tuple[str, ...]) -> list[tuple]:
        """The dimensions under which a metric was written, of these names."""
        found = {dimensions for _, each, dimensions in self.points if each == metric}
        return sorted(each for each in found if tuple(name for name, _ in each) == names)

    def latest(self, function: str, group: tuple[str, ...], present: str) -> list[dict]:
        """The newest line of each group, as a query of the logs answers it."""
        newest = {}
        for line in self.logs.get(function, []):
            if present in line and all(name in line for name in group):
                newest[tuple(line[name] for name in group)] = line
        return [newest[key] for key in sorted(newest)]

    def is_in_alarm(self, alarm: dict, stack: str) -> bool:
        """The state of an alarm at the end."""
        name, value = alarm["dimension"]
        value = stack if name == "Stack" else value
        points = self.points.get((alarm["namespace"], alarm["metric"], ((name, value),)), [])
        values = [value for time, value in points if time > self.ended - alarm["period_s"] * 1000]
        if not values:
            return alarm.get("missing") == "breaching"
        return COMPARE[alarm["fires"]](TOGETHER[alarm["statistic"]](values), alarm["threshold"])


def parsed(line: str) -> dict | None:
    """A line of JSON; what Lambda itself writes is none."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
