/* queue/redis_reason.c - one table binds word, remedy and sentence. */
#include "queue/redis_reason.h"

#include "core/status.h"

static const struct row {
    const char *name;
    wd_redis_remedy remedy;
    const char *text;
} rows[] = {
#define X(name, remedy, text) { #name, WD_REDIS_##remedy, text },
    WD_REDIS_REASON_LIST(X)
#undef X
};

/* Errors that have only the word ERR, known by what they say. */
static const struct phrase {
    const char *part;
    wd_redis_reason reason;
} phrases[] = {
    { "equal or smaller than the target stream", WD_REDIS_REASON_FOREIGN },
    { "invalid password", WD_REDIS_REASON_WRONGPASS },
    { "without any password configured", WD_REDIS_REASON_WRONGPASS },
    { "invalid DB index", WD_REDIS_REASON_NOPERM },
    { "DB index is out of range", WD_REDIS_REASON_NOPERM },
    { "-OOM ", WD_REDIS_REASON_OOM },
    { "-READONLY ", WD_REDIS_REASON_READONLY },
    { "-MISCONF ", WD_REDIS_REASON_MISCONF },
    { "-NOREPLICAS ", WD_REDIS_REASON_NOREPLICAS },
    { "-WRONGTYPE ", WD_REDIS_REASON_WRONGTYPE },
    { "permissions to run", WD_REDIS_REASON_NOPERM },
    { "user executing the script can't", WD_REDIS_REASON_NOPERM },
    { "unknown command", WD_REDIS_REASON_NOPROTO },
};

wd_redis_reason wd_redis_reason_of(wd_span error)
{
    wd_span rest = error;
    wd_span word = wd_span_cut(&rest, ' ');
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_span_is(word, rows[i].name))
            return (wd_redis_reason)i;
    for (size_t i = 0; i < WD_COUNT(phrases); i++)
        if (wd_span_find_nocase(error, phrases[i].part) < error.len)
            return phrases[i].reason;
    return WD_REDIS_REASON_UNKNOWN;
}

/* hiredis', libuv's and our own words. */
static const struct phrase losses[] = {
    { "certificate", WD_REDIS_REASON_TLS },
    { "TLS", WD_REDIS_REASON_TLS },
    { "SSL", WD_REDIS_REASON_TLS },
    { "refused", WD_REDIS_REASON_REFUSED },
    { "No such file", WD_REDIS_REASON_REFUSED }, /* a unix socket that is not there */
    { "Permission denied", WD_REDIS_REASON_NOPERM },
    { "within", WD_REDIS_REASON_TIMEOUT },
    { "timed out", WD_REDIS_REASON_TIMEOUT },
    { "closed", WD_REDIS_REASON_CLOSED },
    { "reset by peer", WD_REDIS_REASON_CLOSED },
    { "Broken pipe", WD_REDIS_REASON_CLOSED },
    { "unknown node or service", WD_REDIS_REASON_NAME },
    { "name resolution", WD_REDIS_REASON_NAME },
    { "try again", WD_REDIS_REASON_NAME },
};

wd_redis_reason wd_redis_reason_of_loss(wd_span why)
{
    for (size_t i = 0; i < WD_COUNT(losses); i++)
        if (wd_span_find_nocase(why, losses[i].part) < why.len)
            return losses[i].reason;
    return WD_REDIS_REASON_NETWORK;
}

static const struct row *row_of(wd_redis_reason reason)
{
    return &rows[(size_t)reason < WD_COUNT(rows) ? reason : WD_REDIS_REASON_UNKNOWN];
}

wd_redis_remedy wd_redis_reason_remedy(wd_redis_reason reason)
{
    return row_of(reason)->remedy;
}

bool wd_redis_reason_is_away(wd_redis_reason reason)
{
    switch (reason) {
    case WD_REDIS_REASON_LOADING:
    case WD_REDIS_REASON_MASTERDOWN:
    case WD_REDIS_REASON_READONLY:
    case WD_REDIS_REASON_UNBLOCKED:
    case WD_REDIS_REASON_REFUSED:
    case WD_REDIS_REASON_TIMEOUT:
    case WD_REDIS_REASON_CLOSED:
    case WD_REDIS_REASON_NETWORK:
        return true;
    default:
        return false;
    }
}

const char *wd_redis_reason_name(wd_redis_reason reason)
{
    return row_of(reason)->name;
}

const char *wd_redis_reason_text(wd_redis_reason reason)
{
    return row_of(reason)->text;
}
