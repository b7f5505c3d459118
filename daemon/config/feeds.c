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

/* `line`: where that row was set, 0 when it was not. */
static wd_status set_once(wd_config_loader *l,
                          wd_feed_config *f,
                          const wd_config_row *row,
                          const wd_yaml *v,
                          uint32_t *line)
{
    if (*line != 0) {
        (void)wd_fail(l->err, WD_CONFIG, "'%s' is already set at line %u", row->key, *line);
        return wd_config_fail_at(l, v->key_line, v->key_column);
    }
    *line = v->key_line;
    return wd_config_set_value(l, row, f, v);
}

wd_status wd_config_read_feed_keys(wd_config_loader *l,
                                   wd_feed_config *f,
                                   const wd_yaml *keys,
                                   uint64_t *set)
{
    wd_status s = WD_OK;
    uint32_t lines[MOST_ROWS] = { 0 };
    assert(wd_feed_n_rows <= MOST_ROWS);
    for (const wd_yaml *v = keys->first; v != NULL; v = v->next) {
        const wd_config_row *row = feed_row(v->key);
        if (row == NULL) {
            s = wd_config_unknown_key(l, v, " in a feed",
                                      wd_config_nearest(wd_feed_rows, wd_feed_n_rows, "", v->key));
            continue;
        }
        if (!wd_config_goes_on(&s, set_once(l, f, row, v, &lines[row - wd_feed_rows])))
            break;
        if (set != NULL)
            *set |= (uint64_t)1 << (row - wd_feed_rows);
    }
    return s;
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
    if (v->kind != WD_YAML_MAP)
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
    if (wd_config_goes_on(&s, wd_config_read_feed_keys(l, &g->values, v, &g->set)) &&
        (g->values.url != NULL || g->values.group != NULL))
        s = wd_config_complain(l, v->key_line, v->key_column,
                               "a group has neither a url nor a group of its own");
    return s;
}

wd_status wd_config_read_groups(wd_config_loader *l, const wd_yaml *groups)
{
    wd_status s = WD_OK;
    for (const wd_yaml *v = groups->first; v != NULL; v = v->next)
        if (!wd_config_goes_on(&s, read_group(l, v)))
            break;
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
    wd_config_entry *feeds = realloc(l->feeds, cap * sizeof(*feeds));
    if (feeds == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    l->feeds = feeds;
    l->cap_feeds = cap;
    return WD_OK;
}

/* A new one at the end, which counts once it is known to be one. */
static wd_feed_config *begin_feed(wd_config_loader *l, const wd_feed_config *standard, wd_span slug)
{
    if (grow_feeds(l) != WD_OK)
        return NULL;
    wd_config_entry *e = &l->feeds[l->config->n_feeds];
    *e = (wd_config_entry){ .feed = *standard };
    e->feed.slug = wd_arena_copy(l->arena, slug).ptr;
    return e->feed.slug ? &e->feed : NULL;
}

/* The rows of the feed's group, and its own. */
static wd_status read_settings(wd_config_loader *l, wd_feed_config *f, const wd_yaml *feed)
{
    const wd_config_group *group = find_group(l, group_of(f, feed));
    if (group != NULL)
        apply_group(f, group);
    if (feed->kind == WD_YAML_SCALAR && feed->scalar.len > 0) /* it may be just its address */
        return wd_config_set_value(l, feed_row(WD_SPAN_LIT("url")), f, feed);
    if (feed->kind == WD_YAML_LIST)
        return wd_config_complain(l, feed->line, feed->column,
                                  "a feed is an address or a mapping of keys");
    wd_status s = wd_config_read_feed_keys(l, f, feed, NULL);
    if (s == WD_OK && f->url == NULL)
        s = wd_config_complain(l, feed->key_line, feed->key_column, "this feed has no url");
    return s;
}

static wd_status read_feed(wd_config_loader *l, const wd_feed_config *standard, const wd_yaml *feed)
{
    wd_feed_config *f = begin_feed(l, standard, feed->key);
    wd_status s = WD_OK;
    if (f == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    bool named = wd_subscription_slug_valid(feed->key);
    if (!named)
        s = wd_config_complain(
            l, feed->key_line, feed->key_column,
            "a feed's name has letters, digits, '-', '_' and '.', at most 64 of them");
    if (!wd_config_goes_on(&s, read_settings(l, f, feed)))
        return s;
    wd_config_entry *e = &l->feeds[l->config->n_feeds];
    e->place = (wd_config_place){ l->file, feed->key_line, feed->key_column };
    e->wrong = s != WD_OK;
    l->config->n_feeds += named;
    return s;
}

wd_status wd_config_add_feed(wd_config_loader *l,
                             const wd_feed_config *standard,
                             const wd_subscription *feed,
                             const char *url)
{
    wd_feed_config *f = begin_feed(l, standard, feed->slug);
    if (f != NULL && feed->group.len > 0)
        f->group = wd_arena_copy(l->arena, feed->group).ptr;
    if (f == NULL || f->group == NULL)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    const wd_config_group *group = find_group(l, f->group);
    if (group != NULL)
        apply_group(f, group);
    f->url = url;
    wd_config_entry *e = &l->feeds[l->config->n_feeds++];
    e->place = (wd_config_place){ l->file, 1, 1 };
    e->listed = true;
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
        for (const wd_yaml *f = list->feeds ? list->feeds->first : NULL; f != NULL; f = f->next)
            if (!wd_config_goes_on(&s, read_feed(l, &list->standard, f)))
                return s;
    }
    return s;
}

/* --- the whole list ---------------------------------------------------------- */

static int by_slug(const void *a, const void *b, void *feeds)
{
    const wd_config_entry *f = feeds;
    int order = strcmp(f[*(const size_t *)a].feed.slug, f[*(const size_t *)b].feed.slug);
    return order ? order
                 : (*(const size_t *)a > *(const size_t *)b) -
                       (*(const size_t *)a < *(const size_t *)b);
}

static wd_status check_slug(wd_config_loader *l,
                            const wd_config_entry *before,
                            const wd_config_entry *e)
{
    if (strcmp(before->feed.slug, e->feed.slug) != 0)
        return WD_OK;
    if (before->wrong && e->listed) /* had its address been read, the list's would be the same */
        return WD_OK;
    (void)wd_fail(l->err, WD_CONFIG, "feed '%s' is already defined at %s:%u", e->feed.slug,
                  before->place.file, before->place.line);
    return wd_config_fail_at_place(l, &e->place);
}

static bool header_fault(const char *name, const char *value)
{
    return value != NULL &&
           wd_credentials_header_fault(wd_span_of(name), wd_span_of(value)) != NULL;
}

wd_status wd_config_settle_manner(wd_config_loader *l,
                                  const char *kind,
                                  wd_feed_config *f,
                                  const wd_config_place *p)
{
    bool private_ok = f->allow_private != NULL || l->config->http.allow_private != NULL ||
                      wd_config_doubts(l, "http", "allow_private");
    const struct {
        bool wrong;
        const char *text;
    } faults[] = {
        { f->interval_ms != 0 && f->interval_ms < PUBLIC_INTERVAL_MS && !private_ok,
          "an interval under 60s is only for feeds on allowed private addresses" },
        { f->max_interval_ms != 0 && f->min_interval_ms > f->max_interval_ms,
          "its min_interval is above its max_interval" },
        { header_fault("Agent", f->user_agent),
          "its user_agent is not printable ASCII on one line, or too long" },
        { f->password != NULL && f->username == NULL, "a password without a username" },
        { f->token != NULL && f->username != NULL, "either a token or a username with a password" },
        { header_fault("Authorization", f->token),
          "its token is not printable ASCII, or too long" },
        { f->username != NULL && strchr(f->username, ':') != NULL,
          "a username has no colon (RFC 7617)" },
    };
    wd_status s = WD_OK;
    for (size_t i = 0; i < WD_COUNT(faults) && !l->doubted_ground; i++) {
        if (!faults[i].wrong)
            continue;
        (void)wd_fail(l->err, WD_CONFIG, "%s '%s': %s", kind, f->slug, faults[i].text);
        s = wd_config_fail_at_place(l, p);
    }
    wd_status settled = s == WD_OK ? wd_credentials_settle(f, l->arena) : WD_OK;
    if (settled == WD_OK)
        return s;
    (void)wd_fail(l->err, settled, "%s '%s': %s", kind, f->slug, wd_status_text(settled));
    return wd_config_fail_at_place(l, p);
}

wd_status wd_config_settle_feeds(wd_config_loader *l)
{
    size_t n = l->config->n_feeds;
    if (n == 0)
        return WD_OK;
    size_t *order = malloc(n * sizeof(*order));
    wd_feed_config *sorted = wd_arena_alloc(l->arena, n * sizeof(*sorted));
    wd_config_place *places = wd_arena_alloc(l->arena, n * sizeof(*places));
    wd_status s = order && sorted && places ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
    for (size_t i = 0; s == WD_OK && i < n; i++)
        order[i] = i;
    if (s == WD_OK)
        qsort_r(order, n, sizeof(*order), by_slug, l->feeds);
    for (size_t i = 0; (s == WD_OK || s == WD_CONFIG) && i < n; i++) {
        const wd_config_entry *e = &l->feeds[order[i]];
        sorted[i] = e->feed;
        places[i] = e->place;
        if (i > 0)
            (void)wd_config_goes_on(&s, check_slug(l, &l->feeds[order[i - 1]], e));
        if (!e->wrong)
            (void)wd_config_goes_on(&s, wd_config_settle_manner(l, "feed", &sorted[i], &e->place));
    }
    if (s == WD_OK) {
        l->config->feeds = sorted;
        l->config->feed_places = places;
    }
    free(order);
    return s;
}
