/*
 * daemon/config/text.h - one value of the configuration as one would write it.
 */
#pragma once

#include "core/buf.h"
#include "daemon/config/schema.h"

/* Appends it as YAML (and JSON).  False, and nothing appended: it is not set.  What comes from a
 * secret's file is never shown; with `redact` no password and no query of an address is. */
bool wd_config_text(const wd_config_row *row, const void *base, bool redact, wd_buf *out);
