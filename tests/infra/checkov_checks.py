"""The script that holds checkov's exceptions against what checkov finds says of each thing that is wrong what it is."""

import importlib.util
import unittest

from support import ROOT

spec = importlib.util.spec_from_file_location("checkov_check", ROOT / "infra" / "checkov" / "check.py")
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)

HEAD = "framework: [cloudformation]\nskip-check:\n"
REASON = "  # reason: A sentence that is long enough to say why this is so,\n  #   and goes on.\n"
TEMPLATE = {"Parameters": {"Key": {}}, "Resources": {
    "A": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "B": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "Run": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"S": {"Type": "ScheduleV2"}}}},
    "Take": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"S": {"Type": "ScheduleV2"}, "Q": {"Type": "SQS"}}}}}}


def complaints(text: str, with_options: dict, without: dict) -> list[str]:
    """What the script says of exceptions and failures."""
    templates = dict.fromkeys(check.VARIANTS, TEMPLATE)
    return check.complaints(check.read(HEAD + text), templates, dict(zip(check.VARIANTS, (with_options, without))))


class Exceptions(unittest.TestCase):
    def test_an_exception_for_what_fails_is_fine(self):
        text = "  # always: A\n  # without Key: queues\n" + REASON + "  - CKV_AWS_1 # a queue\n"
        self.assertEqual(complaints(text, {"CKV_AWS_1": {"A"}}, {"CKV_AWS_1": {"A", "B"}}), [])

    def test_a_failure_without_an_exception_is_named(self):
        self.assertEqual(complaints("", {"CKV_AWS_1": {"A"}}, {}),
                         ["CKV_AWS_1 with every option: A fails, and no exception is for it"])

    def test_an_exception_that_is_not_needed_is_named(self):
        text = "  # always: queues\n" + REASON + "  - CKV_AWS_1\n"
        self.assertEqual(complaints(text, {"CKV_AWS_1": {"A", "B"}}, {"CKV_AWS_1": {"A"}}),
                         ["CKV_AWS_1 with no option: the exception for B is not needed"])

    def test_an_exception_without_a_reason_is_named(self):
        self.assertEqual(complaints("  # always: A\n  # reason: so\n  - CKV_AWS_1\n", *[{"CKV_AWS_1": {"A"}}] * 2),
                         ["CKV_AWS_1: say why, in a sentence"])

    def test_an_exception_that_stands_there_twice_or_under_an_option_that_is_none_is_named(self):
        entry = "  # always: A\n  # without Lock: B\n" + REASON + "  - CKV_AWS_1\n"
        self.assertEqual(complaints(entry * 2, {"CKV_AWS_1": {"A"}}, {"CKV_AWS_1": {"A", "B"}}),
                         ["CKV_AWS_1: stands there twice", *["CKV_AWS_1: the template has no option Lock"] * 2])

    def test_functions_are_told_apart_by_what_starts_them(self):
        self.assertEqual(check.members(TEMPLATE, ["functions of schedules"]), {"Run"})
        self.assertEqual(check.members(TEMPLATE, ["functions of queues", "A"]), {"Take", "A"})
        self.assertEqual(check.members(TEMPLATE, ["functions"]), {"Run", "Take"})

    def test_the_templates_own_exceptions_all_have_a_reason(self):
        exemptions = check.read(check.EXCEPTIONS.read_text())
        self.assertTrue(exemptions)
        for each in exemptions:
            self.assertGreaterEqual(len(each.reason), check.SHORTEST_REASON, each.check)
            self.assertTrue(each.always or each.without, each.check)


if __name__ == "__main__":
    unittest.main()
