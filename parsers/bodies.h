/*
 * parsers/bodies.h - the other form of a body: plain text of HTML, HTML of plain text.
 *
 * wd_parse keeps of each body the form it was published in, mostly where it stood; text made
 * of every item would be half of a large document once more, for items that nobody asks about.
 */
#pragma once

#include "core/arena.h"
#include "core/item.h"
#include "parsers/html.h"

/* Makes the form that is absent, in `to`, unless both are.  `html` is what wd_parse gave. */
void wd_body_complete(wd_html *h, wd_span *html, wd_span *text, wd_arena *to);

/* Both bodies of an item.  Errors are the arena's. */
void wd_bodies_complete(wd_html *h, wd_item *item, wd_arena *to);

/* Nothing to read and nothing to see: "<p>&nbsp;</p>".  Either form, cleaned. */
bool wd_body_is_blank(wd_span html, wd_span text);
