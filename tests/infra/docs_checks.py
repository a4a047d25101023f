"""What the documentation says, held against the files and the program that it speaks of."""

import csv
import re
import subprocess
import sys
import unittest

from support import ROOT

REPORTS = ROOT / "docs" / "reports"
FIXTURES = ROOT / "tests" / "fixtures"


def header(path: str, separator: str) -> list[str]:
    with open(FIXTURES / path, encoding="utf-8", newline="") as file:
        quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
        return [name for name in next(csv.reader(file, delimiter=separator, quoting=quoting)) if name]


def first_cells(page: str) -> list[str]:
    """The first cell of each row of each table of a page."""
    lines = (REPORTS / page).read_text().splitlines()
    return [line.split(" | ")[0] for line in lines if line.startswith("| ")]


def described(page: str) -> set[str]:
    """The columns that a page describes: what stands in backticks in a first cell."""
    return {name for cell in first_cells(page) for name in re.findall(r"`([^`]+)`", cell)}


class ColumnDictionaries(unittest.TestCase):
    def test_every_column_of_a_report_is_described(self):
        story = sorted((FIXTURES / "story" / "eu").glob("*.txt"))[0].relative_to(FIXTURES)
        for page, path, separator in [
            ("settlement.md", str(story), "\t"),
            ("settlement.md", "settlement-v1/36-columns-every-shape-of-row.txt", "\t"),
            ("vat.md", "vat/header-of-2026-oss.csv", ","),
            ("vidr.md", "vidr/sample.txt", "\t"),
        ]:
            with self.subTest(page=page, report=path):
                columns = header(path, separator)
                self.assertGreater(len(columns), 20)
                self.assertEqual([name for name in columns if name not in described(page)], [])

    def test_what_the_program_calls_personal_is_called_so(self):
        source = (ROOT / "shared" / "domain" / "src" / "document" / "column.rs").read_text()
        privacy = dict(re.findall(r'"([^"]+)" +(personal|plain);', source))
        self.assertGreater(len(privacy), 40)
        for line in (REPORTS / "vat.md").read_text().splitlines():
            if line.startswith("| `"):
                for name in re.findall(r"`([^`]+)`", line.split(" | ")[0]):
                    with self.subTest(column=name):
                        self.assertEqual("personal |" in line, privacy.get(name, "plain") == "personal")


class Troubleshooting(unittest.TestCase):
    def test_each_message_of_ours_is_one_that_the_program_writes(self):
        page = (ROOT / "docs" / "troubleshooting.md").read_text()
        ours = page.split("## What Countinghouse says", 1)[1].split("## What the AWS side says", 1)[0]
        messages = [message for line in ours.splitlines() if line.startswith("| `")
                    for message in re.findall(r"`([^`]+)`", line.split(" | ")[0])]
        self.assertGreater(len(messages), 25)
        folders = [ROOT / name for name in ("functions", "shared", "infra")]
        source = "\n".join(file.read_text() for folder in folders for file in folder.rglob("src/**/*.rs"))
        for message in messages:
            # `…` stands for what differs, and what follows a colon may be an error beneath.
            for part in re.split(r" … |: ", message):
                with self.subTest(message=message):
                    self.assertTrue(part.strip().removesuffix(" …") in source, "no such text in the source")


class OwnInvoices(unittest.TestCase):
    def test_the_table_of_refusals_is_the_programs(self):
        source = (ROOT / "shared" / "vat-invoices" / "src" / "errors.rs").read_text()
        errors = re.findall(r'error\((\d[\d_]*), "(\w+)",\s*"([^"]+)",\s*"([^"]+)"', source)
        self.assertGreater(len(errors), 15)
        page = (ROOT / "docs" / "own-invoices.md").read_text()
        for code, name, cause, cure in errors:
            with self.subTest(error=name):
                number = "" if code == "0" else code.replace("_", "")
                self.assertTrue(f"| {number} | `{name}` | {cause} | {cure} |" in page)


class Readme(unittest.TestCase):
    def test_every_command_of_the_operator_is_there(self):
        source = (ROOT / "infra" / "operator" / "src" / "main.rs").read_text()
        commands = re.findall(r"^    ([A-Z][A-Za-z]+)\(", source.split("enum Command", 1)[1].split("}", 1)[0], re.M)
        self.assertGreater(len(commands), 10)
        table = (ROOT / "README.md").read_text().split("## Look after it", 1)[1].split("\n## ", 1)[0]
        words = {word for code in re.findall(r"`([^`]+)`", table) for word in code.split()}
        self.assertEqual([name for name in commands if name.lower() not in words], [])

    def test_every_table_of_the_template_is_among_what_comes_out(self):
        page = (ROOT / "README.md").read_text().split("## What comes out", 1)[1].split("\n## ", 1)[0]
        template = (ROOT / "infra" / "template.yaml").read_text()
        tables = re.findall(r"TableName: !Sub \$\{AWS::StackName\}-([a-z-]+)", template)
        self.assertGreater(len(tables), 5)
        self.assertEqual([name for name in tables if f"| `{name}` |" not in page], [])


class Maps(unittest.TestCase):
    def test_every_folder_is_on_the_map_of_the_architecture(self):
        page = (ROOT / "ARCHITECTURE.md").read_text().split("## Code map", 1)[1].split("\n## ", 1)[0]
        folders = [f"{top}/{path.name}" for top in ("shared", "infra", "tests")
                   for path in sorted((ROOT / top).iterdir()) if path.is_dir() and path.name != "__pycache__"]
        self.assertGreater(len(folders), 15)
        self.assertEqual([name for name in folders if f"| `{name}` |" not in page], [])

    def test_every_table_is_listed_in_the_data_model(self):
        page = (ROOT / "DATA_MODEL.md").read_text().split("\n## ", 1)[0]
        template = (ROOT / "infra" / "template.yaml").read_text()
        tables = re.findall(r"TableName: !Sub \$\{AWS::StackName\}-([a-z-]+)", template)
        self.assertEqual([name for name in tables if f"| `{name}` |" not in page], [])


class Costs(unittest.TestCase):
    def test_the_page_is_what_its_script_writes(self):
        script = ROOT / "infra" / "costs" / "make.py"
        ran = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)


class Links(unittest.TestCase):
    def test_every_link_to_a_file_leads_somewhere(self):
        pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "infra").rglob("*.md")]
        self.assertGreater(len(pages), 5)
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|<img src=\"([^\"]+)\"", page.read_text()):
                target = target[0] or target[1]
                if not target.startswith(("http://", "https://")):
                    with self.subTest(page=page.name, target=target):
                        self.assertTrue((page.parent / target).exists())


if __name__ == "__main__":
    unittest.main()
