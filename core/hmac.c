/* core/hmac.c - a table of nettle's hashes; the comparison is nettle's too, in constant time. */
#include "core/hmac.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/ascii.h"

#define DIGEST_MOST 64 /* SHA-512's */

struct wd_hmac {
    const struct nettle_hash *hash;
    union wd_hmac_room { /* as large as any of the table's, and aligned for it */
        struct sha1_ctx sha1;
        struct sha256_ctx sha256;
        struct sha512_ctx sha512; /* of sha384 as well */
    } outer, inner, state;
};

static const struct {
    const char *name;
    const struct nettle_hash *hash;
} methods[] = { { "sha1", &nettle_sha1 },
                { "sha256", &nettle_sha256 },
                { "sha384", &nettle_sha384 },
                { "sha512", &nettle_sha512 } };

static const struct nettle_hash *find(wd_span method)
{
    for (size_t i = 0; i < WD_COUNT(methods); i++)
        if (wd_span_is_nocase(method, methods[i].name))
            return methods[i].hash;
    return NULL;
}

wd_status wd_hmac_new(wd_hmac **out, wd_span method, wd_span key)
{
    const struct nettle_hash *hash = find(method);
    if (hash == NULL)
        return WD_UNSUPPORTED;
    wd_hmac *h = calloc(1, sizeof(*h));
    if (h == NULL)
        return WD_NOMEM;
    h->hash = hash;
    hmac_set_key(&h->outer, &h->inner, &h->state, hash, key.len, (const uint8_t *)key.ptr);
    *out = h;
    return WD_OK;
}

void wd_hmac_free(wd_hmac *h)
{
    free(h);
}

void wd_hmac_update(wd_hmac *h, wd_span bytes)
{
    if (bytes.len > 0)
        hmac_update(&h->state, h->hash, bytes.len, (const uint8_t *)bytes.ptr);
}

bool wd_hmac_matches(wd_hmac *h, wd_span hex)
{
    uint8_t want[DIGEST_MOST], said[DIGEST_MOST];
    size_t n = h->hash->digest_size;
    hmac_digest(&h->outer, &h->inner, &h->state, h->hash, n, want);
    if (hex.len != 2 * n)
        return false;
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        int high = wd_hex_value(hex.ptr[2 * i]), low = wd_hex_value(hex.ptr[2 * i + 1]);
        wrong |= high | low; /* negative when one is no digit */
        said[i] = (uint8_t)((unsigned)high << 4 | ((unsigned)low & 15));
    }
    return (memeql_sec(want, said, n) & (wrong >= 0)) != 0;
}
