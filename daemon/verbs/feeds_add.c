/* daemon/verbs/feeds_add.c - `feeds add`: from an address that somebody has to a feed that is
 * polled, in one step. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/discovery.h"
#include "daemon/verbs/feed_file.h"
#include "daemon/verbs/feeds.h"
#include "daemon/verbs/order.h"

#define LINE_BYTES   (4u * WD_URL_BYTES)
#define ARENA_BYTES  (1u << 20)
#define ANSWER_BYTES (16u * WD_URL_BYTES)

struct adding {
    wd_verb verb;
    const wd_config *config;
    const char *name, *group, *network;
    const char *networks[2]; /* `network`, as the client wants it */
    wd_discovery found;
    wd_arena *arena;
    wd_subscription feed;
    wd_feed_file file;
    wd_error untaken; /* why the running daemon has not taken it over; WD_OK: it has */
    bool known;       /* it was configured already, under that name */
};

/* --- which feed, and what it is called ---------------------------------------------- */

static const wd_feed_config *configured(const struct adding *a, wd_span url)
{
    for (size_t i = 0; i < a->config->n_feeds; i++) {
        wd_span other = wd_url_resolve(a->arena, WD_SPAN_NONE, wd_span_of(a->config->feeds[i].url));
        if (wd_span_eq(other, url))
            return &a->config->feeds[i];
    }
    return NULL;
}

static bool is_taken(const struct adding *a, wd_span slug)
{
    for (size_t i = 0; i < a->config->n_feeds; i++)
        if (wd_span_is(slug, a->config->feeds[i].slug))
            return true;
    return false;
}

static bool name_it(struct adding *a)
{
    wd_subscription *f = &a->feed;
    f->slug = a->name ? wd_span_of(a->name) : wd_subscription_slug(a->arena, f->url, false);
    if (a->name != NULL && !wd_subscription_slug_valid(f->slug)) {
        wd_verb_fail(&a->verb, NULL, "'%s' is no name: letters, digits, '-', '_' and '.'", a->name);
        return false;
    }
    if (is_taken(a, f->slug) && a->name == NULL)
        f->slug = wd_subscription_slug(a->arena, f->url, true);
    if (f->slug.len > 0 && !is_taken(a, f->slug))
        return true;
    wd_verb_fail(&a->verb, NULL, "there is a feed '%.*s' already; give it a --name of its own",
                 WD_SPAN_ARG(f->slug));
    return false;
}

/* A page in a browser is on a public network, or its owner knows which. */
static void help_with_network(const struct adding *a, const char *word)
{
    if (a->found.trouble == WD_REASON_ADDRESS && a->network == NULL && !a->verb.json)
        fprintf(stderr,
                "If that network is yours: wiredesk feeds add --allow-private NETWORK%s%s %s\n",
                a->verb.file ? " --config " : "", a->verb.file ? a->verb.file : "", word);
}

/* Finds the one that was meant. */
static bool find(struct adding *a, const char *word, const char *url)
{
    wd_discovery *d = &a->found;
    if (d->n == 0) {
        wd_discovery_complain(d, &a->verb, word);
        help_with_network(a, word);
        return false;
    }
    if (d->n > 1) {
        char next[WD_URL_BYTES + 16];
        wd_discovery_print(d, a->verb.json);
        wd_verb_fail(&a->verb, url, "it has %zu feeds; add the one that you want by its address",
                     d->n);
        snprintf(next, sizeof(next), "feeds add %.*s", WD_SPAN_ARG(d->feeds[0].url));
        wd_verb_next(&a->verb, next);
        return false;
    }
    a->feed = (wd_subscription){ .url = d->feeds[0].url, .group = wd_span_of(a->group) };
    const wd_feed_config *old = configured(a, a->feed.url);
    a->known = old != NULL;
    if (a->known)
        a->feed.slug = wd_span_of(old->slug);
    return a->known || name_it(a);
}

/* --- writing, and telling ---------------------------------------------------------------- */

static bool write_it(struct adding *a)
{
    wd_buf line = WD_BUF_INIT(LINE_BYTES);
    wd_feed_file_put(&line, &a->feed, a->network);
    a->file = (wd_feed_file){ .config = a->config,
                              .kind = WD_FEED_FILE_APPEND,
                              .stem = "added",
                              .remark = "one line a feed, by `wiredesk feeds add`" };
    bool ok =
        wd_buf_status(&line) == WD_OK && wd_feed_file_write(&a->file, &a->verb, wd_buf_span(&line));
    wd_buf_done(&line);
    if (ok)
        a->untaken.status = wd_order_reload(a->config, &a->untaken);
    return ok;
}

static void say_json(const struct adding *a)
{
    const wd_found_feed *f = &a->found.feeds[0];
    wd_buf line = WD_BUF_INIT(ANSWER_BYTES);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_key(&j, "ok");
    wd_json_bool(&j, true);
    wd_json_put(&j, "feed", a->feed.slug);
    wd_json_put(&j, "url", f->url);
    wd_json_put_opt(&j, "title", f->title);
    wd_json_put_text(&j, "format", wd_feed_format_name(f->format));
    wd_json_put_int(&j, "items", (int64_t)f->items);
    wd_json_key(&j, "known");
    wd_json_bool(&j, a->known);
    wd_json_put_opt(&j, "file", wd_span_of(a->file.path));
    wd_json_key(&j, "taken_over");
    wd_json_bool(&j, !a->known && a->untaken.status == WD_OK);
    wd_json_end_object(&j);
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

/* Under systemd the service's own manager is asked; by hand the program. */
static void say_next(const struct adding *a)
{
    bool service = strncmp(a->config->file, "/etc/", 5) == 0;
    if (a->untaken.status == WD_OK)
        wd_verb_next(&a->verb, "tail");
    else if (service)
        printf("Next: sudo systemctl %s wiredesk\n",
               a->untaken.status == WD_NOTFOUND ? "restart" : "reload");
    else
        wd_verb_next(&a->verb, a->untaken.status == WD_NOTFOUND ? "run" : "ctl reload");
}

static void say(const struct adding *a)
{
    const wd_found_feed *f = &a->found.feeds[0];
    if (a->known) {
        printf("%.*s is configured already: %.*s\n", WD_SPAN_ARG(a->feed.slug),
               WD_SPAN_ARG(f->url));
        return;
    }
    printf("%.*s: %zu item%s now, %s, added in %s\n", WD_SPAN_ARG(a->feed.slug), f->items,
           f->items == 1 ? "" : "s", wd_feed_format_name(f->format), a->file.path);
    if (a->untaken.status == WD_OK)
        printf("The daemon has taken it over and asks it now.\n");
    else
        printf("The daemon has not taken it over: %s\n", a->untaken.text);
    say_next(a);
}

static int add(struct adding *a, const char *word, const char *url)
{
    if (a->network != NULL)
        a->networks[0] = a->network;
    a->arena = wd_arena_new(ARENA_BYTES);
    if (a->arena == NULL || !wd_discovery_make(&a->found, a->config, url, a->networks)) {
        wd_verb_fail(&a->verb, NULL, "out of memory");
        return WD_EXIT_FAILED;
    }
    if (!find(a, word, url) || (!a->known && !write_it(a)))
        return WD_EXIT_FAILED;
    if (a->verb.json)
        say_json(a);
    else
        say(a);
    return WD_EXIT_OK;
}

static bool has_secret(const char *url)
{
    wd_url_parts p;
    wd_url_split(wd_span_of(url), &p);
    return p.userinfo.ptr != NULL;
}

int wd_feeds_add(int argc, char **argv)
{
    struct adding a = { .known = false };
    char typed[WD_URL_BYTES];
    int rest;
    const wd_option options[] = { { .name = "--name", .value = &a.name },
                                  { .name = "--group", .value = &a.group },
                                  { .name = "--allow-private", .value = &a.network },
                                  { .name = NULL } };
    if (!wd_verb_begin(&a.verb, argc, argv, options, &rest))
        return WD_EXIT_USAGE;
    const char *url = argc - rest == 1 ? wd_discovery_address(argv[rest], typed) : NULL;
    if (url == NULL) {
        wd_verb_fail(&a.verb, NULL, "give one http or https address, of a feed or of a site");
        return WD_EXIT_USAGE;
    }
    if (has_secret(url)) {
        wd_verb_fail(&a.verb, NULL,
                     "an address here is without user name and password: name them in "
                     "the configuration as username and password_file, see wiredesk.yaml(5)");
        return WD_EXIT_USAGE;
    }
    wd_config *config = wd_verb_config(&a.verb);
    if (config == NULL)
        return WD_EXIT_USAGE;
    a.config = config;
    int code = add(&a, argv[rest], url);
    wd_discovery_done(&a.found);
    wd_arena_free(a.arena);
    wd_config_free(config);
    return code;
}
