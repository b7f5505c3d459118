#!/usr/bin/python3
"""scripts/lib/quickstart.py - runs wiredesk on its own Redis and shows what a subscriber sees, the copies too.

Started by scripts/quickstart, after the build.  Whatever ends it, nothing is left running:
each process it starts gets SIGTERM when this one is gone (PR_SET_PDEATHSIG).
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[2]
WIREDESK = Path(os.environ.get("WIREDESK_BINARY") or ROOT / "build/release/wiredesk")
STARTER = ROOT / "scripts/starter-feeds.yaml"
SAMPLE_SERVER = ROOT / "scripts/sample/serve.py"

NETWORK_PATIENCE_S = 3  # to find out whether there is an internet
START_PATIENCE_S = 20
STOP_PATIENCE_S = 15  # the daemon hands on what it has before it goes
SOCKET_PATH_MAX = 100  # sun_path has 108 bytes
PR_SET_PDEATHSIG = 1

# "<4>bbc answers 404; next try in 10 min [fetch.error FEED=bbc STATUS=404]"
LOG_LINE = re.compile(
    r"^(?:<(?P<level>\d)>)?(?P<text>.*?)"
    r"(?: \[(?P<event>[a-z]+\.[a-z_]+)(?P<fields>(?: [A-Z][A-Z0-9_]*=.*)?)\])?$"
)
LOG_FEED = re.compile(r" FEED=\"?([^\s\"\]]+)")
WARNING = 4
READY, LAST_WORDS = "daemon.ready", "daemon.stopped"

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def dim(text):
    return f"\033[2m{text}\033[0m" if COLOUR else text


def step(name, text):
    print(f"  {name:<10} {text}", flush=True)


class Failure(Exception):
    """Said to the user in one sentence."""


def start(command, **more):
    """A child in a session of its own (Ctrl-C reaches only this script), that dies with it."""
    libc, parent = ctypes.CDLL(None), os.getpid()

    def die_with_parent():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(
        [str(word) for word in command],
        start_new_session=True,
        preexec_fn=die_with_parent,
        **more,
    )


def end(process, patience_s=3):
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(path, process, what):
    until = time.monotonic() + START_PATIENCE_S
    while not path.exists():
        if process.poll() is not None:
            raise Failure(f"{what} ended at once, with exit code {process.returncode}")
        if time.monotonic() > until:
            raise Failure(f"{what} did not start within {START_PATIENCE_S} s")
        time.sleep(0.02)


# --- what to read ---------------------------------------------------------------------------


def reachable(host):
    try:
        socket.create_connection((host, 443), timeout=NETWORK_PATIENCE_S).close()
        return True
    except OSError:
        return False


def internet():
    """Whether one of the starter feeds' hosts answers, asked of all at once."""
    feeds = yaml.safe_load(STARTER.read_text(encoding="utf-8"))["feeds"]
    answer = threading.Event()

    def ask(host):
        if reachable(host):
            answer.set()

    threads = [
        threading.Thread(target=ask, args=(urlsplit(feed["url"]).hostname,), daemon=True)
        for feed in feeds.values()
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + NETWORK_PATIENCE_S
    while time.monotonic() < until and any(thread.is_alive() for thread in threads):
        if answer.wait(0.05):
            return True
    return answer.is_set()


class Desk:
    """One run: a configuration, a state directory, and the processes on them."""

    def __init__(self, options):
        self.base = (options.state or ROOT / "build/quickstart").resolve()
        self.base.mkdir(parents=True, exist_ok=True)
        self.processes = []
        self.warnings = {}  # feed or event -> the last sentence about it
        self.log_path = self.base / "wiredesk.log"
        self.daemon = self.listener = None
        self.ready = threading.Event()

    # what it reads

    def use_own(self, config):
        if not config.is_file():
            raise Failure(f"there is no file {config}")
        self.config = config
        said = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
        redis = said.get("redis") or {}
        self.state = Path(said.get("state", "state")) if redis.get("url") == "embedded" else None
        step("feeds", f"as {config} says")

    def use_starter(self):
        text = STARTER.read_text(encoding="utf-8")
        count = len(yaml.safe_load(text)["feeds"])
        step("feeds", f"{count} well-known ones (scripts/starter-feeds.yaml)")
        self.state = self.short(self.base / "live")
        self.write_config("live", text)

    def use_sample(self, why=None):
        if why:
            step("network", why)
        # The same stories again would be recognised as known, and nothing would be shown.
        self.state = self.short(self.base / "sample")
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)
        feeds = self.state / "feeds.yaml"
        server = start([sys.executable, "-B", SAMPLE_SERVER, "--feeds-file", feeds, "--every", "1"])
        self.processes.append(server)
        wait_for(feeds, server, "the sample's server")
        text = feeds.read_text(encoding="utf-8")
        count = len(yaml.safe_load(text)["feeds"])
        step("feeds", f"{count} fictional wires on this machine (scripts/sample)")
        head = 'http: { allow_private: ["127.0.0.0/8"] }\nschedule: { backfill: all }\n'
        self.write_config("sample", head + text)

    def short(self, state):
        """state, or a place with a shorter name where a socket's path would not fit."""
        if len(str(state)) + len("/redis/redis.sock") <= SOCKET_PATH_MAX:
            return state
        short = Path(tempfile.gettempdir()) / f"wiredesk-{os.getuid()}" / state.name
        step("state", f"in {short}: a socket's path would be too long here")
        return short

    def write_config(self, name, text):
        self.config = self.base / f"{name}.yaml"
        control = f'control: {{ socket: "{self.state}/control.sock", listen: "off" }}\n'
        self.config.write_text(
            f"# Written by scripts/quickstart.\nstate: {json.dumps(str(self.state))}\n"
            f"redis: {{ url: embedded }}\n{control}{text}",
            encoding="utf-8",
        )

    # what it runs

    def check(self):
        run = subprocess.run(
            [WIREDESK, "check", "--config", self.config],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if run.returncode:
            raise Failure((run.stderr or run.stdout).strip() or "the configuration is not good")

    def run(self):
        self.daemon = start(
            [WIREDESK, "run", "--config", self.config], stderr=subprocess.PIPE, text=True,
            errors="replace",
        )
        self.processes.insert(0, self.daemon)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        if self.state:
            wait_for(self.state / "redis/redis.sock", self.daemon, "wiredesk")
        step("log", str(self.log_path))
        step("running", "what a subscriber sees follows; Ctrl-C ends it")
        print(flush=True)
        tail = start([WIREDESK, "tail", "--copies", "--config", self.config])
        self.processes.insert(0, tail)
        return tail

    def listen(self):
        """The daemon's log: all of it to the file, its warnings to the screen."""
        with open(self.log_path, "w", encoding="utf-8") as log:
            for line in self.daemon.stderr:
                log.write(line)
                log.flush()
                match = LOG_LINE.match(line.rstrip("\n"))
                if match["event"] == READY:
                    self.ready.set()
                if int(match["level"] or 6) > WARNING:
                    continue
                said = match["text"]
                feed = LOG_FEED.search(match["fields"] or "")
                self.warnings[feed[1] if feed else said] = said
                print(dim(f"  log        {said}"), flush=True)

    # what came of it

    def summary(self):
        """The daemon's own last words, and what its warnings were about."""
        log = self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""
        told = [m["text"] for m in map(LOG_LINE.match, log.splitlines()) if m["event"] == LAST_WORDS]
        return told[-1:] + [f"  log: {said}" for said in self.warnings.values()]

    def stop(self):
        for process in self.processes:
            end(process, STOP_PATIENCE_S if process is self.daemon else 3)
        if self.listener:
            self.listener.join(1)


def watch(desk, tail, seconds):
    """Until Ctrl-C, the time is up, or something ended by itself; that is a Failure.  The time
    begins when wiredesk is ready: a slow machine shows as much as a fast one."""
    until = None
    while until is None or time.monotonic() < until:
        if until is None and seconds and desk.ready.is_set():
            until = time.monotonic() + seconds
        if desk.daemon.poll() is not None:
            desk.listener.join(1)
            raise Failure(f"wiredesk ended by itself (exit code {desk.daemon.returncode})")
        if tail.poll() is not None:
            raise Failure(f"wiredesk tail ended by itself (exit code {tail.returncode})")
        time.sleep(0.1)


def choose(desk, options):
    if options.config:
        desk.use_own(options.config)
    elif options.sample:
        desk.use_sample()
    elif internet():
        desk.use_starter()
    else:
        desk.use_sample("none of the starter feeds can be reached from here; showing the sample")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/quickstart", add_help=False)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--for", dest="seconds", type=float, metavar="SECONDS")
    return parser.parse_args()


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    desk, code = Desk(options), 0
    try:
        choose(desk, options)
        desk.check()
        watch(desk, desk.run(), options.seconds)
    except Failure as failure:
        print(f"\nquickstart: {failure}\n  its log: {desk.log_path}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the end is under way
        desk.stop()
    if code == 0 and desk.daemon:
        print("\n" + "\n".join(desk.summary()))
        print(f"\nIts configuration, to begin your own with: {os.path.relpath(desk.config)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
