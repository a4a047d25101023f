"""The alarms of the real template in a local AWS: each fires when its threshold is crossed, and the topic tells of it.

The local AWS makes no metrics of log lines and none of queues, so the numbers are put into it; that the functions write them
is proven by tests/it/tests/end_to_end/operate/alarms.rs. What Lambda counts, it counts here, too.
"""

import json
import sys
import unittest
from datetime import UTC, datetime, timedelta

from stack_checks import Deployed, until
from support import ROOT, TEMPLATE_DATA

sys.path.insert(0, str(ROOT / "infra" / "alarms"))

from definition import COMPARISONS, alarms  # noqa: E402

CROSSED = {"GreaterThanThreshold": 1, "GreaterThanOrEqualToThreshold": 0, "LessThanThreshold": -1, "LessThanOrEqualToThreshold": 0}


class Watched(Deployed):
    """A stack and its alarms."""

    def deployed(self) -> dict[str, dict]:
        """Every alarm as CloudWatch has it, without the stack's name."""
        pages = self.stack.client("cloudwatch").get_paginator("describe_alarms").paginate()
        return {alarm["AlarmName"].removeprefix("checks-"): alarm for page in pages for alarm in page["MetricAlarms"]}

    def cross(self, alarms_: list[dict]) -> None:
        """Puts a value beyond the threshold of each alarm under its metric and dimensions."""
        for alarm in alarms_:
            value = alarm["Threshold"] + CROSSED[alarm["ComparisonOperator"]]
            self.stack.client("cloudwatch").put_metric_data(Namespace=alarm["Namespace"], MetricData=[
                {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": value}])


class Alarms(Watched):
    def messages_of_the_topic(self) -> str:
        """The address of a queue that gets what subscribers of the topic get."""
        sqs, topic = self.stack.client("sqs"), self.outputs["AlarmTopicArn"]
        url = sqs.create_queue(QueueName="mail")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.stack.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url

    def test_each_alarm_fires_when_its_threshold_is_crossed_and_the_topic_tells_what_to_do(self):
        sqs, mail = self.stack.client("sqs"), self.messages_of_the_topic()
        known = {name: alarm for name, alarm in self.deployed().items() if not name.endswith("-silent")}
        self.assertTrue(all(alarm["StateValue"] != "ALARM" for alarm in known.values()))
        self.cross(list(known.values()))
        state = {name: alarm["StateValue"] for name, alarm in self.deployed().items() if name in known}
        self.assertEqual({name for name, value in state.items() if value != "ALARM"}, set())
        told: set[str] = set()

        def everything_is_told() -> bool:
            for message in sqs.receive_message(QueueUrl=mail, MaxNumberOfMessages=10).get("Messages", []):
                notice = json.loads(json.loads(message["Body"])["Message"])
                if notice["NewStateValue"] == "ALARM":
                    told.add(notice["AlarmName"].removeprefix("checks-"))
                sqs.delete_message(QueueUrl=mail, ReceiptHandle=message["ReceiptHandle"])
            return told == set(known)

        until(everything_is_told, "a message for each alarm")

    def test_the_alarms_are_those_that_are_defined(self):
        defined, there = {alarm["name"]: alarm for alarm in alarms(TEMPLATE_DATA)}, self.deployed()
        self.assertEqual(sorted(there), sorted(defined))
        for name, alarm in there.items():
            self.assertEqual(alarm["AlarmDescription"], f"{defined[name]['says']} {defined[name]['cure']}")
            self.assertEqual(alarm["ComparisonOperator"], COMPARISONS[defined[name]["fires"]])

    def test_the_dashboard_shows_this_stack_and_these_alarms(self):
        body = self.stack.client("cloudwatch").get_dashboard(DashboardName="checks")["DashboardBody"]
        self.assertNotIn("${", body)
        widgets = json.loads(body)["widgets"]
        shown = next(widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm")
        self.assertEqual(sorted(shown), sorted(alarm["AlarmArn"] for alarm in self.deployed().values()))
        tables = [widget["properties"]["query"] for widget in widgets if widget["type"] == "log"]
        groups = {group["logGroupName"] for group in self.stack.client("logs").describe_log_groups()["logGroups"]}
        self.assertTrue(tables and all(query.split("'")[1] in groups for query in tables), tables)

    def test_a_message_in_a_dead_letter_queue_is_what_its_alarm_counts(self):
        sqs, watched = self.stack.client("sqs"), self.deployed()
        for output, url in self.outputs.items():
            if not output.endswith("DlqUrl"):
                continue
            sqs.send_message(QueueUrl=url, MessageBody="what could not be handled")
            waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            queue = url.rsplit("/", 1)[1]
            alarm = watched[f"{queue.removeprefix('checks-')}-not-empty"]
            self.assertEqual(alarm["Dimensions"], [{"Name": "QueueName", "Value": queue}])
            self.assertGreater(int(waiting["ApproximateNumberOfMessages"]), alarm["Threshold"])

    def test_a_failure_and_a_run_are_counted_under_the_dimensions_of_their_alarms(self):
        cloudwatch, watched = self.stack.client("cloudwatch"), self.deployed()
        function = "watch-books"
        self.assertEqual(self.counted(cloudwatch, watched[f"{function}-silent"]), 0, "nobody has run it: silence")
        self.assertTrue(self.stack.invoke(function, '{"fail": true}')["failed"])
        errors = watched[f"{function}-errors"]
        self.assertGreater(until(lambda: self.counted(cloudwatch, errors), "the failure"), errors["Threshold"])
        self.assertGreaterEqual(self.counted(cloudwatch, watched[f"{function}-silent"]), watched[f"{function}-silent"]["Threshold"])
        self.assertEqual(self.counted(cloudwatch, watched["poll-jobs-errors"]), 0, "each function has its own")

    @staticmethod
    def counted(cloudwatch, alarm: dict) -> float:
        """What CloudWatch has under an alarm's own metric and dimensions."""
        now = datetime.now(UTC)
        answer = cloudwatch.get_metric_statistics(
            Namespace=alarm["Namespace"], MetricName=alarm["MetricName"], Dimensions=alarm["Dimensions"], Statistics=["Sum"],
            Period=60, StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=1))
        return sum(point["Sum"] for point in answer["Datapoints"])


class Silence(Watched):
    """A stack of its own, in which no function has run: the local AWS takes the runs of all functions together."""

    def test_without_any_run_the_alarms_on_silence_fire(self):
        silent = [alarm for name, alarm in self.deployed().items() if name.endswith("-silent")]
        self.assertTrue(silent)
        self.cross(silent)
        self.assertEqual({alarm["StateValue"] for name, alarm in self.deployed().items() if name.endswith("-silent")}, {"ALARM"})

    def test_a_function_that_does_not_run_writes_no_value_and_that_counts(self):
        for alarm in self.deployed().values():
            self.assertEqual(alarm["TreatMissingData"] == "breaching", alarm["MetricName"] == "Invocations", alarm["AlarmName"])


del Deployed, Watched  # they are no checks of their own

if __name__ == "__main__":
    unittest.main()
