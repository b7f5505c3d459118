/*
 * parsers/identity.h - one document's items told apart.
 *
 * A repetition is one item.  A guid that several stories share says nothing: those are known by
 * their links instead, and without links by guid and title together.  Where the links are the
 * same as well, all are kept under the id that they have: who tells them apart, and for how long,
 * needs more than one document (daemon/story_identity.h).
 */
#pragma once

#include "core/arena.h"
#include "core/item.h"
#include "core/status.h"

/* Drops repetitions and re-identifies, with new ids in `to` and given_id set; *n shrinks.  WD_NOMEM
 * leaves the items as they are. */
wd_status wd_identity_settle(wd_item *items, size_t *n, wd_arena *to);
