#!/usr/bin/env python3
"""The demo: the real template and the real functions on this machine, two invented sellers or your own file.

    demo.py                 two invented sellers: their reports, settlements, payments, invoices
    demo.py --file PATH     your own settlement or VAT report; ends with 0 when all is proven and nothing is flagged,
                            2 when it is booked but a person should look at it, 1 when it cannot be read
    demo.py --dashboard PATH  draws the CloudWatch dashboard from what the functions logged, as SVG
    demo.py --keep          leaves everything running until Ctrl-C, to look around
"""

import python_env

if __name__ == "__main__":
    python_env.enter(__file__)

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from deployment import ROOT, DeploymentError
from emulator import EmulatorError

from demo import play


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, metavar="PATH", help="a settlement or VAT report of your own")
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument("--dashboard", type=Path, metavar="PATH", help="draw the CloudWatch dashboard of the demo into this SVG")
    arguments = parser.parse_args()
    if arguments.file and not arguments.file.is_file():
        print(f"demo: there is no file {arguments.file}", file=sys.stderr)
        return 1
    # Whoever ends the demo politely gets the same tidy end as with Ctrl-C.
    for caught in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(caught, signal.default_int_handler)
    (ROOT / ".local").mkdir(exist_ok=True)
    logs = Path(tempfile.mkdtemp(prefix="demo-", dir=ROOT / ".local"))
    try:
        code = play.run(arguments.file, arguments.keep, logs, arguments.dashboard)
        return forget(logs, code)
    except KeyboardInterrupt:
        print("\ndemo: stopped", file=sys.stderr)
        return forget(logs, 130)
    except BrokenPipeError:
        # Whoever read has seen enough; nothing more is written, not even at the end.
        sys.stdout = None
        return forget(logs, 141)
    except (DeploymentError, EmulatorError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(f"\ndemo: the local AWS says: {error}", file=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
    print(f"demo: everything is stopped; the logs are in {logs.relative_to(ROOT)}", file=sys.stderr)
    return 1


def forget(logs: Path, code: int) -> int:
    """Nothing failed, so nobody needs the logs."""
    shutil.rmtree(logs, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
