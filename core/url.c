/* core/url.c - RFC 3986 by the book, and then what feeds need beside it. */
#include "core/url.h"

#include <stdint.h>
#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/status.h"
#include "core/url_parameter.h"

/* --- parts --------------------------------------------------------------- */

static wd_span scheme_of(wd_span url)
{
    size_t i = 0;
    if (url.len == 0 || !wd_is_alpha(url.ptr[0]))
        return WD_SPAN_NONE;
    while (i < url.len &&
           (wd_is_alnum(url.ptr[i]) || url.ptr[i] == '+' || url.ptr[i] == '-' || url.ptr[i] == '.'))
        i++;
    return i < url.len && url.ptr[i] == ':' ? wd_span_head(url, i) : WD_SPAN_NONE;
}

static bool is_of(char c, const char *set)
{
    while (*set != '\0' && *set != c)
        set++;
    return *set != '\0';
}

static size_t first_of(wd_span s, const char *set)
{
    size_t i = 0;
    while (i < s.len && !is_of(s.ptr[i], set))
        i++;
    return i;
}

static void split_authority(wd_span authority, wd_url_parts *out)
{
    for (size_t i = authority.len; i > 0; i--) { /* the last '@': a password may hold one */
        if (authority.ptr[i - 1] != '@')
            continue;
        out->userinfo = wd_span_head(authority, i - 1);
        authority = wd_span_from(authority, i);
        break;
    }
    size_t host_end = authority.len;
    for (size_t i = authority.len; i > 0 && authority.ptr[i - 1] != ']'; i--) {
        if (authority.ptr[i - 1] != ':')
            continue;
        host_end = i - 1;
        out->port = wd_span_from(authority, i);
    }
    out->host = wd_span_head(authority, host_end);
}

void wd_url_split(wd_span url, wd_url_parts *out)
{
    *out = (wd_url_parts){ .scheme = scheme_of(url) };
    wd_span rest = out->scheme.ptr ? wd_span_from(url, out->scheme.len + 1) : url;
    if (rest.len >= 2 && rest.ptr[0] == '/' && rest.ptr[1] == '/') {
        rest = wd_span_from(rest, 2);
        size_t end = first_of(rest, "/?#");
        split_authority(wd_span_head(rest, end), out);
        rest = wd_span_from(rest, end);
    }
    size_t end = first_of(rest, "?#");
    out->path = wd_span_head(rest, end);
    rest = wd_span_from(rest, end);
    if (rest.len > 0 && rest.ptr[0] == '?') {
        rest = wd_span_from(rest, 1);
        end = first_of(rest, "#");
        out->query = wd_span_head(rest, end);
        rest = wd_span_from(rest, end);
    }
    if (rest.len > 0)
        out->fragment = wd_span_from(rest, 1);
}

bool wd_url_is_http(wd_span url)
{
    wd_url_parts p;
    wd_url_split(url, &p);
    return p.host.len > 0 &&
           (wd_span_is_nocase(p.scheme, "http") || wd_span_is_nocase(p.scheme, "https"));
}

bool wd_url_is_fetchable(wd_span url)
{
    wd_url_parts p;
    unsigned long long port = 80;
    wd_url_split(url, &p);
    if (p.port.len > 0 && (!wd_span_u64(p.port, &port) || port == 0 || port > UINT16_MAX))
        return false;
    if (!wd_url_is_http(url) || (p.host.ptr[0] == '[') != (p.host.ptr[p.host.len - 1] == ']'))
        return false;
    for (size_t i = 0; i < p.host.len; i++)
        if ((unsigned char)p.host.ptr[i] <= ' ' || is_of(p.host.ptr[i], "<>\"\\^`{|}\x7F"))
            return false;
    return true;
}

/* --- resolving ------------------------------------------------------------ */

/* RFC 3986 section 5.2.4, on out->ptr[from..]. */
static void remove_dot_segments(wd_buf *out, size_t from)
{
    char *p = out->ptr ? out->ptr + from : NULL;
    size_t n = out->len - from, w = 0;
    if (p == NULL || n == 0 || p[0] != '/')
        return;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && p[end] != '/')
            end++;
        wd_span segment = { p + i + 1, end - i - 1 };
        bool last = end == n;
        if (wd_span_is(segment, "..")) {
            while (w > 0 && p[--w] != '/')
                ;
            if (last)
                p[w++] = '/';
        } else if (wd_span_is(segment, ".")) {
            if (last)
                p[w++] = '/';
        } else {
            memmove(p + w, p + i, end - i);
            w += end - i;
        }
        i = end;
    }
    out->len = from + w;
    p[w] = '\0';
}

/* Bytes that may not stand in a URL as they are, percent-encoded; tab and
 * newline vanish as in every browser. */
static void append_clean(wd_buf *out, wd_span s)
{
    static const bool stays[256] = { ['!'] = true,         ['#' ... ';'] = true, ['='] = true,
                                     ['?' ... '['] = true, [']'] = true,         ['_'] = true,
                                     ['a' ... 'z'] = true, ['~'] = true };
    if (s.ptr == NULL) /* a base without a path */
        return;
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        unsigned char c = i < s.len ? (unsigned char)s.ptr[i] : 0;
        if (i < s.len && stays[c])
            continue;
        wd_buf_append(out, s.ptr + from, i - from);
        from = i + 1;
        if (i < s.len && c != '\t' && c != '\n' && c != '\r')
            wd_buf_printf(out, "%%%02X", c);
    }
}

static void append_authority(wd_buf *out, const wd_url_parts *p)
{
    if (p->host.ptr == NULL)
        return;
    wd_buf_append(out, "//", 2);
    if (p->userinfo.ptr != NULL) {
        append_clean(out, p->userinfo);
        wd_buf_append_char(out, '@');
    }
    for (size_t i = 0; i < p->host.len; i++) { /* non-ASCII hosts stay for feeds/idn.c */
        char c = wd_lower(p->host.ptr[i]);
        if ((unsigned char)c > 0x20)
            wd_buf_append_char(out, c);
    }
    if (p->port.len > 0) {
        wd_buf_append_char(out, ':');
        append_clean(out, p->port);
    }
}

static void append_merged_path(wd_buf *out, const wd_url_parts *base, wd_span path)
{
    if (path.len > 0 && path.ptr[0] == '/') {
        append_clean(out, path);
        return;
    }
    size_t keep = base->path.len;
    while (keep > 0 && base->path.ptr[keep - 1] != '/')
        keep--;
    if (keep == 0 && base->host.ptr != NULL)
        wd_buf_append_char(out, '/');
    append_clean(out, wd_span_head(base->path, keep));
    append_clean(out, path);
}

static void append_tail(wd_buf *out, char mark, wd_span part)
{
    if (part.ptr == NULL)
        return;
    wd_buf_append_char(out, mark);
    append_clean(out, part);
}

static bool hierarchical(const wd_url_parts *p)
{
    return p->host.ptr != NULL || (p->path.len > 0 && p->path.ptr[0] == '/');
}

/* RFC 3986 section 5.2.2. */
static void transform(wd_buf *out, const wd_url_parts *base, const wd_url_parts *ref)
{
    const wd_url_parts *head = ref->scheme.ptr ? ref : base;
    for (size_t i = 0; i < head->scheme.len; i++)
        wd_buf_append_char(out, wd_lower(head->scheme.ptr[i]));
    if (head->scheme.ptr != NULL)
        wd_buf_append_char(out, ':');
    const wd_url_parts *authority = ref->scheme.ptr || ref->host.ptr ? ref : base;
    append_authority(out, authority);
    size_t from = out->len;
    wd_span query = ref->query;
    if (authority == ref) {
        append_clean(out, ref->path);
    } else if (ref->path.len == 0) {
        append_clean(out, base->path);
        query = ref->query.ptr ? ref->query : base->query;
    } else {
        append_merged_path(out, base, ref->path);
    }
    if (hierarchical(authority) || hierarchical(base))
        remove_dot_segments(out, from);
    append_tail(out, '?', query);
    append_tail(out, '#', ref->fragment);
}

static wd_span take(wd_arena *a, wd_buf *b)
{
    wd_span got = wd_buf_status(b) == WD_OK ? wd_arena_copy(a, wd_buf_span(b)) : WD_SPAN_NONE;
    wd_buf_done(b);
    return got;
}

wd_span wd_url_resolve(wd_arena *a, wd_span base, wd_span ref)
{
    wd_url_parts b, r;
    wd_buf out = WD_BUF_INIT(WD_URL_BYTES);
    ref = wd_span_trim(ref);
    wd_url_split(ref, &r);
    wd_url_split(wd_span_trim(base), &b);
    if (r.scheme.ptr != NULL && !hierarchical(&r))
        append_clean(&out, ref); /* mailto:, urn:, tag: - opaque */
    else
        transform(&out, b.scheme.ptr ? &b : &(wd_url_parts){ 0 }, &r);
    return take(a, &out);
}

/* --- identity -------------------------------------------------------------- */

static bool unreserved(char c)
{
    return wd_is_alnum(c) || strchr("-._~", c) != NULL;
}

/* RFC 3986 section 6.2.2: escapes in upper case, those of unreserved characters decoded. */
static void append_normal(wd_buf *out, wd_span s)
{
    for (size_t i = 0; i < s.len; i++) {
        int hi = s.ptr[i] == '%' && i + 2 < s.len ? wd_hex_value(s.ptr[i + 1]) : -1;
        int lo = hi >= 0 ? wd_hex_value(s.ptr[i + 2]) : -1;
        if (lo < 0) {
            append_clean(out, (wd_span){ s.ptr + i, 1 });
            continue;
        }
        char c = (char)(hi * 16 + lo);
        if (c != '\0' && unreserved(c))
            wd_buf_append_char(out, c);
        else
            wd_buf_printf(out, "%%%02X", (unsigned)(hi * 16 + lo));
        i += 2;
    }
}

static void append_query(wd_buf *out, wd_span query)
{
    char mark = '?';
    while (query.ptr != NULL && query.len > 0) {
        wd_span pair = wd_span_cut(&query, '&');
        if (pair.len == 0 || wd_url_parameter_is_visit(pair))
            continue;
        wd_buf_append_char(out, mark);
        append_normal(out, pair);
        mark = '&';
    }
}

/* Without ";jsessionid=...", which some servers put behind any segment. */
static void append_path(wd_buf *out, wd_span path)
{
    size_t begun = out->len;
    while (path.len > 0) {
        size_t n = 1;
        while (n < path.len && path.ptr[n] != ';' && path.ptr[n] != '/')
            n++;
        wd_span piece = wd_span_head(path, n);
        if (piece.ptr[0] != ';' || !wd_url_parameter_is_visit(wd_span_from(piece, 1)))
            append_normal(out, piece);
        path = wd_span_from(path, n);
    }
    while (out->len > begun && out->ptr[out->len - 1] == '/')
        out->len--;
}

/* "#!/story/7" is a page of its own; "#top" is a place in one. */
static bool is_a_page(wd_span fragment)
{
    return fragment.len > 0 && (fragment.ptr[0] == '!' || fragment.ptr[0] == '/');
}

wd_span wd_url_canonical(wd_arena *a, wd_span url)
{
    wd_url_parts p;
    wd_buf out = WD_BUF_INIT(WD_URL_BYTES);
    wd_url_split(wd_span_trim(url), &p);
    if (p.host.len == 0)
        return wd_arena_copy(a, wd_span_trim(url));
    wd_span host = p.host;
    if (wd_span_starts_nocase(host, "www."))
        host = wd_span_from(host, 4);
    wd_buf_append(&out, "//", 2);
    for (size_t i = 0; i < host.len; i++)
        wd_buf_append_char(&out, wd_lower(host.ptr[i]));
    if (p.port.len > 0 && !wd_span_is(p.port, "80") && !wd_span_is(p.port, "443")) {
        wd_buf_append_char(&out, ':');
        wd_buf_append_span(&out, p.port);
    }
    append_path(&out, p.path);
    append_query(&out, p.query);
    if (is_a_page(p.fragment)) {
        wd_buf_append_char(&out, '#');
        append_normal(&out, p.fragment);
    }
    return take(a, &out);
}

/* --- showing ---------------------------------------------------------------- */

wd_span wd_url_bare(wd_arena *a, wd_span url)
{
    wd_url_parts p;
    wd_url_split(url, &p);
    if (p.userinfo.ptr == NULL)
        return wd_arena_copy(a, url);
    size_t before = (size_t)(p.userinfo.ptr - url.ptr);
    wd_span after = wd_span_from(url, before + p.userinfo.len + 1);
    char *out = wd_arena_alloc(a, before + after.len + 1);
    if (out == NULL)
        return WD_SPAN_NONE;
    memcpy(out, url.ptr, before);
    memcpy(out + before, after.ptr, after.len);
    out[before + after.len] = '\0';
    return (wd_span){ out, before + after.len };
}

static void append_parameter(wd_buf *out, wd_span parameter, bool plain)
{
    wd_span name = wd_span_cut(&parameter, '=');
    if (parameter.ptr == NULL && !plain) { /* what stands alone may be the secret itself */
        wd_buf_append(out, "***", 3);
        return;
    }
    append_clean(out, name);
    if (parameter.ptr == NULL)
        return;
    wd_buf_append_char(out, '=');
    if (plain)
        append_clean(out, parameter);
    else
        wd_buf_append(out, "***", 3);
}

/* `plain` NULL: nothing of a query is. */
static wd_span shown(wd_arena *a, wd_span url, bool (*plain)(wd_span parameter))
{
    wd_url_parts p;
    wd_buf out = WD_BUF_INIT(WD_URL_BYTES);
    wd_url_split(url, &p);
    p.userinfo = WD_SPAN_NONE;
    if (p.scheme.ptr != NULL) {
        wd_buf_append_span(&out, p.scheme);
        wd_buf_append_char(&out, ':');
    }
    append_authority(&out, &p);
    append_clean(&out, p.path);
    char mark = '?';
    for (wd_span rest = p.query; rest.ptr != NULL && rest.len > 0; mark = '&') {
        wd_span parameter = wd_span_cut(&rest, '&');
        wd_buf_append_char(&out, mark);
        append_parameter(&out, parameter, plain != NULL && plain(parameter));
    }
    return take(a, &out);
}

wd_span wd_url_redact(wd_arena *a, wd_span url)
{
    return shown(a, url, NULL);
}

wd_span wd_url_show(wd_arena *a, wd_span url)
{
    return shown(a, url, wd_url_parameter_is_plain);
}
