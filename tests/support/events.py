"""tests/support/events.py - reads the streams as a consumer would, and holds every event to its
promises: entry fields, schema, ninjs, order, numbers without holes.
"""
import collections
import dataclasses
import functools
import json

import jsonschema

from corpus import PROJECT, SHARED

ITEMS, COPIES = "wiredesk:items", "wiredesk:copies"
ENTRY_FIELDS = ["t", "k", "f", "l", "v", "j"]
SCHEMAS = PROJECT / "docs" / "schema"
NINJS = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"


def _checker(schema):
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=jsonschema.FormatChecker())


@functools.lru_cache
def _checkers():
    """The event's schema, and IPTC's ninjs for data.item, which stands beside the project; where it
    does not, data.item is anything.  Each for itself: how a reference from one to the other is
    followed differs between versions of jsonschema."""
    schema = json.loads((SCHEMAS / "event-v1.schema.json").read_text())
    item = schema["$defs"]["itemData"]["properties"]["item"]
    assert item.pop("$ref") == NINJS
    path = SHARED / "reference" / "schema" / "ninjs-schema_3.1.json"
    ninjs = json.loads(path.read_text()) if path.exists() else {}
    ninjs.pop("$id", None)  # its trailing "#" is an empty fragment, which newer versions refuse
    return _checker(schema), _checker(ninjs)


def schema_errors(event):
    """Everything in which the event breaks its schema or its item breaks ninjs."""
    whole, item = _checkers()
    yield from whole.iter_errors(event)
    if "item" in event.get("data", {}):
        yield from item.iter_errors(event["data"]["item"])


@dataclasses.dataclass
class Event:
    stream: str
    id: str
    fields: dict
    json: dict

    @property
    def type(self):
        return self.fields["t"]

    @property
    def feed(self):
        return self.fields["f"]

    @property
    def item(self):
        return self.json["data"]["item"]

    @property
    def origin(self):
        return self.json["data"]["origin"]

    @property
    def cluster(self):
        return self.json["data"]["cluster"]

    @property
    def raw_id(self):
        return self.origin.get("rawId")

    @property
    def title(self):
        return next((h["value"] for h in self.item["headlines"] if h.get("role") == "main"), "")

    @property
    def body(self):
        return "\n".join(b["value"] for b in self.item.get("bodies", [])
                         if b.get("contentType") == "text/plain")

    @property
    def seq(self):
        return int(self.id.split("-")[1])


def check_event(event):
    """One entry against everything that docs/queue.md and docs/schema promise of it."""
    where = f"{event.stream} {event.id}: {json.dumps(event.json)[:600]}"
    assert list(event.fields) == ENTRY_FIELDS, where
    assert event.fields["v"] == "1", where
    envelope = event.json
    assert envelope["specversion"] == "1.0", where
    assert envelope["type"] == "org.wiredesk." + event.type, where
    assert envelope["sequence"] == event.id.split("-")[1], where
    assert envelope["streamid"] == event.id, where
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
              for e in schema_errors(envelope)]
    assert not errors, f"{errors}\n{where}"


def read(client, stream):
    """All entries of a stream, each checked, and the numbers between them."""
    events = []
    for entry_id, fields in client.xrange(stream):
        events.append(Event(stream, entry_id, fields, json.loads(fields["j"])))
    for event in events:
        check_event(event)
    numbers = [e.seq for e in events]
    first = numbers[0] if numbers else 1
    assert numbers == list(range(first, first + len(numbers))), f"holes or repeats on {stream}"
    ids = collections.Counter(e.json["id"] for e in events)
    assert all(n == 1 for n in ids.values()), "an event was handed on twice"
    return events


def read_both(client):
    return read(client, ITEMS) + read(client, COPIES)


def length(client, stream=ITEMS):
    return client.xlen(stream)


def both_lengths(client):
    return client.xlen(ITEMS) + client.xlen(COPIES)
