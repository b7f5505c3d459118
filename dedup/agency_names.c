/* dedup/agency_names.c - finds where an agency is named without trying all spellings everywhere.
 *
 * Most texts name none.  Sixteen bytes at a time are asked for what a spelling can begin with, a
 * capital or what is not ASCII; two bytes say which few spellings are left.
 */
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "core/ascii.h"
#include "dedup/agencies.h"

typedef uint8_t lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

enum { LANES = 16, HALF = 8 };

/* May a spelling begin with these two bytes? */
static bool may_begin(const char *two)
{
    return wd_spellings_by_first[(unsigned char)two[0]].seconds >> ((unsigned char)two[1] & 63) & 1;
}

/* Most differ in the next byte or two. */
static bool starts_with(wd_span s, const char *text, size_t len)
{
    size_t n = 1;
    while (n < len && n < s.len && s.ptr[n] == text[n])
        n++;
    return n == len;
}

/* A letter of a script with spaces goes on after an ASCII spelling: another word. */
static bool ends_word(wd_span rest, const char *spelling, size_t len)
{
    if (rest.len <= len)
        return true;
    bool ascii = (unsigned char)spelling[len - 1] < 0x80;
    char next = rest.ptr[len];
    return !ascii || !(wd_is_alnum(next) || next == '-');
}

const char *wd_agency_at(wd_span s, size_t *len)
{
    *len = 0;
    if (s.len < 2 || !may_begin(s.ptr))
        return NULL;
    const wd_spellings_with *with = &wd_spellings_by_first[(unsigned char)s.ptr[0]];
    for (size_t i = with->from; i < with->to; i++) {
        const wd_spelling *one = &wd_spellings[i];
        if (starts_with(s, one->text, one->bytes) && ends_word(s, one->text, one->bytes)) {
            *len = one->bytes;
            return wd_agencies[one->agency].name;
        }
    }
    return NULL;
}

static bool begins_here(wd_span s, wd_span also)
{
    const wd_spellings_with *with = &wd_spellings_by_first[(unsigned char)s.ptr[0]];
    for (size_t i = with->from; i < with->to; i++)
        if (starts_with(s, wd_spellings[i].text, wd_spellings[i].bytes))
            return true;
    return s.ptr[0] == also.ptr[0] && starts_with(s, also.ptr, also.len);
}

/* High bits where a spelling can begin: a capital, "dp", "ri", "/r", a character outside ASCII, but
 * no small Cyrillic letter, of which whole texts are made.  Reads 17 bytes. */
static halves can_begin(const char *text)
{
    lanes here, next;
    memcpy(&here, text, LANES);
    memcpy(&next, text + 1, LANES);
    lanes ascii = (lanes)(here - 'A' <= (lanes){ 0 } + ('Z' - 'A')) |
                  ((lanes)(here == 'd') & (lanes)(next == 'p')) |
                  ((lanes)(here == 'r') & (lanes)(next == 'i')) |
                  ((lanes)(here == '/') & (lanes)(next == 'r'));
    lanes small = (lanes)(here == 0xD1) | ((lanes)(here == 0xD0) & (lanes)(next >= 0xB0));
    return (halves)((ascii | ((lanes)(here >= 0xC2) & ~small)) & 0x80);
}

/* As wd_agency_last(), of the eight places from `at` on; `bits` are where one can begin. */
static size_t last_of_eight(wd_span s, size_t at, uint64_t bits, wd_span also)
{
    for (bits = le64toh(bits); bits != 0;) {
        unsigned highest = 63u - (unsigned)__builtin_clzll(bits);
        size_t place = at + highest / HALF;
        if (may_begin(s.ptr + place) && begins_here(wd_span_from(s, place), also))
            return place + 1;
        bits ^= 1ULL << highest;
    }
    return 0;
}

size_t wd_agency_last(wd_span s, wd_span also)
{
    size_t found = 0, end = s.len > 0 ? s.len - 1 : 0; /* the shortest has two bytes */
    while (end > 0 && found == 0) {
        if (end % LANES != 0) {
            end--;
            if (may_begin(s.ptr + end) && begins_here(wd_span_from(s, end), also))
                found = end + 1;
            continue;
        }
        end -= LANES;
        halves some = can_begin(s.ptr + end);
        if ((some[0] | some[1]) == 0)
            continue;
        found = last_of_eight(s, end + HALF, some[1], also);
        if (found == 0)
            found = last_of_eight(s, end, some[0], also);
    }
    return found;
}
