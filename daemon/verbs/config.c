/* daemon/verbs/config.c - the verb `config`: what the daemon makes of its files, and where each
 * value comes from. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "daemon/config/opml.h"
#include "daemon/config/schema.h"
#include "daemon/config/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"
#include "daemon/verbs/verb.h"
#include "daemon/version.h"

#define VALUE_BYTES (64u * 1024u)
#define NOTE_COLUMN 44 /* most values end before it */

/* The keys of one kind of thing that has a name of its own. */
typedef struct table {
    const char *what; /* the member of JSON that has its name */
    const wd_config_row *rows;
    size_t n;
} table;

struct dump {
    const wd_config *config;
    bool redact;
    table feeds, lists, hosts;
    uint64_t defaults_set; /* bit n: row n of wd_feed_rows */
    wd_buf value, line;
};

static const char *origin(const wd_config_place *p, char *out, size_t size)
{
    if (p->line == 0)
        return "default";
    snprintf(out, size, "%s:%" PRIu32, p->file, p->line);
    return out;
}

static bool read_value(struct dump *d, const wd_config_row *row, const void *base)
{
    wd_buf_reset(&d->value);
    return wd_config_text(row, base, d->redact, &d->value);
}

/* --- for people, and to be read again ------------------------------------- */

static void print_setting(struct dump *d, size_t i)
{
    char from[512];
    const wd_config_row *row = &wd_config_rows[i];
    const char *indent = row->section[0] ? "  " : "";
    if (i > 0 && row->section[0] && strcmp(row->section, wd_config_rows[i - 1].section) != 0)
        printf("%s:\n", row->section);
    bool set = read_value(d, row, d->config);
    int n = printf("%s%s%s: %.*s", set ? "" : "# ", indent, row->key,
                   WD_SPAN_ARG(wd_buf_span(&d->value)));
    printf("%*s # %s\n", n < NOTE_COLUMN ? NOTE_COLUMN - n : 0, "",
           set ? origin(&d->config->places[i], from, sizeof(from)) : "not set");
}

/* Is it as it would be if nobody had said anything? */
static bool is_standard(const wd_config_row *row, wd_span value)
{
    return row->standard == NULL
               ? value.len == 0
               : wd_span_is(value, row->standard) || (value.len == 2 && row->standard[0] == '\0') ||
                     (wd_span_is(value, "0s") && row->standard[0] == '0');
}

#define ALL_ROWS UINT64_MAX

/* " key: value, key: value }": the rows of `said` (bits) and, unless it is `only` these, what is
 * not as by default. */
static void print_members(
    struct dump *d, const table *t, const void *base, uint64_t said, bool only)
{
    const char *comma = "";
    for (size_t k = 0; k < t->n; k++) {
        if (!read_value(d, &t->rows[k], base))
            continue;
        bool shown = (said >> k & 1) != 0;
        if (!shown && (only || is_standard(&t->rows[k], wd_buf_span(&d->value))))
            continue;
        printf("%s %s: %.*s", comma, t->rows[k].key, WD_SPAN_ARG(wd_buf_span(&d->value)));
        comma = ",";
    }
    printf(" }");
}

/* Before the feeds, and for those that fetched lists will bring. */
static void print_defaults(struct dump *d)
{
    const wd_feed_config *defaults = &d->config->defaults;
    for (size_t k = 0; k < wd_feed_n_rows; k++)
        if (read_value(d, &wd_feed_rows[k], defaults) &&
            !is_standard(&wd_feed_rows[k], wd_buf_span(&d->value)))
            d->defaults_set |= (uint64_t)1 << k;
    if (d->defaults_set == 0)
        return;
    printf("defaults: {");
    print_members(d, &d->feeds, defaults, d->defaults_set, true);
    printf("\n");
}

static void print_groups(struct dump *d)
{
    char from[512];
    for (const wd_config_group *g = d->config->groups; g != NULL; g = g->next) {
        wd_json name = wd_json_onto(&d->line);
        wd_buf_reset(&d->line);
        wd_json_string(&name, wd_span_of(g->name));
        printf("%s  %.*s: {", g == d->config->groups ? "groups:\n" : "",
               WD_SPAN_ARG(wd_buf_span(&d->line)));
        print_members(d, &d->feeds, &g->values, g->set, true);
        printf(" # %s\n", origin(&g->place, from, sizeof(from)));
    }
}

/* What the defaults or its group say otherwise, it has to say again. */
static uint64_t said_otherwise(const struct dump *d, const wd_feed_config *f)
{
    uint64_t said = d->defaults_set;
    for (const wd_config_group *g = d->config->groups; g != NULL; g = g->next)
        said |= strcmp(g->name, f->group) == 0 ? g->set : 0;
    return said;
}

/* A feed of a fetched list is that list's to keep: shown, and not read again. */
static bool is_fetched(const wd_config *c, const wd_config_place *p)
{
    char path[PATH_MAX];
    wd_feed_list_path(c->state, "", "", path);
    path[strlen(path) - 1] = '\0'; /* "<state>/lists/" */
    return strncmp(p->file, path, strlen(path)) == 0;
}

static void print_feeds(struct dump *d)
{
    char from[512];
    bool begun = false;
    for (size_t i = 0; i < d->config->n_feeds; i++) {
        const wd_feed_config *f = &d->config->feeds[i];
        const wd_config_place *place = &d->config->feed_places[i];
        bool fetched = is_fetched(d->config, place);
        if (!fetched && !begun)
            printf("feeds:\n");
        begun |= !fetched;
        printf("%s  %s: {", fetched ? "#" : "", f->slug);
        print_members(d, &d->feeds, f, said_otherwise(d, f), false);
        printf(" # %s\n", origin(place, from, sizeof(from)));
    }
}

static void print_lists(struct dump *d)
{
    char from[512];
    for (size_t i = 0; i < d->config->n_lists; i++) {
        printf("%s  %s: {", i == 0 ? "lists:\n" : "", d->config->lists[i].source.slug);
        print_members(d, &d->lists, &d->config->lists[i], 0, false);
        printf(" # %s\n", origin(&d->config->list_places[i], from, sizeof(from)));
    }
}

static void print_hosts(struct dump *d)
{
    char from[512];
    for (size_t i = 0; i < d->config->n_hosts; i++) {
        printf("%s  \"%s\": {", i == 0 ? "hosts:\n" : "", d->config->hosts[i].pattern);
        print_members(d, &d->hosts, &d->config->hosts[i], ALL_ROWS, true);
        printf(" # %s\n", origin(&d->config->host_places[i], from, sizeof(from)));
    }
}

static void print_all(struct dump *d)
{
    printf("# wiredesk " WD_VERSION ", as read from %s\n", d->config->file);
    for (size_t i = 0; i < wd_config_n_rows; i++)
        print_setting(d, i);
    print_hosts(d);
    print_lists(d);
    print_defaults(d);
    print_groups(d);
    print_feeds(d);
}

/* --- for programs ----------------------------------------------------------- */

struct owner {
    const char *what, *name; /* "feed", "harbour-courier" */
};

/* One object a line. */
static void print_json(struct dump *d,
                       const struct owner *of,
                       const wd_config_row *row,
                       const void *base,
                       const wd_config_place *place)
{
    char from[512], key[128];
    wd_json j = wd_json_onto(&d->line);
    if (!read_value(d, row, base))
        return;
    wd_span value = wd_buf_span(&d->value);
    bool written = value.len > 0 && strchr("\"[{", value.ptr[0]) != NULL;
    snprintf(key, sizeof(key), "%s%s%s", row->section, row->section[0] ? "." : "", row->key);
    wd_buf_reset(&d->line);
    wd_json_begin_object(&j);
    if (of != NULL)
        wd_json_put_text(&j, of->what, of->name);
    wd_json_put_text(&j, "key", key);
    wd_json_key(&j, "value");
    if (written) {
        wd_buf_append_span(&d->line, value);
        j.comma = true;
    } else {
        wd_json_string(&j, value);
    }
    wd_json_put_text(&j, "from", origin(place, from, sizeof(from)));
    wd_json_end_object(&j);
    printf("%.*s\n", WD_SPAN_ARG(wd_buf_span(&d->line)));
}

static void print_table_json(struct dump *d,
                             const table *t,
                             const char *name,
                             const void *base,
                             const wd_config_place *place)
{
    const struct owner of = { t->what, name };
    for (size_t k = 0; k < t->n; k++)
        print_json(d, &of, &t->rows[k], base, place);
}

static void print_all_json(struct dump *d)
{
    const wd_config *c = d->config;
    for (size_t i = 0; i < wd_config_n_rows; i++)
        print_json(d, NULL, &wd_config_rows[i], c, &c->places[i]);
    for (size_t i = 0; i < c->n_hosts; i++)
        print_table_json(d, &d->hosts, c->hosts[i].pattern, &c->hosts[i], &c->host_places[i]);
    for (size_t i = 0; i < c->n_lists; i++)
        print_table_json(d, &d->lists, c->lists[i].source.slug, &c->lists[i], &c->list_places[i]);
    for (size_t i = 0; i < c->n_feeds; i++)
        print_table_json(d, &d->feeds, c->feeds[i].slug, &c->feeds[i], &c->feed_places[i]);
}

static int dump(int argc, char **argv)
{
    wd_verb v;
    struct dump d = { .feeds = { "feed", wd_feed_rows, wd_feed_n_rows },
                      .lists = { "list", wd_list_rows, wd_list_n_rows },
                      .hosts = { "host", wd_host_rows, wd_host_n_rows },
                      .value = WD_BUF_INIT(VALUE_BYTES),
                      .line = WD_BUF_INIT(2 * VALUE_BYTES) };
    const wd_option options[] = { { .name = "--redact", .flag = &d.redact }, { .name = NULL } };
    wd_config *config = wd_verb_open(&v, argc, argv, options);
    if (config == NULL)
        return WD_EXIT_USAGE;
    d.config = config;
    if (v.json)
        print_all_json(&d);
    else
        print_all(&d);
    wd_buf_done(&d.value);
    wd_buf_done(&d.line);
    wd_config_free(config);
    return fflush(stdout) == 0 ? WD_EXIT_OK : WD_EXIT_FAILED;
}

static const wd_subcommand rows[] = { { "dump", "config dump", dump } };

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_dump = {
    .name = "config",
    .arguments = "dump [--config FILE] [--redact] [--json]",
    .summary = "show every setting in force, and where it comes from",
    .help = "  --redact  without passwords and queries in addresses: to show to others\n"
            "  --json    one object a line: feed, list or host, key, value, from\n\n"
            "  dump  every setting: what a file says, or the default, and which of them\n\n"
            "The output may be used as a configuration, once *** is what it was: secrets are\n"
            "never shown. Feeds that a fetched list brings are there as comments.\n"
            "Exit status: 0, 2 wrong arguments or configuration.\n",
    .run = run,
};
