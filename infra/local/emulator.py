"""Starts and stops a local AWS (MiniStack) on a loopback port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

REGION = "eu-west-1"
READY_WITHIN_S = 60
STOPS_WITHIN_S = 15


class EmulatorError(Exception):
    """What went wrong, for a person."""


def start(port: int, state: Path, functions_reach: str | None = None) -> dict:
    """Starts a local AWS; port 0 takes a free one. Answers when it is ready: endpoint, port, pid.

    `functions_reach` is where the functions look for AWS, if not there: something that watches what they ask.
    """
    running = describe(state)
    if running:
        if port in (0, running["port"]) and is_ready(running["endpoint"]):
            return running
        raise EmulatorError(f"a local AWS with this state folder runs already at {running['endpoint']}")
    # From here on every path is absolute: the emulator runs in a folder of its own.
    state = state.resolve()
    (state / "tmp").mkdir(parents=True, exist_ok=True)
    port = port or _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    _refuse_taken(port)
    log_path = state / "emulator.log"
    with open(log_path, "wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("ministack"))],
            cwd=state, env=_environment(port, functions_reach or endpoint, state),
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a demo ends the demo first, and the demo ends this
        )
    deadline = time.monotonic() + READY_WITHIN_S
    while not is_ready(endpoint):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise EmulatorError(f"the local AWS did not start:\n{_tail(log_path)}")
        time.sleep(0.05)
    process.returncode = 0  # it is left running on purpose, so no warning that it still does
    described = {"endpoint": endpoint, "port": port, "pid": process.pid, "region": REGION}
    (state / "emulator.json").write_text(json.dumps(described))
    return described


def stop(state: Path) -> bool:
    """Ends the local AWS of this state folder and the functions it runs. False if none ran."""
    running = describe(state)
    (state / "emulator.json").unlink(missing_ok=True)
    if not running:
        return False
    pid = running["pid"]
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPS_WITHIN_S
    while _alive(pid):
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    return True


def describe(state: Path) -> dict | None:
    """The local AWS that runs with this state folder, or none."""
    try:
        described = json.loads((state / "emulator.json").read_text())
    except (OSError, ValueError):
        return None
    return described if _alive(described["pid"]) else None


def is_ready(endpoint: str) -> bool:
    """Whether a local AWS answers there."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{endpoint}/_ministack/ready", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _environment(port: int, endpoint: str, state: Path) -> dict:
    """All that the emulator sees, and with it every function: they inherit its environment, so the user's stays out."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        # No ~/.aws of the user is read by a function.
        "HOME": str(state),
        # Unpacked functions lie here, and not beside those of another emulator.
        "TMPDIR": str(state / "tmp"),
        "STATE_DIR": str(state / "tmp"),
        "GATEWAY_PORT": str(port),
        # Without both it listens on every interface.
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        # Two services with fixed ports: two emulators would quarrel, and one listens on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # The functions find it here: what the emulator has outranks what a function is given.
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EmulatorError(f"port {port} is taken; choose another, or 0 for a free one") from error


def _alive(pid: int) -> bool:
    try:
        # A child that ended stays a zombie until it is waited for.
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])
