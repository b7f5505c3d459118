/* dedup/fingerprint.c - everything about a text that does not depend on others. */
#include "dedup/fingerprint.h"

#include <string.h>

#include "core/hash.h"
#include "dedup/credit.h"
#include "dedup/identity.h"
#include "dedup/packed.h"
#include "dedup/shingles.h"
#include "dedup/words.h"

/* A body of fewer words is read with its title: alone it could be anyone's. */
#define TINY_BODY 12u

/* Words of a title that are looked at. */
#define TITLE_MAX 250u

/* A body of fewer bytes is a "read more"; the summary may say more. */
#define LITTLE_BYTES 200u

static wd_span body_of(const wd_item *item)
{
    wd_span body = wd_item_body_text(item);
    if (body.len < LITTLE_BYTES && item->summary_text.len > body.len)
        return item->summary_text;
    return body;
}

static bool begins_with(const wd_token *tokens, size_t n, const wd_token *head, size_t head_n)
{
    if (n < head_n)
        return false;
    for (size_t i = 0; i < head_n; i++)
        if (!wd_token_same(tokens[i], head[i]))
            return false;
    return true;
}

/* Title and body as one text; a body that only repeats the title adds nothing. */
static void read_tiny(wd_words *words, wd_span title, wd_span body, uint64_t key)
{
    wd_token head[TINY_BODY];
    size_t n = words->n;
    memcpy(head, words->tokens, n * sizeof(*head));
    words->n = 0;
    words->hash = 0;
    wd_words_read(words, title, key);
    if (!begins_with(words->tokens, words->n, head, n))
        wd_words_read(words, body, key);
}

/* Room for every word that `bytes` of text can have. */
static wd_token *room_for(wd_arena *arena, size_t bytes, size_t most, size_t *room)
{
    *room = bytes + 1 < most ? bytes + 1 : most;
    return wd_arena_alloc(arena, *room * sizeof(wd_token));
}

static bool read_title(const wd_item *item, uint64_t key, wd_arena *arena, wd_fingerprint *out)
{
    wd_words title = { .title = true };
    title.tokens = room_for(arena, item->title_text.len, TITLE_MAX, &title.max);
    if (title.tokens == NULL)
        return false;
    wd_words_read(&title, item->title_text, key);
    wd_arena_trim(arena, title.tokens, title.max * sizeof(wd_token), title.n * sizeof(wd_token));
    out->title_tokens = title.tokens;
    out->n_title_tokens = (uint32_t)title.n;
    out->title_hash = wd_hash_mix(title.hash, title.n);
    return true;
}

static bool read_body(const wd_item *item, uint64_t key, wd_arena *arena, wd_fingerprint *out)
{
    wd_span body = body_of(item);
    wd_words words = { 0 };
    words.tokens =
        room_for(arena, item->title_text.len + body.len, WD_FINGERPRINT_WORDS, &words.max);
    if (words.tokens == NULL)
        return false;
    wd_words_read(&words, body, key);
    if (words.n < TINY_BODY) {
        read_tiny(&words, item->title_text, body, key);
        out->with_title = true;
    }
    wd_arena_trim(arena, words.tokens, words.max * sizeof(wd_token), words.n * sizeof(wd_token));
    out->tokens = words.tokens;
    out->n_tokens = (uint32_t)words.n;
    out->text_hash = wd_hash_mix(words.hash, words.n);
    return true;
}

bool wd_fingerprint_make(const wd_item *item, uint64_t key, wd_arena *arena, wd_fingerprint *out)
{
    *out = (wd_fingerprint){ 0 };
    wd_identity_of(item, key, arena, out);
    out->credit = wd_credit_find(item);
    if (!read_title(item, key, arena, out) || !read_body(item, key, arena, out))
        return false;
    out->shingles = wd_arena_alloc(arena, (out->n_tokens + 1) * sizeof(*out->shingles));
    if (out->shingles == NULL)
        return false;
    wd_shingles_of(out->tokens, out->n_tokens, out->shingles);
    return true;
}
