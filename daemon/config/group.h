/*
 * daemon/config/group.h - what feeds that name it as their group begin with, over the defaults.
 */
#pragma once

#include <stdint.h>

#include "feeds/feed.h"

/* Where something was said; line 0: nowhere. */
typedef struct wd_config_place {
    const char *file;
    uint32_t line, column;
} wd_config_place;

typedef struct wd_config_group {
    struct wd_config_group *next;
    const char *name;
    wd_config_place place;
    wd_feed_config values;
    uint64_t set; /* bit n: row n of wd_feed_rows is said here */
} wd_config_group;
