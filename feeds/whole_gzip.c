/* feeds/whole_gzip.c - libdeflate, told beforehand how much is to come. */
#include "feeds/whole_gzip.h"

#include <libdeflate.h>
#include <stdlib.h>

#define LEAST_BYTES 20u /* RFC 1952: head 10, an empty block 2, trailer 8 */

struct wd_whole_gzip {
    struct libdeflate_decompressor *decompressor;
};

wd_whole_gzip *wd_whole_gzip_new(void)
{
    wd_whole_gzip *g = calloc(1, sizeof(*g));
    if (g == NULL)
        return NULL;
    g->decompressor = libdeflate_alloc_decompressor();
    if (g->decompressor != NULL)
        return g;
    free(g);
    return NULL;
}

void wd_whole_gzip_free(wd_whole_gzip *g)
{
    if (g == NULL)
        return;
    libdeflate_free_decompressor(g->decompressor);
    free(g);
}

size_t wd_whole_gzip_size(wd_span file)
{
    if (file.len < LEAST_BYTES)
        return 0;
    const unsigned char *last = (const unsigned char *)file.ptr + file.len - 4;
    return last[0] | (size_t)last[1] << 8 | (size_t)last[2] << 16 | (size_t)last[3] << 24;
}

/* A buffer of its own, so that one that was filled in vain leaves nothing in the arena. */
bool wd_whole_gzip_read(wd_whole_gzip *g, wd_span file, wd_arena *arena, wd_span *out)
{
    size_t size = wd_whole_gzip_size(file), taken = 0, made = 0;
    char *room = size > 0 ? malloc(size + 1) : NULL;
    if (room == NULL)
        return false;
    enum libdeflate_result rc = libdeflate_gzip_decompress_ex(g->decompressor, file.ptr, file.len,
                                                              room, size, &taken, &made);
    if (rc != LIBDEFLATE_SUCCESS || taken != file.len || made != size ||
        !wd_arena_adopt(arena, room, size + 1)) {
        free(room);
        return false;
    }
    room[size] = '\0';
    *out = (wd_span){ room, size };
    return true;
}
