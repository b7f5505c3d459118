/* core/clock.c - the machine's clocks, and times as text. */
#include "core/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/ascii.h"
#include "core/status.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_boot(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_BOOTTIME);
}

const wd_clock *wd_clock_system(void)
{
    static const wd_clock clock = { system_wall, system_boot, NULL };
    return &clock;
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t wd_days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void wd_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

/* By hand: an event has seven times, and printf took half of what writing it cost. */
static void put_two(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

const char *wd_time_text(int64_t ms, int with_ms, char out[WD_TIME_TEXT_BYTES])
{
    static const char shape[] = "YYYY-MM-DDThh:mm:ss.mmmZ";
    int64_t year;
    int month, day;
    out[0] = '\0';
    if (ms == WD_TIME_NONE)
        return out;
    int64_t days = ms / WD_DAY_MS - (ms % WD_DAY_MS < 0);
    unsigned rest = (unsigned)(ms - days * WD_DAY_MS), seconds = rest / 1000;
    wd_civil_from_days(days, &year, &month, &day);
    if (year < 0 || year > 9999)
        return out;
    memcpy(out, shape, sizeof(shape));
    put_two(out, (unsigned)year / 100);
    put_two(out + 2, (unsigned)year % 100);
    put_two(out + 5, (unsigned)month);
    put_two(out + 8, (unsigned)day);
    put_two(out + 11, seconds / 3600);
    put_two(out + 14, seconds / 60 % 60);
    put_two(out + 17, seconds % 60);
    put_two(out + 20, rest % 1000 / 10);
    out[22] = (char)('0' + rest % 10);
    if (!with_ms)
        memcpy(out + 19, "Z", 2);
    return out;
}

static int64_t unit_ms(wd_span unit)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = { { "ms", 1 },           { "s", WD_SECOND_MS },
                  { "m", WD_MINUTE_MS }, { "min", WD_MINUTE_MS },
                  { "h", WD_HOUR_MS },   { "d", WD_DAY_MS },
                  { "w", 7 * WD_DAY_MS } };
    if (unit.len == 0)
        return WD_SECOND_MS;
    for (size_t i = 0; i < WD_COUNT(units); i++)
        if (wd_span_is(unit, units[i].name))
            return units[i].ms;
    return 0;
}

int wd_duration_parse(wd_span text, int64_t *out_ms)
{
    int64_t total = 0;
    size_t i = 0;
    if (text.len == 0)
        return 0;
    while (i < text.len) {
        size_t digits = i, unit, end;
        unsigned long long n;
        while (i < text.len && wd_is_digit(text.ptr[i]))
            i++;
        unit = i;
        while (i < text.len && wd_is_alpha(text.ptr[i]))
            i++;
        end = i;
        int64_t scale = unit_ms((wd_span){ text.ptr + unit, end - unit });
        int64_t part;
        if (!wd_span_u64((wd_span){ text.ptr + digits, unit - digits }, &n) || scale == 0 ||
            __builtin_mul_overflow((int64_t)n, scale, &part) || n > INT64_MAX ||
            __builtin_add_overflow(total, part, &total))
            return 0;
        while (i < text.len && text.ptr[i] == ' ')
            i++;
    }
    *out_ms = total;
    return 1;
}

const char *wd_duration_text(int64_t ms, char out[WD_TIME_TEXT_BYTES])
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = { { "d", WD_DAY_MS }, { "h", WD_HOUR_MS }, { "min", WD_MINUTE_MS } };
    int64_t v = ms < 0 ? 0 : ms;
    for (size_t i = 0; i < WD_COUNT(units); i++) {
        if (v < units[i].ms)
            continue;
        int64_t whole = v / units[i].ms;
        const char *below = i + 1 < WD_COUNT(units) ? units[i + 1].name : "s";
        int64_t below_ms = i + 1 < WD_COUNT(units) ? units[i + 1].ms : WD_SECOND_MS;
        int64_t rest = v % units[i].ms / below_ms;
        if (rest > 0)
            snprintf(out, WD_TIME_TEXT_BYTES, "%" PRId64 " %s %" PRId64 " %s", whole, units[i].name,
                     rest, below);
        else
            snprintf(out, WD_TIME_TEXT_BYTES, "%" PRId64 " %s", whole, units[i].name);
        return out;
    }
    if (v >= WD_SECOND_MS)
        snprintf(out, WD_TIME_TEXT_BYTES, "%" PRId64 " s", v / WD_SECOND_MS);
    else
        snprintf(out, WD_TIME_TEXT_BYTES, "%" PRId64 " ms", v);
    return out;
}
