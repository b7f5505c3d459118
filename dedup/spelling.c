/* dedup/spelling.c - endings by the last letter, whole words by their first. */
#include "dedup/spelling.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/status.h"

typedef struct rewrite {
    const char *from, *to;
} rewrite;

/* Longest ending first where one ends another. */
static const rewrite in_e[] = { { "gramme", "gram" }, { "ogue", "og" }, { "ence", "ense" },
                                { "ise", "ize" },     { "yse", "yze" }, { "tre", "ter" },
                                { "vre", "ver" } };
static const rewrite in_d[] = { { "lled", "led" }, { "ised", "ized" }, { "ysed", "yzed" } };
static const rewrite in_s[] = { { "grammes", "grams" }, { "towards", "toward" },
                                { "ences", "enses" },   { "ises", "izes" },
                                { "tres", "ters" },     { "vres", "vers" },
                                { "ogues", "ogs" } };
static const rewrite in_r[] = { { "iser", "izer" }, { "ller", "ler" } };
static const rewrite in_g[] = { { "ising", "izing" }, { "ysing", "yzing" }, { "lling", "ling" } };

/* Whole words.  Months, units and small numbers are written out or not by house style. */
static const rewrite words[] = {
    { "apr", "april" },
    { "aug", "august" },
    { "aeroplane", "airplane" },
    { "bln", "billion" },
    { "bn", "billion" },
    { "cheque", "check" },
    { "dec", "december" },
    { "eight", "8" },
    { "feb", "february" },
    { "five", "5" },
    { "four", "4" },
    { "grey", "gray" },
    { "jan", "january" },
    { "jewellery", "jewelry" },
    { "km", "kilometers" },
    { "kms", "kilometers" },
    { "mln", "million" },
    { "nine", "9" },
    { "nov", "november" },
    { "oct", "october" },
    { "pct", "percent" },
    { "plough", "plow" },
    { "pyjamas", "pajamas" },
    { "sceptic", "skeptic" },
    { "sceptical", "skeptical" },
    { "seven", "7" },
    { "sep", "september" },
    { "sept", "september" },
    { "six", "6" },
    { "ten", "10" },
    { "three", "3" },
    { "trn", "trillion" },
    { "two", "2" },
    { "tyre", "tire" },
    { "tyres", "tires" },
};

static bool ends_in(const char *word, size_t len, const char *end, size_t end_len)
{
    return len > end_len && memcmp(word + len - end_len, end, end_len) == 0;
}

static size_t rewrite_end(char *word, size_t len, const rewrite *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t from = strlen(rows[i].from);
        if (!ends_in(word, len, rows[i].from, from))
            continue;
        size_t to = strlen(rows[i].to);
        memcpy(word + len - from, rows[i].to, to);
        return len - from + to;
    }
    return len;
}

/* Every `from` becomes the shorter or equal `to`. */
static size_t rewrite_inside(char *word, size_t len, const char *from, const char *to)
{
    size_t cut = strlen(from), put = strlen(to);
    for (size_t i = 0; i + cut <= len; i++) {
        if (memcmp(word + i, from, cut) != 0)
            continue;
        memcpy(word + i, to, put);
        memmove(word + i + put, word + i + cut, len - i - cut);
        len -= cut - put;
        i += put - 1;
    }
    return len;
}

static size_t rewrite_whole(char *word, size_t len)
{
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (words[i].from[0] == word[0] && strlen(words[i].from) == len &&
            memcmp(words[i].from, word, len) == 0) {
            size_t to = strlen(words[i].to);
            memcpy(word, words[i].to, to);
            return to;
        }
    return len;
}

/* "colour", "manoeuvre", "organisation": a rare letter shows where to look at all. */
static size_t rewrite_middle(char *word, size_t len)
{
    bool ou = false, isa = false;
    for (size_t i = 1; i + 1 < len; i++) {
        ou |= word[i] == 'u' && (word[i - 1] == 'o' || word[i - 1] == 'e');
        isa |= word[i] == 's' && word[i - 1] == 'i' && word[i + 1] == 'a';
    }
    if (ou) {
        len = rewrite_inside(word, len, "oeuv", "euv");
        len = rewrite_inside(word, len, "our", "or");
    }
    return isa ? rewrite_inside(word, len, "isation", "ization") : len;
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
