#!/usr/bin/env python3
"""Writes docs/costs.md from what was measured, AWS's prices and three invented sellers. `--check` only compares."""

import json
import sys
import tomllib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "costs.md"
DAYS = Decimal("30.4")
# How often the schedules run in a day, as the template has them.
RUNS_A_DAY = {"create-reports": 24, "poll-jobs": 288, "pull-purchases": 24, "watch-books": 96}
MEGABYTES = {"create-reports": 256, "poll-jobs": 256, "pull-purchases": 512, "watch-books": 256}
# Lambda asks each queue that feeds a function with five pollers, and each waits 20 seconds.
POLLS_OF_A_QUEUE_A_MINUTE = 15
PAYMENT_BYTES, DOCUMENT_BYTES, PURCHASE_BYTES, OWN_INVOICE_BYTES = 550, 3200, 5000, 60_000
# Measured in minutes at Amazon's pace; the function itself works for a third of a second.
OWN_INVOICE_SECONDS = Decimal("0.3")
LOG_BYTES_OF_A_RUN = 1500


def load(name: str) -> dict:
    """One of the files beside this."""
    text = (HERE / name).read_text()
    return json.loads(text, parse_float=Decimal) if name.endswith(".json") else tomllib.loads(text, parse_float=Decimal)


def number(value) -> Decimal:
    """A figure as a decimal."""
    return Decimal(str(value))


class Month:
    """What a seller's month takes, and what it costs."""

    def __init__(self, seller: dict, assumed: dict, measured: dict, prices: dict, template: dict):
        self.seller, self.assumed, self.measured, self.prices, self.template = seller, assumed, measured, prices, template
        self.used: dict[str, Decimal] = {}
        self._idle()
        self._work()

    def _add(self, counts: dict, times) -> None:
        for name, value in counts.items():
            self.used[name] = self.used.get(name, Decimal(0)) + number(value) * number(times)

    def _compute(self, seconds, megabytes: int, runs) -> None:
        self._add({"gigabyte_seconds": number(seconds) * megabytes / 1024, "runs": 1}, runs)

    def _idle(self) -> None:
        """The schedules, when there is nothing to do: so much for a run, and so much more for each seller."""
        one, two = self.measured["idle_one_seller"], self.measured["idle_two_sellers"]
        for schedule, counts in one.items():
            runs = RUNS_A_DAY[schedule] * DAYS
            more = number(self.seller["sellers"] - 1)
            for name, value in counts.items():
                each = max(Decimal(0), number(two[schedule].get(name, 0)) - number(value))
                if name == "seconds":
                    self._compute(number(value) + each * more, MEGABYTES[schedule], runs)
                else:
                    self._add({name: number(value) + each * more}, runs)
        self._add({"sqs_requests": POLLS_OF_A_QUEUE_A_MINUTE * 60 * 24 * DAYS}, self.template["event_queues"])

    def _work(self) -> None:
        seller, assumed, measured = self.seller, self.assumed, self.measured
        orders = number(seller["orders_month"])
        rows, documents = orders * assumed["settlement_rows_of_an_order"], orders * number(assumed["documents_of_an_order"])
        self._measured("settlement", seller["settlements_month"])
        self._measured("settlement_row", rows)
        if seller["vat"]:
            self._measured("vat_report", DAYS * seller["sellers"])
            self._measured("document", documents)
            self._measured("document_again", documents * (assumed["vat_reports_that_name_a_row"] - 1))
        if seller["purchases_month"]:
            self._measured("purchases", 1)
            self._measured("purchase", seller["purchases_month"])
        own = orders * number(assumed["own_invoice_share"]) if seller["own_invoices"] else Decimal(0)
        for name, times in (("own_invoices", 4 * DAYS * seller["sellers"] if own else 0), ("own_invoice", own)):
            self._add({what: value for what, value in measured[name].items() if what != "seconds"}, times)
        self._compute(OWN_INVOICE_SECONDS, 512, own)
        kept = number(assumed["months_kept"])
        tables = rows * PAYMENT_BYTES + documents * DOCUMENT_BYTES + number(seller["purchases_month"]) * PURCHASE_BYTES + own * 4000
        files = rows * assumed["row_bytes_of_a_settlement"] + own * OWN_INVOICE_BYTES
        files += documents * assumed["vat_reports_that_name_a_row"] * assumed["row_bytes_of_a_vat_report"]
        self.used["table_gigabytes"], self.used["bucket_gigabytes"] = (each * kept / 10**9 for each in (tables, files))

    def _measured(self, name: str, times) -> None:
        counts = dict(self.measured[name])
        self._compute(counts.pop("seconds", 0), 1024, times)
        self._add(counts, times)

    def costs(self) -> dict[str, Decimal]:
        """Dollars by service."""
        used, prices, million = self.used, self.prices, Decimal(10**6)
        get = lambda name: used.get(name, Decimal(0))  # noqa: E731
        price = lambda service, name: number(prices[service][name])  # noqa: E731
        alarms, metrics = self.template["alarms"], self.template["metrics"] + self.template["metrics_of_a_seller"] * self.seller["sellers"]
        runs = sum((number(each) * DAYS for each in RUNS_A_DAY.values()), Decimal(0))
        return {
            "DynamoDB, requests": get("write_units") / million * price("dynamodb", "million_write_units")
            + get("half_read_units") / 2 / million * price("dynamodb", "million_read_units"),
            "DynamoDB, a year of books and its backup": get("table_gigabytes")
            * (price("dynamodb", "gigabyte_month") + price("dynamodb", "backup_gigabyte_month")),
            "Lambda": runs / million * price("lambda", "million_requests")
            + get("gigabyte_seconds") * price("lambda", "gigabyte_second"),
            "SQS": get("sqs_requests") / million * price("sqs", "million_requests"),
            "S3": get("s3_writes") / 1000 * price("s3", "thousand_writes") + get("s3_reads") / 1000 * price("s3", "thousand_reads")
            + get("bucket_gigabytes") * price("s3", "gigabyte_month"),
            "Secrets Manager": price("secrets_manager", "secret_month") * (self.seller["sellers"] + 1)
            + get("secret_calls") / 10_000 * price("secrets_manager", "ten_thousand_calls"),
            "EventBridge Scheduler": runs / million * price("scheduler", "million_invocations"),
            "CloudWatch: metrics": metrics * price("cloudwatch", "metric_month"),
            "CloudWatch: alarms, dashboard, logs": alarms * price("cloudwatch", "alarm_month") + price("cloudwatch", "dashboard_month")
            + runs * LOG_BYTES_OF_A_RUN / Decimal(10**9) * price("cloudwatch", "logs_gigabyte"),
        }


def template_facts() -> dict:
    """What the template has that costs by the month."""
    template = (ROOT / "infra" / "template.yaml").read_text()
    return {"alarms": template.count("Type: AWS::CloudWatch::Alarm"), "event_queues": template.count("Type: SQS\n"), **{name: load("measured.json")[name] for name in ("metrics", "metrics_of_a_seller")}}


def page() -> str:
    """The page."""
    measured, prices, sellers = load("measured.json"), load("prices.toml"), load("sellers.toml")
    facts = template_facts()
    months = [Month(seller, sellers["assumptions"], measured, prices, facts) for seller in sellers["sellers"]]
    costs = [month.costs() for month in months]
    names = [month.seller["name"] for month in months]
    header = ["", *(f"{name}" for name in names)]
    about = [
        ["orders a month", *(f"{month.seller['orders_month']:,}" for month in months)],
        ["seller accounts", *(str(month.seller["sellers"]) for month in months)],
        ["own invoices", *("yes" if month.seller["own_invoices"] else "no" for month in months)],
        ["purchases a month", *(f"{month.seller['purchases_month']:,}" for month in months)],
    ]
    lines = [[service, *(money(cost[service]) for cost in costs)] for service in costs[0]]
    sums = [sum(cost.values(), Decimal(0)) for cost in costs]
    lines.append(["**together, USD a month**", *(f"**{money(each)}**" for each in sums)])
    lines.append(["for a thousand orders", *(money(each / (number(month.seller["orders_month"]) / 1000))
                                             for each, month in zip(sums, months, strict=True))])
    watching = sum(costs[0][name] for name in costs[0] if name.startswith("CloudWatch") or name == "SQS") / sums[0] * 100
    return TEXT.format(watching=round(watching), about=table([header, *about]), costs=table([header, *lines]), measured=table(units(measured)), **facts)


def units(measured: dict) -> list[list[str]]:
    """What was measured, for people."""
    rows = [["", "write units", "read units", "S3 calls", "SQS calls", "seconds"]]
    names = {"settlement": "a settlement, beside its rows", "settlement_row": "a row of a settlement",
             "vat_report": "a VAT report, beside its documents", "document": "a document that is new",
             "document_again": "a document that a later report names again", "purchases": "a month of purchases, beside them",
             "purchase": "a purchase with its lines and invoices", "own_invoices": "a report of what must be invoiced",
             "own_invoice": "an own invoice, from due to Amazon's word"}
    idle = {f"a run of {name} with nothing to do": counts for name, counts in measured["idle_one_seller"].items()}
    for name, counts in [*idle.items(), *((names[key], measured[key]) for key in names)]:
        get = lambda key, counts=counts: number(counts.get(key, 0))  # noqa: E731
        rows.append([name, *(shown(value) for value in (
            get("write_units"), get("half_read_units") / 2, get("s3_writes") + get("s3_reads"), get("sqs_requests"),
            get("seconds")))])
    return rows


def shown(value: Decimal) -> str:
    """A figure with as many decimals as it deserves."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= Decimal("0.1") else f"{value:.4f}"


def money(value: Decimal) -> str:
    """Dollars and cents."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def table(rows: list[list[str]]) -> str:
    """A table of Markdown, figures to the right."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---", *["--:"] * (len(head) - 1)], *body])


TEXT = """# What a stack costs

In US dollars a month, at AWS's list prices for us-east-1 without the free tier. Amazon itself charges nothing for the calls.

{about}

{costs}

Of a small seller's bill {watching} % is watching. CloudWatch charges for each of {alarms} alarms whether or not anything happens, and
for each of {metrics} metrics that say how things stand, {metrics_of_a_seller} more for each further seller; those of what happens cost only in the
hours in which it does. Lambda asks each of
{event_queues} queues 15 times a minute whether there is work.

## What it is computed from

Measured with the real functions in a local AWS behind a counter of calls (`infra/costs/measure.py`); the seconds are those of two
cores of a shared machine, so they are rough:

{measured}

Assumed: seven settlement rows and 1.08 documents for an order, as real settlements and VAT reports have; each VAT row is named by
eight reports, for the daily windows overlap by a week; a year of books has gathered. Prices and sellers are two files in
[infra/costs](../infra/costs/README.md): put in your own, and run `infra/costs/make.py`.
"""


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        if PAGE.read_text() != text:
            print("docs/costs.md is not what infra/costs/make.py writes", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text)
    print(f"written: {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
