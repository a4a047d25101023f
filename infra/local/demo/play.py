"""Plays a demo: everything starts, Amazon's reports come, and the books fill."""

import gzip
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import emulator
from deployment import FUNCTIONS, ROOT, TEMPLATE, DeploymentError, LocalStack, parse_template

sys.path.append(str(ROOT / "infra" / "dashboard"))

import render  # noqa: E402

from demo import flows, invoicing, report
from demo.amazon import FakeAmazon
from demo.books import ENDED, Books, total
from demo.sellers import AMERICAN, BUYER, EUROPEAN, YOURS, connect, connect_buyer

STORY = ROOT / "tests" / "fixtures" / "story"
STORY_TAKES_AT_MOST_S = 120
NAMES = {seller.seller_id: seller.name for seller in (EUROPEAN, AMERICAN, YOURS)}


def made() -> str:
    """What the template makes, for people."""
    kinds = [resource["Type"] for resource in parse_template(TEMPLATE.read_text())["Resources"].values()]
    counts = {name: kinds.count(kind) for name, kind in (
        ("functions", "AWS::Serverless::Function"), ("tables", "AWS::DynamoDB::Table"), ("queues", "AWS::SQS::Queue"))}
    return ", ".join(f"{count} {name}" for name, count in counts.items()) + ", 1 bucket"


class Stage:
    """The stack and the fake Amazon of one demo; whatever happens, it ends what it started."""

    def __init__(self, logs: Path, port: int = 0, functions_reach: str | None = None, parameters: dict | None = None):
        self._port, self._functions_reach, self._parameters = port, functions_reach, parameters or {}
        self.started = time.monotonic()
        self.logs = logs
        self._children = ExitStack()

    def __enter__(self):
        try:
            self._set_up()
        except BaseException:
            self._children.close()
            raise
        return self

    def __exit__(self, *_):
        self._children.close()

    def _set_up(self) -> None:
        running = emulator.start(self._port, self.logs, self._functions_reach)
        self._children.callback(emulator.stop, self.logs)
        self.endpoint = running["endpoint"]
        self.say(f"a local AWS is ready at {self.endpoint}")
        self.amazon = FakeAmazon(self.logs)
        self._children.callback(self.amazon.stop)
        self.say(f"a fake Amazon is ready at {self.amazon.url}")
        self.stack = LocalStack(self.endpoint, "countinghouse")
        url = self.amazon.url
        self.outputs = self.stack.deploy({
            "LwaEndpoint": f"{url}/auth/o2/token", "SpApiEndpointNa": f"{url}/na", "SpApiEndpointEu": f"{url}/eu",
            "SpApiEndpointFe": f"{url}/fe", "BusinessApiEndpointNa": f"{url}/na", "BusinessApiEndpointEu": f"{url}/eu",
            "BusinessApiEndpointJp": f"{url}/fe", **self._parameters,
        })
        self.books = Books(self.stack, self.outputs)
        self.say(f"infra/template.yaml is deployed: {made()}")

    def say(self, text: str) -> None:
        """A line of progress with the seconds since the start."""
        print(f"  {time.monotonic() - self.started:5.1f} s  {text}", file=sys.stderr, flush=True)

    def connect(self, *sellers, requested: dict | None = None) -> None:
        """Connects sellers."""
        for seller in sellers:
            connect(seller, self.amazon, self.stack, requested)
            self.say(f"{seller.name} is connected")

    def notify(self, mode: str = "once") -> None:
        """How often Amazon notifies from now on."""
        self.amazon.notify_into(self.outputs["NotificationsQueueUrl"], self.endpoint, mode)

    def run_schedule(self, name: str) -> dict:
        """Runs a schedule now; a function that fails ends the demo with its reason."""
        result = self.stack.run_schedule(name)
        if result["failed"]:
            raise DeploymentError(f"{name} failed: {json.dumps(result['answer'])}")
        return result["answer"]

    def until_ended(self, reports: int, longest_s: float | None) -> list[dict]:
        """Waits until so many reports are known and each has come to its end; says what it waits for."""
        began = said = time.monotonic()
        while True:
            known = self.books.reports()
            open_reports = [item for item in known if item["state"] not in ENDED]
            if len(known) >= reports and not open_reports:
                return known
            now = time.monotonic()
            waits_for = ", ".join(f"{item['report_id']} is {item['state']}" for item in open_reports) or "reports to be announced"
            if longest_s is not None and now - began > longest_s:
                raise DeploymentError(f"{len(known)} of {reports} reports came, and after {longest_s:.0f} s still: {waits_for}")
            if now - said > 5:
                said = now
                self.say(f"waiting: {waits_for}")
            time.sleep(0.1)


def story(stage: Stage) -> int:
    """Two invented sellers; their books, and the life of one order."""
    files = stage.logs / "story"
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    subprocess.run([sys.executable, str(STORY / "make.py"), "--today", today, "--to", str(files)], check=True)
    expected = json.loads((files / "expected.json").read_text())
    amazon = stage.amazon
    stage.connect(EUROPEAN, AMERICAN)
    watch(stage)

    amazon.add_vat_rows(EUROPEAN.seller_id, files / "eu" / "vat.csv")
    # The notifications of the first settlements get lost: polling finds them.
    stage.notify("never")
    for seller, name in ((EUROPEAN, "eu/settlement-1"), (EUROPEAN, "eu/settlement-gbp"), (AMERICAN, "us/settlement-1")):
        amazon.close_settlement(seller.seller_id, files / f"{name}.txt")
    stage.say("Amazon has closed 3 settlements; their notifications are lost")
    stage.notify()
    answer = stage.run_schedule("create-reports")
    stage.say(f"schedule create-reports: {answer['requested']} VAT report requested")
    answer = stage.run_schedule("poll-jobs")
    stage.say(f"schedule poll-jobs: {answer['discovered']} settlements found")
    stage.until_ended(4, STORY_TAKES_AT_MOST_S)
    stage.say("all 4 reports are booked")
    invoicing.begin(stage)
    truth = buy(stage)

    # A notification may come many times.
    stage.notify("ten_times")
    for seller, name in ((EUROPEAN, "eu/settlement-2"), (AMERICAN, "us/settlement-2")):
        amazon.close_settlement(seller.seller_id, files / f"{name}.txt")
    stage.say("Amazon has closed 2 more settlements and notifies ten times of each")
    stage.until_ended(6, STORY_TAKES_AT_MOST_S)
    stage.say("all 6 reports are booked")
    invoicing.finish(stage)
    answer = watch(stage)
    stage.say(f"schedule watch-books: {answer['accounts']} accounts are measured, {answer['needing_a_person']} settlement needs a person")

    books, order_id = stage.books, expected["eu"]["life"]["order_id"]
    report.reports(books, NAMES)
    report.settlements(books, NAMES)
    report.payments(books)
    report.documents(books)
    report.purchases(books, BUYER.name)
    report.own_invoices(books, invoicing.SELLER.name)
    report.life(books, order_id)
    report.attention(books)
    wrong = differences(books, expected) + purchase_differences(books, truth)
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    stage.first_order, stage.first_settlement = order_id, books.settlements()[0]["settlement_id"]
    return 1 if wrong else 0


def watch(stage: Stage) -> dict:
    """How things stand, for the alarms and the dashboard."""
    return stage.run_schedule("watch-books")


def buy(stage: Stage) -> dict:
    """A company's purchases of two weeks; answers the truth about them."""
    connect_buyer(BUYER, stage.amazon, stage.stack)
    stage.say(f"{BUYER.name} is connected")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    wish = {"transactions": 120, "from": f"{midnight - timedelta(days=16):%Y-%m-%dT%H:%M:%SZ}", "days": 12, "held_percent": 0,
            "invoices_later_ms": 3_600_000, "differing": 1}
    truth = stage.amazon.generate_purchases(BUYER.seller_id, wish)
    answer = stage.run_schedule("pull-purchases")
    stage.say(f"schedule pull-purchases: {answer['accounts']} account has its turn")
    began = time.monotonic()
    while not stage.books.is_pulled():
        if time.monotonic() - began > STORY_TAKES_AT_MOST_S:
            raise DeploymentError(f"the purchases were not pulled in {STORY_TAKES_AT_MOST_S} s")
        time.sleep(0.1)
    stage.say(f"{len(stage.books.purchase_windows())} days of purchases are pulled, and their invoices are asked for")
    return truth


def purchase_differences(books: Books, truth: dict) -> list[str]:
    """Where the purchases are not as they were made up."""
    wrong = []
    for sum_of in truth["sums"]:
        same = [item for item in books.purchases()
                if (item["currency"], item["transaction_type"]) == (sum_of["currency"], sum_of["transaction_type"])]
        if len(same) != sum_of["count"] or total(same, "booked_amount") != Decimal(sum_of["amount"]):
            wrong.append(f"purchases: {len(same)} {sum_of['transaction_type']} of {total(same, 'booked_amount')} "
                         f"{sum_of['currency']}, not {sum_of['count']} of {sum_of['amount']}")
    return wrong


def differences(books: Books, expected: dict) -> list[str]:
    """What is not as the story says: a demo that shows wrong books must not look like a success."""
    found = {item["settlement_id"]: item for item in books.settlements()}
    wrong = []
    for shop in expected.values():
        for settlement in shop["settlements"]:
            item = found.get(settlement["settlement_id"], {})
            for name in ("status", "chain"):
                if item.get(name) != settlement[name]:
                    wrong.append(f"settlement {settlement['settlement_id']}: {name} is {item.get(name)}, not {settlement[name]}")
    numbers = {document["number"] for document in expected["eu"]["documents"]}
    booked = {item.get("number") for item in books.documents()}
    wrong += [f"document {number} is not booked" for number in sorted(numbers - booked)]
    wrong += [f"document {number} is not in the story" for number in sorted(booked - numbers, key=str)]
    return wrong


def own_file(stage: Stage, path: Path) -> int:
    """A person's own file: handed out by the fake Amazon as a report, and booked like any other."""
    report_type = looks_like(path)
    of_size = f"{path.name} ({path.stat().st_size:,} bytes)"
    if report_type == VAT_REPORT:
        stage.connect(YOURS, requested={VAT_REPORT: {"file": str(path.resolve())}})
        stage.notify()
        stage.run_schedule("create-reports")
        stage.say(f"schedule create-reports: Amazon makes a VAT report, and it is {of_size}")
    else:
        stage.connect(YOURS)
        stage.notify()
        number = stage.amazon.close_settlement(YOURS.seller_id, path, report_type)
        stage.say(f"Amazon hands {of_size} out as settlement report {number}")
    job = stage.until_ended(1, None)[0]
    stage.say(f"the report is {job['state']}")
    books = stage.books
    if job["state"] != "booked":
        print(f"\n{path.name} could not be booked:\n\n  {job.get('reason', 'see the logs')}\n\nNothing of it was written.")
        return 1
    settlements = books.settlements()
    report.reports(books, NAMES)
    if settlements:
        report.settlements(books, NAMES)
        report.payments(books)
        stage.first_settlement = settlements[0]["settlement_id"]
    else:
        report.documents(books)
    return 2 if report.attention(books) else 0


def draw(stage: Stage, path: Path) -> None:
    """Draws the stack's dashboard from what its functions have logged."""
    stack = stage.stack
    logs = {f"{stack.name}-{folder}": stack.logs(folder) for folder in FUNCTIONS}
    sqs, queues = stack.client("sqs"), {}
    for name, url in stage.outputs.items():
        if name.endswith("DlqUrl"):
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            queues[url.rsplit("/", 1)[1]] = int(attributes["ApproximateNumberOfMessages"])
    path.write_text(render.svg(parse_template(TEMPLATE.read_text()), stack.name, logs, queues))
    stage.say(f"the dashboard is drawn: {path}")


VAT_REPORT = "SC_VAT_TAX_REPORT"


def looks_like(path: Path) -> str | None:
    """The door by which Amazon would hand a file out. What it really is, its content tells to book-documents."""
    with open(path, "rb") as file:
        head = file.read(2)
        file.seek(0)
        try:
            text = (gzip.open(file) if head == b"\x1f\x8b" else file).read(16_384)
        except (OSError, EOFError):
            return None  # a damaged archive is quarantined, with its reason
    if b"Tax Calculation" in text:
        return VAT_REPORT
    if b"price-type" in text or b"shipment-fee-type" in text:
        return "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"
    return "GET_V2_SETTLEMENT_REPORT_DATA_XML" if b"<AmazonEnvelope" in text else None


def run(path: Path | None, keep: bool, logs: Path, dashboard: Path | None = None) -> int:
    """Plays the demo and answers its exit code; draws the dashboard, if that is asked for."""
    with Stage(logs) as stage:
        stage.first_order = stage.first_settlement = None
        code = own_file(stage, path) if path else story(stage)
        report.places(stage.books, stage.endpoint, stage.first_order, stage.first_settlement, keep)
        if dashboard:
            flows.play(stage)
            draw(stage, dashboard)
        print(f"\nThis took {time.monotonic() - stage.started:.1f} s.")
        if keep:
            print("\nThe stack keeps running. Ctrl-C ends it.", flush=True)
            try:
                while emulator.describe(logs):
                    time.sleep(0.5)
                print("The local AWS has ended by itself.", file=sys.stderr)
            except KeyboardInterrupt:
                print(file=sys.stderr)
    return code
