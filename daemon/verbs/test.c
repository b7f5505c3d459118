/* daemon/verbs/test.c - the verb `test`: one poll to look at, of a feed or of any address. */
#include <stdio.h>
#include <string.h>

#include "core/limits.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/discovery.h"
#include "daemon/verbs/feed_book.h"
#include "daemon/verbs/trial.h"
#include "feeds/registry.h"
#include "feeds/subscriptions.h"

/* A document of 10,000 items with their ids and links. */
#define OUTPUT_BYTES ((size_t)64 << 20)

struct question {
    wd_verb verb;
    const char *which;
    bool fresh;
};

/* What was kept belongs to the URL it came from; an old answer is not believed (rule 10). */
static void take_validators(wd_trial_spec *spec, const wd_poller_feed *f)
{
    if (f->state->url_hash != wd_registry_url_hash(f->config->url))
        return;
    spec->etag = f->etag;
    spec->last_modified = f->last_modified;
}

static int report(const struct question *q, const wd_trial_spec *spec)
{
    wd_trial *t;
    wd_buf out = WD_BUF_INIT(OUTPUT_BYTES);
    if (!wd_trial_make(&t, spec)) {
        wd_verb_fail(&q->verb, NULL, "out of memory");
        return WD_EXIT_FAILED;
    }
    if (q->verb.json)
        wd_trial_write_json(t, &out);
    else
        wd_trial_write(t, &out);
    fwrite(wd_buf_span(&out).ptr, 1, out.len, stdout);
    bool ok = wd_buf_status(&out) == WD_OK && fflush(stdout) == 0 && wd_trial_worked(t);
    wd_buf_done(&out);
    wd_trial_free(t);
    return ok ? WD_EXIT_OK : WD_EXIT_FAILED;
}

static int test_address(const struct question *q, const char *url)
{
    wd_config *config = wd_verb_config_or_none(&q->verb);
    if (config == NULL)
        return WD_EXIT_USAGE;
    const wd_feed_config feed = { .slug = "test", .url = url, .group = "", .weight = 1 };
    int code = report(q, &(wd_trial_spec){ .config = config, .feed = &feed });
    wd_config_free(config);
    return code;
}

/* `url`: what it means if no feed has that name, or NULL. */
static int test_feed(const struct question *q, const char *url)
{
    wd_feed_book book;
    wd_error ignored;
    int code;
    if (!wd_feed_book_open(&book, &q->verb, &code))
        return code;
    const wd_poller_feed *f = wd_feed_book_find(&book, q->which);
    if (f == NULL && url != NULL) {
        code = test_address(q, url);
    } else if (f == NULL) {
        wd_verb_fail(&q->verb, book.config->file,
                     "there is no feed '%s', and it is no http or https address", q->which);
        code = WD_EXIT_USAGE;
    } else {
        wd_trial_spec spec = { .config = book.config, .feed = f->config, .state = f->state };
        if (!q->fresh)
            take_validators(&spec, f);
        if (wd_ledger_open_read(&spec.ledger, book.config->state, &ignored) != WD_OK)
            spec.ledger = NULL; /* it never ran */
        code = report(q, &spec);
        wd_ledger_close(&spec.ledger);
    }
    wd_feed_book_close(&book);
    return code;
}

static int run(int argc, char **argv)
{
    struct question q = { .fresh = false };
    int rest;
    const wd_option options[] = { { .name = "--fresh", .flag = &q.fresh }, { .name = NULL } };
    if (!wd_verb_begin(&q.verb, argc, argv, options, &rest))
        return WD_EXIT_USAGE;
    if (argc - rest != 1) {
        wd_verb_fail(&q.verb, NULL, "give one feed's name, or one address");
        return WD_EXIT_USAGE;
    }
    char room[WD_URL_BYTES];
    q.which = argv[rest];
    const char *url = wd_discovery_address(q.which, room);
    if (wd_subscription_slug_valid(wd_span_of(q.which))) /* "news.example" may be a feed's name */
        return test_feed(&q, strchr(q.which, '.') != NULL ? url : NULL);
    if (url != NULL)
        return test_address(&q, url);
    wd_verb_fail(&q.verb, NULL, "'%s' is neither a feed's name nor an http or https address",
                 q.which);
    return WD_EXIT_USAGE;
}

const wd_command wd_command_test = {
    .name = "test",
    .arguments = "[--config FILE] [--fresh] [--json] FEED|URL",
    .summary = "ask one feed once and show everything: answers, items, next poll and why",
    .help = "One request as the daemon would make it: a configured feed's with its validators and\n"
            "settings, with --fresh without validators.  Shows every hop with its header lines,\n"
            "the validators, what the parser made of the document, which items are new to the\n"
            "ledger, and when the next poll would be and why.  Nothing is stored or handed on.\n"
            "An address needs no configuration.\n\n"
            "Exit status: 0 it works, 1 it does not, 2 wrong arguments or configuration.\n",
    .run = run,
};
