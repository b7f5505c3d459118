/*
 * dedup/identity.h - who an item says it is, as keyed hashes.
 *
 * Thread: any; pure.
 */
#pragma once

#include "core/item.h"
#include "dedup/fingerprint.h"

/* Fills id_key, link_key, field_hash and content_hash. */
void wd_identity_of(const wd_item *item, uint64_t key, wd_arena *arena, wd_fingerprint *out);

/* The key of an id that is its item's link: as the link's, and the place in the page with it, for
 * a page of many items names them so.  Another session in it is the same id. */
uint64_t wd_identity_page_key(wd_span link, uint64_t link_key, uint64_t key);
