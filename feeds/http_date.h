/* feeds/http_date.h - the three date forms of HTTP (RFC 9110 section 5.6.7), GMT all of them. */
#pragma once

#include <stdint.h>

#include "core/span.h"

/* Milliseconds since the epoch, or WD_TIME_NONE.  A two-digit year (RFC 850) is the one
 * nearest to `now_ms`, at most 50 years ahead. */
int64_t wd_http_date_parse(wd_span text, int64_t now_ms);
