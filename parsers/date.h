/*
 * parsers/date.h - the instant that a feed's date means.
 *
 * W3CDTF and ISO 8601 first, then RFC 822 with everything people do to it: month names of
 * sixteen languages, two-digit years, missing seconds, am and pm, named zones by fixed table,
 * "24:00", seconds since the epoch.  What is impossible is no date: never "now".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"

/* Milliseconds since the epoch; false when it is no date of the years 1900 to 9999.
 * Without a zone: UTC.  Offsets beyond 14 hours are UTC too. */
bool wd_date_parse(wd_span text, int64_t *out_ms);
