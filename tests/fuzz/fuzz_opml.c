/* tests/fuzz/fuzz_opml.c - any bytes as a subscription list; what is read survives writing. */
#include <stdint.h>
#include <stdlib.h>

#include "parsers/opml.h"

#define ARENA_BYTES (16u * 1024u * 1024u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wd_opml once, twice;
    wd_buf text = WD_BUF_INIT(ARENA_BYTES);
    wd_arena *arena = wd_arena_new(ARENA_BYTES);
    if (arena == NULL)
        return 0;
    if (wd_opml_read((wd_span){ (const char *)data, size }, arena, &once) == WD_OK &&
        wd_opml_write(&once, &text) == WD_OK &&
        wd_opml_read(wd_buf_span(&text), arena, &twice) == WD_OK && once.n != twice.n)
        abort();
    wd_buf_done(&text);
    wd_arena_free(arena);
    return 0;
}
