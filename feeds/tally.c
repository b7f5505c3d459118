/* feeds/tally.c - counts and histograms of polls. */
#include "feeds/tally.h"

static int index_of(int32_t status)
{
    switch (status) {
#define X(code)                                                                                    \
    case code:                                                                                     \
        return WD_CODE_##code;
        WD_CODE_LIST(X)
#undef X
    default:
        return WD_CODE_OTHER;
    }
}

const char *wd_code_word(int index)
{
    static const char *const words[WD_CODE_COUNT] = {
#define X(code) #code,
        WD_CODE_LIST(X)
#undef X
            "other"
    };
    return words[index];
}

void wd_tally_poll(wd_tally *t, const wd_poll *poll)
{
    if (poll->http_status > 0)
        t->codes[index_of(poll->http_status)]++;
    if (poll->answer == WD_ANSWER_FAILED && poll->reason < WD_REASON_COUNT)
        t->failures[poll->reason]++;
    t->wire_bytes += poll->wire_bytes;
    t->decoded_bytes += poll->body.len;
    for (int i = 0; i < WD_PHASE_COUNT; i++)
        if (poll->phase_us[i] > 0)
            wd_histogram_observe(&t->phases[i], &wd_scale_network, poll->phase_us[i] / 1e6, 1);
    wd_histogram_observe(&t->total, &wd_scale_network, (double)poll->fetch_us / 1e6, 1);
}

void wd_tally_begun(wd_tally *t, int64_t late_ms)
{
    wd_histogram_observe(&t->lateness, &wd_scale_delay, (double)late_ms / 1e3, 1);
}
