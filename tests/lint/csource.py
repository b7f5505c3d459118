"""tests/lint/csource.py - just enough C to find function definitions, without a compiler."""

import re
from dataclasses import dataclass

# A comment, a string, a character or a preprocessor line (with continuations).
NOISE = re.compile(
    r"/\*.*?\*/|//[^\n]*"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|^[ \t]*#(?:[^\n\\]|\\\n|\\.)*",
    re.DOTALL | re.MULTILINE,
)
WORDS_BEFORE_BRACE = {"if", "for", "while", "switch", "else", "do"}


@dataclass
class Function:
    name: str
    line: int  # of the name, from 1
    lines: int  # from the name's line to the closing brace, both counted
    parameters: int  # "void" is none; "..." is not counted
    remark: str  # the comment that stands directly before it


def blank(text):
    """The same text, same lengths and lines, with all noise turned into spaces."""
    return NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def closing(code, start, pair):
    """Offset of the bracket that closes code[start]."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == pair[0]) - (code[i] == pair[1])
        if depth == 0:
            return i
    return len(code) - 1


def opening(code, end):
    """Offset of the parenthesis that code[end] closes."""
    depth = 0
    for i in range(end, -1, -1):
        depth += (code[i] == ")") - (code[i] == "(")
        if depth == 0:
            return i
    return 0


def count_parameters(inside):
    depth, count = 0, 1
    for c in inside:
        depth += (c in "([{") - (c in ")]}")
        count += c == "," and depth == 0
    inside = inside.strip()
    if inside in ("", "void"):
        return 0
    return count - inside.endswith("...")


def remark_before(text, code, at):
    """The comment directly before the definition whose name is at `at`."""
    last = max(code.rfind(c, 0, at) for c in ";}")
    begin = text.find("\n", last) if last >= 0 else 0
    comments = re.findall(r"/\*.*?\*/|//[^\n]*", text[begin:at], re.DOTALL)
    return comments[-1] if comments and begin >= 0 else ""


def functions(text):
    """Every function definition at file scope, in order."""
    code = blank(text)
    i = 0
    while (i := code.find("{", i)) >= 0:
        end = closing(code, i, "{}")
        head = code[:i].rstrip()
        if head.endswith(")"):
            open_at = opening(code, len(head) - 1)
            name = re.search(r"(\w+)\s*$", code[:open_at])
            if name and name.group(1) not in WORDS_BEFORE_BRACE:
                first, last = code.count("\n", 0, name.start()), code.count("\n", 0, end)
                yield Function(
                    name.group(1),
                    first + 1,
                    last - first + 1,
                    count_parameters(code[open_at + 1 : len(head) - 1]),
                    remark_before(text, code, name.start()),
                )
        i = end + 1
