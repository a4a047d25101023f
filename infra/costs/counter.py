"""Stands between the functions and the local AWS, and counts what they ask for, as AWS bills it."""

import http.client
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from urllib.parse import urlsplit

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096


class CountingProxy:
    """A way to the local AWS on which every call is counted."""

    def __init__(self, port: int, indexes: dict[str, list[list[str]]]):
        """`indexes` are the key attributes of each table's indexes, by the table's name without the stack's."""
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._indexes = indexes
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                proxy.count(self.command, self.path, self.headers, body, content)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                connection.close()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _forward

            def log_message(self, *_):
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self) -> Counter[str]:
        """What was counted since the last time."""
        with self._lock:
            counts, self.counts = self.counts, Counter()
        return counts

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def count(self, method: str, path: str, headers, body: bytes, content: bytes) -> None:
        """Notes one call."""
        target = headers.get("x-amz-target", "")
        units: Counter[str] = Counter()
        if target.startswith("DynamoDB"):
            units.update(self._dynamodb(target.rsplit(".", 1)[1], json.loads(body), content))
        elif target.startswith("AmazonSQS"):
            units["sqs_requests"] += 1
        elif target.startswith("secretsmanager"):
            units["secret_calls"] += 1
        elif not target and not path.startswith("/20"):
            units["s3_writes" if method in ("PUT", "POST") else "s3_reads"] += 1
        with self._lock:
            self.counts.update(units)

    def _dynamodb(self, operation: str, asked: dict, content: bytes) -> dict[str, int]:
        if operation in ("PutItem", "UpdateItem", "DeleteItem"):
            item = asked.get("Item") or {**asked.get("Key", {}), **asked.get("ExpressionAttributeValues", {})}
            return {"write_units": self._units(asked["TableName"], item)}
        if operation == "BatchWriteItem":
            writes = [(table, write["PutRequest"]["Item"]) for table, writes in asked["RequestItems"].items()
                      for write in writes if "PutRequest" in write]
            return {"write_units": sum(self._units(table, item) for table, item in writes)}
        if operation == "TransactWriteItems":
            units = 0
            for action in asked["TransactItems"]:
                (what,) = action.values()
                item = what.get("Item") or {**what.get("Key", {}), **what.get("ExpressionAttributeValues", {})}
                units += self._units(what["TableName"], item, of_transaction=True)
            return {"write_units": units}
        if operation in ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"):
            units = max(1, ceil(len(content) / READ_UNIT_BYTES))
            consistent = asked.get("ConsistentRead") or operation == "BatchGetItem"
            return {"half_read_units": units * (2 if consistent else 1)}
        return {}

    def _units(self, table: str, item: dict, *, of_transaction: bool = False) -> int:
        size = sum(len(name) + _bytes(value) for name, value in item.items())
        indexes = next((keys for name, keys in self._indexes.items() if table.endswith(name)), [])
        written = ceil(size / WRITE_UNIT_BYTES) * (2 if of_transaction else 1)
        return written + sum(all(key in item for key in keys) for keys in indexes)


def _bytes(value: dict) -> int:
    """The size of a value as DynamoDB counts it, nearly."""
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name) + _bytes(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + _bytes(each) for each in content)
    if kind == "N":
        return len(content.lstrip("-0.")) // 2 + 2
    return 1 if kind in ("BOOL", "NULL") else len(str(content).encode())


def port_of(endpoint: str) -> int:
    """The port of an address."""
    return urlsplit(endpoint).port or 80
