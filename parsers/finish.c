/* parsers/finish.c - the order matters once: the link before the id, because an item without an
 * id is known by its link. */
#include "parsers/finish.h"

#include <stdint.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/url.h"
#include "parsers/bodies.h"
#include "parsers/date.h"
#include "parsers/html.h"
#include "parsers/html_policy.h"
#include "parsers/link.h"

/* Two items of one document never share a title, a date and a text by accident. */
#define HASH_ID_BYTES 40u

/* --- where results live ------------------------------------------------------------------ */

#define ALIGN 8u

/* What earlier items came from is free for this one's results. */
static void make_room(wd_finish *f, wd_span dead)
{
    if (f->writable == NULL || dead.len == 0)
        return;
    char *from = f->writable + (dead.ptr - f->doc.ptr);
    f->room = f->room == NULL || f->room < from ? from : f->room;
    f->room_bytes = (size_t)(from + dead.len - f->room);
}

static void *place(wd_finish *f, size_t n)
{
    size_t skip = -(uintptr_t)f->room % ALIGN;
    if (f->room == NULL || n + skip > f->room_bytes)
        return wd_arena_alloc(f->to, n);
    char *p = f->room + skip;
    f->room = p + n;
    f->room_bytes -= skip + n;
    return p;
}

static wd_span kept_bytes(wd_finish *f, wd_span s)
{
    bool stands = s.ptr >= f->doc.ptr && s.ptr < f->doc.ptr + f->doc.len;
    if (s.len == 0 || (stands && f->writable == NULL))
        return s.ptr != NULL && s.len == 0 ? WD_SPAN_LIT("") : s;
    if (s.len > f->room_bytes)
        return wd_arena_copy(f->to, s);
    char *p = memcpy(f->room, s.ptr, s.len);
    f->room += s.len;
    f->room_bytes -= s.len;
    return (wd_span){ p, s.len };
}

/* White space of three scripts and more, which wd_text_one_line folds too. */
static bool wide_blank(const unsigned char *p, size_t left)
{
    if (p[0] == 0xC2)
        return left > 1 && p[1] == 0xA0;
    if (p[0] == 0xE2)
        return left > 2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9);
    return p[0] == 0xE3 && left > 2 && p[1] == 0x80 && p[2] == 0x80;
}

/* True when wd_text_one_line would change nothing in clean text. */
static bool is_one_line(wd_span s)
{
    bool gap = true;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < ' ' || (c == ' ' && gap))
            return false;
        if (c >= 0x7F && (c == 0x7F || wide_blank((const unsigned char *)s.ptr + i, s.len - i)))
            return false;
        gap = c == ' ';
    }
    return !gap;
}

static wd_span one_line(wd_finish *f, wd_span s, size_t max)
{
    if (s.len > max || !is_one_line(s))
        s = wd_text_one_line(f->scratch, s, max, NULL);
    return kept_bytes(f, s);
}

/* --- text ---------------------------------------------------------------------------- */

static bool is_html(const wd_value *v, wd_span text)
{
    return v->type == WD_VALUE_HTML || (v->type == WD_VALUE_GUESS && wd_html_looks_like(text));
}

/* Titles are one line of text; `html` is set when there is more to it. */
static wd_span title(wd_finish *f, const wd_value *v, bool any, wd_span *html, uint32_t *flags)
{
    wd_span text = wd_value_decoded(v, f->declared, &f->decoded);
    if (text.len == 0)
        return WD_SPAN_NONE;
    if (text.len > 16 * (size_t)WD_TITLE_BYTES)
        *flags |= WD_ITEM_TRUNCATED_TITLE;
    text = wd_utf8_head(text, 16 * (size_t)WD_TITLE_BYTES);
    bool tags = memchr(text.ptr, '<', text.len) != NULL;
    bool refs = memchr(text.ptr, '&', text.len) != NULL;
    if (v->type != WD_VALUE_TEXT && (tags || refs)) {
        if (tags || any) {
            wd_html_result r = wd_html_clean(f->html, text, v->base);
            if (r.rich || (any && !wd_span_eq(r.html, wd_html_plain(f->html, r.html))))
                *html = kept_bytes(f, r.html);
        }
        text = wd_html_title(f->html, text);
    }
    if (text.len > WD_TITLE_BYTES)
        *flags |= WD_ITEM_TRUNCATED_TITLE;
    return one_line(f, text, WD_TITLE_BYTES);
}

/* A body in the form it came in; false when there is nothing in it. */
static bool body(wd_finish *f, const wd_value *v, wd_span *html, wd_span *text, uint32_t *flags)
{
    wd_span source = wd_value_decoded(v, f->declared, &f->decoded);
    bool cut = source.len > WD_FIELD_BYTES;
    if (source.len == 0)
        return false;
    if (is_html(v, source)) {
        wd_html_result r = wd_html_clean(f->html, source, v->base);
        wd_span was = wd_span_trim(v->raw);
        *html = kept_bytes(f, wd_span_eq(r.html, was) ? was : r.html);
        cut |= r.cut;
    } else {
        *text = kept_bytes(f, wd_utf8_head(source, WD_FIELD_BYTES));
    }
    if (html->len == 0 && text->len == 0)
        return false;
    if (cut)
        *flags |= WD_ITEM_TRUNCATED_BODY;
    return true;
}

/* --- small fields ----------------------------------------------------------------------- */

static wd_span kept(wd_finish *f, wd_span s)
{
    return s.len ? one_line(f, s, WD_TITLE_BYTES) : WD_SPAN_NONE;
}

/* "&amp;" in a link, a name or a category: somebody escaped it twice. */
static wd_span once_escaped(wd_finish *f, wd_span s)
{
    static const char amp[] = "&amp;";
    const size_t rest = sizeof(amp) - 2;
    const char *at = s.len > rest ? memmem(s.ptr, s.len, amp, rest + 1) : NULL;
    if (at == NULL)
        return s;
    wd_buf_reset(&f->decoded);
    for (; at != NULL; at = memmem(s.ptr, s.len, amp, rest + 1)) {
        size_t run = (size_t)(at - s.ptr) + 1;
        wd_buf_append(&f->decoded, s.ptr, run);
        s = wd_span_from(s, run + rest);
    }
    wd_buf_append_span(&f->decoded, s);
    return wd_arena_copy(f->scratch, wd_buf_span(&f->decoded));
}

static wd_span words(wd_finish *f, wd_span s)
{
    return kept(f, once_escaped(f, s));
}

/* What a link of any kind may lead to; elsewhere scripts and pictures of a pixel are. */
static bool may_lead(wd_span url)
{
    wd_url_parts p;
    if (wd_link_is_plain(url))
        return true;
    wd_url_split(url, &p);
    return p.scheme.ptr == NULL || wd_html_scheme_allowed(p.scheme);
}

static wd_span text_of(wd_finish *f, const wd_draft *d, wd_slot slot)
{
    return kept(f, wd_draft_text(d, slot, f->declared, f->scratch));
}

static wd_span resolved(wd_finish *f, const wd_draft *d, wd_slot slot, wd_span s)
{
    bool plain = wd_link_is_plain(s);
    return kept_bytes(f, plain ? s : wd_link_resolve(f->scratch, d->slots[slot].base, s));
}

static wd_span url_of(wd_finish *f, const wd_draft *d, wd_slot slot)
{
    wd_span s = wd_draft_text(d, slot, f->declared, f->scratch);
    return s.len ? resolved(f, d, slot, s) : WD_SPAN_NONE;
}

static int64_t date_of(wd_finish *f, const wd_draft *d, wd_slot slot, wd_span *raw, uint32_t *flags)
{
    int64_t ms;
    wd_span s = wd_draft_text(d, slot, f->declared, f->scratch);
    if (s.len == 0)
        return WD_TIME_NONE;
    *raw = one_line(f, s, WD_RAW_DATE_BYTES);
    if (!wd_date_parse(s, &ms)) {
        *flags |= WD_ITEM_BAD_DATE;
        return WD_TIME_NONE;
    }
    if (f->now_ms > 0 && ms > f->now_ms + WD_DAY_MS)
        *flags |= WD_ITEM_FUTURE_DATE;
    return ms;
}

/* Some publishers' names are links to them. */
static wd_span name_of(wd_finish *f, wd_span s)
{
    return words(f, wd_span_starts_nocase(s, "<a ") ? wd_html_title(f->html, s) : s);
}

static wd_person *people_of(wd_finish *f, const wd_draft *d, size_t *n)
{
    wd_person *p = d->n_people ? place(f, d->n_people * sizeof(*p)) : NULL;
    *n = p ? d->n_people : 0;
    for (size_t i = 0; i < *n; i++)
        p[i] = (wd_person){ .name = name_of(f, d->people[i].name),
                            .email = kept(f, d->people[i].email),
                            .uri = may_lead(d->people[i].uri) ? kept(f, d->people[i].uri)
                                                              : WD_SPAN_NONE };
    return p;
}

static wd_span *categories_of(wd_finish *f, const wd_draft *d, size_t *n)
{
    wd_span *c = d->n_categories ? place(f, d->n_categories * sizeof(*c)) : NULL;
    *n = c ? d->n_categories : 0;
    for (size_t i = 0; i < *n; i++)
        c[i] = words(f, d->categories[i]);
    return c;
}

static wd_media *media_of(wd_finish *f, const wd_draft *d, size_t *n)
{
    wd_media *m = d->n_media ? place(f, d->n_media * sizeof(*m)) : NULL;
    size_t at = 0;
    for (int kind = WD_MEDIA_ENCLOSURE; m != NULL && kind <= WD_MEDIA_THUMBNAIL; kind++)
        for (size_t i = 0; i < d->n_media; i++) {
            const wd_media *from = &d->media[i];
            if ((int)from->kind != kind || from->url.len > WD_URL_BYTES || !may_lead(from->url))
                continue;
            m[at] = *from;
            m[at].url = kept_bytes(f, from->url);
            if (at == 0 && kind == WD_MEDIA_ENCLOSURE && d->slots[WD_SLOT_ENCLOSURE].raw.ptr)
                m[at].url = url_of(f, d, WD_SLOT_ENCLOSURE);
            m[at].type = kept(f, from->type);
            m[at].title = kept(f, from->title);
            at++;
        }
    *n = at;
    return m;
}

/* --- who and where ------------------------------------------------------------------------- */

static wd_span first_enclosure(const wd_draft *d)
{
    for (size_t i = 0; i < d->n_media; i++)
        if (d->media[i].kind == WD_MEDIA_ENCLOSURE)
            return d->media[i].url;
    return WD_SPAN_NONE;
}

/* http(s) alone may be followed; anything else that claims to be a link is dropped. */
static wd_span usable(wd_finish *f, wd_span link, uint32_t *flags)
{
    if (link.len == 0)
        return WD_SPAN_NONE;
    if (wd_link_is_plain(link))
        return link;
    wd_url_parts p;
    wd_url_split(link, &p);
    if (p.scheme.ptr == NULL || (wd_url_is_http(link) && p.userinfo.ptr == NULL))
        return link;
    if (wd_url_is_http(link)) /* a password has no business in a public link */
        return kept_bytes(f, wd_url_redact(f->scratch, link));
    *flags |= WD_ITEM_LINK_DROPPED;
    return WD_SPAN_NONE;
}

/* Links as people write them. */
static wd_span meant(wd_finish *f, wd_span link)
{
    link = once_escaped(f, link);
    if (!wd_span_starts_nocase(link, "www."))
        return link;
    wd_buf_reset(&f->decoded);
    wd_buf_append(&f->decoded, "//", 2);
    wd_buf_append_span(&f->decoded, link);
    return wd_arena_copy(f->scratch, wd_buf_span(&f->decoded));
}

static wd_span link_of(wd_finish *f, const wd_draft *d, uint32_t *flags)
{
    wd_span raw = meant(f, wd_draft_text(d, WD_SLOT_LINK, f->declared, f->scratch));
    wd_span link = WD_SPAN_NONE;
    if (raw.len > 0) {
        link = usable(f, resolved(f, d, WD_SLOT_LINK, raw), flags);
        if (link.len == 0)
            *flags |= WD_ITEM_LINK_DROPPED;
    }
    wd_span guid = wd_draft_text(d, WD_SLOT_ID, f->declared, f->scratch);
    if (link.len == 0 && d->guid_is_link && (wd_link_is_plain(guid) || wd_url_is_http(guid)))
        link = usable(f, resolved(f, d, WD_SLOT_LINK, guid), flags);
    if (link.len == 0)
        link = usable(f, kept_bytes(f, first_enclosure(d)), flags);
    return link;
}

static void hash_id(wd_finish *f, wd_item *out)
{
    const wd_span bodies[] = { out->content_html, out->content_text, out->summary_html,
                               out->summary_text };
    size_t told = 0;
    while (told + 1 < WD_COUNT(bodies) && bodies[told].len == 0)
        told++;
    wd_hash128 b = wd_hash128_of(bodies[told], wd_hash64(out->title_text, 1));
    b.hi = wd_hash_mix(b.hi, wd_hash64(out->published_raw, 2));
    for (size_t i = 0; i < out->n_authors; i++)
        b.lo = wd_hash_mix(b.lo, wd_hash64(out->authors[i].name, 3));
    for (size_t i = 0; i < out->n_categories; i++)
        b.lo = wd_hash_mix(b.lo, wd_hash64(out->categories[i], 4));
    wd_buf text = WD_BUF_INIT(HASH_ID_BYTES);
    wd_buf_printf(&text, "x:%016llx%016llx", (unsigned long long)b.hi, (unsigned long long)b.lo);
    out->id = wd_arena_copy(f->to, wd_buf_span(&text));
    out->id_kind = WD_ID_HASH;
    wd_buf_done(&text);
}

static void identify(wd_finish *f, const wd_draft *d, wd_item *out)
{
    wd_span id = wd_draft_text(d, WD_SLOT_ID, f->declared, f->scratch);
    out->id_kind = d->slots[WD_SLOT_ID].rank == 0 ? WD_ID_GUID : WD_ID_ATOM;
    if (id.len > WD_RAW_ID_BYTES) {
        wd_buf text = WD_BUF_INIT(HASH_ID_BYTES);
        wd_hash128 h = wd_hash128_of(id, 3);
        wd_buf_printf(&text, "h:%016llx%016llx", (unsigned long long)h.hi,
                      (unsigned long long)h.lo);
        out->id = wd_arena_copy(f->to, wd_buf_span(&text));
        wd_buf_done(&text);
        out->flags |= WD_ITEM_ID_REWRITTEN;
    } else if (id.len > 0) {
        bool relative = out->id_kind == WD_ID_ATOM && id.ptr[0] == '/';
        out->id = relative ? resolved(f, d, WD_SLOT_ID, id) : one_line(f, id, WD_RAW_ID_BYTES);
    }
    if (out->id.len > 0)
        return;
    out->id = out->link;
    out->id_kind = WD_ID_LINK;
    if (out->id.len == 0)
        hash_id(f, out);
}

/* --- interface ----------------------------------------------------------------------------- */

/* The next body that says something takes the place of one that does not. */
static size_t better(wd_finish *f, const wd_draft *d, const wd_slot *order, size_t n, wd_item *out)
{
    for (size_t i = 1; i < n; i++) {
        wd_span html = WD_SPAN_NONE, text = WD_SPAN_NONE;
        if (body(f, &d->slots[order[i]], &html, &text, &out->flags) &&
            !wd_body_is_blank(html, text)) {
            out->content_html = html;
            out->content_text = text;
            return i;
        }
    }
    return 0;
}

static void texts(wd_finish *f, const wd_draft *d, wd_item *out)
{
    static const wd_slot order[] = { WD_SLOT_CONTENT, WD_SLOT_DESCRIPTION, WD_SLOT_SUMMARY };
    uint32_t *flags = &out->flags;
    size_t i = 0;
    while (i < WD_COUNT(order) &&
           !body(f, &d->slots[order[i]], &out->content_html, &out->content_text, flags))
        i++;
    if (i < WD_COUNT(order) && wd_body_is_blank(out->content_html, out->content_text))
        i += better(f, d, order + i, WD_COUNT(order) - i, out);
    for (i++; i < WD_COUNT(order); i++) {
        const wd_value *v = &d->slots[order[i]];
        if (order[i] == WD_SLOT_SUMMARY && v->rank > 0 && d->slots[WD_SLOT_CONTENT].raw.ptr == NULL)
            continue; /* a description, and iTunes saying it once more */
        if (body(f, v, &out->summary_html, &out->summary_text, flags))
            break;
    }
}

bool wd_finish_item(wd_finish *f, const wd_draft *d, wd_item *out)
{
    *out = (wd_item){ .published_ms = WD_TIME_NONE, .updated_ms = WD_TIME_NONE };
    make_room(f, d->dead);
    out->title_text = title(f, &d->slots[WD_SLOT_TITLE], false, &out->title_html, &out->flags);
    texts(f, d, out);
    out->link = link_of(f, d, &out->flags);
    out->published_ms = date_of(f, d, WD_SLOT_PUBLISHED, &out->published_raw, &out->flags);
    out->updated_ms = date_of(f, d, WD_SLOT_UPDATED, &out->updated_raw, &out->flags);
    out->language = text_of(f, d, WD_SLOT_LANGUAGE);
    if (out->language.len == 0) /* xml:lang="" says that there is none: not the feed's either */
        out->language = d->lang.len   ? kept(f, d->lang)
                        : d->lang.ptr ? WD_SPAN_LIT("")
                                      : WD_SPAN_NONE;
    out->rights = text_of(f, d, WD_SLOT_RIGHTS);
    out->source_title =
        title(f, &d->slots[WD_SLOT_SOURCE_TITLE], true, &out->source_title_html, &out->flags);
    out->source_url = url_of(f, d, WD_SLOT_SOURCE_URL);
    out->authors = people_of(f, d, &out->n_authors);
    out->categories = categories_of(f, d, &out->n_categories);
    out->media = media_of(f, d, &out->n_media);
    identify(f, d, out);
    if (d->cut)
        out->flags |= WD_ITEM_TRUNCATED_BODY;
    out->unfinished = d->unfinished;
    out->draft = d->unpublished;
    return d->touched;
}

static int32_t update_every(wd_finish *f, const wd_draft *d)
{
    static const struct {
        const char *name;
        int32_t seconds;
    } periods[] = { { "hourly", 3600 },
                    { "daily", 86400 },
                    { "weekly", 604800 },
                    { "monthly", 2592000 },
                    { "yearly", 31536000 } };
    wd_span period = wd_draft_text(d, WD_SLOT_UPDATE_PERIOD, f->declared, f->scratch);
    wd_span often = wd_draft_text(d, WD_SLOT_UPDATE_FREQUENCY, f->declared, f->scratch);
    unsigned long long n = 1;
    if (period.len == 0 && often.len == 0)
        return -1;
    if (!wd_span_u64(often, &n) || n == 0 || n > 86400)
        n = 1;
    for (size_t i = 0; i < WD_COUNT(periods); i++)
        if (wd_span_is_nocase(period, periods[i].name))
            return periods[i].seconds / (int32_t)n;
    return 86400 / (int32_t)n; /* the module's default period is a day */
}

void wd_finish_feed(wd_finish *f, const wd_draft *d, wd_feed_doc *out)
{
    unsigned long long ttl;
    f->room_bytes = 0; /* where its own fields stand was never free */
    out->title_text = title(f, &d->slots[WD_SLOT_TITLE], false, &out->title_html, &out->flags);
    if (!body(f, &d->slots[WD_SLOT_DESCRIPTION], &out->subtitle_html, &out->subtitle_text,
              &out->flags))
        body(f, &d->slots[WD_SLOT_SUMMARY], &out->subtitle_html, &out->subtitle_text, &out->flags);
    wd_body_complete(f->html, &out->subtitle_html, &out->subtitle_text, f->to);
    wd_span link = meant(f, wd_draft_text(d, WD_SLOT_LINK, f->declared, f->scratch));
    out->link = link.len > 0 ? resolved(f, d, WD_SLOT_LINK, link) : WD_SPAN_NONE;
    out->language = text_of(f, d, WD_SLOT_LANGUAGE);
    if (out->language.len == 0)
        out->language = kept(f, d->lang);
    out->published_ms = date_of(f, d, WD_SLOT_PUBLISHED, &out->published_raw, &out->flags);
    out->updated_ms = date_of(f, d, WD_SLOT_UPDATED, &out->updated_raw, &out->flags);
    out->authors = people_of(f, d, &out->n_authors);
    out->self_link = url_of(f, d, WD_SLOT_SELF);
    for (size_t i = 0, n = 0; i < WD_HUBS_PER_DOC; i++) {
        wd_span hub = url_of(f, d, (wd_slot)(WD_SLOT_HUB + i));
        if (hub.len > 0)
            out->hub_links[n++] = hub;
    }
    out->generator = text_of(f, d, WD_SLOT_GENERATOR);
    out->icon = url_of(f, d, WD_SLOT_ICON);
    out->ttl_min = -1;
    if (wd_span_u64(wd_draft_text(d, WD_SLOT_TTL, f->declared, f->scratch), &ttl) &&
        ttl <= INT32_MAX)
        out->ttl_min = (int32_t)ttl;
    out->update_every_s = update_every(f, d);
    out->skip_hours = d->skip_hours;
    out->skip_days = d->skip_days;
}
