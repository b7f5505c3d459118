/*
 * daemon/log_sink.h - where log events go: the journal with native fields, a terminal for
 * people, lines with "<n>" prefixes for anything else, or JSON where it is asked for.
 *
 * Thread: the sink may be called from any thread; a line is written whole.
 */
#pragma once

#include <stdbool.h>

#include "core/log.h"

/* One life of the daemon: $INVOCATION_ID under systemd, else made up; in every journal entry as
 * WIREDESK_RUN_ID. */
#define WD_RUN_ID_BYTES 33u

typedef struct wd_log_sink {
    wd_log log;
    char run_id[WD_RUN_ID_BYTES];
    bool over_line; /* set after opening: progress may stand on the terminal's last line, which
                     * each line of the log takes away first */
} wd_log_sink;

/* Chooses by what stderr is: $JOURNAL_STREAM's socket, a terminal, another file. */
void wd_log_sink_open(wd_log_sink *sink, wd_log_level level);

/* One JSON object a line, whatever stderr is: time, level, event, text, run, and the fields with
 * lower-case names. */
void wd_log_sink_open_json(wd_log_sink *sink, wd_log_level level);

/* What a complaint begins with on a stderr that the journal reads, so that it knows it for an error
 * (sd-daemon(3)); "" elsewhere. */
const char *wd_log_error_prefix(void);

/* MESSAGE_ID of an event: a hash of its id, so that a journal catalog can name every one
 * (scripts/catalog makes it).  32 hexadecimal digits. */
void wd_log_message_id(const char *event, char out[33]);
