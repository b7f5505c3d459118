/*
 * daemon/page/wire_item.h - one story that was told, as the status page shows it: an object, and
 * the words by which it is found.
 *
 * Thread: loop thread, while the poll is still there.
 */
#pragma once

#include "core/buf.h"
#include "daemon/page/wire.h"
#include "daemon/reading.h"
#include "feeds/poll.h"

/* Appends to both; errors are the buffers'.  `seq` is the number that it will have. */
void wd_wire_item_write(
    const wd_poll *poll, const wd_story *story, uint64_t seq, wd_buf *json, wd_buf *words);

/* Every story of a committed poll that was told, in the order of the telling.  True when
 * there was one. */
bool wd_wire_add_poll(wd_wire *wire, const wd_poll *poll, int64_t now_ms);
