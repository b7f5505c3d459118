/* dedup/credit.c - looks only where credits stand, so that a story about an agency is not its own.
 *
 * A mark (a bracket, a copyright sign, "Source:", the start of a line) says where a credit
 * may begin; only there the table of spellings is tried.  That keeps the cost at a
 * microsecond and "Reuters reported on Friday" from being a credit.
 */
#include "dedup/credit.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "core/ascii.h"
#include "core/text.h"
#include "core/url.h"
#include "dedup/agencies.h"

/* Credits stand in the first lines (publishers put theirs before) and in the last. */
#define LEAD_BYTES 1200u
#define TAIL_BYTES 700u

/* A byline or source line that is longer is a sentence. */
#define LINE_BYTES 120u

/* A dateline's bracket, its place and day, and what stands behind a text's last dash. */
#define BRACKET_BYTES  80u
#define PLACE_BYTES    60u
#define SIGN_OFF_BYTES 40u

/* How sure a place is: an element made for it, then the customs of the trade. */
static const float SURE_SOURCE = 0.95f, SURE_DATELINE = 0.95f, SURE_BYLINE = 0.9f,
                   SURE_COPYRIGHT = 0.85f, SURE_TRAILER = 0.85f, SURE_LINK = 0.8f,
                   SURE_BRACKET = 0.7f, SURE_DESK = 0.6f, SURE_TEXT = 0.3f;

const char *wd_credit_place_text(wd_credit_place place)
{
    static const char *const names[] = {
        [WD_CREDIT_NONE] = "none",
        [WD_CREDIT_BYLINE] = "byline",
        [WD_CREDIT_DATELINE] = "dateline",
        [WD_CREDIT_COPYRIGHT] = "copyright",
        [WD_CREDIT_SOURCE_ELEMENT] = "source-element",
        [WD_CREDIT_LINK_DOMAIN] = "link-domain",
        [WD_CREDIT_TRAILER] = "trailer",
        [WD_CREDIT_TEXT] = "text-match",
    };
    return (size_t)place < WD_COUNT(names) ? names[place] : "none";
}

uint8_t wd_credit_number(const char *agency)
{
    for (size_t i = 0; agency != NULL && i < wd_agency_count; i++)
        if (strcmp(wd_agencies[i].name, agency) == 0)
            return (uint8_t)(i + 1);
    return 0;
}

const char *wd_credit_name(uint8_t number)
{
    return number >= 1 && number <= wd_agency_count ? wd_agencies[number - 1].name : NULL;
}

const char *wd_credit_known(wd_span name)
{
    for (size_t i = 0; i < wd_agency_count; i++)
        if (wd_span_is(name, wd_agencies[i].name))
            return wd_agencies[i].name;
    return NULL;
}

static void consider(wd_credit *best, const char *agency, wd_credit_place place, float sure)
{
    if (agency != NULL && sure > best->confidence)
        *best = (wd_credit){ .agency = agency, .place = place, .confidence = sure };
}

static bool starts_with(wd_span s, const char *text, size_t len)
{
    return s.len >= len && s.ptr[0] == text[0] && memcmp(s.ptr, text, len) == 0;
}

static const char *agency_starting(wd_span s, size_t *len)
{
    *len = 0;
    return wd_agency_at(s, len);
}

/* An agency named anywhere in a short line, as a word. */
static const char *agency_in_line(wd_span line)
{
    line = wd_span_head(line, LINE_BYTES);
    size_t len;
    for (size_t i = 0; i < line.len; i++) {
        if (i > 0 && wd_is_alnum(line.ptr[i - 1]))
            continue;
        const char *agency = agency_starting(wd_span_from(line, i), &len);
        if (agency != NULL)
            return agency;
    }
    return NULL;
}

typedef struct mark {
    const char *text;
    wd_credit_place place;
    float sure;
} mark;

/* Sorted by the first byte. */
static const mark marks[] = {
    { "(c)", WD_CREDIT_COPYRIGHT, SURE_COPYRIGHT },
    { "Avec ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Bron:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Copyright", WD_CREDIT_COPYRIGHT, SURE_COPYRIGHT },
    { "Con información de ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Com informações d", WD_CREDIT_TRAILER, SURE_DESK },
    { "Ce texte de ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Forrás:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Fuente:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Fonte:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Izvor:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Kaynak:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Kilde:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Källa:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Lähde:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Mit Material von ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Mit Material der ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Nguồn:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Quelle:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Source:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "SOURCE:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "SOURCE ", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Source :", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Sursa:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Sumber:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Texto:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "With inputs from ", WD_CREDIT_TRAILER, SURE_DESK },
    { "Zdroj:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "according to ", WD_CREDIT_TEXT, SURE_TEXT },
    { "published story from ", WD_CREDIT_TRAILER, SURE_DESK },
    { "syndicated feed of ", WD_CREDIT_TRAILER, SURE_DESK },
    { "syndicated feed from ", WD_CREDIT_TRAILER, SURE_DESK },
    { "told ", WD_CREDIT_TEXT, SURE_TEXT },
    { "with inputs from ", WD_CREDIT_TRAILER, SURE_DESK },
    { "\xC2\xA9", WD_CREDIT_COPYRIGHT, SURE_COPYRIGHT },
    { "Źródło:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Πηγή:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Джерело:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "Источник:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "מקור:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "المصدر:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "منبع:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "स्रोत:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "ที่มา:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "來源：", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "出典：", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "来源 ：", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "据", WD_CREDIT_TEXT, SURE_TEXT },
    { "来源：", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "来源:", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "출처 :", WD_CREDIT_TRAILER, SURE_TRAILER },
    { "출처:", WD_CREDIT_TRAILER, SURE_TRAILER },
};

/* What may stand between a mark and the name: blanks, a year, "by", "The". */
static wd_span after_mark(wd_span s)
{
    static const char *const fillers[] = { "by ",   "The ",      "(c)", "\xC2\xA9",
                                           "from ", "Copyright", "a ",  "e " };
    for (bool again = true; again && s.len;) {
        again = false;
        if (wd_is_space(s.ptr[0]) || wd_is_digit(s.ptr[0]) || s.ptr[0] == ',') {
            s = wd_span_from(s, 1);
            again = true;
        }
        for (size_t i = 0; i < WD_COUNT(fillers); i++)
            if (starts_with(s, fillers[i], strlen(fillers[i]))) {
                s = wd_span_from(s, strlen(fillers[i]));
                again = true;
            }
    }
    return s;
}

static const char *const dashes[] = { "-", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95", "_", ":",
                                      "." };

enum { FIRST_STOP = 5 }; /* of the dashes */

static bool starts_with_dash(wd_span s)
{
    while (s.len && s.ptr[0] == ' ')
        s = wd_span_from(s, 1);
    for (size_t i = 0; i < WD_COUNT(dashes); i++)
        if (starts_with(s, dashes[i], strlen(dashes[i])))
            return true;
    return false;
}

/* Bytes of the bracket at the head of s, or 0. */
static size_t bracket(wd_span s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n && s.len > 0; i++)
        if (list[i][0] == s.ptr[0] && starts_with(s, list[i], strlen(list[i])))
            return strlen(list[i]);
    return 0;
}

static const char *const openings[] = { "(", "[", "/", "（", "【", "「", "〔" };

static size_t opening(wd_span s)
{
    return bracket(s, openings, WD_COUNT(openings));
}

static size_t bracket_end(wd_span s)
{
    static const char *const list[] = { ")", "]", "）", "】", "」", "〕" };
    return bracket(s, list, WD_COUNT(list));
}

static size_t closing(wd_span s)
{
    static const char *const list[] = { ")", "]", "/", ",", ";", "）", "】", "」", "〕" };
    return bracket(s, list, WD_COUNT(list));
}

/* "(Reuters) -", "/ANI", "（共同）". */
static void look_in_brackets(wd_span s, bool in_lead, wd_credit *best)
{
    size_t open = opening(s), len;
    if (open == 0)
        return;
    wd_span name = wd_span_from(s, open);
    const char *agency = agency_starting(name, &len);
    if (agency == NULL)
        return;
    wd_span rest = wd_span_from(name, len);
    size_t close = closing(rest);
    if (close == 0 && !(rest.len == 0 && !in_lead))
        return;
    if (in_lead && starts_with_dash(wd_span_from(rest, close)))
        consider(best, agency, WD_CREDIT_DATELINE, SURE_DATELINE);
    else
        consider(best, agency, in_lead ? WD_CREDIT_DATELINE : WD_CREDIT_TRAILER, SURE_BRACKET);
}

/* An agency at the very end of a text or a bracket's, as a word. */
static const char *agency_ending(wd_span s)
{
    size_t len;
    for (size_t i = 0; i < s.len; i++) {
        if (i > 0 && wd_is_alnum(s.ptr[i - 1]) && wd_is_alnum(s.ptr[i]))
            continue;
        const char *agency = agency_starting(wd_span_from(s, i), &len);
        if (agency != NULL && i + len == s.len)
            return agency;
    }
    return NULL;
}

/* "(서울=연합뉴스)", "【ワシントン共同】", "[東京 3日 ロイター]", "（中央社記者李某台北3日電）": a
 * line's first bracket, which the agency begins or ends.  Alone in its line it is a sign-off. */
static void look_in_first_bracket(wd_span line, wd_credit *best)
{
    size_t open = opening(line), len, end = 0;
    if (open == 0)
        return;
    wd_span inside = wd_span_head(wd_span_from(line, open), BRACKET_BYTES);
    while (end < inside.len && bracket_end(wd_span_from(inside, end)) == 0)
        end++;
    if (end == inside.len)
        return;
    wd_span behind = wd_span_from(line, open + end + bracket_end(wd_span_from(inside, end)));
    inside = wd_span_head(inside, end);
    const char *agency = agency_starting(inside, &len);
    consider(best, agency != NULL ? agency : agency_ending(inside),
             behind.len == 0 || behind.ptr[0] == '\n' ? WD_CREDIT_TRAILER : WD_CREDIT_DATELINE,
             SURE_BRACKET);
}

/* "МОСКВА, 3 мая - РИА Новости. ", "SYDNEY, AAP - ": behind the place and the day. */
static const char *agency_behind_place(wd_span line)
{
    static const char *const before[] = { ", ", ". ", "- ", "\xE2\x80\x93 ", "\xE2\x80\x94 " };
    wd_span head = wd_span_head(line, PLACE_BYTES);
    size_t len;
    for (size_t i = 1; i < head.len && head.ptr[i] != '\n'; i++) {
        if (wd_is_alnum(head.ptr[i]) || head.ptr[i] == ' ')
            continue; /* most of a line */
        size_t parted = bracket(wd_span_from(head, i), before, WD_COUNT(before));
        if (parted == 0)
            continue;
        wd_span name = wd_span_from(line, i + parted);
        const char *agency = agency_starting(name, &len);
        if (agency != NULL && starts_with_dash(wd_span_from(name, len)))
            return agency;
    }
    return NULL;
}

/* "... on Tuesday. -AFP", "(AP)": what the text ends with, behind a dash. */
static const char *agency_of_sign_off(wd_span body)
{
    body = wd_span_trim(body);
    wd_span end = wd_span_from(body, body.len > SIGN_OFF_BYTES ? body.len - SIGN_OFF_BYTES : 0);
    for (size_t i = 0; i < end.len; i++) {
        if (wd_is_alnum(end.ptr[i]) || end.ptr[i] == ' ')
            continue; /* most of a line */
        size_t dash = bracket(wd_span_from(end, i), dashes, FIRST_STOP), len;
        if (dash == 0)
            continue;
        wd_span name = wd_span_trim(wd_span_from(end, i + dash));
        const char *agency = agency_starting(name, &len);
        if (agency != NULL && len == name.len)
            return agency;
    }
    return NULL;
}

/* A comma and a day: "ТАСС, 3 мая. ". */
static bool day_follows(wd_span rest)
{
    return rest.len > 2 && rest.ptr[0] == ',' && rest.ptr[1] == ' ' && wd_is_digit(rest.ptr[2]);
}

/* How Reuters signs, without its name. */
static const wd_span reporters = { "Reporting by ", 13 };

/* "Reuters - Oil rose", "ТАСС. ", "新华社北京9月12日电", "By Reuters". */
static void look_at_line(wd_span line, bool in_lead, wd_credit *best)
{
    size_t len;
    if (starts_with(line, "By ", 3) || starts_with(line, "by ", 3))
        consider(best, agency_in_line(wd_span_head(line, wd_span_find(line, '\n'))),
                 WD_CREDIT_BYLINE, line.len > LINE_BYTES ? SURE_BRACKET : SURE_BYLINE);
    if (starts_with(line, reporters.ptr, reporters.len) ||
        (line.len > 0 && line.ptr[0] == '(' &&
         starts_with(wd_span_from(line, 1), reporters.ptr, reporters.len)))
        consider(best, "Reuters", WD_CREDIT_TRAILER, SURE_DESK);
    if (in_lead) {
        look_in_first_bracket(line, best);
        consider(best, agency_behind_place(line), WD_CREDIT_DATELINE, SURE_DESK);
    }
    const char *agency = agency_starting(line, &len);
    if (agency == NULL)
        return;
    wd_span rest = wd_span_from(line, len);
    bool ideographic =
        (unsigned char)line.ptr[len - 1] >= 0x80 && (unsigned char)line.ptr[0] >= 0xE3;
    if (rest.len == 0 || rest.ptr[0] == '\n')
        consider(best, agency, in_lead ? WD_CREDIT_BYLINE : WD_CREDIT_TRAILER, SURE_BYLINE);
    else if (starts_with_dash(rest) || day_follows(rest) || (ideographic && in_lead))
        consider(best, agency, WD_CREDIT_DATELINE, SURE_DESK);
}

/* What can begin at a byte: in most of a text nothing. */
typedef struct beginnings {
    bool some[UCHAR_MAX + 1], opening[UCHAR_MAX + 1];
    uint64_t second[UCHAR_MAX + 1]; /* of a mark: one bit for the four that share their low bits */
    uint8_t mark[UCHAR_MAX + 1];    /* the first that begins so, where one does */
} beginnings;

static uint64_t second_bit(char c)
{
    return 1ULL << ((unsigned char)c & 63);
}

static void beginnings_fill(beginnings *b)
{
    memset(b, 0, sizeof(*b));
    b->some['\n'] = true; /* a line */
    for (size_t i = 0; i < WD_COUNT(openings); i++) {
        unsigned char first = (unsigned char)openings[i][0];
        b->some[first] = b->opening[first] = true;
    }
    for (size_t i = WD_COUNT(marks); i-- > 0;) {
        unsigned char first = (unsigned char)marks[i].text[0];
        b->some[first] = true;
        b->second[first] |= second_bit(marks[i].text[1]);
        b->mark[first] = (uint8_t)i;
    }
}

/* `from` is the first that begins with the same byte. */
static void look_at_marks(wd_span s, size_t from, wd_credit *best)
{
    size_t len;
    for (size_t i = from; i < WD_COUNT(marks) && marks[i].text[0] == s.ptr[0]; i++) {
        size_t n = strlen(marks[i].text);
        if (starts_with(s, marks[i].text, n))
            consider(best, agency_starting(after_mark(wd_span_from(s, n)), &len), marks[i].place,
                     marks[i].sure);
    }
}

/* The next byte from `at` on that something can begin with. */
static size_t next_beginning(wd_span zone, size_t at, const beginnings *b)
{
    while (at < zone.len && !b->some[(unsigned char)zone.ptr[at]])
        at++;
    return at;
}

/* Behind the last place where an agency's name, or Reuters' own line, begins nothing can be. */
static void look_through(wd_span zone, bool in_lead, wd_credit *best)
{
    bool line_start = in_lead;
    size_t end = wd_agency_last(zone, reporters);
    beginnings b;
    if (end == 0) /* in most texts */
        return;
    beginnings_fill(&b);
    for (size_t i = 0; i < end;) {
        unsigned char first = (unsigned char)zone.ptr[i];
        if (line_start)
            look_at_line(wd_span_from(zone, i), in_lead, best);
        line_start = first == '\n' || (line_start && wd_is_space(zone.ptr[i]));
        if (b.opening[first])
            look_in_brackets(wd_span_from(zone, i), in_lead, best);
        if (i + 1 < zone.len && (b.second[first] & second_bit(zone.ptr[i + 1])))
            look_at_marks(wd_span_from(zone, i), b.mark[first], best);
        i = line_start ? i + 1 : next_beginning(zone, i + 1, &b);
    }
}

/* How long an agency's domain would be that this host is, or is in: a bit each. */
static uint64_t lengths_of_domains(wd_span host)
{
    uint64_t lengths = host.len > 0 && host.len <= WD_AGENCY_DOMAIN_BYTES ? 1ULL << host.len : 0;
    size_t at = host.len > WD_AGENCY_DOMAIN_BYTES + 1 ? host.len - WD_AGENCY_DOMAIN_BYTES - 1 : 0;
    for (; at + 1 < host.len; at++)
        if (host.ptr[at] == '.')
            lengths |= 1ULL << (host.len - at - 1);
    return lengths;
}

static void look_at_link(wd_span url, wd_credit_place place, float sure, wd_credit *best)
{
    wd_url_parts parts;
    wd_url_split(url, &parts);
    uint64_t lengths = lengths_of_domains(parts.host);
    for (size_t i = 0; lengths != 0 && i < wd_agency_count; i++) {
        wd_span domain = { wd_agencies[i].domain, wd_agencies[i].domain_bytes };
        if ((lengths >> domain.len & 1) &&
            wd_span_eq_nocase(wd_span_from(parts.host, parts.host.len - domain.len), domain))
            consider(best, wd_agencies[i].name, place, sure);
    }
}

wd_credit wd_credit_find(const wd_item *item)
{
    wd_credit best = { .place = WD_CREDIT_NONE };
    wd_span body = wd_item_body_text(item);
    consider(&best, agency_in_line(item->source_title), WD_CREDIT_SOURCE_ELEMENT, SURE_SOURCE);
    look_at_link(item->source_url, WD_CREDIT_SOURCE_ELEMENT, SURE_SOURCE, &best);
    for (size_t i = 0; i < item->n_authors; i++)
        consider(&best, agency_in_line(item->authors[i].name), WD_CREDIT_BYLINE, SURE_BYLINE);
    consider(&best, agency_in_line(item->rights), WD_CREDIT_COPYRIGHT, SURE_COPYRIGHT);
    look_at_link(item->link, WD_CREDIT_LINK_DOMAIN, SURE_LINK, &best);
    wd_span lead = wd_utf8_head(body, LEAD_BYTES);
    look_through(lead, true, &best);
    size_t tail = body.len > lead.len + TAIL_BYTES ? body.len - TAIL_BYTES : lead.len;
    while (tail < body.len && ((unsigned char)body.ptr[tail] & 0xC0) == 0x80)
        tail++;
    look_through(wd_span_from(body, tail), false, &best);
    consider(&best, agency_of_sign_off(body), WD_CREDIT_TRAILER, SURE_BRACKET);
    return best;
}
