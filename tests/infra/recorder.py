"""A Lambda function that records: it logs its environment and each event, refuses messages that say so, and fails when asked to.

It stands in for the real functions where only the template and the local AWS are looked at.
"""

import json
import os
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"

while True:
    with urllib.request.urlopen(f"{API}/next") as invocation:
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(invocation)
    print(json.dumps({"event": event, "environment": dict(os.environ)}), flush=True)
    if event.get("fail"):
        error = urllib.request.Request(f"{API}/{request_id}/error", data=b'{"errorType": "asked"}', method="POST")
        urllib.request.urlopen(error).close()
        continue
    refused = [{"itemIdentifier": record["messageId"]} for record in event.get("Records", []) if "refuse" in record["body"]]
    answer = json.dumps({"batchItemFailures": refused}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{API}/{request_id}/response", data=answer, method="POST")).close()
