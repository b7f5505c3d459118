/* dedup/twins.c - both ways of writing the word side by side, until one of them is impossible. */
#include "dedup/twins.h"

#include <string.h>

#include "core/ascii.h"
#include "dedup/fold.h"

/* Text is in Latin script when it has this many times more Latin letters than
 * Cyrillic and Greek ones; a Russian text that quotes English names is not. */
#define LATIN_DOMINATES 4u

/* Bytes looked at to find the dominant script: the lead of a story. */
#define SCRIPT_SAMPLE_BYTES 1500u

static uint32_t get_rune(const char *from, size_t *size)
{
    const unsigned char *p = (const unsigned char *)from;
    if (p[0] < 0x80) {
        *size = 1;
        return p[0];
    }
    *size = 3;
    return ((uint32_t)(p[0] & 0x7F) << 12) | ((uint32_t)(p[1] & 63) << 6) | p[2];
}

/* The text is in Latin script, yet may have look-alikes of another. */
static bool is_latin_text(wd_span text)
{
    size_t latin = 0, other = 0;
    wd_span lead = wd_span_head(text, SCRIPT_SAMPLE_BYTES);
    for (size_t i = 0; i < lead.len; i++) {
        unsigned char c = (unsigned char)lead.ptr[i];
        latin += wd_is_alpha((char)c);
        other += c >= 0xCD && c <= 0xD1; /* lead bytes of Greek and Cyrillic */
    }
    return latin > LATIN_DOMINATES * other;
}

size_t wd_twins_unmix(char *word, size_t len, wd_span text, bool ascii, bool *wide)
{
    char latin[WD_WORD_ROOM], cyrillic[WD_WORD_ROOM];
    size_t latin_len = 0, cyrillic_len = 0, size;
    bool latin_ok = true, cyrillic_ok = true, has_latin = false;
    for (size_t i = 0; i < len && latin_len + 3 < WD_WORD_ROOM && cyrillic_len + 3 < WD_WORD_ROOM;
         i += size) {
        uint32_t c = get_rune(word + i, &size);
        bool is_latin = c < 0x80, is_cyrillic = c >= 0x400 && c < 0x460;
        uint32_t as_latin = is_latin ? c : wd_fold_latin_twin(c);
        if (as_latin == 0 && !ascii) /* wholly in the other script */
            return len;
        uint32_t as_cyrillic = is_latin ? wd_fold_cyrillic_twin(c) : c;
        has_latin |= is_latin;
        latin_ok &= as_latin != 0;
        cyrillic_ok &= is_cyrillic || (is_latin && as_cyrillic != 0);
        latin_len += wd_twins_put(latin + latin_len, as_latin);
        cyrillic_len += wd_twins_put(cyrillic + cyrillic_len, as_cyrillic);
    }
    if (latin_ok && (has_latin || is_latin_text(text))) {
        memcpy(word, latin, latin_len);
        *wide = false;
        return latin_len;
    }
    if (!cyrillic_ok || !has_latin)
        return len;
    memcpy(word, cyrillic, cyrillic_len);
    return cyrillic_len;
}
