#!/usr/bin/env python3
"""Writes the dashboard into infra/template.yaml, from the rows in infra/dashboard/rows.

    make.py           writes it
    make.py --check   ends with 1 if the template has another one

A row is a JSON file: a title, what it says, and its widgets; `widgets.py` says what kinds there are. Rows stand in the order
of their names. Alarms, dead-letter queues and functions are those of the template.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "local"))

import python_env  # noqa: E402

if __name__ == "__main__":
    python_env.enter(__file__)

from deployment import TEMPLATE, parse_template  # noqa: E402
from widgets import placed  # noqa: E402

BEGIN = "  # ---------------------------------------------------------------- the dashboard: written by infra/dashboard/make.py\n"
END = "  # ---------------------------------------------------------------- end of the dashboard\n"


def widgets(resources: dict) -> list[dict]:
    """Every widget at its place, row by row."""
    found, top = [], 0
    for path in sorted((HERE / "rows").glob("*.json")):
        row, top = placed(json.loads(path.read_text()), top, resources)
        found += row
    return found


def section(resources: dict) -> str:
    """What stands in the template."""
    lines = ",\n".join("            " + json.dumps(widget, ensure_ascii=False) for widget in widgets(resources))
    return f"""{BEGIN}  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardName: !Ref AWS::StackName
      DashboardBody: !Sub |-
        {{
          "start": "-P1D",
          "widgets": [
{lines}
          ]
        }}
{END}"""


def main() -> int:
    template = TEMPLATE.read_text()
    before, _, rest = template.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + section(parse_template(template)["Resources"]) + after
    if "--check" in sys.argv:
        return 0 if template == wanted else 1
    TEMPLATE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
