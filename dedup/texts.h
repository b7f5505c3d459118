/*
 * dedup/texts.h - the words of remembered texts, out of the way until one is compared.
 *
 * Chunks in memory, or in an unlinked file of a given folder (read and written, not
 * mapped: a full disk is then an error and not a signal, and what was read once does not
 * stay in the process).  A chunk is free again when its last text was dropped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/status.h"
#include "dedup/words.h"

/* Title words kept with a text: more is no title. */
#define WD_TITLE_WORDS 64u

typedef struct wd_texts wd_texts;

typedef struct wd_stored_text {
    const wd_token *title, *tokens;
    size_t n_title, n;
} wd_stored_text;

#define WD_TEXT_NOWHERE UINT64_MAX

/* `dir` NULL: in memory. */
WD_MUST_USE wd_status wd_texts_new(wd_texts **out, const char *dir);
void wd_texts_free(wd_texts *t);

/* Where it is, or WD_TEXT_NOWHERE when there is no memory for it. */
uint64_t wd_texts_put(wd_texts *t, const wd_stored_text *text);

/* Borrowed until the next call; false when it cannot be read. */
bool wd_texts_get(wd_texts *t, uint64_t at, wd_stored_text *out);

void wd_texts_drop(wd_texts *t, uint64_t at);

/* Leaves the words as <dir>/desk.texts and appends to `table` what wd_texts_take_up() needs;
 * afterwards only wd_texts_free() may follow.  WD_UNSUPPORTED without a file. */
WD_MUST_USE wd_status wd_texts_leave(wd_texts *t, const char *dir, wd_buf *table);
/* Takes that file instead of its own. */
WD_MUST_USE wd_status wd_texts_take_up(wd_texts *t, const char *dir, wd_span table);
/* Removes what was left, taken up or not. */
void wd_texts_forsake(const char *dir);

/* In memory: chunks and buffers. */
size_t wd_texts_bytes(const wd_texts *t);
