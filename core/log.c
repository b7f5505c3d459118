/* core/log.c - formats the sentence once and hands it to whoever listens. */
#include "core/log.h"

#include <stdio.h>

/* A sentence for people; whole documents never belong into a log. */
#define SENTENCE_BYTES 2048

const wd_log *wd_log_silent(void)
{
    static const wd_log silent = { .sink = NULL, .level = WD_LOG_ERROR };
    return &silent;
}

void wd_log_set_level(wd_log *log, wd_log_level level)
{
    __atomic_store_n(&log->level, level, __ATOMIC_RELAXED);
}

wd_log_level wd_log_get_level(const wd_log *log)
{
    return __atomic_load_n(&log->level, __ATOMIC_RELAXED);
}

void wd_log_event(const wd_log *log,
                  wd_log_level level,
                  const char *event,
                  const wd_log_field *fields,
                  const char *fmt,
                  ...)
{
    char text[SENTENCE_BYTES];
    if (log == NULL || log->sink == NULL || level > wd_log_get_level(log))
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    log->sink(log->ctx, level, event, fields, text);
}
