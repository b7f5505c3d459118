/*
 * dedup/packed.h - a fingerprint as bytes: what a restart needs to give the same answers.
 */
#pragma once

#include <stdbool.h>

#include "dedup/fingerprint.h"

/* The reverse of wd_fingerprint_pack(), into the arena; false when the bytes are not
 * from it (or the arena is exhausted).  Identity keys and field hashes are not in them. */
WD_MUST_USE bool wd_fingerprint_unpack(wd_span packed, wd_arena *arena, wd_fingerprint *out);
