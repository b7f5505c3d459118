/*
 * parsers/identity.h - one document's items told apart.
 *
 * A repetition is one item.  A guid that several stories share says nothing: those are known by
 * their links instead, and without links by guid and title together.
 */
#pragma once

#include "core/arena.h"
#include "core/item.h"
#include "core/status.h"

/* Drops repetitions and re-identifies, with new ids in `to`; *n shrinks.  WD_NOMEM leaves the
 * items as they are. */
wd_status wd_identity_settle(wd_item *items, size_t *n, wd_arena *to);
