"""tests/support/corpus.py - finds the shared corpora, which are read in place and never copied."""
import csv
import os
import pathlib

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"

# The captures come without their headers; these are the types such documents are served with.
TYPE_OF_FORMAT = {"atom0.3": "application/atom+xml", "atom1.0": "application/atom+xml",
                  "rss1.0": "application/rdf+xml", "json": "application/feed+json"}


def shared(*parts):
    """The path below ../shared; skips the test where it is missing, unless it is required."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        line = "../shared/%s is missing" % "/".join(parts)
        if os.environ.get("WIREDESK_REQUIRE_CORPUS") == "1":
            pytest.fail(line)
        pytest.skip(line + ": this checkout has no corpora")
    return path


def real_feeds():
    """[(slug, path, content type)] of all captured feeds, in the manifest's order."""
    folder = shared("corpus", "parsing", "real")
    with open(folder / "manifest.tsv", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(f"real-{n:03}", folder / row["file"],
             TYPE_OF_FORMAT.get(row["format"], "application/rss+xml"))
            for n, row in enumerate(rows, 1)]
