/* daemon/config/shelf.c - a short list: the newest first, the very first last. */
#include "daemon/config/shelf.h"

#include <stdlib.h>

struct book {
    wd_config *config;
    size_t lent; /* feeds that somebody points at */
    struct book *older;
};

struct wd_config_shelf {
    struct book *newest;
};

static wd_status add(wd_config_shelf *shelf, wd_config *config)
{
    struct book *b = malloc(sizeof(*b));
    if (b == NULL)
        return WD_NOMEM;
    *b = (struct book){ config, config->n_feeds, shelf->newest };
    shelf->newest = b;
    return WD_OK;
}

wd_status wd_config_shelf_new(wd_config_shelf **out, wd_config *first)
{
    wd_config_shelf *shelf = calloc(1, sizeof(*shelf));
    if (shelf == NULL || add(shelf, first) != WD_OK) {
        free(shelf);
        return WD_NOMEM;
    }
    *out = shelf;
    return WD_OK;
}

void wd_config_shelf_free(wd_config_shelf *shelf)
{
    if (shelf == NULL)
        return;
    for (struct book *b = shelf->newest, *older; b != NULL; b = older) {
        older = b->older;
        wd_config_free(b->config);
        free(b);
    }
    free(shelf);
}

void wd_config_shelf_sweep(wd_config_shelf *shelf)
{
    struct book **at = &shelf->newest->older;
    while (*at != NULL && (*at)->older != NULL) {
        struct book *b = *at;
        if (b->lent > 0) {
            at = &b->older;
            continue;
        }
        *at = b->older;
        wd_config_free(b->config);
        free(b);
    }
}

wd_status wd_config_shelf_put(wd_config_shelf *shelf, wd_config *fresh)
{
    return add(shelf, fresh);
}

void wd_config_shelf_undo(wd_config_shelf *shelf)
{
    struct book *b = shelf->newest;
    shelf->newest = b->older;
    wd_config_free(b->config);
    free(b);
}

void wd_config_shelf_release(wd_config_shelf *shelf, const wd_feed_config *feed)
{
    for (struct book *b = shelf->newest; b != NULL; b = b->older) {
        const wd_feed_config *feeds = b->config->feeds;
        if (feeds == NULL || feed < feeds || feed >= feeds + b->config->n_feeds)
            continue;
        b->lent -= b->lent > 0;
        return;
    }
}
