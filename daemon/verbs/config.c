/* daemon/verbs/config.c - the verb `config`: what the daemon makes of its files, and where each
 * value comes from. */
#include <inttypes.h>
#include <stdio.h>

#include "core/json.h"
#include "daemon/config/schema.h"
#include "daemon/config/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"
#include "daemon/verbs/verb.h"
#include "daemon/version.h"

#define VALUE_BYTES (64u * 1024u)
#define NOTE_COLUMN 44 /* most values end before it */

struct dump {
    const wd_config *config;
    bool redact;
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

static void print_feed(struct dump *d, size_t i)
{
    char from[512];
    const wd_feed_config *f = &d->config->feeds[i];
    const char *comma = "";
    printf("  %s: {", f->slug);
    for (size_t k = 0; k < wd_feed_n_rows; k++) {
        if (!read_value(d, &wd_feed_rows[k], f) ||
            is_standard(&wd_feed_rows[k], wd_buf_span(&d->value)))
            continue;
        printf("%s %s: %.*s", comma, wd_feed_rows[k].key, WD_SPAN_ARG(wd_buf_span(&d->value)));
        comma = ",";
    }
    printf(" } # %s\n", origin(&d->config->feed_places[i], from, sizeof(from)));
}

static void print_hosts(struct dump *d)
{
    for (size_t i = 0; i < d->config->n_hosts; i++) {
        const char *comma = "";
        printf("%s  \"%s\": {", i == 0 ? "hosts:\n" : "", d->config->hosts[i].pattern);
        for (size_t k = 0; k < wd_host_n_rows; k++, comma = ",")
            if (read_value(d, &wd_host_rows[k], &d->config->hosts[i]))
                printf("%s %s: %.*s", comma, wd_host_rows[k].key,
                       WD_SPAN_ARG(wd_buf_span(&d->value)));
        printf(" }\n");
    }
}

static void print_all(struct dump *d)
{
    printf("# wiredesk " WD_VERSION ", as read from %s\n", d->config->file);
    for (size_t i = 0; i < wd_config_n_rows; i++)
        print_setting(d, i);
    print_hosts(d);
    for (size_t i = 0; i < d->config->n_feeds; i++) {
        if (i == 0)
            printf("feeds:\n");
        print_feed(d, i);
    }
}

/* --- for programs ----------------------------------------------------------- */

/* One object a line. */
static void print_json(struct dump *d,
                       const char *feed,
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
    if (feed != NULL)
        wd_json_put_text(&j, "feed", feed);
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

static void print_all_json(struct dump *d)
{
    const wd_config *c = d->config;
    for (size_t i = 0; i < wd_config_n_rows; i++)
        print_json(d, NULL, &wd_config_rows[i], c, &c->places[i]);
    for (size_t i = 0; i < c->n_feeds; i++)
        for (size_t k = 0; k < wd_feed_n_rows; k++)
            print_json(d, c->feeds[i].slug, &wd_feed_rows[k], &c->feeds[i], &c->feed_places[i]);
}

static int dump(int argc, char **argv)
{
    wd_verb v;
    struct dump d = { .value = WD_BUF_INIT(VALUE_BYTES), .line = WD_BUF_INIT(2 * VALUE_BYTES) };
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
            "  --json    one object a line: feed, key, value, from\n\n"
            "  dump  every setting: what a file says, or the default, and which of them\n\n"
            "The output may be used as a configuration, once *** is what it was: secrets are\n"
            "never shown. Exit status: 0, 2 wrong arguments or configuration.\n",
    .run = run,
};
