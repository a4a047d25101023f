#!/usr/bin/env python3
"""Writes the dashboard into infra/template.yaml, from the rows in infra/dashboard/rows.

    make.py           writes it
    make.py --check   ends with 1 if the template has another one

A row is a JSON file: a title, what it says, the function whose metrics it shows, and its widgets. Rows stand in the
order of their names.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE.parent / "template.yaml"
BEGIN = "  # ---------------------------------------------------------------- the dashboard: written by infra/dashboard/make.py\n"
END = "  # ---------------------------------------------------------------- end of the dashboard\n"
NAMESPACE = "Countinghouse"
COLUMNS = 24
HEADING_HEIGHT, HEIGHT = 2, 6
PERIOD_S = 3600


def rows() -> list[dict]:
    """The rows, in order."""
    return [json.loads(path.read_text()) for path in sorted((HERE / "rows").glob("*.json"))]


def widgets() -> list[dict]:
    """Every widget at its place: a heading across, and what belongs to it side by side below."""
    placed, top = [], 0
    for row in rows():
        text = f"## {row['title']}\n{row['says']}"
        placed.append({"type": "text", "x": 0, "y": top, "width": COLUMNS, "height": HEADING_HEIGHT,
                       "properties": {"markdown": text}})
        width = COLUMNS // len(row["widgets"])
        for place, widget in enumerate(row["widgets"]):
            metrics = [[NAMESPACE, metric, "Function", row["function"]] for metric in widget["metrics"]]
            placed.append({
                "type": "metric", "x": place * width, "y": top + HEADING_HEIGHT, "width": width, "height": HEIGHT,
                "properties": {"title": widget["title"], "region": "${AWS::Region}", "stat": widget["stat"],
                               "period": PERIOD_S, "view": "timeSeries", "metrics": metrics},
            })
        top += HEADING_HEIGHT + HEIGHT
    return placed


def section() -> str:
    """What stands in the template."""
    lines = ",\n".join("            " + json.dumps(widget, ensure_ascii=False) for widget in widgets())
    return f"""{BEGIN}  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardName: !Ref AWS::StackName
      DashboardBody: !Sub |-
        {{
          "widgets": [
{lines}
          ]
        }}
{END}"""


def main() -> int:
    template = TEMPLATE.read_text()
    before, _, rest = template.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + section() + after
    if "--check" in sys.argv:
        return 0 if template == wanted else 1
    TEMPLATE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
