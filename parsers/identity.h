/*
 * parsers/identity.h - one document's items told apart.
 *
 * An exact repetition is one item.  A guid that several items with different links share
 * says nothing: those are known by their links instead.
 */
#pragma once

#include "core/item.h"
#include "core/status.h"

/* Drops repetitions and re-identifies; *n shrinks.  WD_NOMEM leaves the items as they are. */
wd_status wd_identity_settle(wd_item *items, size_t *n);
