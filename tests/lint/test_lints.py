"""tests/lint/test_lints.py - every lint can fail: each row breaks one rule in a tree of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import cppcheck  # noqa: E402  (a lint, beside this file)

ROOT = HERE.parents[1]
LATER = "TO" "DO"


def lint(name, root, *more):
    return subprocess.run(
        [sys.executable, HERE / f"{name}.py", "--root", root, *more],
        capture_output=True,
        text=True,
        check=False,
    )


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


LAYERS = [
    ("core/a.c", '#include "feeds/a.h"\n', "core may include itself and nothing else"),
    ("feeds/a.c", '#include "dedup/a.h"\n', "feeds may include itself and core"),
    ("queue/a.c", '#include "daemon/a.h"\n', "queue may include itself and core"),
    ("feeds/a.c", '#include "parsers/a.h"\n', "feeds may include itself and core"),
    ("parsers/a.c", "#include <curl/curl.h>\n", "libcurl's door is feeds/http*.c"),
    ("queue/a.h", "#include <sqlite3.h>\n", "SQLite's door is queue/ledger*.c"),
    ("core/a.c", "#include <uv.h>\n", "libuv's door is feeds/*"),
    ("dedup/a.c", "#include <sys/socket.h>\n", "dedup knows no network"),
    ("daemon/a.c", "#include <glib.h>\n", "neither libc nor a library with a door"),
    ("daemon/a.c", '  #  include "daemon/b.c"\n', "a .c file is never included"),
    ("daemon/a.c", '#include "a.h"\n', "write the path from the project's root"),
    ("daemon/a.c", '#include "daemon/gone.h"\n', "there is no such file"),
    ("daemon/a.c", '#include "daemon/verbs/a.h"\n', "may know a verb"),
]


@pytest.mark.parametrize("path, text, finding", LAYERS)
def test_the_layer_law_is_broken_by(tmp_path, path, text, finding):
    for folder in ("core", "parsers", "dedup", "feeds", "queue", "daemon", "daemon/verbs"):
        write(tmp_path, f"{folder}/a.h", "")
    write(tmp_path, path, "/* one line more */\n" + text)
    run = lint("layer_law", tmp_path)
    assert run.returncode == 1
    assert f"{path}:2: " in run.stdout and finding in run.stdout


def test_the_layer_law_allows_what_the_map_allows(tmp_path):
    write(tmp_path, "core/a.h", "#include <stdint.h>\n#include <sys/random.h>\n")
    write(tmp_path, "parsers/opml.h", '#include "core/a.h"\n')
    write(tmp_path, "feeds/http.c", '#include <curl/curl.h>\n#include "parsers/opml.h"\n')
    write(tmp_path, "feeds/http.h", "#include <uv.h>\n")
    write(tmp_path, "daemon/made.h.in", "")
    write(tmp_path, "daemon/a.c", '#include "feeds/http.h"\n#include "daemon/made.h"\n')
    write(tmp_path, "tests/a.c", '#include "daemon/a.h"\n#include <cmocka.h>\n')
    write(tmp_path, "daemon/a.h", "")
    run = lint("layer_law", tmp_path)
    assert run.returncode == 0, run.stdout


FIVE = "int a, int b, int c, int d, int e"
SIZES = [
    ("core/a.c", "int x;\n" * 801, "801 lines, at most 800"),
    ("core/a.h", "int x;\n" * 121, "121 lines, at most 120"),
    ("core/a.c", "int f(void)\n{\n" + "    ;\n" * 78 + "}\n", "f() has 81 lines"),
    ("core/a.c", f"static int\nf({FIVE}, int g)\n{{\n}}\n", "f() takes 6 parameters"),
    ("core/a.c", f"int f({FIVE}, void (*g)(int, int))\n{{\n}}\n", "takes 6 parameters"),
    (
        "core/a.c",
        'char *s = "{ // not a comment";\n#define M(x) {\nint g(void)\n{\n'
        + "    if (x) { /* } */ }\n" * 78
        + "}\n",
        "g() has 81 lines",
    ),
]


@pytest.mark.parametrize("path, text, finding", SIZES)
def test_a_size_is_passed_by(tmp_path, path, text, finding):
    write(tmp_path, path, text)
    run = lint("sizes", tmp_path)
    assert run.returncode == 1
    assert finding in run.stdout


def test_sizes_at_their_limits_pass(tmp_path):
    write(tmp_path, "core/a.c", "int x;\n" * 800)
    write(tmp_path, "core/a.h", "int x;\n" * 120)
    write(tmp_path, "core/b.c", "int f(void)\n{\n" + "    ;\n" * 77 + "}\n")
    write(tmp_path, "core/c.c", f"int f({FIVE}, ...)\n{{\n}}\nint t[] = {{ 1, 2 }};\n")
    write(tmp_path, "core/d.c", f"/* libxml2's signature. */\nstatic int f({FIVE}, int g)\n{{\n}}\n")
    write(tmp_path, "core/e.c", "int f(int (*g)(int, int), int t[static sizeof(int[2])])\n{\n}\n")
    run = lint("sizes", tmp_path)
    assert run.returncode == 0, run.stdout


WORDS = [
    ("core/a.c", f"/* core/a.c - one */\n/* {LATER}: later */\n", f":2: '{LATER}'"),
    ("docs/a.md", "see /wo" "rk/main\n", "a path of one machine"),
    ("docs/a.md", "pip from py" "pi.org\n", "a package registry"),
    ("core/a.c", "int x;\n", "begins with `/* core/a.c - one promise`"),
    ("core/a.c", "/* core/b.c - moved */\n", "begins with `/* core/a.c - one promise`"),
    ("scripts/a", "#!/bin/bash\nif true; then\n", "scripts/a"),
    ("scripts/a", "#!/bin/bash\ntrue\n", "may not be executed"),
    ("tests/a.py", "x = (1\n", "tests/a.py:1: '(' was never closed"),
]


@pytest.mark.parametrize("path, text, finding", WORDS)
def test_words_are_found(tmp_path, path, text, finding):
    write(tmp_path, path, text)
    run = lint("words", tmp_path)
    assert run.returncode == 1
    assert finding in run.stdout


def test_harmless_words_pass(tmp_path):
    write(tmp_path, "core/a.c", "/* core/a.c - one */\nchar t[] = \"/tmp/a.XXXXXX\";\n")
    write(tmp_path, "docs/a.md", "https://example.org/work/1 and $HOME/work/x\n")
    write(tmp_path, "scripts/a", "#!/bin/bash\necho hello\n")
    (tmp_path / "scripts/a").chmod(0o755)
    run = lint("words", tmp_path)
    assert run.returncode == 0, run.stdout


needs_cppcheck = pytest.mark.skipif(
    cppcheck.version() != cppcheck.VERSION, reason=f"for {cppcheck.VERSION}"
)


def needs(tool):
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed here")


@needs("clang-format-14")
def test_another_layout_is_found(tmp_path):
    shutil.copy(ROOT / ".clang-format", tmp_path)
    write(tmp_path, "core/a.c", "int f(void) { return 1; }\n")
    assert lint("format", tmp_path).returncode == 1
    write(tmp_path, "core/a.c", "int f(void)\n{\n    return 1;\n}\n")
    assert lint("format", tmp_path).returncode == 0


def compiled(root, text):
    """A tree with one compiled file, and its build directory."""
    shutil.copy(ROOT / ".clang-tidy", root)
    write(root, "core/a.c", text)
    build = root / "build"
    build.mkdir(exist_ok=True)
    command = f"cc -std=c17 -I{root} -c {root}/core/a.c"
    entry = {"directory": str(build), "command": command, "file": f"{root}/core/a.c"}
    write(build, "compile_commands.json", json.dumps([entry]))
    return build


@needs("clang-tidy-14")
def test_a_null_dereference_is_found_and_remembered_until_it_is_mended(tmp_path):
    broken = "int f(int *p);\nint f(int *p)\n{\n    if (!p)\n        return *p;\n    return 0;\n}\n"
    build = compiled(tmp_path, broken)
    for _ in range(2):
        run = lint("tidy", tmp_path, "--build", build)
        assert run.returncode == 1
        assert "core/a.c:5:16: error:" in run.stdout and "NullDereference" in run.stdout
    compiled(tmp_path, broken.replace("!p", "p"))
    run = lint("tidy", tmp_path, "--build", build)
    assert run.returncode == 0, run.stdout


@needs("clang-tidy-14")
def test_a_changed_header_is_looked_at_again(tmp_path):
    write(tmp_path, "core/a.h", "#define DIVISOR 1\n")
    build = compiled(tmp_path, '#include "core/a.h"\nint x(void);\nint x(void)\n{\n'
                               "    return 8 / DIVISOR;\n}\n")
    assert lint("tidy", tmp_path, "--build", build).returncode == 0
    write(tmp_path, "core/a.h", "#define DIVISOR 0\n")
    assert lint("tidy", tmp_path, "--build", build).returncode == 1


@needs("clang-tidy-14")
def test_a_file_of_two_targets_is_looked_at_once(tmp_path):
    build = compiled(tmp_path, "#include <stdarg.h>\n#include <stdio.h>\nvoid say(const char *f, ...);\n"
                               "void say(const char *f, ...)\n{\n    va_list args;\n"
                               "    va_start(args, f);\n    vprintf(f, args);\n    va_end(args);\n}\n")
    database = build / "compile_commands.json"
    database.write_text(json.dumps(json.loads(database.read_text()) * 2))
    run = lint("tidy", tmp_path, "--build", build)
    assert run.returncode == 0 and "over 1 files" in run.stdout, run.stdout


@needs_cppcheck
def test_a_read_past_the_end_is_found(tmp_path):
    write(tmp_path, "core/a.c", "int f(void)\n{\n    int a[2] = { 1, 2 };\n    return a[2];\n}\n")
    run = lint("cppcheck", tmp_path)
    assert run.returncode == 1
    assert "core/a.c:4: error:" in run.stdout


@needs_cppcheck
def test_a_suppression_needs_its_reason(tmp_path):
    read = "int f(void)\n{\n    int a[2] = { 1, 2 };\n    %s\n    return a[2];\n}\n"
    write(tmp_path, "core/a.c", read % "// cppcheck-suppress arrayIndexOutOfBounds")
    assert "without its reason" in lint("cppcheck", tmp_path).stdout
    said = read % "// cppcheck-suppress arrayIndexOutOfBounds ; never called"
    write(tmp_path, "core/a.c", said)
    run = lint("cppcheck", tmp_path)
    assert run.returncode == 0, run.stdout


DOCS = [
    ("see `wd_gone()`", "`wd_gone` is not in the code"),
    ("see `core/gone.h`", "there is no `core/gone.h`"),
    ("see [this](docs/gone.md)", "the link to docs/gone.md leads nowhere"),
]


@pytest.mark.parametrize("text, finding", DOCS)
def test_a_document_names_what_is_not_there(tmp_path, text, finding):
    write(tmp_path, "README.md", f"# one\n{text}\n")
    run = lint("docs", tmp_path)
    assert run.returncode == 1
    assert f"README.md:2: {finding}" in run.stdout


def test_a_document_that_tells_the_truth_passes(tmp_path):
    write(tmp_path, "core/a.h", "int wd_here(void);\n")
    write(tmp_path, "docs/a.md", "`wd_here()` `core/a.h` `core/*.h` [up](../README.md) [x](https://x.example/)\n")
    write(tmp_path, "README.md", "```\n`wd_gone()`\n```\n")
    run = lint("docs", tmp_path)
    assert run.returncode == 0, run.stdout


@needs("mandoc")
def test_a_man_page_with_an_unknown_section_is_found(tmp_path):
    write(tmp_path, "docs/man/a.1", ".Dd November 1, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd b\n.Bl -tag\n")
    run = lint("man", tmp_path)
    assert run.returncode == 1
    assert "docs/man/a.1:" in run.stdout


def test_a_man_page_behind_the_configuration_is_found(tmp_path):
    for path in ("docs/man/generate.py", "docs/man/wiredesk.yaml.5", "daemon/config/schema.c"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    assert lint("man", tmp_path).returncode == 0
    schema = tmp_path / "daemon/config/schema.c"
    schema.write_text(schema.read_text().replace('"10m"', '"11m"'))
    run = lint("man", tmp_path)
    assert run.returncode == 1
    assert "is out of date: run docs/man/generate.py" in run.stdout


def test_an_event_without_an_explanation_is_found(tmp_path):
    for path in ("scripts/catalog", "systemd/wiredesk.catalog", "docs/operations.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    for folder in ("daemon", "feeds", "queue"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("page"))
    assert lint("events", tmp_path).returncode == 0
    (tmp_path / "feeds/new.c").write_text('wd_warn(log, "feed.exploded", 0, "");\n')
    page = tmp_path / "docs/operations.md"
    page.write_text(page.read_text().replace("It works again.", "It is well again."))
    run = lint("events", tmp_path)
    assert run.returncode == 1
    assert "feeds/new.c: feed.exploded is not explained" in run.stdout
    assert "is out of date: run scripts/catalog" in run.stdout
