/* parsers/vocabulary.c - a sorted table.  xml_names.c remembers what it found, so
 * that a name is looked up once a document. */
#include "parsers/vocabulary.h"

#include <string.h>

#include "core/ascii.h"
#include "core/status.h"

#define WORD_BYTES 24u

wd_word wd_word_of(wd_span local)
{
    static const char *const words[] = {
#define X(name, text) text,
        WD_WORD_LIST(X)
#undef X
    };
    char lower[WORD_BYTES];
    if (local.len >= sizeof(lower))
        return WD_WORD_NONE;
    for (size_t i = 0; i < local.len; i++)
        lower[i] = wd_lower(local.ptr[i]);
    lower[local.len] = '\0';
    size_t low = 0, high = WD_COUNT(words);
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = strcmp(words[mid], lower);
        if (c == 0)
            return (wd_word)(mid + 1);
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return WD_WORD_NONE;
}
