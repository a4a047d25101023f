#!/usr/bin/env python3
"""The local stack: the real template and the real binaries in a local AWS. `stack.py --help` tells the rest."""

import python_env

if __name__ == "__main__":
    python_env.enter(__file__)

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

import emulator
from botocore.exceptions import BotoCoreError, ClientError
from deployment import ROOT, DeploymentError, LocalStack, package

DEFAULT_STATE = ROOT / ".local" / "stack"
DEFAULT_NAME = "countinghouse"


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return arguments.run(arguments) or 0
    except (emulator.EmulatorError, DeploymentError) as error:
        print(f"stack: {error}", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(f"stack: the local AWS says: {error}", file=sys.stderr)
    return 1


def run_package(arguments) -> None:
    copied = package(arguments.profile)
    _say(f"packaged: {', '.join(copied) or 'nothing new'}")


def run_start(arguments) -> None:
    if arguments.until_stdin_closes:
        _leave_group()
    described = emulator.start(arguments.port, arguments.state)
    print(json.dumps(described), flush=True)
    if arguments.until_stdin_closes:
        for caught in (signal.SIGINT, signal.SIGTERM):
            signal.signal(caught, lambda *_: sys.exit(0))
        try:
            while sys.stdin.buffer.read(4096):
                pass
        finally:
            emulator.stop(arguments.state)


def run_deploy(arguments) -> None:
    started = time.monotonic()
    outputs = _stack(arguments).deploy(dict(arguments.parameter))
    _say(f"deployed {arguments.stack} in {time.monotonic() - started:.1f} s")
    print(json.dumps(outputs, indent=2))


def run_outputs(arguments) -> None:
    print(json.dumps(_stack(arguments).outputs(), indent=2))


def run_schedule(arguments) -> int:
    return _report(_stack(arguments).run_schedule(arguments.name, arguments.input))


def run_invoke(arguments) -> int:
    payload = sys.stdin.read() if arguments.payload == "-" else arguments.payload
    return _report(_stack(arguments).invoke(arguments.function, payload))


def run_logs(arguments) -> None:
    for line in _stack(arguments).logs(arguments.function):
        print(line)


def run_stop(arguments) -> None:
    _say("stopped" if emulator.stop(arguments.state) else "nothing to stop")


def _report(result: dict) -> int:
    print(json.dumps(result, indent=2))
    return 1 if result["failed"] else 0


def _stack(arguments) -> LocalStack:
    endpoint = arguments.endpoint
    if not endpoint:
        running = emulator.describe(arguments.state)
        if not running:
            raise emulator.EmulatorError("no local AWS runs: give --endpoint, or `start` one")
        endpoint = running["endpoint"]
    return LocalStack(endpoint, arguments.stack)


def _leave_group() -> None:
    """A test runner kills its whole group; this process must outlive it for the moment that stopping takes."""
    try:
        os.setsid()
    except PermissionError:
        pass  # it leads a group of its own already


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, help_text: str, stack: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_text, description=help_text)
        made.set_defaults(run=run)
        made.add_argument("--state", type=Path, default=DEFAULT_STATE, metavar="DIR",
                          help="where the local AWS keeps its files (default: .local/stack)")
        if stack:
            made.add_argument("--endpoint", metavar="URL", help="the local AWS (default: the one of --state)")
            made.add_argument("--stack", default=DEFAULT_NAME, metavar="NAME",
                              help="lower case, at most 27 characters (default: countinghouse)")
        return made

    made = command("package", run_package, "Copy the built functions to where the template looks for them.", stack=False)
    made.add_argument("--profile", default="local", help="cargo's profile that built them (default: local)")
    made = command("start", run_start, "Start a local AWS and print its endpoint as one line of JSON.", stack=False)
    made.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one (default)")
    made.add_argument("--until-stdin-closes", action="store_true",
                      help="stay, and stop the local AWS when standard input closes: it cannot outlive its user")
    made = command("deploy", run_deploy, "Deploy infra/template.yaml; print its outputs as JSON.")
    made.add_argument("--parameter", type=_parameter, action="append", default=[], metavar="NAME=VALUE",
                      help="a parameter of the template; may be repeated")
    command("outputs", run_outputs, "Print the stack's outputs as JSON.")
    made = command("run-schedule", run_schedule, "Do now what a schedule does: invoke its target with its input.")
    made.add_argument("name", help="create-reports or poll-jobs")
    made.add_argument("--input", metavar="JSON", help="another input than the schedule's")
    made = command("invoke", run_invoke, "Invoke a function and print its answer.")
    made.add_argument("function")
    made.add_argument("payload", help="JSON, or - for standard input")
    made = command("logs", run_logs, "Print what a function has logged.")
    made.add_argument("function")
    command("stop", run_stop, "Stop the local AWS of --state.", stack=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
