/* daemon/config/config.c - files into one configuration: sections by the table of schema.c,
 * and what no single row can check. */
#include "daemon/config/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon/config/impl.h"
#include "daemon/control.h"
#include "daemon/listener.h"
#include "queue/publisher.h"

/* A quarter of a million feeds with long URLs need about 250 MB of tree and text. */
#define CONFIG_BYTES ((size_t)1 << 30)

/* unix(7): what fits into an address, with its end. */
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

static wd_status set_once(wd_config_loader *l, const wd_config_row *row, const wd_yaml *v)
{
    wd_config_place *p = &l->row_places[row - wd_config_rows];
    if (p->line != 0) {
        (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at %s:%u", row->key, p->file,
                      p->line);
        return wd_config_fail_at(l, v->key_line, v->key_column);
    }
    *p = (wd_config_place){ l->file, v->key_line, v->key_column };
    return wd_config_set_value(l, row, l->config, v);
}

void *wd_config_room(
    wd_config_loader *l, const void *old, size_t n, size_t size, const wd_yaml *more)
{
    size_t all = n + 1;
    for (const wd_yaml *v = more->first; v != NULL; v = v->next)
        all++;
    void *room = wd_arena_zalloc(l->arena, all * size);
    if (room == NULL)
        (void)wd_fail(l->err, WD_NOMEM, "out of memory");
    else if (n > 0)
        memcpy(room, old, n * size);
    return room;
}

static wd_status read_section(wd_config_loader *l, const wd_yaml *section)
{
    char where[96];
    snprintf(where, sizeof(where), " in section '%.*s'", WD_SPAN_ARG(section->key));
    for (const wd_yaml *v = section->first; v != NULL; v = v->next) {
        const wd_config_row *row =
            wd_config_row_find(wd_config_rows, wd_config_n_rows, section->key, v->key);
        if (row == NULL)
            return wd_config_unknown_key(
                l, v, where,
                wd_config_nearest(wd_config_rows, wd_config_n_rows, section->key.ptr, v->key));
        wd_status s = set_once(l, row, v);
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

static bool is_feeds(wd_span name)
{
    return wd_span_is(name, "feeds") || wd_span_is(name, "defaults") || wd_span_is(name, "groups");
}

static wd_status read_member(wd_config_loader *l, const wd_yaml *v)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, WD_SPAN_LIT(""), v->key);
    if (row != NULL)
        return set_once(l, row, v);
    if (wd_span_is(v->key, "redis") && v->kind == WD_YAML_SCALAR)
        return set_once(
            l, wd_config_row_find(wd_config_rows, wd_config_n_rows, v->key, WD_SPAN_LIT("url")),
            v); /* `redis: embedded` */
    bool hosts = wd_span_is(v->key, "hosts"), lists = wd_span_is(v->key, "lists");
    if (!is_section(v->key) && !is_feeds(v->key) && !hosts && !lists) {
        const char *near = wd_config_nearest(wd_config_rows, wd_config_n_rows, "", v->key);
        return wd_config_unknown_key(l, v, "", near);
    }
    if (v->kind == WD_YAML_SCALAR && v->scalar.len == 0)
        return WD_OK; /* `feeds:` with nothing below */
    if (v->kind != WD_YAML_MAP)
        return wd_config_complain(l, v->line, v->column,
                                  "this section is a mapping of keys to values");
    if (hosts)
        return wd_config_read_hosts(l, v);
    if (lists)
        return wd_config_read_lists(l, v);
    if (wd_span_is(v->key, "groups"))
        return wd_config_read_groups(l, v);
    return is_section(v->key) ? read_section(l, v) : WD_OK;
}

/* `standard` is what a feed begins with: the file's own `defaults` move it. */
static wd_status read_file(wd_config_loader *l, const char *file, wd_feed_config *standard)
{
    wd_yaml *root = NULL;
    l->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    wd_status s = wd_yaml_load(&root, file, l->trees, l->err);
    if (s != WD_OK || root == NULL || (root->kind == WD_YAML_SCALAR && root->scalar.len == 0))
        return s;
    if (root->kind != WD_YAML_MAP)
        return wd_config_complain(l, root->line, root->column,
                                  "the file is not a mapping of sections");
    for (const wd_yaml *v = root->first; s == WD_OK && v != NULL; v = v->next) {
        s = read_member(l, v);
        if (s == WD_OK && wd_span_is(v->key, "defaults"))
            s = wd_config_read_feed_keys(l, standard, v, NULL);
    }
    for (const wd_yaml *v = root->first; s == WD_OK && v != NULL; v = v->next)
        if (wd_span_is(v->key, "feeds"))
            s = wd_config_keep_feeds(l, v, standard);
    return s;
}

static int is_yaml(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return e->d_name[0] != '.' && ((n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0) ||
                                   (n > 4 && strcmp(e->d_name + n - 4, ".yml") == 0));
}

static bool is_opml(const char *name)
{
    size_t n = strlen(name);
    return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".opml") == 0;
}

static int is_feed_list(const struct dirent *e)
{
    return is_yaml(e) || is_opml(e->d_name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In conf.d a file's `defaults` are for all that is read after it; in feeds.d for its own
 * feeds only, so that one list of feeds never changes another. */
static wd_status read_directory(wd_config_loader *l, const char *main_file, const char *name)
{
    bool apart = strcmp(name, "feeds.d") == 0;
    char path[4096];
    struct dirent **list;
    const char *slash = strrchr(main_file, '/');
    int stem = slash ? (int)(slash - main_file) + 1 : 0;
    snprintf(path, sizeof(path), "%.*s%s", stem, main_file, name);
    int n = scandir(path, &list, apart ? is_feed_list : is_yaml, by_bytes);
    wd_status s = WD_OK;
    if (n < 0 && errno != ENOENT) {
        snprintf(l->err->where, sizeof(l->err->where), "%s:1:1", path);
        return wd_fail(l->err, WD_CONFIG, "cannot be read: %s", strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%.*s%s/%s", stem, main_file, name, list[i]->d_name);
        wd_feed_config own = l->standard;
        if (s == WD_OK && is_opml(list[i]->d_name))
            s = wd_config_keep_opml(l, path, false);
        else if (s == WD_OK)
            s = read_file(l, path, apart ? &own : &l->standard);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return s;
}

/* --- the whole ----------------------------------------------------------- */

static wd_status read_password(wd_config_loader *l)
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
static wd_status complain_of_row(wd_config_loader *l,
                                 const char *section,
                                 const char *key,
                                 const char *text)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, wd_span_of(section), wd_span_of(key));
    wd_config_place p = { l->config->file, 1, 1 };
    if (row != NULL && l->row_places[row - wd_config_rows].line > 0)
        p = l->row_places[row - wd_config_rows];
    (void)wd_fail(l->err, WD_CONFIG, "%s%s%s: %s", section, section[0] ? "." : "", key, text);
    return wd_config_fail_at_place(l, &p);
}

/* What `run` would refuse, `check` refuses with the same words. */
static wd_status check_redis(wd_config_loader *l)
{
    wd_error why = { 0 };
    const wd_config_redis *r = &l->config->redis;
    if (strcmp(r->stream, r->copies_stream) == 0)
        return complain_of_row(l, "redis", "copies_stream", "it must differ from the stream");
    if (strcmp(r->url, "embedded") == 0)
        return WD_OK;
    return wd_publisher_check(r->url, &why) == WD_OK ? WD_OK
                                                     : complain_of_row(l, "redis", "url", why.text);
}

static wd_status check_websub(wd_config_loader *l)
{
    const wd_config_websub *w = &l->config->websub;
    struct sockaddr_storage ignored;
    wd_error why;
    if (wd_listener_address(w->listen, "websub.listen", &ignored, &why) != WD_OK)
        return complain_of_row(l, "websub", "listen", "it is address:port, both numeric");
    if (w->url != NULL && strpbrk(w->url, "?#") != NULL)
        return complain_of_row(l, "websub", "url", "names are put behind it: no '?' and no '#'");
    if (w->enabled && w->url == NULL)
        return complain_of_row(l, "websub", "enabled", "hubs must know where to deliver: set url");
    if (w->enabled && strcmp(w->listen, l->config->control.listen) == 0)
        return complain_of_row(l, "websub", "listen", "control.listen has that address");
    return WD_OK;
}

static wd_status settle_state(wd_config_loader *l)
{
    wd_config *c = l->config;
    const char *given = getenv("STATE_DIRECTORY");
    if (c->state == NULL)
        c->state = wd_arena_copy(l->arena, wd_span_of(given && *given ? given : "state")).ptr;
    return c->state ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
}

static wd_status settle(wd_config_loader *l)
{
    wd_config *c = l->config;
    c->log_level += 3; /* the table's first choice, error, is syslog's 3 */
    if (c->redis.channel == NULL)
        c->redis.channel = c->redis.stream;
    if (c->redis.copies_channel == NULL)
        c->redis.copies_channel = c->redis.copies_stream;
    if (!wd_subscription_slug_valid(wd_span_of(c->producer))) /* it becomes part of a URN */
        return complain_of_row(l, "", "producer",
                               "it has letters, digits, '-', '_' and '.', at most 64 of them");
    wd_status s = check_redis(l);
    if (s != WD_OK)
        return s;
    if (c->schedule.min_interval_ms > c->schedule.max_interval_ms)
        return complain_of_row(l, "schedule", "min_interval", "it is above max_interval");
    struct sockaddr_storage ignored;
    wd_error why;
    if (strcmp(c->control.listen, "off") != 0 &&
        wd_control_address(c->control.listen, &ignored, &why) != WD_OK)
        return complain_of_row(l, "control", "listen", "it is off or address:port, both numeric");
    if (c->control.socket != NULL && strlen(c->control.socket) > SOCKET_PATH_MAX)
        return complain_of_row(l, "control", "socket",
                               "the path of a socket has 107 bytes at most");
    s = check_websub(l);
    if (s == WD_OK)
        s = wd_config_settle_feeds(l);
    return s == WD_OK ? read_password(l) : s;
}

static wd_status load(wd_config_loader *l, const char *file)
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
    if (s == WD_OK)
        s = settle_state(l);
    if (s == WD_OK)
        s = wd_config_keep_lists(l);
    if (s == WD_OK)
        s = wd_config_read_feeds(l);
    if (s == WD_OK)
        s = wd_config_read_opml(l);
    return s == WD_OK ? settle(l) : s;
}

wd_status wd_config_load(wd_config **out, const char *file, wd_error *err)
{
    wd_error ignored = { 0 };
    wd_config_loader l = { .err = err ? err : &ignored };
    *l.err = (wd_error){ 0 };
    l.arena = wd_arena_new(CONFIG_BYTES);
    l.trees = wd_arena_new(CONFIG_BYTES);
    l.config = l.arena ? wd_arena_zalloc(l.arena, sizeof(*l.config)) : NULL;
    l.last_list = &l.lists;
    if (l.config != NULL)
        l.row_places = wd_arena_zalloc(l.arena, wd_config_n_rows * sizeof(*l.row_places));
    wd_status s = l.config && l.trees && l.row_places ? load(&l, file)
                                                      : wd_fail(l.err, WD_NOMEM, "out of memory");
    free(l.feed_places);
    free(l.feeds);
    wd_arena_free(l.trees);
    if (s == WD_OK) {
        l.config->places = l.row_places;
        l.config->defaults = l.standard;
        l.config->groups = l.groups;
        *out = l.config;
    } else {
        wd_arena_free(l.arena);
    }
    return s;
}

void wd_config_free(wd_config *config)
{
    if (config != NULL)
        wd_arena_free(config->arena);
}
