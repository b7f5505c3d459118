/*
 * tests/support/poller_world.h - the poller over a real server and real time.
 *
 * The pipeline is played by the world: it accepts or refuses, schedules, and gives back, at
 * once or when the test says so.  The feeds are feed-00, feed-01 ...
 */
#pragma once

#include <uv.h>

#include "feeds/feed_state.h"
#include "feeds/poller.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define POLLER_WORLD_FEEDS   16
#define POLLER_WORLD_SAID    64
#define POLLER_WORLD_FAST_MS 20

typedef struct poller_world {
    wd_clock clock; /* the machine's, moved by what a test says */
    int64_t wall_off_ms, boot_off_ms;
    uv_loop_t loop;
    uv_timer_t tick;
    feeds_server *server, *second; /* second: on 127.0.0.2, where /away leads; NULL: none */
    wd_http *http;
    wd_poller *poller;
    wd_log log;
    wd_feed_config configs[POLLER_WORLD_FEEDS];
    char slugs[POLLER_WORLD_FEEDS][16], urls[POLLER_WORLD_FEEDS][96];
    wd_poll *held[POLLER_WORLD_FEEDS];
    size_t n_held;
    bool hold, refuse, serve_errors, serve_other;
    uint32_t brings; /* new items of each push */
    int polls, pushes, answers[WD_ANSWER_FAILED + 1], closed, released, changed;
    wd_answer last_answer;
    double last_stretch;
    wd_feed_state last_state;
    char said[POLLER_WORLD_SAID][48];
    char said_text[POLLER_WORLD_SAID][256];
    size_t n_said;
} poller_world;

void poller_world_open(poller_world *w);
void poller_world_open_at_rate(poller_world *w, double max_fetch_rate);
void poller_world_close(poller_world *w);

/* Another host, which has enough of /0 while serve_errors is set. */
void poller_world_open_second(poller_world *w);

/* The i-th feed's configuration; `where` is a path on the server, or a URL. */
wd_feed_config *poller_world_feed(poller_world *w,
                                  size_t i,
                                  const char *where,
                                  int64_t interval_ms);

/* The poller gets the first n of them. */
void poller_world_set(poller_world *w, size_t n);
void poller_world_set_one(poller_world *w, const char *where, int64_t interval_ms);

/* What the pipeline does with a poll that was not held. */
void poller_world_give_back(poller_world *w, wd_poll *poll);

/* And with the first that was; from now on none is held. */
void poller_world_let_go(poller_world *w);

bool poller_world_has_said(const poller_world *w, const char *event);
