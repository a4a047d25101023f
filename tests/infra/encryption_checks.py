"""What is stored is encrypted: with keys that AWS keeps, or with one key of the stack's own. Both templates are checked."""

import unittest

from support import TEMPLATE_DATA, referred, variant

AMAZON_ACCOUNT = "437568002678"
KEY = {"Fn::GetAtt": ["Key", "Arn"]}


def of_type(template: dict, kind: str) -> dict:
    return {name: each["Properties"] for name, each in template["Resources"].items() if each["Type"] == kind}


class Encryption(unittest.TestCase):
    PLAIN = variant()
    OWN = variant(OwnKey=True)

    def test_without_a_key_of_its_own_the_stack_has_none_and_names_none(self):
        self.assertFalse([name for name, each in self.PLAIN["Resources"].items() if each["Type"].startswith("AWS::KMS::")])
        self.assertNotIn("Key", referred(self.PLAIN["Resources"]) | referred(self.PLAIN["Globals"]))
        self.assertNotIn("KeyArn", self.PLAIN["Outputs"])
        self.assertIn("KeyArn", self.OWN["Outputs"])

    def test_each_queue_is_encrypted_in_one_way(self):
        for name, queue in of_type(self.PLAIN, "AWS::SQS::Queue").items():
            self.assertIs(queue["SqsManagedSseEnabled"], True, name)
            self.assertNotIn("KmsMasterKeyId", queue, name)
        for name, queue in of_type(self.OWN, "AWS::SQS::Queue").items():
            self.assertEqual(queue["KmsMasterKeyId"], KEY, name)
            self.assertNotIn("SqsManagedSseEnabled", queue, name)

    def test_each_table_is_encrypted(self):
        for name, table in of_type(self.PLAIN, "AWS::DynamoDB::Table").items():
            self.assertEqual(table["SSESpecification"], {"SSEEnabled": True}, name)
        for name, table in of_type(self.OWN, "AWS::DynamoDB::Table").items():
            expected = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
            self.assertEqual(table["SSESpecification"], expected, name)

    def test_the_bucket_is_encrypted(self):
        plain, own = (of_type(each, "AWS::S3::Bucket")["ReportsBucket"]["BucketEncryption"] for each in (self.PLAIN, self.OWN))
        self.assertEqual(plain["ServerSideEncryptionConfiguration"],
                         [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}])
        self.assertEqual(own["ServerSideEncryptionConfiguration"], [{
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}, "BucketKeyEnabled": True}])

    def test_logs_alarms_and_variables_are_encrypted_with_the_stacks_own_key(self):
        for name, group in of_type(self.OWN, "AWS::Logs::LogGroup").items():
            self.assertEqual(group["KmsKeyId"], KEY, name)
        for name, topic in of_type(self.OWN, "AWS::SNS::Topic").items():
            self.assertEqual(topic["KmsMasterKeyId"], KEY, name)
        self.assertEqual(self.OWN["Globals"]["Function"]["KmsKeyArn"], KEY)

    def test_nothing_that_stores_is_of_a_kind_that_is_not_looked_at_here(self):
        storing = {"AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SNS::Topic",
                   "AWS::Serverless::Function"}
        others = {"AWS::IAM::Role", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription",
                  "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::KMS::Key", "AWS::KMS::Alias"}
        self.assertLessEqual({each["Type"] for each in TEMPLATE_DATA["Resources"].values()}, storing | others)


class KeyPolicy(unittest.TestCase):
    KEY = TEMPLATE_DATA["Resources"]["Key"]
    STATEMENTS = {each["Sid"]: each for each in KEY["Properties"]["KeyPolicy"]["Statement"]}

    def test_the_key_is_renewed_and_outlives_the_stack(self):
        self.assertIs(self.KEY["Properties"]["EnableKeyRotation"], True)
        self.assertEqual((self.KEY["DeletionPolicy"], self.KEY["UpdateReplacePolicy"]), ("RetainExceptOnCreate", "Retain"))

    def test_amazon_may_use_it_for_messages_and_for_nothing_else(self):
        amazon = [each for each in self.STATEMENTS.values() if AMAZON_ACCOUNT in str(each["Principal"])]
        self.assertEqual(len(amazon), 1)
        self.assertEqual(sorted(amazon[0]["Action"]), ["kms:Decrypt", "kms:GenerateDataKey"])
        self.assertEqual(amazon[0]["Condition"],
                         {"StringEquals": {"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.${AWS::URLSuffix}"}}})

    def test_only_the_account_itself_may_administer_it(self):
        administering = [sid for sid, each in self.STATEMENTS.items() if "kms:*" in each["Action"]]
        self.assertEqual(administering, ["TheAccountDecides"])
        self.assertEqual(self.STATEMENTS["TheAccountDecides"]["Principal"],
                         {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}})
        self.assertFalse([sid for sid, each in self.STATEMENTS.items() if each["Principal"] == "*"])

    def test_each_service_that_stores_or_sends_by_itself_may_use_it(self):
        services = {sid: each["Principal"]["Service"] for sid, each in self.STATEMENTS.items() if "Service" in each["Principal"]}
        self.assertEqual(services, {
            "TheBucketTellsOfObjects": "s3.amazonaws.com",
            "AlarmsReachTheTopic": "cloudwatch.amazonaws.com",
            "LogsAreEncrypted": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}})
        bucket = self.STATEMENTS["TheBucketTellsOfObjects"]["Condition"]
        self.assertIn("aws:SourceAccount", bucket["StringEquals"])
        self.assertIn("aws:SourceArn", bucket["ArnEquals"])


if __name__ == "__main__":
    unittest.main()
