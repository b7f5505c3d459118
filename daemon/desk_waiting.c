/* daemon/desk_waiting.c - a list, and the clock of its first. */
#include "daemon/desk_waiting.h"

#include "daemon/reading.h"

/* Bound the time a transaction stays open: the publisher's questions wait that long. */
#define BATCH_POLLS   128u
#define BATCH_STORIES 256u

/* How long a poll without a story waits for company. */
#define QUIET_HOLD_MS 250u

#define NS_PER_MS 1000000u

void wd_desk_waiting_init(wd_desk_waiting *w)
{
    *w = (wd_desk_waiting){ 0 };
    wd_list_init(&w->jobs);
}

static size_t stories_of(const wd_poll *poll)
{
    const wd_reading *r = poll->payload;
    return r != NULL ? r->n_stories : 0;
}

void wd_desk_waiting_add(wd_desk_waiting *w, wd_desk_job *job, uint64_t now_ns)
{
    if (w->n++ == 0)
        w->came_ns = now_ns;
    w->urgent = w->urgent || stories_of(job->poll) > 0;
    wd_list_push(&w->jobs, &job->link);
}

uint64_t wd_desk_waiting_left_ms(const wd_desk_waiting *w, uint64_t now_ns)
{
    uint64_t waited_ms = (now_ns - w->came_ns) / NS_PER_MS;
    if (w->n == 0 || w->urgent || w->n >= BATCH_POLLS || waited_ms >= QUIET_HOLD_MS)
        return 0;
    return QUIET_HOLD_MS - waited_ms;
}

void wd_desk_waiting_take(wd_desk_waiting *w, wd_link *batch)
{
    size_t polls = 0, stories = 0;
    while (!wd_list_empty(&w->jobs) && polls < BATCH_POLLS) {
        wd_desk_job *job = wd_owner(w->jobs.next, wd_desk_job, link);
        stories += stories_of(job->poll);
        if (polls > 0 && stories > BATCH_STORIES)
            break;
        wd_list_push(batch, wd_list_pop(&w->jobs));
        polls++;
    }
    w->n -= polls;
    w->urgent = w->n > 0; /* what is left behind has waited already */
}

void wd_desk_waiting_put_back(wd_desk_waiting *w, wd_link *batch)
{
    while (!wd_list_empty(&w->jobs))
        wd_list_push(batch, wd_list_pop(&w->jobs));
    w->n = 0;
    for (; !wd_list_empty(batch); w->n++)
        wd_list_push(&w->jobs, wd_list_pop(batch));
    w->urgent = true;
}

void wd_desk_waiting_give_up(wd_desk_waiting *w, wd_link *all)
{
    while (!wd_list_empty(&w->jobs))
        wd_list_push(all, wd_list_pop(&w->jobs));
    w->n = 0;
}
