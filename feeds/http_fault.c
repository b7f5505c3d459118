/* feeds/http_fault.c - tables from errno and from our own limits to reasons. */
#include "feeds/http_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

wd_reason wd_http_fault_connect(int os_errno)
{
    switch (os_errno) {
    case ETIMEDOUT:
        return WD_REASON_TIMEOUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EACCES: /* a firewall of our own */
    case EPERM:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return WD_REASON_UNREACHABLE;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return WD_REASON_INTERNAL;
    default:
        return WD_REASON_REFUSED;
    }
}

wd_reason wd_http_fault_stop(wd_body_stop stop)
{
    switch (stop) {
    case WD_BODY_WIRE:
    case WD_BODY_DECODED:
    case WD_BODY_BOMB:
        return WD_REASON_TOO_LARGE;
    case WD_BODY_ENOUGH:
        return WD_REASON_NONE;
    case WD_BODY_NOMEM:
        return WD_REASON_INTERNAL;
    case WD_BODY_GARBLED:
    case WD_BODY_UNKNOWN:
    case WD_BODY_RUNNING:
        break;
    }
    return WD_REASON_ENCODING;
}

static const char *limit_text(const wd_http_fault *f)
{
    static const char *const texts[] = {
        [WD_BODY_WIRE] = "the body is over the size limit",
        [WD_BODY_DECODED] = "the decompressed body is over the size limit",
        [WD_BODY_BOMB] = "the body inflates more than a hundredfold",
        [WD_BODY_NOMEM] = "out of memory",
        [WD_BODY_GARBLED] = "the body is not what its Content-Encoding says",
        [WD_BODY_UNKNOWN] = "the body has an unknown Content-Encoding",
    };
    if (f->head_too_long)
        return "the header block is over the size limit";
    return (size_t)f->stop < WD_COUNT(texts) ? texts[f->stop] : NULL;
}

void wd_http_fault_text(const wd_http_fault *f, char *out, size_t room)
{
    if (f->reason == WD_REASON_ADDRESS)
        snprintf(out, room, "connect to %s: not a public address", f->peer);
    else if (f->os_errno != 0)
        snprintf(out, room, "connect to %s port %.*s: %s", f->peer, WD_SPAN_ARG(f->port),
                 strerror(f->os_errno));
    else
        snprintf(out, room, "%s", limit_text(f) ? limit_text(f) : f->library_text);
    for (char *c = out; *c != '\0'; c++) /* the library quotes what servers say */
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}
