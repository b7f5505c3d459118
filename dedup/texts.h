/*
 * dedup/texts.h - the words of remembered texts, out of the way until one is compared.
 *
 * Chunks in memory, or in a file of a given folder, without a name at first (read and written,
 * not mapped: a full disk is then an error and not a signal, and what was read once does not
 * stay in the process).  A chunk is free again when its last text was dropped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "dedup/words.h"

/* Title words kept with a text: more is no title. */
#define WD_TITLE_WORDS 64u

typedef struct wd_texts wd_texts;

typedef struct wd_stored_text {
    const wd_token *title, *tokens;
    size_t n_title, n;
    uint16_t check; /* below WD_TEXT_CHECKS: what is read is what was written */
} wd_stored_text;

#define WD_TEXT_CHECKS 512u

#define WD_TEXT_NOWHERE UINT64_MAX

/* `dir` NULL: in memory. */
WD_MUST_USE wd_status wd_texts_new(wd_texts **out, const char *dir);
void wd_texts_free(wd_texts *t);

/* Where it is, or WD_TEXT_NOWHERE when there is no memory for it. */
uint64_t wd_texts_put(wd_texts *t, const wd_stored_text *text);

/* Borrowed until the next call; false when it cannot be read. */
bool wd_texts_get(wd_texts *t, uint64_t at, wd_stored_text *out);

void wd_texts_drop(wd_texts *t, uint64_t at);

/* Everything so far is in the file, which has a name, <dir>/desk.texts: what a later life can
 * take up.  *id names it, unless it has been named before.  Not synced: wd_texts_file().
 * WD_UNSUPPORTED without a file. */
WD_MUST_USE wd_status wd_texts_keep(wd_texts *t, const char *dir, uint64_t *id);
int wd_texts_file(const wd_texts *t);

/* Takes that file instead of its own, new one; then what is still wanted of it is owned (false:
 * there is no such place), and the rest is room for more.  On failure only wd_texts_free()
 * may follow. */
WD_MUST_USE wd_status wd_texts_take_up(wd_texts *t, const char *dir, uint64_t id);
WD_MUST_USE bool wd_texts_own(wd_texts *t, uint64_t at);
WD_MUST_USE wd_status wd_texts_resume(wd_texts *t);

/* Removes the name of what was left. */
void wd_texts_forsake(const char *dir);

/* In memory: chunks and buffers. */
size_t wd_texts_bytes(const wd_texts *t);
