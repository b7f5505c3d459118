/*
 * core/clock.h - what time it is, given from outside so that tests can own it.
 *
 * wall_ms is milliseconds since the Unix epoch (may step); boot_ms counts up
 * while the machine is suspended too (CLOCK_BOOTTIME, never steps).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

typedef struct wd_clock {
    int64_t (*wall_ms)(void *ctx);
    int64_t (*boot_ms)(void *ctx);
    void *ctx;
} wd_clock;

#define WD_SECOND_MS ((int64_t)1000)
#define WD_MINUTE_MS (60 * WD_SECOND_MS)
#define WD_HOUR_MS   (60 * WD_MINUTE_MS)
#define WD_DAY_MS    (24 * WD_HOUR_MS)

/* No known time; never a real instant of a feed. */
#define WD_TIME_NONE INT64_MIN

/* The machine's own clocks. */
const wd_clock *wd_clock_system(void);

static inline int64_t wd_wall_ms(const wd_clock *c)
{
    return c->wall_ms(c->ctx);
}

static inline int64_t wd_boot_ms(const wd_clock *c)
{
    return c->boot_ms(c->ctx);
}

/* "2026-03-10T09:02:11Z", with ".384" when `with_ms` (RFC 3339).  Years 0000-9999;
 * anything else, and WD_TIME_NONE, gives "". */
#define WD_TIME_TEXT_BYTES 32u
const char *wd_time_text(int64_t ms, int with_ms, char out[WD_TIME_TEXT_BYTES]);

/* Days since 1970-01-01 in the proleptic Gregorian calendar; month 1-12. */
int64_t wd_days_from_civil(int64_t year, int month, int day);
void wd_civil_from_days(int64_t days, int64_t *year, int *month, int *day);

/* "90", "90s", "15m", "2h", "7d" or a sum such as "1h30m" to milliseconds;
 * false when it is none of these or does not fit. */
int wd_duration_parse(wd_span text, int64_t *out_ms);

/* "45 s", "15 min", "2 h 10 min", "3 d 4 h": for people. */
const char *wd_duration_text(int64_t ms, char out[WD_TIME_TEXT_BYTES]);
