/* parsers/date.c - a scanner that takes what it understands: numbers by their shape, words by
 * the tables, "12:34" as a time and what follows it as a zone. */
#include "parsers/date.h"

#include <string.h>

#include "core/ascii.h"
#include "core/clock.h"
#include "core/status.h"
#include "parsers/date_names.h"

/* Longer texts are no dates; real ones stay under 80 bytes. */
#define DATE_BYTES 128u

#define UNSET (-1)

/* Kiribati. */
#define MOST_HOURS_AHEAD 14

struct date {
    wd_span rest;
    int year, month, day, ordinal;
    int hour, minute, second, milli;
    int pm; /* 0 am, 1 pm */
    int default_minutes;
    bool signed_zone, broken;
    int zone_minutes;
    const wd_date_zone *zone;
};

/* --- scanning ------------------------------------------------------------------------ */

static char peek(const struct date *d, size_t i)
{
    return i < d->rest.len ? d->rest.ptr[i] : '\0';
}

static void advance(struct date *d, size_t n)
{
    d->rest = wd_span_from(d->rest, n);
}

static size_t digits_at(const struct date *d, size_t i)
{
    size_t n = 0;
    while (wd_is_digit(peek(d, i + n)))
        n++;
    return n;
}

static int number_at(const struct date *d, size_t i, size_t n)
{
    int v = 0;
    for (size_t k = 0; k < n && v < 100000000; k++)
        v = v * 10 + (d->rest.ptr[i + k] - '0');
    return v;
}

static int full_year(int v, size_t digits)
{
    if (digits == 2)
        return v < 69 ? 2000 + v : 1900 + v;
    return digits == 3 && v < 200 ? 1900 + v : v; /* "104", as JavaScript's getYear() said */
}

/* --- times and zones -------------------------------------------------------------------- */

/* 9:15, 09:15:02, 09:15:02.384, at a digit. */
static bool take_time(struct date *d)
{
    size_t h = digits_at(d, 0), m;
    if (h == 0 || h > 2 || peek(d, h) != ':' || (m = digits_at(d, h + 1)) == 0 || m > 2)
        return false;
    d->hour = number_at(d, 0, h);
    d->minute = number_at(d, h + 1, m);
    advance(d, h + 1 + m);
    if (peek(d, 0) != ':' || digits_at(d, 1) == 0)
        return true;
    size_t s = digits_at(d, 1);
    d->second = number_at(d, 1, s);
    advance(d, 1 + s);
    if ((peek(d, 0) == '.' || peek(d, 0) == ',') && digits_at(d, 1) > 0) {
        size_t f = digits_at(d, 1);
        d->milli = 0;
        for (size_t i = 0; i < 3; i++)
            d->milli = d->milli * 10 + (i < f ? d->rest.ptr[1 + i] - '0' : 0);
        advance(d, 1 + f);
    }
    return true;
}

static bool begins(wd_span w, const char *text)
{
    size_t n = strlen(text);
    return w.len >= n && memcmp(w.ptr, text, n) == 0;
}

/* The bytes of a sign; 0 when there is none.  Word processors write U+2212. */
static size_t sign_bytes(const struct date *d)
{
    return peek(d, 0) == '+' || peek(d, 0) == '-' ? 1 : begins(d->rest, "\u2212") ? 3 : 0;
}

/* +0200, -05:00, +2, behind a time. */
static bool take_offset(struct date *d)
{
    int sign = peek(d, 0) == '+' ? 1 : -1;
    advance(d, sign_bytes(d) - 1);
    size_t n = digits_at(d, 1);
    if (n == 0 || n > 4) {
        d->broken |= wd_is_alpha(peek(d, 1));
        return false;
    }
    int hours = number_at(d, 1, n > 2 ? n - 2 : n), minutes = 0;
    if (n > 2)
        minutes = number_at(d, 1 + n - 2, 2);
    advance(d, 1 + n);
    if (n <= 2 && peek(d, 0) == ':') {
        size_t m = digits_at(d, 1);
        d->broken |= m == 0;
        minutes = number_at(d, 1, m > 2 ? 2 : m);
        advance(d, 1 + m);
    }
    d->signed_zone = true;
    d->zone_minutes = sign * (hours * 60 + minutes);
    if (hours > MOST_HOURS_AHEAD || minutes > 59)
        d->zone_minutes = 0;
    return true;
}

/* --- words --------------------------------------------------------------------------------- */

static bool word_byte(char c)
{
    return wd_is_alpha(c) || (unsigned char)c >= 0x80 || c == '_' || c == '/';
}

/* 2004년 05월 28일, 2004年5月28日: the word says what the number before it was. */
static bool take_unit(struct date *d, wd_span raw, int last)
{
    if (begins(raw, "년") || begins(raw, "年"))
        d->year = last;
    else if (begins(raw, "월") || begins(raw, "月"))
        d->month = last;
    else if (begins(raw, "일") || begins(raw, "日"))
        d->day = last;
    else
        return false;
    if (begins(raw, "년"))
        d->default_minutes = 9 * 60;
    return true;
}

static bool take_half(struct date *d, wd_span raw, wd_span folded)
{
    static const char *const am[] = { "am", "오전", "午前", "上午" };
    static const char *const pm[] = { "pm", "오후", "午後", "下午" };
    bool dotted = folded.len == 1 && peek(d, 0) == '.' && wd_lower(peek(d, 1)) == 'm';
    for (size_t i = 0; i < WD_COUNT(am); i++) {
        if (wd_span_is(folded, am[i]) || wd_span_is(raw, am[i]) || (dotted && *folded.ptr == 'a'))
            d->pm = 0;
        else if (wd_span_is(folded, pm[i]) || wd_span_is(raw, pm[i]) ||
                 (dotted && *folded.ptr == 'p'))
            d->pm = 1;
    }
    if (d->pm != UNSET && begins(raw, "오"))
        d->default_minutes = 9 * 60; /* Nate's dates are Seoul's and do not say so */
    if (dotted && d->pm != UNSET)
        advance(d, 2);
    return d->pm != UNSET;
}

static void take_word(struct date *d, int *last)
{
    char room[WD_DATE_WORD_BYTES];
    size_t n = 0;
    while (n < d->rest.len && word_byte(d->rest.ptr[n]))
        n++;
    wd_span raw = wd_span_head(d->rest, n), folded = wd_date_fold(raw, room);
    advance(d, n);
    if (*last != UNSET && take_unit(d, raw, *last)) {
        *last = UNSET;
        return;
    }
    if (d->pm == UNSET && take_half(d, raw, folded))
        return;
    int month = wd_date_month(folded);
    if (month > 0)
        d->month = month;
    else if (d->hour != UNSET && d->zone == NULL)
        d->zone = wd_date_zone_find(folded);
}

/* --- numbers --------------------------------------------------------------------------------- */

/* 2004-05-25, 03/30/2020, 30.10.23: three numbers and one mark between them. */
static bool take_triple(struct date *d)
{
    size_t len[3], i = 0;
    int v[3];
    char mark = 0;
    for (size_t k = 0; k < 3; k++) {
        len[k] = digits_at(d, i);
        if (len[k] == 0 || len[k] > 4)
            return false;
        v[k] = number_at(d, i, len[k]);
        i += len[k];
        if (k == 2)
            break;
        char c = peek(d, i++);
        if ((k > 0 && c != mark) || strchr("-/. ", c) == NULL || c == '\0')
            return false;
        mark = c;
    }
    if (mark == ' ' && (d->month != UNSET || len[0] > 2 || len[2] != 4))
        return false;
    if (len[0] == 4) {
        d->year = v[0];
        d->month = v[1];
        d->day = v[2];
    } else {
        bool american = v[1] > 12 || (mark == '/' && v[0] <= 12);
        d->month = american ? v[0] : v[1];
        d->day = american ? v[1] : v[0];
        d->year = full_year(v[2], len[2]);
    }
    advance(d, i);
    return true;
}

/* Behind the time, at the end: "12:00:00 05:00" had a "+", which a form or a URL made a blank.  Any
 * other second time ("12:00 - 13:30") is passed over: the first is when it begins. */
static bool take_second_time(struct date *d)
{
    struct date again = *d;
    if (d->hour == UNSET || !take_time(&again))
        return false;
    bool zone = d->second != UNSET && d->rest.len == sizeof("05:00") - 1 && again.rest.len == 0 &&
                !d->signed_zone && d->zone == NULL && again.hour <= MOST_HOURS_AHEAD;
    if (zone) {
        d->signed_zone = true;
        d->zone_minutes = again.hour * 60 + again.minute;
    }
    d->rest = again.rest;
    return true;
}

static void take_number(struct date *d, int *last)
{
    if (take_second_time(d) || take_time(d))
        return;
    if (d->day == UNSET && d->year == UNSET && take_triple(d))
        return;
    size_t n = digits_at(d, 0);
    int v = number_at(d, 0, n);
    advance(d, n);
    *last = v;
    if (n >= 3 && n <= 4 && d->year == UNSET)
        d->year = full_year(v, n);
    else if (n <= 2 && d->day == UNSET)
        d->day = v;
    else if (n == 2 && d->year == UNSET)
        d->year = full_year(v, n);
    else if (n > 4)
        d->broken = true;
}

static void scan_free(struct date *d)
{
    int last = UNSET;
    while (d->rest.len > 0 && !d->broken) {
        char c = peek(d, 0);
        if (wd_is_digit(c))
            take_number(d, &last);
        else if (d->hour != UNSET && sign_bytes(d) > 0 && take_offset(d))
            last = UNSET;
        else if (word_byte(c))
            take_word(d, &last);
        else
            advance(d, 1);
    }
}

/* --- ISO 8601, and its shortened forms ---------------------------------------------- */

static bool take_date_digits(struct date *d, size_t n)
{
    switch (n) {
    case 8: /* 20031231 */
        d->year = number_at(d, 0, 4);
        d->month = number_at(d, 4, 2);
        d->day = number_at(d, 6, 2);
        return true;
    case 7: /* 2003365 */
        d->year = number_at(d, 0, 4);
        d->ordinal = number_at(d, 4, 3);
        return true;
    case 6: /* 031231 */
        d->year = full_year(number_at(d, 0, 2), 2);
        d->month = number_at(d, 2, 2);
        d->day = number_at(d, 4, 2);
        return true;
    case 5: /* 03365 */
        d->year = full_year(number_at(d, 0, 2), 2);
        d->ordinal = number_at(d, 2, 3);
        return true;
    case 4: /* 2003 */
        d->year = number_at(d, 0, 4);
        return true;
    default:
        return false;
    }
}

/* The parts behind a year: -MM, -MM-DD, -DDD, -0MM-DD. */
static void take_iso_parts(struct date *d)
{
    size_t n = peek(d, 0) == '-' ? digits_at(d, 1) : 0;
    if (n == 3 && peek(d, 4) != '-') {
        d->ordinal = number_at(d, 1, 3);
        advance(d, 4);
    } else if (n > 0 && n <= 3) {
        d->month = number_at(d, 1, n);
        advance(d, 1 + n);
        n = peek(d, 0) == '-' ? digits_at(d, 1) : 0;
        if (n > 0 && n <= 2) {
            d->day = number_at(d, 1, n);
            advance(d, 1 + n);
        }
    } else if (n == 4) {
        d->month = number_at(d, 1, 2);
        d->day = number_at(d, 3, 2);
        advance(d, 5);
    }
}

/* 12, 1200, 120000 behind a "T": the basic format. */
static void take_compact_time(struct date *d)
{
    size_t n = digits_at(d, 0);
    if ((n != 2 && n != 4 && n != 6) || peek(d, n) == ':')
        return;
    d->hour = number_at(d, 0, 2);
    if (n > 2)
        d->minute = number_at(d, 2, 2);
    if (n > 4)
        d->second = number_at(d, 4, 2);
    advance(d, n);
}

/* True when the text is ISO all through to its time; the time is read by scan_free. */
static bool take_iso(struct date *d)
{
    struct date was = *d;
    size_t n = digits_at(d, 0);
    bool dashed = peek(d, n) == '-' && digits_at(d, n + 1) > 0;
    if (n == 2 && dashed && digits_at(d, 3) > 0 && digits_at(d, 3) != 1) {
        d->year = full_year(number_at(d, 0, 2), 2); /* 03-12-31 */
        advance(d, 2);
    } else if (n >= 4 && take_date_digits(d, n)) {
        advance(d, n);
    } else {
        return false;
    }
    if (n <= 4)
        take_iso_parts(d);
    char c = peek(d, 0);
    bool time = (wd_lower(c) == 't' || c == ' ') && wd_is_digit(peek(d, 1));
    if (d->rest.len > 0 && !time && wd_lower(c) != 'z') {
        *d = was;
        return false;
    }
    if (d->month == UNSET && d->ordinal == UNSET)
        d->month = 1;
    if (d->day == UNSET)
        d->day = 1;
    advance(d, time);
    if (wd_lower(c) == 't')
        take_compact_time(d);
    return true;
}

/* --- the instant ---------------------------------------------- */

static bool is_leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && is_leap(year));
}

static bool valid(const struct date *d)
{
    if (d->broken || d->year < 1900 || d->year > 9999)
        return false;
    if (d->ordinal != UNSET && (d->ordinal < 1 || d->ordinal > 365 + is_leap(d->year)))
        return false;
    if (d->ordinal == UNSET &&
        (d->month < 1 || d->month > 12 || d->day < 1 || d->day > month_days(d->year, d->month)))
        return false;
    bool midnight = d->hour == 24 && d->minute <= 0 && d->second <= 0;
    return d->hour <= 23 + midnight && d->minute < 60 && d->second <= 60;
}

static int set_or_zero(int v)
{
    return v == UNSET ? 0 : v;
}

static bool instant(struct date *d, int64_t *out_ms)
{
    if (d->pm == 1 && d->hour >= 1 && d->hour < 12)
        d->hour += 12;
    else if (d->pm == 0 && d->hour == 12)
        d->hour = 0;
    if (!valid(d))
        return false;
    int64_t days = d->ordinal != UNSET ? wd_days_from_civil(d->year, 1, 1) + d->ordinal - 1
                                       : wd_days_from_civil(d->year, d->month, d->day);
    int64_t ms = days * WD_DAY_MS + set_or_zero(d->hour) * WD_HOUR_MS +
                 set_or_zero(d->minute) * WD_MINUTE_MS + set_or_zero(d->second) * WD_SECOND_MS +
                 d->milli;
    int minutes = d->default_minutes;
    if (d->signed_zone)
        minutes = d->zone_minutes;
    else if (d->zone != NULL)
        minutes = wd_date_zone_minutes(d->zone, ms);
    *out_ms = ms - minutes * WD_MINUTE_MS;
    return true;
}

/* 1199145600, 1199145600.25 (its fraction left out), 1199145600000, 20031231101455. */
static bool take_stamp(wd_span s, int64_t *out_ms)
{
    unsigned long long v;
    if (wd_span_find(s, '.') == 10)
        s.len = 10;
    if (!wd_span_u64(s, &v) || s.len < 9 || s.len > 14)
        return false;
    if (s.len == 14) {
        struct date d = { .rest = s, .ordinal = UNSET, .pm = UNSET };
        (void)take_date_digits(&d, 8);
        d.hour = number_at(&d, 8, 2);
        d.minute = number_at(&d, 10, 2);
        d.second = number_at(&d, 12, 2);
        return instant(&d, out_ms);
    }
    *out_ms = (int64_t)v * (s.len >= 12 ? 1 : WD_SECOND_MS);
    return true;
}

bool wd_date_parse(wd_span text, int64_t *out_ms)
{
    text = wd_span_trim(text);
    if (text.len == 0 || text.len > DATE_BYTES)
        return false;
    if (take_stamp(text, out_ms))
        return true;
    struct date d = { .rest = text,
                      .year = UNSET,
                      .month = UNSET,
                      .day = UNSET,
                      .ordinal = UNSET,
                      .hour = UNSET,
                      .minute = UNSET,
                      .second = UNSET,
                      .pm = UNSET };
    (void)take_iso(&d);
    scan_free(&d);
    return instant(&d, out_ms);
}
