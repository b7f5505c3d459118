/* dedup/identity.c - what is compared to tell "unchanged" from "updated". */
#include "dedup/identity.h"

#include "core/clock.h"
#include "core/hash.h"
#include "core/status.h"
#include "core/url.h"

/* Fields in the order of enum wd_change. */
enum field { HEADLINE, SUMMARY, BODY, LINK, DATE, BY, MEDIA };

/* Fields whose change makes an update: a new picture or byline alone does not. */
static const enum field that_matter[] = { HEADLINE, SUMMARY, BODY, LINK, DATE };

static uint32_t short_hash(wd_span bytes, uint64_t key)
{
    return (uint32_t)(wd_hash64(bytes, key) >> 32);
}

/* White space around a field is an editor's, not a change. */
static uint32_t text_field(wd_span text, wd_span markup, uint64_t key)
{
    return short_hash(wd_span_trim(text.len ? text : markup), key);
}

/* The date of publication; where a feed has only the other, that one.  A feed that bumps
 * `updated` on every fetch says nothing new. */
static uint32_t date_field(const wd_item *item, uint64_t key)
{
    int64_t ms = item->published_ms != WD_TIME_NONE ? item->published_ms : item->updated_ms;
    return short_hash((wd_span){ (const char *)&ms, sizeof(ms) }, key);
}

static uint32_t by_field(const wd_item *item, uint64_t key)
{
    uint64_t h = key;
    for (size_t i = 0; i < item->n_authors; i++)
        h = wd_hash_mix(h, wd_hash64(item->authors[i].name, key));
    return (uint32_t)(h >> 32);
}

static uint32_t media_field(const wd_item *item, uint64_t key)
{
    uint64_t h = key;
    for (size_t i = 0; i < item->n_media; i++)
        h = wd_hash_mix(h, wd_hash64(item->media[i].url, key));
    return (uint32_t)(h >> 32);
}

/* Another session in the same link is no change, nor is https where http was. */
static uint32_t link_field(const wd_item *item, uint64_t link_key, uint64_t key)
{
    return link_key != 0 ? (uint32_t)(link_key >> 32) : short_hash(item->link, key);
}

uint64_t wd_identity_page_key(wd_span link, uint64_t link_key, uint64_t key)
{
    wd_url_parts p;
    wd_url_split(link, &p);
    return p.fragment.len > 0 ? wd_hash_mix(link_key, wd_hash64(p.fragment, key)) : link_key;
}

void wd_identity_of(const wd_item *item, uint64_t key, wd_arena *arena, wd_fingerprint *out)
{
    out->link_key = 0;
    if (wd_url_is_http(item->link)) {
        wd_span link = wd_url_canonical(arena, item->link);
        if (link.len != 0)
            out->link_key = wd_hash64(link, key) | 1; /* 0 is "none" */
    }
    bool page = out->link_key != 0 && wd_span_eq(item->id, item->link);
    out->id_key =
        page ? wd_identity_page_key(item->link, out->link_key, key) : wd_hash64(item->id, key);
    uint32_t *field = out->field_hash;
    field[HEADLINE] = text_field(item->title_text, WD_SPAN_NONE, key);
    field[SUMMARY] = text_field(item->summary_text, item->summary_html, key);
    field[BODY] = text_field(item->content_text, item->content_html, key);
    field[LINK] = link_field(item, out->link_key, key);
    field[DATE] = date_field(item, key);
    field[BY] = by_field(item, key);
    field[MEDIA] = media_field(item, key);
    uint64_t all = key;
    for (size_t i = 0; i < WD_COUNT(that_matter); i++)
        all = wd_hash_mix(all, field[that_matter[i]]);
    out->content_hash = all;
}
