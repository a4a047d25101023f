"""The fake Amazon as a process of its own, and its switches."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from deployment import DeploymentError, target_directory

READY = "fake-amazon is ready at "


class FakeAmazon:
    """A running fake Amazon."""

    def __init__(self, logs: Path):
        self.log = logs / "fake-amazon.log"
        scenario = logs / "scenario.json"
        # Reports take a moment, as they do at Amazon.
        scenario.write_text(json.dumps({"delays": {"queue_ms": 300, "processing_ms": 700}, "rates": {"scale": 100.0},
                                        "feeds": {"queue_ms": 200, "processing_ms": 300}}))
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                [str(_binary()), "--port", "0", "--scenario", str(scenario)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,  # Ctrl-C ends the demo first, and the demo ends this
            )
        self.url = self._read_address()
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def _read_address(self) -> str:
        for line in self._process.stdout:
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
        raise DeploymentError(f"the fake Amazon did not start; it said: {self.log.read_text()[-600:]}")

    def call(self, method: str, path: str, body: dict) -> dict:
        """One of the switches under /_fake."""
        request = urllib.request.Request(
            f"{self.url}/_fake/{path}", json.dumps(body).encode(), {"content-type": "application/json"}, method=method)
        try:
            with self._open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise DeploymentError(f"the fake Amazon refused {path}: {error.read().decode(errors='replace')}") from error

    def notify_into(self, queue_url: str, endpoint: str, mode: str = "once") -> None:
        """Where notifications go, and how often."""
        settings = {"queue_url": queue_url, "endpoint_url": endpoint, "region": "eu-west-1", "mode": mode}
        self.call("PATCH", "settings", {"notifications": settings})

    def add_seller(self, seller: dict) -> None:
        """A seller as the scenario describes one."""
        self.call("POST", "sellers", seller)

    def close_settlement(self, seller_id: str, path: Path, report_type: str | None = None) -> str:
        """Hands a file out as a settlement that has just closed. Answers the report's number."""
        settlement = {"content": {"file": str(path.resolve())}, **({"report_type": report_type} if report_type else {})}
        return self.call("POST", "settlements", {"seller_id": seller_id, "settlement": settlement})["report_id"]

    def add_vat_rows(self, seller_id: str, path: Path) -> None:
        """Rows of the VAT report."""
        content = {"file": str(path.resolve()), "charset": "UTF-8"}
        self.call("POST", "vat-rows", {"seller_id": seller_id, "vat_rows": {"content": content}})

    def add_due_rows(self, seller_id: str, path: Path) -> None:
        """Rows of the VAT invoice data report: what a seller must invoice."""
        self.call("POST", "vidr-rows", {"seller_id": seller_id, "vidr_rows": {"content": {"file": str(path.resolve())}}})

    def feeds(self, seller_id: str) -> list[dict]:
        """What a seller uploaded."""
        with self._open(f"{self.url}/_fake/feeds?seller_id={seller_id}", timeout=60) as answer:
            return json.loads(answer.read())["feeds"]

    def generate_purchases(self, buyer_id: str, wish: dict) -> dict:
        """Makes purchases up; answers the truth about them."""
        return self.call("POST", "business/generate", {"seller_id": buyer_id, **wish})

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _binary() -> Path:
    for profile in ("local", "release", "debug"):
        binary = target_directory() / profile / "fake-amazon"
        if binary.exists() and os.access(binary, os.X_OK):
            return binary
    raise DeploymentError("fake-amazon is not built: make build")
