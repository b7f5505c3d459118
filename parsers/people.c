/* parsers/people.c - the word with the "@" is the address, what is left is the name. */
#include "parsers/people.h"

#include <string.h>

#include "core/ascii.h"

static bool in_address(char c)
{
    return !wd_is_space(c) && strchr("<>()[],;:\"'", c) == NULL;
}

/* The address around the first "@" that has something on both sides; absent when none. */
static wd_span find_address(wd_span text)
{
    for (size_t i = 1; i + 1 < text.len; i++) {
        if (text.ptr[i] != '@' || !in_address(text.ptr[i - 1]) || !in_address(text.ptr[i + 1]))
            continue;
        size_t from = i, to = i + 1;
        while (from > 0 && in_address(text.ptr[from - 1]))
            from--;
        while (to < text.len && in_address(text.ptr[to]))
            to++;
        return (wd_span){ text.ptr + from, to - from };
    }
    return WD_SPAN_NONE;
}

static wd_span unwrap(wd_span s)
{
    for (;;) {
        wd_span was = s = wd_span_trim(s);
        if (s.len > 0 && strchr("<(\",;:", s.ptr[0]) != NULL)
            s = wd_span_from(s, 1);
        if (s.len > 0 && strchr("<(>)\",;:", s.ptr[s.len - 1]) != NULL &&
            (s.ptr[s.len - 1] != ')' || wd_span_find(s, '(') == s.len))
            s.len--;
        if (s.len == was.len)
            return s;
    }
}

wd_person wd_person_parse(wd_span text)
{
    text = wd_span_trim(text);
    wd_span mail = find_address(text);
    if (mail.ptr == NULL)
        return (wd_person){ .name = text };
    size_t from = (size_t)(mail.ptr - text.ptr);
    wd_span before = wd_span_head(text, from), after = wd_span_from(text, from + mail.len);
    if (before.len >= 7 && wd_span_is_nocase(wd_span_from(before, before.len - 7), "mailto:"))
        before.len -= 7;
    wd_span name = unwrap(after);
    if (unwrap(before).len > 0)
        name = unwrap(before);
    return (wd_person){ .name = name, .email = mail };
}

static wd_span from_behind(wd_span s, const char *word)
{
    wd_span rest = wd_span_trim(s);
    size_t n = strlen(word);
    bool is = wd_span_starts_nocase(rest, word) && rest.len > n && wd_is_space(rest.ptr[n]);
    return is ? wd_span_trim(wd_span_from(rest, n)) : WD_SPAN_NONE;
}

/* What follows "and"; absent when no such word stands here. */
static wd_span behind_and(wd_span s)
{
    wd_span rest = from_behind(s, "and");
    return rest.ptr != NULL ? rest : from_behind(s, "&");
}

/* Where the person ends whose address ends at `at`; *rest are those that follow. */
static size_t end_of_person(wd_span text, size_t at, wd_span *rest)
{
    int open = 0;
    for (size_t i = 0; i < at; i++)
        open += (text.ptr[i] == '(') - (text.ptr[i] == ')');
    *rest = behind_and(wd_span_from(text, at));
    for (; rest->len == 0 && at < text.len; at++) {
        char c = text.ptr[at];
        wd_span more = wd_span_from(text, at + 1);
        open += (c == '(') - (c == ')');
        if (open <= 0 && (c == ',' || c == ';'))
            *rest = wd_span_trim(more);
        else if (open <= 0 && (c == '>' || c == ')'))
            *rest = behind_and(more);
    }
    return at;
}

wd_person wd_person_next(wd_span *text)
{
    wd_span all = *text, mail = find_address(all), rest = WD_SPAN_NONE;
    *text = WD_SPAN_NONE;
    if (mail.ptr == NULL)
        return wd_person_parse(all);
    size_t end = end_of_person(all, (size_t)(mail.ptr - all.ptr) + mail.len, &rest);
    wd_person p = wd_person_parse(wd_span_head(all, end));
    if (p.name.len == 0 && find_address(rest).ptr == NULL)
        return wd_person_parse(all); /* "ann@x, Ann" */
    *text = rest;
    return p;
}
