"""The real template in a local AWS: events reach their functions, failures reach their queues, items expire.

Every function is the recorder beside this file, so nothing has to be built.
"""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import quote_plus

from support import FUNCTION_FOLDERS, ROOT

import emulator
from deployment import LocalStack

PATIENCE_S = 60


def until(look, what: str):
    """The first answer of `look` that is something. Looks again and again, for a minute at most."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S} s in vain for {what}")


class Deployed(unittest.TestCase):
    """A stack in a local AWS of its own, deployed with these parameters."""

    PARAMETERS: dict[str, str] = {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        state, packages = Path(folder.name) / "state", Path(folder.name) / "packages"
        recorder = (ROOT / "tests" / "infra" / "recorder.py").read_text()
        for function in FUNCTION_FOLDERS:
            (packages / function).mkdir(parents=True)
            (packages / function / "bootstrap").write_text(f"#!{sys.executable}\n{recorder}")
        os.environ["PRIVATE_TO_THE_USER"] = "1"
        running = emulator.start(0, state)
        cls.addClassCleanup(emulator.stop, state)
        cls.stack = LocalStack(running["endpoint"], "checks")
        cls.outputs = cls.stack.deploy(cls.PARAMETERS, packages)

    def records(self, function: str) -> list[dict]:
        """What a function's recorder has logged."""
        return [json.loads(line) for line in self.stack.logs(function) if line.startswith('{"event"')]

    def bodies(self, function: str) -> list[str]:
        return [record["body"] for entry in self.records(function) for record in entry["event"]["Records"]]


class Stack(Deployed):
    PARAMETERS = {"NotificationsVisibilitySeconds": "1", "BookDocumentsTimeoutSeconds": "7"}

    def test_a_stored_report_reaches_book_documents_and_other_objects_do_not(self):
        key, bucket, s3 = "reports/A1/SC_VAT_TAX_REPORT/a=b", self.outputs["ReportsBucketName"], self.stack.client("s3")
        s3.put_object(Bucket=bucket, Key="elsewhere/x", Body=b"no")
        s3.put_object(Bucket=bucket, Key=key, Body=b"yes", Metadata={"seller-id": "A1", "compression": "none"})
        self.assertEqual(s3.head_object(Bucket=bucket, Key=key)["Metadata"], {"seller-id": "A1", "compression": "none"})
        until(lambda: any("ObjectCreated" in body for body in self.bodies("book-documents")), "the event")
        messages = [json.loads(body) for body in self.bodies("book-documents")]
        self.assertIn("s3:TestEvent", [message.get("Event") for message in messages])
        objects = [record["s3"]["object"] for message in messages for record in message.get("Records", [])]
        self.assertEqual([created["key"] for created in objects], [quote_plus(key, safe="/")])
        self.assertTrue(objects[0]["versionId"])

    def test_a_vendors_file_reaches_submit_vendor_invoices_and_no_other_function(self):
        key, bucket, s3 = "vendor-invoices/ACME/incoming/November 2026.csv", self.outputs["ReportsBucketName"], self.stack.client("s3")
        s3.put_object(Bucket=bucket, Key=key, Body=b"yes")
        until(lambda: any("ObjectCreated" in body for body in self.bodies("submit-vendor-invoices")), "the event")
        messages = [json.loads(body) for body in self.bodies("submit-vendor-invoices")]
        objects = [record["s3"]["object"] for message in messages for record in message.get("Records", [])]
        self.assertEqual([created["key"] for created in objects], [quote_plus(key, safe="/")])
        self.assertTrue(objects[0]["versionId"])
        self.assertFalse(any("vendor-invoices" in body for body in self.bodies("book-documents")))

    def test_a_refused_message_goes_to_the_dead_letter_queue_alone(self):
        sqs, queue = self.stack.client("sqs"), self.outputs["NotificationsQueueUrl"]
        sqs.send_message_batch(QueueUrl=queue, Entries=[
            {"Id": "1", "MessageBody": "take"}, {"Id": "2", "MessageBody": "refuse"}, {"Id": "3", "MessageBody": "take"}])
        dead = until(lambda: sqs.receive_message(QueueUrl=self.outputs["NotificationsDlqUrl"]).get("Messages"), "the refused message")
        self.assertEqual([message["Body"] for message in dead], ["refuse"])
        received = self.bodies("receive-notifications")
        self.assertEqual((received.count("take"), received.count("refuse")), (2, 5))

    def test_a_schedule_is_run_with_its_own_input(self):
        for name in ("create-reports", "poll-jobs", "pull-purchases"):
            self.assertFalse(self.stack.run_schedule(name)["failed"])
            self.assertEqual(self.records(name)[-1]["event"], {"version": 1})

    def test_a_function_sees_what_the_template_gives_it_and_nothing_of_the_user(self):
        self.stack.invoke("poll-jobs", "{}")
        environment = self.records("poll-jobs")[-1]["environment"]
        self.assertEqual(environment["DOWNLOADS_QUEUE_URL"], self.outputs["DownloadsQueueUrl"])
        self.assertEqual(environment["AWS_ENDPOINT_URL"], self.stack.endpoint)
        self.assertNotIn("PRIVATE_TO_THE_USER", environment)
        self.assertNotIn("SETTLEMENTS_TABLE", environment)

    def test_each_output_names_something_that_is_there(self):
        tables = set(self.stack.client("dynamodb").list_tables()["TableNames"])
        queues = set(self.stack.client("sqs").list_queues()["QueueUrls"])
        for name, value in self.outputs.items():
            if name.endswith("TableName"):
                self.assertIn(value, tables)
            elif name.endswith("QueueUrl") or name.endswith("DlqUrl"):
                self.assertIn(value, queues)

    def test_items_can_be_found_by_index_and_documents_expire(self):
        dynamodb = self.stack.client("dynamodb")
        dynamodb.put_item(TableName=self.outputs["PaymentsTableName"], Item={
            "settlement": {"S": "settlement 1 part 00"}, "line": {"S": "line 00000001"}, "order_id": {"S": "1-2-3"},
            "posted_at": {"S": "2026-11-22T04:00:00Z"}, "type": {"S": "amazon_fee"}, "amount": {"N": "-1.50"},
            "currency": {"S": "EUR"}, "category": {"S": "commission"}})
        found = dynamodb.query(
            TableName=self.outputs["PaymentsTableName"], IndexName="by-order", KeyConditionExpression="order_id = :order",
            ExpressionAttributeValues={":order": {"S": "1-2-3"}})["Items"]
        self.assertEqual(sorted(found[0]), ["amount", "currency", "line", "order_id", "posted_at", "settlement", "type"])
        expiry = dynamodb.describe_time_to_live(TableName=self.outputs["DocumentsTableName"])
        self.assertEqual(expiry["TimeToLiveDescription"], {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"})

    def test_a_parameter_reaches_its_function(self):
        configuration = self.stack.client("lambda").get_function_configuration(FunctionName="checks-book-documents")
        self.assertEqual(configuration["Timeout"], 7)


class StackWithEveryOption(Deployed):
    """What the local AWS does with a key; what it does not look at is in encryption_checks.py."""

    PARAMETERS = {"CustomerManagedKey": "true", "ReserveConcurrency": "true", "AlarmEmail": "books@example.com"}

    def test_the_key_is_renewed_has_its_alias_and_lets_amazon_send(self):
        kms, key = self.stack.client("kms"), self.outputs["KeyArn"]
        self.assertTrue(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])
        self.assertEqual(kms.describe_key(KeyId="alias/checks")["KeyMetadata"]["Arn"], key)
        policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        amazon = [each["Action"] for each in policy["Statement"]
                  if each["Principal"].get("AWS") == "arn:aws:iam::437568002678:root"]
        self.assertEqual(amazon, [["kms:Decrypt", "kms:GenerateDataKey"]])

    def test_queues_and_logs_have_it_and_messages_still_arrive(self):
        sqs, queue = self.stack.client("sqs"), self.outputs["NotificationsQueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["KmsMasterKeyId"], self.outputs["KeyArn"])
        groups = self.stack.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/checks-")["logGroups"]
        self.assertEqual({group.get("kmsKeyId") for group in groups}, {self.outputs["KeyArn"]})
        sqs.send_message(QueueUrl=queue, MessageBody="take")
        until(lambda: self.bodies("receive-notifications") == ["take"], "the message")

    def test_each_role_may_use_it_and_no_other_key(self):
        iam, roles = self.stack.client("iam"), 0
        for role in iam.list_roles()["Roles"]:
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
                using = [each["Resource"] for each in policy["Statement"] if "kms:" in str(each["Action"])]
                self.assertEqual(using, [self.outputs["KeyArn"]], role["RoleName"])
                roles += 1
        self.assertEqual(roles, len(FUNCTION_FOLDERS) + 1, "and one for the schedules")


class TwoEmulators(unittest.TestCase):
    def test_two_run_side_by_side_and_stop_when_told(self):
        with tempfile.TemporaryDirectory() as folder:
            states = [Path(folder) / name for name in ("one", "two")]
            running = [emulator.start(0, state) for state in states]
            self.assertNotEqual(running[0]["endpoint"], running[1]["endpoint"])
            self.assertEqual(emulator.start(0, states[0]), running[0], "starting again finds the one that runs")
            for state, each in zip(states, running):
                self.assertTrue(emulator.stop(state))
                self.assertFalse(emulator.is_ready(each["endpoint"]))


if __name__ == "__main__":
    unittest.main()
