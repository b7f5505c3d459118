/* core/arena.c - a chain of blocks, newest first.  A piece larger than a block gets a
 * block of its own, put behind the newest so that the newest keeps its free tail. */
#include "core/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif

/* Under AddressSanitizer a piece ends where it was said to end, as one from malloc does: what is
 * free of a block is poisoned, and so are a few bytes between two pieces. */
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define REDZONE 16u
/* Out of line: the interface takes what it does not read as const, and where gcc 14 sees that the
 * memory is fresh it warns that it was never written. */
__attribute__((noinline)) static void forbid(void *p, size_t n)
{
    ASAN_POISON_MEMORY_REGION(p, n);
}
#define PERMIT(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define REDZONE      0u
#define PERMIT(p, n) (void)0
static inline void forbid(void *p, size_t n)
{
    (void)p, (void)n;
}
#endif

#define ALIGN 16u

struct block {
    struct block *next;
    size_t cap, used;
    _Alignas(ALIGN) char bytes[];
};

struct adopted {
    struct adopted *next;
    void *block;
};

struct wd_arena {
    struct block *head;
    struct adopted *adopted; /* the links are in the arena itself */
    size_t budget, used;
    wd_status status;
};

static struct block *block_new(size_t cap)
{
    struct block *b = malloc(sizeof(*b) + cap);
    if (b == NULL)
        return NULL;
    b->next = NULL;
    b->cap = cap;
    b->used = 0;
    forbid(b->bytes, cap);
    return b;
}

static void block_free(struct block *b)
{
    PERMIT(b->bytes, b->cap);
    free(b);
}

wd_arena *wd_arena_new(size_t budget)
{
    wd_arena *a = calloc(1, sizeof(*a));
    if (a != NULL)
        a->budget = budget;
    return a;
}

static void free_adopted(wd_arena *a)
{
    for (struct adopted *one = a->adopted; one != NULL; one = one->next)
        free(one->block);
    a->adopted = NULL;
}

void wd_arena_free(wd_arena *a)
{
    if (a == NULL)
        return;
    free_adopted(a);
    for (struct block *b = a->head, *next; b != NULL; b = next) {
        next = b->next;
        block_free(b);
    }
    free(a);
}

void wd_arena_reset(wd_arena *a)
{
    struct block *keep = NULL;
    free_adopted(a);
    for (struct block *b = a->head, *next; b != NULL; b = next) {
        next = b->next;
        if (keep == NULL && b->cap == WD_ARENA_BLOCK_BYTES)
            keep = b;
        else
            block_free(b);
    }
    if (keep != NULL) {
        keep->next = NULL;
        keep->used = 0;
        forbid(keep->bytes, keep->cap);
    }
    a->head = keep;
    a->used = 0;
    a->status = WD_OK;
}

static void *from_new_block(wd_arena *a, size_t n)
{
    struct block *b = block_new(n > WD_ARENA_BLOCK_BYTES ? n : WD_ARENA_BLOCK_BYTES);
    if (b == NULL) {
        a->status = WD_NOMEM;
        return NULL;
    }
    b->used = n;
    if (n > WD_ARENA_BLOCK_BYTES && a->head != NULL) {
        b->next = a->head->next;
        a->head->next = b;
    } else {
        b->next = a->head;
        a->head = b;
    }
    return b->bytes;
}

static size_t aligned(size_t n)
{
    return n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
}

void *wd_arena_alloc(wd_arena *a, size_t n)
{
    if (a->status != WD_OK)
        return NULL;
    if (n > SIZE_MAX - ALIGN || ((n + ALIGN - 1) & ~(size_t)(ALIGN - 1)) > a->budget - a->used) {
        a->status = WD_LIMIT;
        return NULL;
    }
    size_t full = aligned(n);
    struct block *b = a->head;
    void *p;
    if (b != NULL && full + REDZONE <= b->cap - b->used) {
        p = b->bytes + b->used;
        b->used += full + REDZONE;
    } else {
        p = from_new_block(a, full + REDZONE);
    }
    if (p == NULL)
        return NULL;
    PERMIT(p, n);
    a->used += full;
    return p;
}

bool wd_arena_adopt(wd_arena *a, void *block, size_t n)
{
    struct adopted *one = wd_arena_alloc(a, sizeof(*one));
    if (one == NULL)
        return false;
    if (n > a->budget - a->used) {
        a->status = WD_LIMIT;
        return false;
    }
    *one = (struct adopted){ .next = a->adopted, .block = block };
    a->adopted = one;
    a->used += n;
    return true;
}

void *wd_arena_zalloc(wd_arena *a, size_t n)
{
    void *p = wd_arena_alloc(a, n);
    return p ? memset(p, 0, n) : NULL;
}

wd_span wd_arena_copy(wd_arena *a, wd_span s)
{
    if (s.ptr == NULL)
        return WD_SPAN_NONE;
    char *p = wd_arena_alloc(a, s.len + 1);
    if (p == NULL)
        return WD_SPAN_NONE;
    memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return (wd_span){ p, s.len };
}

void wd_arena_trim(wd_arena *a, void *p, size_t was, size_t now)
{
    struct block *b = a->head;
    size_t full = aligned(was), keep = aligned(now);
    if (now < was)
        forbid((char *)p + now, was - now);
    if (b == NULL || keep >= full || (char *)p + full + REDZONE != b->bytes + b->used)
        return;
    b->used -= full - keep;
    a->used -= full - keep;
}

size_t wd_arena_used(const wd_arena *a)
{
    return a->used;
}

wd_status wd_arena_status(const wd_arena *a)
{
    return a->status;
}
