/* tests/support/ticking_loop.h - a loop whose UV_RUN_ONCE always comes back. */
#pragma once

#include <uv.h>

#include "tests/support/check.h"

/* Nothing that a unit test waits for takes a tenth of it. */
#define TICKING_LOOP_DEADLINE_NS UINT64_C(20000000000)

/* Turns the loop until it is so; fails after the deadline. */
#define ticking_loop_until(loop, condition)                                                        \
    do {                                                                                           \
        uint64_t until_ = uv_hrtime() + TICKING_LOOP_DEADLINE_NS;                                  \
        while (!(condition)) {                                                                     \
            if (uv_hrtime() > until_)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            uv_run(loop, UV_RUN_ONCE);                                                             \
        }                                                                                          \
    } while (0)

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

static inline void ticking_loop_for(uv_loop_t *loop, unsigned ms)
{
    uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;
    while (uv_hrtime() < until)
        uv_run(loop, UV_RUN_ONCE);
}

/* Everything else on it has been asked to close; fails where a handle stays. */
static inline void ticking_loop_close(uv_loop_t *loop, uv_timer_t *tick)
{
    uv_close((uv_handle_t *)tick, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}
