"""tests/support/terminal.py - a verb whose standard error is a terminal, and what stands there."""
import os
import pty
import select
import subprocess

from daemon import SANITIZER, binary, environment
from waiting import PATIENCE_S, wait_until


class Terminal:
    """with Terminal("once", ...) as t: t.wait_for("1 of 2"); t.end() gives code, stdout, stderr."""

    def __init__(self, *arguments):
        self.arguments = [binary(), *map(str, arguments)]
        self.shown = ""

    def __enter__(self):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stderr=theirs,
                                        stdout=subprocess.PIPE, env=environment(NO_COLOR="1"))
        os.close(theirs)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self.ours)

    def _read(self):
        try:
            while select.select([self.ours], [], [], 0)[0]:
                self.shown += os.read(self.ours, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            pass

    def wait_for(self, text):
        def there():
            self._read()
            return text in self.shown
        wait_until(there, f"{text!r} on the terminal")

    def end(self):
        stdout = self.process.communicate(timeout=PATIENCE_S)[0].decode()
        self._read()
        assert not SANITIZER.search(self.shown), self.shown
        return self.process.returncode, stdout, self.shown
