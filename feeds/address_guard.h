/*
 * feeds/address_guard.h - may we speak to this address?  Asked of the socket address
 * itself, after every name has been resolved, so that no spelling of a host, no
 * redirect and no rebinding name server can go round it (security.md, "SSRF").
 *
 * Default: deny all that is not public.  IPv4: the special-purpose ranges of RFC 6890
 * and its successors.  IPv6: only 2000::/3, without Teredo and documentation; an IPv4
 * address inside (mapped, NAT64, 6to4) must be public itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/span.h"

typedef struct wd_cidr {
    uint8_t bytes[16];
    uint8_t n_bytes; /* 4 or 16 */
    uint8_t bits;
} wd_cidr;

/* "10.0.0.0/8", "fd00::/8", or an address alone; false when it is none. */
bool wd_cidr_parse(wd_span text, wd_cidr *out);

bool wd_address_is_public(const struct sockaddr *address);

/* In one of `cidrs` (NULL-terminated, may be NULL; entries that do not parse match
 * nothing).  An IPv4-mapped address is looked up as the IPv4 address it is. */
bool wd_address_in(const struct sockaddr *address, const char *const *cidrs);

/* A numeric address as text, without brackets or zone; false for a host name. */
bool wd_address_parse(wd_span text, struct sockaddr_storage *out);
