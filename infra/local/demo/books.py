"""What lies in the tables, read with nothing but DynamoDB's own calls."""

from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer

from deployment import LocalStack

ENDED = ("booked", "quarantined", "cancelled", "fatal")
"""The states of a report with which nothing more happens."""


OWN = ("GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT", "GET_XML_VAT_INVOICE_DATA_REPORT")
"""Reports of what a seller must invoice: they end in the table of own invoices."""


class Books:
    """The tables of one stack."""

    def __init__(self, stack: LocalStack, outputs: dict):
        self.outputs = outputs
        self._dynamodb = stack.client("dynamodb")
        self._read = TypeDeserializer().deserialize

    def table(self, name: str) -> str:
        """The name of a table, by the beginning of its output: `Payments` → `countinghouse-payments`."""
        return self.outputs[f"{name}TableName"]

    def reports(self) -> list[dict]:
        """The reports, by seller and number."""
        items = [item for item in self._all("Jobs") if item["job"].startswith("report ") and item["report_type"] not in OWN]
        return sorted(items, key=lambda item: (item["seller"], item["report_id"]))

    def settlements(self) -> list[dict]:
        """The settlements, by seller and period."""
        items = [item for item in self._all("Settlements") if item["settlement"].startswith("settlement ")]
        return sorted(items, key=lambda item: (item["seller"], item["currency"], item["settlement_start"]))

    def attention(self) -> list[dict]:
        """Settlements and conflicts that a person should look at."""
        return self._query("Settlements", "by-status", "attention", "open")

    def payments(self) -> list[dict]:
        """Every payment."""
        return self._all("Payments")

    def payments_of(self, order_id: str) -> list[dict]:
        """The payments of an order, in the order of time and line."""
        found = self._query("Payments", "by-order", "order_id", order_id)
        return sorted(found, key=lambda item: (item["posted_at"], item["settlement"], item["line"]))

    def documents(self) -> list[dict]:
        """The headers of all invoices and credit notes, by date."""
        headers = [item for item in self._all("Documents") if item["part"] == "header" and "superseded_by" not in item]
        return sorted(headers, key=lambda item: (item.get("issued_on", ""), item["document"]))

    def purchases(self) -> list[dict]:
        """The headers of all purchase transactions, by id."""
        headers = [item for item in self._all("Purchases") if item["part"] == "header" and " transaction " in item["purchase"]]
        return sorted(headers, key=lambda item: item["transaction_id"])

    def purchase_windows(self) -> list[dict]:
        """The days that purchases are pulled for, in order."""
        items = [item for item in self._all("Purchases") if item["part"].startswith("window ")]
        return sorted(items, key=lambda item: item["part"])

    def own_invoices(self) -> list[dict]:
        """Own invoices and credit notes, in the order in which they became due."""
        documents = [item for item in self._all("OwnInvoices") if "due_since" in item]
        return sorted(documents, key=lambda item: (item["due_since"], item["document"]))

    def is_pulled(self) -> bool:
        """Whether every day is read to its end, and every line was asked about."""
        windows = self.purchase_windows()
        asked = all(item.get("asked") or "due_at" not in item for item in self._all("Purchases") if item["part"].startswith("line "))
        return bool(windows) and asked and all(item["state"] in ("proven", "unproven") for item in windows)

    def _all(self, name: str) -> list[dict]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self.table(name), ConsistentRead=True)
        return [self._plain(item) for page in pages for item in page["Items"]]

    def _query(self, name: str, index: str, attribute: str, value: str) -> list[dict]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self.table(name), IndexName=index, KeyConditionExpression="#name = :value",
            ExpressionAttributeNames={"#name": attribute}, ExpressionAttributeValues={":value": {"S": value}})
        return [self._plain(item) for page in pages for item in page["Items"]]

    def _plain(self, item: dict) -> dict:
        return {name: self._read(value) for name, value in item.items()}


def total(items: list[dict], attribute: str = "amount") -> Decimal:
    """The sum of an attribute."""
    return sum((item[attribute] for item in items), Decimal(0))
