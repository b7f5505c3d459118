/*
 * daemon/config/schema.h - every key of the configuration, one row each.
 *
 * The same rows parse, check, print help and feed the man page.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/span.h"
#include "core/status.h"

typedef enum wd_config_type {
    WD_TYPE_TEXT,
    WD_TYPE_URL,      /* http or https */
    WD_TYPE_DURATION, /* int64_t ms */
    WD_TYPE_SIZE,     /* uint64_t bytes: 8MiB, 512K */
    WD_TYPE_COUNT,    /* uint64_t */
    WD_TYPE_NUMBER,   /* double */
    WD_TYPE_BOOL,     /* bool */
    WD_TYPE_CHOICE,   /* int, index into choices */
    WD_TYPE_LIST,     /* const char *const *, NULL-terminated; of CIDRs */
    WD_TYPE_BACKFILL, /* wd_backfill */
    WD_TYPE_HEADERS,  /* const char *const *, NULL-terminated "Name: value"; may be secret */
    WD_TYPE_SECRET,   /* const char *, read from what file: or credential: names */
    WD_TYPE_PROXY,    /* const char *: NULL, a word or a URL, its password in it */
} wd_config_type;

typedef struct wd_config_row {
    const char *section, *key; /* section "" is the top level */
    wd_config_type type;
    size_t offset;        /* into wd_config, or wd_feed_config for feed rows */
    const char *standard; /* default, as one would write it; NULL: none */
    double min, max;      /* DURATION in ms, SIZE in bytes, COUNT, NUMBER; both 0: any */
    const char *choices;  /* "suppress|annotate|off" */
    bool reloadable;
    const char *help; /* half a sentence */
} wd_config_row;

extern const wd_config_row wd_config_rows[];
extern const size_t wd_config_n_rows;
extern const wd_config_row wd_feed_rows[];
extern const wd_config_row wd_list_rows[];
extern const size_t wd_list_n_rows;
extern const wd_config_row wd_host_rows[];
extern const size_t wd_feed_n_rows;
extern const size_t wd_host_n_rows;

/* The row of section.key, or NULL. */
const wd_config_row *wd_config_row_find(const wd_config_row *rows,
                                        size_t n,
                                        wd_span section,
                                        wd_span key);

/* Reads one scalar into base + row->offset; err->text says what is wrong with it. */
WD_MUST_USE wd_status
wd_config_set(const wd_config_row *row, void *base, wd_span text, wd_arena *arena, wd_error *err);

/* Fills every row's default. */
WD_MUST_USE wd_status wd_config_set_defaults(const wd_config_row *rows,
                                             size_t n,
                                             void *base,
                                             wd_arena *arena);

/* Bytes of a value of that type at its offset. */
size_t wd_config_value_bytes(wd_config_type type);

/* Its value may hold what nobody should read: show that it is set, never what it is. */
static inline bool wd_config_type_is_secret(wd_config_type type)
{
    return type == WD_TYPE_HEADERS || type == WD_TYPE_SECRET || type == WD_TYPE_PROXY;
}

/* The known key or section nearest to a misspelt one; NULL when none is near. */
const char *wd_config_nearest(const wd_config_row *rows,
                              size_t n,
                              const char *section,
                              wd_span key);
