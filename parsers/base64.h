/* parsers/base64.h - RFC 4648 section 4, as Atom carries binary content. */
#pragma once

#include "core/arena.h"
#include "core/span.h"

/* White space is skipped; what is no base64 at all comes back as it was, and bytes that are no text
 * (a picture) as nothing. */
wd_span wd_base64_decode(wd_span text, wd_arena *to);
