/*
 * daemon/list_keeper.h - subscription lists at an address: asked now and then, kept in the state
 * directory, and not believed when they lost too much at once.
 *
 * Files:    <state>/lists/NAME.opml is the list in force, NAME.validators what its server
 *           gave with it; the file's time is when it was last confirmed, so that a restart
 *           asks no earlier.
 * Callback: changed runs when a new version is in its place; the configuration has to be
 *           read again.
 * Thread:   loop thread.
 */
#pragma once

#include <uv.h>

#include "core/log.h"
#include "daemon/config/config.h"
#include "feeds/http.h"

typedef struct wd_list_keeper wd_list_keeper;

typedef struct wd_list_keeper_spec {
    uv_loop_t *loop;
    wd_http *http; /* outlives the keeper's requests */
    const wd_log *log;
    const char *state; /* borrowed */
    void (*changed)(void *ctx);
    void (*closed)(void *ctx);
    void *ctx;
} wd_list_keeper_spec;

WD_MUST_USE wd_status wd_list_keeper_open(wd_list_keeper **out, const wd_list_keeper_spec *spec);

/* The lists as they now stand; nothing of `config` is kept. */
wd_status wd_list_keeper_set(wd_list_keeper *k, const wd_config *config);

/* Sets *k to NULL; NULL is accepted. */
void wd_list_keeper_close(wd_list_keeper **k);

/* Whether a list that had `before` feeds and lost `lost` of them is too small to be true;
 * `percent` is the largest share that it may lose. */
bool wd_list_shrank(size_t before, size_t lost, double percent);
