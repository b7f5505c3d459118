"""bench/farm.py - the lab's feed farm and anchors, built from ../shared/lab/farm into a temporary
folder, and a C program of bench/ linked with the release build beside them."""
import contextlib
import json
import pathlib
import random
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BUILD = PROJECT / "build" / "release"
FARM = PROJECT.parent / "shared" / "lab" / "farm"
LIBRARIES = ("libuv", "libcurl", "libpsl", "libidn2", "libxxhash", "zlib", "libdeflate",
             "libbrotlidec", "libzstd")
SKIPPED = 77


def skip(why):
    print(f"bench: {why}", file=sys.stderr)
    sys.exit(SKIPPED)


def build(work, targets, source=None):
    """Programs of the farm, and one of our own from its one .c file."""
    if not FARM.is_dir():
        skip("../shared/lab/farm is missing")
    shutil.copytree(FARM / "src", work / "src")
    shutil.copy(FARM / "Makefile", work)
    shutil.copy(FARM / "farm.sh", work)
    done = subprocess.run(["make", "-s", "-C", work, *targets], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        skip("the farm cannot be built here: " + done.stderr.strip().splitlines()[-1])
    if source is None:
        return None
    archives = [BUILD / "feeds" / "libwd_feeds.a", BUILD / "core" / "libwd_core.a"]
    if not all(a.exists() for a in archives):
        skip("build/release is not built")
    flags = shlex.split(subprocess.run(["pkg-config", "--cflags", "--libs", *LIBRARIES],
                                       capture_output=True, text=True, check=True).stdout)
    program = work / source.stem
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", f"-I{PROJECT}", source,
                    PROJECT / "bench" / "support.c", *archives, *flags,
                    "-lm", "-lpthread", "-o", program], check=True)
    return program


def free_port():
    """Of every address, and below those that the kernel gives to connections: theirs linger."""
    for port in random.sample(range(10000, 32768), 100):
        with socket.socket() as s:
            try:
                s.bind(("", port))
            except OSError:
                continue
            return port
    return skip("no port is free")


class Farm:
    def __init__(self, urls, port):
        self.urls, self.port = urls, port

    def served(self):
        """What it has counted: requests, s200, s304 ..."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_farm/stats", timeout=10) as answer:
            return json.load(answer)

    def tick(self):
        """A new epoch: some feeds gain items."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_farm/tick", timeout=10):
            pass


@contextlib.contextmanager
def running(work, hosts, *options):
    """So many feeds on as many hosts; its `urls` is the file that lists them."""
    where, port = work / f"list-{hosts}", str(free_port())
    subprocess.run([work / "farm.sh", "start", "-n", str(hosts), "-p", port, "--list", where,
                    *options], stdout=subprocess.DEVNULL, check=True)
    try:
        yield Farm(where, port)
    finally:
        subprocess.run([work / "farm.sh", "stop", "-p", port], check=False)
