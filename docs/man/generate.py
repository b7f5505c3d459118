#!/usr/bin/python3
"""docs/man/generate.py - writes the tables of wiredesk.yaml(5) from daemon/config/schema.c.

usage: generate.py [--check]     --check changes nothing and fails when the page is out of date
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "daemon/config/schema.c"
PAGE = ROOT / "docs/man/wiredesk.yaml.5"

# { "redis", "url", WD_TYPE_TEXT, AT(redis.url), "default", 0, 0, NULL, false, "help" },
ROW = re.compile(
    r'^    \{ "(?P<section>\w*)", "(?P<key>\w+)", WD_TYPE_(?P<type>\w+), AT\([\w.]+\), '
    r'(?:"(?P<standard>[^"]*)"|NULL), (?P<min>[^,]+), (?P<max>[^,]+), '
    r'(?:"(?P<choices>[^"]*)"|NULL), (?P<reload>true|false), "(?P<help>[^"]*)" \},$',
    re.MULTILINE,
)
TABLE = re.compile(r"const wd_config_row (wd_\w+)\[\] = \{\n(.*?)\n\};", re.DOTALL)
KINDS = {
    "TEXT": "text",
    "URL": "address",
    "DURATION": "duration",
    "SIZE": "size",
    "COUNT": "whole number",
    "NUMBER": "number",
    "BOOL": "yes or no",
    "LIST": "list",
    "BACKFILL": "none, all, a number, or since:DURATION",
    "HEADERS": "mapping of names to values",
    "SECRET": "file:PATH or credential:NAME",
    "PROXY": "text",
}
NOT_SET = ("", "0")  # defaults that stand for "not said"


def rows(text, name):
    body = dict(TABLE.findall(text))[name]
    found = [match.groupdict() for match in ROW.finditer(body)]
    lines = [line for line in body.splitlines() if line.strip()]
    if len(found) != len(lines):
        sys.exit(f"{SCHEMA}: a row of {name} is not in the usual form")
    return found


def escape(text):
    """Plain text as roff: a backslash and a leading dot or quote mean themselves."""
    text = text.replace("\\", "\\e")
    return f"\\&{text}" if text[:1] in (".", "'") else text


def kind(row):
    if row["type"] == "CHOICE":
        return "one of " + ", ".join(row["choices"].split("|"))
    return KINDS[row["type"]]


def entry(row):
    default = row["standard"]
    tail = f"; default {default}" if default is not None and default not in NOT_SET else ""
    lines = [f".It Cm {row['key']}", escape(row["help"])]
    lines += [f".Pq {escape(kind(row) + tail)}" + (" ; Em reload" if row["reload"] == "true" else "")]
    return lines


def listing(some):
    lines = [".Bl -tag -width Ds"]
    for row in some:
        lines += entry(row)
    return [*lines, ".El"]


def settings(found):
    lines = []
    for section in dict.fromkeys(row["section"] for row in found):
        mine = [row for row in found if row["section"] == section]
        lines += [f".Ss {section}" if section else ".Ss \\&At the top"]
        lines += listing(mine)
    return lines


def page(text, schema):
    parts = {
        "settings": settings(rows(schema, "wd_config_rows")),
        "feeds": listing(rows(schema, "wd_feed_rows")),
        "hosts": listing(rows(schema, "wd_host_rows")),
        "lists": listing(rows(schema, "wd_list_rows")),
    }
    for name, lines in parts.items():
        begin, end = f'.\\" generated: {name}\n', '.\\" end\n'
        at = text.index(begin) + len(begin)
        text = text[:at] + "\n".join(lines) + "\n" + text[text.index(end, at) :]
    return text


def main():
    now = PAGE.read_text(encoding="utf-8")
    fresh = page(now, SCHEMA.read_text(encoding="utf-8"))
    if sys.argv[1:] == ["--check"]:
        if now != fresh:
            print(f"{PAGE.relative_to(ROOT)} is out of date: run docs/man/generate.py")
        return now != fresh
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
