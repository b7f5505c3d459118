/* parsers/date_names.c - fixed tables: a daemon that asked the system's zone files would read
 * the same feed differently on two machines. */
#include "parsers/date_names.h"

#include <string.h>

#include <utf8proc.h>

#include "core/ascii.h"
#include "core/clock.h"
#include "core/status.h"
#include "core/text.h"

wd_span wd_date_fold(wd_span word, char room[WD_DATE_WORD_BYTES])
{
    size_t n = 0;
    while (n < word.len && n + 8 < WD_DATE_WORD_BYTES && (unsigned char)word.ptr[n] < 0x80) {
        room[n] = wd_lower(word.ptr[n]);
        n++;
    }
    for (size_t i = n; i < word.len && n + 8 < WD_DATE_WORD_BYTES;) {
        utf8proc_int32_t parts[4];
        uint32_t r = wd_utf8_next(word, &i);
        utf8proc_ssize_t k = utf8proc_decompose_char(
            (utf8proc_int32_t)r, parts, 4,
            UTF8PROC_STRIPMARK | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, NULL);
        if (k > 0 && k <= 4)
            n += wd_utf8_put((uint32_t)parts[0], room + n);
    }
    return (wd_span){ room, n };
}

/* --- months: how each begins, folded ------------------------------------------------- */

int wd_date_month(wd_span w)
{
    /* en fr de it es pt nl sv da el hu ru pl tr, and what they share */
    static const char *const starts[12] = {
        " jan gen ene ιαν янв sty oca ",
        " feb fev φεβ фев lut sub ",
        " mar mrt mrz maa mae μαρ мар ",
        " apr avr abr απρ апр kwi nis ",
        " may mai mag maj mei μαι μαη май мая ",
        " jun juin giu ιουν июн cze haz ",
        " jul juil lug ιουλ июл lip tem ",
        " aug aou ago αυγ авг sie agu ",
        " sep set sze σεπ сен wrz eyl ",
        " oct okt ott out οκτ окт paz eki ",
        " nov νοε ноя lis kas ",
        " dec dic dez des δεκ дек gru ara ",
    };
    static const char english[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    static const char week[] = "sunmontuewedthufrisat";
    for (size_t d = 0; d < 7 && w.len >= 3; d++)
        if (memcmp(w.ptr, week + 3 * d, 3) == 0)
            return 0;
    for (int m = 0; m < 12 && w.len >= 3; m++)
        if (memcmp(w.ptr, english + 3 * (size_t)m, 3) == 0)
            return m + 1;
    for (int m = 0; m < 12; m++)
        for (const char *p = starts[m] + 1; *p != '\0';) {
            size_t n = strcspn(p, " ");
            if (w.len >= n && memcmp(w.ptr, p, n) == 0)
                return m + 1;
            p += n + 1;
        }
    return 0;
}

/* --- zones --------------------------------------------------------------------------------- */

#define HOURS(h) ((h)*60)

static const wd_date_zone zones[] = {
    { "z", 0, 0 },
    { "utc", 0, 0 },
    { "gmt", 0, 0 },
    { "ut", 0, 0 },
    { "wet", 0, 0 },
    { "uct", 0, 0 },
    { "est", -HOURS(5), 0 },
    { "edt", -HOURS(4), 0 },
    { "cst", -HOURS(6), 0 },
    { "cdt", -HOURS(5), 0 },
    { "mst", -HOURS(7), 0 },
    { "mdt", -HOURS(6), 0 },
    { "pst", -HOURS(8), 0 },
    { "pdt", -HOURS(7), 0 },
    { "et", -HOURS(5), WD_SAVING_US },
    { "ct", -HOURS(6), WD_SAVING_US },
    { "mt", -HOURS(7), WD_SAVING_US },
    { "pt", -HOURS(8), WD_SAVING_US },
    { "ast", -HOURS(4), 0 },
    { "adt", -HOURS(3), 0 },
    { "nst", -210, 0 },
    { "ndt", -150, 0 },
    { "akst", -HOURS(9), 0 },
    { "akdt", -HOURS(8), 0 },
    { "hst", -HOURS(10), 0 },
    { "brt", -HOURS(3), 0 },
    { "brst", -HOURS(2), 0 },
    { "art", -HOURS(3), 0 },
    { "clt", -HOURS(4), 0 },
    { "bst", HOURS(1), 0 },
    { "west", HOURS(1), 0 },
    { "cet", HOURS(1), 0 },
    { "met", HOURS(1), 0 },
    { "mez", HOURS(1), 0 },
    { "wat", HOURS(1), 0 },
    { "cest", HOURS(2), 0 },
    { "mest", HOURS(2), 0 },
    { "mesz", HOURS(2), 0 },
    { "eet", HOURS(2), 0 },
    { "cat", HOURS(2), 0 },
    { "sast", HOURS(2), 0 },
    { "eest", HOURS(3), 0 },
    { "msk", HOURS(3), 0 },
    { "eat", HOURS(3), 0 },
    { "trt", HOURS(3), 0 },
    { "msd", HOURS(4), 0 },
    { "gst", HOURS(4), 0 },
    { "irst", 210, 0 },
    { "pkt", HOURS(5), 0 },
    { "ist", 330, 0 },
    { "npt", 345, 0 },
    { "bdt", HOURS(6), 0 },
    { "ict", HOURS(7), 0 },
    { "wib", HOURS(7), 0 },
    { "hkt", HOURS(8), 0 },
    { "sgt", HOURS(8), 0 },
    { "pht", HOURS(8), 0 },
    { "myt", HOURS(8), 0 },
    { "awst", HOURS(8), 0 },
    { "jst", HOURS(9), 0 },
    { "kst", HOURS(9), 0 },
    { "acst", 570, 0 },
    { "acdt", 630, 0 },
    { "aest", HOURS(10), 0 },
    { "aedt", HOURS(11), 0 },
    { "nzst", HOURS(12), 0 },
    { "nzdt", HOURS(13), 0 },
    { "america/new_york", -HOURS(5), WD_SAVING_US },
    { "america/toronto", -HOURS(5), WD_SAVING_US },
    { "america/detroit", -HOURS(5), WD_SAVING_US },
    { "america/chicago", -HOURS(6), WD_SAVING_US },
    { "america/denver", -HOURS(7), WD_SAVING_US },
    { "america/phoenix", -HOURS(7), 0 },
    { "america/los_angeles", -HOURS(8), WD_SAVING_US },
    { "america/vancouver", -HOURS(8), WD_SAVING_US },
    { "america/halifax", -HOURS(4), WD_SAVING_US },
    { "america/sao_paulo", -HOURS(3), 0 },
    { "america/bogota", -HOURS(5), 0 },
    { "america/mexico_city", -HOURS(6), 0 },
    { "europe/london", 0, WD_SAVING_EU },
    { "europe/dublin", 0, WD_SAVING_EU },
    { "europe/lisbon", 0, WD_SAVING_EU },
    { "europe/moscow", HOURS(3), 0 },
    { "europe/istanbul", HOURS(3), 0 },
    { "europe/minsk", HOURS(3), 0 },
    { "europe/athens", HOURS(2), WD_SAVING_EU },
    { "europe/bucharest", HOURS(2), WD_SAVING_EU },
    { "europe/helsinki", HOURS(2), WD_SAVING_EU },
    { "europe/kiev", HOURS(2), WD_SAVING_EU },
    { "europe/kyiv", HOURS(2), WD_SAVING_EU },
    { "europe/riga", HOURS(2), WD_SAVING_EU },
    { "europe/sofia", HOURS(2), WD_SAVING_EU },
    { "europe/tallinn", HOURS(2), WD_SAVING_EU },
    { "europe/vilnius", HOURS(2), WD_SAVING_EU },
    { "europe/*", HOURS(1), WD_SAVING_EU }, /* Berlin, Paris, Rome, Madrid and the rest */
    { "asia/tokyo", HOURS(9), 0 },
    { "asia/seoul", HOURS(9), 0 },
    { "asia/shanghai", HOURS(8), 0 },
    { "asia/hong_kong", HOURS(8), 0 },
    { "asia/taipei", HOURS(8), 0 },
    { "asia/singapore", HOURS(8), 0 },
    { "asia/manila", HOURS(8), 0 },
    { "asia/kolkata", 330, 0 },
    { "asia/calcutta", 330, 0 },
    { "asia/dhaka", HOURS(6), 0 },
    { "asia/karachi", HOURS(5), 0 },
    { "asia/dubai", HOURS(4), 0 },
    { "asia/bangkok", HOURS(7), 0 },
    { "asia/jakarta", HOURS(7), 0 },
    { "africa/johannesburg", HOURS(2), 0 },
    { "africa/cairo", HOURS(2), 0 },
    { "africa/lagos", HOURS(1), 0 },
    { "africa/nairobi", HOURS(3), 0 },
    { "australia/brisbane", HOURS(10), 0 },
    { "australia/perth", HOURS(8), 0 },
};

static bool matches(const char *name, wd_span w)
{
    size_t n = strlen(name);
    if (name[n - 1] == '*')
        return w.len >= n && memcmp(name, w.ptr, n - 1) == 0;
    return n == w.len && memcmp(name, w.ptr, n) == 0;
}

const wd_date_zone *wd_date_zone_find(wd_span w)
{
    if (w.len > 4 && memcmp(w.ptr, "etc/", 4) == 0)
        w = wd_span_from(w, 4);
    for (size_t i = 0; i < WD_COUNT(zones); i++)
        if (matches(zones[i].name, w))
            return &zones[i];
    return NULL;
}

/* The n-th Sunday of a month (n from 1), or the last (n = 5), at midnight. */
static int64_t sunday_ms(int64_t year, int month, int n)
{
    int64_t first = wd_days_from_civil(year, month, 1);
    int64_t next = wd_days_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    int64_t day = first + (10 - (first % 7 + 7) % 7) % 7; /* day 0 was a Thursday */
    day += 7 * (n - 1);
    while (day >= next)
        day -= 7;
    return day * WD_DAY_MS;
}

int wd_date_zone_minutes(const wd_date_zone *z, int64_t local_ms)
{
    int64_t year, days = local_ms / WD_DAY_MS - (local_ms % WD_DAY_MS < 0);
    int month, day;
    wd_civil_from_days(days, &year, &month, &day);
    int64_t from = 0, to = 0;
    if (z->saving == WD_SAVING_US && year >= 2007) {
        from = sunday_ms(year, 3, 2) + 2 * WD_HOUR_MS;
        to = sunday_ms(year, 11, 1) + 2 * WD_HOUR_MS;
    } else if (z->saving == WD_SAVING_US) {
        from = sunday_ms(year, 4, 1) + 2 * WD_HOUR_MS;
        to = sunday_ms(year, 10, 5) + 2 * WD_HOUR_MS;
    } else if (z->saving == WD_SAVING_EU) {
        from = sunday_ms(year, 3, 5) + (z->minutes / 60 + 1) * WD_HOUR_MS;
        to = sunday_ms(year, 10, 5) + (z->minutes / 60 + 2) * WD_HOUR_MS;
    }
    return z->minutes + (local_ms >= from && local_ms < to ? 60 : 0);
}
