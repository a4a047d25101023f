"""Plain text for people: headings and tables that fit a terminal."""

from decimal import Decimal

WIDTH = 116


def heading(text: str, explanation: str = "") -> None:
    """A section, and in a line or two what it shows."""
    print(f"\n{text.upper()}")
    print("─" * WIDTH)
    if explanation:
        print(f"{explanation}\n")


def table(columns: list[str], rows: list[list], total: list | None = None) -> None:
    """A table. A column whose heading begins with `>` is set to the right; a total stands under a rule."""
    names = [column.lstrip(">") for column in columns]
    cells = [[cell(value) for value in row] for row in rows]
    last = [cell(value) for value in total] if total else None
    everything = [names, *cells, *([last] if last else [])]
    widths = [max(len(row[place]) for row in everything) for place in range(len(columns))]
    right = [column.startswith(">") for column in columns]

    def line(row: list[str]) -> str:
        padded = (text.rjust(width) if to_right else text.ljust(width)
                  for text, width, to_right in zip(row, widths, right, strict=True))
        return "  ".join(padded).rstrip()

    rule = "  ".join("─" * width for width in widths)
    print(line(names))
    print(rule)
    for row in cells:
        print(line(row))
    if last:
        print(rule)
        print(line(last))


def cell(value) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def money(amount: Decimal) -> str:
    """An amount with its cents."""
    return f"{amount:,.2f}"


def day(moment: str | None) -> str:
    """The day of a moment."""
    return (moment or "")[:10]

