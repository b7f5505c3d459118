/* parsers/entities.c - five names make up nearly all references of real feeds, so they are
 * compared first; the rest is a search in the generated table. */
#include "parsers/entities.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/text.h"
#include "parsers/entity_table.h"
#include "parsers/scan.h"

/* --- what a document declares ---------------------------------------------- */

bool wd_entity_declare(wd_entity_set *set, wd_span name, wd_span text)
{
    struct wd_entity_decl *d;
    if (set->n >= WD_ENTITY_DECLARED_MAX || text.len > sizeof(d->text))
        return false;
    for (size_t i = 0; i < text.len; i++) /* flat: references to characters only */
        if (text.ptr[i] == '<' || (text.ptr[i] == '&' && i + 1 < text.len &&
                                   (wd_is_alpha(text.ptr[i + 1]) || text.ptr[i + 1] == '_')))
            return false;
    if (name.len == 0 || name.len > sizeof(d->name))
        return true; /* a name nobody will look up: harmless */
    if (set->list == NULL) {
        set->list = calloc(WD_ENTITY_DECLARED_MAX, sizeof(*set->list));
        if (set->list == NULL)
            return false;
    }
    d = &set->list[set->n++];
    memcpy(d->name, name.ptr, name.len);
    memcpy(d->text, text.ptr, text.len);
    d->name_len = (uint8_t)name.len;
    d->text_len = (uint8_t)text.len;
    return true;
}

void wd_entity_set_done(wd_entity_set *set)
{
    free(set->list);
    *set = (wd_entity_set){ 0 };
}

static bool declared_text(const wd_entity_set *set, wd_span name, wd_span *ret)
{
    for (size_t i = 0; set != NULL && i < set->n; i++) {
        const struct wd_entity_decl *d = &set->list[i];
        if (d->name_len == name.len && memcmp(d->name, name.ptr, name.len) == 0) {
            *ret = (wd_span){ d->text, d->text_len };
            return true;
        }
    }
    return false;
}

/* --- numbers ----------------------------------------------------------------- */

/* Numeric references 128-159 mean windows-1252, in HTML by rule and in XML by habit. */
static uint32_t from_1252(uint32_t r)
{
    static const uint16_t high[32] = { 0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020,
                                       0x2021, 0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,
                                       0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D,
                                       0x2022, 0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A,
                                       0x153,  0x9D,   0x17E,  0x178 };
    return r >= 0x80 && r < 0xA0 ? high[r - 0x80] : r;
}

static bool noncharacter(uint32_t r)
{
    return (r & 0xFFFE) == 0xFFFE || (r >= 0xFDD0 && r <= 0xFDEF);
}

/* The number at "&#"; returns the bytes it takes up, 0 when it is none.  Above U+10FFFF: too large.
 */
static size_t read_number(wd_span at, wd_entity_mode mode, uint32_t *ret)
{
    bool hex = at.len > 2 && (at.ptr[2] == 'x' || at.ptr[2] == 'X');
    size_t i = hex ? 3 : 2, first = i;
    uint32_t r = 0;
    for (; i < at.len; i++) {
        int v = hex ? wd_hex_value(at.ptr[i]) : wd_is_digit(at.ptr[i]) ? at.ptr[i] - '0' : -1;
        if (v < 0)
            break;
        if (r <= 0x10FFFF) /* stays above once it is */
            r = r * (hex ? 16 : 10) + (uint32_t)v;
    }
    if (i == first || (mode == WD_ENTITY_XML && (i == at.len || at.ptr[i] != ';')))
        return 0;
    *ret = r;
    return i + (i < at.len && at.ptr[i] == ';');
}

/* Serializers of UTF-16 (Xalan for one) write an emoji as two references, one a half.  Returns the
 * bytes of the second, 0 when the two are no pair. */
static size_t join_surrogates(wd_span after, wd_entity_mode mode, uint32_t *r)
{
    uint32_t low = 0;
    if (!wd_rune_is_half(*r) || after.len < 3 || after.ptr[0] != '&' || after.ptr[1] != '#')
        return 0;
    size_t took = read_number(after, mode, &low);
    uint32_t whole = took > 0 ? wd_rune_join(*r, low) : 0;
    if (whole == 0)
        return 0;
    *r = whole;
    return took;
}

static size_t decode_number(wd_span at, wd_entity_mode mode, char *out, size_t *ret_len)
{
    uint32_t r = 0;
    size_t took = read_number(at, mode, &r);
    *ret_len = 0;
    if (took == 0)
        return 0;
    took += join_surrogates((wd_span){ at.ptr + took, at.len - took }, mode, &r);
    r = from_1252(r);
    if (r == 0 || r > 0x10FFFF || wd_rune_is_half(r))
        r = WD_RUNE_BAD;
    if (!wd_rune_is_control(r) && !noncharacter(r))
        *ret_len = wd_utf8_put(r, out);
    return took;
}

/* --- names ------------------------------------------------------------------- */

static const char *next_entry(const char *entry)
{
    const char *text = entry + strlen(entry) + 1;
    return text + strlen(text) + 1;
}

static int compare(const char *entry, wd_span name)
{
    int c = strncmp(entry, name.ptr, name.len);
    return c != 0 ? c : entry[name.len] != '\0';
}

/* The text of a name, with its leading \1 for an old name; NULL when there is none. */
static const char *table_text(wd_span name)
{
    size_t low = 0, high = WD_ENTITY_STARTS;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (compare(wd_entity_texts + wd_entity_starts[mid], name) <= 0)
            low = mid;
        else
            high = mid;
    }
    const char *entry = wd_entity_texts + wd_entity_starts[low];
    size_t left = WD_ENTITY_COUNT - low * WD_ENTITY_STRIDE;
    for (size_t i = 0; i < WD_ENTITY_STRIDE && i < left; i++, entry = next_entry(entry))
        if (compare(entry, name) == 0)
            return entry + name.len + 1;
    return NULL;
}

static size_t put_text(const char *text, char *out)
{
    size_t n = strlen(text += *text == '\1');
    memcpy(out, text, n);
    return n;
}

/* HTML: the longest head of `name` that is an old name ("&notit;" is "¬it;"). */
static size_t decode_legacy(wd_span name, wd_span at, wd_entity_mode mode, char *out, size_t *n)
{
    for (size_t len = name.len < 6 ? name.len : 6; len >= 2; len--) {
        const char *text = table_text(wd_span_head(name, len));
        if (text == NULL || *text != '\1')
            continue;
        char after = len + 1 < at.len ? at.ptr[len + 1] : ' ';
        if (mode == WD_ENTITY_HTML_ATTR && (after == '=' || wd_is_alnum(after)))
            return 0;
        *n = put_text(text, out);
        return len + 1;
    }
    return 0;
}

static size_t decode_name(
    const wd_entity_set *declared, wd_span at, wd_entity_mode mode, char *out, size_t *ret_len)
{
    size_t i = 1;
    while (i < at.len && i <= WD_ENTITY_NAME_BYTES + 1 &&
           (wd_is_alnum(at.ptr[i]) || strchr("_-.", at.ptr[i]) != NULL))
        i++;
    wd_span name = { at.ptr + 1, i - 1 };
    if (name.len > 0 && i < at.len && at.ptr[i] == ';') {
        wd_span own;
        if (declared_text(declared, name, &own)) {
            wd_buf text = WD_BUF_INIT(WD_ENTITY_TEXT_BYTES * 2); /* "&#38;" inside is HTML's */
            (void)wd_entity_decode_all(NULL, own, WD_ENTITY_XML, &text);
            *ret_len = text.len < WD_ENTITY_TEXT_BYTES ? text.len : WD_ENTITY_TEXT_BYTES;
            if (text.len > 0)
                memcpy(out, text.ptr, *ret_len);
            wd_buf_done(&text);
            return i + 1;
        }
        const char *text = name.len <= WD_ENTITY_NAME_BYTES ? table_text(name) : NULL;
        if (text != NULL) {
            *ret_len = put_text(text, out);
            return i + 1;
        }
    }
    return mode == WD_ENTITY_XML ? 0 : decode_legacy(name, at, mode, out, ret_len);
}

static bool follows(wd_span at, const char *text, size_t n)
{
    return at.len >= n && memcmp(at.ptr, text, n) == 0;
}

static size_t decode_nbsp(const wd_entity_set *declared, wd_span at, char *out, size_t *ret_len)
{
    if (!follows(at, "&nbsp;", 6) || (declared != NULL && declared->n > 0))
        return 0;
    memcpy(out, "\xC2\xA0", 2);
    *ret_len = 2;
    return 6;
}

/* The six that are nearly all there are. */
static size_t decode_common(const wd_entity_set *declared, wd_span at, char *out, size_t *ret_len)
{
    *ret_len = 1;
    switch (at.len > 3 ? at.ptr[1] : '\0') {
    case 'l':
        return follows(at, "&lt;", 4) ? (*out = '<', 4) : 0;
    case 'g':
        return follows(at, "&gt;", 4) ? (*out = '>', 4) : 0;
    case 'a':
        return follows(at, "&amp;", 5)    ? (*out = '&', 5)
               : follows(at, "&apos;", 6) ? (*out = '\'', 6)
                                          : 0;
    case 'q':
        return follows(at, "&quot;", 6) ? (*out = '"', 6) : 0;
    case 'n':
        return decode_nbsp(declared, at, out, ret_len);
    default:
        return 0;
    }
}

size_t wd_entity_decode(const wd_entity_set *declared,
                        wd_span at,
                        wd_entity_mode mode,
                        char out[WD_ENTITY_TEXT_BYTES],
                        size_t *ret_len)
{
    size_t took = decode_common(declared, at, out, ret_len);
    if (took > 0)
        return took;
    *ret_len = 0;
    if (at.len >= 3 && at.ptr[1] == '#')
        return decode_number(at, mode, out, ret_len);
    return decode_name(declared, at, mode, out, ret_len);
}

wd_status wd_entity_decode_all(const wd_entity_set *declared,
                               wd_span s,
                               wd_entity_mode mode,
                               wd_buf *out)
{
    const char *p = s.ptr, *end = p + s.len;
    while (p < end) {
        const char *amp = wd_scan_one(p, end, '&');
        size_t run = (size_t)(amp - p), len = 0;
        char *to = wd_buf_room(out, run + WD_ENTITY_TEXT_BYTES);
        if (to == NULL)
            break;
        memcpy(to, p, run);
        out->len += run;
        p = amp;
        if (p == end)
            break;
        wd_span at = { p, (size_t)(end - p) };
        size_t took = decode_common(declared, at, to + run, &len);
        if (took == 0)
            took = wd_entity_decode(declared, at, mode, to + run, &len);
        if (took == 0)
            to[run] = '&';
        out->len += took ? len : 1;
        p += took ? took : 1;
    }
    if (out->ptr != NULL)
        out->ptr[out->len] = '\0';
    return wd_buf_status(out);
}
