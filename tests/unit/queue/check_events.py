"""Validates events, one JSON a line, against docs/schema and IPTC ninjs 3.1.

usage: check_events.py EVENT-SCHEMA NINJS-SCHEMA FILE...
"""
import json
import sys

import jsonschema

NINJS_ID = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"


def validator_for(schema, store):
    resolver = jsonschema.RefResolver(schema["$id"].rstrip("#"), schema, store=store)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())


def main(event_path, ninjs_path, *files):
    with open(event_path, encoding="utf-8") as f:
        event_schema = json.load(f)
    with open(ninjs_path, encoding="utf-8") as f:
        ninjs = json.load(f)
    store = {NINJS_ID: ninjs, NINJS_ID + "#": ninjs, event_schema["$id"]: event_schema}
    event_validator = validator_for(event_schema, store)
    item_validator = validator_for(ninjs, store)
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
