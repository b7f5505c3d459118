/* dedup/words.c - one pass over the bytes, with a short way for ASCII.
 *
 * Nine in ten bytes of most feeds are ASCII letters and spaces; everything else takes the
 * slow way through fold.c.  A word is gathered as bytes (three for a rune outside ASCII),
 * normalised and hashed when a break ends it.
 */
#include "dedup/words.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/text.h"
#include "dedup/fold.h"
#include "dedup/spelling.h"
#include "dedup/twins.h"

/* Letters of a word that says something: shorter ones are articles and the like; in Hangul
 * a letter is a syllable. */
#define TELLING_LETTERS 5u
#define TELLING_DENSE   2u

/* Letters of a chunk in scripts without spaces: a long word of Thai. */
#define CHUNK_LETTERS 12u

enum way {
    NUMBER = 1u << 0,
    CAPITAL = 1u << 1,
    WIDE = 1u << 2, /* a rune outside ASCII */
    SPACELESS = 1u << 3,
    DENSE = 1u << 4,
    TWINS = 1u << 5, /* a letter that may have a twin in another script */
    LATIN = 1u << 6, /* one of ASCII */
};

typedef struct reader {
    wd_words *out;
    uint64_t key;
    wd_span text;
    size_t at;
    char word[WD_WORD_ROOM];
    size_t len;
    unsigned letters;            /* runes in the word */
    unsigned ways;               /* enum way: what the word has */
    uint32_t last;               /* folded rune before, for chunks */
    uint64_t per, cent, percent; /* hashes: three words that are one */
    uint64_t before;             /* the text's hash without its last word */
} reader;

static uint64_t hash_eight(uint64_t h, const char *eight, unsigned bits_over)
{
    uint64_t part;
    memcpy(&part, eight, 8);
    part = le64toh(part) << bits_over >> bits_over;
    h = (h ^ part) * 0xd6e8feb86659fd93ULL;
    return h ^ (h >> 32);
}

/* Reads up to seven bytes behind the word. */
static inline uint64_t hash_word(const reader *r, const char *word, size_t len)
{
    uint64_t h = r->key ^ (len * 0x9e3779b97f4a7c15ULL);
    for (; len > 8; len -= 8, word += 8)
        h = hash_eight(h, word, 0);
    if (len > 0)
        h = hash_eight(h, word, 64 - 8 * (unsigned)len);
    h *= 0xd6e8feb86659fd93ULL;
    return h ^ (h >> 29);
}

static uint16_t token_bits(uint64_t hash, wd_token_kind kind)
{
    return (uint16_t)((hash >> 40 << WD_TOKEN_KIND_BITS) | (uint64_t)kind);
}

static inline void put_token(reader *r, uint64_t hash, wd_token_kind kind)
{
    wd_words *w = r->out;
    if (w->n >= w->max)
        return;
    w->tokens[w->n++].bits = token_bits(hash, kind);
    r->before = w->hash;
    w->hash = (w->hash ^ hash) * 0x9e3779b97f4a7c15ULL;
    w->hash ^= w->hash >> 29;
}

/* "cent": "per cent" is one word, and "%" the same. */
static bool joins_percent(reader *r)
{
    wd_words *w = r->out;
    wd_token per = { token_bits(r->per, WD_TOKEN_PLAIN) };
    if (w->n == 0 || !wd_token_same(w->tokens[w->n - 1], per))
        return false;
    w->n--;
    w->hash = r->before;
    put_token(r, r->percent, WD_TOKEN_PLAIN);
    return true;
}

static wd_token_kind kind_of(const reader *r, unsigned letters, unsigned ways)
{
    unsigned telling = ways & (SPACELESS | DENSE) ? TELLING_DENSE : TELLING_LETTERS;
    if (ways & NUMBER)
        return WD_TOKEN_NUMBER;
    return (r->out->title ? letters >= telling : (ways & CAPITAL) != 0) ? WD_TOKEN_NAME
                                                                        : WD_TOKEN_PLAIN;
}

static inline void put_word(reader *r, size_t len, wd_token_kind kind)
{
    uint64_t hash = hash_word(r, r->word, len);
    if (hash != r->cent || !joins_percent(r))
        put_token(r, hash, kind);
}

static void unmix(reader *r)
{
    bool wide = true;
    r->len = wd_twins_unmix(r->word, r->len, r->text, (r->ways & LATIN) != 0, &wide);
    if (!wide)
        r->ways &= ~(unsigned)WIDE;
}

static void end_word(reader *r)
{
    if (r->len == 0)
        return;
    if ((r->ways & (TWINS | NUMBER)) == TWINS)
        unmix(r);
    if (!(r->ways & (NUMBER | WIDE | SPACELESS)))
        r->len = wd_spelling_normalise(r->word, r->len);
    put_word(r, r->len, kind_of(r, r->letters, r->ways));
    r->len = 0;
    r->letters = 0;
    r->ways = 0;
}

static void put_ideograph(reader *r, uint32_t c)
{
    end_word(r);
    char word[8];
    size_t n = wd_twins_put(word, c);
    put_token(r, hash_word(r, word, n), WD_TOKEN_IDEOGRAPH);
}

/* Where words are not parted, a cut depends on the two letters around it alone, so that
 * two copies are cut alike wherever their texts agree. */
static bool chunk_ends(const reader *r, uint32_t c)
{
    if (!(r->ways & SPACELESS))
        return r->len > 0;
    uint32_t pair = (r->last * 0x9E37u + c) * 0x85EBCA6Bu;
    return r->letters >= CHUNK_LETTERS || (r->letters >= 2 && pair >> 30 == 0);
}

static void put_spaceless(reader *r, uint32_t c)
{
    if (chunk_ends(r, c))
        end_word(r);
    r->ways |= SPACELESS | WIDE;
    r->len += wd_twins_put(r->word + r->len, c);
    r->letters++;
}

static void put_letter(reader *r, uint32_t c, uint32_t raw)
{
    if (r->ways & SPACELESS)
        end_word(r);
    if (r->len == 0)
        r->ways = wd_rune_is_upper(raw) ? CAPITAL : 0;
    r->letters++;
    if (r->len + 3 > WD_WORD_BYTES)
        return;
    if (c < 0x80)
        r->ways |= LATIN;
    else
        r->ways |= WIDE | (c < 0x460 && c >= 0x370 ? TWINS : 0u) |
                   (c >= 0xAC00 && c < 0xD7B0 ? DENSE : 0u);
    r->len += wd_twins_put(r->word + r->len, c);
}

/* The class of the rune at `at`, folded; for looking ahead. */
static wd_rune_class class_at(const reader *r, size_t at, uint32_t *folded)
{
    uint32_t out[WD_FOLD_RUNES] = { 0 };
    if (at < r->text.len && (unsigned char)r->text.ptr[at] < 0x80) {
        *folded = (unsigned char)wd_lower(r->text.ptr[at]);
        return wd_rune_classify(*folded);
    }
    if (at >= r->text.len || wd_fold_rune(wd_utf8_next(r->text, &at), out) == 0)
        return WD_RUNE_BREAK;
    *folded = out[0];
    return wd_rune_classify(out[0]);
}

static bool is_quote_or_hyphen(uint32_t c)
{
    return c == '\'' || c == '-' || c == 0x2018 || c == 0x2019 || c == 0x2BC || c == 0x2010 ||
           c == 0x2011;
}

/* What stands inside a word: "co-operate" and "it's" join, "1,745.8" keeps its point,
 * "U.S." becomes "us".  True when the mark was taken. */
static bool joins(reader *r, uint32_t c)
{
    uint32_t next = 0;
    if (r->len == 0 || (r->ways & SPACELESS))
        return false;
    bool point = c == '.' || c == ',';
    if (!point && !is_quote_or_hyphen(c))
        return false;
    wd_rune_class class = class_at(r, r->at, &next);
    if (!point)
        return class == WD_RUNE_LETTER;
    if ((r->ways & NUMBER) && class == WD_RUNE_DIGIT) {
        if (c == '.' && r->len < WD_WORD_BYTES)
            r->word[r->len++] = '.';
        return true;
    }
    if (c == ',' || (r->ways & NUMBER) || r->letters != 1 || class != WD_RUNE_LETTER)
        return false;
    size_t after = r->at;
    (void)wd_utf8_next(r->text, &after);
    uint32_t ignored = 0;
    if (class_at(r, after, &ignored) == WD_RUNE_LETTER)
        return false;
    r->letters = 0;
    return true;
}

static void put_break(reader *r, uint32_t c)
{
    if (joins(r, c))
        return;
    end_word(r);
    if (c == '%')
        put_token(r, r->percent, WD_TOKEN_PLAIN);
}

static void put_folded(reader *r, uint32_t c, uint32_t raw)
{
    switch (wd_rune_classify(c)) {
    case WD_RUNE_IDEOGRAPH:
        put_ideograph(r, c);
        break;
    case WD_RUNE_SPACELESS:
        put_spaceless(r, c);
        break;
    case WD_RUNE_DIGIT:
        put_letter(r, c, raw);
        r->ways |= NUMBER;
        break;
    case WD_RUNE_LETTER:
        put_letter(r, c, raw);
        break;
    case WD_RUNE_BREAK:
        put_break(r, c);
        break;
    }
    r->last = c;
}

#define EIGHT(byte) (0x0101010101010101ULL * (byte))

/* How many of eight bytes, from the lowest on, are ASCII letters; `low` has them in lower case. */
static size_t letters_in(uint64_t eight, uint64_t *low)
{
    *low = eight | EIGHT(0x20);
    uint64_t seven = *low & EIGHT(0x7F);
    uint64_t from_a = seven + EIGHT(0x80 - 'a'), after_z = seven + EIGHT(0x7F - 'z');
    uint64_t others = ~(from_a & ~after_z & ~eight) & EIGHT(0x80);
    return others != 0 ? (size_t)__builtin_ctzll(others) / 8 : 8;
}

static void put_letters(reader *r, char first, uint64_t low, size_t n)
{
    size_t room = WD_WORD_BYTES - r->len;
    if (r->ways & SPACELESS)
        end_word(r);
    if (r->len == 0)
        r->ways = first < 'a' ? CAPITAL : 0;
    r->ways |= LATIN;
    r->letters += (unsigned)n;
    low = htole64(low);
    memcpy(r->word + r->len, &low, sizeof(low));
    r->len += n < room ? n : room;
}

/* As many letters as there are. */
static size_t read_letters(reader *r, const char *text, size_t len)
{
    size_t at = 0, n = 8;
    while (n == 8 && at < len) {
        uint64_t eight = 0, low;
        if (len - at >= 8)
            memcpy(&eight, text + at, 8);
        else
            memcpy(&eight, text + at, len - at);
        n = letters_in(le64toh(eight), &low);
        if (n > 0)
            put_letters(r, text[at], low, n);
        at += n;
    }
    return at;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\n';
}

static bool is_plain(char c)
{
    return wd_is_alpha(c) || is_gap(c);
}

static uint64_t load(const char *eight)
{
    uint64_t x;
    memcpy(&x, eight, sizeof(x));
    return le64toh(x);
}

static void store(char *eight, uint64_t x)
{
    x = htole64(x);
    memcpy(eight, &x, sizeof(x));
}

/* A word of up to fifteen ASCII letters and the gap behind it, as most are, in one step: the bytes
 * read, or 0.  `text` has sixteen bytes. */
static size_t read_whole_word(reader *r, const char *text)
{
    uint64_t low;
    size_t n = letters_in(load(text), &low);
    store(r->word, low);
    if (n == 8) {
        n += letters_in(load(text + 8), &low);
        store(r->word + 8, low);
    }
    if (n == 0 || n == 16 || !is_gap(text[n]))
        return 0;
    wd_token_kind kind = kind_of(r, (unsigned)n, text[0] < 'a' ? CAPITAL : 0);
    put_word(r, wd_spelling_normalise(r->word, n), kind);
    return n + 1;
}

/* The short way: ASCII letters and the spaces between.  Returns at the first other byte. */
static void read_plain(reader *r)
{
    const char *text = r->text.ptr;
    size_t at = r->at, end = r->text.len;
    while (at < end) {
        size_t n = r->len == 0 && end - at >= 16 ? read_whole_word(r, text + at) : 0;
        if (n > 0) {
            at += n;
            continue;
        }
        at += read_letters(r, text + at, end - at);
        if (at == end || !is_gap(text[at]))
            break;
        end_word(r);
        at++;
    }
    r->at = at;
}

/* The character at r->at; those that can be nothing else are read without asking more. */
static uint32_t next_rune(reader *r)
{
    const unsigned char *p = (const unsigned char *)r->text.ptr + r->at;
    size_t left = r->text.len - r->at;
    if (left >= 2 && p[0] >= 0xC2 && p[0] < 0xE0 && (p[1] & 0xC0) == 0x80) {
        r->at += 2;
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (left >= 3 && p[0] > 0xE0 && p[0] < 0xED && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        r->at += 3;
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    return wd_utf8_next(r->text, &r->at);
}

static bool read_all(reader *r)
{
    while (r->out->n < r->out->max) {
        if (r->at < r->text.len && is_plain(r->text.ptr[r->at]))
            read_plain(r);
        if (r->at >= r->text.len)
            break;
        char c = r->text.ptr[r->at];
        if ((unsigned char)c < 0x80) { /* a digit, a mark: folded already */
            r->at++;
            put_folded(r, (unsigned char)c, (unsigned char)c);
            continue;
        }
        uint32_t raw = next_rune(r);
        if (wd_rune_needs_composing(raw))
            return false;
        uint32_t folded[WD_FOLD_RUNES];
        size_t n = wd_fold_rune(raw, folded);
        for (size_t i = 0; i < n; i++)
            put_folded(r, folded[i], raw);
    }
    end_word(r);
    return true;
}

static void start(reader *r, wd_words *w, wd_span text, uint64_t key)
{
    *r = (reader){ .out = w, .key = key, .text = text };
    r->per = hash_word(r, (char[8]){ "per" }, 3);
    r->cent = hash_word(r, (char[8]){ "cent" }, 4);
    r->percent = hash_word(r, (char[8]){ "percent" }, 7);
}

/* Decomposed Hangul or kana: composed whole, then read once more. */
static void read_composed(reader *r, wd_words *w, wd_span text, uint64_t key)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &composed,
                     UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (n < 0)
        return;
    start(r, w, (wd_span){ (const char *)composed, (size_t)n }, key);
    while (!read_all(r)) /* a lone mark that composes with nothing: passed over */
        ;
    free(composed);
}

void wd_words_read(wd_words *w, wd_span text, uint64_t key)
{
    reader r;
    size_t n = w->n;
    uint64_t hash = w->hash;
    start(&r, w, text, key);
    if (read_all(&r))
        return;
    w->n = n;
    w->hash = hash;
    read_composed(&r, w, text, key);
}
