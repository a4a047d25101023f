"""Each role in the template is what its function lists in permissions.toml, statement by statement, and no more.

The end-to-end tests hold the same lists against the calls that the functions really make (tests/it/src/calls.rs).
"""

import re
import tomllib
import unittest

from support import FUNCTION_FOLDERS, RESOURCES, ROOT, functions, properties, referred

ROLES = properties("AWS::IAM::Role")
KEY_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
"""What AWS asks of a caller whose tables, objects and messages are encrypted with a key of its own."""
FIELDS = {"actions", "resources", "why", "unseen"}


def listed(folder: str) -> dict:
    """A function's permissions.toml."""
    return tomllib.loads((ROOT / "functions" / folder / "permissions.toml").read_text())


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def kebab(name: str) -> str:
    """`RateBudgets` becomes `rate-budgets`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def resource(value) -> str:
    """A resource of a statement as the lists name it, for example `table/jobs/index/in-flight`."""
    if "Fn::GetAtt" in value:
        return named(value["Fn::GetAtt"][0])
    text = value["Fn::Sub"]
    secret = re.fullmatch(r"arn:\$\{AWS::Partition\}:secretsmanager:\$\{AWS::Region\}:\$\{AWS::AccountId\}:secret:(.+)", text)
    if secret:
        return f"secret/{secret[1]}"
    logical_id, rest = re.fullmatch(r"\$\{(\w+)\.Arn\}(/.+)", text).groups()
    return f"object{rest}" if named(logical_id) == "bucket" else f"{named(logical_id)}{rest}"


def named(logical_id: str) -> str:
    """A resource of the template as the lists name it."""
    kind = RESOURCES[logical_id]["Type"]
    if kind == "AWS::DynamoDB::Table":
        return "table/" + kebab(logical_id.removesuffix("Table"))
    if kind == "AWS::SQS::Queue":
        return "queue/" + kebab(logical_id.removesuffix("Queue"))
    if kind == "AWS::Logs::LogGroup":
        return "logs/" + kebab(logical_id.removesuffix("Logs"))
    return {"AWS::S3::Bucket": "bucket", "AWS::SNS::Topic": "topic"}[kind]


def statements(role: dict) -> tuple[list[dict], list[dict]]:
    """The statements of a role, and those that it has only with the stack's own key."""
    every = [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]
    conditional = [each["Fn::If"] for each in every if "Fn::If" in each]
    for condition, _, otherwise in conditional:
        assert (condition, otherwise) == ("OwnKey", {"Ref": "AWS::NoValue"})
    return [each for each in every if "Fn::If" not in each], [each[1] for each in conditional]


def services(actions) -> set[str]:
    """The services whose data the key encrypts, as `kms:ViaService` names them."""
    return {action.split(":")[0] for action in actions} & {"dynamodb", "s3", "sqs"}


class Permissions(unittest.TestCase):
    def roles(self):
        """(folder, list, role) of each function."""
        for folder, function in functions().items():
            yield folder, listed(folder), ROLES[next(iter(referred(function["Role"])))]

    def test_each_statement_of_a_role_is_in_its_functions_list_and_the_other_way_round(self):
        for folder, permissions, role in self.roles():
            with self.subTest(folder):
                wanted = {sid: (sorted(each["actions"]), sorted(each["resources"])) for sid, each in permissions.items()}
                found = {each["Sid"]: (sorted(as_list(each["Action"])), sorted(map(resource, as_list(each["Resource"]))))
                         for each in statements(role)[0]}
                self.assertEqual(found, wanted)

    def test_nothing_is_allowed_twice_or_by_a_pattern_of_actions(self):
        for folder, permissions, _ in self.roles():
            pairs = [(action, each) for entry in permissions.values()
                     for action in entry["actions"] for each in entry["resources"]]
            self.assertEqual(len(pairs), len(set(pairs)), folder)
            self.assertFalse([action for action, _ in pairs if "*" in action], folder)

    def test_each_entry_says_why(self):
        for folder in FUNCTION_FOLDERS:
            for sid, entry in listed(folder).items():
                self.assertLessEqual(set(entry), FIELDS, f"{folder} {sid}")
                self.assertGreater(len(entry["why"]), 10, f"{folder} {sid}")

    def test_actions_on_an_index_are_queries_and_objects_are_named_by_prefix(self):
        for folder, permissions, _ in self.roles():
            for sid, entry in permissions.items():
                if any("/index/" in each for each in entry["resources"]):
                    self.assertEqual(entry["actions"], ["dynamodb:Query"], f"{folder} {sid}")
                self.assertFalse({"object/*", "table/*", "queue/*", "secret/*"} & set(entry["resources"]), f"{folder} {sid}")

    def test_a_role_may_use_the_stacks_own_key_through_the_services_that_it_calls_and_no_other(self):
        for folder, permissions, role in self.roles():
            with self.subTest(folder):
                conditional = statements(role)[1]
                self.assertEqual([each["Sid"] for each in conditional], ["UseTheKey"])
                self.assertEqual(conditional[0]["Action"], KEY_ACTIONS)
                self.assertEqual(conditional[0]["Resource"], {"Fn::GetAtt": ["Key", "Arn"]})
                # Lambda keeps the function's variables.
                used = services(action for entry in permissions.values() for action in entry["actions"]) | {"lambda"}
                self.assertEqual(self.via(conditional[0]), used)

    @staticmethod
    def via(statement: dict) -> set[str]:
        found = statement["Condition"]["StringEquals"]["kms:ViaService"]
        suffix = ".${AWS::Region}.${AWS::URLSuffix}"
        return {each["Fn::Sub"].removesuffix(suffix) for each in as_list(found)}

    def test_schedules_may_start_the_functions_that_have_one_and_no_other(self):
        role = ROLES["SchedulesRole"]
        scheduled = []
        for folder, function in functions().items():
            for event in function.get("Events", {}).values():
                if event["Type"] == "ScheduleV2":
                    scheduled.append(folder)
                    self.assertEqual(event["Properties"]["RoleArn"], {"Fn::GetAtt": ["SchedulesRole", "Arn"]}, folder)
        always, with_key = statements(role)
        start, keep = always
        self.assertEqual(start["Action"], "lambda:InvokeFunction")
        names = [each["Fn::Sub"].split(":function:${AWS::StackName}-")[1] for each in start["Resource"]]
        self.assertEqual(sorted(names), sorted(scheduled))
        self.assertEqual((keep["Action"], resource(keep["Resource"])), ("sqs:SendMessage", "queue/schedules-dlq"))
        self.assertEqual((with_key[0]["Action"], self.via(with_key[0])), (["kms:Decrypt", "kms:GenerateDataKey"], {"sqs"}))

    def test_no_role_is_taken_by_anything_but_its_service(self):
        for name, role in ROLES.items():
            trusted = role["AssumeRolePolicyDocument"]["Statement"]
            service = "scheduler.amazonaws.com" if name == "SchedulesRole" else "lambda.amazonaws.com"
            self.assertEqual([each["Principal"] for each in trusted], [{"Service": service}], name)


if __name__ == "__main__":
    unittest.main()
