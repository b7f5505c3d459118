/*
 * feeds/websub_wire.h - what goes over the wire between us and a hub: where a document says its
 * hubs are, the request to one, and the signature of what it delivers.
 *
 * Pure.  Spans live in the arena given, or in what they were read from.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/hmac.h"
#include "core/limits.h"
#include "feeds/websub.h"

/* In the callback's path: 192 bits, so that nobody finds one by trying. */
#define WD_WEBSUB_TOKEN_CHARS 48u

/* For HMAC: 256 bits; the Recommendation allows less than 200 bytes. */
#define WD_WEBSUB_SECRET_CHARS 64u

/* Random hexadecimal digits and a NUL. */
void wd_websub_random(char *out, size_t chars);

/* What a document says of its hubs, from its head and from itself. */
typedef struct wd_websub_source {
    wd_span links; /* its Link fields, as in wd_http_head */
    wd_span url;   /* what they are relative to */
    wd_span self;  /* of the document; absent: not said */
    wd_span hubs[WD_HUBS_PER_DOC];
} wd_websub_source;

typedef struct wd_websub_offer {
    wd_span topic;
    wd_span hubs[WD_HUBS_PER_DOC]; /* in the order said, none twice */
    size_t n_hubs;
} wd_websub_offer;

/* The head's links win over the document's, each relation by itself (section 4).  False: it names
 * no hub that could be asked, or does not say what it is: the address where we found it may hold
 * a secret, which is nothing for a hub. */
bool wd_websub_discover(const wd_websub_source *from, wd_arena *arena, wd_websub_offer *out);

/* Whether the Link fields of a delivery, when they say of what it is, say `topic`. */
bool wd_websub_is_of(wd_span links, wd_span topic);

/* The form of a request (section 5.1). */
typedef struct wd_websub_form {
    wd_websub_mode mode;
    const char *topic, *callback, *secret;
    int64_t lease_ms;
} wd_websub_form;

/* Appends it, form-encoded; errors are the buffer's. */
void wd_websub_form_write(const wd_websub_form *form, wd_buf *out);

/* Begins to reckon the signature that X-Hub-Signature names: "sha256=0a1b...".  *hex is what it
 * must come to.  WD_MALFORMED: none, or of no method that we know. */
WD_MUST_USE wd_status wd_websub_signature_begin(wd_hmac **out,
                                                wd_span header,
                                                const char *secret,
                                                wd_span *hex);
