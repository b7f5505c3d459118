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
