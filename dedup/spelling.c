/* dedup/spelling.c - whole words and endings by perfect hashes: most words are neither. */
#include "dedup/spelling.h"

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/status.h"

typedef struct rewrite {
    const char *from, *to;
    uint8_t cut, put; /* their lengths */
} rewrite;

#define TO(from, to)                                                                               \
    {                                                                                              \
        from, to, sizeof(from) - 1, sizeof(to) - 1                                                 \
    }

/* Those that agree in their last three letters stand together. */
static const rewrite endings[] = {
    TO("gramme", "gram"), TO("ogue", "og"),    TO("ence", "ense"),     TO("ise", "ize"),
    TO("yse", "yze"),     TO("tre", "ter"),    TO("vre", "ver"),       TO("lled", "led"),
    TO("ised", "ized"),   TO("ysed", "yzed"),  TO("grammes", "grams"), TO("towards", "toward"),
    TO("ences", "enses"), TO("ises", "izes"),  TO("tres", "ters"),     TO("vres", "vers"),
    TO("ogues", "ogs"),   TO("iser", "izer"),  TO("ller", "ler"),      TO("ising", "izing"),
    TO("ysing", "yzing"), TO("lling", "ling"),
};

#define THREE(a, b, c) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)

typedef struct ending {
    uint32_t three; /* its last letters */
    uint8_t from, to;
} ending;

/* By their hash, in which no two meet: the rows that have them. */
static const ending endings_by_three[32] = {
    [6] = { THREE('m', 'm', 'e'), 0, 1 },    [16] = { THREE('g', 'u', 'e'), 1, 2 },
    [31] = { THREE('n', 'c', 'e'), 2, 3 },   [11] = { THREE('i', 's', 'e'), 3, 4 },
    [15] = { THREE('y', 's', 'e'), 4, 5 },   [14] = { THREE('t', 'r', 'e'), 5, 6 },
    [3] = { THREE('v', 'r', 'e'), 6, 7 },    [13] = { THREE('l', 'e', 'd'), 7, 8 },
    [5] = { THREE('s', 'e', 'd'), 8, 10 },   [26] = { THREE('m', 'e', 's'), 10, 11 },
    [0] = { THREE('r', 'd', 's'), 11, 12 },  [20] = { THREE('c', 'e', 's'), 12, 13 },
    [23] = { THREE('s', 'e', 's'), 13, 14 }, [29] = { THREE('r', 'e', 's'), 14, 16 },
    [12] = { THREE('u', 'e', 's'), 16, 17 }, [1] = { THREE('s', 'e', 'r'), 17, 18 },
    [9] = { THREE('l', 'e', 'r'), 18, 19 },  [7] = { THREE('i', 'n', 'g'), 19, 22 },
};

/* Whole words.  Months, units and small numbers are written out or not by house style. */
static const rewrite words[] = {
    TO("apr", "april"),
    TO("aug", "august"),
    TO("aeroplane", "airplane"),
    TO("bln", "billion"),
    TO("bn", "billion"),
    TO("cheque", "check"),
    TO("dec", "december"),
    TO("eight", "8"),
    TO("feb", "february"),
    TO("five", "5"),
    TO("four", "4"),
    TO("grey", "gray"),
    TO("jan", "january"),
    TO("jewellery", "jewelry"),
    TO("km", "kilometers"),
    TO("kms", "kilometers"),
    TO("mln", "million"),
    TO("nine", "9"),
    TO("nov", "november"),
    TO("oct", "october"),
    TO("pct", "percent"),
    TO("plough", "plow"),
    TO("pyjamas", "pajamas"),
    TO("sceptic", "skeptic"),
    TO("sceptical", "skeptical"),
    TO("seven", "7"),
    TO("sep", "september"),
    TO("sept", "september"),
    TO("six", "6"),
    TO("ten", "10"),
    TO("three", "3"),
    TO("trn", "trillion"),
    TO("two", "2"),
    TO("tyre", "tire"),
    TO("tyres", "tires"),
};

/* The row + 1 by the hash of the first eight letters, in which no two meet. */
static const uint8_t word_at[64] = { 22, 17, 0,  30, 0,  0,  0, 11, 0,  0,  2, 19, 0,  0,  35, 0,
                                     0,  33, 12, 9,  21, 26, 3, 0,  28, 32, 0, 13, 0,  15, 8,  0,
                                     0,  24, 0,  31, 0,  0,  0, 10, 29, 0,  7, 14, 1,  34, 25, 0,
                                     18, 0,  16, 0,  4,  0,  0, 6,  0,  27, 0, 0,  20, 5,  0,  23 };

static_assert(WD_COUNT(words) == 35 && WD_COUNT(endings) == 22, "the hashes are made for these");

/* The longest whole word; the shortest that is changed at its end or inside. */
#define WHOLE_LETTERS  9u
#define ENDING_LETTERS 5u

/* Every `from` becomes the shorter or equal `to`. */
static size_t rewrite_inside(char *word, size_t len, const rewrite *row)
{
    size_t cut = row->cut, put = row->put;
    for (size_t i = 0; i + cut <= len; i++) {
        if (word[i] != row->from[0] || memcmp(word + i, row->from, cut) != 0)
            continue;
        memcpy(word + i, row->to, put);
        memmove(word + i + put, word + i + cut, len - i - cut);
        len -= cut - put;
        i += put - 1;
    }
    return len;
}

/* "colour", "manoeuvre": a u behind an o or an e, and not at an end. */
static bool has_ou(const char *word, size_t len)
{
    const char *end = word + len - 1;
    for (const char *u = word + 1; (u = memchr(u, 'u', (size_t)(end - u))) != NULL; u++)
        if (u[-1] == 'o' || u[-1] == 'e')
            return true;
    return false;
}

/* "organisation" */
static bool has_isa(const char *word, size_t len)
{
    for (size_t i = 1; i + 1 < len; i++)
        if (word[i] == 's' && word[i - 1] == 'i' && word[i + 1] == 'a')
            return true;
    return false;
}

static size_t rewrite_middle(char *word, size_t len)
{
    static const rewrite oeuv = TO("oeuv", "euv"), our = TO("our", "or"),
                         isation = TO("isation", "ization");
    bool isa = len >= isation.cut && has_isa(word, len);
    if (has_ou(word, len)) {
        len = rewrite_inside(word, len, &oeuv);
        len = rewrite_inside(word, len, &our);
    }
    return isa ? rewrite_inside(word, len, &isation) : len;
}

/* "our", "euv" or "isa" is in it, or just behind it: what rewrite_middle() looks for.  Most words
 * have none, and most are looked at in one step. */
static inline bool may_change_inside(const char *word, size_t len)
{
    typedef uint8_t lanes __attribute__((vector_size(16)));
    typedef uint64_t halves __attribute__((vector_size(16)));
    for (size_t i = 0; i < len; i += sizeof(lanes)) {
        lanes one, two, three;
        memcpy(&one, word + i, sizeof(one));
        memcpy(&two, word + i + 1, sizeof(two));
        memcpy(&three, word + i + 2, sizeof(three));
        lanes our = (lanes)(one == 'o') & (lanes)(two == 'u') & (lanes)(three == 'r');
        lanes euv = (lanes)(one == 'e') & (lanes)(two == 'u') & (lanes)(three == 'v');
        lanes isa = (lanes)(one == 'i') & (lanes)(two == 's') & (lanes)(three == 'a');
        halves some = (halves)(our | euv | isa);
        if ((some[0] | some[1]) != 0)
            return true;
    }
    return false;
}

/* The row that it may be; NULL: surely none, as with most words. */
static const rewrite *whole_word(const char *word, size_t len)
{
    uint64_t eight;
    if (len > WHOLE_LETTERS)
        return NULL;
    memcpy(&eight, word, sizeof(eight));
    eight = le64toh(eight);
    if (len < 8)
        eight &= (1ULL << (8 * len)) - 1;
    unsigned at = word_at[eight * 0x61f31daf65559dd1ULL >> 58];
    const rewrite *row = &words[at != 0 ? at - 1 : 0];
    return row->cut == len && row->from[1] == word[1] ? row : NULL;
}

/* The rows whose last three letters it has, or NULL. */
static const ending *ending_of(const char *word, size_t len)
{
    const unsigned char *last = (const unsigned char *)word + len - 3;
    uint32_t three = THREE(last[0], last[1], last[2]);
    const ending *with = &endings_by_three[three * 0xd1e7b465u >> 27];
    return with->three == three ? with : NULL;
}

static size_t rewrite_end(char *word, size_t len)
{
    const ending *with = ending_of(word, len);
    for (size_t i = with != NULL ? with->from : 0; with != NULL && i < with->to; i++) {
        size_t cut = endings[i].cut, put = endings[i].put;
        if (len <= cut || memcmp(word + len - cut, endings[i].from, cut) != 0)
            continue;
        memcpy(word + len - cut, endings[i].to, put);
        return len - cut + put;
    }
    return len;
}

/* Apart from what decides that most words need none of it. */
static __attribute__((noinline)) size_t rewrite_word(char *word, size_t len, const rewrite *whole)
{
    if (whole != NULL && memcmp(whole->from, word, len) == 0) {
        memcpy(word, whole->to, whole->put);
        return whole->put;
    }
    if (len < ENDING_LETTERS)
        return len;
    if (may_change_inside(word, len))
        len = rewrite_middle(word, len);
    return rewrite_end(word, len);
}

size_t wd_spelling_normalise(char *word, size_t len)
{
    const rewrite *whole = whole_word(word, len);
    if (whole == NULL &&
        (len < ENDING_LETTERS || (ending_of(word, len) == NULL && !may_change_inside(word, len))))
        return len;
    return rewrite_word(word, len, whole);
}
