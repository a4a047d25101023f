"""The alarms: what infra/alarms/alarms.toml defines is what the template has, on metrics that the functions write."""

import re
import subprocess
import sys
import unittest

from support import FUNCTION_FOLDERS, PARAMETERS, ROOT, TEMPLATE_DATA, functions, properties

sys.path.insert(0, str(ROOT / "infra" / "alarms"))

from definition import COMPARISONS, NAMESPACE, alarms  # noqa: E402

DEFINED = alarms(TEMPLATE_DATA)
OWN = [alarm for alarm in DEFINED if alarm["namespace"] == NAMESPACE]
IN_TEMPLATE = properties("AWS::CloudWatch::Alarm")
METRICS = dict(re.findall(r'^    (\w+) "(\w+)",$', (ROOT / "shared/runtime/src/metrics.rs").read_text(), flags=re.MULTILINE))


def reference(text: str) -> dict:
    """`!GetAtt Queue.QueueName` as the template's data have it."""
    tag, name = text.split(" ")
    return {"Ref": name} if tag == "!Ref" else {"Fn::GetAtt": name.split(".")}


class Definition(unittest.TestCase):
    def test_the_template_and_the_page_have_what_the_definition_makes(self):
        script = ROOT / "infra" / "alarms" / "make.py"
        self.assertEqual(subprocess.run([sys.executable, script, "--check"], check=False).returncode, 0, "run `make alarms`")

    def test_the_template_has_exactly_these_alarms(self):
        """Property by property, without the script that writes them."""
        self.assertEqual(sorted(IN_TEMPLATE), sorted(alarm["id"] for alarm in DEFINED))
        for alarm in DEFINED:
            there = IN_TEMPLATE[alarm["id"]]
            dimension, value = alarm["dimension"]
            periods = alarm.get("periods", 1)
            if "periods_parameter" in alarm:
                periods = {"Ref": alarm["periods_parameter"]}
            wanted = {
                "AlarmName": {"Fn::Sub": "${AWS::StackName}-" + alarm["name"]},
                "AlarmDescription": f"{alarm['says']} {alarm['cure']}",
                "AlarmActions": [{"Ref": "AlarmTopic"}],
                "OKActions": [{"Ref": "AlarmTopic"}],
                "Namespace": alarm["namespace"],
                "MetricName": alarm["metric"],
                "Dimensions": [{"Name": dimension, "Value": reference(value)}],
                "Statistic": alarm["statistic"],
                "Period": alarm["period_s"],
                "EvaluationPeriods": periods,
                "ComparisonOperator": COMPARISONS[alarm["fires"]],
                "Threshold": {"Ref": alarm["parameter"]} if "parameter" in alarm else alarm["threshold"],
                "TreatMissingData": alarm.get("missing", "notBreaching"),
            }
            if periods != 1:
                wanted["DatapointsToAlarm"] = periods
            self.assertEqual(there, wanted, alarm["name"])

    def test_no_two_alarms_have_one_name(self):
        names = [alarm["name"] for alarm in DEFINED]
        self.assertEqual(len(names), len(set(names)))

    def test_a_threshold_that_the_deployer_sets_has_the_default_of_its_parameter(self):
        for alarm in DEFINED:
            if "parameter" in alarm:
                self.assertEqual(PARAMETERS[alarm["parameter"]]["Default"], alarm["threshold"], alarm["name"])

    def test_each_says_what_is_wrong_and_what_to_do(self):
        for alarm in DEFINED:
            for text in (alarm["says"], alarm["cure"]):
                self.assertTrue(text[-1] == "." or text.endswith("?"), text)
                self.assertNotIn("{", text)
            self.assertLessEqual(len(f"{alarm['says']} {alarm['cure']}"), 1024, "CloudWatch takes no longer description")


class Metrics(unittest.TestCase):
    def test_each_own_alarm_is_on_a_metric_that_a_function_writes(self):
        sources = "\n".join(path.read_text() for folder in FUNCTION_FOLDERS
                            for path in (ROOT / "functions" / folder / "src").rglob("*.rs"))
        for alarm in OWN:
            self.assertIn(alarm["metric"], METRICS, alarm["name"])
            self.assertIn(f"Metric::{alarm['metric']},", sources, alarm["name"])

    def test_a_threshold_is_in_the_unit_of_its_metric(self):
        for alarm in OWN:
            ending = re.search(r"(Seconds|Bytes|Percent)$", alarm["metric"])
            self.assertEqual(METRICS[alarm["metric"]], ending[1] if ending else "Count", alarm["name"])

    def test_what_is_counted_is_summed_and_how_things_stand_is_not(self):
        """A sum of what stands would grow with the number of runs in a period."""
        documented = (ROOT / "shared/runtime/src/metrics.rs").read_text()
        for alarm in OWN:
            says = re.search(rf"^    /// (.*)\n    {alarm['metric']} ", documented, flags=re.MULTILINE)[1]
            stands = re.search(r", now\.$|the first of all", says)
            self.assertEqual(alarm["statistic"] != "Sum", stands is not None, f"{alarm['name']}: {says}")
            is_level = re.search(rf"Self::{alarm['metric']}\b", documented) is not None
            self.assertEqual(is_level, stands is not None, f"Metric::is_level: {alarm['metric']}")


class Causes(unittest.TestCase):
    def test_everything_that_must_not_go_unseen_has_its_alarm(self):
        watched = {alarm["metric"]: alarm for alarm in OWN}
        for metric, fires, threshold in (
                ("UnprovenSettlements", ">", 0), ("ConflictingSettlements", ">", 0), ("UnclassifiedRows", ">", 0),
                ("HoursSinceSettlement", ">=", 16 * 24), ("HoursSinceVatReport", ">=", 36),
                ("OldestOpenJobSeconds", ">=", 6 * 3600), ("DaysUntilSecretExpires", "<=", 30)):
            self.assertEqual((watched[metric]["fires"], watched[metric]["threshold"]), (fires, threshold), metric)

    def test_each_function_has_an_alarm_on_errors_and_on_throttles(self):
        for metric in ("Errors", "Throttles"):
            watched = {alarm["dimension"][1] for alarm in DEFINED if alarm["metric"] == metric}
            self.assertEqual(watched, {f"!Ref {name}" for name in properties("AWS::Serverless::Function")}, metric)

    def test_a_schedule_may_be_late_before_its_silence_is_told(self):
        for folder, function in functions().items():
            if any(event["Type"] == "ScheduleV2" for event in function.get("Events", {}).values()):
                silence = next(alarm for alarm in DEFINED if alarm["name"] == f"{folder}-silent")
                self.assertEqual(silence["missing"], "breaching", "a function that does not run writes nothing")
                self.assertIn(silence["periods_parameter"], PARAMETERS)


if __name__ == "__main__":
    unittest.main()
