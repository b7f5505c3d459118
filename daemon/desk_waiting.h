/*
 * daemon/desk_waiting.h - polls that wait for a transaction, and how long they wait for company.
 *
 * Thread: the desk thread.  Owner: nobody here; a job leaves by wd_desk_waiting_take().
 *
 * A transaction costs five times what a 304 does else, and nobody waits for that one: only the
 * feed's next time is in it.  So polls without a story wait for others, a second at most; a poll
 * with stories takes all along at once, except in a rush: after a document that was nearly all new.
 */
#pragma once

#include <stdbool.h>

#include "daemon/desk_job.h"

typedef struct wd_desk_waiting {
    wd_link jobs; /* of kind WD_JOB_STORE, in the order they came */
    size_t n, stories;
    bool late;         /* one of them has waited for a transaction already */
    bool rush;         /* the last transaction had a document of new stories */
    uint64_t came_ns;  /* the first of them */
    uint64_t quiet_ms; /* while there is no story: the patience of the least patient */
} wd_desk_waiting;

void wd_desk_waiting_init(wd_desk_waiting *w);
void wd_desk_waiting_add(wd_desk_waiting *w, wd_desk_job *job, uint64_t now_ns);

/* How long what waits may still wait; 0: now, or there is nothing. */
uint64_t wd_desk_waiting_left_ms(const wd_desk_waiting *w, uint64_t now_ns);

/* Moves the next transaction's jobs into `batch` (empty): one poll at least, however long. */
void wd_desk_waiting_take(wd_desk_waiting *w, wd_link *batch);

/* How many stories were new in that document of the batch that brought most. */
void wd_desk_waiting_stored(wd_desk_waiting *w, size_t most_new);

/* A batch that could not be stored, ahead of the rest again. */
void wd_desk_waiting_put_back(wd_desk_waiting *w, wd_link *batch);

/* Everything, into `all` (empty): it will not be stored. */
void wd_desk_waiting_give_up(wd_desk_waiting *w, wd_link *all);
