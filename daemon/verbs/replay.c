/*
 * daemon/verbs/replay.c - the verb `replay`: events of the past onto a stream of their own.
 *
 * They keep their ids, so a stream takes each once, however often this is run, and a reader
 * knows them.  First comes what the lane's stream in Redis has, then what only the outbox
 * keeps; the lane's stream itself is never written to.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/progress_line.h"
#include "daemon/verbs/redis_address.h"
#include "daemon/verbs/verb.h"
#include "parsers/date.h"
#include "queue/outbox.h"
#include "queue/redis.h"

#define PAGE         100u /* events under way at a time */
#define PAGE_TEXT    "100"
#define PAGE_BYTES   ((size_t)8 << 20)
#define ANSWER_MS    10000
#define ID_BYTES     48u
#define RESULT_BYTES 4096u

struct replay;

typedef struct copy {
    wd_redis_call call;
    struct replay *replay;
} copy;

typedef struct replay {
    wd_verb verb;
    wd_progress_line progress;
    uv_loop_t loop;
    wd_redis *redis;
    wd_redis_url url;
    wd_ledger *ledger;
    wd_lane lane;
    const char *from;
    char to[256];
    int64_t since_ms, now_ms, at_ms; /* at_ms: of the newest event taken */
    char last[ID_BYTES];             /* of the last entry taken from the stream */
    uint64_t last_seq;
    bool from_outbox; /* the second half */
    copy copies[PAGE];
    unsigned under_way, taken;
    bool page_full;
    uint64_t copied, there;
    wd_redis_call read;
    int exit_code;
    bool ending;
} replay;

/* --- ending ------------------------------------------------------------------- */

static void end(replay *r, int exit_code, const char *why)
{
    if (r->ending)
        return;
    r->ending = true;
    r->exit_code = exit_code;
    wd_progress_line_end(&r->progress);
    if (why != NULL)
        wd_verb_fail(&r->verb, NULL, "%s", why);
    wd_redis_close(&r->redis);
}

/* As far as the ids of its events have come from the beginning to now. */
static void tell(replay *r)
{
    double all = (double)(r->now_ms - r->since_ms);
    wd_progress_at(&r->progress.progress, r->copied + r->there,
                   all > 0 ? (double)(r->at_ms - r->since_ms) / all : -1);
}

/* --- writing --------------------------------------------------------------------- */

static void next_page(replay *r);

static void added(wd_redis_call *call, const wd_redis_reply *reply)
{
    replay *r = wd_owner(call, copy, call)->replay;
    wd_span text = wd_redis_reply_text(reply);
    r->under_way--;
    if (reply == NULL || r->ending)
        return;
    if (wd_redis_reply_type(reply) != WD_REDIS_ERROR) {
        r->copied++;
    } else if (wd_span_find_nocase(text, "equal or smaller") < text.len) {
        r->there++;
    } else {
        char why[200];
        snprintf(why, sizeof(why), "%.*s", (int)(text.len < 190 ? text.len : 190), text.ptr);
        end(r, WD_EXIT_FAILED, why);
        return;
    }
    tell(r);
    if (r->under_way == 0)
        next_page(r);
}

/* XADD to id fields...; values are copied by the connection. */
static void add(replay *r, const char *id, const wd_span *fields, size_t n)
{
    wd_span argv[16] = { WD_SPAN_LIT("XADD"), wd_span_of(r->to), wd_span_of(id) };
    copy *c = &r->copies[r->taken];
    if (r->ending || r->taken == PAGE || n > WD_COUNT(argv) - 3)
        return;
    memcpy(argv + 3, fields, n * sizeof(*fields));
    *c = (copy){ .call = { added }, .replay = r };
    r->taken++;
    if (wd_redis_command(r->redis, 3 + n, argv, &c->call) == WD_OK)
        r->under_way++;
}

/* --- from the outbox ---------------------------------------------------------------- */

static void take_row(void *ctx, const wd_outbox_row *row)
{
    replay *r = ctx;
    char id[ID_BYTES];
    const wd_span fields[] = { WD_SPAN_LIT("t"), wd_span_of(row->type),     WD_SPAN_LIT("k"),
                               row->cluster,     WD_SPAN_LIT("f"),          row->feed,
                               WD_SPAN_LIT("l"), wd_span_of(row->language), WD_SPAN_LIT("v"),
                               WD_SPAN_LIT("1"), WD_SPAN_LIT("j"),          row->body };
    r->page_full = true;
    r->last_seq = row->slot.seq;
    if (row->slot.ms < r->since_ms)
        return;
    r->at_ms = row->slot.ms;
    snprintf(id, sizeof(id), "%" PRId64 "-%" PRIu64, row->slot.ms, row->slot.seq);
    add(r, id, fields, WD_COUNT(fields));
}

static void page_of_outbox(replay *r)
{
    do {
        wd_outbox_range range = { .lane = r->lane,
                                  .after_seq = r->last_seq,
                                  .max_rows = PAGE,
                                  .max_bytes = PAGE_BYTES,
                                  .acked_too = true };
        r->page_full = false;
        if (wd_ledger_each_event(r->ledger, &range, take_row, r) != WD_OK) {
            end(r, WD_EXIT_FAILED, "the ledger could not be read");
            return;
        }
    } while (r->page_full && r->taken == 0 && !r->ending); /* all of it was too old */
    if (r->taken == 0)
        end(r, WD_EXIT_OK, NULL);
}

/* --- from the stream ------------------------------------------------------------------- */

static void take_entry(replay *r, const wd_redis_reply *entry)
{
    wd_span fields[12];
    wd_span id = wd_redis_reply_text(wd_redis_reply_at(entry, 0));
    const wd_redis_reply *values = wd_redis_reply_at(entry, 1);
    size_t n = wd_redis_reply_count(values);
    unsigned long long seq = 0;
    wd_span rest = id, first = wd_span_cut(&rest, '-');
    unsigned long long ms = 0;
    if (!wd_span_u64(first, &ms) || !wd_span_u64(rest, &seq) || n > WD_COUNT(fields))
        return; /* not ours */
    r->at_ms = (int64_t)ms;
    for (size_t i = 0; i < n; i++)
        fields[i] = wd_redis_reply_text(wd_redis_reply_at(values, i));
    snprintf(r->last, sizeof(r->last), "%.*s", WD_SPAN_ARG(id));
    r->last_seq = seq;
    add(r, r->last, fields, n);
}

static void on_entries(wd_redis_call *call, const wd_redis_reply *reply)
{
    replay *r = wd_owner(call, replay, read);
    if (reply == NULL || r->ending)
        return;
    if (wd_redis_reply_type(reply) == WD_REDIS_ERROR) {
        end(r, WD_EXIT_FAILED, wd_redis_reply_text(reply).ptr);
        return;
    }
    for (size_t i = 0; i < wd_redis_reply_count(reply); i++)
        take_entry(r, wd_redis_reply_at(reply, i));
    if (r->taken > 0)
        return;
    r->from_outbox = true;
    next_page(r);
}

static void page_of_stream(replay *r)
{
    char first[ID_BYTES + 1];
    if (r->last[0] != '\0')
        snprintf(first, sizeof(first), "(%s", r->last);
    else
        snprintf(first, sizeof(first), "%" PRId64, r->since_ms > 0 ? r->since_ms : 0);
    wd_span argv[] = { WD_SPAN_LIT("XRANGE"), wd_span_of(r->from),  wd_span_of(first),
                       WD_SPAN_LIT("+"),      WD_SPAN_LIT("COUNT"), WD_SPAN_LIT(PAGE_TEXT) };
    r->read.done = on_entries;
    if (wd_redis_command(r->redis, WD_COUNT(argv), argv, &r->read) != WD_OK)
        end(r, WD_EXIT_FAILED, "the connection to Redis was lost");
}

static void next_page(replay *r)
{
    r->taken = 0;
    if (r->from_outbox)
        page_of_outbox(r);
    else
        page_of_stream(r);
}

/* --- the connection --------------------------------------------------------------------- */

static void on_up(void *ctx)
{
    next_page(ctx);
}

static void on_down(void *ctx, wd_status s, const char *why)
{
    (void)s;
    end(ctx, WD_EXIT_FAILED, why);
}

static void on_closed(void *ctx)
{
    (void)ctx;
}

static int copy_all(replay *r)
{
    wd_redis_spec spec = { .loop = &r->loop,
                           .url = &r->url,
                           .answer_ms = ANSWER_MS,
                           .up = on_up,
                           .down = on_down,
                           .closed = on_closed,
                           .ctx = r };
    if (uv_loop_init(&r->loop) != 0)
        return WD_EXIT_FAILED;
    if (wd_redis_open(&r->redis, &spec) != WD_OK)
        r->exit_code = WD_EXIT_FAILED;
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    wd_progress_line_end(&r->progress);
    return r->exit_code;
}

/* --- what was asked for ------------------------------------------------------------------ */

typedef struct arguments {
    const char *since, *to;
    bool copies, dry_run;
} arguments;

/* "2h" ago, or a time as feeds and people write it. */
static bool read_since(const char *text, int64_t now_ms, int64_t *out)
{
    int64_t age;
    if (wd_duration_parse(wd_span_of(text), &age))
        *out = now_ms - age;
    else if (!wd_date_parse(wd_span_of(text), out))
        return false;
    return true;
}

/* Plainly, before anything is done. */
static void say_plan(const replay *r)
{
    char where[WD_REDIS_SHOW_BYTES], since[WD_TIME_TEXT_BYTES];
    printf("copies the events of %s since %s to the stream %s on %s, under their own ids; what "
           "that stream has already is left out; %s itself is not touched\n",
           r->from, wd_time_text(r->since_ms, 0, since), r->to, wd_redis_url_show(&r->url, where),
           r->from);
    fflush(stdout);
}

/* One object, at the end. */
static void put_json(const replay *r, bool dry_run)
{
    char where[WD_REDIS_SHOW_BYTES];
    wd_buf line = WD_BUF_INIT(RESULT_BYTES);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_key(&j, "ok");
    wd_json_bool(&j, true);
    wd_json_put_text(&j, "from", r->from);
    wd_json_put_time_opt(&j, "since", r->since_ms, false);
    wd_json_put_text(&j, "to", r->to);
    wd_json_put_text(&j, "redis", wd_redis_url_show(&r->url, where));
    wd_json_key(&j, "dry_run");
    wd_json_bool(&j, dry_run);
    wd_json_put_int(&j, "copied", (int64_t)r->copied);
    wd_json_put_int(&j, "there", (int64_t)r->there);
    wd_json_end_object(&j);
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

static int replay_all(replay *r, bool dry_run)
{
    if (!r->verb.json)
        say_plan(r);
    if (!dry_run) {
        wd_progress_line_begin(&r->progress, r->verb.name, "events");
        r->exit_code = copy_all(r);
    }
    if (r->verb.json && r->exit_code == WD_EXIT_OK)
        put_json(r, dry_run);
    else if (!r->verb.json && !dry_run)
        printf("%s: %" PRIu64 " copied, %" PRIu64 " were there already\n",
               r->exit_code == WD_EXIT_OK ? "done" : "so far", r->copied, r->there);
    return r->exit_code;
}

static int usage(const replay *r, const char *what)
{
    wd_verb_fail(&r->verb, NULL, "%s; see wiredesk replay --help", what);
    return WD_EXIT_USAGE;
}

static int set_up(replay *r, const arguments *args, const wd_config *c)
{
    wd_error err = { .status = WD_OK };
    r->lane = args->copies ? WD_LANE_COPIES : WD_LANE_ITEMS;
    r->from = args->copies ? c->redis.copies_stream : c->redis.stream;
    if (args->to != NULL)
        snprintf(r->to, sizeof(r->to), "%s", args->to);
    else
        snprintf(r->to, sizeof(r->to), "%.240s:replay", r->from);
    if (strcmp(r->to, c->redis.stream) == 0 || strcmp(r->to, c->redis.copies_stream) == 0)
        return usage(r, "--to names a stream of wiredesk's own, which has these events already");
    if (wd_redis_address(c, &r->url, &err) != WD_OK)
        return usage(r, err.text);
    if (r->url.kind == WD_REDIS_SENTINEL || r->url.kind == WD_REDIS_CLUSTER)
        return usage(r, "it needs one server: give a configuration with redis:// or unix://");
    if (wd_ledger_open_read(&r->ledger, c->state, &err) != WD_OK) {
        wd_verb_fail(&r->verb, NULL, "%s", err.text);
        return WD_EXIT_FAILED;
    }
    return WD_EXIT_OK;
}

static int run(int argc, char **argv)
{
    arguments args = { 0 };
    const wd_option options[] = { { .name = "--since", .value = &args.since },
                                  { .name = "--to", .value = &args.to },
                                  { .name = "--copies", .flag = &args.copies },
                                  { .name = "--dry-run", .flag = &args.dry_run },
                                  { .name = NULL } };
    replay *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_EXIT_FAILED;
    wd_config *config = NULL;
    int code = WD_EXIT_USAGE;
    r->now_ms = wd_wall_ms(wd_clock_system());
    if (!wd_verb_begin(&r->verb, argc, argv, options, NULL))
        ; /* said */
    else if (args.since == NULL || !read_since(args.since, r->now_ms, &r->since_ms))
        code = usage(r, "--since takes an age (2h) or a time (2026-03-10T09:00:00Z)");
    else if ((config = wd_verb_config(&r->verb)) != NULL)
        code = set_up(r, &args, config);
    if (code == WD_EXIT_OK)
        code = replay_all(r, args.dry_run);
    wd_ledger_close(&r->ledger);
    wd_config_free(config);
    free(r);
    return code;
}

const wd_command wd_command_replay = {
    .name = "replay",
    .arguments = "--since TIME [--to STREAM] [--copies] [--dry-run] [--config FILE] [--json]",
    .summary = "copy the events of a time to a stream of their own, once",
    .help =
        "  --since TIME   an age (2h, 3d) or a time (2026-03-10T09:00:00Z)\n"
        "  --to STREAM    where to (default: the stream's name with :replay)\n"
        "  --copies       the stream of copies instead of the stories\n"
        "  --dry-run      only say what would be done\n"
        "  --config FILE  as with run\n"
        "  --json         the outcome as one object\n\n"
        "Takes what the stream in Redis has, then what only the outbox keeps. Events keep their\n"
        "ids: run again, or after it was interrupted, it goes on where it was. An event older\n"
        "than the newest one there counts as being there. The daemon may run meanwhile; its own\n"
        "streams are not touched. Exit status: 0, 1 Redis or the ledger failed, 2 wrong\n"
        "arguments or configuration.\n",
    .run = run,
};
