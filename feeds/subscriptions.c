/* feeds/subscriptions.c - outlines flattened; sets of addresses and names by sorting. */
#include "feeds/subscriptions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/url.h"

/* Ten digits: 20,000 feeds of one path still have names of their own.
 * Room behind a made name for '-' and the hash's digits. */
#define HASH_DIGITS     10u
#define MADE_SLUG_BYTES (WD_SLUG_BYTES - HASH_DIGITS - 1)

/* Deeper nesting is one group (the parser's own ceiling is far above it). */
#define GROUP_DEPTH 16u
#define GROUP_BYTES 512u

/* --- names ------------------------------------------------------------------------ */

bool wd_subscription_slug_valid(wd_span s)
{
    if (s.len == 0 || s.len > WD_SLUG_BYTES || !wd_is_alnum(s.ptr[0]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!wd_is_alnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_' && s.ptr[i] != '.')
            return false;
    return true;
}

struct name {
    char text[WD_SLUG_BYTES + 1];
    size_t n;
    bool lossy; /* the address says more than the name */
};

static void add_part(struct name *name, wd_span part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = wd_lower(part.ptr[i]);
        bool plain = wd_is_alnum(c);
        name->lossy |= c != part.ptr[i] || (!plain && c != '/' && c != '.' && c != '-');
        if (!plain && (name->n == 0 || name->text[name->n - 1] == '-'))
            continue;
        if (name->n == MADE_SLUG_BYTES) {
            name->lossy = true;
            return;
        }
        name->text[name->n++] = plain ? c : '-';
    }
}

static void add_hash(struct name *name, wd_span url)
{
    char digits[17];
    snprintf(digits, sizeof(digits), "%016" PRIx64, wd_hash64(url, 0));
    name->n += (size_t)snprintf(name->text + name->n, sizeof(name->text) - name->n, "%s%.10s",
                                name->n > 0 ? "-" : "", digits);
}

static void trim_dashes(struct name *name)
{
    while (name->n > 0 && name->text[name->n - 1] == '-')
        name->n--;
}

wd_span wd_subscription_slug(wd_arena *arena, wd_span url, bool apart)
{
    wd_url_parts p;
    struct name name = { .n = 0 };
    wd_url_split(url, &p);
    if (wd_span_starts_nocase(p.host, "www."))
        p.host = wd_span_from(p.host, 4);
    add_part(&name, p.host);
    add_part(&name, WD_SPAN_LIT("/"));
    add_part(&name, p.path);
    trim_dashes(&name);
    if (apart || name.lossy || p.query.len > 0 || p.userinfo.len > 0 || name.n == 0)
        add_hash(&name, url);
    return wd_arena_copy(arena, (wd_span){ name.text, name.n });
}

/* --- the list ----------------------------------------------------------------------- */

static int url_order(const void *a, const void *b)
{
    const wd_subscription *x = *(wd_subscription *const *)a, *y = *(wd_subscription *const *)b;
    size_t n = x->url.len < y->url.len ? x->url.len : y->url.len;
    int order = memcmp(x->url.ptr, y->url.ptr, n);
    if (order == 0)
        order = (x->url.len > y->url.len) - (x->url.len < y->url.len);
    return order ? order : (x > y) - (x < y); /* the list's order */
}

static int slug_order(const void *a, const void *b)
{
    const wd_subscription *x = *(wd_subscription *const *)a, *y = *(wd_subscription *const *)b;
    size_t n = x->slug.len < y->slug.len ? x->slug.len : y->slug.len;
    int order = memcmp(x->slug.ptr, y->slug.ptr, n);
    if (order == 0)
        order = (x->slug.len > y->slug.len) - (x->slug.len < y->slug.len);
    return order ? order : (x > y) - (x < y);
}

static void sort(wd_subscriptions *l,
                 wd_subscription **by,
                 int (*order)(const void *a, const void *b))
{
    for (size_t i = 0; i < l->n; i++)
        by[i] = &l->feeds[i];
    qsort(by, l->n, sizeof(wd_subscription *), order);
}

/* Marks what is there twice by an absent address, then closes the gaps. */
static void drop_repeated(wd_subscriptions *l, wd_subscription **by)
{
    size_t kept = 0;
    sort(l, by, url_order);
    for (size_t i = l->n; i-- > 1;)
        if (wd_span_eq(by[i]->url, by[i - 1]->url))
            by[i]->url = WD_SPAN_NONE;
    for (size_t i = 0; i < l->n; i++) {
        if (l->feeds[i].url.ptr != NULL)
            l->feeds[kept++] = l->feeds[i];
        else
            l->n_repeated++;
    }
    l->n = kept;
}

static void tell_apart(wd_subscriptions *l, wd_subscription **by, wd_arena *arena)
{
    sort(l, by, slug_order);
    wd_span last = WD_SPAN_NONE;
    for (size_t i = 0; i < l->n; i++) {
        if (last.ptr != NULL && wd_span_eq(by[i]->slug, last))
            by[i]->slug = wd_subscription_slug(arena, by[i]->url, true);
        else
            last = by[i]->slug;
    }
}

struct path {
    wd_span titles[GROUP_DEPTH];
    unsigned depth;
};

static wd_span group_of(const struct path *path, unsigned depth, wd_arena *arena)
{
    wd_buf text = WD_BUF_INIT(GROUP_BYTES);
    for (unsigned i = 0; i < depth && i < GROUP_DEPTH; i++) {
        if (path->titles[i].len == 0)
            continue;
        if (text.len > 0)
            wd_buf_append_char(&text, '/');
        wd_buf_append_span(&text, path->titles[i]);
    }
    wd_span group =
        wd_arena_copy(arena, wd_buf_span(&text)); /* too long: what there was room for */
    wd_buf_done(&text);
    return group;
}

static void take_outline(wd_subscriptions *l,
                         const wd_opml_outline *o,
                         struct path *path,
                         wd_arena *arena)
{
    if (o->depth < GROUP_DEPTH)
        path->titles[o->depth] = o->title;
    if (o->xml_url.len == 0)
        return;
    wd_span url = wd_url_resolve(arena, WD_SPAN_NONE, o->xml_url);
    if (url.ptr == NULL || !wd_url_is_http(url)) {
        if (l->n_unusable++ == 0)
            l->unusable = wd_arena_copy(arena, o->xml_url);
        return;
    }
    bool named = wd_subscription_slug_valid(o->slug);
    l->feeds[l->n++] =
        (wd_subscription){ .slug = named ? o->slug : wd_subscription_slug(arena, url, false),
                           .url = url,
                           .title = o->title,
                           .group = group_of(path, o->depth, arena) };
}

wd_status wd_subscriptions_read(wd_span body, wd_arena *arena, wd_subscriptions *out)
{
    wd_opml opml;
    struct path path = { .depth = 0 };
    wd_status s = wd_opml_read(body, arena, &opml);
    if (s != WD_OK)
        return s;
    wd_subscriptions l = { .feeds = wd_arena_zalloc(arena, (opml.n + 1) * sizeof(*l.feeds)) };
    wd_subscription **by = wd_arena_zalloc(arena, (opml.n + 1) * sizeof(wd_subscription *));
    if (l.feeds == NULL || by == NULL)
        return WD_NOMEM;
    for (size_t i = 0; i < opml.n; i++)
        take_outline(&l, &opml.outlines[i], &path, arena);
    if (wd_arena_status(arena) != WD_OK)
        return wd_arena_status(arena);
    drop_repeated(&l, by);
    tell_apart(&l, by, arena);
    *out = l;
    return wd_arena_status(arena);
}

/* --- writing ------------------------------------------------------------------------- */

/* How many levels two groups share. */
static unsigned shared_levels(wd_span a, wd_span b)
{
    unsigned n = 0;
    while (a.len > 0 && b.len > 0 && wd_span_eq(wd_span_cut(&a, '/'), wd_span_cut(&b, '/')))
        n++;
    return n;
}

static unsigned put_group(wd_opml *opml, wd_span group, unsigned open)
{
    unsigned depth = 0;
    while (group.len > 0) {
        wd_span title = wd_span_cut(&group, '/');
        if (depth >= open)
            opml->outlines[opml->n++] = (wd_opml_outline){ .depth = depth, .title = title };
        depth++;
    }
    return depth;
}

static size_t count_levels(const wd_subscriptions *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k <= list->feeds[i].group.len; k++)
            n += k == 0 || list->feeds[i].group.ptr[k - 1] == '/';
    return n;
}

wd_status wd_subscriptions_write(const wd_subscriptions *list, wd_span title, wd_buf *out)
{
    wd_opml opml = { .title = title };
    opml.outlines = calloc(list->n + count_levels(list) + 1, sizeof(*opml.outlines));
    if (opml.outlines == NULL)
        return WD_NOMEM;
    wd_span before = WD_SPAN_NONE;
    for (size_t i = 0; i < list->n; i++) {
        const wd_subscription *f = &list->feeds[i];
        unsigned depth = put_group(&opml, f->group, shared_levels(before, f->group));
        before = f->group;
        opml.outlines[opml.n++] = (wd_opml_outline){ .depth = depth,
                                                     .title = f->title.len ? f->title : f->slug,
                                                     .xml_url = f->url,
                                                     .slug = f->slug };
    }
    wd_status s = wd_opml_write(&opml, out);
    free(opml.outlines);
    return s;
}
