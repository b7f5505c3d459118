/* daemon/page/bytes.h - the status page as one document, made by daemon/page/embed.cmake. */
#pragma once

#include <stddef.h>

extern const unsigned char wd_page_bytes[];
extern const size_t wd_page_len;
extern const char wd_page_etag[];   /* of its content */
extern const char wd_page_policy[]; /* names its style and its script by their hashes */
