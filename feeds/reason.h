/*
 * feeds/reason.h - why a poll did not bring a document: one row each, and all
 * that follows from it.
 */
#pragma once

#include <stdbool.h>

/* name, word for metrics and fields, text for people, log event, failure weight of polling.md rule
 * 8 */
#define WD_REASON_LIST(X)                                                                          \
    X(NONE, "none", "it works", "feed.recovered", 0.0)                                             \
    X(DNS, "dns", "its host name could not be resolved", "fetch.error", 0.25)                      \
    X(PROXY, "proxy", "the proxy refused", "fetch.error", 0.25)                                    \
    X(REFUSED, "refused", "the connection was refused", "fetch.error", 1.0)                        \
    X(UNREACHABLE, "unreachable", "its host could not be reached", "fetch.error", 1.0)             \
    X(TIMEOUT, "timeout", "no answer in time", "fetch.error", 0.5)                                 \
    X(SLOW, "slow", "the answer came too slowly", "fetch.error", 0.5)                              \
    X(TLS, "tls", "the TLS handshake failed", "fetch.error", 1.0)                                  \
    X(PROTOCOL, "protocol", "the answer is not valid HTTP", "fetch.error", 1.0)                    \
    X(CLOSED, "closed", "the connection closed in the middle of the answer", "fetch.error", 0.5)   \
    X(TOO_LARGE, "too-large", "the body is over the size limit", "fetch.too_large", 1.0)           \
    X(ENCODING, "encoding", "the body could not be decompressed", "fetch.error", 1.0)              \
    X(REDIRECTS, "redirects", "too many redirects or a bad one", "fetch.error", 1.0)               \
    X(ADDRESS, "address", "its address is not public (allow_private admits what is yours)",        \
      "fetch.address_denied", 1.0)                                                                 \
    X(HTTP_4XX, "http-4xx", "the server refused the request", "fetch.error", 1.0)                  \
    X(HTTP_AUTH, "http-auth", "the server asks for permission", "fetch.error", 1.0)                \
    X(HTTP_GONE, "http-gone", "the feed is gone", "feed.gone", 1.0)                                \
    X(HTTP_429, "http-429", "the server asks for fewer requests", "fetch.throttled", 0.0)          \
    X(HTTP_503, "http-503", "the server is busy", "fetch.throttled", 0.5)                          \
    X(HTTP_5XX, "http-5xx", "the server failed", "fetch.error", 0.5)                               \
    X(HTTP_OTHER, "http-other", "an answer that makes no sense here", "fetch.error", 1.0)          \
    X(HTML, "html", "the answer is an HTML page, not a feed", "parse.not_a_feed", 0.5)             \
    X(NOT_A_FEED, "not-a-feed", "the answer is not a feed", "parse.not_a_feed", 0.5)               \
    X(EMPTY, "empty", "the answer is empty", "parse.failed", 0.5)                                  \
    X(TRUNCATED, "truncated", "the document ends in the middle", "parse.failed", 0.5)              \
    X(MALFORMED, "malformed", "the document could not be read", "parse.failed", 0.5)               \
    X(ENTITIES, "entities", "the document declares dangerous entities", "parse.failed", 0.5)       \
    X(LIMIT, "limit", "the document is over a limit", "parse.failed", 0.5)                         \
    X(INTERNAL, "internal", "an internal limit was reached", "fetch.error", 0.0)                   \
    X(CANCELED, "canceled", "the poll was canceled", "fetch.error", 0.0)

typedef enum wd_reason {
#define X(name, word, text, event, weight) WD_REASON_##name,
    WD_REASON_LIST(X)
#undef X
        WD_REASON_COUNT
} wd_reason;

const char *wd_reason_word(wd_reason r);
const char *wd_reason_text(wd_reason r);
const char *wd_reason_event(wd_reason r);
double wd_reason_weight(wd_reason r);

/* From a stored word; WD_REASON_NONE when unknown. */
wd_reason wd_reason_from_word(const char *word);
