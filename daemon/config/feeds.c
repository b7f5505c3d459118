/* daemon/config/feeds.c - feeds: the defaults, then their group's settings, then their own. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/impl.h"
#include "feeds/credentials.h"

/* Politeness floor of an explicit interval; below it only feeds on private addresses
 * that are allowed (polling.md rule 1). */
#define PUBLIC_INTERVAL_MS (60 * WD_SECOND_MS)

#define MOST_ROWS 64u /* as many as wd_config_group.set has bits */

static const wd_config_row *feed_row(wd_span key)
{
    return wd_config_row_find(wd_feed_rows, wd_feed_n_rows, WD_SPAN_LIT(""), key);
}

wd_status wd_config_read_feed_keys(wd_config_loader *l,
                                   wd_feed_config *f,
                                   const wd_yaml *keys,
                                   uint64_t *set)
{
    uint32_t lines[MOST_ROWS] = { 0 };
    assert(wd_feed_n_rows <= MOST_ROWS);
    for (const wd_yaml *v = keys->first; v != NULL; v = v->next) {
        const wd_config_row *row = feed_row(v->key);
        if (row == NULL)
            return wd_config_unknown_key(
                l, v, " in a feed", wd_config_nearest(wd_feed_rows, wd_feed_n_rows, "", v->key));
        uint32_t *line = &lines[row - wd_feed_rows];
        if (*line != 0) {
            (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at line %u", row->key, *line);
            return wd_config_fail_at(l, v->key_line, v->key_column);
        }
        *line = v->key_line;
        wd_status s = wd_config_set_value(l, row, f, v);
        if (s != WD_OK)
            return s;
        if (set != NULL)
            *set |= (uint64_t)1 << (row - wd_feed_rows);
    }
    return WD_OK;
}

/* --- groups ---------------------------------------------------------------- */

static wd_config_group *find_group(wd_config_loader *l, const char *name)
{
    wd_config_group *g = l->groups;
    while (g != NULL && strcmp(g->name, name) != 0)
        g = g->next;
    return g;
}

static wd_status check_group(wd_config_loader *l, const wd_yaml *v)
{
    const wd_config_group *before = find_group(l, v->key.ptr);
    if (v->kind != WD_YAML_MAP)
        return wd_config_complain(l, v->line, v->column, "a group is a mapping of a feed's keys");
    if (before == NULL)
        return WD_OK;
    (void)wd_fail(l->err, WD_CONFIG, "group '%s' is already defined at %s:%u", before->name,
                  before->place.file, before->place.line);
    return wd_config_fail_at(l, v->key_line, v->key_column);
}

static wd_status read_group(wd_config_loader *l, const wd_yaml *v)
{
    wd_status s = check_group(l, v);
    if (s != WD_OK)
        return s;
    wd_config_group *g = wd_arena_zalloc(l->arena, sizeof(*g));
    if (g == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    wd_config_group **last = &l->groups;
    while (*last != NULL)
        last = &(*last)->next;
    *last = g;
    *g = (wd_config_group){ .name = wd_arena_copy(l->arena, v->key).ptr,
                            .place = { l->file, v->key_line, v->key_column } };
    s = wd_config_read_feed_keys(l, &g->values, v, &g->set);
    if (s == WD_OK && (g->values.url != NULL || g->values.group != NULL))
        s = wd_config_complain(l, v->key_line, v->key_column,
                               "a group has neither a url nor a group of its own");
    return s;
}

wd_status wd_config_read_groups(wd_config_loader *l, const wd_yaml *groups)
{
    wd_status s = WD_OK;
    for (const wd_yaml *v = groups->first; s == WD_OK && v != NULL; v = v->next)
        s = read_group(l, v);
    return s;
}

static void apply_group(wd_feed_config *f, const wd_config_group *g)
{
    for (size_t i = 0; i < wd_feed_n_rows; i++)
        if (g->set >> i & 1)
            memcpy((char *)f + wd_feed_rows[i].offset,
                   (const char *)&g->values + wd_feed_rows[i].offset,
                   wd_config_value_bytes(wd_feed_rows[i].type));
}

/* The group that a feed says it is in, or the defaults put it in. */
static const char *group_of(const wd_feed_config *standard, const wd_yaml *feed)
{
    for (const wd_yaml *v = feed->first; v != NULL; v = v->next)
        if (wd_span_is(v->key, "group") && v->kind == WD_YAML_SCALAR)
            return v->scalar.ptr;
    return standard->group;
}

/* --- feeds ----------------------------------------------------------------- */

static wd_status grow_feeds(wd_config_loader *l)
{
    if (l->config->n_feeds < l->cap_feeds)
        return WD_OK;
    size_t cap = l->cap_feeds ? 2 * l->cap_feeds : 64;
    wd_feed_config *feeds = realloc(l->feeds, cap * sizeof(*feeds));
    if (feeds != NULL)
        l->feeds = feeds;
    wd_config_place *places = realloc(l->feed_places, cap * sizeof(*places));
    if (places != NULL)
        l->feed_places = places;
    if (feeds == NULL || places == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    l->cap_feeds = cap;
    return WD_OK;
}

static wd_status read_feed(wd_config_loader *l, const wd_feed_config *standard, const wd_yaml *feed)
{
    wd_status s = grow_feeds(l);
    if (s != WD_OK)
        return s;
    if (!wd_subscription_slug_valid(feed->key))
        return wd_config_complain(
            l, feed->key_line, feed->key_column,
            "a feed's name has letters, digits, '-', '_' and '.', at most 64 of them");
    wd_feed_config *f = &l->feeds[l->config->n_feeds];
    *f = *standard;
    f->slug = wd_arena_copy(l->arena, feed->key).ptr;
    if (f->slug == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    const wd_config_group *group = find_group(l, group_of(standard, feed));
    if (group != NULL)
        apply_group(f, group);
    if (feed->kind == WD_YAML_SCALAR) /* a feed may be just its address */
        s = wd_config_set_value(l, feed_row(WD_SPAN_LIT("url")), f, feed);
    else if (feed->kind == WD_YAML_MAP)
        s = wd_config_read_feed_keys(l, f, feed, NULL);
    else
        s = wd_config_complain(l, feed->line, feed->column,
                               "a feed is an address or a mapping of keys");
    if (s != WD_OK)
        return s;
    if (f->url == NULL)
        return wd_config_complain(l, feed->key_line, feed->key_column, "this feed has no url");
    l->feed_places[l->config->n_feeds++] =
        (wd_config_place){ l->file, feed->key_line, feed->key_column };
    return WD_OK;
}

wd_status wd_config_add_feed(wd_config_loader *l,
                             const wd_feed_config *standard,
                             const wd_subscription *feed,
                             const char *url)
{
    wd_status s = grow_feeds(l);
    if (s != WD_OK)
        return s;
    wd_feed_config *f = &l->feeds[l->config->n_feeds];
    *f = *standard;
    if (feed->group.len > 0)
        f->group = wd_arena_copy(l->arena, feed->group).ptr;
    f->slug = wd_arena_copy(l->arena, feed->slug).ptr;
    if (f->slug == NULL || f->group == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    const wd_config_group *group = find_group(l, f->group);
    if (group != NULL)
        apply_group(f, group);
    f->url = url;
    l->feed_places[l->config->n_feeds++] = (wd_config_place){ l->file, 1, 1 };
    return WD_OK;
}

wd_status wd_config_keep_feeds(wd_config_loader *l,
                               const wd_yaml *feeds,
                               const wd_feed_config *standard)
{
    wd_config_list *list = wd_arena_alloc(l->arena, sizeof(*list));
    if (list == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    *list = (wd_config_list){ .file = l->file, .feeds = feeds, .standard = *standard };
    *l->last_list = list;
    l->last_list = &list->next;
    return WD_OK;
}

wd_status wd_config_read_feeds(wd_config_loader *l)
{
    wd_status s = WD_OK;
    for (const wd_config_list *list = l->lists; list != NULL; list = list->next) {
        l->file = list->file;
        for (const wd_yaml *f = list->feeds ? list->feeds->first : NULL; s == WD_OK && f != NULL;
             f = f->next)
            s = read_feed(l, &list->standard, f);
    }
    return s;
}

/* --- the whole list ---------------------------------------------------------- */

static int by_slug(const void *a, const void *b, void *feeds)
{
    const wd_feed_config *f = feeds;
    int order = strcmp(f[*(const size_t *)a].slug, f[*(const size_t *)b].slug);
    return order ? order
                 : (*(const size_t *)a > *(const size_t *)b) -
                       (*(const size_t *)a < *(const size_t *)b);
}

static wd_status duplicate_slug(wd_config_loader *l, size_t first, size_t second)
{
    const wd_config_place *a = &l->feed_places[first], *b = &l->feed_places[second];
    (void)wd_fail(l->err, WD_CONFIG, "feed '%s' is already defined at %s:%u", l->feeds[second].slug,
                  a->file, a->line);
    return wd_config_fail_at_place(l, b);
}

static const char *fault_of(const wd_config_loader *l, const wd_feed_config *f)
{
    bool private_ok = f->allow_private != NULL || l->config->http.allow_private != NULL;
    if (f->interval_ms != 0 && f->interval_ms < PUBLIC_INTERVAL_MS && !private_ok)
        return "an interval under 60s is only for feeds on allowed private addresses";
    if (f->max_interval_ms != 0 && f->min_interval_ms > f->max_interval_ms)
        return "its min_interval is above its max_interval";
    if (f->user_agent != NULL &&
        wd_credentials_header_fault(WD_SPAN_LIT("Agent"), wd_span_of(f->user_agent)) != NULL)
        return "its user_agent is not printable ASCII on one line, or too long";
    if (f->password != NULL && f->username == NULL)
        return "a password without a username";
    if (f->token != NULL && f->username != NULL)
        return "either a token or a username with a password";
    if (f->token != NULL &&
        wd_credentials_header_fault(WD_SPAN_LIT("Authorization"), wd_span_of(f->token)) != NULL)
        return "its token is not printable ASCII, or too long";
    if (f->username != NULL && strchr(f->username, ':') != NULL)
        return "a username has no colon (RFC 7617)";
    return NULL;
}

wd_status wd_config_settle_manner(wd_config_loader *l,
                                  const char *kind,
                                  wd_feed_config *f,
                                  const wd_config_place *p)
{
    const char *fault = fault_of(l, f);
    if (fault != NULL) {
        (void)wd_fail(l->err, WD_CONFIG, "%s '%s': %s", kind, f->slug, fault);
        return wd_config_fail_at_place(l, p);
    }
    wd_status s = wd_credentials_settle(f, l->arena);
    return s == WD_OK ? s : wd_fail(l->err, s, "%s '%s': %s", kind, f->slug, wd_status_text(s));
}

wd_status wd_config_settle_feeds(wd_config_loader *l)
{
    size_t n = l->config->n_feeds;
    if (n == 0)
        return WD_OK;
    assert(l->feed_places != NULL);
    size_t *order = malloc(n * sizeof(*order));
    wd_feed_config *sorted = wd_arena_alloc(l->arena, n * sizeof(*sorted));
    wd_config_place *places = wd_arena_alloc(l->arena, n * sizeof(*places));
    wd_status s = order && sorted && places ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
    for (size_t i = 0; s == WD_OK && i < n; i++)
        order[i] = i;
    if (s == WD_OK)
        qsort_r(order, n, sizeof(*order), by_slug, l->feeds);
    for (size_t i = 0; s == WD_OK && i < n; i++) {
        sorted[i] = l->feeds[order[i]];
        places[i] = l->feed_places[order[i]];
        if (i > 0 && strcmp(sorted[i].slug, sorted[i - 1].slug) == 0)
            s = duplicate_slug(l, order[i - 1], order[i]);
        else
            s = wd_config_settle_manner(l, "feed", &sorted[i], &l->feed_places[order[i]]);
    }
    if (s == WD_OK) {
        l->config->feeds = sorted;
        l->config->feed_places = places;
    }
    free(order);
    return s;
}
