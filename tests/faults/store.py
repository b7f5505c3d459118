"""tests/faults/store.py - Redis servers that can lose power and be succeeded by a replica.

A power cut is SIGKILL, then cutting the append-only file back to a size it had up to a second
before: what `appendfsync everysec` may lose.
"""
import glob
import os
import shutil
import threading
import time

import redis

from redis_server import RedisServer, free_port
from waiting import wait_until

AOF = ("--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0",
       "--enable-debug-command", "local", "--repl-diskless-sync-delay", "0",
       "--aof-load-truncated", "yes")


class Store:
    def __init__(self, directory):
        self.directory = directory
        self.made = 0
        self.sizes = []  # (time, file, bytes) of the append-only file
        self.running = True
        self.current = self._new().start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _new(self, *options):
        self.made += 1
        return RedisServer(os.path.join(self.directory, f"redis{self.made}"),
                           options=(*AOF, *options))

    def client(self):
        return self.current.client()

    def _aof(self):
        files = glob.glob(os.path.join(self.current.directory, "appendonlydir", "*.incr.aof"))
        return max(files) if files else None

    def _watch(self):
        while self.running:
            try:
                name = self._aof()
                self.sizes.append((time.monotonic(), name, os.path.getsize(name)))
            except (OSError, TypeError):
                pass
            del self.sizes[:-400]
            time.sleep(0.01)

    def kill(self):
        self.current.restart()

    def cut_power(self, dice):
        name = self._aof()
        self.current.pause()
        now = time.monotonic()
        before = now - dice.uniform(0.1, 1.0)
        self.current.kill()
        then = [size for at, file, size in self.sizes if file == name and at <= before]
        if then and name:
            os.truncate(name, min(then[-1], os.path.getsize(name)))
        self.sizes.clear()
        self.current.start()

    def promote_lagging(self, dice):
        """A replica whose link broke a while ago takes over; returns its socket."""
        old, new = self.current, self._new().start()
        self._copy_as_replica(old, new, dice)
        self.current = new
        self.sizes.clear()
        old.kill()
        shutil.rmtree(old.directory, ignore_errors=True)
        return new.socket_path

    def _copy_as_replica(self, old, new, dice):
        """Replication over loopback TCP, for as long as it is wanted."""
        port = self._open_port(old)
        replica = new.client()
        replica.execute_command("REPLICAOF", "127.0.0.1", port)
        wait_until(lambda: replica.info("replication").get("master_link_status") == "up",
                   "the replica follows", 30)
        time.sleep(dice.uniform(0.05, 0.2))
        replica.execute_command("REPLICAOF", "127.0.0.1", "1")  # the link breaks
        time.sleep(dice.uniform(0.1, 0.8))
        old.pause()
        replica.execute_command("REPLICAOF", "NO", "ONE")

    def _open_port(self, server):
        port = free_port()
        server.client().config_set("port", port)
        return port

    def everything(self, stream):
        client, after, entries = self.client(), "-", []
        while True:
            page = client.xrange(stream, after, "+", count=2000)
            if not page:
                return entries
            entries += page
            after = "(" + page[-1][0]

    def close(self):
        self.running = False
        self.current.stop()
        self.current.kill()


REFUSED = (redis.RedisError, OSError)
