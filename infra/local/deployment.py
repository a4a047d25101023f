"""Deploys the real template to a local AWS, and does there what a person would do in the console."""

import base64
import hashlib
import io
import json
import os
import platform
import re
import shutil
import tempfile
import time
import zipfile
from functools import cached_property
from pathlib import Path

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import REGION

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
PACKAGES = ROOT / "target" / "lambda"
FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir() if (path / "Cargo.toml").exists())
ARTIFACTS = "countinghouse-artifacts"
CODE_URI = re.compile(r"CodeUri: \.\./target/lambda/([a-z-]+)/")
DEPLOYED_WITHIN_S = 120
# Functions run on this machine's processor; a schedule runs when it is told to, not in the middle of a test.
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
LOCAL_PARAMETERS = {"Architecture": ARCHITECTURE, "ScheduleState": "DISABLED", "TableDeletionProtection": "false"}


class DeploymentError(Exception):
    """What went wrong, for a person."""


def target_directory() -> Path:
    """Where cargo puts what it builds."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()


def package(profile: str = "local", packages: Path = PACKAGES) -> list[str]:
    """Copies each built function to where the template looks for it. Answers what was new."""
    copied = []
    for function in FUNCTIONS:
        binary = target_directory() / ("debug" if profile == "dev" else profile) / function
        if not binary.exists():
            raise DeploymentError(f"{function} is not built: cargo build --profile {profile} -p {function}")
        bootstrap = packages / function / "bootstrap"
        if _same(binary, bootstrap):
            continue
        bootstrap.parent.mkdir(parents=True, exist_ok=True)
        # A copy under another name first: a deployment beside this one never reads half a file.
        with tempfile.NamedTemporaryFile(dir=bootstrap.parent, prefix=".", delete=False) as beside:
            pass
        shutil.copy2(binary, beside.name)
        os.replace(beside.name, bootstrap)
        copied.append(function)
    return copied


def _same(binary: Path, bootstrap: Path) -> bool:
    if not bootstrap.exists():
        return False
    ours, theirs = binary.stat(), bootstrap.stat()
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


class LocalStack:
    """One deployed stack in one local AWS."""

    def __init__(self, endpoint: str, name: str):
        self.endpoint = endpoint
        self.name = name
        _forget_users_aws()
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)

    def client(self, service: str):
        """A boto3 client of one service in this local AWS."""
        patient = Config(read_timeout=950, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return self._session.client(service, endpoint_url=self.endpoint, config=patient)

    @cached_property
    def _cloudformation(self):
        return self.client("cloudformation")

    def deploy(self, parameters: dict[str, str], packages: Path = PACKAGES) -> dict:
        """Deploys infra/template.yaml, or brings the stack up to date. Answers its outputs."""
        template = TEMPLATE.read_text()
        request = {
            "StackName": self.name,
            "TemplateURL": self._upload_template(
                CODE_URI.sub(lambda found: f"CodeUri: {self._upload(found[1], packages)}", template)),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in (LOCAL_PARAMETERS | parameters).items()
            ],
        }
        if self._exists():
            self._update(request)
        else:
            self._cloudformation.create_stack(**request)
        self._wait()
        self._enable_expiry(template)
        return self.outputs()

    def outputs(self) -> dict:
        """The stack's outputs by name."""
        stack = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def run_schedule(self, name: str, payload: str | None = None) -> dict:
        """Does at once what a schedule does: its target is invoked with its input. Answers the function's answer."""
        full_name = name if name.startswith(f"{self.name}-") else f"{self.name}-{name}"
        schedule = self.client("scheduler").get_schedule(Name=full_name)
        target = schedule["Target"]
        return self.invoke(target["Arn"], payload if payload is not None else target.get("Input", "{}"))

    def invoke(self, function: str, payload: str) -> dict:
        """Invokes a function (its name, with or without the stack's, or its ARN) and waits for the answer."""
        if not function.startswith(("arn:", f"{self.name}-")):
            function = f"{self.name}-{function}"
        started = time.monotonic()
        answer = self.client("lambda").invoke(FunctionName=function, Payload=payload.encode(), LogType="Tail")
        return {
            "function": function.rsplit(":", 1)[-1],
            "failed": "FunctionError" in answer,
            "answer": json.loads(answer["Payload"].read() or b"null"),
            "duration_ms": round((time.monotonic() - started) * 1000),
            "log": base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
        }

    def logs(self, function: str) -> list[str]:
        """What a function has logged, oldest line first."""
        if not function.startswith(f"{self.name}-"):
            function = f"{self.name}-{function}"
        logs, group = self.client("logs"), f"/aws/lambda/{function}"
        events = []
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            events += page["events"]
        return [event["message"].rstrip("\n") for event in sorted(events, key=lambda event: event["timestamp"])]

    def _upload(self, function: str, packages: Path) -> str:
        """Puts a function's zip into the artifacts bucket, named for its content; answers its address."""
        bootstrap = packages / function / "bootstrap"
        if not bootstrap.exists():
            raise DeploymentError(f"{function} is not packaged: run `package` first")
        body = io.BytesIO()
        # Not compressed: nothing is sent far, and deploying is quicker.
        with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, bootstrap.read_bytes())
        key = f"{function}-{hashlib.sha256(body.getvalue()).hexdigest()[:16]}.zip"
        self._put_artifact(key, body.getvalue())
        return f"s3://{ARTIFACTS}/{key}"

    def _upload_template(self, template: str) -> str:
        """Puts a template into the artifacts bucket: one of more than 51,200 bytes fits into no request."""
        key = f"template-{hashlib.sha256(template.encode()).hexdigest()[:16]}.yaml"
        self._put_artifact(key, template.encode())
        return f"{self.endpoint}/{ARTIFACTS}/{key}"

    def _put_artifact(self, key: str, body: bytes) -> None:
        """Stores what a deployment needs, if it is not there: the key is named for the content."""
        s3 = self.client("s3")
        try:
            s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
        except s3.exceptions.BucketAlreadyOwnedByYou:
            pass
        if not s3.list_objects_v2(Bucket=ARTIFACTS, Prefix=key)["KeyCount"]:
            s3.put_object(Bucket=ARTIFACTS, Key=key, Body=body)

    def _exists(self) -> bool:
        try:
            self._cloudformation.describe_stacks(StackName=self.name)
        except ClientError as error:
            if "does not exist" in str(error):
                return False
            raise
        return True

    def _update(self, request: dict) -> None:
        try:
            self._cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise

    def _wait(self) -> None:
        """Waits until the stack is there, and complains about each resource that is not."""
        deadline = time.monotonic() + DEPLOYED_WITHIN_S
        while True:
            stack = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            if time.monotonic() > deadline:
                raise DeploymentError(f"the stack is still {stack['StackStatus']} after {DEPLOYED_WITHIN_S} s")
            time.sleep(0.05)
        resources = self._cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        failed = [
            f"{resource['LogicalResourceId']}: {resource.get('ResourceStatusReason', resource['ResourceStatus'])}"
            for resource in resources
            if not resource["ResourceStatus"].endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE"))
        ]
        if failed or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            reason = stack.get("StackStatusReason", "")
            raise DeploymentError("\n".join([f"the stack is {stack['StackStatus']}: {reason}", *failed]))

    def _enable_expiry(self, template: str) -> None:
        """Turns on what the emulator leaves out of the template: the time to live of a table's items."""
        dynamodb = self.client("dynamodb")
        for logical_id, resource in parse_template(template)["Resources"].items():
            expiry = resource.get("Properties", {}).get("TimeToLiveSpecification")
            if not expiry:
                continue
            described = self._cloudformation.describe_stack_resource(
                StackName=self.name, LogicalResourceId=logical_id)
            table = described["StackResourceDetail"]["PhysicalResourceId"]
            current = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
            if current["TimeToLiveStatus"] == "DISABLED":
                dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


def _forget_users_aws() -> None:
    """The user's own AWS accounts, profiles and proxies have no part in a local run."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms: `!Ref X` becomes {"Ref": "X"}."""


def _short_form(loader: yaml.Loader, tag: str, node: yaml.Node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_TemplateLoader.add_multi_constructor("!", _short_form)


def parse_template(text: str) -> dict:
    """The template as plain data."""
    return yaml.load(text, Loader=_TemplateLoader)  # noqa: S506, a SafeLoader with CloudFormation's tags
