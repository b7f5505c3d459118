"""tests/faults/faults.py - what can go wrong, one function each.

Each takes the run (see run.py) and breaks something for a moment; the daemon is left alone to
find its way.
"""
import time

import redis


def kill(run):
    """The daemon, at any moment: polls in flight, a transaction half written."""
    time.sleep(run.dice.uniform(0, 0.35))
    run.kill_daemon()


def stop(run):
    run.daemon.process.send_signal(19)
    time.sleep(run.dice.uniform(0.1, 1.5))
    run.daemon.process.send_signal(18)


def redis_stop(run):
    server = run.store.current
    server.pause()
    time.sleep(run.dice.uniform(0.2, 2.5))
    server.resume()


def redis_kill(run):
    run.store.kill()


def cut(run):
    run.relay.cut()


def client_kill(run):
    run.control("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def sleep(run):
    run.control("DEBUG", "SLEEP", f"{run.dice.uniform(0.2, 2):.2f}")


def flushall(run):
    run.control("FLUSHALL")


def fence(run):
    run.control("DEL", "{wiredesk:items}:fence", "{wiredesk:copies}:fence")


def readonly(run):
    run.for_a_while(("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"))


def noreplicas(run):
    run.for_a_while(("CONFIG", "SET", "min-replicas-to-write", "3"),
                    ("CONFIG", "SET", "min-replicas-to-write", "0"))


def oom(run):
    run.for_a_while(("CONFIG", "SET", "maxmemory", "1mb"), ("CONFIG", "SET", "maxmemory", "0"))


def noauth(run):
    run.control("ACL", "SETUSER", "default", "resetpass", ">other")
    run.control("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    time.sleep(run.dice.uniform(0.05, 0.5))
    client = redis.Redis(unix_socket_path=run.store.current.socket_path, password="other")
    client.execute_command("ACL", "SETUSER", "default", "nopass")


def noscript(run):
    run.control("SCRIPT", "FLUSH")


def loading(run):
    run.relay.error = b"LOADING Redis is loading the dataset in memory"
    run.relay.cut()
    time.sleep(run.dice.uniform(0.1, 1))
    run.relay.error = None


def power(run):
    time.sleep(run.dice.uniform(0.5, 1.2))
    run.store.cut_power(run.dice)


def power_twice(run):
    power(run)
    time.sleep(run.dice.uniform(0, 0.3))
    run.store.cut_power(run.dice)


def lagging(run):
    run.relay.switch(run.store.promote_lagging(run.dice))


MIXED = [kill, stop, redis_stop, redis_kill, cut, client_kill, sleep, flushall, fence, readonly,
         noreplicas, oom, noauth, noscript, loading, power, power_twice, lagging]
BY_NAME = {f.__name__: f for f in MIXED}


# With sentinels, and with a cluster.

def failover(run):
    run.store.fail_over(run.dice)
    time.sleep(run.dice.uniform(0, 1))


def move_slot(run):
    run.store.move(run.dice.choice(("wiredesk:items", "wiredesk:copies")), run.dice)
    time.sleep(run.dice.uniform(0, 1))


# Another daemon, with a state directory of its own, on the same streams.

def twin(run):
    run.start_twin()


WORLDS = {"failover": "sentinel", "move_slot": "cluster"}
BY_NAME |= {f.__name__: f for f in (failover, move_slot, twin)}
