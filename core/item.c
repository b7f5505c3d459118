/* core/item.c - names of what the parser repaired. */
#include "core/item.h"

#include "core/status.h"

const char *wd_item_flag_text(unsigned bit)
{
    static const char *const names[] = {
#define X(name, text) text,
        WD_ITEM_FLAG_LIST(X)
#undef X
    };
    return bit < WD_COUNT(names) ? names[bit] : "";
}
