/*
 * parsers/date_names.h - words in dates: months, zones.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"

/* Longest word looked at, folded: "America/Argentina/Buenos_Aires". */
#define WD_DATE_WORD_BYTES 32u

/* Lower case without accents; returns what fits. */
wd_span wd_date_fold(wd_span word, char room[WD_DATE_WORD_BYTES]);

/* 1-12 for a folded month name in any of the languages, in full or shortened; else 0. */
int wd_date_month(wd_span folded);

typedef enum wd_date_saving { WD_SAVING_NONE, WD_SAVING_US, WD_SAVING_EU } wd_date_saving;

typedef struct wd_date_zone {
    const char *name;
    int16_t minutes; /* east of Greenwich, in winter */
    uint8_t saving;  /* wd_date_saving */
} wd_date_zone;

/* NULL when no such zone is known. */
const wd_date_zone *wd_date_zone_find(wd_span folded);

/* The zone's offset at this local time. */
int wd_date_zone_minutes(const wd_date_zone *z, int64_t local_ms);
