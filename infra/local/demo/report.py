"""Tells a person what is in the books."""

from decimal import Decimal

from demo.books import Books, total
from demo.paper import day, heading, money, table

TYPES = ("customer_payment", "customer_refund", "amazon_fee", "fee_refund", "service_fee", "withheld_tax", "adjustment",
         "balance_movement", "payout", "unclassified")
SHORT = {
    "SC_VAT_TAX_REPORT": "SC_VAT_TAX_REPORT",
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": "settlement, V2",
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE": "settlement, V1",
    "GET_V2_SETTLEMENT_REPORT_DATA_XML": "settlement, XML",
}


def reports(books: Books, names: dict[str, str]) -> None:
    """Each report and how far it is."""
    heading("Reports and their states", "Requested, found by polling, or announced by one of Amazon's notifications:")
    rows = [
        [names.get(item["seller"], item["seller"]), item["report_id"], SHORT[item["report_type"]], item["origin"],
         item["state"], int(item.get("bytes", 0)) or None, counted(item.get("counts", {}))]
        for item in books.reports()
    ]
    table(["seller", "report", "type", "came by", "state", ">bytes", "what was read and booked"], rows)


def counted(counts: dict) -> str:
    """For example `21 rows, 20 documents, 1 flagged`."""
    shown = [(name, int(counts[name])) for name in ("rows", "payments", "documents", "flagged", "unclassified") if name in counts]
    return ", ".join(f"{count:,} {name}" for name, count in shown if count or name in ("rows", "payments", "documents"))


def settlements(books: Books, names: dict[str, str]) -> None:
    """Each settlement with its proof."""
    heading("Settlements and their proofs",
            "Proven: every amount read is a payment written, and their sum is the total that Amazon states, to the cent.")
    rows = []
    for item in books.settlements():
        chain = item.get("chain", "")
        if chain == "chained":
            chain = f"after {item['predecessor']}"
        rows.append([
            names.get(item["seller"], item["seller"]), item["settlement_id"],
            f"{day(item['settlement_start'])} – {item['settlement_end'][5:10]}",
            int(item.get("payments_written", 0)), item.get("sum"), item["total_amount"], item.get("difference"),
            item["currency"], item["status"], chain,
        ])
    table(["seller", "settlement", "period", ">payments", ">sum", ">total", ">difference", "in", "status", "chain"], rows)


def payments(books: Books) -> None:
    """Payments by type, one column for each currency."""
    heading("Payments by type", "With the one derived payment of each settlement the account is closed: everything together is zero.")
    all_payments = books.payments()
    currencies = sorted({item["currency"] for item in all_payments})
    rows = []
    for payment_type in TYPES:
        of_type = [item for item in all_payments if item["type"] == payment_type]
        if not of_type:
            continue
        sums = [total(same) if (same := [item for item in of_type if item["currency"] == currency]) else None
                for currency in currencies]
        rows.append([payment_type, direction(of_type), len(of_type), *sums])
    sums = [total([item for item in all_payments if item["currency"] == currency]) for currency in currencies]
    table(["type", "direction", ">payments", *(f">{currency}" for currency in currencies)], rows,
          ["together", "", len(all_payments), *sums])


def direction(items: list[dict]) -> str:
    """Which way the money goes."""
    found = sorted({item["direction"] for item in items if item["amount"]})
    return " and ".join(found)


def documents(books: Books) -> None:
    """Documents by kind and by who owes the VAT."""
    heading("Invoices and credit notes", "From Amazon's VAT report, by who owes the VAT:")
    groups: dict[tuple, list[dict]] = {}
    for item in books.documents():
        groups.setdefault((item["kind"].replace("_", " "), vat_of(item), item["currency"]), []).append(item)
    rows = [
        [kind, vat, len(items), total(items, "gross"), total(items, "net"), total(items, "vat"), currency]
        for (kind, vat, currency), items in sorted(groups.items(), key=lambda each: (each[0][0] != "invoice", each[0]))
    ]
    table(["kind", "VAT", ">documents", ">gross", ">net", ">VAT", "currency"], rows)


def vat_of(item: dict) -> str:
    """Who owes the VAT, in a few words."""
    if item.get("collector") == "marketplace":
        return "Amazon collects it (deemed reseller)"
    if item.get("reverse_charge"):
        return "the buyer owes it (reverse charge)"
    if item.get("export"):
        return "none (export)"
    if "OSS" in item.get("scheme_text", "") or item.get("scheme") == "oss":
        return "One-Stop-Shop"
    return "the seller's own country"


def purchases(books: Books, name: str) -> None:
    """What a company bought: by type, and how it stands."""
    heading("Purchases on Amazon Business", f"{name}: charges, refunds and over-refunds, each with the invoices that cover it.")
    headers = books.purchases()
    rows = []
    for currency in sorted({item["currency"] for item in headers}):
        of_currency = [item for item in headers if item["currency"] == currency]
        for kind in ("CHARGE", "REFUND", "OVERREFUND"):
            if of_type := [item for item in of_currency if item["transaction_type"] == kind]:
                states = [sum(item["state"] == state for item in of_type) for state in ("reconciled", "open", "differs")]
                rows.append([kind, currency, len(of_type), total(of_type, "booked_amount"), *states])
        states = [sum(item["state"] == state for item in of_currency) for state in ("reconciled", "open", "differs")]
        rows.append(["net", currency, len(of_currency), total(of_currency, "booked_amount"), *states])
    table(["type", "in", ">transactions", ">amount", ">reconciled", ">open", ">differs"], rows)
    windows = books.purchase_windows()
    proven = sum(item["state"] == "proven" for item in windows)
    fetched = sum(int(item["proof"]["transactions"]) for item in windows if "proof" in item)
    print(f"\n{proven} of {len(windows)} days are proven: all {fetched:,} transactions that Amazon named are there, as Amazon said them.")


def own_invoices(books: Books, name: str) -> None:
    """What a seller issues: each document with its number, its stage, and what happened to it."""
    heading("Own invoices", f"{name} issues the invoices: numbered without a gap, PDF/A-3 with XML inside, uploaded, and followed.")
    rows = []
    for item in books.own_invoices():
        steps = " → ".join(step["state"].replace("_", " ") for step in item["history"])
        rows.append([item["kind"].replace("_", " "), item.get("number"), item["order_id"], item["total_amount"], item["total_vat_amount"],
                     item["currency"], item["state"].replace("_", " "), steps])
    table(["kind", "number", "order", ">total", ">VAT", "in", "stage", "how it came there"], rows)
    print("\nWhat Amazon issues itself is not in this table. PDF and XML lie in the bucket, under own-invoices/.")


def life(books: Books, order_id: str) -> None:
    """Everything that happened to one order."""
    heading(f"The life of order {order_id}", "Found by the order's number in two indexes:")
    steps = [
        (item["issued_on"], f"{item['kind'].replace('_', ' ')} {item['number']}", "", item["gross"], item["currency"],
         f"net {money(item['net'])}, VAT {money(item['vat'])}")
        for item in books.documents() if item.get("order_id") == order_id
    ]
    groups: dict[tuple, list[dict]] = {}
    for item in books.payments_of(order_id):
        settlement = item["settlement"].split(" part ")[0]
        groups.setdefault((day(item["posted_at"]), settlement, item["type"]), []).append(item)
    for (on, settlement, payment_type), items in groups.items():
        count = f"{len(items)} payments" if len(items) > 1 else "1 payment"
        steps.append((on, payment_type, settlement, total(items), items[0]["currency"], count))
    order = {"invoice": 0, "credit": 0}
    steps.sort(key=lambda step: (step[0], order.get(step[1].split(" ")[0], 1), TYPES.index(step[1]) if step[1] in TYPES else -1))
    left = sum((step[3] for step in steps if step[1] in TYPES), Decimal(0))
    table(["day", "what", "in", ">amount", "currency", "in detail"], [list(step) for step in steps],
          ["", "left of it in the account", "", left, steps[0][4] if steps else "", ""])


def attention(books: Books) -> int:
    """What a person should look at. Answers how much there is."""
    heading("What needs attention")
    rows = []
    for item in books.attention():
        what = item["settlement"]
        rows.append([what, ", ".join(item.get("reasons", [])) or "conflict", why(books, item)])
    for item in books.documents():
        if item.get("needs_attention"):
            rows.append([f"{item['kind'].replace('_', ' ')} {item.get('number', '')}", "flagged", flags(item)])
    for item in books.purchases():
        if item["state"] == "differs":
            rows.append([f"purchase {item['transaction_id']}", "differs", item["differences"][0]["text"]])
    for item in books.own_invoices():
        if item["state"] == "needs_person":
            rows.append([f"{item['kind'].replace('_', ' ')} for {item['document']}", "needs a person", item.get("note", "").split(":")[0]])
    for item in books.reports():
        if item["state"] in ("quarantined", "fatal"):
            rows.append([f"report {item['report_id']}", item["state"], item.get("reason", "")])
    if rows:
        table(["what", "why", "in detail"], rows)
    else:
        print("Nothing.")
    return len(rows)


def why(books: Books, item: dict) -> str:
    """The details of a settlement's reasons."""
    details = []
    if "unproven" in item.get("reasons", []):
        details.append(f"sum and total differ by {money(item['difference'])} {item['currency']}")
    if "unclassified" in item.get("reasons", []):
        key = f"{item['settlement']} part "
        unknown = [each for each in books.payments() if each["type"] == "unclassified" and each["settlement"].startswith(key)]
        names = sorted({f"{each['transaction_type']} / {each['amount_type']} / {each['amount_description']}" for each in unknown})
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        details.append(f"no rule knows {'; '.join(names[:2])}{more} ({money(total(unknown))} {item['currency']})")
    return "; ".join(details)


def flags(item: dict) -> str:
    """The flags of a document, shortly: `line 10: vat mismatch of the item by -0.34`."""
    words = []
    for flag in item.get("flags", []):
        if isinstance(flag, str):
            words.append(flag.replace("_", " "))
            continue
        place = f"line {flag['line']}: " if "line" in flag else ""
        component = f" of the {flag['component'].replace('_', ' ')}" if "component" in flag else ""
        difference = f" by {money(flag['difference'])}" if "difference" in flag else ""
        words.append(f"{place}{flag.get('flag', '').replace('_', ' ')}{component}{difference}")
    return "; ".join(words)


def places(books: Books, endpoint: str, order_id: str | None, settlement_id: str | None, running: bool) -> None:
    """Where everything lies, and how to look at it."""
    heading("Where everything lies")
    outputs = books.outputs
    table(["what", "where"], [
        ["sellers", outputs["SellersTableName"]], ["reports", outputs["JobsTableName"]],
        ["settlements and proofs", outputs["SettlementsTableName"]], ["payments", outputs["PaymentsTableName"]],
        ["invoices and credit notes", outputs["DocumentsTableName"]], ["own invoices", outputs["OwnInvoicesTableName"]],
        ["purchases", outputs["PurchasesTableName"]],
        ["Amazon's files, unchanged", f"s3://{outputs['ReportsBucketName']}/reports/"],
    ])
    if settlement_id:
        key = f"settlement {settlement_id} part 00"
        table_name, condition = outputs["PaymentsTableName"], "settlement = :key"
        index = ""
        if order_id:
            key, condition, index = order_id, "order_id = :key", " --index-name by-order"
        print("\nA look with your own eyes" + (":" if running else " (while the stack runs: make demo KEEP=1):"))
        print(f"""
  AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test .venv/bin/aws dynamodb query \\
    --endpoint-url {endpoint} --region eu-west-1 --table-name {table_name}{index} \\
    --key-condition-expression '{condition}' \\
    --expression-attribute-values '{{":key": {{"S": "{key}"}}}}'""")

