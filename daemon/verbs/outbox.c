/* daemon/verbs/outbox.c - the verb `outbox`: what waits for Redis, read beside the daemon. */
#include "queue/outbox.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"
#include "daemon/verbs/table.h"
#include "daemon/verbs/verb.h"

#define ANSWER_BYTES 4096u

typedef struct outbox_view {
    wd_outbox_stat lane[WD_LANE_COUNT];
    uint64_t generation, limit;
    int64_t now_ms;
    const char *stream[WD_LANE_COUNT];
} outbox_view;

static void add_number(wd_table *t, uint64_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, n);
    wd_table_add(t, text);
}

static void add_size(wd_table *t, uint64_t bytes)
{
    char text[32];
    if (bytes < 10240)
        snprintf(text, sizeof(text), "%" PRIu64 " B", bytes);
    else if (bytes < (uint64_t)10 << 20)
        snprintf(text, sizeof(text), "%" PRIu64 " KiB", bytes >> 10);
    else
        snprintf(text, sizeof(text), "%" PRIu64 " MiB", bytes >> 20);
    wd_table_add(t, text);
}

static bool print_table(const outbox_view *v)
{
    static const char *const heads[] = { "STREAM", "WAITING", "BYTES", "OLDEST",
                                         "LAST",   "ACKED",   "KEPT",  "BYTES" };
    char age[WD_TIME_TEXT_BYTES];
    wd_table t;
    wd_table_init(&t, heads, WD_COUNT(heads));
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        const wd_outbox_stat *s = &v->lane[i];
        wd_table_add(&t, v->stream[i]);
        add_number(&t, s->waiting);
        add_size(&t, s->waiting_bytes);
        wd_table_add(&t, s->waiting > 0 ? wd_duration_text(v->now_ms - s->oldest_waiting_ms, age)
                                        : "-");
        add_number(&t, s->next_seq - 1);
        add_number(&t, s->acked_seq);
        add_number(&t, s->kept);
        add_size(&t, s->kept_bytes);
    }
    bool fine = wd_table_print(&t, stdout);
    wd_table_done(&t);
    return fine;
}

static void put_lane(wd_json *j, const outbox_view *v, int i)
{
    const wd_outbox_stat *s = &v->lane[i];
    wd_json_begin_object(j);
    wd_json_put_text(j, "lane", wd_lane_text((wd_lane)i));
    wd_json_put_text(j, "stream", v->stream[i]);
    wd_json_put_int(j, "last", (int64_t)s->next_seq - 1);
    wd_json_put_int(j, "acked", (int64_t)s->acked_seq);
    wd_json_put_int(j, "first_kept", (int64_t)s->first_kept_seq);
    wd_json_put_int(j, "waiting", (int64_t)s->waiting);
    wd_json_put_int(j, "waiting_bytes", (int64_t)s->waiting_bytes);
    if (s->waiting > 0)
        wd_json_put_time_opt(j, "oldest_waiting", s->oldest_waiting_ms, true);
    wd_json_put_int(j, "kept", (int64_t)s->kept);
    wd_json_put_int(j, "kept_bytes", (int64_t)s->kept_bytes);
    wd_json_end_object(j);
}

static bool print_json(const outbox_view *v)
{
    char generation[20];
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    wd_json j = wd_json_onto(&out);
    snprintf(generation, sizeof(generation), "%016" PRIx64, v->generation);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "generation", generation);
    wd_json_put_int(&j, "limit_bytes", (int64_t)v->limit);
    wd_json_key(&j, "lanes");
    wd_json_begin_array(&j);
    for (int i = 0; i < WD_LANE_COUNT; i++)
        put_lane(&j, v, i);
    wd_json_end_array(&j);
    wd_json_end_object(&j);
    wd_buf_append_char(&out, '\n');
    bool fine = wd_buf_status(&out) == WD_OK && fwrite(out.ptr, 1, out.len, stdout) == out.len;
    wd_buf_done(&out);
    return fine;
}

static wd_status look(const wd_config *c, outbox_view *v, wd_error *err)
{
    wd_ledger *ledger = NULL;
    wd_status s = wd_ledger_open_read(&ledger, c->state, err);
    if (s != WD_OK)
        return s;
    *v = (outbox_view){ .generation = wd_ledger_generation(ledger),
                        .limit = c->redis.outbox_max,
                        .now_ms = wd_wall_ms(wd_clock_system()),
                        .stream = { c->redis.stream, c->redis.copies_stream } };
    for (int i = 0; s == WD_OK && i < WD_LANE_COUNT; i++)
        s = wd_ledger_outbox_stat(ledger, (wd_lane)i, &v->lane[i]);
    if (s != WD_OK)
        (void)wd_fail(err, s, "the ledger could not be read: %s", wd_status_text(s));
    wd_ledger_close(&ledger);
    return s;
}

static int outbox_stat(int argc, char **argv)
{
    wd_verb verb;
    bool fine = false;
    outbox_view v;
    wd_error err = { .status = WD_OK };
    wd_config *config = wd_verb_open(&verb, argc, argv, NULL);
    if (config == NULL)
        return WD_EXIT_USAGE;
    if (look(config, &v, &err) == WD_OK)
        fine = verb.json ? print_json(&v) : print_table(&v);
    else
        wd_verb_fail(&verb, NULL, "%s", err.text);
    wd_config_free(config);
    return fine && fflush(stdout) == 0 ? WD_EXIT_OK : WD_EXIT_FAILED;
}

static const wd_subcommand rows[] = { { "stat", "outbox stat", outbox_stat } };

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_outbox = {
    .name = "outbox",
    .arguments = "stat [--config FILE] [--json]",
    .summary = "what waits for Redis, and what is kept in case it forgets",
    .help =
        "  stat  a line a stream: events that wait, their bytes, the age of the oldest; the last\n"
        "        number given, the last that Redis acknowledged; rows kept, and their bytes\n\n"
        "Reads the ledger, also while the daemon runs; changes nothing and asks no network.\n\n"
        "  --config FILE  as with run\n"
        "  --json         one object\n\n"
        "Exit status: 0, 1 the ledger could not be read, 2 wrong arguments or configuration.\n",
    .run = run,
};
