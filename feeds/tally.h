/*
 * feeds/tally.h - what polling counted since the start, for metrics: bounded whatever servers
 * answer.
 */
#pragma once

#include "core/histogram.h"
#include "feeds/poll.h"

/* Each a series of its own; anything else counts as "other". */
// clang-format off
#define WD_CODE_LIST(X) \
    X(200) X(301) X(302) X(304) X(307) X(308) X(400) X(401) X(403) X(404) X(406) X(410) X(429) \
    X(500) X(502) X(503) X(504)
// clang-format on

enum wd_code_index {
#define X(code) WD_CODE_##code,
    WD_CODE_LIST(X)
#undef X
        WD_CODE_OTHER,
    WD_CODE_COUNT
};

typedef struct wd_tally {
    uint64_t codes[WD_CODE_COUNT];
    uint64_t failures[WD_REASON_COUNT];
    uint64_t wire_bytes, decoded_bytes;
    wd_histogram phases[WD_PHASE_COUNT], total;
    wd_histogram lateness; /* from due to begun */
} wd_tally;

/* Its answer is in. */
void wd_tally_poll(wd_tally *t, const wd_poll *poll);

/* A poll begins so long after it was due. */
void wd_tally_begun(wd_tally *t, int64_t late_ms);

/* "200" ... "other"; by enum wd_code_index. */
const char *wd_code_word(int index);
