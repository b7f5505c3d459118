/*
 * core/log.h - one event said once: a stable id, native fields, and a sentence.
 *
 * The sink (journal, stderr) is given by daemon/; core, parsers and dedup never
 * log.  Sinks encode: a message may carry text from a hostile feed.
 *
 *     wd_warn(log, "fetch.error", WD_FIELDS({ "FEED", slug }, { "REASON", why }),
 *             "%s could not be fetched: %s", slug, why);
 */
#pragma once

#include <stdarg.h>

#include "core/status.h"

/* The numbers are syslog's, as systemd reads them in a "<4>" prefix. */
typedef enum wd_log_level {
    WD_LOG_ERROR = 3,
    WD_LOG_WARNING = 4,
    WD_LOG_NOTICE = 5,
    WD_LOG_INFO = 6,
    WD_LOG_DEBUG = 7,
} wd_log_level;

/* key without the WIREDESK_ prefix, upper case; a NULL value leaves the field out. */
typedef struct wd_log_field {
    const char *key;
    const char *value;
} wd_log_field;

typedef struct wd_log {
    void (*sink)(void *ctx,
                 wd_log_level level,
                 const char *event,
                 const wd_log_field *fields, /* ends with a NULL key; may itself be NULL */
                 const char *text);
    void *ctx;
    wd_log_level level; /* events above this number are not said */
} wd_log;

/* May be changed while other threads log. */
void wd_log_set_level(wd_log *log, wd_log_level level);
wd_log_level wd_log_get_level(const wd_log *log);

/* A log that says nothing: for tests and for commands that print elsewhere. */
const wd_log *wd_log_silent(void);

void wd_log_event(const wd_log *log,
                  wd_log_level level,
                  const char *event,
                  const wd_log_field *fields,
                  const char *fmt,
                  ...) WD_PRINTF(5, 6);

#define WD_FIELDS(...) ((const wd_log_field[]){ __VA_ARGS__, { NULL, NULL } })
#define WD_NO_FIELDS   ((const wd_log_field *)NULL)

#define wd_error_event(log, event, ...) wd_log_event(log, WD_LOG_ERROR, event, __VA_ARGS__)
#define wd_warn(log, event, ...)        wd_log_event(log, WD_LOG_WARNING, event, __VA_ARGS__)
#define wd_notice(log, event, ...)      wd_log_event(log, WD_LOG_NOTICE, event, __VA_ARGS__)
#define wd_info(log, event, ...)        wd_log_event(log, WD_LOG_INFO, event, __VA_ARGS__)
#define wd_debug(log, event, ...)       wd_log_event(log, WD_LOG_DEBUG, event, __VA_ARGS__)
