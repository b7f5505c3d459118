/*
 * daemon/verbs/tail.c - the verb `tail`: a subscriber that one can read over the shoulder.
 *
 * It follows as docs/consuming.md tells others to: XREAD from the last id seen, never from
 * `$`, which skips what came while nobody was waiting.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "core/clock.h"
#include "core/limits.h"
#include "core/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/redis_address.h"
#include "daemon/verbs/tail_view.h"
#include "daemon/verbs/verb.h"
#include "queue/redis.h"
#include "queue/redis_reason.h"

#define LAST_SHOWN 10  /* entries that were there before, as tail(1) does */
#define READ_MAX   200 /* in one answer */
#define RETRY_MS   500
#define ID_BYTES   48u

enum { ITEMS, COPIES, STREAMS };

typedef struct tail {
    uv_loop_t loop;
    uv_signal_t interrupt, terminate;
    uv_timer_t retry;
    wd_redis *redis;
    wd_redis_call call;
    wd_redis_url url;
    char stream[STREAMS][256];
    char last[STREAMS][ID_BYTES]; /* id of the last entry seen; "" before the first look */
    size_t n_streams, looking_back;
    wd_tail_view *view;
    wd_buf line;
    const wd_verb *verb;
    bool complained, ending;
    bool embedded;  /* the daemon's own Redis */
    long long left; /* entries still to show; -1: no end */
    int exit_code;
} tail;

static void connect_to(tail *t);

/* --- ending -------------------------------------------------------------------------- */

static void end(tail *t, int exit_code)
{
    if (t->ending)
        return;
    t->ending = true;
    t->exit_code = exit_code;
    wd_redis_close(&t->redis);
    uv_close((uv_handle_t *)&t->interrupt, NULL);
    uv_close((uv_handle_t *)&t->terminate, NULL);
    uv_close((uv_handle_t *)&t->retry, NULL);
}

static void on_interrupt(uv_signal_t *signal, int number)
{
    (void)number;
    end(signal->data, WD_EXIT_OK);
}

static void complain(tail *t, const char *why)
{
    char where[WD_REDIS_SHOW_BYTES];
    if (t->complained)
        return;
    t->complained = true;
    fprintf(stderr, "wiredesk tail: waiting for %s: %s%s\n", wd_redis_url_show(&t->url, where), why,
            t->embedded ? " (the embedded Redis comes with the daemon: wiredesk run)"
                        : wd_redis_hint(why));
}

/* --- showing ---------------------------------------------------------------------------- */

static wd_span field(const wd_redis_reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < wd_redis_reply_count(fields); i += 2)
        if (wd_span_is(wd_redis_reply_text(wd_redis_reply_at(fields, i)), name))
            return wd_redis_reply_text(wd_redis_reply_at(fields, i + 1));
    return WD_SPAN_NONE;
}

static void show(tail *t, size_t stream, const wd_redis_reply *entry)
{
    wd_span id = wd_redis_reply_text(wd_redis_reply_at(entry, 0));
    wd_span event = field(wd_redis_reply_at(entry, 1), "j");
    if (id.len == 0 || t->left == 0)
        return;
    snprintf(t->last[stream], ID_BYTES, "%.*s", WD_SPAN_ARG(id));
    wd_buf_reset(&t->line);
    if (t->verb->json) {
        wd_buf_append_span(&t->line, event);
        wd_buf_append_char(&t->line, '\n');
    } else {
        wd_tail_view_show(t->view, event, &t->line);
    }
    if (t->left > 0)
        t->left--;
    if (fwrite(t->line.ptr, 1, t->line.len, stdout) != t->line.len)
        end(t, WD_EXIT_OK); /* whoever read us has gone */
}

static bool shown_enough(tail *t)
{
    bool gone = fflush(stdout) != 0;
    if (t->left == 0 || gone)
        end(t, WD_EXIT_OK);
    return t->ending;
}

/* --- asking --------------------------------------------------------------------------------- */

static void ask(tail *t,
                size_t argc,
                const wd_span *argv,
                void (*done)(wd_redis_call *, const wd_redis_reply *))
{
    t->call.done = done;
    wd_status s = wd_redis_command(t->redis, argc, argv, &t->call);
    (void)s; /* the connection is going down: on_down follows */
}

/* True when there is an answer to read. */
static bool answered(tail *t, const wd_redis_reply *reply)
{
    if (reply == NULL || t->ending)
        return false;
    if (wd_redis_reply_type(reply) != WD_REDIS_ERROR)
        return true;
    wd_span error = wd_redis_reply_text(reply);
    if (wd_redis_reason_remedy(wd_redis_reason_of(error)) == WD_REDIS_OPERATOR) {
        wd_verb_fail(t->verb, NULL, "%.*s", WD_SPAN_ARG(error));
        end(t, WD_EXIT_FAILED);
        return false;
    }
    complain(t, error.ptr); /* hiredis ends it with a NUL */
    wd_redis_close(&t->redis);
    return false; /* on_closed connects again */
}

static void follow(tail *t);

static void on_entries(wd_redis_call *call, const wd_redis_reply *reply)
{
    tail *t = wd_owner(call, tail, call);
    if (!answered(t, reply))
        return;
    for (size_t i = 0; i < wd_redis_reply_count(reply); i++) {
        const wd_redis_reply *pair = wd_redis_reply_at(reply, i);
        const wd_redis_reply *entries = wd_redis_reply_at(pair, 1);
        wd_span name = wd_redis_reply_text(wd_redis_reply_at(pair, 0));
        size_t stream = wd_span_is(name, t->stream[COPIES]) ? COPIES : ITEMS;
        for (size_t at = 0; at < wd_redis_reply_count(entries); at++)
            show(t, stream, wd_redis_reply_at(entries, at));
    }
    if (!shown_enough(t))
        follow(t);
}

static void follow(tail *t)
{
    char count[16];
    snprintf(count, sizeof(count), "%d", READ_MAX);
    wd_span argv[6 + 2 * STREAMS] = { WD_SPAN_LIT("XREAD"), WD_SPAN_LIT("COUNT"),
                                      wd_span_of(count),    WD_SPAN_LIT("BLOCK"),
                                      WD_SPAN_LIT("0"),     WD_SPAN_LIT("STREAMS") };
    for (size_t i = 0; i < t->n_streams; i++) {
        argv[6 + i] = wd_span_of(t->stream[i]);
        argv[6 + t->n_streams + i] = wd_span_of(t->last[i]);
    }
    ask(t, 6 + 2 * t->n_streams, argv, on_entries);
}

static void look_back(tail *t);

static void on_last(wd_redis_call *call, const wd_redis_reply *reply)
{
    tail *t = wd_owner(call, tail, call);
    if (!answered(t, reply))
        return;
    size_t stream = t->looking_back;
    snprintf(t->last[stream], ID_BYTES, "0-0"); /* an empty stream: from its beginning */
    for (size_t i = wd_redis_reply_count(reply); i > 0; i--)
        show(t, stream, wd_redis_reply_at(reply, i - 1));
    if (!shown_enough(t))
        look_back(t);
}

/* The last few of each stream, then what comes. */
static void look_back(tail *t)
{
    char count[16];
    snprintf(count, sizeof(count), "%d",
             t->left > 0 && t->left < LAST_SHOWN ? (int)t->left : LAST_SHOWN);
    for (size_t i = 0; i < t->n_streams; i++) {
        if (t->last[i][0] != '\0')
            continue;
        t->looking_back = i;
        wd_span argv[] = { WD_SPAN_LIT("XREVRANGE"), wd_span_of(t->stream[i]), WD_SPAN_LIT("+"),
                           WD_SPAN_LIT("-"),         WD_SPAN_LIT("COUNT"),     wd_span_of(count) };
        ask(t, WD_COUNT(argv), argv, on_last);
        return;
    }
    follow(t);
}

/* --- the connection ------------------------------------------------------------------------------
 */

static void on_up(void *ctx)
{
    tail *t = ctx;
    t->complained = false;
    look_back(t);
}

static void on_down(void *ctx, wd_status s, const char *why)
{
    tail *t = ctx;
    wd_redis_reason reason = wd_redis_reason_of(wd_span_of(why));
    if (s == WD_DENIED && wd_redis_reason_remedy(reason) == WD_REDIS_OPERATOR) {
        wd_verb_fail(t->verb, NULL, "%s", why);
        end(t, WD_EXIT_FAILED);
        return;
    }
    complain(t, why);
    wd_redis_close(&t->redis);
}

static void on_retry(uv_timer_t *timer)
{
    connect_to(wd_owner(timer, tail, retry));
}

static void on_closed(void *ctx)
{
    tail *t = ctx;
    if (!t->ending)
        uv_timer_start(&t->retry, on_retry, RETRY_MS, 0);
}

static void connect_to(tail *t)
{
    wd_redis_spec spec = { .loop = &t->loop,
                           .url = &t->url,
                           .up = on_up,
                           .down = on_down,
                           .closed = on_closed,
                           .ctx = t };
    if (wd_redis_open(&t->redis, &spec) != WD_OK)
        end(t, WD_EXIT_FAILED);
}

static int run_loop(tail *t)
{
    if (uv_loop_init(&t->loop) != 0)
        return WD_EXIT_FAILED;
    uv_signal_init(&t->loop, &t->interrupt);
    uv_signal_init(&t->loop, &t->terminate);
    uv_timer_init(&t->loop, &t->retry);
    t->interrupt.data = t->terminate.data = t;
    uv_signal_start(&t->interrupt, on_interrupt, SIGINT);
    uv_signal_start(&t->terminate, on_interrupt, SIGTERM);
    connect_to(t);
    uv_run(&t->loop, UV_RUN_DEFAULT);
    uv_loop_close(&t->loop);
    return t->exit_code;
}

/* --- what was asked for
 * ------------------------------------------------------------------------------ */

typedef struct arguments {
    wd_verb verb;
    const char *url, *since, *count;
    bool copies;
} arguments;

static bool usage(const tail *t, const char *what, const char *value)
{
    wd_verb_fail(t->verb, NULL, "%s '%s'; see wiredesk tail --help", what, value);
    return false;
}

/* An id as the events carry it, "<ms>-<seq>" or "<ms>", or an age such as 10m. */
static bool set_since(tail *t, const char *since)
{
    unsigned long long ms, seq;
    int64_t age;
    wd_span rest = wd_span_of(since);
    wd_span first = wd_span_cut(&rest, '-');
    char id[ID_BYTES];
    if (wd_span_u64(first, &ms) && (rest.ptr == NULL || wd_span_u64(rest, &seq)))
        snprintf(id, sizeof(id), "%.40s", since);
    else if (wd_duration_parse(wd_span_of(since), &age))
        snprintf(id, sizeof(id), "%" PRId64, wd_wall_ms(wd_clock_system()) - age);
    else
        return usage(t, "--since takes an id or an age, not", since);
    for (size_t i = 0; i < STREAMS; i++)
        snprintf(t->last[i], ID_BYTES, "%s", id);
    return true;
}

static bool set_count(tail *t, const char *count)
{
    unsigned long long n;
    if (!wd_span_u64(wd_span_of(count), &n) || n == 0 || n > INT64_MAX)
        return usage(t, "--count takes a number from 1, not", count);
    t->left = (long long)n;
    return true;
}

static bool set_address(tail *t, const char *url)
{
    wd_error err;
    if (wd_redis_url_parse(wd_span_of(url), &t->url, &err) == WD_OK)
        return true;
    wd_verb_fail(t->verb, NULL, "%s", err.text);
    return false;
}

static bool set_from_config(tail *t, const arguments *args)
{
    wd_config *c = wd_verb_config(&args->verb);
    if (c == NULL)
        return false;
    const wd_config_redis *r = &c->redis;
    snprintf(t->stream[ITEMS], sizeof(t->stream[ITEMS]), "%s", r->stream);
    snprintf(t->stream[COPIES], sizeof(t->stream[COPIES]), "%s", r->copies_stream);
    wd_error err = { .status = WD_OK };
    t->embedded = args->url == NULL && strcmp(r->url, "embedded") == 0;
    bool fine = args->url != NULL || wd_redis_address(c, &t->url, &err) == WD_OK;
    if (!fine)
        wd_verb_fail(t->verb, NULL, "%s", err.text);
    wd_config_free(c);
    return fine;
}

static bool set_up(tail *t, const arguments *args)
{
    wd_tail_style style = { .colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
                            .why = args->copies };
    snprintf(t->stream[ITEMS], sizeof(t->stream[ITEMS]), "wiredesk:items");
    snprintf(t->stream[COPIES], sizeof(t->stream[COPIES]), "wiredesk:copies");
    t->left = -1;
    t->verb = &args->verb;
    t->n_streams = args->copies ? STREAMS : 1;
    t->line = WD_BUF_INIT(2 * WD_EVENT_BYTES);
    if ((args->since != NULL && !set_since(t, args->since)) ||
        (args->count != NULL && !set_count(t, args->count)))
        return false;
    if ((args->url == NULL || args->verb.file != NULL) && !set_from_config(t, args))
        return false;
    if (args->url != NULL && !set_address(t, args->url))
        return false;
    t->view = wd_tail_view_new(&style);
    return t->view != NULL;
}

static int run(int argc, char **argv)
{
    arguments args = { .url = getenv("WIREDESK_REDIS_URL") };
    const wd_option options[] = { { .name = "--url", .value = &args.url },
                                  { .name = "--since", .value = &args.since },
                                  { .name = "--count", .value = &args.count },
                                  { .name = "--copies", .flag = &args.copies },
                                  { .name = NULL } };
    if (!wd_verb_begin(&args.verb, argc, argv, options, NULL))
        return WD_EXIT_USAGE;
    tail *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return WD_EXIT_FAILED;
    int code = set_up(t, &args) ? run_loop(t) : WD_EXIT_USAGE;
    wd_tail_view_free(t->view);
    wd_buf_done(&t->line);
    free(t);
    return code;
}

const wd_command wd_command_tail = {
    .name = "tail",
    .arguments = "[--config FILE | --url URL] [--copies] [--json] [--since ID|AGE] [--count N]",
    .summary = "show what a subscriber sees, as it comes",
    .help = "  --config FILE  where Redis is (default: the daemon's own configuration)\n"
            "  --url URL      or so: redis://host:6379/0, unix:///path; also WIREDESK_REDIS_URL\n"
            "  --copies       the copies too: whose copy each is, and why\n"
            "  --json         the events themselves, one a line\n"
            "  --since ID     from that stream id on, or an age: 10m, 2h (default: the last 10)\n"
            "  --count N      end after N events\n\n"
            "Follows the stream until Ctrl-C, from the last id seen: nothing is skipped when the\n"
            "connection breaks. Exit status: 0 ended by you or by --count, 1 Redis refuses us, 2\n"
            "wrong arguments or configuration.\n",
    .run = run,
};
