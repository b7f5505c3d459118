/*
 * core/json.h - a small JSON writer onto a wd_buf.
 *
 * Commas are its business; nesting and keys are the caller's.  Strings are
 * written as valid UTF-8 whatever the input: a bad byte becomes U+FFFD.
 * Errors are the buffer's, sticky.  Measured need: 1.2 us an event against
 * 10 us for a tree library (performance.md).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"

typedef struct wd_json {
    wd_buf *out;
    bool comma; /* the next value or key needs one before it */
} wd_json;

static inline wd_json wd_json_onto(wd_buf *out)
{
    return (wd_json){ .out = out };
}

void wd_json_begin_object(wd_json *j);
void wd_json_end_object(wd_json *j);
void wd_json_begin_array(wd_json *j);
void wd_json_end_array(wd_json *j);

/* A literal key that needs no escaping.  Inline, here and below, so that its length is known when
 * it is compiled. */
void wd_json_key_span(wd_json *j, wd_span key);
static inline void wd_json_key(wd_json *j, const char *key)
{
    wd_json_key_span(j, wd_span_of(key));
}

/* What is JSON already: a value, or members `"a":1,"b":2` of the object that is open. */
void wd_json_ready(wd_json *j, wd_span json);

void wd_json_string(wd_json *j, wd_span value);
void wd_json_text(wd_json *j, const char *value);
void wd_json_int(wd_json *j, int64_t value);
void wd_json_double(wd_json *j, double value, int decimals);
void wd_json_bool(wd_json *j, bool value);
void wd_json_null(wd_json *j);

/* key and value in one; *_opt writes nothing when the value is absent or empty
 * (for times: WD_TIME_NONE or outside 0000-9999). */
void wd_json_put_span(wd_json *j, wd_span key, wd_span value);
static inline void wd_json_put(wd_json *j, const char *key, wd_span value)
{
    wd_json_put_span(j, wd_span_of(key), value);
}
static inline void wd_json_put_text(wd_json *j, const char *key, const char *value)
{
    wd_json_put_span(j, wd_span_of(key), wd_span_of(value));
}
static inline void wd_json_put_opt(wd_json *j, const char *key, wd_span value)
{
    if (!wd_span_empty(value))
        wd_json_put_span(j, wd_span_of(key), value);
}
void wd_json_put_int(wd_json *j, const char *key, int64_t value);
void wd_json_put_time_opt(wd_json *j, const char *key, int64_t ms, bool with_ms);
