/*
 * daemon/log_sink.h - where log events go: the journal with native fields, a terminal for
 * people, or lines with "<n>" prefixes for anything else.
 *
 * Thread: the sink may be called from any thread; a line is written whole.
 */
#pragma once

#include "core/log.h"

/* Chooses by what stderr is: $JOURNAL_STREAM's socket, a terminal, another file.
 * The result lives as long as the program. */
const wd_log *wd_log_sink_open(wd_log *storage, wd_log_level level);
