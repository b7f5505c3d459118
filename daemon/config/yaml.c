/* daemon/config/yaml.c - libyaml's events, folded into a tree by a loop with a small stack. */
#include "daemon/config/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <yaml.h>

enum { DEPTH_MAX = 8 }; /* the configuration needs four */

struct loader {
    yaml_parser_t parser;
    const char *file;
    wd_arena *arena;
    wd_error *err;
    struct {
        wd_yaml *node, *last;
        wd_span key; /* read, its value not yet */
        uint32_t key_line, key_column;
        bool have_key;
    } stack[DEPTH_MAX];
    int depth;
    wd_yaml *root;
};

static wd_status fail_at(struct loader *l, yaml_mark_t mark, const char *text)
{
    if (l->err != NULL)
        snprintf(l->err->where, sizeof(l->err->where), "%s:%zu:%zu", l->file, mark.line + 1,
                 mark.column + 1);
    return wd_fail(l->err, WD_MALFORMED, "%s", text);
}

static wd_yaml *node_new(struct loader *l, wd_yaml_kind kind, yaml_mark_t mark)
{
    wd_yaml *n = wd_arena_zalloc(l->arena, sizeof(*n));
    if (n == NULL)
        return NULL;
    n->kind = kind;
    n->line = (uint32_t)mark.line + 1;
    n->column = (uint32_t)mark.column + 1;
    return n;
}

/* Hangs the value under the open mapping or list, or makes it the root. */
static wd_status attach(struct loader *l, wd_yaml *n, yaml_mark_t mark)
{
    if (n == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    if (l->depth == 0) {
        l->root = n;
        return WD_OK;
    }
    wd_yaml *parent = l->stack[l->depth - 1].node;
    if (parent->kind == WD_YAML_MAP) {
        if (!l->stack[l->depth - 1].have_key)
            return fail_at(l, mark, "a key must be a plain word");
        n->key = l->stack[l->depth - 1].key;
        n->key_line = l->stack[l->depth - 1].key_line;
        n->key_column = l->stack[l->depth - 1].key_column;
        l->stack[l->depth - 1].have_key = false;
    }
    if (l->stack[l->depth - 1].last != NULL)
        l->stack[l->depth - 1].last->next = n;
    else
        parent->first = n;
    l->stack[l->depth - 1].last = n;
    return WD_OK;
}

static wd_status open_node(struct loader *l, const yaml_event_t *ev, wd_yaml_kind kind)
{
    wd_yaml *n = node_new(l, kind, ev->start_mark);
    wd_status s = attach(l, n, ev->start_mark);
    if (s != WD_OK)
        return s;
    if (l->depth == DEPTH_MAX)
        return fail_at(l, ev->start_mark, "nested too deeply");
    memset(&l->stack[l->depth], 0, sizeof(l->stack[0]));
    l->stack[l->depth++].node = n;
    return WD_OK;
}

static wd_status scalar(struct loader *l, const yaml_event_t *ev)
{
    wd_span text = { (const char *)ev->data.scalar.value, ev->data.scalar.length };
    text = wd_arena_copy(l->arena, text);
    int top = l->depth - 1;
    if (l->depth > 0 && l->stack[top].node->kind == WD_YAML_MAP && !l->stack[top].have_key) {
        l->stack[top].key = text;
        l->stack[top].key_line = (uint32_t)ev->start_mark.line + 1;
        l->stack[top].key_column = (uint32_t)ev->start_mark.column + 1;
        l->stack[top].have_key = true;
        return text.ptr ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
    }
    wd_yaml *n = node_new(l, WD_YAML_SCALAR, ev->start_mark);
    bool none = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                (wd_span_is(text, "~") || wd_span_is(text, "null"));
    if (n != NULL)
        n->scalar = none ? wd_span_head(text, 0) : text; /* as if nothing were said */
    return attach(l, n, ev->start_mark);
}

static wd_status step(struct loader *l, const yaml_event_t *ev, bool *end)
{
    switch (ev->type) {
    case YAML_STREAM_END_EVENT:
        *end = true;
        return WD_OK;
    case YAML_DOCUMENT_START_EVENT:
        return l->root ? fail_at(l, ev->start_mark, "a second document in one file") : WD_OK;
    case YAML_ALIAS_EVENT:
        return fail_at(l, ev->start_mark, "aliases (*name) are not supported: write the value out");
    case YAML_SCALAR_EVENT:
        return scalar(l, ev);
    case YAML_MAPPING_START_EVENT:
        return open_node(l, ev, WD_YAML_MAP);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(l, ev, WD_YAML_LIST);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        l->depth--;
        return WD_OK;
    default:
        return WD_OK;
    }
}

/* What libyaml finds, in the words of who wrote the file.  `at_start`: the place to look at is
 * where the thing begins, not where it could not go on. */
static const struct {
    const char *problem, *context, *text;
    bool at_start;
} slips[] = {
    { "could not find expected ':'", "", "a key ends with a colon and a blank behind it", true },
    { "found unexpected end of stream", "quoted scalar", "this quote is never closed", true },
    { "alphabetic or numeric character", "", "what begins with '*' or '&' stands in quotes", true },
    { "did not find expected key", "block mapping",
      "no key: is the line indented as those beside it, and every quote closed?", false },
    { "mapping values are not allowed", "",
      "a second colon: is the line indented too far, or is a text with ': ' in it without quotes?",
      false },
    { "block sequence entries are not allowed", "", "no list can begin here", false },
    { "expected ',' or '}'", "", "a ',' or the closing '}' is missing before this", false },
    { "expected ',' or ']'", "", "a ',' or the closing ']' is missing before this", false },
};

static wd_status slip(struct loader *l, const char *problem, const char *context)
{
    char text[256];
    for (size_t i = 0; i < WD_COUNT(slips); i++)
        if (strstr(problem, slips[i].problem) != NULL && strstr(context, slips[i].context) != NULL)
            return fail_at(l, slips[i].at_start ? l->parser.context_mark : l->parser.problem_mark,
                           slips[i].text);
    snprintf(text, sizeof(text), "%s%s%s", problem, context[0] ? " " : "", context);
    return fail_at(l, l->parser.problem_mark, text);
}

/* The byte that cannot stand where it stands. */
static wd_status bad_character(struct loader *l)
{
    char text[64];
    unsigned char c = *l->parser.buffer.pointer;
    if (c == '\t')
        return fail_at(l, l->parser.problem_mark, "a tab: lines are indented with blanks");
    if (c <= ' ' || c > '~')
        return fail_at(l, l->parser.problem_mark, "a value that begins so stands in quotes");
    snprintf(text, sizeof(text), "what begins with '%c' stands in quotes", c);
    return fail_at(l, l->parser.problem_mark, text);
}

/* libyaml names the byte of the file, not the line. */
static wd_status bad_bytes(struct loader *l, FILE *f, const char *problem)
{
    yaml_mark_t mark = { 0 };
    rewind(f);
    for (size_t i = 0; i < l->parser.problem_offset; i++) {
        bool newline = getc(f) == '\n';
        mark.column = newline ? 0 : mark.column + 1;
        mark.line += newline;
    }
    bool control = strstr(problem, "control characters") != NULL;
    return fail_at(l, mark, control ? "a control character" : "what stands here is not UTF-8");
}

static wd_status syntax_error(struct loader *l, FILE *f)
{
    const char *problem = l->parser.problem ? l->parser.problem : "cannot be read";
    if (l->parser.error == YAML_MEMORY_ERROR)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    if (l->parser.error == YAML_READER_ERROR)
        return bad_bytes(l, f, problem);
    if (strstr(problem, "cannot start any token") != NULL ||
        strstr(problem, "tab character") != NULL)
        return bad_character(l);
    return slip(l, problem, l->parser.context ? l->parser.context : "");
}

static wd_status load(struct loader *l, FILE *f)
{
    bool end = false;
    while (!end) {
        yaml_event_t ev;
        if (!yaml_parser_parse(&l->parser, &ev))
            return syntax_error(l, f);
        wd_status s = step(l, &ev, &end);
        yaml_event_delete(&ev);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

wd_status wd_yaml_load(wd_yaml **out, const char *file, wd_arena *arena, wd_error *err)
{
    struct loader l = { .file = file, .arena = arena, .err = err };
    if (err != NULL)
        snprintf(err->where, sizeof(err->where), "%s:1:1", file);
    FILE *f = fopen(file, "rbe");
    if (f == NULL)
        return wd_fail(err, WD_IO, "cannot be opened: %s", strerror(errno));
    struct stat st;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        return wd_fail(err, WD_IO, "is a directory, where a YAML file is wanted");
    }
    if (!yaml_parser_initialize(&l.parser)) {
        fclose(f);
        return wd_fail(err, WD_NOMEM, "out of memory");
    }
    yaml_parser_set_input_file(&l.parser, f);
    wd_status s = load(&l, f);
    yaml_parser_delete(&l.parser);
    fclose(f);
    if (s == WD_OK)
        *out = l.root;
    return s;
}
