/* parsers/transcode.c - iconv is asked once what each byte of a one-byte charset means, and then
 * only about the others: a table is ten times as fast. */
#include "parsers/transcode.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/item.h"
#include "parsers/clean.h"

/* Memory goes back in portions, a system call each. */
#define PORTION_BYTES (256u * 1024u)

/* What iconv writes at once. */
#define PIECE_BYTES 8192u

/* Bytes that go through the table before plain ASCII is looked for again. */
#define LETTERS 32u

/* A one-byte charset has that many letters beyond ASCII; ISO 2022 has none without its escapes. */
#define LETTERS_BEYOND_ASCII 64u

static const char replacement[] = "\xEF\xBF\xBD";

/* --- the source --------------------------------------------------------------------- */

struct reader {
    const char *at, *end;
    const char *spent; /* NULL: the memory stays */
};

static struct reader reader_of(wd_source in)
{
    const char *from = in.bytes.len > 0 ? in.bytes.ptr : "";
    return (struct reader){ from, from + in.bytes.len, in.spend ? from : NULL };
}

static void move(struct reader *r, size_t n)
{
    r->at += n;
    if (r->spent == NULL || (size_t)(r->at - r->spent) < PORTION_BYTES)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)r->spent + page - 1) / page * page;
    uintptr_t to = (uintptr_t)r->at / page * page;
    (void)madvise((void *)from, to - from, MADV_DONTNEED); /* refused, it stays: no harm */
    r->spent = (const char *)to;
}

/* Little is longer than a document in one of Europe's charsets; only what is written becomes
 * memory. */
static void foresee(wd_buf *out, size_t n)
{
    if (n < out->limit / 2)
        (void)wd_buf_room(out, n + n / 8);
}

/* --- one byte, one letter ----------------------------------------------------------------- */

struct letter {
    char utf8[4];
    uint8_t len;
    uint16_t flags;
};

static bool letter_of(iconv_t cd, unsigned char byte, struct letter *out)
{
    char in = (char)byte, text[8], *from = &in, *to = text;
    size_t left = 1, room = sizeof(text);
    bool bad = iconv(cd, &from, &left, &to, &room) == (size_t)-1;
    size_t n = (size_t)(to - text);
    if (bad && errno != EILSEQ)
        return false; /* it begins something longer */
    if (bad) {
        n = strlen(replacement);
        memcpy(text, replacement, n);
    }
    if (n == 0 || n > sizeof(out->utf8))
        return false; /* it waits for what follows */
    bool clean = wd_clean_until((wd_span){ text, n }) == n;
    memcpy(out->utf8, text, sizeof(out->utf8));
    out->len = clean ? (uint8_t)n : 0;
    out->flags = clean ? 0 : WD_ITEM_CONTROLS_STRIPPED;
    if (bad)
        out->flags = WD_ITEM_BAD_ENCODING;
    return true;
}

/* False: the charset is of another kind. */
static bool make_letters(iconv_t cd, struct letter letters[256])
{
    unsigned valid = 0;
    for (unsigned byte = 0x80; byte < 0x100; byte++) {
        if (!letter_of(cd, (unsigned char)byte, &letters[byte]))
            return false;
        valid += letters[byte].flags == 0;
    }
    for (unsigned byte = 0; byte < 0x80; byte++) {
        if (!letter_of(cd, (unsigned char)byte, &letters[byte]))
            return false;
        if (letters[byte].len > 0 && (letters[byte].len > 1 || letters[byte].utf8[0] != (char)byte))
            return false;
    }
    return valid >= LETTERS_BEYOND_ASCII;
}

static void put_letters(const struct letter letters[256],
                        struct reader *r,
                        wd_buf *out,
                        uint32_t *flags)
{
    size_t left = (size_t)(r->end - r->at), n = left < LETTERS ? left : LETTERS;
    char *to = wd_buf_room(out, LETTERS * sizeof(letters->utf8));
    for (size_t i = 0; to != NULL && i < n; i++) {
        const struct letter *one = &letters[(unsigned char)r->at[i]];
        memcpy(to, one->utf8, sizeof(one->utf8));
        to += one->len;
        *flags |= one->flags;
    }
    if (to != NULL)
        out->len = (size_t)(to - out->ptr);
    move(r, n);
}

static void by_letters(const struct letter letters[256],
                       struct reader *r,
                       wd_buf *out,
                       uint32_t *flags)
{
    while (r->at < r->end && wd_buf_status(out) == WD_OK) {
        size_t left = (size_t)(r->end - r->at);
        size_t plain =
            wd_clean_ascii((wd_span){ r->at, left < PORTION_BYTES ? left : PORTION_BYTES });
        wd_buf_append(out, r->at, plain);
        move(r, plain);
        if (r->at < r->end)
            put_letters(letters, r, out, flags);
    }
}

/* --- everything else ---------------------------------------------------------------------- */

static size_t unit_bytes(const char *charset)
{
    if (strncmp(charset, "UTF-32", 6) == 0)
        return 4;
    return strncmp(charset, "UTF-16", 6) == 0 ? 2 : 1;
}

static void by_iconv(iconv_t cd, size_t unit, struct reader *r, wd_buf *out, uint32_t *flags)
{
    while (r->at < r->end && wd_buf_status(out) == WD_OK) {
        char piece[PIECE_BYTES], *from = (char *)(uintptr_t)r->at, *to = piece;
        size_t left = (size_t)(r->end - r->at), room = sizeof(piece);
        bool failed = iconv(cd, &from, &left, &to, &room) == (size_t)-1;
        bool bad = failed && (errno == EILSEQ || errno == EINVAL);
        (void)wd_clean_copy((wd_span){ piece, (size_t)(to - piece) }, out, flags);
        if (bad) { /* one bad unit costs one character */
            wd_buf_append(out, replacement, strlen(replacement));
            *flags |= WD_ITEM_BAD_ENCODING;
            from += left < unit ? left : unit;
        }
        move(r, (size_t)(from - r->at));
    }
    char last[64], *to = last; /* what waited for an accent */
    size_t room = sizeof(last);
    (void)iconv(cd, NULL, NULL, &to, &room);
    (void)wd_clean_copy((wd_span){ last, (size_t)(to - last) }, out, flags);
}

/* --- interface ------------------------------------------------------------------------------ */

wd_status wd_transcode(const char *charset, wd_source in, wd_buf *out, uint32_t *flags)
{
    struct letter letters[256];
    struct reader r = reader_of(in);
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1)
        return errno == ENOMEM ? WD_NOMEM : WD_UNSUPPORTED;
    foresee(out, in.bytes.len);
    size_t unit = unit_bytes(charset);
    bool table = unit == 1 && make_letters(cd, letters);
    (void)iconv(cd, NULL, NULL, NULL, NULL);
    if (table)
        by_letters(letters, &r, out, flags);
    else
        by_iconv(cd, unit, &r, out, flags);
    iconv_close(cd);
    return wd_buf_append(out, "", 0);
}

/* Whole characters, if they are whole. */
static size_t portion(const struct reader *r)
{
    size_t left = (size_t)(r->end - r->at), n = PORTION_BYTES;
    if (left <= n)
        return left;
    for (int back = 0; back < 3 && ((unsigned char)r->at[n] & 0xC0) == 0x80; back++)
        n--;
    return wd_clean_is_first_half(r->at + n - 3) ? n - 3 : n;
}

wd_status wd_transcode_utf8(wd_source in, wd_buf *out, uint32_t *flags)
{
    struct reader r = reader_of(in);
    foresee(out, in.bytes.len);
    while (r.at < r.end && wd_buf_status(out) == WD_OK) {
        size_t n = portion(&r);
        (void)wd_clean_copy((wd_span){ r.at, n }, out, flags);
        move(&r, n);
    }
    return wd_buf_append(out, "", 0);
}
