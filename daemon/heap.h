/*
 * daemon/heap.h - memory that a burst of documents needed goes back to the system after it.
 *
 * Thread: loop thread; the giving back itself runs on a worker, for it takes milliseconds.
 * Why:    a poll's memory is freed in the order of its end, so that what is still alive keeps
 *         the freed pages below it: after a burst of 500 documents half of the RSS is holes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

/* Zeroed: nothing was read yet.  Must live until the loop has run out. */
typedef struct wd_heap {
    uv_work_t work;
    bool busy;
    uint64_t given_bytes; /* as many had been read when memory was last given back */
    int64_t given_ms;
} wd_heap;

/* How malloc treats large blocks; before other threads start. */
void wd_heap_set_up(void);

/* Once a second, with what all documents together had so far.  True: memory goes back now. */
bool wd_heap_tick(wd_heap *h, uv_loop_t *loop, uint64_t read_bytes, int64_t now_ms);
