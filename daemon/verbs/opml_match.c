/* daemon/verbs/opml_match.c - both sides sorted by address once, then looked up. */
#include "daemon/verbs/opml_match.h"

#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "daemon/config/opml.h"
#include "daemon/verbs/command.h"

/* The list, and the cleaned addresses of a quarter of a million configured feeds. */
#define MATCH_BYTES ((size_t)256 << 20)

struct address {
    wd_span url; /* cleaned */
    size_t feed; /* of the configuration */
};

static int span_order(wd_span a, wd_span b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int address_order(const void *a, const void *b)
{
    return span_order(((const struct address *)a)->url, ((const struct address *)b)->url);
}

static int slug_order(const void *key, const void *feed)
{
    return span_order(*(const wd_span *)key, wd_span_of(((const wd_feed_config *)feed)->slug));
}

static bool join(wd_opml_match *m)
{
    size_t n = m->config->n_feeds;
    struct address *addresses = calloc(n + 1, sizeof(*addresses));
    m->configured = wd_arena_zalloc(m->arena, (m->list.n + 1) * sizeof(wd_feed_config *));
    m->listed = wd_arena_zalloc(m->arena, n + 1);
    bool ok = addresses != NULL && m->configured != NULL && m->listed != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        wd_span url = wd_span_of(m->config->feeds[i].url);
        addresses[i] =
            (struct address){ .url = wd_url_resolve(m->arena, WD_SPAN_NONE, url), .feed = i };
        ok = addresses[i].url.ptr != NULL;
    }
    if (ok)
        qsort(addresses, n, sizeof(*addresses), address_order);
    for (size_t i = 0; ok && i < m->list.n; i++) {
        struct address key = { .url = m->list.feeds[i].url };
        struct address *found = bsearch(&key, addresses, n, sizeof(*addresses), address_order);
        if (found == NULL)
            continue;
        m->configured[i] = &m->config->feeds[found->feed];
        m->listed[found->feed] = true;
    }
    free(addresses);
    return ok;
}

bool wd_opml_match_open(wd_opml_match *m, const wd_verb *v, const char *opml_file, int *exit_code)
{
    wd_error err = { 0 };
    *m = (wd_opml_match){ .config = wd_verb_config(v) };
    *exit_code = WD_EXIT_USAGE;
    if (m->config == NULL)
        return false;
    *exit_code = WD_EXIT_FAILED;
    m->arena = wd_arena_new(MATCH_BYTES);
    if (m->arena == NULL)
        (void)wd_fail(&err, WD_NOMEM, "out of memory");
    else if (wd_opml_file_read(opml_file, m->arena, &m->list, &err) == WD_OK && !join(m))
        (void)wd_fail(&err, WD_NOMEM, "out of memory");
    if (err.text[0] == '\0')
        return true;
    wd_verb_fail(v, opml_file, "%s", err.text);
    wd_opml_match_close(m);
    return false;
}

void wd_opml_match_close(wd_opml_match *m)
{
    wd_arena_free(m->arena);
    wd_config_free(m->config);
    *m = (wd_opml_match){ 0 };
}

const wd_feed_config *wd_opml_match_slug(const wd_opml_match *m, wd_span slug)
{
    if (m->config->n_feeds == 0)
        return NULL;
    return bsearch(&slug, m->config->feeds, m->config->n_feeds, sizeof(*m->config->feeds),
                   slug_order);
}
