#!/usr/bin/env python3
"""Makes the project's Python environments and keeps them as their requirements say.

`.venv` is everything's; `python_env.py checkov` makes `.venv-checkov`, for checkov wants older libraries than the rest.
Runs with any Python 3 and its standard library. When an environment is up to date it does nothing, quickly.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
"""The oldest Python that the pinned packages run on."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment and the file that says what is in it."""

    folder: Path
    requirements: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Says which requirements it was made from."""
        return self.folder / ".countinghouse"

    def wanted(self) -> str:
        """What the stamp of an up-to-date environment says."""
        return hashlib.sha256(self.requirements.read_bytes()).hexdigest()

    def up_to_date(self) -> bool:
        """Whether it is there and was made from these requirements."""
        try:
            return self.stamp.read_text() == self.wanted() and self.python.exists()
        except OSError:
            return False

    def ensure(self) -> Path:
        """Its interpreter; it is made or renewed first if need be."""
        if not self.up_to_date():
            with _lock():
                if not self.up_to_date():  # another process may have made it while this one waited
                    _make(self)
        return self.python


PROJECT = Environment(ROOT / ".venv", ROOT / "infra" / "requirements.txt")
CHECKOV = Environment(ROOT / ".venv-checkov", ROOT / "infra" / "requirements-checkov.txt")
ENVIRONMENTS = {"project": PROJECT, "checkov": CHECKOV}


def enter(script: str) -> None:
    """Goes on in `.venv`'s Python when `script` was started with another one."""
    if Path(sys.prefix).resolve() != PROJECT.folder.resolve():
        python = PROJECT.ensure()
        os.execv(python, [str(python), script, *sys.argv[1:]])
    if not PROJECT.up_to_date():
        PROJECT.ensure()
        os.execv(sys.executable, [sys.executable, script, *sys.argv[1:]])


@contextlib.contextmanager
def _lock():
    (ROOT / ".local").mkdir(exist_ok=True)
    with open(ROOT / ".local" / "python.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(environment: Environment) -> None:
    started = time.monotonic()
    name, source = environment.folder.name, environment.requirements.relative_to(ROOT)
    say(f"Python tools: making {name} from {source} (once, about a minute)")
    shutil.rmtree(environment.folder, ignore_errors=True)
    if subprocess.run([_interpreter(), "-m", "venv", str(environment.folder)]).returncode != 0:
        sys.exit("Python tools: this Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv")
    _install(environment)
    environment.stamp.write_text(environment.wanted())
    say(f"Python tools: ready after {time.monotonic() - started:.0f} s")


def _interpreter() -> str:
    """A Python that is new enough: this one, or another on the PATH."""
    if sys.version_info[:2] >= OLDEST:
        # Not sys.executable of a virtual environment: one made from it would hang on it.
        return getattr(sys, "_base_executable", sys.executable)
    for minor in range(14, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    oldest = ".".join(map(str, OLDEST))
    sys.exit(f"Python tools: Python {oldest} or newer is needed, this is {sys.version.split()[0]}.")


def _install(environment: Environment) -> None:
    """Installs the pinned packages, and says how far it is."""
    total = sum(1 for line in environment.requirements.read_text().splitlines() if "==" in line)
    # Everything is pinned, so nothing is left to resolve.
    command = [str(environment.python), "-m", "pip", "install", "--no-deps", "--disable-pip-version-check",
               "--progress-bar", "off", "-r", str(environment.requirements)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines, fetched = [], 0
    for line in pip.stdout:
        lines.append(line)
        if line.startswith("Collecting "):
            fetched += 1
            if fetched % 25 == 0:
                say(f"Python tools: {fetched} of {total} packages fetched")
        elif line.startswith("Installing collected"):
            say(f"Python tools: installing {total} packages")
    if pip.wait() != 0:
        sys.stderr.write("".join(lines[-20:]))
        sys.exit("Python tools: pip failed, see above. Run the same command again when that is mended.")


def say(text: str) -> None:
    """A line of progress, for a person."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "project"
    if asked not in ENVIRONMENTS:
        sys.exit(f"Python tools: no environment {asked}; there are {', '.join(ENVIRONMENTS)}")
    ENVIRONMENTS[asked].ensure()
