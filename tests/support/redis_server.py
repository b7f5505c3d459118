"""tests/support/redis_server.py - a real redis-server of our own, that can be stopped in every way.

It lives in a directory of the test, on a unix socket or a free port of loopback, and dies
with the test process.  Only processes started here are ever signalled, by their pid.
WIREDESK_REDIS_SERVER names another program to test with: valkey-server, or a newer Redis.
"""
import os
import shutil
import signal
import socket
import subprocess
import time

import redis

from waiting import wait_until

PATIENCE_S = 30
PROGRAM = (os.environ.get("WIREDESK_REDIS_SERVER") or shutil.which("redis-server")
           or "valkey-server")


def free_port(address="127.0.0.1"):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


class RedisServer:
    def __init__(self, directory, tcp=False, password="", options=()):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.password = password
        self.options = [*options, *(["--requirepass", password] if password else [])]
        self.port = free_port() if tcp else 0
        self.socket_path = os.path.join(self.directory, "redis.sock")
        self.process = None

    @property
    def url(self):
        secret = f":{self.password}@" if self.password else ""
        if self.port:
            return f"redis://{secret}127.0.0.1:{self.port}/0"
        return f"unix://{self.socket_path}"

    def start(self):
        command = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", PROGRAM, "--dir", self.directory,
                   "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket",
                   self.socket_path, "--save", "", "--appendonly", "yes", "--appendfsync",
                   "always", "--daemonize", "no", *self.options]
        self.log = open(os.path.join(self.directory, "redis.log"), "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT)
        wait_until(self.answers, "redis-server answers", PATIENCE_S, watch=[self])
        return self

    def must_live(self, what):
        if self.process.poll() is not None:
            with open(os.path.join(self.directory, "redis.log"), errors="replace") as f:
                raise AssertionError(f"redis-server ended while waiting: {what}\n{f.read()[-2000:]}")

    def client(self):
        return redis.Redis(unix_socket_path=self.socket_path, socket_timeout=20,
                           password=self.password or None, decode_responses=True)

    def answers(self):
        try:
            return self.client().ping()
        except (redis.ConnectionError, redis.BusyLoadingError, FileNotFoundError):
            return False

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """As a power cut would, apart from the disk."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.resume()
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def restart(self):
        self.kill()
        time.sleep(0.05)
        return self.start()
