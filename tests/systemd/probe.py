"""tests/systemd/probe.py - tries what a taken-over wiredesk would try, and says what came of it.

usage: probe.py ANSWERS.json

Run in place of the daemon, in the unit's own sandbox.  Each answer is "allowed" or the refusal.
"""
import errno
import json
import mmap
import os
import socket
import subprocess
import sys
import time


def program(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(errno.EPERM, done.stderr.strip()[-120:])


def create(path):
    with open(path, "w", encoding="ascii"):
        pass
    os.unlink(path)


def set_user_id(path):
    create(path)
    with open(path, "w", encoding="ascii"):
        pass
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def open_socket(*kind):
    socket.socket(*kind).close()


STATE = os.environ.get("STATE_DIRECTORY", "/var/lib/wiredesk")
RUNTIME = os.environ.get("RUNTIME_DIRECTORY", "/run")
TRIES = {
    "write state": lambda: create(f"{STATE}/probe"),
    "write runtime directory": lambda: create(f"{RUNTIME}/probe"),
    "write private /tmp": lambda: create("/tmp/probe"),
    "tcp socket": lambda: open_socket(socket.AF_INET, socket.SOCK_STREAM),
    "unix socket": lambda: open_socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "read configuration": lambda: open("/etc/wiredesk/wiredesk.yaml", "rb").close(),
    "write /etc": lambda: create("/etc/wiredesk-probe"),
    "write own configuration": lambda: create("/etc/wiredesk/probe"),
    "write /usr": lambda: create("/usr/wiredesk-probe"),
    "write /var": lambda: create("/var/lib/wiredesk-probe"),
    "see home directories": lambda: os.listdir("/root"),
    "raw socket": lambda: open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "packet socket": lambda: open_socket(socket.AF_PACKET, socket.SOCK_RAW),
    "netlink socket": lambda: open_socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "writable and executable memory": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close(),
    "user namespace": lambda: program("unshare", "--user", "true"),
    "mount namespace": lambda: program("unshare", "--mount", "true"),
    "network namespace": lambda: program("unshare", "--net", "true"),
    "set-user-id file": lambda: set_user_id(f"{STATE}/suid"),
    "real-time scheduling": lambda: os.sched_setscheduler(
        0, os.SCHED_FIFO, os.sched_param(1)),
    "host name": lambda: socket.sethostname("taken"),
    "clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "kernel log": lambda: open("/dev/kmsg", "rb").close(),
    "kernel settings": lambda: open("/proc/sys/kernel/domainname", "wb").close(),
    "other processes": lambda: os.listdir("/proc/1"),
    "become root": lambda: os.setuid(0),
}


def answer(attempt):
    try:
        attempt()
    except OSError as error:
        return f"refused: {error.strerror}"
    return "allowed"


answers = {name: answer(attempt) for name, attempt in TRIES.items()}
with open(sys.argv[1], "w", encoding="ascii") as out:
    json.dump(answers, out)
