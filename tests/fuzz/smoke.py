#!/usr/bin/python3
"""tests/fuzz/smoke.py - a minute of libFuzzer over all targets, from their seeds.

Builds the targets with the preset `fuzz` (clang) and runs one after the other; a finding is kept
beside the build and fails the test.  Where there is no clang with libFuzzer it says so and is
skipped: the seeds are replayed by every build."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
CLANGS = ("clang", "clang-14")  # scripts/install-deps brings the second, without the plain name
SECONDS = 60
INPUT_BYTES = 4096
MEMORY_MB = 1024
ONE_INPUT_S = 10


def skip(why):
    print(f"fuzz.smoke: {why}")
    return SKIPPED


def has_libfuzzer(clang):
    """clang may be there without its runtime."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "probe.c")
        source.write_text("int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n)"
                          "{ (void)d; (void)n; return 0; }\n", encoding="ascii")
        done = subprocess.run([clang, "-fsanitize=fuzzer,address", source, "-o",
                               pathlib.Path(folder, "probe")], capture_output=True, check=False)
        return done.returncode == 0


def build(source, clang, targets):
    log = []
    for command in (["cmake", "--preset", "fuzz", f"-DCMAKE_C_COMPILER={clang}"],
                    ["cmake", "--build", "--preset", "fuzz", "--target",
                     *(f"fuzz_{t}" for t in targets)]):
        done = subprocess.run(command, cwd=source, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        log.append(done.stdout)
        if done.returncode != 0:
            print("".join(log)[-5000:])
            return False
    return True


def run(source, target, seconds):
    """True when nothing was found."""
    findings = source / "build" / "fuzz" / "findings"
    findings.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:      # what is new goes here, seeds stay as is
        done = subprocess.run(
            [source / "build" / "fuzz" / "tests" / "fuzz" / f"fuzz_{target}",
             f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES}", f"-timeout={ONE_INPUT_S}",
             f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={findings}/{target}-", corpus,
             source / "tests" / "fuzz" / "corpus" / target],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False)
    last = [line for line in done.stdout.splitlines() if line.startswith("Done ")]
    print(f"{target}: {last[-1] if last else f'exit {done.returncode}'}", flush=True)
    if done.returncode != 0:
        print(done.stdout[-3000:])
    return done.returncode == 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--source", required=True, type=pathlib.Path)
    options.add_argument("targets", nargs="+")
    given = options.parse_args()
    here = [clang for clang in CLANGS if shutil.which(clang)]
    able = [clang for clang in here if has_libfuzzer(clang)]
    if not able:
        return skip(f"{here[0]} has no libFuzzer" if here else f"no {' or '.join(CLANGS)} is here")
    if not build(given.source, able[0], given.targets):
        return 1
    each = max(1, SECONDS // len(given.targets))
    return 0 if all([run(given.source, target, each) for target in given.targets]) else 1


sys.exit(main())
