/* tests/support/ticking_loop.h - a loop whose UV_RUN_ONCE always comes back. */
#pragma once

#include <uv.h>

#include "tests/support/check.h"

static inline void ticking_loop_beat(uv_timer_t *tick)
{
    (void)tick;
}

static inline void ticking_loop_open(uv_loop_t *loop, uv_timer_t *tick, unsigned each_ms)
{
    uv_loop_init(loop);
    uv_timer_init(loop, tick);
    uv_timer_start(tick, ticking_loop_beat, each_ms, each_ms);
}

/* Everything else on it has been asked to close; fails where a handle stays. */
static inline void ticking_loop_close(uv_loop_t *loop, uv_timer_t *tick)
{
    uv_close((uv_handle_t *)tick, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}
