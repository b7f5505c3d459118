"""tests/systemd/machine.py - a machine with a real systemd, for a test to break.

It is this machine's own system (or another tree) under an overlay, in namespaces and cgroups of
its own; booting takes about two seconds, and the power-off leaves no trace.  Where that cannot
work, CannotBoot says why.
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import Future

from waiting import wait_until

BOOT = pathlib.Path(__file__).with_name("boot")
BOOT_PATIENCE_S = 60
HALT_PATIENCE_S = 20
CGROUP = pathlib.Path("/sys/fs/cgroup")
CLONE_NEWNET = 0x40000000
SIGRTMIN_HALT = signal.SIGRTMIN + 4  # systemd(1): poweroff.target


class CannotBoot(Exception):
    """This place has no room for a systemd: said in one sentence."""


def hindrance():
    """Why a machine cannot be booted here, or None."""
    if os.geteuid() != 0:
        return "a real PID 1 needs root"
    for program in ("systemd-nspawn", "unshare", "nsenter", "setpriv"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not pathlib.Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    return None


def own_cgroups(name):
    """A sub-cgroup in every hierarchy that may be written, so that machines do not meet."""
    made = []
    for line in pathlib.Path("/proc/self/cgroup").read_text("ascii").splitlines():
        _, controller, path = line.split(":", 2)
        if controller:
            top = CGROUP / controller.removeprefix("name=")
        else:
            top = CGROUP / "unified" if (CGROUP / "unified").is_dir() else CGROUP
        place = pathlib.Path(f"{top}{path.rstrip('/')}") / name
        try:
            place.mkdir()
        except OSError:
            continue
        if controller == "cpuset":
            for file in ("cpuset.cpus", "cpuset.mems"):
                (place / file).write_text((place.parent / file).read_text("ascii"))
        made.append(place)
    return made


class Machine:
    def __init__(self, directory, tree="/", cgroups="unified"):
        self.directory = pathlib.Path(directory)
        self.tree, self.mode = str(tree), cgroups
        self.name = f"wd-test-{os.getpid()}-{self.directory.name}"
        self.cgroups, self.process, self.leader = [], None, None

    # ---- life and death

    def start(self):
        if why := hindrance():
            raise CannotBoot(why)
        (self.directory / "root").mkdir(parents=True)
        self.cgroups = own_cgroups(self.name)
        (self.directory / "cgroups").write_text("".join(f"{place}\n" for place in self.cgroups))
        with open(self.directory / "console", "wb") as console:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private",
                 BOOT, self.directory, self.tree, self.mode, self.name],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                start_new_session=True)
        try:
            wait_until(self._is_up, "systemd is up", BOOT_PATIENCE_S, watch=[self])
        except AssertionError as error:
            self.stop()
            raise CannotBoot(str(error)) from None
        return self

    def must_live(self, what):
        if self.process.poll() is not None:
            said = (self.directory / "console").read_text("utf-8", "replace").strip()
            raise AssertionError(f"{what}: it ended; its last words: {said[-500:] or 'none'}")

    def _is_up(self):
        if self.leader is None:
            self.leader = self._first_in_its_own_namespace()
            return False
        said = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return said in ("running", "degraded")

    def _first_in_its_own_namespace(self):
        """The pid of the machine's PID 1, as seen from here; None: not yet."""
        try:
            tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children")
            children = [int(pid) for task in tasks for pid in task.read_text("ascii").split()]
            ours = os.readlink("/proc/self/ns/pid")
            apart = [pid for pid in children if os.readlink(f"/proc/{pid}/ns/pid") != ours]
            return apart[0] if apart else None
        except OSError:
            return None

    def stop(self):
        """Power off; whatever does not want to go is killed; mounts and cgroups go with it."""
        if self.process and self.process.poll() is None and self.leader:
            self._signal(self.leader, SIGRTMIN_HALT)
            try:
                self.process.wait(HALT_PATIENCE_S)
            except subprocess.TimeoutExpired:
                pass
        if self.process and self.process.poll() is None:
            if self.leader:
                self._signal(self.leader, signal.SIGKILL)
            self._signal(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
        self._remove_cgroups()
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def _signal(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def _remove_cgroups(self):
        until = time.monotonic() + HALT_PATIENCE_S
        for top in self.cgroups:
            places = sorted((p for p in top.rglob("*") if p.is_dir()), key=lambda p: -len(p.parts))
            for place in [*places, top]:
                while time.monotonic() < until:
                    try:
                        place.rmdir()
                        break
                    except FileNotFoundError:
                        break
                    except OSError:  # the last process is still leaving
                        time.sleep(0.05)

    # ---- what happens inside

    @property
    def root(self):
        return pathlib.Path(f"/proc/{self.leader}/root")

    def path(self, inside):
        return self.root / str(inside).lstrip("/")

    def write(self, inside, text, mode=0o644):
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def run(self, *command, check=True, timeout=120, text=None):
        """A command inside; what it said is in .stdout and .stderr."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--",
             "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
            input=text, stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode:
            why = done.stdout + done.stderr
            if command[0] == "systemctl":  # which names the journal, that is about to be gone
                why += self.run("journalctl", "-n", "40", "--no-pager", check=False).stdout
            raise AssertionError(f"{command} ended with {done.returncode}\n{why}")
        return done

    def in_its_network(self, function):
        """function()'s result; the sockets that it makes are the machine's."""
        outcome = Future()

        def work():
            try:
                with open(f"/proc/{self.leader}/ns/net", "rb") as there:
                    if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                outcome.set_result(function())
            except BaseException as error:  # pylint: disable=broad-except
                outcome.set_exception(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join()
        return outcome.result()

    # ---- systemd's own words

    def show(self, unit, *names):
        """Properties of a unit as a dict."""
        said = self.run("systemctl", "show", unit, "-p", ",".join(names)).stdout
        return dict(line.split("=", 1) for line in said.splitlines())

    def pid_of(self, unit):
        """The main process's pid as seen from here; 0: none."""
        inside = self.show(unit, "MainPID")["MainPID"]
        if inside == "0":
            return 0
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text("utf-8", "replace")
                if os.readlink(status.parent / "ns/pid") != os.readlink(
                        f"/proc/{self.leader}/ns/pid"):
                    continue
            except OSError:
                continue
            pids = next(line for line in text.splitlines() if line.startswith("NSpid:")).split()
            if pids[-1] == inside:
                return int(status.parent.name)
        return 0

    def journal(self, *matches):
        """Records of the journal as dicts, oldest first."""
        self.run("journalctl", "--sync", check=False)
        said = self.run("journalctl", "-o", "json", "--no-pager", "-q", *matches, check=False)
        return [json.loads(line) for line in said.stdout.splitlines()]
