/* parsers/html_names.c - a direct-mapped table in front of the policy's lists. */
#include "parsers/html_names.h"

#include <stddef.h>
#include <string.h>

#include "core/ascii.h"

/* Up to eight bytes in lower case as a number.  Setting bit 5 is enough: a clean name has no
 * other bytes that it could turn into letters, digits or a dash. */
static uint64_t pack(wd_span name, const char *end)
{
    static const unsigned char bytes[2 * sizeof(uint64_t)] = { 0xFF, 0xFF, 0xFF, 0xFF,
                                                               0xFF, 0xFF, 0xFF, 0xFF };
    uint64_t packed = 0, mask;
    memcpy(&mask, bytes + sizeof(mask) - name.len, sizeof(mask));
    if (end - name.ptr >= (ptrdiff_t)sizeof(packed))
        memcpy(&packed, name.ptr, sizeof(packed)); /* one load instead of a loop */
    else
        memcpy(&packed, name.ptr, name.len);
    return (packed | 0x2020202020202020u) & mask;
}

static size_t slot_of(uint64_t packed)
{
    return (packed * 0x9E3779B97F4A7C15u >> 58) % WD_HTML_NAMES_SLOTS;
}

static wd_span lower_case(wd_span name, char room[WD_HTML_NAME_BYTES])
{
    for (size_t i = 0; i < name.len; i++)
        room[i] = wd_lower(name.ptr[i]);
    return (wd_span){ room, name.len };
}

static bool is_foreign_root(wd_span name)
{
    return wd_span_is_nocase(name, "svg") || wd_span_is_nocase(name, "math");
}

const wd_html_element *wd_html_element_named(wd_span name, bool foreign)
{
    char room[WD_HTML_NAME_BYTES];
    size_t colon = wd_span_find(name, ':');
    if (colon < name.len && wd_span_is_nocase(wd_span_head(name, colon), "xhtml"))
        name = wd_span_from(name, colon + 1);
    if (name.len == 0 || name.len > sizeof(room))
        return NULL;
    wd_span lower = lower_case(name, room);
    bool picture = foreign || is_foreign_root(name);
    const wd_html_element *e = picture ? wd_html_foreign_find(lower) : NULL;
    return e != NULL ? e : wd_html_element_find(lower);
}

const wd_html_element *wd_html_names_element(wd_html_names *n,
                                             wd_span name,
                                             const char *end,
                                             bool foreign)
{
    if (name.len == 0 || name.len > sizeof(uint64_t) || foreign)
        return wd_html_element_named(name, foreign);
    uint64_t packed = pack(name, end);
    size_t slot = slot_of(packed);
    if (n->elements[slot].name != packed) {
        n->elements[slot].name = packed;
        n->elements[slot].element = wd_html_element_named(name, false);
    }
    return n->elements[slot].element;
}

static wd_html_attr_kind kind_of(wd_span name, bool foreign)
{
    char room[WD_HTML_NAME_BYTES];
    return name.len > sizeof(room) ? WD_HTML_ATTR_DROP
                                   : wd_html_attr_find(lower_case(name, room), foreign);
}

wd_html_attr_kind wd_html_names_attr(wd_html_names *n, wd_span name, const char *end, bool foreign)
{
    if (name.len == 0 || name.len > sizeof(uint64_t) || foreign)
        return kind_of(name, foreign);
    uint64_t packed = pack(name, end);
    size_t slot = slot_of(packed);
    if (n->attrs[slot].name != packed) {
        n->attrs[slot].name = packed;
        n->attrs[slot].kind = kind_of(name, false);
    }
    return n->attrs[slot].kind;
}
