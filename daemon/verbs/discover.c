/* daemon/verbs/discover.c - the verb `discover`: from a site's address to its feeds. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/limits.h"
#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/discovery.h"
#include "daemon/verbs/table.h"
#include "daemon/verbs/verb.h"

static void put_json(const wd_found_feed *f)
{
    wd_buf line = WD_BUF_INIT(WD_URL_BYTES + 8u * WD_TITLE_BYTES);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_put(&j, "url", f->url);
    wd_json_put_opt(&j, "title", f->title);
    wd_json_put_text(&j, "format", wd_feed_format_name(f->format));
    wd_json_put_int(&j, "items", (int64_t)f->items);
    wd_json_put_time_opt(&j, "newest", f->newest_ms, false);
    wd_json_put_text(&j, "found", f->how);
    wd_json_end_object(&j);
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

static void put_row(wd_table *t, const wd_found_feed *f)
{
    char items[24], title[128], newest[WD_TIME_TEXT_BYTES];
    snprintf(items, sizeof(items), "%zu", f->items);
    snprintf(title, sizeof(title), "%.*s", (int)(f->title.len < 100 ? f->title.len : 100),
             f->title.ptr ? f->title.ptr : "");
    wd_time_text(f->newest_ms, 0, newest);
    wd_table_add(t, f->url.ptr ? f->url.ptr : "");
    wd_table_add(t, wd_feed_format_name(f->format));
    wd_table_add(t, items);
    wd_table_add(t, newest[0] ? newest : "-");
    wd_table_add(t, f->how);
    wd_table_add(t, title);
}

void wd_discovery_print(const wd_discovery *d, bool json)
{
    static const char *const heads[] = { "ADDRESS", "FORMAT", "ITEMS", "NEWEST", "FOUND", "TITLE" };
    wd_table t;
    wd_table_init(&t, heads, WD_COUNT(heads));
    for (size_t i = 0; i < d->n; i++) {
        if (json)
            put_json(&d->feeds[i]);
        else
            put_row(&t, &d->feeds[i]);
    }
    if (!json && d->n > 0)
        wd_table_print(&t, stdout);
    wd_table_done(&t);
}

void wd_discovery_complain(const wd_discovery *d, const wd_verb *v, const char *url)
{
    if (d->trouble != WD_REASON_NONE)
        wd_verb_fail(v, url, "%s%s%s%s", wd_reason_text(d->trouble), d->detail[0] ? " (" : "",
                     d->detail, d->detail[0] ? ")" : "");
    else if (d->status != 200)
        wd_verb_fail(v, url, "the server answered %d", (int)d->status);
    else
        wd_verb_fail(v, url, "no feed was found, in %zu requests", d->requests);
}

static int run(int argc, char **argv)
{
    wd_verb v;
    int rest;
    char typed[WD_URL_BYTES];
    if (!wd_verb_begin(&v, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    const char *url = argc - rest == 1 ? wd_discovery_address(argv[rest], typed) : NULL;
    if (url == NULL) {
        wd_verb_fail(&v, NULL, "give one http or https address");
        return WD_EXIT_USAGE;
    }
    wd_config *config = wd_verb_config_or_none(&v);
    if (config == NULL)
        return WD_EXIT_USAGE;
    wd_discovery d;
    bool made = wd_discovery_make(&d, config, url, NULL);
    bool found = made && d.n > 0;
    if (found)
        wd_discovery_print(&d, v.json);
    else if (made)
        wd_discovery_complain(&d, &v, argv[rest]);
    else
        wd_verb_fail(&v, NULL, "out of memory");
    if (made)
        wd_discovery_done(&d);
    wd_config_free(config);
    return found && fflush(stdout) == 0 ? WD_EXIT_OK : WD_EXIT_FAILED;
}

const wd_command wd_command_discover = {
    .name = "discover",
    .arguments = "[--config FILE] [--json] URL",
    .summary = "find the feeds of a site",
    .help = "Asks for the address: it may be a feed itself.  Else what its page declares is asked\n"
            "for, or, when that gives none, links that look like feeds, or, when the page gives\n"
            "none at all, a few usual paths.  Shown is only what could be read as a feed.  At\n"
            "most 20 requests, one after the other; the address guard holds as for polls.\n\n"
            "  --json  one object a line\n\n"
            "Exit status: 0 a feed was found, 1 none, 2 wrong arguments or configuration.\n",
    .run = run,
};
