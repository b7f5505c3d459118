"""tests/faults/lab.py - Redis with sentinels, and Redis Cluster, of ../shared/lab/redis.

Both have the two things that a run needs of a store: a client for whoever is the master now, and
everything that a stream holds.
"""
import os
import pathlib
import subprocess
import time

import redis

from corpus import SHARED
from redis_server import PROGRAM
from store import REFUSED, Store
from waiting import wait_until

SCRIPT = pathlib.Path(SHARED) / "lab/redis/redis-lab.sh"
DEMOTION_S = 30  # three times what it takes on a quiet machine


def surroundings():
    """The script finds its programs on PATH: the one to test with comes first."""
    where, name = os.path.split(PROGRAM)
    return {**os.environ, "LAB_AOF": "yes", "LAB_FLAVOR": name.removesuffix("-server"),
            "PATH": os.pathsep.join(filter(None, (where, os.environ["PATH"])))}


class Lab:
    everything = Store.everything

    def __init__(self, mode, directory):
        self.directory = os.path.join(directory, mode)
        done = subprocess.run([SCRIPT, "start", mode, self.directory], check=True, text=True,
                              capture_output=True, env=surroundings())
        self.facts = dict(line.split("=", 1) for line in done.stdout.split("\n") if "=" in line)

    def tell(self, verb, name):
        subprocess.run([SCRIPT, verb, self.directory, name], check=True, capture_output=True)

    def close(self):
        subprocess.run([SCRIPT, "stop", self.directory], check=False, capture_output=True)


def connect(port):
    return redis.Redis(port=int(port), socket_timeout=5, decode_responses=True)


class Sentinels(Lab):
    def __init__(self, directory):
        super().__init__("sentinel", directory)
        self.sentinels = self.facts["REDIS_SENTINELS"].split(",")
        self.names = {self.facts["REDIS_MASTER"]: "m", self.facts["REDIS_REPLICA"]: "r"}

    @property
    def url(self):
        return f"sentinel://{','.join(self.sentinels)}/{self.facts['REDIS_MASTER_NAME']}"

    def master(self):
        """The port that the sentinels agree on."""
        said = {connect(s.split(":")[1]).execute_command(
            "SENTINEL", "get-master-addr-by-name", "wd")[1] for s in self.sentinels}
        return said.pop() if len(said) == 1 else None

    def client(self):
        port = self.master()
        if port is None:
            raise redis.ConnectionError("the sentinels do not agree")
        client = connect(port)
        if client.role()[0] != "master":
            raise redis.ConnectionError("not a master yet")
        return client

    def fail_over(self, dice):
        """The master dies; a replica follows it on the throne; the old one comes back below."""
        old = self.master()
        self.tell("kill", self.names[old])
        wait_until(lambda: self.master() not in (old, None), "another master", 60)
        time.sleep(dice.uniform(0, 1))
        self.tell("restart", self.names[old])
        # Sentinels send it below the new one when it was up for eight seconds without a pause
        # of one: on a busy machine that may never come, and an operator would say it himself.
        patient = time.monotonic() + DEMOTION_S
        wait_until(lambda: self.follows(old) or time.monotonic() > patient, "a decision")
        if not self.follows(old):
            connect(old).replicaof("127.0.0.1", self.master())
        wait_until(lambda: self.follows(old), "the old master follows")

    def follows(self, port):
        try:
            return connect(port).info("replication").get("master_link_status") == "up"
        except REFUSED:
            return False


class Cluster(Lab):
    def __init__(self, directory):
        super().__init__("cluster", directory)
        self.nodes = self.facts["REDIS_NODES"].split(",")

    @property
    def url(self):
        return "cluster://" + ",".join(self.nodes)

    def owner(self, key):
        """(port, slot) of whoever has the key now."""
        client = connect(self.nodes[0].split(":")[1])
        slot = client.execute_command("CLUSTER", "KEYSLOT", key)
        for first, last, node in self.slots(client):
            if first <= slot <= last:
                return node, slot
        raise redis.ConnectionError("nobody has the slot")

    @staticmethod
    def slots(client):
        for first, last, primary, *_ in client.execute_command("CLUSTER", "SLOTS"):
            yield first, last, primary[1]

    def client(self):
        return _Router(self)

    def move(self, key, dice):
        """The key's slot to another node, keys and all, as resharding does it."""
        source, slot = self.owner(key)
        target = dice.choice([n.split(":")[1] for n in self.nodes if int(n.split(":")[1]) != source])
        a, b = connect(source), connect(target)
        ida, idb = (c.execute_command("CLUSTER", "MYID") for c in (a, b))
        b.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ida)
        a.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", idb)
        time.sleep(dice.uniform(0, 0.2))
        for name in a.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
            a.execute_command("MIGRATE", "127.0.0.1", target, name, 0, 5000)
            time.sleep(dice.uniform(0, 0.2))
        for client in (b, a, *(connect(n.split(":")[1]) for n in self.nodes)):
            client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", idb)


class _Router:
    """As much of a cluster client as a run needs: each stream from the node that has it."""

    def __init__(self, cluster):
        self.cluster = cluster

    def _of(self, key):
        return connect(self.cluster.owner(key)[0])

    def xrange(self, stream, *args, **more):
        return self._of(stream).xrange(stream, *args, **more)

    def xread(self, last, count, block):
        found = []
        for stream, after in last.items():
            found += self._of(stream).xread({stream: after}, count=count)
        if not found:
            time.sleep(block / 1000)
        return found
