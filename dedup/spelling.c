/* dedup/spelling.c - endings by the last letter, whole words by their first. */
#include "dedup/spelling.h"

#include <assert.h>
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

/* Longest ending first where one ends another. */
static const rewrite in_e[] = { TO("gramme", "gram"), TO("ogue", "og"), TO("ence", "ense"),
                                TO("ise", "ize"),     TO("yse", "yze"), TO("tre", "ter"),
                                TO("vre", "ver") };
static const rewrite in_d[] = { TO("lled", "led"), TO("ised", "ized"), TO("ysed", "yzed") };
static const rewrite in_s[] = { TO("grammes", "grams"), TO("towards", "toward"),
                                TO("ences", "enses"),   TO("ises", "izes"),
                                TO("tres", "ters"),     TO("vres", "vers"),
                                TO("ogues", "ogs") };
static const rewrite in_r[] = { TO("iser", "izer"), TO("ller", "ler") };
static const rewrite in_g[] = { TO("ising", "izing"), TO("ysing", "yzing"), TO("lling", "ling") };

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

/* Where the words with each first letter begin; the last is the end of all. */
static const uint8_t begin[27] = { 0,  3,  5,  6,  7,  8,  11, 12, 12, 12, 14, 16, 16, 17,
                                   19, 20, 23, 23, 23, 29, 35, 35, 35, 35, 35, 35, 35 };

static_assert(WD_COUNT(words) == 35, "begin[] counts them");

/* The last letters agree; those before them mostly do not. */
static size_t rewrite_end(char *word, size_t len, const rewrite *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t cut = rows[i].cut, put = rows[i].put;
        if (rows[i].from[cut - 2] != word[len - 2] || len <= cut ||
            memcmp(word + len - cut, rows[i].from, cut) != 0)
            continue;
        memcpy(word + len - cut, rows[i].to, put);
        return len - cut + put;
    }
    return len;
}

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

static size_t rewrite_whole(char *word, size_t len)
{
    unsigned letter = (unsigned)(word[0] - 'a');
    for (size_t i = begin[letter]; i < begin[letter + 1]; i++)
        if (words[i].cut == len && memcmp(words[i].from, word, len) == 0) {
            memcpy(word, words[i].to, words[i].put);
            return words[i].put;
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

size_t wd_spelling_normalise(char *word, size_t len)
{
    /* First letters and lengths of the whole words: most words are neither. */
    static const uint16_t lengths[26] = {
        ['a' - 'a'] = 1u << 3 | 1u << 9,
        ['b' - 'a'] = 1u << 2 | 1u << 3,
        ['c' - 'a'] = 1u << 6,
        ['d' - 'a'] = 1u << 3,
        ['e' - 'a'] = 1u << 5,
        ['f' - 'a'] = 1u << 3 | 1u << 4,
        ['g' - 'a'] = 1u << 4,
        ['j' - 'a'] = 1u << 3 | 1u << 9,
        ['k' - 'a'] = 1u << 2 | 1u << 3,
        ['m' - 'a'] = 1u << 3,
        ['n' - 'a'] = 1u << 3 | 1u << 4,
        ['o' - 'a'] = 1u << 3,
        ['p' - 'a'] = 1u << 3 | 1u << 6 | 1u << 7,
        ['s' - 'a'] = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 7 | 1u << 9,
        ['t' - 'a'] = 1u << 3 | 1u << 4 | 1u << 5,
    };
    unsigned letter = (unsigned)(word[0] - 'a');
    if (letter < 26 && len < 16 && (lengths[letter] >> len & 1u)) {
        size_t whole = rewrite_whole(word, len);
        if (whole != len)
            return whole;
    }
    if (len < 5)
        return len;
    len = rewrite_middle(word, len);
    switch (word[len - 1]) {
    case 'e':
        return rewrite_end(word, len, in_e, WD_COUNT(in_e));
    case 'd':
        return rewrite_end(word, len, in_d, WD_COUNT(in_d));
    case 's':
        return rewrite_end(word, len, in_s, WD_COUNT(in_s));
    case 'r':
        return rewrite_end(word, len, in_r, WD_COUNT(in_r));
    case 'g':
        return rewrite_end(word, len, in_g, WD_COUNT(in_g));
    default:
        return len;
    }
}
