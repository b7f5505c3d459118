/* parsers/html_text.c - white space is folded while words are copied, sixteen bytes at a time. */
#include "parsers/html_text.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/ascii.h"
#include "parsers/entities.h"
#include "parsers/scan.h"
#include "parsers/tag.h"

/* Copying words may write so many bytes more than it counts. */
#define SLACK_BYTES 20u

/* Room is made for so much text at once. */
#define PIECE_BYTES 4096u

void wd_html_text_begin(wd_html_text *t)
{
    t->out.len = 0;
    t->out.full = false;
    t->space = true;
    t->lines = t->pre = 0;
}

wd_span wd_html_text_end(wd_html_text *t)
{
    return wd_span_trim((wd_span){ t->out.ptr, t->out.len });
}

/* --- words --------------------------------------------------------------------------- */

static void pay_lines(wd_html_text *t)
{
    char *p = t->out.ptr;
    if (t->out.len > 0) {
        while (t->out.len > 0 && p[t->out.len - 1] == ' ')
            t->out.len--;
        for (; t->lines > 0; t->lines--)
            p[t->out.len++] = '\n';
        t->space = true;
    }
    t->lines = 0;
}

/* How many bytes from p on are words and single spaces, at most n, copied to `out` on the way;
 * p[-1] is of a word.  Markup ends them too. */
static size_t copy_plain(const char *p, size_t n, const char *end, char *out)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' '), lead = _mm_set1_epi8((char)0xC2);
    const __m128i lt = _mm_set1_epi8('<'), amp = _mm_set1_epi8('&');
    for (; i < n && end - p - (ptrdiff_t)i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(p - 1 + i));
        /* unsigned: v <= ' ' */
        __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(v, space), space);
        __m128i low_before = _mm_cmpeq_epi8(_mm_max_epu8(before, space), space);
        __m128i other = _mm_andnot_si128(_mm_cmpeq_epi8(v, space), low);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, lead),
                                    _mm_or_si128(_mm_cmpeq_epi8(v, lt), _mm_cmpeq_epi8(v, amp)));
        __m128i odd = _mm_or_si128(_mm_or_si128(other, _mm_and_si128(low, low_before)), stop);
        int mask = _mm_movemask_epi8(odd);
        _mm_storeu_si128((__m128i *)(void *)(out + i), v);
        if (mask != 0) {
            size_t until = i + (size_t)__builtin_ctz((unsigned)mask);
            return until < n ? until : n;
        }
    }
#endif
    for (; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c < ' ' || c == 0xC2 || c == '<' || c == '&' ||
            (c == ' ' && (unsigned char)(p - 1)[i] <= ' '))
            return i;
        out[i] = (char)c;
    }
    return n;
}

/* One byte, or a no-break space, at p[i]; returns the bytes it took. */
static size_t text_byte(wd_html_text *t, wd_span s, size_t i, char **out)
{
    unsigned char c = (unsigned char)s.ptr[i];
    bool nbsp = c == 0xC2 && i + 1 < s.len && (unsigned char)s.ptr[i + 1] == 0xA0;
    if (c > ' ' && !nbsp) {
        *(*out)++ = (char)c;
        t->space = false;
    } else if (t->pre > 0 && !nbsp) {
        **out = (char)c;
        *out += c != '\r';
        t->space = true;
    } else {
        **out = ' ';
        *out += !t->space;
        t->space = true;
    }
    return 1 + nbsp;
}

/* From run[i] on; there is room. */
static size_t copy_text(wd_html_text *t, wd_span run, size_t i, const char *end)
{
    char *out = t->out.ptr + t->out.len;
    do {
        i += text_byte(t, run, i, &out);
        if (t->pre > 0 || t->space || i >= run.len)
            continue;
        size_t plain = copy_plain(run.ptr + i, run.len - i, end, out);
        i += plain;
        out += plain;
        if (plain > 0)
            t->space = run.ptr[i - 1] == ' ';
    } while (i < run.len && run.ptr[i] != '<' && run.ptr[i] != '&');
    t->out.len = (size_t)(out - t->out.ptr);
    return i;
}

size_t wd_html_text_run(wd_html_text *t, wd_span run, const char *end)
{
    size_t i = 0;
    run = wd_span_head(run, PIECE_BYTES);
    if (run.len == 0 || !wd_html_room(&t->out, run.len + SLACK_BYTES))
        return run.len; /* a reference to a control is no text */
    if (t->lines > 0) {
        while (i < run.len && wd_is_space(run.ptr[i]) && t->pre == 0)
            i++;
        if (i == run.len || (i > 0 && (run.ptr[i] == '<' || run.ptr[i] == '&')))
            return i;
        pay_lines(t);
    }
    return copy_text(t, run, i, end);
}

/* --- elements --------------------------------------------------------------------------- */

void wd_html_text_tag(wd_html_text *t, const wd_html_element *e, bool start)
{
    if ((e->flags & WD_HTML_PARA) && t->lines < 2)
        t->lines = 2;
    else if ((e->flags & WD_HTML_LINE) && t->lines < 1)
        t->lines = 1;
    else if ((e->flags & WD_HTML_BREAK) && t->lines < 2)
        t->lines++;
    else if (e->flags & WD_HTML_CELL)
        (void)wd_html_text_run(t, WD_SPAN_LIT(" "), NULL);
    if (e->flags & WD_HTML_PRE) {
        if (start)
            t->pre++;
        else if (t->pre > 0)
            t->pre--;
    }
}

/* --- the whole ----------------------------------------------------------------------------- */

static const char *read_reference(wd_html_text *t, const char *at, const char *end)
{
    char text[WD_ENTITY_TEXT_BYTES] = { *at };
    size_t n, took = wd_entity_decode(NULL, (wd_span){ at, (size_t)(end - at) },
                                      WD_ENTITY_HTML_TEXT, text, &n);
    (void)wd_html_text_run(t, (wd_span){ text, took ? n : 1 }, text + sizeof(text));
    return at + (took ? took : 1);
}

/* Three bytes at least. */
static const char *read_tag(wd_html_text *t, wd_html_names *names, const char *at, const char *end)
{
    bool start = at[1] != '/';
    wd_span name = { at + 2 - start, (size_t)(end - at) - 2 + start };
    name.len = wd_tag_name_bytes(name);
    const wd_html_element *e = wd_html_names_element(names, name, end, false);
    if (e != NULL)
        wd_html_text_tag(t, e, start);
    const char *gt = wd_scan_one(name.ptr + name.len, end, '>');
    return gt < end ? gt + 1 : end;
}

void wd_html_text_read(wd_html_text *t, wd_html_names *names, wd_span cleaned)
{
    const char *p = cleaned.len > 0 ? cleaned.ptr : "", *end = p + cleaned.len;
    while (p < end && !t->out.full) {
        bool markup = end - p >= 3; /* no tag and no reference is so short */
        if (markup && *p == '<')
            p = read_tag(t, names, p, end);
        else if (markup && *p == '&')
            p = read_reference(t, p, end);
        else
            p += wd_html_text_run(t, (wd_span){ p, (size_t)(end - p) }, end);
    }
}
