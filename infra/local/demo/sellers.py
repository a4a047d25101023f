"""The sellers of the demo: known to the fake Amazon, and connected to the stack."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from deployment import LocalStack

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


def connect(seller: Seller, amazon: FakeAmazon, stack: LocalStack, outputs: dict, requested: dict | None = None) -> None:
    """Makes a seller known at both ends, as a person does it: credentials as a secret, the seller in its table.

    `requested` are reports that Amazon has ready for whoever asks: a content by report type.
    """
    flows = {"vat": {"BOOL": seller.vat}, "settlements": {"BOOL": True}}
    _connect(seller, {"requested": requested or {}}, flows, amazon, stack, outputs)


def connect_buyer(buyer: Seller, amazon: FakeAmazon, stack: LocalStack, outputs: dict) -> None:
    """The same for a company that buys on Amazon Business."""
    _connect(buyer, {"kind": "business", "business": {"page_size": 20}}, {"purchases": {"BOOL": True}}, amazon, stack, outputs)


def connect_for(flow: str, account: Seller, more: dict, amazon: FakeAmazon, stack: LocalStack, outputs: dict) -> None:
    """The same for an account of another flow, for example `vendor`."""
    _connect(account, more, {flow: {"BOOL": True}}, amazon, stack, outputs)


def _connect(seller: Seller, more: dict, flows: dict, amazon: FakeAmazon, stack: LocalStack, outputs: dict) -> None:
    amazon.add_seller({
        "seller_id": seller.seller_id, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "refresh_token": refresh_token(seller), "region": seller.region, "marketplace_ids": list(seller.marketplace_ids),
        "store_name": seller.name, **more,
    })
    secret = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": refresh_token(seller)}
    secret_name = f"countinghouse/{seller.seller_id}"
    stack.client("secretsmanager").create_secret(Name=secret_name, SecretString=json.dumps(secret))
    stack.client("dynamodb").put_item(TableName=outputs["SellersTableName"], Item={
        "seller_id": {"S": seller.seller_id},
        "name": {"S": seller.name},
        "region": {"S": seller.region},
        "marketplace_ids": {"L": [{"S": each} for each in seller.marketplace_ids]},
        "secret_name": {"S": secret_name},
        "connected_at": {"S": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"},
        "flows": {"M": flows},
    })
