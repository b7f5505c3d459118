/* daemon/story_identity.c - what was known before the sharing began keeps the identity it was
 * stored under; so each way asks the ledger first. */
#include "daemon/story_identity.h"

#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "dedup/identity.h"
#include "feeds/feed_state.h"

/* In field_hash: the bits of enum wd_change. */
enum { HEADLINE, SUMMARY, BODY };

#define TEXT_LABEL_BYTES 16u

void wd_story_name(const wd_poll *poll, wd_story *s, uint64_t key)
{
    wd_hash128 h = wd_hash128_of(s->item->id, wd_hash64(wd_span_of(poll->config->slug), key));
    char *end = wd_hex_put(wd_hex_put(s->uri_hex, h.hi, 16), h.lo >> 32, 8);
    *end = '\0';
}

/* The key that the story has when that is its id. */
static uint64_t key_of(const wd_story *s, wd_span id, uint64_t key)
{
    bool page = s->fp.link_key != 0 && wd_span_eq(id, s->item->link);
    return page ? wd_identity_page_key(id, s->fp.link_key, key) : wd_hash64(id, key);
}

/* --- links tell ---------------------------------------------------------- */

static void use_link(const wd_poll *poll, wd_story *s, uint64_t key)
{
    s->item->id = s->item->link;
    s->item->id_kind = WD_ID_LINK;
    s->item->flags |= WD_ITEM_ID_REWRITTEN;
    s->fp.id_key = key_of(s, s->item->id, key);
    wd_story_name(poll, s, key);
}

/* A guid stands for the story that had it first; any other link under it is another story. */
static void identify_by_link(wd_poll *poll, wd_story *s, wd_ledger *ledger)
{
    wd_ledger_item known;
    uint32_t feed = poll->state.feed;
    bool found = wd_ledger_find_id(ledger, feed, s->fp.id_key, &known);
    if (found && known.link_key == s->fp.link_key)
        return;
    if (!wd_span_eq(s->item->id, s->item->link))
        use_link(poll, s, wd_ledger_hash_key(ledger));
    if (!wd_ledger_find_id(ledger, feed, s->fp.id_key, &known) &&
        wd_ledger_find_link(ledger, s->fp.link_key, &known) && known.feed == feed &&
        known.id_key != 0)
        s->fp.id_key = known.id_key;
}

/* --- titles tell --------------------------------------------------------- */

static bool same_label(const wd_story *s, const uint32_t *fields)
{
    const uint32_t *mine = s->fp.field_hash;
    return mine[HEADLINE] == fields[HEADLINE] &&
           (s->item->title_text.len > 0 ||
            (mine[SUMMARY] == fields[SUMMARY] && mine[BODY] == fields[BODY]));
}

bool wd_story_differs(const wd_story *a, const wd_story *b)
{
    return !same_label(a, b->fp.field_hash);
}

/* As its feed has it. */
static wd_span given_of(const wd_story *s)
{
    return s->item->given_id.len > 0 ? s->item->given_id : s->item->id;
}

static bool join(const wd_poll *poll, wd_story *s, uint64_t key)
{
    char hex[TEXT_LABEL_BYTES + 1];
    wd_span given = given_of(s), label = s->item->title_text;
    if (label.len == 0) {
        (void)wd_hex_put(wd_hex_put(hex, s->fp.field_hash[SUMMARY], 8), s->fp.field_hash[BODY], 8);
        label = (wd_span){ hex, TEXT_LABEL_BYTES };
    }
    size_t n = given.len + 1 + label.len;
    char *text = wd_arena_alloc(poll->arena, n);
    if (text == NULL)
        return false;
    memcpy(text, given.ptr, given.len);
    text[given.len] = ' ';
    memcpy(text + given.len + 1, label.ptr, label.len);
    s->item->given_id = given;
    s->item->id = (wd_span){ text, n };
    s->item->flags |= WD_ITEM_ID_REWRITTEN;
    s->fp.id_key = wd_hash_mix(key_of(s, given, key), wd_hash64(label, key));
    wd_story_name(poll, s, key);
    return true;
}

bool wd_story_join_title(wd_poll *poll, wd_story *s, uint64_t key)
{
    wd_feed_state_add_titled(&poll->state, key_of(s, given_of(s), key));
    return join(poll, s, key);
}

/* Under the id that it had before others joined it there, guid or link? */
static bool is_known_alone(const wd_poll *poll, wd_story *s, wd_ledger *ledger)
{
    wd_ledger_item known;
    const wd_span ids[] = { given_of(s), s->item->link };
    for (size_t i = 0; i < WD_COUNT(ids); i++) {
        uint64_t id_key = key_of(s, ids[i], wd_ledger_hash_key(ledger));
        if (ids[i].len > 0 && wd_ledger_find_id(ledger, poll->state.feed, id_key, &known) &&
            same_label(s, known.field_hash)) {
            s->fp.id_key = id_key;
            return true;
        }
    }
    return false;
}

bool wd_story_identify(wd_poll *poll, wd_story *s, wd_ledger *ledger)
{
    uint64_t key = wd_ledger_hash_key(ledger);
    if (!wd_feed_state_is_titled(&poll->state, key_of(s, given_of(s), key))) {
        if (poll->state.guid_shared && s->fp.link_key != 0)
            identify_by_link(poll, s, ledger);
        return true;
    }
    if (is_known_alone(poll, s, ledger))
        return true;
    if (!join(poll, s, key))
        return false;
    s->fp.link_key = 0; /* others of its feed have the same: no identity, for the desk neither */
    return true;
}
