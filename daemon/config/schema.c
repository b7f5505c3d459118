/* daemon/config/schema.c - the table, and how one value is read. */
#include "daemon/config/schema.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/ascii.h"
#include "core/clock.h"
#include "core/url.h"
#include "daemon/config/config.h"

#define MINUTE (60e3)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KIB    1024.0
#define MIB    (1024.0 * KIB)

/* clang-format off */
#define AT(member) offsetof(wd_config, member)
const wd_config_row wd_config_rows[] = {
    { "", "state", WD_TYPE_TEXT, AT(state), NULL, 0, 0, NULL, false, "directory for everything that must survive a restart" },
    { "", "producer", WD_TYPE_TEXT, AT(producer), "desk", 0, 0, NULL, false, "name of this installation in events (urn:wiredesk:NAME)" },
    { "", "log_level", WD_TYPE_CHOICE, AT(log_level), "info", 0, 0, "error|warning|notice|info|debug", true, "what is worth a log line" },
    { "redis", "url", WD_TYPE_TEXT, AT(redis.url), "redis://127.0.0.1:6379/0", 0, 0, NULL, false, "embedded, redis://, rediss://, unix://, sentinel://" },
    { "redis", "username", WD_TYPE_TEXT, AT(redis.username), NULL, 0, 0, NULL, false, "ACL user" },
    { "redis", "password_file", WD_TYPE_TEXT, AT(redis.password_file), NULL, 0, 0, NULL, false, "file whose first line is the password" },
    { "redis", "ca_file", WD_TYPE_TEXT, AT(redis.ca_file), NULL, 0, 0, NULL, false, "authorities for rediss://; the system's unless set" },
    { "redis", "cert_file", WD_TYPE_TEXT, AT(redis.cert_file), NULL, 0, 0, NULL, false, "our own certificate, where Redis wants one" },
    { "redis", "key_file", WD_TYPE_TEXT, AT(redis.key_file), NULL, 0, 0, NULL, false, "its key, unless it stands in the same file" },
    { "redis", "stream", WD_TYPE_TEXT, AT(redis.stream), "wiredesk:items", 0, 0, NULL, false, "stream of stories" },
    { "redis", "copies_stream", WD_TYPE_TEXT, AT(redis.copies_stream), "wiredesk:copies", 0, 0, NULL, false, "stream of copies, with what they copy" },
    { "redis", "channel", WD_TYPE_TEXT, AT(redis.channel), NULL, 0, 0, NULL, false, "channel of stories; the stream's name unless set" },
    { "redis", "copies_channel", WD_TYPE_TEXT, AT(redis.copies_channel), NULL, 0, 0, NULL, false, "channel of copies; the stream's name unless set" },
    { "redis", "list", WD_TYPE_TEXT, AT(redis.list), NULL, 0, 0, NULL, false, "list that gets every story as well, for BRPOP; none unless set" },
    { "redis", "maxlen", WD_TYPE_COUNT, AT(redis.maxlen), "1000000", 1000, 1e12, NULL, false, "entries a stream keeps, about" },
    { "redis", "max_age", WD_TYPE_DURATION, AT(redis.max_age_ms), "0", 0, 3650 * DAY, NULL, false, "how old entries become, about; 0: any age" },
    { "redis", "safe_replicas", WD_TYPE_COUNT, AT(redis.safe_replicas), "0", 0, 100, NULL, false, "replicas that must have an event before it is safe" },
    { "redis", "outbox_max", WD_TYPE_SIZE, AT(redis.outbox_max), "4GiB", MIB, 1024.0 * 1024 * MIB, NULL, false, "events that may wait while Redis is away" },
    { "http", "user_agent_contact", WD_TYPE_URL, AT(http.user_agent_contact), NULL, 0, 0, NULL, false, "page or address that tells publishers who polls them" },
    { "http", "max_body", WD_TYPE_SIZE, AT(http.max_body), "8MiB", 64 * KIB, 64 * MIB, NULL, false, "largest body on the wire; decoded, four times as much" },
    { "http", "allow_private", WD_TYPE_LIST, AT(http.allow_private), NULL, 0, 0, NULL, false, "private networks (CIDR) that feeds may be on" },
    { "http", "connect_timeout", WD_TYPE_DURATION, AT(http.connect_timeout_ms), "10s", 100, 2 * MINUTE, NULL, false, "for a connection to stand" },
    { "http", "timeout", WD_TYPE_DURATION, AT(http.timeout_ms), "30s", 1000, 10 * MINUTE, NULL, false, "for a whole answer" },
    { "http", "max_connections", WD_TYPE_COUNT, AT(http.max_connections), "512", 1, 10000, NULL, false, "open at once, all hosts together" },
    { "http", "ca_file", WD_TYPE_TEXT, AT(http.ca_file), NULL, 0, 0, NULL, false, "certificates to trust instead of the system's (PEM)" },
    { "schedule", "min_interval", WD_TYPE_DURATION, AT(schedule.min_interval_ms), "10m", 1000, 1 * DAY, NULL, true, "no feed is asked more often, unless it says so itself" },
    { "schedule", "max_interval", WD_TYPE_DURATION, AT(schedule.max_interval_ms), "24h", 1 * MINUTE, 7 * DAY, NULL, true, "no feed is asked less often while it works" },
    { "schedule", "max_fetch_rate", WD_TYPE_NUMBER, AT(schedule.max_fetch_rate), "500", 0.01, 1e5, NULL, true, "polls a second, all feeds together" },
    { "schedule", "start_rate", WD_TYPE_NUMBER, AT(schedule.start_rate), "20", 0.01, 1e5, NULL, true, "first polls a second after a start" },
    { "schedule", "backfill", WD_TYPE_BACKFILL, AT(schedule.backfill), "10", 0, 0, NULL, true, "of a new feed's past: none, all, a number of items, or since:24h" },
    { "dedupe", "mode", WD_TYPE_CHOICE, AT(dedupe.mode), "suppress", 0, 0, "suppress|annotate|off", false, "copies to the copies stream, or among the stories, or not looked for" },
    { "dedupe", "scope", WD_TYPE_CHOICE, AT(dedupe.scope), "all", 0, 0, "all|group|feed", false, "whose texts are compared" },
    { "dedupe", "window", WD_TYPE_DURATION, AT(dedupe.window_ms), "7d", 1 * HOUR, 400 * DAY, NULL, false, "how long a text is remembered" },
    { "dedupe", "max_items", WD_TYPE_COUNT, AT(dedupe.max_items), "10000000", 1000, 16e6, NULL, false, "and how many at most" },
    { "dedupe", "image_after", WD_TYPE_COUNT, AT(dedupe.image_after), "50000", 10, 16e6, NULL, false, "new items until an image of the memory is written for the next start" },
    { "control", "socket", WD_TYPE_TEXT, AT(control.socket), NULL, 0, 0, NULL, false, "where wiredesk ctl is heard, or off; see wiredesk(1), FILES" },
    { "control", "listen", WD_TYPE_TEXT, AT(control.listen), "127.0.0.1:9753", 0, 0, NULL, false, "address of status page, metrics and health, or off" },
    { "websub", "enabled", WD_TYPE_BOOL, AT(websub.enabled), "no", 0, 0, NULL, false, "let hubs push what is new, where feeds name one" },
    { "websub", "listen", WD_TYPE_TEXT, AT(websub.listen), "127.0.0.1:9754", 0, 0, NULL, false, "address that hubs' deliveries arrive at, and nothing else" },
    { "websub", "url", WD_TYPE_URL, AT(websub.url), NULL, 0, 0, NULL, false, "the same as hubs reach it from outside, through your proxy" },
    { "websub", "lease", WD_TYPE_DURATION, AT(websub.lease_ms), "7d", 1 * MINUTE, 30 * DAY, NULL, true, "how long a subscription is asked for; the hub decides" },
};
#undef AT
const size_t wd_config_n_rows = WD_COUNT(wd_config_rows);

#define AT(member) offsetof(wd_feed_config, member)
const wd_config_row wd_feed_rows[] = {
    { "", "url", WD_TYPE_URL, AT(url), NULL, 0, 0, NULL, true, "where the feed is" },
    { "", "group", WD_TYPE_TEXT, AT(group), "", 0, 0, NULL, true, "a name that feeds may share" },
    { "", "interval", WD_TYPE_DURATION, AT(interval_ms), "0", 1000, 30 * DAY, NULL, true, "fixed time between polls; adaptive when not set" },
    { "", "min_interval", WD_TYPE_DURATION, AT(min_interval_ms), "0", 1000, 30 * DAY, NULL, true, "this feed's own floor" },
    { "", "max_interval", WD_TYPE_DURATION, AT(max_interval_ms), "0", 1 * MINUTE, 30 * DAY, NULL, true, "this feed's own ceiling" },
    { "", "weight", WD_TYPE_NUMBER, AT(weight), "1", 0.01, 100, NULL, true, "larger is polled more often" },
    { "", "trust", WD_TYPE_CHOICE, AT(trust), "normal", 0, 0, "low|normal|high", true, "a copy in a less trusted feed never suppresses a story" },
    { "", "paused", WD_TYPE_BOOL, AT(paused), "no", 0, 0, NULL, true, "known, yet not polled" },
    { "", "user_agent", WD_TYPE_TEXT, AT(user_agent), NULL, 0, 0, NULL, true, "instead of the daemon's own" },
    { "", "allow_private", WD_TYPE_LIST, AT(allow_private), NULL, 0, 0, NULL, true, "private networks (CIDR) that this feed may be on" },
    { "", "headers", WD_TYPE_HEADERS, AT(headers), NULL, 0, 0, NULL, true, "request headers of its own; a value may be file: or credential:" },
    { "", "username", WD_TYPE_TEXT, AT(username), NULL, 0, 0, NULL, true, "for basic authentication" },
    { "", "password", WD_TYPE_SECRET, AT(password), NULL, 0, 0, NULL, true, "for basic authentication" },
    { "", "token", WD_TYPE_SECRET, AT(token), NULL, 0, 0, NULL, true, "bearer token" },
    { "", "proxy", WD_TYPE_PROXY, AT(proxy), NULL, 0, 0, NULL, true, "none, environment, or the proxy's URL, which may be a secret" },
    { "", "http2", WD_TYPE_CHOICE, AT(http1), "auto", 0, 0, "auto|off", true, "HTTP/2 where the server offers it" },
    { "", "connect_timeout", WD_TYPE_DURATION, AT(connect_timeout_ms), "0", 100, 2 * MINUTE, NULL, true, "instead of http.connect_timeout" },
    { "", "timeout", WD_TYPE_DURATION, AT(timeout_ms), "0", 1000, 10 * MINUTE, NULL, true, "instead of http.timeout" },
    { "", "websub", WD_TYPE_CHOICE, AT(websub), "auto", 0, 0, "auto|on|off", true, "deliveries by its hub; auto: unless it has headers or credentials" },
};
#undef AT
const size_t wd_feed_n_rows = WD_COUNT(wd_feed_rows);

#define AT(member) offsetof(wd_feed_list, member)
const wd_config_row wd_list_rows[] = {
    { "", "url", WD_TYPE_URL, AT(source.url), NULL, 0, 0, NULL, true, "where the OPML is" },
    { "", "interval", WD_TYPE_DURATION, AT(interval_ms), "6h", 1000, 30 * DAY, NULL, true, "time between two looks; at least 10m for public addresses" },
    { "", "shrink", WD_TYPE_NUMBER, AT(shrink), "50", 0, 100, NULL, true, "percent of its feeds that a new version may lack" },
    { "", "user_agent", WD_TYPE_TEXT, AT(source.user_agent), NULL, 0, 0, NULL, true, "instead of the daemon's own" },
    { "", "allow_private", WD_TYPE_LIST, AT(source.allow_private), NULL, 0, 0, NULL, true, "private networks (CIDR) that this list may be on" },
    { "", "headers", WD_TYPE_HEADERS, AT(source.headers), NULL, 0, 0, NULL, true, "request headers of its own; a value may be file: or credential:" },
    { "", "username", WD_TYPE_TEXT, AT(source.username), NULL, 0, 0, NULL, true, "for basic authentication" },
    { "", "password", WD_TYPE_SECRET, AT(source.password), NULL, 0, 0, NULL, true, "for basic authentication" },
    { "", "token", WD_TYPE_SECRET, AT(source.token), NULL, 0, 0, NULL, true, "bearer token" },
    { "", "proxy", WD_TYPE_PROXY, AT(source.proxy), NULL, 0, 0, NULL, true, "none, environment, or the proxy's URL, which may be a secret" },
    { "", "http2", WD_TYPE_CHOICE, AT(source.http1), "auto", 0, 0, "auto|off", true, "HTTP/2 where the server offers it" },
    { "", "connect_timeout", WD_TYPE_DURATION, AT(source.connect_timeout_ms), "0", 100, 2 * MINUTE, NULL, true, "instead of http.connect_timeout" },
    { "", "timeout", WD_TYPE_DURATION, AT(source.timeout_ms), "0", 1000, 10 * MINUTE, NULL, true, "instead of http.timeout" },
};
#undef AT
const size_t wd_list_n_rows = WD_COUNT(wd_list_rows);

#define AT(member) offsetof(wd_host_rule, member)
const wd_config_row wd_host_rows[] = {
    { "", "parallel", WD_TYPE_COUNT, AT(parallel), "1", 1, 64, NULL, true, "requests at once, all hosts of the pattern together" },
    { "", "gap", WD_TYPE_DURATION, AT(gap_ms), "2s", 0, 1 * DAY, NULL, true, "from the start of one request to the next" },
};
#undef AT
const size_t wd_host_n_rows = WD_COUNT(wd_host_rows);
/* clang-format on */

const wd_config_row *wd_config_row_find(const wd_config_row *rows,
                                        size_t n,
                                        wd_span section,
                                        wd_span key)
{
    for (size_t i = 0; i < n; i++)
        if (wd_span_is(section, rows[i].section) && wd_span_is(key, rows[i].key))
            return &rows[i];
    return NULL;
}

/* --- one value ----------------------------------------------------------- */

static wd_status out_of_range(const wd_config_row *row, wd_error *err)
{
    char low[WD_TIME_TEXT_BYTES], high[WD_TIME_TEXT_BYTES];
    if (row->type == WD_TYPE_DURATION)
        return wd_fail(err, WD_CONFIG, "%s must be between %s and %s", row->key,
                       wd_duration_text((int64_t)row->min, low),
                       wd_duration_text((int64_t)row->max, high));
    return wd_fail(err, WD_CONFIG, "%s must be between %.15g and %.15g", row->key, row->min,
                   row->max);
}

static bool in_range(const wd_config_row *row, double v)
{
    return (row->min == 0 && row->max == 0) || (v >= row->min && v <= row->max);
}

static wd_status set_duration(const wd_config_row *row, int64_t *out, wd_span text, wd_error *err)
{
    if (!wd_duration_parse(text, out))
        return wd_fail(err, WD_CONFIG, "%s is a duration such as 90s, 15m, 2h or 7d, not '%.*s'",
                       row->key, WD_SPAN_ARG(text));
    return in_range(row, (double)*out) ? WD_OK : out_of_range(row, err);
}

static wd_status set_size(const wd_config_row *row, uint64_t *out, wd_span text, wd_error *err)
{
    static const struct {
        const char *unit;
        uint64_t bytes;
    } units[] = { { "", 1 },        { "B", 1 },         { "K", 1 << 10 },    { "KiB", 1 << 10 },
                  { "M", 1 << 20 }, { "MiB", 1 << 20 }, { "G", 1u << 30 },   { "GiB", 1u << 30 },
                  { "kB", 1000 },   { "MB", 1000000 },  { "GB", 1000000000 } };
    size_t digits = 0;
    unsigned long long n;
    while (digits < text.len && wd_is_digit(text.ptr[digits]))
        digits++;
    wd_span unit = wd_span_trim(wd_span_from(text, digits));
    for (size_t i = 0; wd_span_u64(wd_span_head(text, digits), &n) && i < WD_COUNT(units); i++) {
        if (!wd_span_is(unit, units[i].unit))
            continue;
        if (__builtin_mul_overflow(n, units[i].bytes, &n) || !in_range(row, (double)n))
            return out_of_range(row, err);
        *out = n;
        return WD_OK;
    }
    return wd_fail(err, WD_CONFIG, "%s is a size such as 512KiB or 8MiB, not '%.*s'", row->key,
                   WD_SPAN_ARG(text));
}

static wd_status set_count(const wd_config_row *row, uint64_t *out, wd_span text, wd_error *err)
{
    unsigned long long n;
    if (!wd_span_u64(text, &n))
        return wd_fail(err, WD_CONFIG, "%s is a whole number, not '%.*s'", row->key,
                       WD_SPAN_ARG(text));
    if (!in_range(row, (double)n))
        return out_of_range(row, err);
    *out = n;
    return WD_OK;
}

static wd_status set_number(const wd_config_row *row, double *out, wd_span text, wd_error *err)
{
    char copy[64] = "";
    char *end = copy;
    double v = 0;
    if (text.len > 0 && text.len < sizeof(copy)) {
        memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        v = strtod(copy, &end);
    }
    if (end == copy || *end != '\0' || !isfinite(v))
        return wd_fail(err, WD_CONFIG, "%s is a number, not '%.*s'", row->key, WD_SPAN_ARG(text));
    if (!in_range(row, v))
        return out_of_range(row, err);
    *out = v;
    return WD_OK;
}

static wd_status set_bool(const wd_config_row *row, bool *out, wd_span text, wd_error *err)
{
    static const char *const yes[] = { "yes", "true", "on" }, *const no[] = { "no", "false",
                                                                              "off" };
    for (size_t i = 0; i < WD_COUNT(yes); i++) {
        if (wd_span_is_nocase(text, yes[i]) || wd_span_is_nocase(text, no[i])) {
            *out = wd_span_is_nocase(text, yes[i]);
            return WD_OK;
        }
    }
    return wd_fail(err, WD_CONFIG, "%s is yes or no, not '%.*s'", row->key, WD_SPAN_ARG(text));
}

static wd_status set_choice(const wd_config_row *row, int *out, wd_span text, wd_error *err)
{
    wd_span rest = wd_span_of(row->choices);
    for (int i = 0; rest.ptr != NULL; i++) {
        if (!wd_span_eq(wd_span_cut(&rest, '|'), text))
            continue;
        *out = i;
        return WD_OK;
    }
    return wd_fail(err, WD_CONFIG, "%s is one of %s, not '%.*s'", row->key, row->choices,
                   WD_SPAN_ARG(text));
}

static wd_status set_backfill(wd_backfill *out, wd_span text, wd_error *err)
{
    unsigned long long n = 0;
    *out = (wd_backfill){ .kind = WD_BACKFILL_NEWEST };
    if (wd_span_is(text, "none"))
        return WD_OK;
    if (wd_span_is(text, "all")) {
        out->kind = WD_BACKFILL_ALL;
        return WD_OK;
    }
    if (wd_span_starts_nocase(text, "since:")) {
        out->kind = WD_BACKFILL_SINCE;
        if (wd_duration_parse(wd_span_from(text, 6), &out->since_ms))
            return WD_OK;
    } else if (wd_span_u64(text, &n) && n <= 1000000) {
        out->newest = (uint32_t)n;
        return WD_OK;
    }
    return wd_fail(err, WD_CONFIG,
                   "backfill is none, all, a number of items, or since:24h, not '%.*s'",
                   WD_SPAN_ARG(text));
}

/* Only who polls may be reached by mail. */
static bool is_address(const wd_config_row *row, wd_span text)
{
    if (strcmp(row->key, "url") != 0 && wd_span_starts_nocase(text, "mailto:"))
        return true;
    return wd_url_is_fetchable(text);
}

/* As people type and copy them: without the scheme, or with that of feed readers. */
static wd_status no_address(const wd_config_row *row, wd_span text, wd_error *err)
{
    char meant[256];
    wd_span rest = wd_span_starts_nocase(text, "feed://") ? wd_span_from(text, 7) : text;
    int n = snprintf(meant, sizeof(meant), "https://%.*s", WD_SPAN_ARG(rest));
    bool hint = n > 0 && (size_t)n < sizeof(meant) && memchr(rest.ptr, '.', rest.len) != NULL &&
                memmem(rest.ptr, rest.len, ":/", 2) == NULL &&
                wd_url_is_fetchable(wd_span_of(meant));
    return wd_fail(err, WD_CONFIG, "%s is an http or https address, not '%.*s'%s%s%s", row->key,
                   WD_SPAN_ARG(text), hint ? "; did you mean '" : "", hint ? meant : "",
                   hint ? "'?" : "");
}

static wd_status set_text(
    const wd_config_row *row, const char **out, wd_span text, wd_arena *arena, wd_error *err)
{
    if (text.len == 0 && row->type == WD_TYPE_TEXT && (row->standard == NULL || *row->standard))
        return wd_fail(err, WD_CONFIG, "%s is empty: leave it out, or say it", row->key);
    if (row->type == WD_TYPE_URL && !is_address(row, text))
        return no_address(row, text, err);
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return wd_fail(err, WD_CONFIG, "%s holds a NUL character", row->key);
    *out = wd_arena_copy(arena, text).ptr;
    return *out ? WD_OK : wd_fail(err, WD_NOMEM, "out of memory");
}

wd_status wd_config_set(
    const wd_config_row *row, void *base, wd_span text, wd_arena *arena, wd_error *err)
{
    void *at = (char *)base + row->offset;
    switch (row->type) {
    case WD_TYPE_TEXT:
    case WD_TYPE_URL:
        return set_text(row, at, text, arena, err);
    case WD_TYPE_DURATION:
        return set_duration(row, at, text, err);
    case WD_TYPE_SIZE:
        return set_size(row, at, text, err);
    case WD_TYPE_COUNT:
        return set_count(row, at, text, err);
    case WD_TYPE_NUMBER:
        return set_number(row, at, text, err);
    case WD_TYPE_BOOL:
        return set_bool(row, at, text, err);
    case WD_TYPE_CHOICE:
        return set_choice(row, at, text, err);
    case WD_TYPE_BACKFILL:
        return set_backfill(at, text, err);
    case WD_TYPE_LIST:
        return wd_fail(err, WD_CONFIG, "%s is a list: [a, b]", row->key);
    case WD_TYPE_HEADERS:
    case WD_TYPE_SECRET:
    case WD_TYPE_PROXY:
        break;
    }
    return wd_fail(err, WD_UNSUPPORTED, "%s cannot be set here", row->key); /* needs its file */
}

size_t wd_config_value_bytes(wd_config_type type)
{
    switch (type) {
    case WD_TYPE_BOOL:
        return sizeof(bool);
    case WD_TYPE_CHOICE:
        return sizeof(int);
    case WD_TYPE_BACKFILL:
        return sizeof(wd_backfill);
    default:
        return sizeof(uint64_t);
    }
}

wd_status wd_config_set_defaults(const wd_config_row *rows, size_t n, void *base, wd_arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        wd_config_row row = rows[i];
        row.min = row.max = 0; /* "0" stands for "not set" where a floor exists */
        if (row.standard == NULL)
            continue;
        wd_status s = wd_config_set(&row, base, wd_span_of(row.standard), arena, NULL);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

/* --- misspelt keys ------------------------------------------------------- */

enum { NEAR_MAX = 40 }; /* longer than any key; longer input is near to nothing */

/* Levenshtein distance; large when either is too long to be a key. */
static size_t distance(wd_span a, wd_span b)
{
    size_t row[NEAR_MAX + 1];
    if (a.len > NEAR_MAX || b.len > NEAR_MAX)
        return NEAR_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (wd_lower(a.ptr[i - 1]) != wd_lower(b.ptr[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len];
}

/* Keeps the name when it is nearer than what was found before. */
static void consider(const char *name, wd_span key, size_t *least, const char **best)
{
    size_t d = distance(key, wd_span_of(name));
    if (name[0] == '\0' || d >= *least)
        return;
    *least = d;
    *best = name;
}

const char *wd_config_nearest(const wd_config_row *rows, size_t n, const char *section, wd_span key)
{
    const char *best = NULL;
    size_t least = key.len / 3 + 2; /* one slip in three letters, and one more */
    bool top = rows == wd_config_rows && section[0] == '\0';
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].section, section) == 0)
            consider(rows[i].key, key, &least, &best);
        else if (top)
            consider(rows[i].section, key, &least, &best);
    }
    if (top) { /* the sections that have no rows of their own */
        consider("feeds", key, &least, &best);
        consider("groups", key, &least, &best);
        consider("hosts", key, &least, &best);
        consider("lists", key, &least, &best);
        consider("defaults", key, &least, &best);
    }
    return best;
}
