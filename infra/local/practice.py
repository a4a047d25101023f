#!/usr/bin/env python3
"""An empty stack on this machine, to practise on: connect an invented seller, fetch three months, watch.

    practice.py              until Ctrl-C; prints what to type in another terminal
    practice.py --state DIR  keeps its files elsewhere than in .local/practice

The real template and functions run in a local AWS. The fake Amazon knows a seller with settlements and VAT
reports of the past weeks. The schedules run every few seconds instead of minutes.
"""

import python_env

if __name__ == "__main__":
    python_env.enter(__file__)

import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from deployment import ROOT, DeploymentError, target_directory
from emulator import REGION, EmulatorError, describe

from demo.play import STORY, Stage
from demo.sellers import CLIENT_ID, CLIENT_SECRET, EUROPEAN, refresh_token

SCHEDULES = ("create-reports", "poll-jobs", "watch-books")
SECONDS_BETWEEN_RUNS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=ROOT / ".local" / "practice", metavar="DIR")
    state = parser.parse_args().state
    # A shell that starts it in the background lets it ignore Ctrl-C.
    for caught in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(caught, signal.default_int_handler)
    try:
        if describe(state):
            raise DeploymentError(f"it runs already, with its files in {state}")
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True)
        practise(state)
    except KeyboardInterrupt:
        print("\npractice: stopped", file=sys.stderr)
        return 0
    except (DeploymentError, EmulatorError) as error:
        print(f"practice: {error}", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(f"practice: the local AWS says: {error}", file=sys.stderr)
    return 1


def practise(state: Path) -> None:
    """Starts everything, says what to type, and plays the scheduler until it is told to stop."""
    with Stage(state, parameters={"ScheduleState": "ENABLED"}) as stage:
        sell(stage)
        write_down(stage, state)
        shown = state.relative_to(ROOT) if state.is_relative_to(ROOT) else state
        print(f"\nReady. In another terminal:\n\n  . {shown}/environment\n\nand then as README.md says. Ctrl-C ends it.", flush=True)
        said = set()
        while describe(state):
            for schedule in SCHEDULES:
                trouble = run(stage, schedule)
                if trouble and trouble not in said:
                    said.add(trouble)
                    print(trouble, file=sys.stderr, flush=True)
            time.sleep(SECONDS_BETWEEN_RUNS)
        raise DeploymentError("the local AWS has ended by itself")


def run(stage: Stage, schedule: str) -> str | None:
    """Runs a schedule; what went wrong, in words. Whoever practises may break things on purpose, schedules too."""
    try:
        result = stage.stack.run_schedule(schedule)
    except ClientError as error:
        return f"practice: {schedule} cannot be run: {error}"
    return f"practice: {schedule} failed: {json.dumps(result['answer'])}" if result["failed"] else None


def sell(stage: Stage) -> None:
    """Lets the fake Amazon know a seller with a past."""
    seller, files = EUROPEAN, stage.logs / "story"
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    subprocess.run([sys.executable, str(STORY / "make.py"), "--today", today, "--to", str(files)], check=True)
    stage.amazon.add_seller({
        "seller_id": seller.seller_id, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "refresh_token": refresh_token(seller), "region": seller.region,
        "marketplace_ids": list(seller.marketplace_ids), "store_name": seller.name,
    })
    stage.amazon.add_vat_rows(seller.seller_id, files / "eu" / "vat.csv")
    # Nobody is subscribed yet, so nobody is told: a backfill finds them.
    for name in ("settlement-1", "settlement-gbp", "settlement-2"):
        stage.amazon.close_settlement(seller.seller_id, files / "eu" / f"{name}.txt")
    stage.notify()
    stage.say(f"the fake Amazon knows {seller.name}, seller {seller.seller_id}")


def write_down(stage: Stage, state: Path) -> None:
    """What a terminal needs to reach the stack, and the credentials that a person would copy from Amazon's pages."""
    variables = {
        "AWS_ENDPOINT_URL": stage.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
        # A day that Amazon's 90 days still reach, for a backfill.
        "FIRST_DAY": f"{datetime.now(UTC) - timedelta(days=60):%Y-%m-%d}",
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
        "PATH": f"{target_directory() / 'local'}:{Path(sys.executable).parent}:$PATH",
    }
    (state / "environment").write_text("".join(f'export {name}="{value}"\n' for name, value in variables.items()))
    for name, secrets in (
        ("application.json", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        ("seller.json", {"refresh_token": refresh_token(EUROPEAN)}),
    ):
        (state / name).write_text(json.dumps(secrets) + "\n")


if __name__ == "__main__":
    sys.exit(main())
