/*
 * daemon/outbox_clerk.h - the publisher's questions and orders, carried out on the ledger.
 *
 * Thread: the desk thread, outside a transaction.
 */
#pragma once

#include "daemon/desk_job.h"

typedef struct wd_outbox_clerk {
    wd_ledger *ledger;
    int64_t now_ms;
    const char *source; /* of a gap event */
} wd_outbox_clerk;

/* Fills the job's answer and status.  An ack that cannot be written is not lost:
 * Redis itself knows what it has, and the next comparison says so. */
void wd_outbox_clerk_serve(const wd_outbox_clerk *c, wd_desk_job *job);
