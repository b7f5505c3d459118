/* feeds/registry.c - a sorted array of pointers: looked up by halves, walked in order. */
#include "feeds/registry.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "feeds/feed_state.h"

static int by_slug(const void *a, const void *b)
{
    const wd_entry *const *x = a, *const *y = b;
    return strcmp((*x)->config->slug, (*y)->config->slug);
}

static int slug_against(const void *slug, const void *entry)
{
    const wd_entry *const *e = entry;
    return strcmp(slug, (*e)->config->slug);
}

wd_entry *wd_registry_find(const wd_registry *r, const char *slug)
{
    if (r->n == 0)
        return NULL;
    wd_entry **at = bsearch(slug, r->entries, r->n, sizeof(wd_entry *), slug_against);
    return at ? *at : NULL;
}

wd_status wd_registry_sort(wd_entry **entries, size_t n)
{
    if (n < 2)
        return WD_OK;
    qsort(entries, n, sizeof(wd_entry *), by_slug);
    for (size_t i = 1; i < n; i++)
        if (by_slug(&entries[i - 1], &entries[i]) == 0)
            return WD_CONFIG;
    return WD_OK;
}

uint64_t wd_registry_url_hash(const char *url)
{
    uint64_t h = wd_hash64(wd_span_of(url), 0);
    return h ? h : 1;
}

const char *wd_entry_url(const wd_entry *e)
{
    return e->state.adopted && e->new_url != NULL ? e->new_url : e->config->url;
}

bool wd_entry_set_new_url(wd_entry *e, wd_span url)
{
    if (wd_span_eq(url, wd_span_of(e->new_url)))
        return false;
    free(e->new_url);
    e->new_url = url.len > 0 ? strndup(url.ptr, url.len) : NULL;
    return true;
}

void wd_entry_get_validators(const wd_entry *e, wd_validators *out)
{
    *out = (wd_validators){ .etag = "" };
    if (e->validators == NULL)
        return;
    size_t n = strlen(e->validators);
    memcpy(out->etag, e->validators, n + 1);
    memcpy(out->last_modified, e->validators + n + 1, strlen(e->validators + n + 1) + 1);
}

/* Never a cut one: it would match nothing. */
static size_t size_of(const char *validator)
{
    size_t n = validator != NULL ? strlen(validator) : 0;
    return n < WD_VALIDATOR_BYTES ? n + 1 : 1;
}

static void put(char *to, const char *validator, size_t size)
{
    if (size > 1)
        memcpy(to, validator, size - 1);
    to[size - 1] = '\0';
}

wd_status wd_entry_set_validators(wd_entry *e, const char *etag, const char *last_modified)
{
    size_t a = size_of(etag), b = size_of(last_modified);
    free(e->validators);
    e->validators = NULL;
    if (a + b == 2)
        return WD_OK;
    char *both = malloc(a + b);
    if (both == NULL)
        return WD_NOMEM;
    put(both, etag, a);
    put(both + a, last_modified, b);
    e->validators = both;
    return WD_OK;
}

wd_entry *wd_entry_new(const wd_feed_config *config)
{
    wd_entry *e = calloc(1, sizeof(*e));
    if (e == NULL)
        return NULL;
    e->config = config;
    e->due.place = WD_DUE_NOWHERE;
    e->state = wd_feed_state_new(0);
    wd_list_init(&e->late);
    wd_list_init(&e->seat.waiting);
    wd_list_init(&e->there.waiting);
    return e;
}

void wd_entry_free(wd_entry *e)
{
    if (e == NULL)
        return;
    free(e->validators);
    free(e->new_url);
    free(e);
}
