"""The fields of log lines are those that docs/observability.md names, and the page has every metric."""

import re
import unittest

from support import FUNCTION_FOLDERS, ROOT

PAGE = (ROOT / "docs" / "observability.md").read_text()
LIBRARIES = ("amazon", "runtime", "store")
SOURCES = [path for folder in [*(f"functions/{name}" for name in FUNCTION_FOLDERS), *(f"shared/{name}" for name in LIBRARIES)]
           for path in sorted((ROOT / folder / "src").rglob("*.rs"))]


def documented() -> set[str]:
    """The names in the first column of the table of fields."""
    table = PAGE.split("## Log lines", 1)[1]
    cells = re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def arguments(source: str):
    """The arguments of each event, as they are written, without the text that is its message."""
    for begin in re.finditer(r"tracing::(?:trace|debug|info|warn|error)!\(", source):
        depth, quoted, argument, place = 1, False, "", begin.end()
        while depth:
            char = source[place]
            quoted ^= char == '"' and source[place - 1] != "\\"
            depth += 0 if quoted else (char in "([{") - (char in ")]}")
            if depth == 0 or (depth == 1 and char == "," and not quoted):
                if argument.strip() and not argument.strip().startswith('"'):
                    yield argument.strip()
                argument = ""
            else:
                argument += char
            place += 1


def logged() -> set[str]:
    """Every field that the program puts on a line."""
    fields = set()
    for path in SOURCES:
        source = path.read_text().split("#[cfg(test)]")[0]
        fields |= {re.match(r"[%?]?([\w.]+)", argument)[1] for argument in arguments(source)}
        if "MetricLine" in source:
            fields |= set(re.findall(r'\.(?:field|per)\("(\w+)"', source))
    return fields


class Fields(unittest.TestCase):
    def test_each_field_that_is_logged_is_documented(self):
        self.assertEqual(logged() - documented(), set())

    def test_each_field_that_is_documented_is_logged(self):
        everywhere = {"timestamp", "level", "target", "message", "_aws", "Stack", "Function"}
        self.assertEqual(documented() - logged(), everywhere)

    def test_a_name_is_one_word_that_a_query_can_use(self):
        self.assertEqual({name for name in logged() if not re.fullmatch(r"[a-z_]+|[A-Z]\w+", name)}, set())


class Metrics(unittest.TestCase):
    def test_the_page_names_every_metric_with_its_unit(self):
        source = (ROOT / "shared/runtime/src/metrics.rs").read_text()
        for name, unit in re.findall(r'^    (\w+) "(\w+)",$', source, flags=re.MULTILINE):
            self.assertRegex(PAGE, rf"\| `{name}` \| {unit} \|")


if __name__ == "__main__":
    unittest.main()
