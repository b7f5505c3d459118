/* feeds/idn.c - libidn2. */
#include "feeds/idn.h"

#include <idn2.h>

static bool is_ascii(wd_span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

wd_span wd_idn_host(wd_arena *arena, wd_span host)
{
    uint8_t *ace = NULL;
    if (is_ascii(host))
        return host;
    wd_span text = wd_arena_copy(arena, host); /* NUL-terminated */
    if (text.ptr == NULL)
        return WD_SPAN_NONE;
    int rc = idn2_lookup_u8((const uint8_t *)text.ptr, &ace,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    wd_span out =
        rc == IDN2_OK ? wd_arena_copy(arena, wd_span_of((const char *)ace)) : WD_SPAN_NONE;
    idn2_free(ace);
    return out;
}
