/* bench/polling/fetch_bench.c - CPU per conditional GET of feeds/http, to be set beside the bare
 * curl + uv loop (fetch_anchor).  Reads URLs, fetches all of them PASSES times with C under
 * way; the first pass is unconditional, later ones send the validators they were given.
 *
 *     fetch_bench LIST [C] [PASSES] [one-off | keep] [CA_FILE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/support.h"
#include "feeds/http.h"

static const char *const loopback[] = { "127.0.0.0/8", NULL };

struct feed {
    char *url;
    wd_validators *validators;
};

struct slot {
    wd_http_request req;
    size_t feed;
};

static struct bench {
    uv_loop_t loop;
    wd_http *http;
    struct feed *feeds;
    size_t n, next, done, ok, unchanged, bad, handshakes;
    bool one_off;
} bench;

static void on_done(wd_http_request *req, const wd_http_reply *reply);

static void start(struct slot *s)
{
    if (bench.next >= bench.n)
        return;
    s->feed = bench.next++;
    struct feed *f = &bench.feeds[s->feed];
    s->req = (wd_http_request){ .url = f->url,
                                .validators = f->validators,
                                .allow_private = loopback,
                                .one_off = bench.one_off,
                                .arena = wd_arena_new(WD_POLL_ARENA_BYTES),
                                .done = on_done,
                                .ctx = s };
    if (s->req.arena == NULL || wd_http_get(bench.http, &s->req) != WD_OK)
        abort();
}

static void on_done(wd_http_request *req, const wd_http_reply *reply)
{
    struct slot *s = req->ctx;
    struct feed *f = &bench.feeds[s->feed];
    if (reply->reason == WD_REASON_NONE && reply->status == 304)
        bench.unchanged++;
    else if (reply->reason == WD_REASON_NONE && reply->status == 200)
        bench.ok++;
    else if (bench.bad++ < 3)
        fprintf(stderr, "%s: %s %d %s\n", f->url, wd_reason_word(reply->reason), reply->status,
                reply->detail);
    bench.handshakes += reply->phase_us[WD_PHASE_TLS] > 0;
    if (f->validators == NULL && (f->validators = malloc(sizeof(*f->validators))) != NULL)
        *f->validators = reply->validators;
    wd_arena_free(req->arena);
    bench.done++;
    start(s);
}

static void read_list(const char *path)
{
    char **urls = wd_bench_urls(path, &bench.n);
    bench.feeds = calloc(bench.n, sizeof(struct feed));
    if (bench.feeds == NULL)
        abort();
    for (size_t i = 0; i < bench.n; i++)
        bench.feeds[i].url = urls[i];
    free(urls);
}

int main(int argc, char **argv)
{
    size_t width = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    int passes = argc > 3 ? atoi(argv[3]) : 3;
    if (argc < 2)
        return 2;
    bench.one_off = argc > 4 && strcmp(argv[4], "one-off") == 0;
    read_list(argv[1]);
    uv_loop_init(&bench.loop);
    wd_http_config config = { .user_agent = "wiredesk-bench/0",
                              .ca_file = argc > 5 ? argv[5] : NULL };
    if (wd_http_open(&bench.http, &bench.loop, &config) != WD_OK)
        return 1;
    struct slot *slots = calloc(width, sizeof(*slots));
    for (int pass = 1; pass <= passes && slots != NULL; pass++) {
        double before = wd_bench_cpu_s();
        bench.next = bench.done = bench.ok = bench.unchanged = bench.bad = 0;
        bench.handshakes = 0;
        for (size_t i = 0; i < width; i++)
            start(&slots[i]);
        while (bench.done < bench.n)
            uv_run(&bench.loop, UV_RUN_ONCE);
        double us = (wd_bench_cpu_s() - before) * 1e6 / (double)bench.n;
        printf("pass %d: n=%zu 200=%zu 304=%zu bad=%zu handshakes=%zu cpu_us/req=%.1f\n", pass,
               bench.n, bench.ok, bench.unchanged, bench.bad, bench.handshakes, us);
    }
    wd_http_close(&bench.http);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&bench.loop) != 0;
}
