/*
 * parsers/people.h - "mail@x (Name)", "Name <mail@x>", "Name (mail@x)", "mail@x", "Name".
 */
#pragma once

#include "core/item.h"

/* Spans into `text`. */
wd_person wd_person_parse(wd_span text);

/* The first of several, "Ann <mail@x>, Bo <mail@y> and Cy"; *text is what follows it, empty at the
 * end.  Only an address says where a person ends: names alone are one ("Smith, John"). */
wd_person wd_person_next(wd_span *text);
