/*
 * daemon/story_identity.h - as whom the ledger knows a story, also where its feed's ids lie.
 *
 * A publisher who repeats one guid over different stories means their links, and one who repeats
 * guid and link means their titles (polling.md rule 13).  The first is the parser's to see, inside
 * one document (parsers/identity.h), the second the reading's.  Here both hold from then on, with
 * one story left in the document as well.
 */
#pragma once

#include "daemon/reading.h"
#include "queue/ledger_items.h"

/* Its urn, of feed and id. */
void wd_story_name(const wd_poll *poll, wd_story *story, uint64_t hash_key);

/* What tells it from others of one id and one link: its title, or where it has none its text. */
bool wd_story_differs(const wd_story *a, const wd_story *b);

/* Joins that to its id, and notes in poll->state that this one does not tell stories apart.  False
 * only out of memory. */
WD_MUST_USE bool wd_story_join_title(wd_poll *poll, wd_story *story, uint64_t hash_key);

/* Before the desk is asked: gives the story the identity that it is known under, or will be, as
 * poll->state says of the feed's ids.  Thread: the desk's.  False only out of memory. */
WD_MUST_USE bool wd_story_identify(wd_poll *poll, wd_story *story, wd_ledger *ledger);
