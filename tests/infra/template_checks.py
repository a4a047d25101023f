"""The template's promises, held against the template itself: queues, schedules, alarms, tables, permissions."""

import re
import unittest

from support import (FUNCTION_FOLDERS, PARAMETERS, RESOURCES, ROOT, TEMPLATE, TEMPLATE_DATA, default, functions, properties,
                     referred)

AMAZON_ACCOUNT = "437568002678"
QUEUES = properties("AWS::SQS::Queue")
DLQS = {name for name in QUEUES if name.endswith("Dlq")}
WORK_QUEUES = set(QUEUES) - DLQS
ALARMS = properties("AWS::CloudWatch::Alarm")
ROLES = properties("AWS::IAM::Role")


def events_of(kind: str):
    """(function's folder, function, event's properties) for each event of a kind."""
    for folder, function in functions().items():
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield folder, function, event["Properties"]


def queue_of(event: dict) -> str:
    return event["Queue"]["Fn::GetAtt"][0]


def statements(role: dict) -> list[dict]:
    """The statements of a role, those too that it has only under a condition."""
    every = [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]
    return [statement["Fn::If"][1] if "Fn::If" in statement else statement for statement in every]


def actions(statement: dict) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


def keys(table: dict) -> str:
    return " ".join(key["AttributeName"] for key in table["KeySchema"])


def program_tables() -> list[tuple]:
    """The tables of shared/store/src/schema.rs, as (name, keys, indexes)."""
    source = (ROOT / "shared" / "store" / "src" / "schema.rs").read_text().split("pub const TABLES", 1)[1]
    projections = {"KeysOnly": "KEYS_ONLY", "Include": "INCLUDE", "All": "ALL"}
    tables = []
    for block in source.split("TableSchema {")[1:]:
        head, *blocks = block.split("IndexSchema {")
        hash_key, sort_key = re.search(r'hash: "(\w+)"', head)[1], re.search(r'range: Some\("(\w+)"\)', head)
        indexes = []
        for index in blocks:
            name, index_hash, index_range, projection = re.search(
                r'name: "([\w-]+)",\s*hash: "(\w+)",\s*range: "(\w+)",\s*projection: Projection::(\w+)', index).groups()
            indexes.append(f"{name}: {index_hash} {index_range} {projections[projection]}")
        table_keys = f"{hash_key} {sort_key[1]}" if sort_key else hash_key
        tables.append((re.search(r'name: "([\w-]+)"', head)[1], table_keys, indexes))
    return tables


class Functions(unittest.TestCase):
    def test_each_folder_in_functions_has_its_resource_and_the_other_way_round(self):
        self.assertEqual(sorted(functions()), FUNCTION_FOLDERS)

    def test_each_function_has_the_name_of_its_folder_its_own_role_and_its_own_log(self):
        roles, logs = set(), set()
        for folder, function in functions().items():
            self.assertEqual(function["FunctionName"], {"Fn::Sub": "${AWS::StackName}-" + folder})
            roles |= referred(function["Role"])
            log = next(iter(referred(function["LoggingConfig"])))
            logs.add(log)
            self.assertEqual(RESOURCES[log]["Properties"]["LogGroupName"],
                             {"Fn::Sub": "/aws/lambda/${AWS::StackName}-" + folder})
            self.assertIn("RetentionInDays", RESOURCES[log]["Properties"], f"{log} would be kept for ever")
        self.assertEqual(len(roles), len(functions()))
        self.assertEqual(len(logs), len(functions()))

    def test_each_function_that_is_fed_by_a_queue_reports_failures_message_by_message(self):
        for folder, _function, event in events_of("SQS"):
            self.assertEqual(event["FunctionResponseTypes"], ["ReportBatchItemFailures"], folder)

    def test_the_architecture_is_a_parameter(self):
        architectures = TEMPLATE_DATA["Globals"]["Function"]["Architectures"]
        self.assertEqual(architectures, [{"Ref": "Architecture"}])
        self.assertEqual(PARAMETERS["Architecture"]["AllowedValues"], ["arm64", "x86_64"])


class Queues(unittest.TestCase):
    def test_each_queue_of_work_has_a_dead_letter_queue_of_its_own(self):
        targets = [next(iter(referred(QUEUES[name]["RedrivePolicy"]))) for name in WORK_QUEUES]
        self.assertEqual(sorted(targets), sorted(name.removesuffix("Queue") + "Dlq" for name in WORK_QUEUES))

    def test_a_message_is_tried_more_than_once_and_not_for_ever(self):
        for name in WORK_QUEUES - {"ClientSecretsQueue"}:
            self.assertIn(QUEUES[name]["RedrivePolicy"]["maxReceiveCount"], range(3, 11), name)

    def test_a_client_secret_expires_before_it_would_be_moved_to_the_dead_letter_queue(self):
        """And the function gives it up before both: see functions/rotate-secrets/src/report.rs."""
        queue = QUEUES["ClientSecretsQueue"]
        tries = queue["RedrivePolicy"]["maxReceiveCount"]
        self.assertGreater(tries * default(queue["VisibilityTimeout"]), queue["MessageRetentionPeriod"])
        source = (ROOT / "functions" / "rotate-secrets" / "src" / "report.rs").read_text()
        last_try = int(re.search(r"LAST_TRY: u64 = (\d+);", source)[1])
        kept_days = int(re.search(r"KEPT_FOR: SignedDuration = SignedDuration::from_hours\((\d+) \* 24\);", source)[1])
        self.assertLess(last_try, tries)
        self.assertLess(kept_days * 86_400, queue["MessageRetentionPeriod"] - 2 * default(queue["VisibilityTimeout"]))
        wrong_queue = (ROOT / "functions" / "receive-notifications" / "src" / "client_secret.rs").read_text()
        self.assertIn(f"TRIES: u64 = {QUEUES['NotificationsQueue']['RedrivePolicy']['maxReceiveCount']};", wrong_queue)

    def test_each_queue_of_work_feeds_one_function(self):
        self.assertEqual(sorted(queue_of(event) for _, _, event in events_of("SQS")), sorted(WORK_QUEUES))

    def test_no_queue_starts_more_functions_than_amazon_answers(self):
        for folder, _function, event in events_of("SQS"):
            self.assertLessEqual(event["ScalingConfig"]["MaximumConcurrency"], 10, folder)

    def test_a_message_stays_hidden_at_least_six_times_as_long_as_its_function_may_run(self):
        for folder, function, event in events_of("SQS"):
            visibility = default(QUEUES[queue_of(event)]["VisibilityTimeout"])
            self.assertGreaterEqual(visibility, 6 * default(function["Timeout"]), folder)

    def test_a_dead_letter_queue_keeps_longer_than_its_queue(self):
        # The clock of a message does not start again when it moves.
        longest = max(QUEUES[name]["MessageRetentionPeriod"] for name in WORK_QUEUES)
        for name in DLQS:
            self.assertEqual(QUEUES[name]["MessageRetentionPeriod"], 14 * 86_400, name)
            self.assertGreater(QUEUES[name]["MessageRetentionPeriod"], longest)

    def test_amazon_may_send_to_the_queues_for_what_it_tells_and_to_no_other(self):
        allowed = {}
        for policy in properties("AWS::SQS::QueuePolicy").values():
            for statement in policy["PolicyDocument"]["Statement"]:
                if AMAZON_ACCOUNT in str(statement["Principal"]):
                    allowed[next(iter(referred(policy["Queues"])))] = sorted(actions(statement))
        send = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        self.assertEqual(allowed, {"NotificationsQueue": send, "ClientSecretsQueue": send})

    def test_only_the_bucket_of_this_account_may_send_to_the_queues_that_it_feeds(self):
        bucket = RESOURCES["ReportsBucket"]["Properties"]
        fed = referred(bucket["NotificationConfiguration"])
        self.assertEqual(sorted(fed), ["BookingsQueue", "VendorSubmissionsQueue"])
        self.assertEqual(sorted(RESOURCES["ReportsBucket"]["DependsOn"]), sorted(f"{queue}Policy" for queue in fed))
        for queue in fed:
            policy = RESOURCES[f"{queue}Policy"]["Properties"]["PolicyDocument"]["Statement"]
            allow = [statement for statement in policy if statement["Effect"] == "Allow"]
            self.assertEqual(len(allow), 1)
            self.assertEqual(allow[0]["Principal"], {"Service": "s3.amazonaws.com"})
            self.assertIn("aws:SourceAccount", allow[0]["Condition"]["StringEquals"])
            self.assertTrue(allow[0]["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(bucket["BucketName"]["Fn::Sub"]))

    def test_no_object_is_told_of_to_two_queues(self):
        told = RESOURCES["ReportsBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
        prefixes = [rule["Value"] for each in told for rule in each["Filter"]["S3Key"]["Rules"]]
        self.assertEqual(sorted(prefixes), ["reports/", "vendor-invoices/"])


class Schedules(unittest.TestCase):
    def test_each_schedule_is_in_utc_retries_and_keeps_what_it_could_not_start(self):
        schedules = list(events_of("ScheduleV2"))
        self.assertEqual(sorted(folder for folder, _, _ in schedules), ["create-reports", "poll-jobs", "pull-purchases", "watch-books"])
        for folder, function, event in schedules:
            self.assertEqual(event["ScheduleExpressionTimezone"], "UTC", folder)
            self.assertEqual(referred(event["DeadLetterConfig"]), {"SchedulesDlq"}, folder)
            self.assertGreaterEqual(event["RetryPolicy"]["MaximumRetryAttempts"], 1, folder)
            self.assertEqual(referred(function["EventInvokeConfig"]["DestinationConfig"]), {"SchedulesDlq"}, folder)

    def test_a_run_has_ended_when_the_next_one_is_due(self):
        seconds = {"minute": 60, "hour": 3600, "day": 86_400}
        for folder, function, event in events_of("ScheduleV2"):
            expression = default(event["ScheduleExpression"])
            rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
            # A cron of the template names the minute of each hour.
            period = int(rate[1]) * seconds[rate[2]] if rate else 3600
            self.assertRegex(expression, r"^(rate\(.*|cron\(\d+ \* \* \* \? \*\))", folder)
            self.assertGreater(period, default(function["Timeout"]), folder)

    def test_a_function_that_only_a_schedule_starts_can_be_kept_to_one_run_at_a_time(self):
        for folder, function in functions().items():
            kinds = {event["Type"] for event in function["Events"].values()}
            reserved = {"Fn::If": ["ReservesConcurrency", 1, {"Ref": "AWS::NoValue"}]} if kinds == {"ScheduleV2"} else None
            self.assertEqual(function.get("ReservedConcurrentExecutions"), reserved, folder)

    def test_each_expression_is_one_that_the_scheduler_knows(self):
        for folder, _, event in events_of("ScheduleV2"):
            self.assertRegex(default(event["ScheduleExpression"]), r"^(rate\(\d+ (minute|hour|day)s?\)|cron\((\S+ ){5}\S+\))$", folder)

    def test_each_schedule_has_an_alarm_on_silence(self):
        for folder, _, _ in events_of("ScheduleV2"):
            logical_id = "".join(part.capitalize() for part in folder.split("-")) + "Function"
            silence = [alarm for alarm in ALARMS.values()
                       if alarm["MetricName"] == "Invocations" and logical_id in referred(alarm["Dimensions"])]
            self.assertEqual(len(silence), 1, folder)
            self.assertEqual(silence[0]["TreatMissingData"], "breaching", folder)
            self.assertEqual(silence[0]["ComparisonOperator"], "LessThanThreshold", folder)


class Alarms(unittest.TestCase):
    def test_each_dead_letter_queue_has_an_alarm_when_it_is_not_empty(self):
        watched = {next(iter(referred(alarm["Dimensions"]))) for alarm in ALARMS.values()
                   if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0}
        self.assertEqual(watched, DLQS)

    def test_each_function_has_an_alarm_on_its_errors(self):
        watched = {next(iter(referred(alarm["Dimensions"]))) for alarm in ALARMS.values()
                   if alarm["MetricName"] == "Errors"}
        self.assertEqual(watched, set(properties("AWS::Serverless::Function")))

    def test_each_alarm_goes_to_the_topic(self):
        for name, alarm in ALARMS.items():
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "AlarmTopic"}], name)


class Data(unittest.TestCase):
    def test_each_table_is_on_demand_encrypted_and_can_be_restored(self):
        for name, table in properties("AWS::DynamoDB::Table").items():
            self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST", name)
            self.assertIs(table["SSESpecification"]["SSEEnabled"], True, name)
            self.assertIs(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], True, name)

    def test_the_books_outlive_a_deleted_stack(self):
        kept = [name for name, resource in RESOURCES.items() if resource.get("DeletionPolicy") == "RetainExceptOnCreate"]
        self.assertEqual(sorted(kept), ["DocumentsTable", "JobsTable", "Key", "OwnInvoicesTable", "PaymentsTable", "PurchasesTable",
                                        "ReportsBucket", "SellersTable", "SettlementsTable", "VendorInvoicesTable"])
        for name in kept:
            self.assertEqual(RESOURCES[name]["UpdateReplacePolicy"], "Retain", name)

    def test_a_table_that_is_kept_is_protected_from_deletion(self):
        for name, table in properties("AWS::DynamoDB::Table").items():
            is_kept = RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
            protection = {"Ref": "TableDeletionProtection"} if is_kept else None
            self.assertEqual(table.get("DeletionProtectionEnabled"), protection, name)
        self.assertEqual(PARAMETERS["TableDeletionProtection"]["Default"], "true")

    def test_documents_and_purchases_expire(self):
        for name in ("DocumentsTable", "PurchasesTable"):
            expiry = RESOURCES[name]["Properties"]["TimeToLiveSpecification"]
            self.assertEqual(expiry, {"AttributeName": "expires_at", "Enabled": True}, name)

    def rules(self) -> dict[str, dict]:
        rules = RESOURCES["ReportsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        return {rule["Id"]: rule for rule in rules}

    def test_what_vendors_put_in_and_what_was_sent_is_kept_in_every_version_as_long_as_tax_law_asks_for_it(self):
        of_vendors = [rule for rule in self.rules().values() if rule.get("Prefix", "vendor-invoices/") == "vendor-invoices/"
                      and "TagFilters" not in rule and {"ExpirationInDays", "NoncurrentVersionExpiration"} & set(rule)]
        kept = {"Ref": "PersonalDataRetentionDays"}
        self.assertEqual([(rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]) for rule in of_vendors],
                         [(kept, {"NoncurrentDays": kept})])

    def test_what_names_persons_is_forgotten_by_the_tag_that_the_program_writes(self):
        written = {"forget-raw-reports": ("reports/", "personal-data=yes", "RawReportRetentionDays", ["object/metadata.rs"]),
                   "forget-personal-data": (None, "personal-data=yes", "PersonalDataRetentionDays", ["own_invoice/object.rs"]),
                   "forget-due-invoices": (None, "due-invoice=yes", "DueInvoiceRetentionDays", ["own_invoice/object.rs"])}
        for name, (prefix, tag, parameter, files) in written.items():
            rule = self.rules()[name]
            found = "{Key}={Value}".format(**rule["TagFilters"][0])
            self.assertEqual((rule.get("Prefix"), found, rule["ExpirationInDays"]), (prefix, tag, {"Ref": parameter}), name)
            for file in files:
                self.assertIn(f'"{tag}"', (ROOT / "shared" / "store" / "src" / file).read_text(), file)

    def test_raw_data_of_buyers_is_kept_shorter_than_what_tax_law_asks_for(self):
        """And long enough for what is still needed of it: Amazon tells of an own invoice for 90 days."""
        for name in ("RawReportRetentionDays", "DueInvoiceRetentionDays", "PurchaserDataRetentionDays"):
            self.assertLess(PARAMETERS[name]["Default"], PARAMETERS["PersonalDataRetentionDays"]["Default"], name)
        self.assertGreater(PARAMETERS["DueInvoiceRetentionDays"]["MinValue"], 90)
        days = {folder: function["Environment"]["Variables"]["PERSONAL_DATA_RETENTION_DAYS"]
                for folder, function in functions().items()
                if "PERSONAL_DATA_RETENTION_DAYS" in function["Environment"]["Variables"]}
        self.assertEqual(days, {"book-documents": {"Ref": "PersonalDataRetentionDays"},
                                "pull-purchases": {"Ref": "PurchaserDataRetentionDays"}})

    def test_tables_and_indexes_are_those_that_the_program_knows(self):
        described = []
        for table in properties("AWS::DynamoDB::Table").values():
            indexes = [f"{index['IndexName']}: {keys(index)} {index['Projection']['ProjectionType']}"
                       for index in table.get("GlobalSecondaryIndexes", [])]
            described.append((table["TableName"]["Fn::Sub"].removeprefix("${AWS::StackName}-"), keys(table), indexes))
        self.assertEqual(described, program_tables())

    def test_the_bucket_is_closed_encrypted_and_versioned(self):
        bucket = RESOURCES["ReportsBucket"]["Properties"]
        self.assertTrue(all(bucket["PublicAccessBlockConfiguration"].values()))
        self.assertEqual(bucket["VersioningConfiguration"], {"Status": "Enabled"})
        self.assertEqual(bucket["OwnershipControls"]["Rules"], [{"ObjectOwnership": "BucketOwnerEnforced"}])
        allowed = [statement for policy in properties("AWS::S3::BucketPolicy").values()
                   for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] != "Deny"]
        self.assertEqual(allowed, [], "nobody is let in but the functions, by their roles")

    def test_an_upload_that_broke_off_leaves_nothing_behind(self):
        rules = RESOURCES["ReportsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        aborting = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
        self.assertEqual([rule["AbortIncompleteMultipartUpload"] for rule in aborting], [{"DaysAfterInitiation": 1}])
        self.assertFalse({"Prefix", "TagFilters"} & set(aborting[0]), "of every object")

    def test_bucket_and_queues_refuse_what_is_not_encrypted_on_its_way(self):
        policies = properties("AWS::SQS::QueuePolicy") | properties("AWS::S3::BucketPolicy")
        covered = [each for policy in policies.values() for each in policy.get("Queues", [policy.get("Bucket")])]
        self.assertEqual(sorted(each["Ref"] for each in covered), sorted([*QUEUES, "ReportsBucket"]))
        for name, policy in policies.items():
            denied = [statement for statement in policy["PolicyDocument"]["Statement"]
                      if statement["Effect"] == "Deny"
                      and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}]
            self.assertEqual(len(denied), 1, name)


class Permissions(unittest.TestCase):
    def test_no_role_may_do_everything_or_touch_everything(self):
        for name, role in ROLES.items():
            self.assertNotIn("ManagedPolicyArns", role, name)
            for statement in statements(role):
                self.assertNotEqual(statement["Resource"], "*", f"{name} {statement['Sid']}")
                self.assertFalse([action for action in actions(statement) if "*" in action], f"{name} {statement['Sid']}")

    def test_each_role_reaches_what_its_function_is_told_of_and_nothing_else(self):
        """The tables, queues and bucket in a function's environment are those in its role, beside its trigger, and
        beside the bucket that writes into its queue: each message names the bucket."""
        kinds = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket")
        stores = {name for name, resource in RESOURCES.items() if resource["Type"] in kinds}
        for folder, function in functions().items():
            told = referred(function["Environment"]) & stores
            triggers = {queue_of(event) for name, _, event in events_of("SQS") if name == folder}
            if "EventInvokeConfig" in function:
                triggers |= referred(function["EventInvokeConfig"])
            triggers |= {name for name, bucket in properties("AWS::S3::Bucket").items()
                         if referred(bucket.get("NotificationConfiguration", {})) & triggers}
            role = ROLES[next(iter(referred(function["Role"])))]
            self.assertEqual(referred(statements(role)) & stores, told | triggers, folder)

    def test_only_functions_that_call_amazon_or_look_after_secrets_read_them_and_only_the_stacks(self):
        readers, writers = {}, {}
        for name, role in ROLES.items():
            for statement in statements(role):
                secrets = [action for action in actions(statement) if action.startswith("secretsmanager:")]
                if "secretsmanager:GetSecretValue" in secrets:
                    readers[name] = statement["Resource"]["Fn::Sub"].rsplit(":", 1)[1]
                if set(secrets) - {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}:
                    writers[name] = sorted(secrets)
        callers = {next(iter(referred(function["Role"]))) for function in functions().values()
                   if "LWA_ENDPOINT" in function["Environment"]["Variables"]}
        self.assertEqual(readers, {each: "countinghouse/*" for each in callers | {"RotateSecretsRole", "WatchBooksRole"}})
        self.assertEqual(writers, {"RotateSecretsRole": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]})


class Size(unittest.TestCase):
    def test_the_template_stays_far_from_what_cloudformation_takes(self):
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: 1 MB, 500 resources, 200
        # parameters and outputs. An event makes a resource or two of its own.
        self.assertLess(len(TEMPLATE.read_bytes()), 500_000)
        events = sum(len(function.get("Events", {})) for function in functions().values())
        self.assertLess(len(RESOURCES) + 2 * events, 350)
        self.assertLess(max(len(PARAMETERS), len(TEMPLATE_DATA["Outputs"])), 150)


class Documentation(unittest.TestCase):
    PAGE = (ROOT / "infra" / "README.md").read_text()

    def test_each_variable_of_a_function_is_documented(self):
        names = set(TEMPLATE_DATA["Globals"]["Function"]["Environment"]["Variables"])
        for function in functions().values():
            names |= set(function["Environment"]["Variables"])
        documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", self.PAGE, flags=re.MULTILINE))
        self.assertEqual(documented, names)

    def test_each_parameter_is_documented_with_its_default_and_used(self):
        used = referred({key: value for key, value in TEMPLATE_DATA.items() if key != "Parameters"})
        for name, parameter in PARAMETERS.items():
            row = f"| `{name}` | {self._shown(parameter['Default'])} |"
            self.assertIn(row, self.PAGE)
            self.assertIn(name, used | {TEMPLATE_DATA["Conditions"]["HasAlarmEmail"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"]})

    @staticmethod
    def _shown(value) -> str:
        return f"`{value}`" if value != "" else "none"


if __name__ == "__main__":
    unittest.main()
