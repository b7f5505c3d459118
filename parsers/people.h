/*
 * parsers/people.h - "mail@x (Name)", "Name <mail@x>", "Name (mail@x)", "mail@x", "Name".
 */
#pragma once

#include "core/item.h"

/* Spans into `text`. */
wd_person wd_person_parse(wd_span text);
