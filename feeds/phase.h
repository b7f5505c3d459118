/* feeds/phase.h - where the time of a request went. */
#pragma once

/* name, word for metrics */
#define WD_PHASE_LIST(X)                                                                           \
    X(DNS, "dns")         /* the host's addresses; only when they had to be looked up */           \
    X(CONNECT, "connect") /* until TCP stood; of a new connection only */                          \
    X(TLS, "tls")         /* until TLS stood; of a new connection only */                          \
    X(WAIT, "wait")       /* until the first byte of the answer */                                 \
    X(BODY, "body")       /* until its last */

typedef enum wd_phase {
#define X(name, word) WD_PHASE_##name,
    WD_PHASE_LIST(X)
#undef X
        WD_PHASE_COUNT
} wd_phase;
