/* core/url_parameter.h - does a parameter of a query look like a key? */
#pragma once

#include <stdbool.h>

#include "core/span.h"

/* "name=value", or what stands alone.  False: its name speaks of a secret, or its value is
 * such as nobody would think up: letters and digits mixed, or one very long word. */
bool wd_url_parameter_is_plain(wd_span parameter);
