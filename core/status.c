/* core/status.c - texts of the failure type, and the sentence that goes with one. */
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *wd_status_text(wd_status s)
{
    static const char *const text[] = {
#define X(name, words) [WD_##name] = words,
        WD_STATUS_LIST(X)
#undef X
    };
    return (size_t)s < WD_COUNT(text) ? text[s] : "unknown status";
}

void wd_error_set(wd_error *err, wd_status s, const char *fmt, ...)
{
    if (err == NULL)
        return;
    err->status = s;
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
}
