/* daemon/verbs/opml.c - the verb `opml`: subscription lists out, and what differs. */
#include "daemon/verbs/opml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/opml_match.h"
#include "daemon/verbs/subcommand.h"
#include "daemon/verbs/verb.h"

/* A quarter of a million outlines, as XML and as what they are made of. */
#define OUTPUT_BYTES ((size_t)256 << 20)

/* --- export ----------------------------------------------------------------------- */

static int group_order(const void *a, const void *b)
{
    const wd_feed_config *x = *(const wd_feed_config *const *)a,
                         *y = *(const wd_feed_config *const *)b;
    int order = strcmp(x->group, y->group);
    return order ? order : strcmp(x->slug, y->slug);
}

/* A password does not leave with the list. */
static wd_span bare_url(wd_arena *arena, const char *url, size_t *n_stripped)
{
    wd_url_parts p;
    wd_buf text = WD_BUF_INIT(2 * WD_URL_BYTES);
    wd_url_split(wd_span_of(url), &p);
    if (p.userinfo.ptr == NULL)
        return wd_span_of(url);
    ++*n_stripped;
    wd_buf_append(&text, url, (size_t)(p.userinfo.ptr - url));
    wd_buf_append_span(&text, wd_span_of(p.host.ptr));
    wd_span bare = wd_arena_copy(arena, wd_buf_span(&text));
    wd_buf_done(&text);
    return bare;
}

/* The feeds of the group, or all, in the order of their groups. */
static wd_status make_list(const wd_config *c,
                           const char *group,
                           wd_arena *arena,
                           wd_subscriptions *list)
{
    size_t n = 0, n_stripped = 0;
    const wd_feed_config **by = wd_arena_zalloc(arena, (c->n_feeds + 1) * sizeof(wd_feed_config *));
    *list = (wd_subscriptions){ .feeds = wd_arena_zalloc(arena,
                                                         (c->n_feeds + 1) * sizeof(*list->feeds)) };
    if (by == NULL || list->feeds == NULL)
        return WD_NOMEM;
    for (size_t i = 0; i < c->n_feeds; i++)
        if (group == NULL || strcmp(c->feeds[i].group, group) == 0)
            by[n++] = &c->feeds[i];
    qsort((void *)by, n, sizeof(wd_feed_config *), group_order);
    for (size_t i = 0; i < n; i++)
        list->feeds[list->n++] = (wd_subscription){ .slug = wd_span_of(by[i]->slug),
                                                    .url = bare_url(arena, by[i]->url, &n_stripped),
                                                    .group = wd_span_of(by[i]->group) };
    if (n_stripped > 0)
        fprintf(stderr, "%zu address%s a user name or password that is not in the list\n",
                n_stripped, n_stripped == 1 ? " has" : "es have");
    return WD_OK;
}

/* An object a line: what the OPML says. */
static wd_status write_json(const wd_subscriptions *list, wd_buf *out)
{
    for (size_t i = 0; i < list->n; i++) {
        wd_json j = wd_json_onto(out);
        wd_json_begin_object(&j);
        wd_json_put(&j, "feed", list->feeds[i].slug);
        wd_json_put(&j, "url", list->feeds[i].url);
        wd_json_put_opt(&j, "group", list->feeds[i].group);
        wd_json_end_object(&j);
        wd_buf_append_char(out, '\n');
    }
    return wd_buf_status(out);
}

int wd_opml_export(int argc, char **argv)
{
    wd_verb v;
    wd_subscriptions list;
    const char *group = NULL;
    const wd_option options[] = { { .name = "--group", .value = &group }, { .name = NULL } };
    wd_config *config = wd_verb_open(&v, argc, argv, options);
    if (config == NULL)
        return WD_EXIT_USAGE;
    wd_arena *arena = wd_arena_new(OUTPUT_BYTES);
    wd_buf out = WD_BUF_INIT(OUTPUT_BYTES);
    wd_status s = arena != NULL ? make_list(config, group, arena, &list) : WD_NOMEM;
    if (s == WD_OK)
        s = v.json ? write_json(&list, &out)
                   : wd_subscriptions_write(&list, wd_span_of(config->producer), &out);
    if (s != WD_OK)
        wd_verb_fail(&v, NULL, "%s", wd_status_text(s));
    bool ok = s == WD_OK && fwrite(out.ptr ? out.ptr : "", 1, out.len, stdout) == out.len &&
              fflush(stdout) == 0;
    wd_buf_done(&out);
    wd_arena_free(arena);
    wd_config_free(config);
    return ok ? WD_EXIT_OK : WD_EXIT_FAILED;
}

/* --- diff --------------------------------------------------------------------------- */

struct difference {
    const char *sign, *word;
    wd_span slug, url, group, was; /* was: the configured group, where it differs */
};

static void put_difference(const wd_opml_match *m, const struct difference *d, bool json)
{
    wd_buf line = WD_BUF_INIT(64u * 1024u);
    wd_span url = wd_url_show(m->arena, d->url);
    if (json) {
        wd_json j = wd_json_onto(&line);
        wd_json_begin_object(&j);
        wd_json_put_text(&j, "change", d->word);
        wd_json_put(&j, "feed", d->slug);
        wd_json_put(&j, "url", url);
        wd_json_put_opt(&j, "group", d->group);
        wd_json_put_opt(&j, "configured_group", d->was);
        wd_json_end_object(&j);
    } else {
        wd_buf_printf(&line, "%s %.*s  ", d->sign, WD_SPAN_ARG(d->slug));
        wd_text_escape_log(&line, url);
        if (d->group.len > 0 || d->was.ptr != NULL) {
            wd_buf_append_span(&line, WD_SPAN_LIT("  ("));
            wd_text_escape_log(&line, d->group.len > 0 ? d->group : WD_SPAN_LIT("no group"));
            if (d->was.ptr != NULL) {
                wd_buf_append_span(&line, WD_SPAN_LIT(", configured: "));
                wd_text_escape_log(&line, d->was.len > 0 ? d->was : WD_SPAN_LIT("no group"));
            }
            wd_buf_append_char(&line, ')');
        }
    }
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

static size_t put_differences(const wd_opml_match *m, bool json)
{
    size_t n = 0;
    for (size_t i = 0; i < m->list.n; i++) {
        const wd_subscription *s = &m->list.feeds[i];
        const wd_feed_config *f = m->configured[i];
        struct difference d = { "+", "added", s->slug, s->url, s->group, WD_SPAN_NONE };
        if (f != NULL && wd_span_is(s->group, f->group))
            continue;
        if (f != NULL) {
            d.sign = "~";
            d.word = "group";
            d.slug = wd_span_of(f->slug);
            d.was = wd_span_of(f->group);
        }
        put_difference(m, &d, json);
        n++;
    }
    for (size_t i = 0; i < m->config->n_feeds; i++) {
        const wd_feed_config *f = &m->config->feeds[i];
        const struct difference d = {
            "-",         "removed", wd_span_of(f->slug), wd_span_of(f->url), wd_span_of(f->group),
            WD_SPAN_NONE
        };
        if (m->listed[i])
            continue;
        put_difference(m, &d, json);
        n++;
    }
    return n;
}

int wd_opml_diff(int argc, char **argv)
{
    wd_verb v;
    int rest, code;
    wd_opml_match m;
    if (!wd_verb_begin(&v, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    if (argc - rest != 1) {
        wd_verb_fail(&v, NULL, "give one OPML file");
        return WD_EXIT_USAGE;
    }
    if (!wd_opml_match_open(&m, &v, argv[rest], &code))
        return code;
    bool same = put_differences(&m, v.json) == 0;
    wd_opml_match_close(&m);
    return same && fflush(stdout) == 0 ? WD_EXIT_OK : WD_EXIT_FAILED;
}

/* --- the verb ------------------------------------------------------------------------- */

static const wd_subcommand rows[] = {
    { "import", "opml import", wd_opml_import },
    { "export", "opml export", wd_opml_export },
    { "diff", "opml diff", wd_opml_diff },
};

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_opml = {
    .name = "opml",
    .arguments = "import [--config FILE] [--print] [--json] LIST\n"
                 "       wiredesk opml export [--config FILE] [--group NAME] [--json]\n"
                 "       wiredesk opml diff [--config FILE] [--json] LIST",
    .summary = "subscription lists: take one over, write one, compare",
    .help =
        "  import  adds the list's feeds that are not configured yet: writes them to a new file\n"
        "          in feeds.d beside the configuration, with --print to standard output; a\n"
        "          second time there is nothing to add\n"
        "  export  the configured feeds as OPML 2.0, names and nested groups kept\n"
        "  diff    what the list has more (+), what it lacks (-), other groups (~)\n\n"
        "Feeds are the same when their addresses are; an imported feed's name is made of its\n"
        "address, and stays.  A list in feeds.d (*.opml) is read as it is.\n\n"
        "Exit status: 0, 1 the list cannot be read, or diff found a difference, 2 wrong\n"
        "arguments or configuration.\n",
    .run = run,
};
