/* daemon/snapshot.c - is work being done?  Health is about that, not about being alive. */
#include "daemon/snapshot.h"

/* A poll this late means that something holds the desk up, not one slow host. */
#define LATE_MS (15 * WD_MINUTE_MS)

const char *wd_snapshot_trouble(const wd_snapshot *s)
{
    if (s->stopping)
        return "stopping";
    if (!s->desk.storage_ok)
        return "the ledger cannot be written";
    if (s->redis.fenced)
        return "another daemon writes to the stream";
    if (s->held_back)
        return "the outbox is full, polling waits for Redis";
    if (!s->redis.up)
        return "Redis is away, events wait in the outbox";
    if (s->polls.net_down)
        return "no host can be reached: the line is down";
    if (s->polls.oldest_due_ms > LATE_MS)
        return "polls are late";
    return NULL;
}
