"""tests/install/test_documents.py - the man page and bash's completion know what the program knows."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIREDESK = Path(os.environ["WIREDESK_BUILD"]) / "wiredesk"


def help_of(*verb):
    return subprocess.run(
        [WIREDESK, *verb, "--help"], capture_output=True, text=True, check=True
    ).stdout


def verbs():
    return re.findall(r"^  ([a-z]+) ", help_of(), re.MULTILINE)


def options(verb):
    usage = help_of(verb).split("\n\n")[0]
    return sorted(set(re.findall(r"--([a-z][a-z-]+)", usage)))


def test_the_man_page_has_every_verb_and_option():
    page = (ROOT / "docs/man/wiredesk.1").read_text(encoding="utf-8")
    entries = {}  # a verb with verbs of its own may have several
    for verb, usage in re.findall(r"^\.It Cm (\w+)(.*)$", page, re.MULTILINE):
        entries.setdefault(verb, set()).update(re.findall(r"Fl -([a-z-]+)", usage))
    assert sorted(entries) == sorted(verbs())
    for verb in verbs():
        assert sorted(entries[verb]) == options(verb), verb


def complete(*words):
    """What bash would offer for the last word."""
    script = f"""
        PATH={WIREDESK.parent}:$PATH
        source {ROOT}/docs/completion/wiredesk.bash
        COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
        _wiredesk 2>/dev/null; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return sorted(run.stdout.split())


def test_completion_offers_the_verbs():
    assert complete("wiredesk", "") == sorted([*verbs(), "--help", "--version"])
    assert complete("wiredesk", "che") == ["check"]


def test_completion_offers_a_verbs_options():
    assert complete("wiredesk", "check", "--") == sorted(
        [*(f"--{option}" for option in options("check")), "--help"]
    )


def test_completion_offers_a_verbs_own_verbs():
    assert {"due", "list", "status"} <= set(complete("wiredesk", "feeds", ""))
    assert complete("wiredesk", "feeds", "sta") == ["status"]
