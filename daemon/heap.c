/* daemon/heap.c - malloc_trim, seldom. */
#include "daemon/heap.h"

#include <malloc.h>

#include "core/clock.h"
#include "core/status.h"

/* What one large document needed goes back with it: glibc's own threshold would rise to that
 * size, up to 32 MB, and keep all later ones. */
#define OWN_MAPPING_BYTES (1 << 20)

/* One large document: a body takes ten times its size while it is read. */
#define WORTH_BYTES    (1u << 20)
#define LEAST_PAUSE_MS WD_MINUTE_MS

void wd_heap_set_up(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, OWN_MAPPING_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * OWN_MAPPING_BYTES);
}

static void give_back(uv_work_t *work)
{
    (void)work;
    (void)malloc_trim(0);
}

static void given_back(uv_work_t *work, int status)
{
    (void)status;
    wd_owner(work, wd_heap, work)->busy = false;
}

bool wd_heap_tick(wd_heap *h, uv_loop_t *loop, uint64_t read_bytes, int64_t now_ms)
{
    if (h->busy || read_bytes - h->given_bytes < WORTH_BYTES ||
        (h->given_ms != 0 && now_ms - h->given_ms < LEAST_PAUSE_MS))
        return false;
    h->busy = uv_queue_work(loop, &h->work, give_back, given_back) == 0;
    if (h->busy) {
        h->given_bytes = read_bytes;
        h->given_ms = now_ms;
    }
    return h->busy;
}
