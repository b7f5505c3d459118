/* parsers/elements.c - RFC 4287 4.2.7, RSS 2.0 <enclosure>, Media RSS 1.5.1. */
#include "parsers/elements.h"

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/link.h"

static wd_span plain_attr(const wd_xml_element *e, wd_word name)
{
    const wd_xml_attr *attr = wd_xml_attr_find(e, WD_NS_CORE, name);
    return attr ? wd_span_trim(attr->value) : WD_SPAN_NONE;
}

static wd_span kept_attr(const wd_xml_element *e, wd_word name, wd_arena *keep)
{
    wd_buf scratch = WD_BUF_INIT(WD_FIELD_BYTES);
    wd_span v = wd_xml_attr_get(e, WD_NS_CORE, name, &scratch);
    v = wd_arena_copy(keep, wd_span_trim(v));
    wd_buf_done(&scratch);
    return v;
}

/* --- text ------------------------------------------------------------------------ */

static bool has_word(wd_span s, const char *word)
{
    return wd_span_find_nocase(s, word) < s.len;
}

wd_text_kind wd_text_kind_of(const wd_xml_element *e, wd_rule rule, wd_feed_format format)
{
    wd_text_kind kind = { .type = rule.type };
    bool atom = e->ns == WD_NS_ATOM ||
                (e->ns == WD_NS_CORE && (format == WD_FORMAT_ATOM || format == WD_FORMAT_ATOM03));
    if (!atom)
        return kind;
    wd_span type = plain_attr(e, WD_WORD_TYPE), mode = plain_attr(e, WD_WORD_MODE);
    kind.src = plain_attr(e, WD_WORD_SRC);
    kind.base64 = wd_span_is_nocase(mode, "base64");
    kind.wrapped = wd_span_is_nocase(type, "xhtml");
    if (has_word(type, "html"))
        kind.type = WD_VALUE_HTML;
    else if (wd_span_is_nocase(type, "text") ||
             (type.len == 0 && mode.len == 0 && rule.slot == WD_SLOT_TITLE))
        kind.type = WD_VALUE_TEXT;
    else if (type.len > 0 && !has_word(type, "text") && !has_word(type, "xml") &&
             wd_span_find(type, '/') < type.len)
        kind.base64 = true; /* RFC 4287 4.1.3.3, rule 6 */
    if (kind.base64)
        kind.type = WD_VALUE_HTML;
    return kind;
}

wd_feed_format wd_root_format(const wd_xml_element *root, wd_buf *scratch)
{
    wd_span version = wd_xml_attr_get(root, WD_NS_CORE, WD_WORD_VERSION, scratch);
    switch (root->word) {
    case WD_WORD_RSS:
    case WD_WORD_CHANNEL:
    case WD_WORD_ITEM:
        return WD_FORMAT_RSS;
    case WD_WORD_RDF:
        return WD_FORMAT_RSS10;
    case WD_WORD_FEED:
    case WD_WORD_ENTRY:
        return wd_span_is(version, "0.3") ? WD_FORMAT_ATOM03 : WD_FORMAT_ATOM;
    case WD_WORD_URLSET:
        return WD_FORMAT_NEWS_SITEMAP;
    default:
        return WD_FORMAT_UNKNOWN;
    }
}

/* --- links ------------------------------------------------------------------------ */

static bool has_rel(wd_span rel, const char *word)
{
    while (rel.ptr != NULL && rel.len > 0) {
        rel = wd_span_trim(rel);
        wd_span one = wd_span_cut(&rel, ' ');
        if (wd_span_starts_nocase(one, "http://www.iana.org/assignments/relation/"))
            one = wd_span_from(one, 41);
        if (wd_span_is_nocase(one, word))
            return true;
    }
    return false;
}

static void add_enclosure(wd_draft *d, const wd_xml_element *e, wd_span url, wd_arena *keep)
{
    unsigned long long length;
    wd_media m = { .kind = WD_MEDIA_ENCLOSURE,
                   .url = url,
                   .type = kept_attr(e, WD_WORD_TYPE, keep),
                   .title = kept_attr(e, WD_WORD_TITLE, keep),
                   .length_bytes = -1 };
    if (wd_span_u64(plain_attr(e, WD_WORD_LENGTH), &length) && length <= INT64_MAX)
        m.length_bytes = (int64_t)length;
    wd_draft_add_media(d, &m);
}

wd_link_role wd_link_role_of(const wd_xml_element *e)
{
    wd_span rel = plain_attr(e, WD_WORD_REL);
    if (rel.len == 0 || has_rel(rel, "alternate"))
        return WD_LINK_SITE;
    return has_rel(rel, "enclosure") ? WD_LINK_ENCLOSURE : WD_LINK_OTHER;
}

void wd_element_link(
    wd_draft *d, const wd_xml_element *e, wd_span base, wd_feed_format format, wd_arena *keep)
{
    wd_span rel = plain_attr(e, WD_WORD_REL), type = plain_attr(e, WD_WORD_TYPE);
    bool rss = format == WD_FORMAT_RSS || format == WD_FORMAT_RSS10;
    wd_value v = { .raw = kept_attr(e, WD_WORD_HREF, keep), .base = base };
    if (has_rel(rel, "enclosure")) {
        add_enclosure(d, e, wd_link_resolve(keep, base, v.raw), keep);
        return;
    }
    if (has_rel(rel, "self"))
        wd_draft_offer(d, WD_SLOT_SELF, v);
    if (has_rel(rel, "hub"))
        wd_draft_add_hub(d, v);
    if (rel.len == 0 && e->ns == WD_NS_CORE && rss)
        v.rank = 1;
    else if (rel.len == 0 || has_rel(rel, "alternate"))
        v.rank = type.len == 0 || has_word(type, "html") ? 3 : 4;
    else if (has_rel(rel, "self") || has_rel(rel, "via") || has_rel(rel, "related"))
        v.rank = 9;
    else
        return;
    wd_draft_offer(d, WD_SLOT_LINK, v);
}

/* --- media -------------------------------------------------------------------------- */

static int32_t small_number(wd_span s)
{
    unsigned long long v;
    return wd_span_u64(s, &v) && v <= INT32_MAX ? (int32_t)v : 0;
}

void wd_element_media(
    wd_draft *d, const wd_xml_element *e, wd_rule rule, wd_span base, wd_arena *keep)
{
    unsigned long long length;
    wd_span url = kept_attr(e, WD_WORD_URL, keep);
    if (url.len == 0)
        url = kept_attr(e, WD_WORD_HREF, keep);
    if (url.len == 0)
        return;
    url = wd_link_resolve(keep, base, url);
    if (rule.action == WD_DO_ENCLOSURE) {
        add_enclosure(d, e, url, keep);
        return;
    }
    wd_media m = { .kind = rule.action == WD_DO_THUMBNAIL ? WD_MEDIA_THUMBNAIL : WD_MEDIA_CONTENT,
                   .url = url,
                   .type = kept_attr(e, WD_WORD_TYPE, keep),
                   .length_bytes = -1,
                   .width = small_number(plain_attr(e, WD_WORD_WIDTH)),
                   .height = small_number(plain_attr(e, WD_WORD_HEIGHT)) };
    if (m.type.len == 0 && rule.action == WD_DO_MEDIA)
        m.type = kept_attr(e, WD_WORD_MEDIUM, keep);
    if (wd_span_u64(plain_attr(e, WD_WORD_FILESIZE), &length) && length <= INT64_MAX)
        m.length_bytes = (int64_t)length;
    wd_draft_add_media(d, &m);
}

/* --- when not to come ------------------------------------------------------------------ */

void wd_element_skip_hour(wd_draft *d, wd_span text)
{
    unsigned long long hour;
    if (wd_span_u64(wd_span_trim(text), &hour) && hour <= 24) /* 0.91 counts from 1 to 24 */
        d->skip_hours |= 1u << (hour % 24);
}

void wd_element_skip_day(wd_draft *d, wd_span text)
{
    static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
    for (size_t i = 0; i < WD_COUNT(days); i++)
        if (wd_span_starts_nocase(wd_span_trim(text), days[i]))
            d->skip_days |= (uint8_t)(1u << i);
}
