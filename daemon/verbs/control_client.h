/*
 * daemon/verbs/control_client.h - one order to a running daemon, and its answer.
 *
 * Thread: blocks, for a verb of the command line.
 */
#pragma once

#include "core/buf.h"

/* Sends a line of JSON to the daemon that listens at this path and reads one back into
 * *answer.  On failure err->text says what to do about it. */
WD_MUST_USE wd_status wd_control_ask(const char *path,
                                     wd_span order,
                                     wd_buf *answer,
                                     wd_error *err);
