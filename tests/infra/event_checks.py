"""The events in events/ have the shape that AWS gives them, and go to the queue of the function they are named for."""

import hashlib
import json
import re
import unittest
from urllib.parse import quote_plus, unquote_plus

from support import FUNCTION_FOLDERS, ROOT, functions, referred

EVENTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json"))}


def function_of(name: str) -> str:
    return next(folder for folder in FUNCTION_FOLDERS if name.startswith(f"{folder}-"))


def kebab(name: str) -> str:
    """`VendorSubmissions` becomes `vendor-submissions`."""
    return re.sub(r"(?<=.)([A-Z])", r"-\1", name).lower()


def messages():
    """(event's name, SQS record) for each record of each event."""
    for name, event in EVENTS.items():
        for record in event.get("Records", []):
            yield name, record


class Events(unittest.TestCase):
    def test_each_function_has_an_event_and_each_event_a_function(self):
        self.assertEqual({function_of(name) for name in EVENTS}, set(FUNCTION_FOLDERS))

    def test_a_message_carries_the_digest_of_its_body(self):
        for name, record in messages():
            self.assertEqual(record["md5OfBody"], hashlib.md5(record["body"].encode()).hexdigest(), name)

    def test_a_message_comes_from_the_queue_that_feeds_its_function(self):
        for name, record in messages():
            queues = set()
            for event in functions()[function_of(name)]["Events"].values():
                for queue in referred(event["Properties"].get("Queue")):
                    queues.add(f"countinghouse-{kebab(queue.removesuffix('Queue'))}")
            self.assertEqual({record["eventSourceARN"].rsplit(":", 1)[1]}, queues, name)

    def test_the_schedules_send_what_the_events_say(self):
        for folder in ("create-reports", "poll-jobs", "pull-purchases", "watch-books"):
            schedule = functions()[folder]["Events"]["Schedule"]["Properties"]
            self.assertEqual(json.loads(schedule["Input"]), EVENTS[f"{folder}-schedule"])

    def test_a_key_is_encoded_as_s3_encodes_it(self):
        keys = []
        for name, record in messages():
            if not name.startswith(("book-documents", "submit-vendor-invoices")):
                continue
            for created in json.loads(record["body"]).get("Records", []):
                keys.append(created["s3"]["object"]["key"])
        self.assertTrue(any("%" in key for key in keys))
        for key in keys:
            self.assertEqual(key, quote_plus(unquote_plus(key), safe="/*"))


if __name__ == "__main__":
    unittest.main()
