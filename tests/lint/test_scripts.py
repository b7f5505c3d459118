"""tests/lint/test_scripts.py - the scripts count honestly, fail when they must, leave nothing behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_ctest(build, tests, *more):
    """run_ctest.py over tests given as {name: shell command}; 77 means skipped."""
    lines = [f'add_test({name} sh -c "{command}")' for name, command in tests.items()]
    lines += [f"set_tests_properties({name} PROPERTIES SKIP_RETURN_CODE 77)" for name in tests]
    (build / "CTestTestfile.cmake").write_text("\n".join(lines))
    return subprocess.run(
        [sys.executable, ROOT / "scripts/lib/run_ctest.py", build, *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def last_line(run):
    return run.stdout.splitlines()[-1]


def test_all_that_passed_is_counted(tmp_path):
    run = run_ctest(tmp_path, {"a.one": "true", "a.two": "true"})
    assert (run.returncode, last_line(run)) == (0, "2 passed, 0 failed")


def test_a_failure_is_named_and_returned(tmp_path):
    run = run_ctest(tmp_path, {"a.one": "true", "a.two": "echo why; false"})
    assert (run.returncode, last_line(run)) == (1, "1 passed, 1 failed")
    assert "Failed:\n  a.two " in run.stdout and "why" in run.stdout


def test_a_program_that_is_missing_is_a_failure(tmp_path):
    (tmp_path / "CTestTestfile.cmake").write_text('add_test(a.gone "/nonexistent/program")')
    run = subprocess.run(
        [sys.executable, ROOT / "scripts/lib/run_ctest.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, last_line(run)) == (1, "0 passed, 1 failed")


def test_what_is_skipped_says_why(tmp_path):
    run = run_ctest(tmp_path, {"a.one": "true", "a.two": "echo skipped: no corpus; exit 77"})
    assert (run.returncode, last_line(run)) == (0, "1 passed, 0 failed, 1 skipped")
    assert "a.two: skipped: no corpus" in run.stdout


def test_no_test_at_all_is_not_a_success(tmp_path):
    run = run_ctest(tmp_path, {"a.one": "true"}, "-R", "nothing-like-it")
    assert (run.returncode, last_line(run)) == (1, "0 passed, 0 failed")


def test_what_a_test_leaves_running_is_named_and_ended(tmp_path):
    pid_file = tmp_path / "pid"
    leave = f"setsid sleep 611 >/dev/null 2>&1 </dev/null & echo \\$! > {pid_file};"
    # Until then it is a shell or setsid, or has no name at all.
    leave += " until grep -aq ^sleep /proc/\\$!/cmdline; do sleep 0.01; done"
    run = run_ctest(tmp_path, {"a.one": leave})
    assert "left running by a test, ended now: sleep 611" in run.stdout, run.stdout
    pid = int(pid_file.read_text())
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    os.kill(pid, 9)
    raise AssertionError("it is still running")


def test_install_deps_refuses_a_part_that_it_does_not_know():
    run = subprocess.run(
        [ROOT / "scripts/install-deps", "everything"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "there is no part 'everything'" in run.stderr


def test_a_wrong_option_is_a_usage_error():
    run = subprocess.run(
        [ROOT / "scripts/test", "--everything"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "there is no option '--everything'" in run.stderr
