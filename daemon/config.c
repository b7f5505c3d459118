/* daemon/config.c - files into one configuration: sections and feeds by the tables of
 * config_schema, and what no single row can check. */
#include "daemon/config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/arena.h"
#include "core/ascii.h"
#include "daemon/config_schema.h"
#include "daemon/config_yaml.h"
#include "daemon/control.h"
#include "feeds/address_guard.h"

/* A quarter of a million feeds with long URLs need about 250 MB of tree and text. */
#define CONFIG_BYTES ((size_t)1 << 30)

/* Politeness floor of an explicit interval; below it only feeds on private addresses
 * that are allowed (polling.md rule 1). */
#define PUBLIC_INTERVAL_MS (60 * WD_SECOND_MS)

struct loader {
    wd_config *config;
    wd_arena *arena;
    wd_error *err;
    const char *file;        /* being read */
    wd_feed_config standard; /* what the next feed begins with */
    size_t cap_feeds;
    struct place {
        const char *file;
        uint32_t line, column;
    } * feed_places, *row_places; /* where each feed and each row was set: for duplicates */
};

static wd_status fail_at(struct loader *l, uint32_t line, uint32_t column)
{
    snprintf(l->err->where, sizeof(l->err->where), "%s:%u:%u", l->file, line, column);
    return l->err->status;
}

static wd_status fail_at_place(struct loader *l, const struct place *p)
{
    l->file = p->file;
    return fail_at(l, p->line, p->column);
}

static wd_status complain(struct loader *l, uint32_t line, uint32_t column, const char *text)
{
    (void)wd_fail(l->err, WD_CONFIG, "%s", text);
    return fail_at(l, line, column);
}

/* --- values -------------------------------------------------------------- */

static wd_status set_list(struct loader *l, const wd_config_row *row, void *base, const wd_yaml *v)
{
    size_t n = 0;
    wd_cidr network;
    for (const wd_yaml *e = v->first; e != NULL; e = e->next)
        n++;
    const char **list = wd_arena_zalloc(l->arena, (n + 1) * sizeof(*list));
    if (list == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    n = 0;
    for (const wd_yaml *e = v->first; e != NULL; e = e->next) {
        if (e->kind != WD_YAML_SCALAR)
            return complain(l, e->line, e->column, "a list holds plain values only");
        if (!wd_cidr_parse(e->scalar, &network))
            return complain(l, e->line, e->column,
                            "this is not a network such as 10.0.0.0/8 or ::1/128");
        list[n++] = e->scalar.ptr;
    }
    memcpy((char *)base + row->offset, (const void *)&list, sizeof(list));
    return WD_OK;
}

static wd_status set_value(struct loader *l, const wd_config_row *row, void *base, const wd_yaml *v)
{
    if (row->type == WD_TYPE_LIST && v->kind == WD_YAML_LIST)
        return set_list(l, row, base, v);
    if (v->kind != WD_YAML_SCALAR) {
        (void)wd_fail(l->err, WD_CONFIG, "%s is a single value", row->key);
        return fail_at(l, v->line, v->column);
    }
    wd_status s = wd_config_set(row, base, v->scalar, l->arena, l->err);
    return s == WD_OK ? s : fail_at(l, v->line, v->column);
}

static wd_status unknown_key(struct loader *l,
                             const wd_yaml *v,
                             const char *where,
                             const char *nearest)
{
    (void)wd_fail(l->err, WD_CONFIG, "unknown key '%.*s'%s%s%s%s", WD_SPAN_ARG(v->key), where,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return fail_at(l, v->key_line, v->key_column);
}

static wd_status set_once(struct loader *l, const wd_config_row *row, const wd_yaml *v)
{
    struct place *p = &l->row_places[row - wd_config_rows];
    if (p->line != 0) {
        (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at %s:%u", row->key, p->file,
                      p->line);
        return fail_at(l, v->key_line, v->key_column);
    }
    *p = (struct place){ l->file, v->key_line, v->key_column };
    return set_value(l, row, l->config, v);
}

static wd_status read_section(struct loader *l, const wd_yaml *section)
{
    char where[96];
    snprintf(where, sizeof(where), " in section '%.*s'", WD_SPAN_ARG(section->key));
    for (const wd_yaml *v = section->first; v != NULL; v = v->next) {
        const wd_config_row *row =
            wd_config_row_find(wd_config_rows, wd_config_n_rows, section->key, v->key);
        if (row == NULL)
            return unknown_key(
                l, v, where,
                wd_config_nearest(wd_config_rows, wd_config_n_rows, section->key.ptr, v->key));
        wd_status s = set_once(l, row, v);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

/* --- feeds --------------------------------------------------------------- */

static bool slug_valid(wd_span s)
{
    if (s.len == 0 || s.len > WD_SLUG_BYTES || !wd_is_alnum(s.ptr[0]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!wd_is_alnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_' && s.ptr[i] != '.')
            return false;
    return true;
}

static wd_status grow_feeds(struct loader *l)
{
    if (l->config->n_feeds < l->cap_feeds)
        return WD_OK;
    size_t cap = l->cap_feeds ? 2 * l->cap_feeds : 64;
    wd_feed_config *feeds = wd_arena_alloc(l->arena, cap * sizeof(*feeds));
    struct place *places = realloc(l->feed_places, cap * sizeof(*places));
    if (places != NULL)
        l->feed_places = places;
    if (feeds == NULL || places == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    if (l->config->n_feeds > 0)
        memcpy(feeds, l->config->feeds, l->config->n_feeds * sizeof(*feeds));
    l->config->feeds = feeds;
    l->cap_feeds = cap;
    return WD_OK;
}

static wd_status read_feed_keys(struct loader *l, wd_feed_config *f, const wd_yaml *feed)
{
    uint32_t lines[32] = { 0 };
    for (const wd_yaml *v = feed->first; v != NULL; v = v->next) {
        const wd_config_row *row =
            wd_config_row_find(wd_feed_rows, wd_feed_n_rows, WD_SPAN_LIT(""), v->key);
        if (row == NULL)
            return unknown_key(l, v, " in a feed",
                               wd_config_nearest(wd_feed_rows, wd_feed_n_rows, "", v->key));
        uint32_t *line = &lines[row - wd_feed_rows];
        if (*line != 0) {
            (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at line %u", row->key, *line);
            return fail_at(l, v->key_line, v->key_column);
        }
        *line = v->key_line;
        wd_status s = set_value(l, row, f, v);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

static wd_status read_feed(struct loader *l, const wd_feed_config *standard, const wd_yaml *feed)
{
    wd_status s = grow_feeds(l);
    if (s != WD_OK)
        return s;
    if (!slug_valid(feed->key))
        return complain(l, feed->key_line, feed->key_column,
                        "a feed's name has letters, digits, '-', '_' and '.', at most 64 of them");
    wd_feed_config *f = &l->config->feeds[l->config->n_feeds];
    *f = *standard;
    f->slug = feed->key.ptr;
    if (feed->kind == WD_YAML_SCALAR) /* a feed may be just its address */
        s = set_value(
            l,
            wd_config_row_find(wd_feed_rows, wd_feed_n_rows, WD_SPAN_LIT(""), WD_SPAN_LIT("url")),
            f, feed);
    else if (feed->kind == WD_YAML_MAP)
        s = read_feed_keys(l, f, feed);
    else
        s = complain(l, feed->line, feed->column, "a feed is an address or a mapping of keys");
    if (s != WD_OK)
        return s;
    if (f->url == NULL)
        return complain(l, feed->key_line, feed->key_column, "this feed has no url");
    l->feed_places[l->config->n_feeds++] =
        (struct place){ l->file, feed->key_line, feed->key_column };
    return WD_OK;
}

static wd_status read_feeds(struct loader *l, const wd_feed_config *standard, const wd_yaml *feeds)
{
    for (const wd_yaml *f = feeds->first; f != NULL; f = f->next) {
        wd_status s = read_feed(l, standard, f);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

/* --- files --------------------------------------------------------------- */

static bool is_section(wd_span name)
{
    for (size_t i = 0; i < wd_config_n_rows; i++)
        if (name.len > 0 && wd_span_is(name, wd_config_rows[i].section))
            return true;
    return false;
}

static wd_status read_member(struct loader *l, const wd_yaml *v)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, WD_SPAN_LIT(""), v->key);
    if (row != NULL)
        return set_once(l, row, v);
    if (wd_span_is(v->key, "redis") && v->kind == WD_YAML_SCALAR)
        return set_once(
            l, wd_config_row_find(wd_config_rows, wd_config_n_rows, v->key, WD_SPAN_LIT("url")),
            v); /* `redis: embedded` */
    if (!is_section(v->key) && !wd_span_is(v->key, "feeds") && !wd_span_is(v->key, "defaults")) {
        const char *near = wd_config_nearest(wd_config_rows, wd_config_n_rows, "", v->key);
        return unknown_key(l, v, "", near);
    }
    if (v->kind == WD_YAML_SCALAR && v->scalar.len == 0)
        return WD_OK; /* `feeds:` with nothing below */
    if (v->kind != WD_YAML_MAP)
        return complain(l, v->line, v->column, "this section is a mapping of keys to values");
    return is_section(v->key) ? read_section(l, v) : WD_OK;
}

/* `standard` is what a feed begins with: the file's own `defaults` move it. */
static wd_status read_file(struct loader *l, const char *file, wd_feed_config *standard)
{
    wd_yaml *root = NULL;
    l->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    wd_status s = wd_yaml_load(&root, file, l->arena, l->err);
    if (s != WD_OK || root == NULL || (root->kind == WD_YAML_SCALAR && root->scalar.len == 0))
        return s;
    if (root->kind != WD_YAML_MAP)
        return complain(l, root->line, root->column, "the file is not a mapping of sections");
    for (const wd_yaml *v = root->first; s == WD_OK && v != NULL; v = v->next) {
        s = read_member(l, v);
        if (s == WD_OK && wd_span_is(v->key, "defaults"))
            s = read_feed_keys(l, standard, v);
    }
    for (const wd_yaml *v = root->first; s == WD_OK && v != NULL; v = v->next)
        if (wd_span_is(v->key, "feeds"))
            s = read_feeds(l, standard, v);
    return s;
}

static int is_yaml(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return e->d_name[0] != '.' && ((n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0) ||
                                   (n > 4 && strcmp(e->d_name + n - 4, ".yml") == 0));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In conf.d a file's `defaults` are for all that is read after it; in feeds.d for its own
 * feeds only, so that one list of feeds never changes another. */
static wd_status read_directory(struct loader *l, const char *main_file, const char *name)
{
    bool apart = strcmp(name, "feeds.d") == 0;
    char path[4096];
    struct dirent **list;
    const char *slash = strrchr(main_file, '/');
    int stem = slash ? (int)(slash - main_file) + 1 : 0;
    snprintf(path, sizeof(path), "%.*s%s", stem, main_file, name);
    int n = scandir(path, &list, is_yaml, by_bytes);
    wd_status s = WD_OK;
    if (n < 0 && errno != ENOENT) {
        snprintf(l->err->where, sizeof(l->err->where), "%s:1:1", path);
        return wd_fail(l->err, WD_CONFIG, "cannot be read: %s", strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%.*s%s/%s", stem, main_file, name, list[i]->d_name);
        wd_feed_config own = l->standard;
        if (s == WD_OK)
            s = read_file(l, path, apart ? &own : &l->standard);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return s;
}

/* --- the whole ----------------------------------------------------------- */

static int by_slug(const void *a, const void *b, void *feeds)
{
    const wd_feed_config *f = feeds;
    int order = strcmp(f[*(const size_t *)a].slug, f[*(const size_t *)b].slug);
    return order ? order
                 : (*(const size_t *)a > *(const size_t *)b) -
                       (*(const size_t *)a < *(const size_t *)b);
}

static wd_status duplicate_slug(struct loader *l, size_t first, size_t second)
{
    const struct place *a = &l->feed_places[first], *b = &l->feed_places[second];
    (void)wd_fail(l->err, WD_CONFIG, "feed '%s' is already defined at %s:%u",
                  l->config->feeds[second].slug, a->file, a->line);
    return fail_at_place(l, b);
}

static wd_status check_interval(struct loader *l, const wd_feed_config *f, const struct place *p)
{
    bool private_ok = f->allow_private != NULL || l->config->http.allow_private != NULL;
    if (f->interval_ms == 0 || f->interval_ms >= PUBLIC_INTERVAL_MS || private_ok)
        return WD_OK;
    (void)wd_fail(l->err, WD_CONFIG,
                  "feed '%s': an interval under 60s is only for feeds on allowed private addresses",
                  f->slug);
    return fail_at_place(l, p);
}

/* Sorts the feeds by slug and refuses what only the whole list shows. */
static wd_status settle_feeds(struct loader *l)
{
    size_t n = l->config->n_feeds;
    if (n == 0)
        return WD_OK;
    assert(l->feed_places != NULL);
    size_t *order = malloc(n * sizeof(*order));
    wd_feed_config *sorted = wd_arena_alloc(l->arena, n * sizeof(*sorted));
    wd_status s = order && sorted ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
    for (size_t i = 0; s == WD_OK && i < n; i++)
        order[i] = i;
    if (s == WD_OK)
        qsort_r(order, n, sizeof(*order), by_slug, l->config->feeds);
    for (size_t i = 0; s == WD_OK && i < n; i++) {
        sorted[i] = l->config->feeds[order[i]];
        if (i > 0 && strcmp(sorted[i].slug, sorted[i - 1].slug) == 0)
            s = duplicate_slug(l, order[i - 1], order[i]);
        else
            s = check_interval(l, &sorted[i], &l->feed_places[order[i]]);
    }
    if (s == WD_OK)
        l->config->feeds = sorted;
    free(order);
    return s;
}

static wd_status read_password(struct loader *l)
{
    char line[1024];
    wd_config_redis *r = &l->config->redis;
    if (r->password_file == NULL)
        return WD_OK;
    snprintf(l->err->where, sizeof(l->err->where), "%s:1:1", r->password_file);
    FILE *f = fopen(r->password_file, "re");
    if (f == NULL)
        return wd_fail(l->err, WD_CONFIG, "the password file cannot be opened: %s",
                       strerror(errno));
    bool got = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    line[got ? strcspn(line, "\r\n") : 0] = '\0';
    if (line[0] == '\0')
        return wd_fail(l->err, WD_CONFIG, "the password file has no password on its first line");
    r->password = wd_arena_copy(l->arena, wd_span_of(line)).ptr;
    return r->password ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
}

/* Where that key was set, or the top of the file for one that nobody set. */
static wd_status complain_of_row(struct loader *l,
                                 const char *section,
                                 const char *key,
                                 const char *text)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, wd_span_of(section), wd_span_of(key));
    struct place p = { l->config->file, 1, 1 };
    if (row != NULL && l->row_places[row - wd_config_rows].line > 0)
        p = l->row_places[row - wd_config_rows];
    (void)wd_fail(l->err, WD_CONFIG, "%s.%s: %s", section, key, text);
    return fail_at_place(l, &p);
}

static bool redis_url_valid(const char *url)
{
    static const char *const schemes[] = { "redis://", "rediss://", "unix://", "sentinel://",
                                           "cluster://" };
    for (size_t i = 0; i < WD_COUNT(schemes); i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url[strlen(schemes[i])] != '\0';
    return strcmp(url, "embedded") == 0;
}

static wd_status settle(struct loader *l)
{
    wd_config *c = l->config;
    c->log_level += 3; /* the table's first choice, error, is syslog's 3 */
    if (c->state == NULL) {
        const char *given = getenv("STATE_DIRECTORY");
        c->state = wd_arena_copy(l->arena, wd_span_of(given && *given ? given : "state")).ptr;
    }
    if (c->redis.channel == NULL)
        c->redis.channel = c->redis.stream;
    if (c->redis.copies_channel == NULL)
        c->redis.copies_channel = c->redis.copies_stream;
    if (!redis_url_valid(c->redis.url))
        return complain_of_row(l, "redis", "url",
                               "it is 'embedded' or begins with redis://, rediss://, unix://, "
                               "sentinel:// or cluster://");
    if (strcmp(c->redis.stream, c->redis.copies_stream) == 0)
        return complain_of_row(l, "redis", "copies_stream", "it must differ from the stream");
    if (c->schedule.min_interval_ms > c->schedule.max_interval_ms)
        return complain_of_row(l, "schedule", "min_interval", "it is above max_interval");
    struct sockaddr_storage ignored;
    wd_error why;
    if (strcmp(c->control.listen, "off") != 0 &&
        wd_control_address(c->control.listen, &ignored, &why) != WD_OK)
        return complain_of_row(l, "control", "listen", "it is off or address:port, both numeric");
    wd_status s = settle_feeds(l);
    return s == WD_OK ? read_password(l) : s;
}

static wd_status load(struct loader *l, const char *file)
{
    wd_config *c = l->config;
    c->arena = l->arena;
    c->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    wd_status s = wd_config_set_defaults(wd_config_rows, wd_config_n_rows, c, l->arena);
    if (s == WD_OK)
        s = wd_config_set_defaults(wd_feed_rows, wd_feed_n_rows, &l->standard, l->arena);
    if (s == WD_OK)
        s = read_file(l, file, &l->standard);
    if (s == WD_OK)
        s = read_directory(l, file, "conf.d");
    if (s == WD_OK)
        s = read_directory(l, file, "feeds.d");
    return s == WD_OK ? settle(l) : s;
}

wd_status wd_config_load(wd_config **out, const char *file, wd_error *err)
{
    wd_error ignored = { 0 };
    struct loader l = { .err = err ? err : &ignored };
    *l.err = (wd_error){ 0 };
    l.arena = wd_arena_new(CONFIG_BYTES);
    l.config = l.arena ? wd_arena_zalloc(l.arena, sizeof(*l.config)) : NULL;
    l.row_places = calloc(wd_config_n_rows, sizeof(*l.row_places));
    wd_status s =
        l.config && l.row_places ? load(&l, file) : wd_fail(l.err, WD_NOMEM, "out of memory");
    free(l.row_places);
    free(l.feed_places);
    if (s == WD_OK)
        *out = l.config;
    else
        wd_arena_free(l.arena);
    return s;
}

void wd_config_free(wd_config *config)
{
    if (config != NULL)
        wd_arena_free(config->arena);
}
