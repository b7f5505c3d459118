/* feeds/manner.h - how a source is asked, out of its configuration: whom, as whom, which way.
 * Secrets are among it, in the clear. */
#pragma once

#include "core/arena.h"
#include "core/status.h"
#include "feeds/feed.h"

/* Whether both are asked in the same way; their URLs apart. */
bool wd_manner_same(const wd_feed_config *a, const wd_feed_config *b);

/* `from`'s slug, URL and manner with bytes of `arena`'s own; nothing else of it. */
WD_MUST_USE wd_status wd_manner_copy(wd_arena *arena,
                                     const wd_feed_config *from,
                                     wd_feed_config *out);
