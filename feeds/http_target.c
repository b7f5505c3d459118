/* feeds/http_target.c - cuts userinfo out of a URL and puts it back where it belongs. */
#include "feeds/http_target.h"

#include <string.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/url.h"
#include "feeds/idn.h"

static wd_span joined(wd_arena *arena, wd_span a, wd_span b, wd_span c)
{
    char *p = wd_arena_alloc(arena, a.len + b.len + c.len + 1);
    if (p == NULL)
        return WD_SPAN_NONE;
    memcpy(p, a.ptr, a.len);
    if (b.len > 0)
        memcpy(p + a.len, b.ptr, b.len);
    if (c.len > 0)
        memcpy(p + a.len + b.len, c.ptr, c.len);
    p[a.len + b.len + c.len] = '\0';
    return (wd_span){ p, a.len + b.len + c.len };
}

static wd_span default_port(wd_span scheme)
{
    return wd_span_is(scheme, "https") ? WD_SPAN_LIT("443") : WD_SPAN_LIT("80");
}

/* The host as DNS has it.  False: there is no such name. */
static bool set_host(wd_arena *arena, wd_http_target *t, wd_url_parts *p)
{
    wd_span host = wd_idn_host(arena, p->host);
    if (host.ptr == NULL)
        return false;
    if (host.ptr == p->host.ptr)
        return true;
    size_t before = (size_t)(p->host.ptr - t->url.ptr);
    t->url = joined(arena, wd_span_head(t->url, before), host,
                    wd_span_from(t->url, before + p->host.len));
    wd_url_split(t->url, p);
    return t->url.ptr != NULL;
}

bool wd_http_target_set(wd_arena *arena, wd_span url, wd_http_target *out)
{
    wd_url_parts p;
    wd_http_target t = { .userinfo = WD_SPAN_NONE };
    wd_span clean = wd_url_resolve(arena, WD_SPAN_NONE, url); /* scheme and host in lower case */
    if (clean.ptr == NULL || !wd_url_is_http(clean))
        return false;
    t.url = clean;
    wd_url_split(clean, &p);
    if (p.userinfo.ptr != NULL) {
        wd_span before = { clean.ptr, (size_t)(p.userinfo.ptr - clean.ptr) };
        t.userinfo = p.userinfo;
        t.url = joined(arena, before, wd_span_from(clean, before.len + p.userinfo.len + 1),
                       WD_SPAN_NONE);
        if (t.url.ptr == NULL)
            return false;
        wd_url_split(t.url, &p);
    }
    if (!set_host(arena, &t, &p))
        return false;
    t.scheme = p.scheme;
    t.host = p.host;
    t.port = p.port.len > 0 ? p.port : default_port(p.scheme);
    *out = t;
    return true;
}

bool wd_http_target_follow(wd_arena *arena,
                           const wd_http_target *from,
                           wd_span location,
                           wd_http_target *out)
{
    wd_span next = wd_url_resolve(arena, from->url, location);
    if (next.ptr == NULL || !wd_http_target_set(arena, next, out))
        return false;
    out->userinfo = wd_http_target_may_tell(from, out) ? from->userinfo : WD_SPAN_NONE;
    return true;
}

bool wd_http_target_same_origin(const wd_http_target *a, const wd_http_target *b)
{
    return wd_span_eq(a->scheme, b->scheme) && wd_span_eq(a->host, b->host) &&
           wd_span_eq(a->port, b->port);
}

bool wd_http_target_may_tell(const wd_http_target *from, const wd_http_target *to)
{
    if (wd_http_target_same_origin(from, to))
        return true;
    return wd_span_eq(from->host, to->host) && wd_span_is(from->scheme, "http") &&
           wd_span_is(from->port, "80") && wd_span_is(to->scheme, "https") &&
           wd_span_is(to->port, "443");
}

bool wd_http_target_downgrades(const wd_http_target *a, const wd_http_target *b)
{
    return wd_span_is(a->scheme, "https") && !wd_span_is(b->scheme, "https");
}

wd_span wd_http_target_secret_url(wd_arena *arena, const wd_http_target *t)
{
    if (t->userinfo.ptr == NULL)
        return t->url;
    wd_span before = { t->url.ptr, (size_t)(t->host.ptr - t->url.ptr) };
    wd_span name = joined(arena, t->userinfo, WD_SPAN_LIT("@"), WD_SPAN_NONE);
    return name.ptr ? joined(arena, before, name, wd_span_from(t->url, before.len)) : WD_SPAN_NONE;
}
