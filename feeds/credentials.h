/*
 * feeds/credentials.h - what only a feed's own origin may see: the operator's header lines
 * and the Authorization that a user name or a token makes (RFC 7617, RFC 6750).
 *
 * Made once, with the configuration; every request of the feed borrows the lines.
 */
#pragma once

#include "core/arena.h"
#include "core/status.h"
#include "feeds/feed.h"

/* At most so many headers of one feed, and so many bytes in a line: far more than any API
 * asks for, far less than servers refuse (8 KB). */
#define WD_REQUEST_HEADERS    16u
#define WD_REQUEST_LINE_BYTES 4096u

/* What is wrong with "name: value" as a request header, or NULL.  Names that the client
 * needs for itself (Host, If-None-Match ...) are refused, and values that are not
 * printable: a line break in a secret's file must not become a second header. */
const char *wd_credentials_header_fault(wd_span name, wd_span value);

/* Sets config->lines from headers, username, password and token; NULL when there are none. */
WD_MUST_USE wd_status wd_credentials_settle(wd_feed_config *config, wd_arena *arena);
