/* daemon/desk_waiting.c - a list, and the clock of its first. */
#include "daemon/desk_waiting.h"

#include "daemon/reading.h"

/* Bound the time a transaction stays open: the publisher's questions wait that long. */
#define BATCH_POLLS   128u
#define BATCH_STORIES 256u

/* How long a poll without a story waits for company: a part of its feed's interval, which begins
 * with the answer all the same. */
#define QUIET_HOLD_MOST_MS  1000u
#define QUIET_HOLD_LEAST_MS 250u
#define QUIET_HOLD_PART     4u

/* So many new stories in one document: it is read for the first time, and the others that come
 * with it probably too.  The next transaction gathers for a moment, since it is the throughput
 * that counts then: 300 feeds that are new were 253 transactions, each of which wrote twenty pages
 * beside its events, and an fsync.  News comes by ones and twos a document, and never waits. */
#define RUSH_STORIES 16u
#define RUSH_HOLD_MS 20u

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

static uint64_t quiet_hold_ms(const wd_poll *poll)
{
    int64_t interval_ms = poll->config->interval_ms;
    uint64_t part_ms = (uint64_t)interval_ms / QUIET_HOLD_PART;
    if (poll->pushed) /* a hub waits for the answer */
        return QUIET_HOLD_LEAST_MS;
    if (interval_ms <= 0 || part_ms > QUIET_HOLD_MOST_MS)
        return QUIET_HOLD_MOST_MS;
    return part_ms > QUIET_HOLD_LEAST_MS ? part_ms : QUIET_HOLD_LEAST_MS;
}

void wd_desk_waiting_add(wd_desk_waiting *w, wd_desk_job *job, uint64_t now_ns)
{
    uint64_t hold_ms = quiet_hold_ms(job->poll);
    if (w->n == 0)
        w->came_ns = now_ns;
    if (w->n++ == 0 || hold_ms < w->quiet_ms)
        w->quiet_ms = hold_ms;
    w->stories += stories_of(job->poll);
    wd_list_push(&w->jobs, &job->link);
}

uint64_t wd_desk_waiting_left_ms(const wd_desk_waiting *w, uint64_t now_ns)
{
    uint64_t waited_ms = (now_ns - w->came_ns) / NS_PER_MS;
    uint64_t hold_ms = w->stories == 0 ? w->quiet_ms : w->rush ? RUSH_HOLD_MS : 0;
    if (w->n == 0 || w->late || w->n >= BATCH_POLLS || w->stories >= BATCH_STORIES)
        return 0;
    return waited_ms < hold_ms ? hold_ms - waited_ms : 0;
}

void wd_desk_waiting_take(wd_desk_waiting *w, wd_link *batch)
{
    size_t polls = 0, stories = 0;
    while (!wd_list_empty(&w->jobs) && polls < BATCH_POLLS) {
        size_t more = stories_of(wd_owner(w->jobs.next, wd_desk_job, link)->poll);
        if (polls > 0 && stories + more > BATCH_STORIES)
            break;
        wd_list_push(batch, wd_list_pop(&w->jobs));
        stories += more;
        polls++;
    }
    w->n -= polls;
    w->stories -= stories;
    w->late = w->n > 0; /* what is left behind has waited already */
}

void wd_desk_waiting_stored(wd_desk_waiting *w, size_t most_new)
{
    w->rush = most_new >= RUSH_STORIES;
}

void wd_desk_waiting_put_back(wd_desk_waiting *w, wd_link *batch)
{
    while (!wd_list_empty(&w->jobs))
        wd_list_push(batch, wd_list_pop(&w->jobs));
    w->n = w->stories = 0;
    while (!wd_list_empty(batch))
        wd_desk_waiting_add(w, wd_owner(wd_list_pop(batch), wd_desk_job, link), w->came_ns);
    w->late = true;
}

void wd_desk_waiting_give_up(wd_desk_waiting *w, wd_link *all)
{
    while (!wd_list_empty(&w->jobs))
        wd_list_push(all, wd_list_pop(&w->jobs));
    w->n = w->stories = 0;
}
