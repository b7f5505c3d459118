/* core/url_parameter.h - what a parameter of a query is about: a key, a visit, or the page. */
#pragma once

#include <stdbool.h>

#include "core/span.h"

/* "name=value", or what stands alone.  False: its name speaks of a secret, or its value is
 * such as nobody would think up: letters and digits mixed, or one very long word. */
bool wd_url_parameter_is_plain(wd_span parameter);

/* "name=value" that says who came and whence, and nothing of the page: a campaign, a click, a
 * session.  Where a name has other uses too (sid is a story's number in some shops), its value
 * must look like a session's. */
bool wd_url_parameter_is_visit(wd_span parameter);
