/* feeds/link_header.c - a cursor over the value: target, then parameters up to the comma. */
#include "feeds/link_header.h"

#include "core/ascii.h"

static void skip_blanks(wd_span *s)
{
    while (s->len > 0 && wd_is_space(s->ptr[0]))
        *s = wd_span_from(*s, 1);
}

static bool at(const wd_span *s, char c)
{
    return s->len > 0 && s->ptr[0] == c;
}

/* A quoted string without its quotes, its escapes as they stand; or a token. */
static wd_span take_value(wd_span *s)
{
    size_t n = 0;
    if (!at(s, '"')) {
        while (n < s->len && s->ptr[n] != ';' && s->ptr[n] != ',' && !wd_is_space(s->ptr[n]))
            n++;
        wd_span token = wd_span_head(*s, n);
        *s = wd_span_from(*s, n);
        return token;
    }
    *s = wd_span_from(*s, 1);
    while (n < s->len && s->ptr[n] != '"')
        n += s->ptr[n] == '\\' && n + 1 < s->len ? 2 : 1;
    wd_span text = wd_span_head(*s, n);
    *s = wd_span_from(*s, n + 1);
    return text;
}

static wd_span take_name(wd_span *s)
{
    size_t n = 0;
    while (n < s->len && s->ptr[n] != '=' && s->ptr[n] != ';' && s->ptr[n] != ',' &&
           !wd_is_space(s->ptr[n]))
        n++;
    wd_span name = wd_span_head(*s, n);
    *s = wd_span_from(*s, n);
    return name;
}

/* ;rel="hub self";title=x  False: the link is of another document. */
static bool take_parameters(wd_span *s, wd_link_value *out)
{
    bool own = true;
    for (skip_blanks(s); at(s, ';'); skip_blanks(s)) {
        *s = wd_span_from(*s, 1);
        skip_blanks(s);
        wd_span name = take_name(s), value = WD_SPAN_NONE;
        skip_blanks(s);
        if (at(s, '=')) {
            *s = wd_span_from(*s, 1);
            skip_blanks(s);
            value = take_value(s);
        }
        if (wd_span_is_nocase(name, "anchor"))
            own = false;
        else if (wd_span_is_nocase(name, "rel") && out->rel.ptr == NULL) /* the first counts */
            out->rel = value;
    }
    return own;
}

bool wd_link_header_next(wd_span *rest, wd_link_value *out)
{
    while (rest->len > 0) {
        skip_blanks(rest);
        if (at(rest, '<')) {
            wd_span after = wd_span_from(*rest, 1);
            size_t n = wd_span_find(after, '>');
            if (n == after.len)
                break;
            *out = (wd_link_value){ .target = wd_span_trim(wd_span_head(after, n)) };
            *rest = wd_span_from(after, n + 1);
            if (take_parameters(rest, out))
                return true;
        }
        (void)wd_span_cut(rest, ','); /* behind it, or behind what is no link */
    }
    *rest = WD_SPAN_NONE;
    return false;
}

bool wd_link_value_is(const wd_link_value *link, const char *rel)
{
    wd_span rest = wd_span_trim(link->rel);
    while (rest.len > 0) {
        wd_span word = wd_span_cut(&rest, ' ');
        if (wd_span_is_nocase(wd_span_trim(word), rel))
            return true;
        rest = wd_span_trim(rest);
    }
    return false;
}
