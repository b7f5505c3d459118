/*
 * feeds/dns_cache.h - what names resolved to lately: addresses for five minutes at most, a
 * failure for as long as asking again would only annoy.
 *
 * Pure: fed with answers and times (ms of one clock), knows no network.
 * Why our own: libcurl scans all of its cache after every transfer, which costs more than
 * a request does once there are thousands of hosts (polling.md, "libcurl facts").
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "core/status.h"

/* A name server's TTL does not come through getaddrinfo: this is the ceiling for all. */
#define WD_DNS_FOUND_MS  (300 * 1000)
#define WD_DNS_ABSENT_MS (60 * 1000) /* no such name */
#define WD_DNS_FAILED_MS (10 * 1000) /* the name server did not answer */

/* Of each family, in the resolver's order (RFC 6724): more are never tried in 10 s. */
#define WD_DNS_PER_FAMILY 4

/* A name of the DNS has 253 characters at most (RFC 1035). */
#define WD_DNS_NAME_BYTES 254

typedef struct wd_dns_address {
    uint8_t n_bytes; /* 4 or 16 */
    uint8_t bytes[16];
} wd_dns_address;

typedef struct wd_dns_answer {
    uint8_t n;   /* 0: none */
    bool absent; /* there is no such name; else, without addresses, it only failed */
    wd_dns_address addresses[2 * WD_DNS_PER_FAMILY];
} wd_dns_answer;

typedef struct wd_dns_cache wd_dns_cache;

/* At most `most` names; the oldest go first.  NULL: no memory. */
WD_MUST_USE wd_dns_cache *wd_dns_cache_new(size_t most);
void wd_dns_cache_free(wd_dns_cache *c);

/* Borrowed until the next call; NULL: not known, or not any longer.  Names are compared
 * without regard to case. */
const wd_dns_answer *wd_dns_cache_find(const wd_dns_cache *c, wd_span name, int64_t now_ms);

/* Without memory nothing is remembered. */
void wd_dns_cache_put(wd_dns_cache *c, wd_span name, const wd_dns_answer *answer, int64_t now_ms);

/* Its addresses did not work: the next one asks again. */
void wd_dns_cache_forget(wd_dns_cache *c, wd_span name);

size_t wd_dns_cache_count(const wd_dns_cache *c);
