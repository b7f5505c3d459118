"""Validates events, one JSON a line, against docs/schema and IPTC ninjs 3.1.

usage: check_events.py EVENT-SCHEMA NINJS-SCHEMA FILE...
"""
import json
import sys

import jsonschema

NINJS_ID = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"


def validator_for(schema):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=jsonschema.FormatChecker())


def main(event_path, ninjs_path, *files):
    with open(event_path, encoding="utf-8") as f:
        event_schema = json.load(f)
    with open(ninjs_path, encoding="utf-8") as f:
        ninjs = json.load(f)
    # Each for itself: how a reference between them is followed differs between versions of
    # jsonschema, and newer ones refuse the empty fragment at the end of ninjs's $id.
    item = event_schema["$defs"]["itemData"]["properties"]["item"]
    assert item.pop("$ref") == NINJS_ID
    assert ninjs.pop("$id") == NINJS_ID + "#"
    event_validator = validator_for(event_schema)
    item_validator = validator_for(ninjs)
    # The check itself must be able to fail: ninjs allows no foreign field.
    assert list(item_validator.iter_errors({"uri": "urn:x:y", "foreign": 1}))
    seen, bad = 0, 0
    for path in files:
        with open(path, "rb") as f:
            for line in f:
                event = json.loads(line.decode("utf-8"))
                errors = list(event_validator.iter_errors(event))
                if "item" in event["data"]:
                    errors += item_validator.iter_errors(event["data"]["item"])
                for error in errors:
                    where = "/".join(str(p) for p in error.absolute_path)
                    print(f"{path}: event {event['id']}: {where}: {error.message[:300]}")
                seen += 1
                bad += bool(errors)
    print(f"{seen} events, {bad} of them invalid")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
