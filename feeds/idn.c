/* feeds/idn.c - libidn2. */
#include "feeds/idn.h"

#include <idn2.h>
#include <string.h>

#define NAME_BYTES 4096u /* one name, before and after */

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

wd_span wd_idn_host_into(wd_span host, char *out, size_t size)
{
    wd_arena *scratch = is_ascii(host) ? NULL : wd_arena_new(NAME_BYTES);
    wd_span name = scratch != NULL ? wd_idn_host(scratch, host) : host;
    if (name.ptr == NULL)
        name = host.ptr != NULL ? host : WD_SPAN_LIT("");
    name = wd_span_head(name, size - 1);
    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    wd_arena_free(scratch);
    return (wd_span){ out, name.len };
}
