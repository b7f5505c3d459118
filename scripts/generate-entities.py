#!/usr/bin/python3
"""Writes parsers/entity_table.c: the HTML standard's named character references, sorted by name.

usage: scripts/generate-entities.py > parsers/entity_table.c
Python's html.entities.html5 is that list (https://html.spec.whatwg.org/entities.json)."""
import html.entities

HEAD = '''/* parsers/entity_table.c - the named character references of HTML, sorted by name.
 *
 * Written by scripts/generate-entities.py; do not edit.  One string holds "name\\0text\\0"
 * after another, so that the table costs no relocations; `starts` has every eighth offset.
 * A text that begins with \\1 belongs to a name that may stand without its semicolon. */
#include "parsers/entity_table.h"

/* clang-format off */
'''
STRIDE = 8


def c_string(text):
    out = ''
    for b in text.encode():
        c = chr(b)
        out += c if 0x20 < b < 0x7f and c not in '"\\?' else '\\%03o' % b
    return out


def wrapped(pieces, indent, quote='', width=100):
    line = indent + quote
    for p in pieces:
        if len(line) + len(p) + len(quote) > width:
            yield line.rstrip() + quote
            line = indent + quote
        line += p
    yield line.rstrip() + quote


def main():
    table = html.entities.html5
    names = sorted({n.rstrip(';') for n in table})
    at, starts, rows = 0, [], []
    for i, n in enumerate(names):
        text = table.get(n + ';', table.get(n))
        legacy = n in table
        if i % STRIDE == 0:
            starts.append(at)
        at += len(n) + 1 + legacy + len(text.encode()) + 1
        rows.append('%s\\0%s%s\\0' % (n, '\\001' if legacy else '', c_string(text)))
    assert at < 65536
    print(HEAD, end='')
    print('const char wd_entity_texts[] =')
    print('\n'.join(wrapped(rows, '    ', '"')) + ';')
    print('\nconst uint16_t wd_entity_starts[WD_ENTITY_STARTS] = {')
    print('\n'.join(wrapped(['%d, ' % s for s in starts], '    ')))
    print('};\n\n/* %d names */' % len(names))


main()
