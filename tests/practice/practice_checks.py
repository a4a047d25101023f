"""The README's way from an empty stack to a watched one, gone as a stranger would go it."""

import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTION = "## Practise on your machine"
READY_WITHIN_S = 120
DAY = r"\d{4}-\d{2}-\d{2}"


def commands() -> list[str]:
    """The commands of the section that a person types: those behind a `$`."""
    section = (ROOT / "README.md").read_text().split(SECTION, 1)[1].split("\n## ", 1)[0]
    return [line.removeprefix("$ ") for line in section.splitlines() if line.startswith("$ ")]


class Practice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The folder of the README, so that its commands run as they stand there.
        cls.state = ROOT / ".local" / "practice"
        cls.log = tempfile.TemporaryFile("w+")
        cls.process = subprocess.Popen([sys.executable, str(ROOT / "infra" / "local" / "practice.py")],
                                       stdin=subprocess.DEVNULL, stdout=cls.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + READY_WITHIN_S
        while "Ready." not in cls.said():
            if cls.process.poll() is not None or time.monotonic() > deadline:
                cls.process.kill()
                raise AssertionError(cls.said())
            time.sleep(0.2)

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait(timeout=30)
        cls.log.close()

    @classmethod
    def said(cls) -> str:
        cls.log.seek(0)
        return cls.log.read()

    def run_command(self, command: str) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-c", f". .local/practice/environment\n{command}"], cwd=ROOT, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)

    def test_the_commands_of_the_readme_lead_from_empty_to_watched(self):
        typed = commands()
        self.assertGreaterEqual(len(typed), 6)
        shown = {}
        for command in typed:
            ran = self.run_command(command)
            # 2: something needs a person. Nothing here does but the alarm topic, which nobody is subscribed to.
            allowed = (0, 2) if "doctor" in command else (0,)
            self.assertIn(ran.returncode, allowed, f"{command}\n{ran.stdout}\n{self.said()}")
            shown[command.split()[1]] = ran.stdout
        self.assertRegex(shown["backfill"], r"vat\s.*booked")
        self.assertEqual(len(re.findall(rf"to {DAY}\s+proven", shown["status"])), 2, shown["status"])
        broken = [line for line in shown["doctor"].splitlines() if line.lstrip().startswith("✗")]
        self.assertEqual(broken, [], shown["doctor"])
        self.assertIn("proven", shown["statement"])


if __name__ == "__main__":
    unittest.main()
