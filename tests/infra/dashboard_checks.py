"""The dashboard: what its rows make is what the template has, of metrics and log fields that the functions write."""

import json
import re
import subprocess
import sys
import unittest

from support import FUNCTION_FOLDERS, RESOURCES, ROOT, properties

BODY = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
METRICS = set(re.findall(r'^    (\w+) "\w+",$', (ROOT / "shared/runtime/src/metrics.rs").read_text(), flags=re.MULTILINE))
SOURCES = "\n".join(path.read_text() for folder in FUNCTION_FOLDERS for path in (ROOT / "functions" / folder / "src").rglob("*.rs"))
SHARED = (ROOT / "shared/runtime/src/feeds.rs").read_text()
COUNTED = {"OwnInvoicesRejected"}
"""What happens and is counted; everything else that is searched is how things stand, measured again and again."""
STACK = "${AWS::StackName}"


def widgets(kind: str) -> list[dict]:
    return [widget["properties"] for widget in BODY["widgets"] if widget["type"] == kind]


def shown() -> list:
    """Every metric that a widget names."""
    return [metric for widget in widgets("metric") for metric in widget["metrics"]]


def searched() -> list[tuple]:
    """(dimensions, metric, statistic) of each search."""
    pattern = r"SEARCH\('\{Countinghouse,Stack,([\w,]+)\} Stack=\"\$\{AWS::StackName\}\" MetricName=\"(\w+)\"', '(\w+)', \d+\)"
    return [re.fullmatch(pattern, metric[0]["expression"]).groups() for metric in shown() if isinstance(metric[0], dict)]


class Dashboard(unittest.TestCase):
    def test_the_template_has_the_dashboard_that_its_rows_make(self):
        script = ROOT / "infra" / "dashboard" / "make.py"
        self.assertEqual(subprocess.run([sys.executable, script, "--check"], check=False).returncode, 0, "run `make dashboard`")

    def test_each_metric_is_one_that_a_function_writes_for_this_stack(self):
        own = [metric for metric in shown() if metric[0] == "Countinghouse"]
        self.assertTrue(own)
        for _, metric, dimension, value, *_ in own:
            self.assertEqual((dimension, value), ("Stack", STACK), metric)
            self.assertIn(metric, METRICS)
            self.assertIn(f"Metric::{metric},", SOURCES, metric)

    def test_each_search_is_for_dimensions_that_the_program_writes_and_names_nobody(self):
        self.assertTrue(searched())
        for dimensions, metric, statistic in searched():
            self.assertIn(metric, METRICS)
            statistics = ("Sum",) if metric in COUNTED else ("Maximum", "Minimum")
            self.assertIn(statistic, statistics, f"{metric} is measured several times in a period")
            for dimension in dimensions.split(","):
                self.assertIn(f'.per("{dimension}", ', SOURCES + SHARED)

    def test_each_table_is_of_fields_that_a_function_logs(self):
        self.assertTrue(widgets("log"))
        for widget in widgets("log"):
            function = re.match(rf"SOURCE '/aws/lambda/{re.escape(STACK)}-([\w-]+)' \|", widget["query"])[1]
            self.assertIn(function, FUNCTION_FOLDERS)
            for field in re.findall(r"(?:latest|ispresent)\((\w+)\)|by (\w+) as|, (\w+) as", widget["query"]):
                name = "".join(field)
                if name not in METRICS:
                    self.assertRegex(SOURCES, rf'\.(per|field)\("{name}", ', widget["title"])

    def test_every_alarm_dead_letter_queue_and_function_is_on_it(self):
        alarms = {name.split(":alarm:")[1] for widget in widgets("alarm") for name in widget["alarms"]}
        self.assertEqual(alarms, {alarm["AlarmName"]["Fn::Sub"] for alarm in properties("AWS::CloudWatch::Alarm").values()})
        self.assertLessEqual(len(alarms), 100, "CloudWatch shows no more in one widget")
        of = {(metric[0], metric[1]): set() for metric in shown() if isinstance(metric[0], str)}
        for namespace, metric, _, value, *_ in (metric for metric in shown() if isinstance(metric[0], str)):
            of[namespace, metric].add(value)
        queues = {queue["QueueName"]["Fn::Sub"] for name, queue in properties("AWS::SQS::Queue").items() if name.endswith("Dlq")}
        self.assertEqual(of["AWS/SQS", "ApproximateNumberOfMessagesVisible"], queues)
        functions = {f"{STACK}-{folder}" for folder in FUNCTION_FOLDERS}
        self.assertEqual((of["AWS/Lambda", "Errors"], of["AWS/Lambda", "Throttles"]), (functions, functions))

    def test_the_first_screens_answer_what_finance_asks(self):
        """Balance, last and next settlement, what waits, jobs by state and age, rates, queues, errors, what runs out."""
        asked = {"BalanceOpening", "BalanceIn", "BalanceOut", "BalanceClosing", "BalanceReserve", "last_settlement_end",
                 "next_settlement_due", "SettlementsUnproven", "RowsUnclassified", "JobsInState", "OldestJobInStateSeconds",
                 "RateBudgetLeft", "DaysUntilSecretExpires", "DaysUntilReportsAreLost", "Errors", "ApproximateNumberOfMessagesVisible"}
        first = json.dumps([widget for widget in BODY["widgets"] if widget["y"] < 37])
        self.assertEqual({name for name in asked if not re.search(rf"\b{name}\b", first)}, set())

    def test_no_widget_covers_another_or_leaves_the_page(self):
        taken = set()
        for widget in BODY["widgets"]:
            place = {(x, y) for x in range(widget["x"], widget["x"] + widget["width"])
                     for y in range(widget["y"], widget["y"] + widget["height"])}
            self.assertFalse(place & taken)
            self.assertLess(max(x for x, _ in place), 24)
            taken |= place


if __name__ == "__main__":
    unittest.main()
