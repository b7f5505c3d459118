/* feeds/http_fault.h - what went wrong with one transfer: a reason for us, a sentence for people.
 */
#pragma once

#include <stddef.h>

#include "core/span.h"
#include "core/status.h"
#include "feeds/http_body.h"
#include "feeds/reason.h"

typedef struct wd_http_fault {
    wd_reason reason;
    int os_errno;       /* of a failed connect; 0: none known */
    wd_body_stop stop;  /* when we ended it over the body */
    bool head_too_long; /* when we ended it over the head */
    const char *peer;   /* the address last spoken to, or "" */
    wd_span port;
    const char *library_text; /* the library's own sentence */
} wd_http_fault;

/* Why a connect failed, from the system's errno. */
wd_reason wd_http_fault_connect(int os_errno);

/* Why we ended a transfer; WD_REASON_NONE when what was left out was not wanted. */
wd_reason wd_http_fault_stop(wd_body_stop stop);

/* One printable sentence without a full stop. */
void wd_http_fault_text(const wd_http_fault *f, char *out, size_t room);
