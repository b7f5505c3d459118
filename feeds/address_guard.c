/* feeds/address_guard.c - tables of what is not public, and prefixes compared bit by bit. */
#include "feeds/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "core/status.h"

struct prefix {
    uint8_t bytes[16];
    uint8_t bits;
};

/* IANA IPv4 special-purpose registry, multicast and class E: nothing a feed lives on. */
static const struct prefix special_v4[] = {
    { { 0 }, 8 },             /* this network */
    { { 10 }, 8 },            /* private */
    { { 100, 64 }, 10 },      /* carrier NAT */
    { { 127 }, 8 },           /* loopback */
    { { 169, 254 }, 16 },     /* link-local, cloud metadata */
    { { 172, 16 }, 12 },      /* private */
    { { 192, 0, 0 }, 24 },    /* protocol assignments */
    { { 192, 0, 2 }, 24 },    /* documentation */
    { { 192, 31, 196 }, 24 }, /* AS112 */
    { { 192, 52, 193 }, 24 }, /* AMT */
    { { 192, 88, 99 }, 24 },  /* 6to4 relays */
    { { 192, 168 }, 16 },     /* private */
    { { 192, 175, 48 }, 24 }, /* AS112 */
    { { 198, 18 }, 15 },      /* benchmarks */
    { { 198, 51, 100 }, 24 }, /* documentation */
    { { 203, 0, 113 }, 24 },  /* documentation */
    { { 224 }, 4 },           /* multicast */
    { { 240 }, 4 },           /* reserved, broadcast */
};

static const struct prefix global_unicast_v6 = { { 0x20 }, 3 };

/* Inside 2000::/3, yet not an ordinary host. */
static const struct prefix special_v6[] = {
    { { 0x20, 0x01 }, 23 },             /* protocol assignments, Teredo, ORCHID */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
    { { 0x3f, 0xff }, 20 },             /* documentation (RFC 9637) */
};

/* IPv6 ranges that carry an IPv4 address, and where in them it stands. */
static const struct {
    struct prefix range;
    size_t at;
} wraps_v4[] = {
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 }, /* mapped */
    { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },                   /* NAT64 */
    { { { 0x20, 0x02 }, 16 }, 2 },                                /* 6to4 */
};
#define MAPPED 0 /* row of wraps_v4 */

static bool within(const uint8_t *address, const uint8_t *range, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address, range, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ range[whole]) >> (8 - rest)) == 0;
}

static bool public_v4(const uint8_t *a)
{
    for (size_t i = 0; i < WD_COUNT(special_v4); i++)
        if (within(a, special_v4[i].bytes, special_v4[i].bits))
            return false;
    return true;
}

static bool public_v6(const uint8_t *a)
{
    for (size_t i = 0; i < WD_COUNT(wraps_v4); i++)
        if (within(a, wraps_v4[i].range.bytes, wraps_v4[i].range.bits))
            return public_v4(a + wraps_v4[i].at);
    if (!within(a, global_unicast_v6.bytes, global_unicast_v6.bits))
        return false;
    for (size_t i = 0; i < WD_COUNT(special_v6); i++)
        if (within(a, special_v6[i].bytes, special_v6[i].bits))
            return false;
    return true;
}

/* The address's bytes, a mapped IPv4 one as IPv4; 0 for a family that is neither. */
static size_t bytes_of(const struct sockaddr *address, uint8_t out[16])
{
    if (address->sa_family == AF_INET) {
        memcpy(out, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return 4;
    }
    if (address->sa_family != AF_INET6)
        return 0;
    memcpy(out, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    if (!within(out, wraps_v4[MAPPED].range.bytes, wraps_v4[MAPPED].range.bits))
        return 16;
    memmove(out, out + wraps_v4[MAPPED].at, 4);
    return 4;
}

bool wd_cidr_parse(wd_span text, wd_cidr *out)
{
    char host[INET6_ADDRSTRLEN + 1];
    wd_span rest = wd_span_trim(text);
    wd_span address = wd_span_cut(&rest, '/');
    if (address.len == 0 || address.len >= sizeof(host))
        return false;
    memcpy(host, address.ptr, address.len);
    host[address.len] = '\0';

    wd_cidr c = { .n_bytes = 4 };
    if (inet_pton(AF_INET, host, c.bytes) != 1) {
        c.n_bytes = 16;
        if (inet_pton(AF_INET6, host, c.bytes) != 1)
            return false;
    }
    unsigned long long bits = c.n_bytes * 8ULL;
    if (rest.ptr != NULL && (!wd_span_u64(rest, &bits) || bits > c.n_bytes * 8ULL))
        return false;
    c.bits = (uint8_t)bits;
    *out = c;
    return true;
}

bool wd_address_is_public(const struct sockaddr *address)
{
    uint8_t a[16];
    switch (bytes_of(address, a)) {
    case 4:
        return public_v4(a);
    case 16:
        return public_v6(a);
    default:
        return false;
    }
}

bool wd_address_in(const struct sockaddr *address, const char *const *cidrs)
{
    uint8_t a[16];
    size_t n = bytes_of(address, a);
    wd_cidr c;
    for (; n != 0 && cidrs != NULL && *cidrs != NULL; cidrs++)
        if (wd_cidr_parse(wd_span_of(*cidrs), &c) && c.n_bytes == n && within(a, c.bytes, c.bits))
            return true;
    return false;
}

bool wd_address_parse(wd_span text, struct sockaddr_storage *out)
{
    char host[INET6_ADDRSTRLEN + 1];
    if (text.len == 0 || text.len >= sizeof(host))
        return false;
    memcpy(host, text.ptr, text.len);
    host[text.len] = '\0';
    memset(out, 0, sizeof(*out));
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
        return false;
    v6->sin6_family = AF_INET6;
    return true;
}
