/*
 * dedup/credit.h - which agency wrote a story, and where it says so.
 *
 * Thread: any; pure.
 */
#pragma once

#include "core/item.h"
#include "dedup/fingerprint.h"

/* The surest mention in the item: source element, byline, dateline, copyright, sign-off,
 * link, text.  NONE when no agency is named. */
wd_credit wd_credit_find(const wd_item *item);

/* A stable number for an agency's name, and back; 0 and NULL for none. */
uint8_t wd_credit_number(const char *agency);
const char *wd_credit_name(uint8_t number);
/* The static name equal to this one, NULL when the table lacks it. */
const char *wd_credit_known(wd_span name);
