/*
 * core/status.h - the one failure type, and the detail that may go with it.
 *
 * Outcomes that are normal (a 304, a gone feed, a duplicate) are values of their
 * own enums, never a wd_status.
 */
#pragma once

#include <stddef.h>

#define WD_STATUS_LIST(X)                                                                          \
    X(OK, "ok")                                                                                    \
    X(NOMEM, "out of memory")                                                                      \
    X(LIMIT, "limit reached")                                                                      \
    X(NET, "network failure")                                                                      \
    X(IO, "input/output error")                                                                    \
    X(NOSPACE, "no space left")                                                                    \
    X(MALFORMED, "malformed input")                                                                \
    X(UNSUPPORTED, "not supported")                                                                \
    X(NOTFOUND, "not found")                                                                       \
    X(BUSY, "in use by another process")                                                           \
    X(CORRUPT, "stored data is damaged")                                                           \
    X(DENIED, "refused by policy")                                                                 \
    X(CONFIG, "configuration error")                                                               \
    X(CANCELED, "canceled")

typedef enum wd_status {
#define X(name, text) WD_##name,
    WD_STATUS_LIST(X)
#undef X
} wd_status;

#define WD_MUST_USE        __attribute__((warn_unused_result))
#define WD_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))

/* The struct that holds `member` at `ptr`: how a callback finds its owner. */
#define wd_owner(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define WD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Static text, never NULL, for any value. */
const char *wd_status_text(wd_status s);

/* Where and why, for configuration, parsers and storage.  `where` is
 * "file:line:column" or empty; `text` is one sentence without a full stop. */
typedef struct wd_error {
    wd_status status;
    char where[256];
    char text[512];
} wd_error;

/* Fills err when it is not NULL, and is `s` (read twice), so that a caller can write
 * `return wd_fail(err, WD_IO, "cannot open %s", path);`.  A macro: who reads the code,
 * compilers and analyzers too, sees that what comes back is not WD_OK. */
#define wd_fail(err, s, ...) (wd_error_set((err), (s), __VA_ARGS__), (wd_status)(s))
void wd_error_set(wd_error *err, wd_status s, const char *fmt, ...) WD_PRINTF(3, 4);
