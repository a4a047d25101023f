"""The sellers of the demo: known to the fake Amazon, and connected to the stack."""

import json
import os
import subprocess
from dataclasses import dataclass

from deployment import DeploymentError, LocalStack, target_directory
from emulator import REGION

from demo.amazon import FakeAmazon

CLIENT_ID = "amzn1.application-oa2-client.demo"
CLIENT_SECRET = "amzn1.oa2-cs.v1.demo"


@dataclass(frozen=True)
class Seller:
    """One seller."""

    seller_id: str
    name: str
    region: str
    marketplace_ids: tuple[str, ...]
    vat: bool


EUROPEAN = Seller("A1LINDENKIESEL", "Linden & Kiesel", "eu",
                  ("A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1F83G8C2ARO7P"), vat=True)
AMERICAN = Seller("A2HARBORPINE", "Harbor & Pine", "na", ("ATVPDKIKX0DER",), vat=False)
BUYER = Seller("HOLM-OFFICE", "Holm Office Supply", "na", ("ATVPDKIKX0DER",), vat=False)
YOURS = Seller("A3YOURFILE", "your file", "eu", ("A1PA6795UKMFR9",), vat=True)


def refresh_token(seller: Seller) -> str:
    """What a seller's authorisation gives."""
    return f"Atzr|demo-{seller.seller_id}"


def connect(seller: Seller, amazon: FakeAmazon, stack: LocalStack, requested: dict | None = None) -> None:
    """Makes a seller known at Amazon, and connects it by `countinghouse connect`, as a person does.

    `requested` are reports that Amazon has ready for whoever asks: a content by report type.
    """
    _connect(seller, {"requested": requested or {}}, "settlements,vat" if seller.vat else "settlements", amazon, stack)


def connect_buyer(buyer: Seller, amazon: FakeAmazon, stack: LocalStack) -> None:
    """The same for a company that buys on Amazon Business."""
    _connect(buyer, {"kind": "business", "business": {"page_size": 20}}, "purchases", amazon, stack)


def connect_for(flow: str, account: Seller, more: dict, amazon: FakeAmazon, stack: LocalStack) -> None:
    """The same for an account of another flow, for example `vendor`."""
    _connect(account, more, flow, amazon, stack)


def _connect(seller: Seller, more: dict, flows: str, amazon: FakeAmazon, stack: LocalStack) -> None:
    amazon.add_seller({
        "seller_id": seller.seller_id, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "refresh_token": refresh_token(seller), "region": seller.region, "marketplace_ids": list(seller.marketplace_ids),
        "store_name": seller.name, **more,
    })
    kind = {"vendor": ["vendor"], "purchases": ["buyer"]}.get(flows, ["seller", "--flows", flows])
    # The demo plays the schedules itself.
    command = [_program(), "connect", *kind, seller.seller_id, "--name", seller.name, "--leave-schedules",
               "--credentials-from", "-", "--stack", stack.name, "--region", REGION]
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": refresh_token(seller)}
    environment = {"AWS_ENDPOINT_URL": stack.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                   "AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ.get("PATH", "")}
    said = subprocess.run(command, input=json.dumps(credentials), env=environment, capture_output=True, text=True)
    if said.returncode != 0:
        raise DeploymentError(f"{seller.name} was not connected:\n{said.stdout}{said.stderr}")


def _program() -> str:
    for profile in ("local", "release", "debug"):
        program = target_directory() / profile / "countinghouse"
        if os.access(program, os.X_OK):
            return str(program)
    raise DeploymentError("countinghouse is not built: make build")
