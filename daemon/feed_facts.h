/*
 * daemon/feed_facts.h - what the desk needs to know of a feed by its number: group and trust.
 */
#pragma once

#include "daemon/roster.h"
#include "dedup/desk.h"

typedef struct wd_feed_fact {
    uint32_t group; /* hash of the group's name; 0: none */
    wd_trust trust;
} wd_feed_fact;

typedef struct wd_feed_facts wd_feed_facts;

WD_MUST_USE wd_status wd_feed_facts_new(wd_feed_facts **out);
void wd_feed_facts_free(wd_feed_facts *f);

/* Takes over from a new roster; feeds no longer configured keep their last facts. */
WD_MUST_USE wd_status wd_feed_facts_set(wd_feed_facts *f, const wd_roster *roster);

/* Never NULL: an unknown feed has no group and normal trust. */
const wd_feed_fact *wd_feed_facts_get(const wd_feed_facts *f, uint32_t feed);
