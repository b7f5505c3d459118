#!/usr/bin/python3
"""tests/lint/layer_law.py - who may include whom, and which file is a library's one door."""

import fnmatch
import re
import sys

import tree

# A folder may include itself and these; daemon is the only place that knows everyone.
FOLDERS = {
    "core": set(),
    "parsers": {"core"},
    "dedup": {"core"},
    "feeds": {"core", "parsers/opml.h"},
    "queue": {"core"},
    "daemon": {"feeds", "parsers", "dedup", "queue", "core"},
}
FREE = ("tests", "bench")

# Inside daemon: the verbs stand on the service, and only main() knows them.
VERBS = "daemon/verbs/"
KNOWS_VERBS = ("daemon/main.c",)

# One library, one door: its errors become wd_status there, and none of its types come out.
DOORS = [
    (r"curl/", "libcurl", ["feeds/http*.c", "feeds/http_impl.h"]),
    (r"libxml/", "libxml2", ["parsers/xml_reader.c"]),
    (r"hiredis/", "hiredis", ["queue/redis*.[ch]"]),
    (r"openssl/", "OpenSSL", ["queue/redis_tls.c"]),
    (r"sqlite3", "SQLite", ["queue/ledger*.c", "queue/outbox*.c"]),
    (r"yaml\.h", "libyaml", ["daemon/config/*.c"]),
    (r"microhttpd", "libmicrohttpd", ["daemon/listener.[ch]"]),
    (r"systemd/", "libsystemd", ["daemon/notify.c", "daemon/log_sink.c"]),
    (r"xxhash", "xxHash", ["core/hash.c"]),
    (r"nettle/", "nettle", ["core/hmac.c"]),
    (r"libpsl", "libpsl", ["feeds/*.c"]),
    (r"idn2", "libidn2", ["feeds/idn.c"]),
    (r"zlib\.h", "zlib", ["feeds/gunzip.c"]),
    (r"libdeflate", "libdeflate", ["feeds/whole_gzip.c"]),
    (r"brotli/", "brotli", ["feeds/decoder.c"]),
    (r"zstd\.h", "zstd", ["feeds/decoder.c"]),
    (r"jansson", "jansson", ["parsers/json_feed.c", "daemon/*.c"]),
    (r"utf8proc", "utf8proc", ["core/*.c", "parsers/*.c", "dedup/*.c"]),
    (r"iconv\.h", "iconv", ["parsers/*.c"]),
    # The loop's pointer is the one foreign type that headers may name.
    (r"uv\.h", "libuv", ["feeds/*", "queue/*", "daemon/*"]),
    (r"sanitizer/", "AddressSanitizer", ["core/arena.c"]),
    (r"cmocka", "cmocka", []),
]

# What libc and the compiler give.  Folders that know no network may not take the second kind.
LIBC = set(
    "assert complex ctype dirent dlfcn endian errno fcntl features fenv float fnmatch getopt glob "
    "grp inttypes langinfo libgen limits locale malloc math memory poll pthread pwd regex sched search "
    "semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib "
    "stdnoreturn string strings syslog termios threads time uchar unistd wchar wctype".split()
)
COMPILER = re.compile(r"^(\w*mmintrin|arm_neon|immintrin)\.h$")
NETWORK = re.compile(r"^(netdb|ifaddrs|resolv|net/.*|netinet/.*|arpa/.*|sys/socket|sys/un)\.h$")
SYSTEM = re.compile(r"^(sys|linux|net|netinet|arpa)/.*\.h$|^(netdb|ifaddrs|resolv)\.h$")
NO_NETWORK = ("core", "parsers", "dedup")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def own_header(root, path, name):
    """What is wrong with #include "name" in path, or None."""
    folder, target = path.parts[0], name.split("/")[0]
    if name.endswith(".c"):
        return f'includes "{name}": a .c file is never included'
    if "/" not in name or name.startswith("."):
        return f'includes "{name}": write the path from the project\'s root'
    if not (root / name).is_file() and not (root / f"{name}.in").is_file():  # .in: made by CMake
        return f'includes "{name}": there is no such file'
    if name.startswith(VERBS) and folder not in FREE:
        if not path.as_posix().startswith((VERBS, *KNOWS_VERBS)):
            return f'includes "{name}": only {VERBS} and {", ".join(KNOWS_VERBS)} may know a verb'
    if folder in FREE or target == folder:
        return None
    if target in FOLDERS[folder] or name in FOLDERS[folder]:
        return None
    allowed = ", ".join(sorted(FOLDERS[folder])) or "nothing else"
    return f'includes "{name}": {folder} may include itself and {allowed}'


def foreign_header(path, name):
    """What is wrong with #include <name> in path, or None."""
    folder = path.parts[0]
    for pattern, library, doors in DOORS:
        if not re.match(pattern, name):
            continue
        if folder in FREE or any(fnmatch.fnmatch(path.as_posix(), door) for door in doors):
            return None
        return f"includes <{name}>: {library}'s door is {' or '.join(doors) or 'tests/'}"
    if NETWORK.match(name) and folder in NO_NETWORK:
        return f"includes <{name}>: {folder} knows no network"
    if name.removesuffix(".h") in LIBC or SYSTEM.match(name) or COMPILER.match(name):
        return None
    if folder in FREE:
        return None
    return f"includes <{name}>: neither libc nor a library with a door (tests/lint/layer_law.py)"


def check(root, path):
    text = (root / path).read_text(encoding="utf-8", errors="replace")
    for match in INCLUDE.finditer(text):
        own, foreign = match.groups()
        wrong = own_header(root, path, own) if own else foreign_header(path, foreign)
        if wrong:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {wrong}"


def main():
    root = tree.arguments(__doc__).parse_args().root
    paths = tree.code(root)
    findings = [finding for path in paths for finding in check(root, path)]
    return tree.report(findings, f"layer law over {len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())
