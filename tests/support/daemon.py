"""tests/support/daemon.py - runs the real `wiredesk` and hears what it says.

The binary comes from WIREDESK_BINARY.  A daemon is always ended by its pid, and any sanitizer
report in what it wrote fails the test.
"""
import dataclasses
import os
import pathlib
import re
import signal
import subprocess

import yaml

from corpus import PROJECT
from waiting import PATIENCE_S, wait_until

SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer"
                       r"|SUMMARY: \w+Sanitizer")
LINE = re.compile(r"^<(?P<level>[0-7])>(?P<text>.*) \[(?P<event>[a-z]+\.[a-z_]+)"
                  r"(?P<fields>(?: [A-Z][A-Z0-9_]*=(?:\"(?:[^\"\\]|\\.)*\"|[^\s\"\]]*))*)\]$")
FIELD = re.compile(r"([A-Z][A-Z0-9_]*)=(?:\"((?:[^\"\\]|\\.)*)\"|(\S*))")


def binary():
    path = os.environ.get("WIREDESK_BINARY") or PROJECT / "build/asan/wiredesk"
    path = pathlib.Path(path)
    assert path.exists(), f"{path} is not built: set WIREDESK_BINARY"
    return str(path)


def environment(**more):
    """What a service manager gives: nothing of the tester's own shell."""
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC",
           "ASAN_OPTIONS": "exitcode=99:detect_stack_use_after_return=1",
           "UBSAN_OPTIONS": "print_stacktrace=1", "TSAN_OPTIONS": "exitcode=99"}
    env.update({k: v for k, v in more.items() if v is not None})
    return env


def run(*arguments, stdin=b"", timeout=PATIENCE_S, cwd=None, **env):
    """One verb from start to end; .returncode, .stdout and .stderr as text."""
    done = subprocess.run([binary(), *map(str, arguments)], input=stdin, timeout=timeout,
                          capture_output=True, env=environment(**env), cwd=cwd, check=False)
    done.stdout = done.stdout.decode("utf-8", "replace")
    done.stderr = done.stderr.decode("utf-8", "replace")
    assert not SANITIZER.search(done.stderr), done.stderr
    return done


@dataclasses.dataclass
class LogLine:
    level: int
    event: str
    fields: dict
    text: str  # the sentence

    @property
    def feed(self):
        return self.fields.get("FEED")

    @property
    def reason(self):
        return self.fields.get("REASON")


def read_log_line(raw):
    """The one place that knows the log's form; None: a line of another kind."""
    m = LINE.match(raw)
    if not m:
        return None
    fields = {k: re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
              for k, quoted, bare in FIELD.findall(m["fields"])}
    return LogLine(int(m["level"]), m["event"], fields, m["text"])


class Daemon:
    """A configuration, a state directory, and the process that runs on them (often several in
    a row: a restarted daemon is the same object)."""

    def __init__(self, directory, redis_url, feeds=None, **sections):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.state = self.directory / "state"
        self.config_path = self.directory / "wiredesk.yaml"
        self.config = {
            "state": str(self.state),
            "redis": {"url": redis_url},
            "http": {"allow_private": ["127.0.0.0/8"]},
            "schedule": {"min_interval": "1s", "start_rate": 1000, "backfill": "all"},
            "control": {"socket": str(self.directory / "control.sock"), "listen": "off"},
            "feeds": feeds or {},
        }
        for name, section in sections.items():
            if isinstance(section, dict):
                self.config[name] = {**self.config.get(name, {}), **section}
            else:
                self.config[name] = section
        self.process = None
        self.lives = 0
        self.extra_environment = {}
        self.write_config()

    def write_config(self):
        self.config_path.write_text(yaml.safe_dump(self.config, sort_keys=False))

    # ---- life and death

    @property
    def log_path(self):
        return self.directory / f"log.{self.lives}"

    @property
    def pid(self):
        return self.process.pid

    def start(self, ready=True):
        self.lives += 1
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", binary(), "run", "--config",
                 str(self.config_path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(**self.extra_environment), cwd=self.directory)
        if ready:
            self.wait_event("daemon.ready")
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def must_live(self, what):
        if not self.alive():
            code = self.process.returncode if self.process else "never started"
            raise AssertionError(f"wiredesk ended ({code}) while waiting: {what}\n" + self.tail())

    def stop(self, seconds=PATIENCE_S):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_exit(seconds)

    def wait_exit(self, seconds=PATIENCE_S):
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as e:
            raise AssertionError(f"still running after {seconds:.0f} s\n" + self.tail()) from e

    def kill(self):
        self.process.kill()
        self.process.wait()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def end(self):
        """For teardown: whatever happened, nothing stays, and no report goes unread."""
        if self.alive():
            self.process.terminate()
            try:
                code = self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("SIGTERM did not end it in 60 s\n" + self.tail()) from None
            assert code == 0, f"exit status {code} after SIGTERM\n" + self.tail()
        for life in range(1, self.lives + 1):
            report = (self.directory / f"log.{life}").read_text("utf-8", "replace")
            assert not SANITIZER.search(report), report[-6000:]

    # ---- what it says

    def raw_log(self):
        return self.log_path.read_text("utf-8", "replace") if self.lives else ""

    def tail(self, size=4000):
        return f"--- {self.log_path}\n" + self.raw_log()[-size:]

    def events(self, name=None, **fields):
        """This life's log events, in order; fields compare as text."""
        found = []
        for raw in self.raw_log().splitlines():
            line = read_log_line(raw)
            if line and (name is None or line.event == name) and all(
                    line.fields.get(k) == str(v) for k, v in fields.items()):
                found.append(line)
        return found

    def wait_event(self, name, seconds=PATIENCE_S, count=1, **fields):
        """The count-th such event of this life."""
        def enough():
            found = self.events(name, **fields)
            return found if len(found) >= count else None
        try:
            return wait_until(enough, f"log says {name} {fields}", seconds, watch=[self])[count - 1]
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.tail()}") from None

    def wait(self, fact, what, seconds=PATIENCE_S):
        try:
            return wait_until(fact, what, seconds, watch=[self])
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.tail()}") from None

    # ---- what it costs

    def cpu_seconds(self):
        """(user, system) so far, of the daemon alone."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        tick = os.sysconf("SC_CLK_TCK")
        return int(fields[11]) / tick, int(fields[12]) / tick

    def status(self, key):
        """A figure of /proc/PID/status: VmHWM, VmRSS, Threads ..."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise KeyError(key)

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def children(self):
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        with open(path, encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]


def process_lives(pid):
    """False for a process that is gone or only a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(pid, seconds=30):
    wait_until(lambda: not process_lives(pid), f"process {pid} is gone", seconds)
