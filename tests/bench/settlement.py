"""A settlement to ready DynamoDB items, as one would write it in Python: gzip, csv, decimal, boto3's serializer.

Usage: settlement.py FILE.gz RULES. Prints {"rows": …, "seconds": …} and fails if the settlement is not proven.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import sys
import time
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from boto3.dynamodb.types import TypeSerializer

ATTRIBUTES = {
    "transaction_type": "transaction-type", "amount_type": "amount-type", "amount_description": "amount-description",
    "order_id": "order-id", "merchant_order_id": "merchant-order-id", "adjustment_id": "adjustment-id",
    "shipment_id": "shipment-id", "marketplace": "marketplace-name", "fulfillment": "fulfillment-id",
    "order_item_code": "order-item-code", "merchant_order_item_id": "merchant-order-item-id",
    "merchant_adjustment_item_id": "merchant-adjustment-item-id", "sku": "sku", "promotion_id": "promotion-id",
}


def fold(text):
    return re.sub(r"[\s_-]", "", text).lower()


class Rules:
    """The project's table of rules: of all rules that match, the most specific one decides."""

    def __init__(self, path):
        self.rules, self.answers, sets, name = [], {}, {}, None
        for line in open(path, encoding="utf-8"):
            line = line.rstrip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("set "):
                name, _, members = line[4:].partition("=")
                name = name.strip()
                sets[name] = self.patterns(members, sets)
            elif line.lstrip().startswith("|"):
                sets[name] += self.patterns(line.lstrip()[1:], sets)
            else:
                columns = re.split(r" {2,}", line)
                self.rules.append(([self.patterns(column, sets) for column in columns[:3]], columns[3], columns[4]))

    @staticmethod
    def patterns(text, sets):
        found = []
        for each in (part.strip() for part in text.split("|")):
            if each.startswith("<"):
                found += sets[each]
            elif each == "*":
                found.append(("", True, 0))
            elif each == "(none)":
                found.append(("", False, 1 << 16))
            elif each.endswith("*"):
                found.append((fold(each[:-1]), True, len(fold(each[:-1])) + 1))
            else:
                found.append((fold(each), False, 1 << 16))
        return found

    def classify(self, *texts):
        answer = self.answers.get(texts)
        if answer is None:
            answer = self.answers[texts] = self.find([fold(text) for text in texts])
        return answer

    def find(self, texts):
        best, answer = -1, ("unclassified", "unclassified")
        for columns, payment_type, category in self.rules:
            narrowness = 0
            for patterns, text in zip(columns, texts):
                fits = [n for p, prefix, n in patterns if (text.startswith(p) if prefix else text == p)]
                if not fits:
                    break
                narrowness += max(fits)
            else:
                if narrowness > best:
                    best, answer = narrowness, (payment_type, category)
        return answer


def amount_of(text):
    return Decimal(text.strip().replace(",", "."))


def item_of(row, line, amount, payment_type, category, settlement_id):
    part = 0 if line <= 1000 else line % 16
    item = {
        "settlement": f"settlement {settlement_id} part {part:02}", "line": f"line {line:08}",
        "seller": "A0BENCHSELLER", "report_id": "50000000001", "currency": "EUR",
        "type": payment_type, "category": category, "direction": "OUT" if amount < 0 else "IN", "amount": amount,
    }
    for name, column in ATTRIBUTES.items():
        text = (row[column] or "").strip()
        if text:
            item[name] = text
    if row["quantity-purchased"]:
        item["quantity"] = int(row["quantity-purchased"])
    posted = datetime.strptime(row["posted-date-time"], "%d.%m.%Y %H:%M:%S UTC")
    item["posted_at"] = posted.strftime("%Y-%m-%dT%H:%M:%SZ")
    return item


def main(path, rules_path):
    rules, serialize = Rules(rules_path), TypeSerializer().serialize
    start = time.perf_counter()
    content = gzip.open(path).read()
    sha256 = hashlib.sha256(content).hexdigest()
    rows = csv.DictReader(io.StringIO(content.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    summary = next(rows)
    total, settlement_id = amount_of(summary["total-amount"]), summary["settlement-id"]
    count, by_type, by_category = 0, defaultdict(Decimal), defaultdict(Decimal)
    for line, row in enumerate(rows, start=3):
        amount = amount_of(row["amount"])
        payment_type, category = rules.classify(row["transaction-type"], row["amount-type"], row["amount-description"])
        by_type[payment_type] += amount
        by_category[category] += amount
        count += 1
        item = item_of(row, line, amount, payment_type, category, settlement_id)
        {name: serialize(value) for name, value in item.items()}
    seconds = time.perf_counter() - start
    if sum(by_type.values()) != total or "unclassified" in by_type or not sha256:
        sys.exit(f"not proven: {dict(by_type)}, total {total}")
    print(json.dumps({"rows": count, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
