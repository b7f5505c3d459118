/*
 * bench/handoff/handoff.c - events a second through ledger, publisher and a real Redis.
 *
 *     handoff URL DIRECTORY EVENTS [BATCH]
 *
 * One thread, as hard as it goes: while the publisher sends, batches of BATCH events of
 * 1.5 KB are committed (WAL, synchronous=FULL).  Prints events, seconds, events/s and
 * CPU per event of this process.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/limits.h"
#include "queue/event.h"
#include "queue/publisher.h"

#define BODY_BYTES 1500
#define AHEAD      4000 /* rows committed and not yet sent: as a busy desk has */

typedef struct bench {
    uv_loop_t loop;
    uv_idle_t producer;
    wd_ledger *ledger;
    wd_publisher *publisher;
    uint64_t made, acked, goal, batch;
} bench;

static void must(wd_status s, const char *what)
{
    if (s == WD_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, wd_status_text(s));
    exit(1);
}

static void tell(bench *b, wd_lane lane)
{
    wd_outbox_stat stat;
    must(wd_ledger_outbox_stat(b->ledger, lane, &stat), "stat");
    wd_publisher_on_stat(b->publisher, lane, &stat, wd_ledger_generation(b->ledger));
}

static void want_stat(void *ctx, wd_lane lane)
{
    tell(ctx, lane);
}

static void row(void *ctx, const wd_outbox_row *r)
{
    wd_publisher_on_row(((bench *)ctx)->publisher, r);
}

static void want_rows(void *ctx, wd_lane lane, uint64_t after, uint32_t rows, size_t bytes)
{
    bench *b = ctx;
    wd_outbox_range range = {
        .lane = lane, .after_seq = after, .max_rows = rows, .max_bytes = bytes
    };
    must(wd_ledger_each_event(b->ledger, &range, row, b), "rows");
    wd_publisher_on_rows_end(b->publisher, lane);
}

static void acked(void *ctx, wd_lane lane, uint64_t seq)
{
    bench *b = ctx;
    must(wd_ledger_ack(b->ledger, lane, seq, wd_wall_ms(wd_clock_system())), "ack");
    b->acked = seq;
}

static void unacked(void *ctx, wd_lane lane, uint64_t seq)
{
    must(wd_ledger_unack(((bench *)ctx)->ledger, lane, seq), "unack");
    tell(ctx, lane);
}

static void renumber(void *ctx, wd_lane lane, uint64_t top, int64_t ms)
{
    must(wd_ledger_renumber(((bench *)ctx)->ledger, lane, top, ms), "renumber");
    tell(ctx, lane);
}

static void add(bench *b)
{
    static char title[BODY_BYTES - 300];
    memset(title, 't', sizeof(title) - 1);
    wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_event_gap gap = { .now_ms = wd_wall_ms(wd_clock_system()),
                         .source = "urn:wiredesk:bench",
                         .stream = title,
                         .reason = "operator-reset" };
    wd_outbox_row r = { .type = "item.new", .language = "en", .cluster = WD_SPAN_LIT("c-1") };
    must(wd_ledger_next_slot(b->ledger, WD_LANE_ITEMS, gap.now_ms, &gap.slot), "slot");
    must(wd_event_write_gap(&gap, &body), "event");
    r.slot = gap.slot;
    r.body = wd_buf_span(&body);
    must(wd_ledger_add_event(b->ledger, &r), "add");
    wd_buf_done(&body);
    b->made = gap.slot.seq;
}

static void produce(uv_idle_t *idle)
{
    bench *b = wd_owner(idle, bench, producer);
    if (b->acked >= b->goal) {
        uv_stop(&b->loop);
    } else if (b->made < b->goal && b->made < b->acked + AHEAD) {
        must(wd_ledger_begin(b->ledger), "begin");
        for (uint64_t i = 0; i < b->batch; i++)
            add(b);
        must(wd_ledger_commit(b->ledger), "commit");
        wd_publisher_wake(b->publisher, WD_LANE_ITEMS, b->made);
    } else {
        uv_idle_stop(idle); /* until the next acknowledgements */
    }
}

static void restart(uv_check_t *check)
{
    bench *b = check->data;
    if (b->acked >= b->goal || (b->made < b->goal && b->made < b->acked + AHEAD))
        uv_idle_start(&b->producer, produce);
}

static void closed(void *ctx)
{
    uv_stop(ctx);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    static bench b;
    wd_error err = { 0 };
    uv_check_t check;
    if (argc < 4) {
        fprintf(stderr, "usage: handoff URL DIRECTORY EVENTS [BATCH]\n");
        return 2;
    }
    b.goal = strtoull(argv[3], NULL, 10);
    b.batch = argc > 4 ? strtoull(argv[4], NULL, 10) : 100;
    uv_loop_init(&b.loop);
    must(wd_ledger_open(&b.ledger, argv[2], &err), err.text);
    wd_publisher_spec spec = { .loop = &b.loop,
                               .clock = wd_clock_system(),
                               .log = wd_log_silent(),
                               .config = { .url = argv[1] },
                               .source = { .want_stat = want_stat,
                                           .want_rows = want_rows,
                                           .acked = acked,
                                           .unacked = unacked,
                                           .renumber = renumber,
                                           .ctx = &b },
                               .generation = wd_ledger_generation(b.ledger),
                               .closed = closed,
                               .closed_ctx = &b.loop };
    must(wd_publisher_open(&b.publisher, &spec, &err), err.text);
    uv_idle_init(&b.loop, &b.producer);
    uv_idle_start(&b.producer, produce);
    uv_check_init(&b.loop, &check);
    check.data = &b;
    uv_check_start(&check, restart);
    uint64_t start = uv_hrtime();
    double cpu = cpu_seconds();
    uv_run(&b.loop, UV_RUN_DEFAULT);
    double seconds = (double)(uv_hrtime() - start) / 1e9;
    cpu = cpu_seconds() - cpu;
    printf("%" PRIu64 " events of %d bytes in %.2f s: %.0f events/s, %.1f us of CPU each\n",
           b.acked, BODY_BYTES, seconds, (double)b.acked / seconds, cpu * 1e6 / (double)b.acked);
    wd_publisher_close(&b.publisher);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    wd_ledger_close(&b.ledger);
    return 0;
}
