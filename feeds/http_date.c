/* feeds/http_date.c - IMF-fixdate, RFC 850 and asctime differ in order only: words and
 * numbers are read one after another, and each says by its look what it is. */
#include "feeds/http_date.h"

#include <string.h>

#include "core/ascii.h"
#include "core/clock.h"

struct reading {
    int day, month, hour, minute, second;
    int64_t year;
    int year_digits;
    bool clock;
};

static wd_span next_word(wd_span *rest)
{
    size_t i = 0, n = 0;
    while (i < rest->len && (wd_is_space(rest->ptr[i]) || strchr(",-", rest->ptr[i]) != NULL))
        i++;
    *rest = wd_span_from(*rest, i);
    while (n < rest->len && (wd_is_alnum(rest->ptr[n]) || rest->ptr[n] == ':'))
        n++;
    wd_span word = wd_span_head(*rest, n);
    *rest = wd_span_from(*rest, n);
    return word;
}

static int month_of(wd_span word)
{
    static const char names[12][4] = { "jan", "feb", "mar", "apr", "may", "jun",
                                       "jul", "aug", "sep", "oct", "nov", "dec" };
    for (int i = 0; i < 12; i++)
        if (word.len == 3 && wd_span_is_nocase(word, names[i]))
            return i + 1;
    return 0;
}

static bool read_clock(wd_span word, struct reading *r)
{
    unsigned long long h, m, s;
    wd_span rest = word;
    if (!wd_span_u64(wd_span_cut(&rest, ':'), &h) || !wd_span_u64(wd_span_cut(&rest, ':'), &m) ||
        !wd_span_u64(rest, &s) || h > 23 || m > 59 || s > 60)
        return false;
    r->hour = (int)h;
    r->minute = (int)m;
    r->second = (int)s;
    r->clock = true;
    return true;
}

static bool read_number(wd_span word, struct reading *r)
{
    unsigned long long n;
    if (!wd_span_u64(word, &n) || n > 9999)
        return false;
    if (r->day == 0) {
        r->day = (int)n;
        return n >= 1 && n <= 31;
    }
    if (r->year_digits != 0)
        return false;
    r->year = (int64_t)n;
    r->year_digits = (int)word.len;
    return word.len == 2 || word.len == 4;
}

static bool read_word(wd_span word, struct reading *r)
{
    if (wd_span_find(word, ':') < word.len)
        return !r->clock && read_clock(word, r);
    if (wd_is_digit(word.ptr[0]))
        return read_number(word, r);
    if (r->month == 0 && month_of(word) != 0)
        r->month = month_of(word);
    return true; /* the weekday and "GMT" carry nothing */
}

static int64_t full_year(const struct reading *r, int64_t now_ms)
{
    int64_t now_year;
    int month, day;
    if (r->year_digits == 4)
        return r->year;
    wd_civil_from_days(now_ms / WD_DAY_MS, &now_year, &month, &day);
    int64_t year = now_year - now_year % 100 + r->year;
    return year > now_year + 50 ? year - 100 : year;
}

int64_t wd_http_date_parse(wd_span text, int64_t now_ms)
{
    struct reading r = { 0 };
    wd_span rest = wd_span_trim(text);
    while (rest.len > 0) {
        wd_span word = next_word(&rest);
        if (word.len == 0 ? rest.len > 0 : !read_word(word, &r))
            return WD_TIME_NONE;
    }
    if (r.day == 0 || r.month == 0 || r.year_digits == 0 || !r.clock)
        return WD_TIME_NONE;
    return wd_days_from_civil(full_year(&r, now_ms), r.month, r.day) * WD_DAY_MS +
           r.hour * WD_HOUR_MS + r.minute * WD_MINUTE_MS + r.second * WD_SECOND_MS;
}
