/* parsers/html_attr.c - a link is judged after everything a browser would ignore in it is gone:
 * references, controls, white space. */
#include "parsers/html_attr.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/ascii.h"
#include "core/limits.h"
#include "core/url.h"
#include "parsers/entities.h"

/* One resolved link, with what resolving needs on the way. */
#define LINK_ARENA_BYTES (4u * WD_URL_BYTES)

/* What a value has in it, over all its bytes. */
enum look { REFERENCE = 1, ESCAPED = 2, BLANK = 4 };

static const unsigned char looks[256] = {
    [0 ... '\r' - 1] = BLANK,
    ['\r'] = BLANK | ESCAPED,
    ['\r' + 1 ... ' '] = BLANK,
    ['&'] = REFERENCE | ESCAPED,
    ['<'] = ESCAPED,
    ['>'] = ESCAPED,
    ['"'] = ESCAPED,
};

static unsigned look_at(wd_span s)
{
    unsigned seen = 0;
    size_t i = 0;
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(' '), quote = _mm_set1_epi8('"');
    const __m128i amp = _mm_set1_epi8('&'), lt = _mm_set1_epi8('<'), gt = _mm_set1_epi8('>');
    for (; i + 16 <= s.len; i += 16) { /* most are links, with nothing in them */
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
        __m128i hit = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_max_epu8(v, blank), blank),
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, amp)),
                         _mm_or_si128(_mm_cmpeq_epi8(v, lt), _mm_cmpeq_epi8(v, gt))));
        if (_mm_movemask_epi8(hit) != 0)
            break;
    }
#endif
    for (; i < s.len; i++)
        seen |= looks[(unsigned char)s.ptr[i]];
    return seen;
}

static bool absolute(wd_span s)
{
    return wd_span_starts_nocase(s, "http://") || wd_span_starts_nocase(s, "https://");
}

static bool plain_link(wd_span s)
{
    return absolute(s) && !(look_at(s) & BLANK);
}

/* What stands before the first ":" when that comes before any "/?#"; absent: relative. */
static wd_span scheme_in(wd_span s)
{
    for (size_t i = 0; i < s.len && strchr("/?#", s.ptr[i]) == NULL; i++)
        if (s.ptr[i] == ':')
            return wd_span_head(s, i);
    return WD_SPAN_NONE;
}

/* Without white space at the ends, tabs and newlines anywhere. */
static wd_span squeezed(wd_span v, wd_buf *to)
{
    v = wd_span_trim(v);
    bool clean = true;
    for (size_t i = 0; i < v.len; i++)
        clean &= (unsigned char)v.ptr[i] >= ' ';
    if (clean)
        return v;
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.ptr[i] >= ' ')
            wd_buf_append_char(to, v.ptr[i]);
    return wd_buf_span(to);
}

/* Up to the opening quote, in lower case. */
static void put_name(wd_html_bytes *out, wd_span name)
{
    if (!wd_html_room(out, name.len + 3))
        return;
    char *p = out->ptr + out->len;
    *p++ = ' ';
    for (size_t i = 0; i < name.len; i++)
        *p++ = wd_lower(name.ptr[i]);
    *p++ = '=';
    *p = '"';
    out->len += name.len + 3;
}

static void put_plain(wd_html_bytes *out, wd_span name, wd_span value)
{
    put_name(out, name);
    wd_html_put_escaped(out, value, true);
    wd_html_put(out, "\"", 1);
}

static void put_link(wd_html_bytes *out, wd_span name, wd_span value, wd_span base)
{
    wd_buf room = WD_BUF_INIT(WD_FIELD_BYTES);
    value = plain_link(value) ? value : squeezed(value, &room);
    wd_span scheme = scheme_in(value);
    if (scheme.ptr != NULL && !wd_html_scheme_allowed(scheme)) {
        wd_buf_done(&room);
        return;
    }
    wd_arena *a = NULL;
    if (scheme.ptr == NULL && base.len > 0 && (a = wd_arena_new(LINK_ARENA_BYTES)) != NULL) {
        wd_span whole = wd_url_resolve(a, base, value);
        value = whole.ptr != NULL ? whole : value;
    }
    put_plain(out, name, value);
    wd_arena_free(a);
    wd_buf_done(&room);
}

/* Every candidate an absolute http(s) link, and so nothing to rewrite. */
static bool plain_srcset(wd_span value)
{
    while (value.ptr != NULL) {
        wd_span one = wd_span_trim(wd_span_cut(&value, ','));
        size_t n = 0;
        while (n < one.len && !wd_is_space(one.ptr[n]))
            n++;
        if (!plain_link(wd_span_head(one, n)))
            return false;
    }
    return true;
}

/* HTML 4.8.4.2.2: a comma inside an address is part of it, one at its end is not; what describes it
 * goes on up to the next comma.  False when there is no more. */
static bool next_candidate(wd_span *rest, wd_span *link, wd_span *size)
{
    size_t from = 0, n = 0;
    while (from < rest->len && (wd_is_space(rest->ptr[from]) || rest->ptr[from] == ','))
        from++;
    *rest = wd_span_from(*rest, from);
    while (n < rest->len && !wd_is_space(rest->ptr[n]))
        n++;
    *link = wd_span_head(*rest, n);
    *rest = wd_span_from(*rest, n);
    *size = WD_SPAN_NONE;
    if (link->len > 0 && link->ptr[link->len - 1] != ',')
        *size = wd_span_trim(wd_span_cut(rest, ','));
    while (link->len > 0 && link->ptr[link->len - 1] == ',')
        link->len--;
    return link->len > 0;
}

static void put_srcset(wd_html_bytes *out, wd_span name, wd_span value, wd_span base)
{
    bool first = true;
    wd_span link, size;
    if (value.len > 0 && plain_srcset(value)) {
        put_plain(out, name, value);
        return;
    }
    while (next_candidate(&value, &link, &size)) {
        wd_html_bytes part = { 0 };
        put_link(&part, name, link, base);
        if (part.len > 0) {
            size_t skip = name.len + 3; /* space, name, equals, quote */
            wd_html_put(out, first ? part.ptr : ", ", first ? skip : 2);
            wd_html_put(out, part.ptr + skip, part.len - skip - 1);
            wd_html_put(out, " ", size.len > 0);
            wd_html_put_escaped(out, size, true);
            first = false;
        }
        wd_html_bytes_done(&part);
    }
    wd_html_put(out, "\"", !first);
}

static void put_style(wd_html_bytes *out, wd_span name, wd_span value)
{
    size_t was = out->len;
    put_name(out, name);
    size_t before = out->len;
    wd_html_style_clean(out, value);
    if (out->len == before)
        out->len = was;
    else
        wd_html_put(out, "\"", 1);
}

static void put_known(
    wd_html_bytes *out, wd_html_attr_kind kind, wd_span name, wd_span value, wd_span base)
{
    switch (kind) {
    case WD_HTML_ATTR_URL:
        put_link(out, name, value, base);
        break;
    case WD_HTML_ATTR_SRCSET:
        put_srcset(out, name, value, base);
        break;
    case WD_HTML_ATTR_STYLE:
        put_style(out, name, value);
        break;
    case WD_HTML_ATTR_PLAIN:
        put_plain(out, name, value);
        break;
    case WD_HTML_ATTR_DROP:
        break;
    }
}

/* Nothing in it to judge or to change, as in most: copied whole. */
static bool put_whole(wd_html_bytes *out,
                      wd_html_attr_kind kind,
                      const wd_attr *attr,
                      unsigned look)
{
    bool link = kind == WD_HTML_ATTR_URL && !(look & BLANK) && absolute(attr->value);
    if ((look & ESCAPED) || (kind != WD_HTML_ATTR_PLAIN && !link))
        return false;
    put_name(out, attr->name);
    wd_html_put(out, attr->value.ptr, attr->value.len);
    wd_html_put(out, "\"", 1);
    return true;
}

bool wd_html_attr_put(
    wd_html_bytes *out, wd_html_attr_kind kind, const wd_attr *attr, wd_span base, bool foreign)
{
    size_t before = out->len;
    if (foreign && wd_span_find_nocase(attr->value, "url(") < attr->value.len)
        return false;
    unsigned look = look_at(attr->value);
    if (!put_whole(out, kind, attr, look)) {
        if (!(look & REFERENCE)) {
            put_known(out, kind, attr->name, attr->value, base);
        } else {
            wd_buf decoded = WD_BUF_INIT(WD_FIELD_BYTES);
            (void)wd_entity_decode_all(NULL, attr->value, WD_ENTITY_HTML_ATTR, &decoded);
            put_known(out, kind, attr->name, wd_buf_span(&decoded), base);
            wd_buf_done(&decoded);
        }
    }
    return kind == WD_HTML_ATTR_URL && out->len > before;
}
