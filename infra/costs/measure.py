#!/usr/bin/env python3
"""Measures what the functions ask of AWS, idle and for a known amount of work, and writes measured.json.

Needs the functions, packaged (make package). Takes a few minutes and no network.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "local"))

import python_env  # noqa: E402

if __name__ == "__main__":
    python_env.enter(__file__)

import json
import re
import socket
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import work
from counter import CountingProxy
from deployment import FUNCTIONS, ROOT, TEMPLATE, parse_template

from demo import invoicing
from demo.play import Stage
from demo.sellers import AMERICAN, BUYER, EUROPEAN, connect_buyer, connect_for

IDLE = ("create-reports", "poll-jobs", "pull-purchases", "watch-books")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="costs-", dir=_local()) as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        proxy = CountingProxy(port, indexes())
        with Stage(Path(folder), port, proxy.endpoint) as stage:
            measured = measure(stage, proxy, Path(folder))
        proxy.stop()
    (HERE / "measured.json").write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
    print(f"written: {(HERE / 'measured.json').relative_to(ROOT)}", file=sys.stderr)
    return 0


def _local() -> Path:
    (ROOT / ".local").mkdir(exist_ok=True)
    return ROOT / ".local"


def indexes() -> dict[str, list[list[str]]]:
    """The key attributes of each index, by the end of its table's name."""
    found = {}
    for resource in parse_template(TEMPLATE.read_text())["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            name = properties["TableName"]["Fn::Sub"].rsplit("}", 1)[-1]
            found[name] = [[key["AttributeName"] for key in index["KeySchema"]]
                           for index in properties.get("GlobalSecondaryIndexes", [])]
    return found


def measure(stage: Stage, proxy: CountingProxy, folder: Path) -> dict:
    """Everything, one after the other, so that nothing is counted twice."""
    stage.connect(EUROPEAN)
    stage.notify()
    measured = {"idle_one_seller": idle(stage, proxy)}
    of_one = metrics(stage)
    stage.connect(AMERICAN)
    measured["idle_two_sellers"] = idle(stage, proxy)
    measured["metrics_of_a_seller"] = len(metrics(stage)) - len(of_one)
    few, many = (settlement(stage, proxy, folder, rows) for rows in (100, 4100))
    measured["settlement"], measured["settlement_row"] = fixed_and_each(few, 100, many, 4100)
    few, many = (purchases(stage, proxy, count) for count in (20, 220))
    measured["purchases"], measured["purchase"] = fixed_and_each(few, 20, many, 220)
    few, again_few = vat(stage, proxy, folder, 50)
    many, again_many = vat(stage, proxy, folder, 1050)
    measured["vat_report"], measured["document"] = fixed_and_each(few, 50, many, 1000 + 50)
    few, many = (own_invoices(stage, proxy, count) for count in (3, 13))
    measured["own_invoices"], measured["own_invoice"] = fixed_and_each(few, 3, many, 13)
    measured["metrics"] = len([each for each in metrics(stage) if "Seller" not in dict(each[1])])
    _, measured["document_again"] = fixed_and_each(again_few, 50, again_many, 1100)
    return measured


def idle(stage: Stage, proxy: CountingProxy) -> dict:
    """A run of each schedule when there is nothing to do: the third one, for the first ones may find something."""
    found = {}
    schedules = [name for name in IDLE if name in FUNCTIONS]
    for schedule in [*schedules, *schedules]:
        stage.run_schedule(schedule)
        time.sleep(1)
        settle(stage)
    for schedule in schedules:
        proxy.take()
        began = time.monotonic()
        stage.run_schedule(schedule)
        seconds = time.monotonic() - began
        time.sleep(0.5)
        found[schedule] = {**proxy.take(), "seconds": round(seconds, 3)}
    return found


def metrics(stage: Stage) -> set[tuple]:
    """Every metric that is written all the time, each with its dimensions: CloudWatch charges for each by the hour. What is
    written only when it happens costs next to nothing."""
    found, source = set(), (ROOT / "shared" / "runtime" / "src" / "metrics.rs").read_text()
    levels = set(re.findall(r"Self::(\w+)", source.split("pub const fn is_level", 1)[1].split("\n    }\n", 1)[0]))
    for function in FUNCTIONS:
        for line in stage.stack.logs(function):
            if line.startswith("{") and '"_aws"' in line:
                written = json.loads(line)
                for directive in written["_aws"]["CloudWatchMetrics"]:
                    found.update((metric["Name"], tuple((name, str(written[name])) for name in names))
                                 for names in directive["Dimensions"] for metric in directive["Metrics"]
                                 if metric["Name"] in levels)
    return found


def settlement(stage: Stage, proxy: CountingProxy, folder: Path, rows: int) -> Counter:
    """What a settlement of so many rows takes, from its notification to its proof."""
    path = folder / f"settlement-{rows}.txt"
    path.write_text(work.settlement(rows))
    return counted(stage, proxy, lambda: stage.amazon.close_settlement(AMERICAN.seller_id, path), 1)


def vat(stage: Stage, proxy: CountingProxy, folder: Path, documents: int) -> tuple[Counter, Counter]:
    """What a VAT report takes, with documents that are new; and again, with documents that are known."""
    path = folder / f"vat-{documents}.csv"
    path.write_text(work.vat_report(documents))
    counts = []
    for days in (8 + len(stage.books.reports()), 9 + len(stage.books.reports())):
        if not counts:
            stage.amazon.add_vat_rows(EUROPEAN.seller_id, path)
        until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        order = {"version": 1, "seller_id": EUROPEAN.seller_id, "from": f"{until - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
                 "to": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        counts.append(counted(stage, proxy, lambda order=order: stage.stack.invoke(
            "create-reports", json.dumps(order)), 1))
    return counts[0], counts[1]


def purchases(stage: Stage, proxy: CountingProxy, count: int) -> Counter:
    """What so many purchases take, with their invoices: a buyer's first month, which is thirty days at once."""
    buyer = replace(BUYER, seller_id=f"{BUYER.seller_id}-{count}")
    connect_buyer(buyer, stage.amazon, stage.stack)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    wish = {"transactions": count, "from": f"{midnight - timedelta(days=16):%Y-%m-%dT%H:%M:%SZ}", "days": 12,
            "held_percent": 0, "invoices_later_ms": 0}
    stage.amazon.generate_purchases(buyer.seller_id, wish)
    proxy.take()
    began = time.monotonic()
    stage.run_schedule("pull-purchases")
    settle(stage)
    return proxy.take() + Counter({"seconds": time.monotonic() - began})


def own_invoices(stage: Stage, proxy: CountingProxy, count: int) -> Counter:
    """What so many own invoices take, from the report that calls them due to Amazon's word that it has each."""
    seller = replace(invoicing.SELLER, seller_id=f"{invoicing.SELLER.seller_id}{count}")
    connect_for("invoicing", seller, {}, stage.amazon, stage.stack)
    invoicing.countinghouse(stage, "profile", "put", str(invoicing.PROFILE), "--account", seller.seller_id)
    path = stage.logs / f"due-{count}.txt"
    rows = (invoicing.row(1000 * count + number, "SHIPMENT", "InvoicePending", invoicing.LAMP, ("49.90", "7.97", "41.93"))
            for number in range(count))
    path.write_text("\t".join(invoicing.COLUMNS) + "\n" + "".join(rows))
    stage.amazon.add_due_rows(seller.seller_id, path)
    settle(stage)
    proxy.take()
    began = time.monotonic()
    stage.run_schedule("create-reports")
    while [item["state"] for item in stage.books.own_invoices() if item["seller"] == seller.seller_id].count("processing") < count:
        stage.run_schedule("poll-jobs")
        time.sleep(2)
    settle(stage)
    return proxy.take() + Counter({"seconds": time.monotonic() - began})


def counted(stage: Stage, proxy: CountingProxy, begin, reports: int) -> Counter:
    """What is asked from `begin` until so many more reports have come to their end."""
    known = len(stage.books.reports())
    proxy.take()
    began = time.monotonic()
    begin()
    while len(stage.books.reports()) < known + reports:
        stage.run_schedule("poll-jobs")
        time.sleep(0.3)
    stage.until_ended(known + reports, 120)
    settle(stage)
    return proxy.take() + Counter({"seconds": time.monotonic() - began})


def settle(stage: Stage) -> None:
    """Waits until no queue has work."""
    queues = [url for name, url in stage.outputs.items() if name.endswith("QueueUrl") and "Dlq" not in name]
    sqs, quiet = stage.stack.client("sqs"), 0
    while quiet < 3:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        depth = sum(int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][name])
                    for url in queues for name in names)
        quiet = quiet + 1 if depth == 0 else 0
        time.sleep(0.2)


def fixed_and_each(few: Counter, few_units: int, many: Counter, many_units: int) -> tuple[dict, dict]:
    """From two measurements: what the whole takes in any case, and what each unit takes."""
    each = {name: max(0.0, (many[name] - few[name]) / (many_units - few_units)) for name in {*few, *many}}
    fixed = {name: max(0.0, few[name] - each[name] * few_units) for name in each}
    return ({name: round(value, 1) for name, value in fixed.items()}, {name: round(value, 4) for name, value in each.items()})


if __name__ == "__main__":
    sys.exit(main())
