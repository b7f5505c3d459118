/* tests/support/check.h - cmocka with the headers it wants, and checks for our types. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/span.h"
#include "core/status.h"

/* Compares a span with a C string and shows both when they differ. */
#define assert_span(got, want)                                                                     \
    do {                                                                                           \
        wd_span got_ = (got);                                                                      \
        const char *want_ = (want);                                                                \
        if (!wd_span_is(got_, want_))                                                              \
            fail_msg("%s is \"%.*s\", want \"%s\"", #got, WD_SPAN_ARG(got_), want_);               \
    } while (0)

#define assert_ok(status_expr)                                                                     \
    do {                                                                                           \
        wd_status got_ = (status_expr);                                                            \
        if (got_ != WD_OK)                                                                         \
            fail_msg("%s: %s", #status_expr, wd_status_text(got_));                                \
    } while (0)
