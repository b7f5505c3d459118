/* bench/scale/scale_bench.c - many feeds in the schedule, asked at a fixed rate over real
 * sockets: how late polls go out, how long the loop is held up, what it costs.  The pipeline is
 * played: an answer moves the schedule and is given back.
 *
 *     scale_bench LIST FEEDS PER_SECOND SECONDS
 *
 * Feed i asks the list's URL i modulo its length; each URL is fetched once before, so that
 * every poll is conditional. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/support.h"
#include "core/hash.h"
#include "feeds/feed_state.h"
#include "feeds/poller.h"

#define WIDTH   100
#define LAG_MS  20
#define WARM_S  5
#define SAMPLES 1000000

static const char *const loopback[] = { "127.0.0.0/8", NULL };

struct target {
    char *url;
    char etag[64];
};

static struct bench {
    uv_loop_t loop;
    uv_timer_t tick, end;
    uv_prepare_t turn;
    wd_http *http;
    wd_poller *poller;
    struct target *targets;
    size_t n_targets, next, fetched, n_feeds, n_late, n_lag, n_turns, bad, unchanged;
    int64_t *late_ms, *lag_us, *turn_us;
    uint64_t tick_ns;
    int64_t turn_ns;
    wd_schedule_policy policy;
    double began_cpu;
    bool measuring, closed;
} bench;

static long rss_kb(void)
{
    long kb = 0;
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = atol(line + 6);
    if (f != NULL)
        fclose(f);
    return kb;
}

static void read_list(const char *path)
{
    char **urls = wd_bench_urls(path, &bench.n_targets);
    bench.targets = calloc(bench.n_targets, sizeof(struct target));
    if (bench.targets == NULL)
        abort();
    for (size_t i = 0; i < bench.n_targets; i++)
        bench.targets[i].url = urls[i];
    free(urls);
}

/* --- the validators first ------------------------------------------------------------ */

static void learn(wd_http_request *req);

static void learned(wd_http_request *req, const wd_http_reply *reply)
{
    struct target *t = req->ctx;
    snprintf(t->etag, sizeof(t->etag), "%s", reply->validators.etag);
    wd_arena_free(req->arena);
    bench.fetched++;
    learn(req);
}

static void learn(wd_http_request *req)
{
    if (bench.next >= bench.n_targets)
        return;
    struct target *t = &bench.targets[bench.next++];
    *req = (wd_http_request){ .url = t->url,
                              .allow_private = loopback,
                              .one_off = true,
                              .arena = wd_arena_new(WD_POLL_ARENA_BYTES),
                              .done = learned,
                              .ctx = t };
    if (req->arena == NULL || wd_http_get(bench.http, req) != WD_OK)
        abort();
}

static void learn_all(void)
{
    static wd_http_request requests[WIDTH];
    for (size_t i = 0; i < WIDTH; i++)
        learn(&requests[i]);
    while (bench.fetched < bench.n_targets)
        uv_run(&bench.loop, UV_RUN_ONCE);
}

/* --- the feeds ----------------------------------------------------------------------------- */

static void on_poll(void *ctx, wd_poll *poll)
{
    (void)ctx;
    if (bench.measuring && bench.n_late < SAMPLES) {
        bench.late_ms[bench.n_late++] = poll->started_ms - poll->state.next_due_ms;
        bench.unchanged += poll->answer == WD_ANSWER_NOT_MODIFIED;
        bench.bad += poll->answer == WD_ANSWER_FAILED;
    }
    poll->reading.accepted = poll->answer == WD_ANSWER_DOCUMENT;
    (void)wd_schedule_after(&bench.policy, poll, wd_wall_ms(wd_clock_system()), wd_random64());
    wd_poller_finish(bench.poller, poll);
}

static void on_closed(void *ctx)
{
    (void)ctx;
    bench.closed = true;
}

static void set_feeds(int64_t interval_ms)
{
    int64_t now = wd_wall_ms(wd_clock_system());
    wd_poller_feed *rows = calloc(bench.n_feeds, sizeof(*rows));
    wd_feed_config *configs = calloc(bench.n_feeds, sizeof(*configs));
    wd_feed_state *states = calloc(bench.n_feeds, sizeof(*states));
    char *slugs = malloc(bench.n_feeds * 16);
    if (rows == NULL || configs == NULL || states == NULL || slugs == NULL)
        abort();
    for (size_t i = 0; i < bench.n_feeds; i++) {
        const struct target *t = &bench.targets[i % bench.n_targets];
        char *slug = slugs + 16 * i;
        snprintf(slug, 16, "feed-%06zu", i);
        configs[i] = (wd_feed_config){ .slug = slug,
                                       .url = t->url,
                                       .interval_ms = interval_ms,
                                       .weight = 1,
                                       .allow_private = loopback };
        wd_feed_state *s = &states[i];
        *s = wd_feed_state_new((uint32_t)i);
        s->polls = 1;
        s->contacted = true;
        s->url_hash = wd_hash64(wd_span_of(t->url), 0);
        s->last_poll_ms = s->last_success_ms = now - interval_ms;
        s->next_due_ms = now + (int64_t)((double)interval_ms * (double)i / (double)bench.n_feeds);
        rows[i] = (wd_poller_feed){ &configs[i], s, t->etag, NULL };
    }
    if (wd_poller_set_feeds(bench.poller, rows, bench.n_feeds) != WD_OK)
        abort();
    free(rows);
    free(states);
    malloc_trim(0);
}

/* --- measuring ------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *tick)
{
    (void)tick;
    uint64_t now = uv_hrtime();
    if (bench.measuring && bench.n_lag < SAMPLES)
        bench.lag_us[bench.n_lag++] = (int64_t)(now - bench.tick_ns) / 1000 - LAG_MS * 1000;
    bench.tick_ns = now;
    uv_update_time(&bench.loop);
    uv_timer_start(&bench.tick, on_tick, LAG_MS, 0);
}

/* CPU of the loop's last turn: what held others up, whatever else the machine does. */
static void on_turn(uv_prepare_t *turn)
{
    (void)turn;
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    if (bench.measuring && bench.n_turns < SAMPLES)
        bench.turn_us[bench.n_turns++] = (now - bench.turn_ns) / 1000;
    bench.turn_ns = now;
}

static void on_end(uv_timer_t *end)
{
    (void)end;
    if (!bench.measuring) {
        bench.measuring = true;
        bench.began_cpu = wd_bench_cpu_s();
        return;
    }
    bench.measuring = false;
    uv_stop(&bench.loop);
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t percentile(int64_t *samples, size_t n, double part)
{
    if (n == 0)
        return 0;
    qsort(samples, n, sizeof(*samples), by_size);
    return samples[(size_t)((double)(n - 1) * part)];
}

static void print_ms(const char *what, int64_t *us, size_t n, double part)
{
    printf("%s\t%.2f\tms\n", what, (double)percentile(us, n, part) / 1000);
}

static void report(double rate, double seconds)
{
    double cpu = wd_bench_cpu_s() - bench.began_cpu, n = (double)bench.n_late;
    printf("polls a second, asked %.0f\t%.0f\t/s\n", rate, n / seconds);
    printf("of them answered 304\t%.1f\t%%\n", 100 * (double)bench.unchanged / n);
    printf("failed\t%zu\tpolls\n", bench.bad);
    printf("poll lateness p50\t%lld\tms\n", (long long)percentile(bench.late_ms, bench.n_late, .5));
    printf("poll lateness p99 (to reach: 5000)\t%lld\tms\n",
           (long long)percentile(bench.late_ms, bench.n_late, .99));
    print_ms("loop lag p99 (to reach: 20)", bench.lag_us, bench.n_lag, .99);
    print_ms("loop lag, longest", bench.lag_us, bench.n_lag, 1);
    print_ms("CPU of one turn of the loop, p99", bench.turn_us, bench.n_turns, .99);
    print_ms("CPU of one turn of the loop, longest", bench.turn_us, bench.n_turns, 1);
    printf("CPU a poll\t%.1f\tus\n", cpu * 1e6 / n);
    printf("CPU of one core\t%.1f\t%%\n", cpu / seconds * 100);
}

static void open_poller(double rate)
{
    bench.policy = (wd_schedule_policy){ .max_fetch_rate = rate * 2, .start_rate = rate };
    const wd_poller_spec spec = { .loop = &bench.loop,
                                  .http = bench.http,
                                  .clock = wd_clock_system(),
                                  .log = wd_log_silent(),
                                  .policy = bench.policy,
                                  .on_poll = on_poll,
                                  .closed = on_closed };
    if (wd_poller_open(&bench.poller, &spec) != WD_OK)
        abort();
}

static void start_clocks(double seconds)
{
    uv_update_time(&bench.loop);
    uv_timer_init(&bench.loop, &bench.tick);
    uv_timer_init(&bench.loop, &bench.end);
    uv_prepare_init(&bench.loop, &bench.turn);
    bench.tick_ns = uv_hrtime();
    uv_timer_start(&bench.tick, on_tick, LAG_MS, 0);
    uv_timer_start(&bench.end, on_end, WARM_S * 1000, (uint64_t)(seconds * 1000));
    uv_prepare_start(&bench.turn, on_turn);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    double rate = atof(argv[3]), seconds = atof(argv[4]);
    bench.n_feeds = strtoul(argv[2], NULL, 10);
    bench.late_ms = calloc(SAMPLES, sizeof(int64_t));
    bench.lag_us = calloc(SAMPLES, sizeof(int64_t));
    bench.turn_us = calloc(SAMPLES, sizeof(int64_t));
    read_list(argv[1]);
    uv_loop_init(&bench.loop);
    const wd_http_config config = { .user_agent = "wiredesk-bench/0" };
    if (wd_http_open(&bench.http, &bench.loop, &config) != WD_OK)
        return 1;
    learn_all();
    long before_kb = rss_kb();
    open_poller(rate);
    double before_s = wd_bench_cpu_s();
    set_feeds((int64_t)((double)bench.n_feeds / rate * 1000));
    double set_s = wd_bench_cpu_s() - before_s;
    long after_kb = rss_kb();
    start_clocks(seconds);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    report(rate, seconds);
    printf("to set them: CPU\t%.2f\ts\n", set_s);
    printf("memory a feed, its configuration included (to reach: 1024)\t%.0f\tbytes\n",
           (double)(after_kb - before_kb) * 1024 / (double)bench.n_feeds);
    printf("RSS at the end\t%.1f\tMB\n", (double)rss_kb() / 1024);
    return 0;
}
