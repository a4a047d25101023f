"""Draws widgets as SVG, in the manner of CloudWatch's page."""

from datetime import UTC, datetime
from html import escape

COLUMN, ROW, GAP = 60, 46, 8
LEGEND_LINES = 4
INK, FAINT, RULE, PAGE = "#16191f", "#5f6b7a", "#e4e8ed", "#f2f3f3"
RED, GREEN = "#d13212", "#1d8102"
PALETTE = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#aec7e8", "#ffbb78")


def text(x: float, y: float, words: str, size: float = 12, color: str = INK, anchor: str = "start", weight: str = "normal") -> str:
    style = f'font-size="{size}" fill="{color}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, edge: str = "none", round_: int = 0) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" stroke="{edge}" rx="{round_}"/>'


def rule(x1: float, y1: float, x2: float, y2: float, color: str = RULE) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'


def number(value: float, digits: int = 2) -> str:
    """`1,337.5`, `12k`; whole numbers without digits."""
    if abs(value) >= 100_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{digits}f}"


def fitting(words: str, width: float, size: float = 12) -> str:
    """The words, cut where they would not fit."""
    most = int(width / (size * 0.56))
    return words if len(words) <= most else words[: max(most - 1, 1)] + "…"


def card(x: float, y: float, width: float, height: float, title: str) -> list[str]:
    """A widget's frame with its title."""
    return [box(x, y, width, height, "#ffffff", "#d5dbdb", 2), text(x + 12, y + 21, fitting(title, width - 20, 13), 13, weight="bold")]


def heading(x: float, y: float, width: float, title: str, says: str) -> list[str]:
    """A row's heading."""
    return [text(x + 2, y + 38, title, 19, weight="bold"), text(x + 2, y + 62, fitting(says.replace("`", ""), width, 12.4), 13, FAINT), rule(x, y + 74, x + width, y + 74, "#d5dbdb")]


def numbers(x: float, y: float, width: float, height: float, shown: list[tuple[str, float | None, bool]]) -> list[str]:
    """Large numbers, three in a line, each with its words; red where it should not be so."""
    drawn, across = [], 3
    down = -(-len(shown) // across)
    cell, line = (width - 24) / across, (height - 34) / down
    for place, (label, value, is_bad) in enumerate(shown):
        left, top = x + 12 + cell * (place % across), y + 34 + line * (place // across)
        drawn.append(box(left, top + 4, 3, line - 14, PALETTE[place % len(PALETTE)]))
        drawn.append(text(left + 10, top + line * 0.48, "–" if value is None else number(value), 24, RED if is_bad else INK))
        drawn.append(text(left + 10, top + line * 0.48 + 18, fitting(label, cell - 14, 11.5), 11.5, FAINT))
    return drawn


def alarms(x: float, y: float, width: float, height: float, states: list[tuple[str, bool]]) -> list[str]:
    """Every alarm, those that fire first."""
    ordered = sorted(states, key=lambda state: (not state[1], state[0]))
    line = 12.4
    across = -(-len(ordered) * line // (height - 60))
    down = -(-len(ordered) // int(across))
    cell = (width - 24) / across
    firing = sum(is_on for _, is_on in ordered)
    drawn = [text(x + 12, y + 40, f"{firing} in alarm", 12, RED if firing else GREEN, weight="bold"),
             text(x + 100, y + 40, f"{len(ordered) - firing} OK", 12, GREEN, weight="bold")]
    for place, (name, is_on) in enumerate(ordered):
        left, top = x + 12 + cell * (place // down), y + 58 + line * (place % down)
        drawn.append(f'<circle cx="{left + 4:.1f}" cy="{top - 3.4:.1f}" r="3.4" fill="{RED if is_on else GREEN}"/>')
        drawn.append(text(left + 12, top, fitting(name, cell - 16, 9.6), 9.6, RED if is_on else INK, weight="bold" if is_on else "normal"))
    return drawn


def table(x: float, y: float, width: float, height: float, columns: list[str], rows: list[list]) -> list[str]:
    """The answer of a query."""
    cells = [[shown(value) for value in row] for row in rows]
    widest = [max(map(len, column)) + 2 for column in zip(columns, *cells, strict=True)]
    lefts = [x + 18 + (width - 24) * sum(widest[:place]) / sum(widest) for place in range(len(columns))]
    top = y + 36
    drawn = [box(x + 12, top, width - 24, 24, "#fafafa", "#eaeded")]
    drawn += [text(left, top + 16, column, 11.5, FAINT, weight="bold") for left, column in zip(lefts, columns, strict=True)]
    for number_, row in enumerate(cells):
        base = top + 24 + 24 * number_
        if base + 24 > y + height:
            break
        drawn += [text(left, base + 16, value, 12) for left, value in zip(lefts, row, strict=True)]
        drawn.append(rule(x + 12, base + 24, x + width - 12, base + 24))
    return drawn


def shown(value) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value)


def chart(x: float, y: float, width: float, height: float, series: dict[str, list[tuple[int, float]]], span: tuple[int, int],
          edges: dict, stacked: bool) -> list[str]:
    """Lines over time, or areas one upon the other, with a legend."""
    series = {label: points for label, points in series.items() if points}
    if not series:
        return [text(x + width / 2, y + height / 2, "No data available.", 12, FAINT, "middle")]
    if stacked:
        series = upon_each_other(series)
    legend = legend_lines(series, width)
    hidden = sum(map(len, legend[LEGEND_LINES:]))
    legend = legend[:LEGEND_LINES]
    left, right, top, bottom = x + 52, x + width - 16, y + 40, y + height - 34 - 15 * len(legend)
    values = [value for points in series.values() for _, value in points]
    low, high = edges.get("min", min(0, *values)), edges.get("max", max(values))
    high = high if high > low else low + 1

    def at(time: int, value: float) -> tuple[float, float]:
        share = (time - span[0]) / max(span[1] - span[0], 1)
        return left + share * (right - left), bottom - (value - low) / (high - low) * (bottom - top)

    drawn = []
    for step in range(5):
        value = low + (high - low) * step / 4
        height_ = at(span[0], value)[1]
        drawn += [rule(left, height_, right, height_), text(left - 6, height_ + 4, number(value, 1), 10.5, FAINT, "end")]
    for share in (0, 0.5, 1):
        time = span[0] + share * (span[1] - span[0])
        clock = datetime.fromtimestamp(time / 1000, UTC).strftime("%H:%M:%S")
        drawn.append(text(left + share * (right - left), bottom + 16, clock, 10.5, FAINT, ("start", "middle", "end")[int(share * 2)]))
    colors = {label: PALETTE[place % len(PALETTE)] for place, label in enumerate(series)}
    for label in reversed(series):
        places = [at(*point) for point in series[label]]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        if stacked and len(places) > 1:
            floor = f"{places[-1][0]:.1f},{bottom:.1f} {places[0][0]:.1f},{bottom:.1f}"
            drawn.append(f'<polygon points="{path} {floor}" fill="{colors[label]}" fill-opacity="0.85"/>')
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colors[label]}" stroke-width="1.8"/>')
        drawn += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.4" fill="{colors[label]}"/>' for px, py in places]
    for line, labels in enumerate(legend):
        place, base = x + 14, bottom + 36 + 15 * line
        for label in labels:
            drawn += [box(place, base - 8, 9, 9, colors[label]), text(place + 13, base, fitting(label, width - 40, 10.5), 10.5)]
            place += legend_width(label)
    if hidden:
        drawn.append(text(x + width - 14, bottom + 36 + 15 * (len(legend) - 1), f"and {hidden} more", 10.5, FAINT, "end"))
    return drawn


def legend_width(label: str) -> float:
    return 26 + len(label) * 6.3


def legend_lines(labels, width: float) -> list[list[str]]:
    """The labels, as many in a line as fit."""
    lines, taken = [[]], 14.0
    for label in labels:
        if lines[-1] and taken + legend_width(label) > width - 10:
            lines.append([])
            taken = 14.0
        lines[-1].append(label)
        taken += legend_width(label)
    return lines


def upon_each_other(series: dict[str, list[tuple[int, float]]]) -> dict[str, list[tuple[int, float]]]:
    """Each series on top of those before it."""
    below, found = {}, {}
    for label, points in series.items():
        if not any(value for _, value in points):
            continue
        found[label] = [(time, value + below.get(time, 0)) for time, value in points]
        below |= dict(found[label])
    return found or series
