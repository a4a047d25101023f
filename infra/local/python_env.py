#!/usr/bin/env python3
"""Makes the project's Python environment, `.venv`, and keeps it as infra/requirements.txt says.

Runs with any Python 3 and its standard library. When the environment is up to date it does nothing, quickly.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "infra" / "requirements.txt"
STAMP = VENV / ".countinghouse"
OLDEST = (3, 11)
"""The oldest Python that the pinned packages run on."""


def wanted() -> str:
    """What the stamp of an up-to-date environment says."""
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def up_to_date() -> bool:
    """Whether `.venv` is there and was made from these requirements."""
    try:
        return STAMP.read_text() == wanted() and (VENV / "bin" / "python").exists()
    except OSError:
        return False


def ensure() -> Path:
    """The Python of `.venv`, made or renewed first if need be."""
    python = VENV / "bin" / "python"
    if up_to_date():
        return python
    with _lock():
        if not up_to_date():  # another process may have made it while this one waited
            _make()
    return python


def enter(script: str) -> None:
    """Goes on in `.venv`'s Python when `script` was started with another one."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = ensure()
        os.execv(python, [str(python), script, *sys.argv[1:]])
    if not up_to_date():
        ensure()
        os.execv(sys.executable, [sys.executable, script, *sys.argv[1:]])


@contextlib.contextmanager
def _lock():
    (ROOT / ".local").mkdir(exist_ok=True)
    with open(ROOT / ".local" / "python.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make() -> None:
    started = time.monotonic()
    say(f"Python tools: making .venv from {REQUIREMENTS.relative_to(ROOT)} (once, about a minute)")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([_interpreter(), "-m", "venv", str(VENV)]).returncode != 0:
        sys.exit("Python tools: this Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv")
    _install()
    STAMP.write_text(wanted())
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


def _install() -> None:
    """Installs the pinned packages, and says how far it is."""
    total = sum(1 for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    # Everything is pinned, so nothing is left to resolve.
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-deps", "--disable-pip-version-check",
               "--progress-bar", "off", "-r", str(REQUIREMENTS)]
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
    ensure()
