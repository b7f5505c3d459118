"""tests/support/waiting.py - wait for a fact, bounded, and say what was missing.

Nothing in the scenarios depends on how fast the machine is: a wait ends as soon as its fact
is true, and its ceiling is only there so that a broken build cannot hang.
"""
import os
import time

PATIENCE_S = float(os.environ.get("WIREDESK_TEST_PATIENCE", "90"))
STEP_S = 0.05


def wait_until(fact, what, seconds=PATIENCE_S, watch=()):
    """Returns the fact's first true value.  `watch`: processes that must stay alive meanwhile."""
    end = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        for process in watch:
            process.must_live(what)
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:.0f} s still not: {what}")
        time.sleep(STEP_S)


def stays(fact, seconds, what):
    """The fact holds for that long: for things that must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert fact(), f"no longer true: {what}"
        time.sleep(STEP_S)
