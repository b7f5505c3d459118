/* daemon/config/config.c - files into one configuration: sections by the table of schema.c. */
#include "daemon/config/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/config/impl.h"

/* A quarter of a million feeds with long URLs need about 250 MB of tree and text. */
#define CONFIG_BYTES ((size_t)1 << 30)

static wd_status set_once(wd_config_loader *l, const wd_config_row *row, const wd_yaml *v)
{
    wd_config_place *p = &l->row_places[row - wd_config_rows];
    if (p->line != 0) {
        (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at %s:%u", row->key, p->file,
                      p->line);
        return wd_config_fail_at(l, v->key_line, v->key_column);
    }
    *p = (wd_config_place){ l->file, v->key_line, v->key_column };
    wd_status s = wd_config_set_value(l, row, l->config, v);
    if (s != WD_OK)
        wd_config_doubt(l, wd_span_of(row->section), row->key);
    return s;
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

static wd_status read_setting(wd_config_loader *l, wd_span section, const wd_yaml *v)
{
    char where[96];
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, section, v->key);
    if (row != NULL)
        return set_once(l, row, v);
    const char *meant = wd_config_nearest(wd_config_rows, wd_config_n_rows, section.ptr, v->key);
    if (meant != NULL)
        wd_config_doubt(l, section, meant);
    snprintf(where, sizeof(where), " in section '%.*s'", WD_SPAN_ARG(section));
    return wd_config_unknown_key(l, v, where, meant);
}

static wd_status read_section(wd_config_loader *l, const wd_yaml *section)
{
    wd_status s = WD_OK;
    for (const wd_yaml *v = section->first; v != NULL; v = v->next)
        if (!wd_config_goes_on(&s, read_setting(l, section->key, v)))
            break;
    return s;
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

static wd_status unknown_section(wd_config_loader *l, const wd_yaml *v)
{
    const char *meant = wd_config_nearest(wd_config_rows, wd_config_n_rows, "", v->key);
    if (meant != NULL) {
        wd_config_doubt(l, WD_SPAN_LIT(""), meant);
        wd_config_doubt(l, wd_span_of(meant), NULL);
    }
    return wd_config_unknown_key(l, v, "", meant);
}

static wd_status no_mapping(wd_config_loader *l, const wd_yaml *v)
{
    const char *text = "this section is a mapping of keys to values, and here is a list";
    if (v->kind == WD_YAML_SCALAR)
        text = "this section is a mapping of keys to values: behind each colon is a blank";
    else if (wd_span_is(v->key, "feeds"))
        text =
            "feeds are a mapping of names to addresses, as in harbour: https://news.example/feed, "
            "and here is a list";
    return wd_config_complain(l, v->line, v->column, text);
}

/* `standard` as read_file() has it. */
static wd_status read_member(wd_config_loader *l, const wd_yaml *v, wd_feed_config *standard)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, WD_SPAN_LIT(""), v->key);
    if (row != NULL)
        return set_once(l, row, v);
    if (wd_span_is(v->key, "redis") && v->kind == WD_YAML_SCALAR && v->scalar.len > 0)
        return set_once(
            l, wd_config_row_find(wd_config_rows, wd_config_n_rows, v->key, WD_SPAN_LIT("url")),
            v); /* `redis: embedded` */
    bool hosts = wd_span_is(v->key, "hosts"), lists = wd_span_is(v->key, "lists");
    if (!is_section(v->key) && !is_feeds(v->key) && !hosts && !lists)
        return unknown_section(l, v);
    if (v->kind == WD_YAML_SCALAR && v->scalar.len == 0)
        return WD_OK; /* `feeds:` with nothing below */
    wd_status s = WD_OK;
    if (v->kind != WD_YAML_MAP)
        s = no_mapping(l, v);
    else if (hosts)
        s = wd_config_read_hosts(l, v);
    else if (lists)
        s = wd_config_read_lists(l, v);
    else if (wd_span_is(v->key, "groups"))
        s = wd_config_read_groups(l, v);
    else if (wd_span_is(v->key, "defaults"))
        s = wd_config_read_feed_keys(l, standard, v, NULL);
    else if (is_section(v->key))
        return read_section(l, v);
    if (s != WD_OK)
        wd_config_doubt(l, v->key, NULL);
    return s;
}

/* What it says is not known: whatever it may have said is in doubt. */
static wd_status unread(wd_config_loader *l)
{
    for (size_t i = 0; i < wd_config_n_rows; i++)
        l->doubted[i] = true;
    l->doubted_ground = true;
    return wd_config_fail_at(l, 1, 1);
}

/* `standard` is what a feed begins with: the file's own `defaults` move it. */
static wd_status read_file(wd_config_loader *l, const char *file, wd_feed_config *standard)
{
    wd_yaml *root = NULL;
    l->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    if (l->file == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    wd_status s = wd_yaml_load(&root, file, l->trees, l->err);
    if (s == WD_IO && strcmp(file, l->config->file) != 0)
        return unread(l);
    if (s != WD_OK || root == NULL || (root->kind == WD_YAML_SCALAR && root->scalar.len == 0))
        return s;
    if (root->kind != WD_YAML_MAP)
        return wd_config_complain(l, root->line, root->column,
                                  "the file is not a mapping of sections");
    for (const wd_yaml *v = root->first; v != NULL; v = v->next)
        if (!wd_config_goes_on(&s, read_member(l, v, standard)))
            return s;
    for (const wd_yaml *v = root->first; v != NULL; v = v->next)
        if (wd_span_is(v->key, "feeds") && v->kind == WD_YAML_MAP &&
            !wd_config_goes_on(&s, wd_config_keep_feeds(l, v, standard)))
            return s;
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
    bool on = true;
    if (n < 0 && errno != ENOENT) {
        (void)wd_fail(l->err, WD_IO, "cannot be read: %s", strerror(errno));
        l->file = wd_arena_copy(l->arena, wd_span_of(path)).ptr;
        return l->file ? unread(l) : WD_NOMEM;
    }
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%.*s%s/%s", stem, main_file, name, list[i]->d_name);
        wd_feed_config own = l->standard;
        if (on && is_opml(list[i]->d_name))
            on = wd_config_goes_on(&s, wd_config_keep_opml(l, path, false));
        else if (on)
            on = wd_config_goes_on(&s, read_file(l, path, apart ? &own : &l->standard));
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return s;
}

/* --- the whole ----------------------------------------------------------- */

static wd_status settle_state(wd_config_loader *l)
{
    wd_config *c = l->config;
    const char *given = getenv("STATE_DIRECTORY");
    if (c->state == NULL)
        c->state = wd_arena_copy(l->arena, wd_span_of(given && *given ? given : "state")).ptr;
    return c->state ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
}

static wd_status begin(wd_config_loader *l, const char *file)
{
    wd_config *c = l->config;
    c->arena = l->arena;
    c->file = wd_arena_copy(l->arena, wd_span_of(file)).ptr;
    l->row_places = wd_arena_zalloc(l->arena, wd_config_n_rows * sizeof(*l->row_places));
    l->doubted = wd_arena_zalloc(l->trees, wd_config_n_rows * sizeof(*l->doubted));
    if (c->file == NULL || l->row_places == NULL || l->doubted == NULL ||
        wd_config_set_defaults(wd_config_rows, wd_config_n_rows, c, l->arena) != WD_OK ||
        wd_config_set_defaults(wd_feed_rows, wd_feed_n_rows, &l->standard, l->arena) != WD_OK)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    return WD_OK;
}

/* Each step, as long as what went before was nothing worse than a mistake. */
static wd_status load(wd_config_loader *l, const char *file)
{
    wd_status s = begin(l, file);
    bool on = s == WD_OK;
    on = on && wd_config_goes_on(&s, read_file(l, file, &l->standard));
    on = on && wd_config_goes_on(&s, read_directory(l, file, "conf.d"));
    on = on && wd_config_goes_on(&s, read_directory(l, file, "feeds.d"));
    on = on && wd_config_goes_on(&s, settle_state(l));
    on = on && wd_config_goes_on(&s, wd_config_keep_lists(l));
    on = on && wd_config_goes_on(&s, wd_config_read_feeds(l));
    on = on && wd_config_goes_on(&s, wd_config_read_opml(l));
    (void)(on && wd_config_goes_on(&s, wd_config_settle(l)));
    return s;
}

/* What ended the reading is told alone: without it, hardly anything else would hold. */
static wd_status end_reading(wd_mistakes *wrong, const wd_error *err, wd_status s)
{
    if (s == WD_CONFIG)
        return s;
    wrong->n = 1;
    wrong->list[0] = *err;
    return wrong->list[0].status = s == WD_NOMEM ? WD_NOMEM : WD_CONFIG;
}

wd_status wd_config_load(wd_config **out, const char *file, wd_mistakes *wrong)
{
    wd_error err = { 0 };
    wd_mistakes ignored = { .n = 0 };
    wd_config_loader l = { .err = &err, .wrong = wrong ? wrong : &ignored };
    l.wrong->n = 0;
    l.arena = wd_arena_new(CONFIG_BYTES);
    l.trees = wd_arena_new(CONFIG_BYTES);
    l.config = l.arena ? wd_arena_zalloc(l.arena, sizeof(*l.config)) : NULL;
    l.last_list = &l.lists;
    wd_status s = l.config && l.trees ? load(&l, file) : wd_fail(&err, WD_NOMEM, "out of memory");
    free(l.feeds);
    wd_arena_free(l.trees);
    if (s == WD_OK) {
        l.config->places = l.row_places;
        l.config->defaults = l.standard;
        l.config->groups = l.groups;
        *out = l.config;
        return WD_OK;
    }
    s = end_reading(l.wrong, &err, s);
    wd_arena_free(l.arena);
    return s;
}

void wd_config_free(wd_config *config)
{
    if (config != NULL)
        wd_arena_free(config->arena);
}
