/* parsers/charset.c - decide what the bytes are; parsers/transcode.c does the rest. */
#include "parsers/charset.h"

#include <iconv.h>
#include <string.h>

#include "core/ascii.h"
#include "core/item.h"
#include "core/limits.h"
#include "parsers/clean.h"

/* The declaration stands at the front; comments before it are seen in the wild. */
#define DECLARATION_WITHIN_BYTES 1024u

/* UTF-8 may need three bytes for one of a legacy charset. */
#define DECODED_BYTES (3u * (size_t)WD_BODY_DECODED_BYTES)

/* --- what the document and its header say ---------------------------------------- */

wd_span wd_charset_of_header(wd_span content_type)
{
    while (content_type.ptr != NULL) {
        wd_span part = wd_span_trim(wd_span_cut(&content_type, ';'));
        if (!wd_span_starts_nocase(part, "charset"))
            continue;
        wd_span name = wd_span_cut(&part, '=');
        if (part.ptr != NULL && wd_span_is_nocase(wd_span_trim(name), "charset"))
            return wd_span_trim(part);
    }
    return WD_SPAN_NONE;
}

static wd_span quoted(wd_span s)
{
    s = wd_span_trim(s);
    if (s.len < 2 || (s.ptr[0] != '"' && s.ptr[0] != '\''))
        return WD_SPAN_NONE;
    wd_span rest = wd_span_from(s, 1);
    return wd_span_cut(&rest, s.ptr[0]);
}

static wd_span declared_label(wd_span body)
{
    wd_span head = wd_span_head(body, DECLARATION_WITHIN_BYTES);
    head = wd_span_from(head, wd_span_find_nocase(head, "<?xml"));
    head = wd_span_head(head, wd_span_find(head, '>'));
    wd_span at = wd_span_from(head, wd_span_find_nocase(head, "encoding"));
    if (at.len == 0)
        return WD_SPAN_NONE;
    at = wd_span_trim(wd_span_from(at, strlen("encoding")));
    if (at.len == 0 || at.ptr[0] != '=')
        return WD_SPAN_NONE;
    return quoted(wd_span_from(at, 1));
}

/* --- what the bytes say ------------------------------------------------------------ */

static bool begins(wd_span s, const char *bytes, size_t n)
{
    return s.len >= n && memcmp(s.ptr, bytes, n) == 0;
}

static const char *mark_of(wd_span body, size_t *ret_bytes)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } rows[] = { { "utf-8", "\xEF\xBB\xBF", 3 },
                 { "utf-32le", "\xFF\xFE\0\0", 4 },
                 { "utf-32be", "\0\0\xFE\xFF", 4 },
                 { "utf-16le", "\xFF\xFE", 2 },
                 { "utf-16be", "\xFE\xFF", 2 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (begins(body, rows[i].bytes, rows[i].n)) {
            *ret_bytes = rows[i].n;
            return rows[i].name;
        }
    return NULL;
}

/* '<' or '{' or white space and its neighbours, in each wide form. */
static const char *pattern_of(wd_span s)
{
    if (s.len < 4)
        return NULL;
    const char *p = s.ptr;
    if (p[0] && !p[1] && !p[2] && !p[3])
        return "utf-32le";
    if (!p[0] && !p[1] && !p[2] && p[3])
        return "utf-32be";
    if (p[0] && !p[1] && p[2] && !p[3])
        return "utf-16le";
    if (!p[0] && p[1] && !p[2] && p[3])
        return "utf-16be";
    return NULL;
}

static bool ebcdic(wd_span s)
{
    return begins(s, "\x4C\x6F\xA7\x94", 4); /* "<?xm" */
}

static bool wide_label(wd_span label)
{
    return wd_span_starts_nocase(label, "utf-16") || wd_span_starts_nocase(label, "utf-32") ||
           wd_span_starts_nocase(label, "utf16") || wd_span_starts_nocase(label, "ucs") ||
           wd_span_starts_nocase(label, "iso-10646") || wd_span_starts_nocase(label, "utf-8");
}

/* --- iconv ---------------------------------------------------------------------------- */

static iconv_t open_decoder(const char *charset)
{
    return iconv_open("UTF-8", charset);
}

/* A charset that glibc knows and browsers do not may be used when ASCII means ASCII in it:
 * that leaves out EBCDIC, UTF-7 and whatever else could hide markup. */
static bool keeps_ascii(const char *charset)
{
    char sample[] = "<?xml version=\"1.0\"?>+ADw-a&#;\\~", out[2 * sizeof(sample)];
    char *from = sample, *to = out;
    size_t left = sizeof(sample) - 1, room = sizeof(out);
    iconv_t cd = open_decoder(charset);
    if (cd == (iconv_t)-1)
        return false;
    size_t rc = iconv(cd, &from, &left, &to, &room);
    iconv_close(cd);
    return rc == 0 && left == 0 && (size_t)(to - out) == sizeof(sample) - 1 &&
           memcmp(out, sample, sizeof(sample) - 1) == 0;
}

/* --- the decision ---------------------------------------------------------------------- */

static void set_name(wd_decoded *out, const char *name)
{
    size_t n = strlen(name) < sizeof(out->encoding) - 1 ? strlen(name) : sizeof(out->encoding) - 1;
    memcpy(out->encoding, name, n);
    out->encoding[n] = '\0';
}

/* The iconv name for a label, NULL when it cannot be used.  `room` holds a made-up one. */
static const char *decoder_for(wd_span label, char room[WD_CHARSET_LABEL_BYTES + 8])
{
    const wd_charset *known = wd_charset_find(label);
    if (known != NULL)
        return known->iconv;
    if (label.len == 0 || label.len > WD_CHARSET_LABEL_BYTES)
        return NULL;
    static const char *const forms[] = { "", "CP", "IBM" };
    for (size_t f = 0; f < WD_COUNT(forms); f++) {
        size_t n = strlen(forms[f]);
        memcpy(room, forms[f], n);
        for (size_t i = 0; i < label.len; i++) {
            char c = label.ptr[i];
            if (!wd_is_alnum(c) && strchr("-_:.", c) == NULL)
                return NULL; /* "//TRANSLIT" and the like are not for strangers */
            room[n++] = c == '_' && f > 0 ? '-' : c;
        }
        room[n] = '\0';
        if (keeps_ascii(room))
            return room;
    }
    return NULL;
}

/* "windows_1250", "csIBM861": spellings that neither table knows. */
static const char *decoder_for_any(wd_span label, char room[WD_CHARSET_LABEL_BYTES + 8])
{
    const char *found = decoder_for(label, room);
    if (found != NULL || label.len > WD_CHARSET_LABEL_BYTES)
        return found;
    char dashed[WD_CHARSET_LABEL_BYTES];
    for (size_t i = 0; i < label.len; i++)
        dashed[i] = label.ptr[i] == '_' ? '-' : label.ptr[i];
    found = decoder_for((wd_span){ dashed, label.len }, room);
    if (found == NULL && wd_span_starts_nocase(label, "cs")) /* IANA's aliases */
        found = decoder_for(wd_span_from(label, 2), room);
    return found;
}

static void name_of_label(wd_decoded *out, wd_span label)
{
    const wd_charset *known = wd_charset_find(label);
    char lower[WD_CHARSET_LABEL_BYTES + 1] = "";
    for (size_t i = 0; i < label.len && i < WD_CHARSET_LABEL_BYTES; i++)
        lower[i] = wd_lower(label.ptr[i]);
    set_name(out, known ? known->name : lower);
}

/* Takes `body` as UTF-8, copying only when it is not clean. */
static wd_status take_utf8(wd_source body, wd_decoded *out)
{
    if (out->encoding[0] == '\0')
        set_name(out, "utf-8");
    if (wd_clean_until(body.bytes) == body.bytes.len) {
        out->text = body.bytes;
        return WD_OK;
    }
    wd_status s = wd_transcode_utf8(body, &out->own, &out->flags);
    out->text = wd_buf_span(&out->own);
    return s;
}

static wd_status take_transcoded(const char *charset, wd_source body, wd_decoded *out)
{
    wd_status s = wd_transcode(charset, body, &out->own, &out->flags);
    out->text = wd_buf_span(&out->own);
    return s;
}

static wd_status take_wide(const char *name, wd_source body, wd_decoded *out)
{
    char upper[16] = "";
    for (size_t i = 0; name[i] != '\0' && i + 1 < sizeof(upper); i++)
        upper[i] = (char)(wd_is_alpha(name[i]) ? name[i] - 32 : name[i]);
    set_name(out, name);
    return take_transcoded(upper, body, out);
}

static bool says_utf8(const wd_span *labels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (labels[i].len > 0 && !wd_span_is_nocase(labels[i], "utf-8"))
            return false;
    return true;
}

/* Neither mark nor pattern: ASCII-compatible bytes and, at most, two labels. */
static wd_status take_labelled(wd_source body, const wd_span *labels, size_t n, wd_decoded *out)
{
    char room[WD_CHARSET_LABEL_BYTES + 8];
    size_t good, bad;
    wd_span bytes = body.bytes;
    if (says_utf8(labels, n) && wd_clean_until(bytes) == bytes.len) {
        out->text = bytes;
        return set_name(out, "utf-8"), WD_OK; /* what nearly every document is */
    }
    wd_clean_census(bytes, &good, &bad);
    bool ascii = good == 0 && bad == 0, valid = bad == 0;
    for (size_t i = 0; i < n; i++) {
        if (labels[i].len == 0 || (wide_label(labels[i]) && !ascii))
            continue;
        if (wd_span_find_nocase(labels[i], "utf-7") < labels[i].len)
            return WD_UNSUPPORTED;
        if (valid && !ascii)
            continue;
        const char *charset = decoder_for_any(labels[i], room);
        if (charset == NULL || strncmp(charset, "UTF-", 4) == 0)
            continue;
        name_of_label(out, labels[i]);
        bool escapes = memchr(bytes.ptr, 0x1B, bytes.len) != NULL; /* ISO-2022 */
        return ascii && !escapes ? take_utf8(body, out) : take_transcoded(charset, body, out);
    }
    if (bad > good)
        return set_name(out, "windows-1252"), take_transcoded("CP1252", body, out);
    return take_utf8(body, out);
}

wd_status wd_charset_decode(wd_source body, wd_span content_type, wd_decoded *out)
{
    size_t mark = 0;
    *out = (wd_decoded){ .own = WD_BUF_INIT(DECODED_BYTES) };
    const char *name = mark_of(body.bytes, &mark);
    if (name == NULL)
        name = pattern_of(body.bytes);
    if (name == NULL && ebcdic(body.bytes))
        return WD_UNSUPPORTED;
    if (name == NULL) {
        wd_span labels[] = { wd_charset_of_header(content_type), declared_label(body.bytes) };
        return take_labelled(body, labels, WD_COUNT(labels), out);
    }
    body.bytes = wd_span_from(body.bytes, mark);
    if (strcmp(name, "utf-8") == 0)
        return take_utf8(body, out);
    const char *pattern = pattern_of(body.bytes); /* surer than the mark */
    return take_wide(pattern ? pattern : name, body, out);
}

void wd_decoded_done(wd_decoded *d)
{
    wd_buf_done(&d->own);
    *d = (wd_decoded){ .own = WD_BUF_INIT(DECODED_BYTES) };
}
