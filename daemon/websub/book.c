/* daemon/websub/book.c - two tables of chains that grow together; hashes are keyed, so that how
 * long a look takes says nothing of a token. */
#include "daemon/websub/book.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/url.h"

#define FIRST_BUCKETS 64u
#define URL_ARENA     (64u * 1024u)

struct wd_websub_book {
    wd_subscriber **tokens, **slugs;
    size_t n, cap;
    uint64_t key;
};

static size_t bucket_of(const wd_websub_book *b, const char *text)
{
    return wd_hash64(wd_span_of(text), b->key) & (b->cap - 1);
}

static void link_token(wd_websub_book *b, wd_subscriber *s)
{
    wd_subscriber **head = &b->tokens[bucket_of(b, s->token)];
    s->next_token = *head;
    *head = s;
}

static void link_slug(wd_websub_book *b, wd_subscriber *s)
{
    wd_subscriber **head = &b->slugs[bucket_of(b, s->slug)];
    s->next_slug = *head;
    *head = s;
}

static void unlink_slug(wd_websub_book *b, wd_subscriber *s)
{
    wd_subscriber **at = &b->slugs[bucket_of(b, s->slug)];
    while (*at != NULL && *at != s)
        at = &(*at)->next_slug;
    if (*at != NULL)
        *at = s->next_slug;
}

static bool grow(wd_websub_book *b)
{
    size_t cap = b->cap ? 2 * b->cap : FIRST_BUCKETS, old_cap = b->cap;
    if (b->n < b->cap)
        return true;
    wd_subscriber **old = b->tokens;
    wd_subscriber **tokens = calloc(cap, sizeof(wd_subscriber *));
    wd_subscriber **slugs = calloc(cap, sizeof(wd_subscriber *));
    if (tokens == NULL || slugs == NULL) {
        free(tokens);
        free(slugs);
        return b->cap > 0; /* longer chains will do */
    }
    free(b->slugs);
    b->tokens = tokens;
    b->slugs = slugs;
    b->cap = cap;
    for (size_t i = 0; i < old_cap; i++)
        for (wd_subscriber *s = old[i], *next; s != NULL; s = next) {
            next = s->next_token;
            link_token(b, s);
            if (s->current)
                link_slug(b, s);
        }
    free(old);
    return true;
}

wd_status wd_websub_book_new(wd_websub_book **out)
{
    wd_websub_book *b = calloc(1, sizeof(*b));
    if (b == NULL)
        return WD_NOMEM;
    b->key = wd_random64();
    *out = b;
    return WD_OK;
}

static void subscriber_free(wd_subscriber *s)
{
    for (size_t i = 0; i < WD_HUBS_PER_DOC; i++)
        free(s->hubs[i]);
    free(s->slug);
    free(s->topic);
    free(s->hub);
    explicit_bzero(s->secret, sizeof(s->secret));
    free(s);
}

void wd_websub_book_free(wd_websub_book *b)
{
    for (size_t i = 0; b != NULL && i < b->cap; i++)
        for (wd_subscriber *s = b->tokens[i], *next; s != NULL; s = next) {
            next = s->next_token;
            subscriber_free(s);
        }
    if (b != NULL) {
        free(b->tokens);
        free(b->slugs);
    }
    free(b);
}

static char *copy(wd_span s)
{
    char *text = malloc(s.len + 1);
    if (text == NULL)
        return NULL;
    if (s.len > 0)
        memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return text;
}

static uint64_t hash_of(wd_span url)
{
    wd_arena *a = wd_arena_new(URL_ARENA);
    uint64_t hash = a ? wd_hash64(wd_url_canonical(a, url), 0) : 0;
    wd_arena_free(a);
    return hash;
}

wd_subscriber *wd_websub_book_add(wd_websub_book *b, const char *slug, wd_span topic, wd_span hub)
{
    wd_subscriber *s = grow(b) ? calloc(1, sizeof(*s)) : NULL;
    if (s == NULL)
        return NULL;
    s->due.place = WD_DUE_NOWHERE;
    wd_list_init(&s->seat.waiting);
    s->slug = copy(wd_span_of(slug));
    s->topic = copy(topic);
    s->hub = copy(hub);
    s->pushed_ms = s->stored_ms = WD_TIME_NONE;
    if (s->slug == NULL || s->topic == NULL || s->hub == NULL) {
        subscriber_free(s);
        return NULL;
    }
    s->topic_hash = hash_of(topic);
    wd_websub_random(s->token, WD_WEBSUB_TOKEN_CHARS);
    wd_websub_random(s->secret, WD_WEBSUB_SECRET_CHARS);
    link_token(b, s);
    b->n++;
    return s;
}

static void unlink_token(wd_websub_book *b, wd_subscriber *s)
{
    wd_subscriber **at = &b->tokens[bucket_of(b, s->token)];
    while (*at != NULL && *at != s)
        at = &(*at)->next_token;
    if (*at != NULL)
        *at = s->next_token;
}

bool wd_websub_book_rename(wd_websub_book *b, wd_subscriber *s, wd_span token, wd_span secret)
{
    if (token.len != WD_WEBSUB_TOKEN_CHARS || secret.len != WD_WEBSUB_SECRET_CHARS)
        return false;
    unlink_token(b, s);
    memcpy(s->token, token.ptr, token.len);
    memcpy(s->secret, secret.ptr, secret.len);
    link_token(b, s);
    return true;
}

wd_subscriber *wd_websub_book_by_token(const wd_websub_book *b, const char *token)
{
    wd_subscriber *s = b->cap ? b->tokens[bucket_of(b, token)] : NULL;
    while (s != NULL && strcmp(s->token, token) != 0)
        s = s->next_token;
    return s;
}

wd_subscriber *wd_websub_book_by_feed(const wd_websub_book *b, const char *slug)
{
    wd_subscriber *s = b->cap ? b->slugs[bucket_of(b, slug)] : NULL;
    while (s != NULL && strcmp(s->slug, slug) != 0)
        s = s->next_slug;
    return s;
}

void wd_websub_book_set_current(wd_websub_book *b, wd_subscriber *s, bool current)
{
    if (s->current == current)
        return;
    s->current = current;
    if (current)
        link_slug(b, s);
    else
        unlink_slug(b, s);
}

void wd_subscriber_set_hubs(wd_subscriber *s, const wd_span *hubs, size_t n)
{
    for (size_t i = 0; i < WD_HUBS_PER_DOC; i++) {
        free(s->hubs[i]);
        s->hubs[i] = i < n ? copy(hubs[i]) : NULL;
    }
}

void wd_websub_book_remove(wd_websub_book *b, wd_subscriber *s)
{
    wd_websub_book_set_current(b, s, false);
    unlink_token(b, s);
    b->n--;
    subscriber_free(s);
}

void wd_websub_book_each(wd_websub_book *b, void (*each)(void *ctx, wd_subscriber *s), void *ctx)
{
    for (size_t i = 0; i < b->cap; i++)
        for (wd_subscriber *s = b->tokens[i], *next; s != NULL; s = next) {
            next = s->next_token;
            each(ctx, s);
        }
}

size_t wd_websub_book_count(const wd_websub_book *b)
{
    return b->n;
}
