"""The template says which version of the program it belongs to, in all places the same."""

import tomllib
import unittest

from support import ROOT, TEMPLATE_DATA

VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]


class Version(unittest.TestCase):
    def test_the_stack_says_the_version_of_the_program(self):
        self.assertEqual(TEMPLATE_DATA["Outputs"]["Version"]["Value"], VERSION)

    def test_each_function_carries_it(self):
        self.assertEqual(TEMPLATE_DATA["Globals"]["Function"]["Tags"], {"countinghouse:version": VERSION})


if __name__ == "__main__":
    unittest.main()
