/* dedup/fold.c - tables for the scripts that feeds are full of, utf8proc for the rest.
 *
 * The ranges below were chosen by what the corpus and real feeds contain; a lookup there
 * costs a few instructions, utf8proc's decomposition some forty nanoseconds.
 */
#include "dedup/fold.h"

#include <utf8proc.h>

#include "core/status.h"

/* U+00E0-00FF; 0 stays as it is (the signs x and -:-). */
static const char latin1_base[32] = "aaaaaaaceeeeiiiidnooooo\0ouuuuyts";

/* U+0100-017F. */
static const char latin_a_base[129] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllllnnnnnnnnn"
    "oooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static bool in(uint32_t c, uint32_t first, uint32_t last)
{
    return c - first <= last - first;
}

static bool is_invisible(uint32_t c)
{
    return c == 0xAD || in(c, 0x200B, 0x200F) || in(c, 0x202A, 0x202E) || in(c, 0x2060, 0x2069) ||
           c == 0xFEFF || in(c, 0xFE00, 0xFE0F) || in(c, 0x300, 0x36F) || in(c, 0x483, 0x489) ||
           in(c, 0xE0000, 0xE01EF);
}

/* Short vowels, the elongation stroke, small signs. */
static bool is_arabic_or_hebrew_mark(uint32_t c)
{
    return c == 0x640 || in(c, 0x610, 0x61A) || in(c, 0x64B, 0x65F) || c == 0x670 ||
           in(c, 0x6D6, 0x6DC) || in(c, 0x591, 0x5BD) || c == 0x5BF || c == 0x5C1 || c == 0x5C2;
}

static uint32_t fold_arabic(uint32_t c)
{
    switch (c) {
    case 0x622: /* alef with madda, with hamza above, below, wasla */
    case 0x623:
    case 0x625:
    case 0x671:
        return 0x627;
    case 0x649: /* alef maksura, Persian yeh: yeh */
    case 0x6CC:
        return 0x64A;
    case 0x629: /* teh marbuta: heh */
    case 0x6C0:
        return 0x647;
    case 0x6A9: /* keheh: kaf */
        return 0x643;
    default:
        return c;
    }
}

static uint32_t fold_cyrillic(uint32_t c)
{
    if (in(c, 0x410, 0x42F))
        c += 0x20;
    else if (in(c, 0x400, 0x40F))
        c += 0x50;
    else if (in(c, 0x460, 0x481) || in(c, 0x48A, 0x4BF) || in(c, 0x4D0, 0x52F))
        c |= 1;
    if (c == 0x451 || c == 0x450) /* io, ie with grave: often typed without */
        return 0x435;
    if (c == 0x439 || c == 0x45D) /* short i: decomposed it loses its breve */
        return 0x438;
    return c;
}

static uint32_t fold_greek(uint32_t c)
{
    static const struct {
        uint16_t from, to;
    } accented[] = { { 0x386, 0x3B1 }, { 0x388, 0x3B5 }, { 0x389, 0x3B7 }, { 0x38A, 0x3B9 },
                     { 0x38C, 0x3BF }, { 0x38E, 0x3C5 }, { 0x38F, 0x3C9 }, { 0x390, 0x3B9 },
                     { 0x3AC, 0x3B1 }, { 0x3AD, 0x3B5 }, { 0x3AE, 0x3B7 }, { 0x3AF, 0x3B9 },
                     { 0x3B0, 0x3C5 }, { 0x3CA, 0x3B9 }, { 0x3CB, 0x3C5 }, { 0x3CC, 0x3BF },
                     { 0x3CD, 0x3C5 }, { 0x3CE, 0x3C9 }, { 0x3AA, 0x3B9 }, { 0x3AB, 0x3C5 } };
    for (size_t i = 0; i < WD_COUNT(accented); i++)
        if (accented[i].from == c)
            return accented[i].to;
    if (in(c, 0x391, 0x3A9))
        c += 0x20;
    return c == 0x3C2 ? 0x3C3 : c;
}

/* The value of a decimal digit outside ASCII, or -1. */
static int digit_value(uint32_t c)
{
    static const uint32_t zeros[] = { 0x660, 0x6F0, 0x966, 0x9E6, 0xA66,  0xAE6,  0xBE6, 0xC66,
                                      0xCE6, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0, 0xFF10 };
    for (size_t i = 0; i < WD_COUNT(zeros); i++)
        if (in(c, zeros[i], zeros[i] + 9))
            return (int)(c - zeros[i]);
    return -1;
}

static bool wants_library(uint32_t c)
{
    return in(c, 0x180, 0x24F) || in(c, 0x1E00, 0x1FFF) || in(c, 0x2100, 0x218F) ||
           in(c, 0x2460, 0x24FF) || in(c, 0x3200, 0x33FF) || in(c, 0xFB00, 0xFDFF) ||
           in(c, 0xFE70, 0xFEFC) || in(c, 0xFF66, 0xFF9D) || in(c, 0x1D400, 0x1D7FF) ||
           in(c, 0x530, 0x556) || in(c, 0x10A0, 0x10FF);
}

/* One folded rune for the scripts with tables; `c` itself when none knows it. */
static uint32_t fold_one(uint32_t c)
{
    if (in(c, 0xC0, 0xFF)) {
        char base = latin1_base[(c - 0xC0) & 31];
        return base && c != 0xD7 && c != 0xF7 ? (uint32_t)base : c;
    }
    if (in(c, 0x100, 0x17F))
        return (uint32_t)latin_a_base[c - 0x100];
    if (in(c, 0x370, 0x3FF))
        return fold_greek(c);
    if (in(c, 0x400, 0x52F))
        return fold_cyrillic(c);
    if (in(c, 0xFF01, 0xFF5E)) {
        c -= 0xFEE0;
        return in(c, 'A', 'Z') ? c + 32 : c;
    }
    int digit = c >= 0x660 ? digit_value(c) : -1;
    if (digit >= 0)
        return (uint32_t)('0' + digit);
    return in(c, 0x600, 0x6FF) ? fold_arabic(c) : c;
}

/* Compatibility forms, Latin extended, rare scripts. */
static size_t fold_by_library(uint32_t c, uint32_t out[WD_FOLD_RUNES])
{
    enum { ROOM = 24 }; /* U+FDFA decomposes to 18 */
    utf8proc_int32_t buffer[ROOM];
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(
        (utf8proc_int32_t)c, buffer, ROOM, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD,
        &boundary);
    if (n < 1 || n > ROOM) {
        out[0] = c;
        return 1;
    }
    size_t kept = 0;
    for (utf8proc_ssize_t i = 0; i < n && kept < WD_FOLD_RUNES; i++) {
        uint32_t r = (uint32_t)buffer[i];
        if (!is_invisible(r) && !is_arabic_or_hebrew_mark(r))
            out[kept++] = fold_one(r);
    }
    return kept;
}

/* What texts in the common scripts are made of, without asking what else it might be: Han, kana and
 * Hangul, Cyrillic, Arabic, Latin with a mark.  0: it is none of them. */
static uint32_t fold_common(uint32_t c)
{
    if (in(c, 0x3040, 0x3096) || in(c, 0x309B, 0x31FF) || in(c, 0x3400, 0xD7FF))
        return c;
    if (in(c, 0x400, 0x482))
        return fold_cyrillic(c);
    if (in(c, 0x620, 0x63F) || in(c, 0x641, 0x64A))
        return fold_arabic(c);
    if (in(c, 0x100, 0x17F))
        return (uint32_t)latin_a_base[c - 0x100];
    if (in(c, 0xE0, 0xFF) && c != 0xF7)
        return (uint32_t)latin1_base[c - 0xE0];
    return in(c, 0x5D0, 0x5EA) ? c : 0;
}

size_t wd_fold_rune(uint32_t c, uint32_t out[WD_FOLD_RUNES])
{
    if (c < 0x80) {
        out[0] = in(c, 'A', 'Z') ? c + 32 : c;
        return 1;
    }
    out[0] = fold_common(c);
    if (out[0] != 0)
        return 1;
    if (is_invisible(c) || is_arabic_or_hebrew_mark(c))
        return 0;
    if (c == 0xDF || c == 0x1E9E) { /* sharp s: as Swiss papers write it */
        out[0] = out[1] = 's';
        return 2;
    }
    if (wants_library(c))
        return fold_by_library(c, out);
    out[0] = fold_one(c);
    return 1;
}

bool wd_rune_is_upper(uint32_t c)
{
    if (c < 0x80)
        return in(c, 'A', 'Z');
    if (in(c, 0x100, 0x17F))
        return in(c, 0x139, 0x148) || in(c, 0x179, 0x17E) ? c & 1 : !(c & 1);
    return (in(c, 0xC0, 0xDE) && c != 0xD7) || in(c, 0x386, 0x3AB) || in(c, 0x400, 0x42F) ||
           in(c, 0x531, 0x556) || (in(c, 0x1E00, 0x1EFF) && !(c & 1));
}

static bool is_punctuation(uint32_t c)
{
    if (c < 0xC0)
        return c != 0xAA && c != 0xB5 && c != 0xBA;
    return c == 0xD7 || c == 0xF7 || c == 0x37E || c == 0x387 || in(c, 0x55A, 0x55F) ||
           c == 0x589 || c == 0x5BE || c == 0x5C0 || c == 0x5C3 || c == 0x5F3 || c == 0x5F4 ||
           in(c, 0x609, 0x60D) || c == 0x61B || in(c, 0x61E, 0x61F) || in(c, 0x66A, 0x66D) ||
           c == 0x6D4 || in(c, 0x964, 0x965) || c == 0xE2F || c == 0xE3F || c == 0xE4F ||
           in(c, 0xE5A, 0xE5B) || in(c, 0x104A, 0x104F) || in(c, 0x1360, 0x1368) ||
           in(c, 0x17D4, 0x17DB) || in(c, 0x2000, 0x2BFF) || in(c, 0x2E00, 0x2E7F) ||
           in(c, 0x3000, 0x3004) || in(c, 0x3008, 0x3020) || c == 0x3030 || c == 0x30FB ||
           in(c, 0xE000, 0xF8FF) || in(c, 0xFE10, 0xFE6F) || in(c, 0xFF00, 0xFF65) ||
           in(c, 0xFFE0, 0xFFFF) || in(c, 0x1F000, 0x1FAFF);
}

wd_rune_class wd_rune_classify(uint32_t c)
{
    if (c < 0x80) {
        if (in(c, '0', '9'))
            return WD_RUNE_DIGIT;
        return in(c, 'a', 'z') ? WD_RUNE_LETTER : WD_RUNE_BREAK;
    }
    /* As most are: no mark stands among them. */
    if (in(c, 0x388, 0x559) || in(c, 0x620, 0x65F) || in(c, 0xAC00, 0xD7FF))
        return WD_RUNE_LETTER;
    if (in(c, 0x3031, 0x30FA) || in(c, 0x3400, 0x9FFF))
        return WD_RUNE_IDEOGRAPH;
    if (is_punctuation(c))
        return WD_RUNE_BREAK;
    if (c < 0xE00)
        return WD_RUNE_LETTER;
    if (in(c, 0xE00, 0xEFF) || in(c, 0x1000, 0x109F) || in(c, 0x1780, 0x17FF))
        return WD_RUNE_SPACELESS;
    if (in(c, 0x3005, 0x3007) || in(c, 0x3021, 0x30FF) || in(c, 0x31F0, 0x31FF) ||
        in(c, 0x3400, 0x9FFF) || in(c, 0xF900, 0xFAFF) || in(c, 0x20000, 0x3FFFF))
        return WD_RUNE_IDEOGRAPH;
    return WD_RUNE_LETTER;
}

uint32_t wd_fold_latin_twin(uint32_t c)
{
    static const char cyrillic[] = "a\0\0\0\0e\0\0\0\0k\0\0\0o\0pc\0y\0x"; /* U+0430-0445 */
    if (in(c, 0x430, 0x445))
        return (uint32_t)(unsigned char)cyrillic[c - 0x430];
    switch (c) {
    case 0x455:
        return 's';
    case 0x456:
        return 'i';
    case 0x458:
        return 'j';
    case 0x3B1:
        return 'a';
    case 0x3BF:
        return 'o';
    case 0x3C1:
        return 'p';
    case 0x3BD:
        return 'v';
    default:
        return 0;
    }
}

uint32_t wd_fold_cyrillic_twin(uint32_t c)
{
    switch (c) {
    case 'a':
        return 0x430;
    case 'e':
        return 0x435;
    case 'o':
        return 0x43E;
    case 'p':
        return 0x440;
    case 'c':
        return 0x441;
    case 'x':
        return 0x445;
    case 'y':
        return 0x443;
    case 'k':
        return 0x43A;
    case 'm':
        return 0x43C;
    case 't':
        return 0x442;
    case 'h':
        return 0x43D;
    case 'b':
        return 0x432;
    case 'i':
        return 0x456;
    default:
        return 0;
    }
}

bool wd_rune_needs_composing(uint32_t c)
{
    return in(c, 0x1100, 0x11FF) || in(c, 0x3099, 0x309A);
}
