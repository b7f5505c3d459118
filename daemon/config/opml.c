/* daemon/config/opml.c - feeds.d/ *.opml: somebody's list of addresses, which sets nothing else.
 *
 * Names come from the list (feeds/subscriptions.h).  An address that the YAML files have is
 * theirs: they say more about it.  In a second list it is that of the first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "daemon/config/impl.h"

/* WD_OPML_OUTLINES of 400 bytes. */
#define OPML_BYTES ((size_t)128 << 20)

/* Of an address in a complaint: enough to find it. */
#define SHOWN_BYTES 128u

/* --- the file --------------------------------------------------------------------- */

wd_status wd_opml_file_read(const char *file, wd_arena *arena, wd_subscriptions *out, wd_error *err)
{
    FILE *f = fopen(file, "re");
    if (f == NULL)
        return wd_fail(err, WD_IO, "cannot be read: %s", strerror(errno));
    wd_buf body = WD_BUF_INIT(OPML_BYTES);
    char piece[16384];
    for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
        wd_buf_append(&body, piece, n);
    wd_status s = ferror(f) ? WD_IO : wd_buf_status(&body);
    fclose(f);
    if (s == WD_OK)
        s = wd_subscriptions_read(wd_buf_span(&body), arena, out);
    wd_buf_done(&body);
    if (s == WD_OK)
        return s;
    return wd_fail(err, s, "%s",
                   s == WD_MALFORMED ? "this is not OPML"
                   : s == WD_LIMIT   ? "the list is over 128 MB, or has more than 300,000 outlines"
                                     : wd_status_text(s));
}

wd_status wd_config_keep_opml(wd_config_loader *l, const char *file, bool fetched)
{
    wd_error err = { 0 };
    l->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    wd_config_list *list = wd_arena_zalloc(l->trees, sizeof(*list));
    wd_subscriptions *feeds = list ? wd_arena_zalloc(l->trees, sizeof(*feeds)) : NULL;
    if (feeds == NULL || l->file == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    if (wd_opml_file_read(file, l->trees, feeds, &err) != WD_OK)
        return wd_config_complain(l, 1, 1, err.text);
    for (size_t i = 0; fetched && i < feeds->n; i++)
        feeds->feeds[i].slug = wd_subscription_slug(l->trees, feeds->feeds[i].url, true);
    if (feeds->n_unusable > 0 && !fetched) {
        char text[256];
        snprintf(text, sizeof(text), "%zu of its addresses %s neither http nor https: '%.*s'",
                 feeds->n_unusable, feeds->n_unusable == 1 ? "is" : "are",
                 WD_SPAN_ARG(wd_span_head(feeds->unusable, SHOWN_BYTES)));
        return wd_config_complain(l, 1, 1, text);
    }
    *list = (wd_config_list){ .file = l->file, .opml = feeds, .standard = l->standard };
    *l->last_list = list;
    l->last_list = &list->next;
    return WD_OK;
}

/* --- its feeds ---------------------------------------------------------------------- */

struct known {
    const char **urls; /* sorted */
    size_t n;
};

static int text_order(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    return strcmp(x ? x : "", y ? y : "");
}

/* Every address so far. */
static wd_status note_known(wd_config_loader *l, struct known *known)
{
    size_t n = l->config->n_feeds;
    free((void *)known->urls);
    *known = (struct known){ .urls = calloc(n + 1, sizeof(char *)), .n = n };
    if (known->urls == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (l->feeds[i].feed.url != NULL) /* one that was wrong is said to be */
            known->urls[i] =
                wd_url_resolve(l->trees, WD_SPAN_NONE, wd_span_of(l->feeds[i].feed.url)).ptr;
    if (wd_arena_status(l->trees) != WD_OK)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    qsort((void *)known->urls, n, sizeof(char *), text_order);
    return WD_OK;
}

static wd_status read_list(wd_config_loader *l, const wd_config_list *list, struct known *known)
{
    const wd_subscriptions *s = list->opml;
    wd_status status = note_known(l, known);
    for (size_t i = 0; status == WD_OK && i < s->n; i++) {
        const char *url = wd_arena_copy(l->arena, s->feeds[i].url).ptr;
        if (url == NULL)
            return wd_fail(l->err, WD_NOMEM, "out of memory");
        if (bsearch(&url, (const void *)known->urls, known->n, sizeof(char *), text_order) == NULL)
            status = wd_config_add_feed(l, &list->standard, &s->feeds[i], url);
    }
    return status;
}

wd_status wd_config_read_opml(wd_config_loader *l)
{
    struct known known = { .urls = NULL };
    wd_status s = WD_OK;
    for (const wd_config_list *list = l->lists; s == WD_OK && list != NULL; list = list->next) {
        l->file = list->file;
        if (list->opml != NULL)
            s = read_list(l, list, &known);
    }
    free((void *)known.urls);
    return s;
}
