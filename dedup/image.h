/*
 * dedup/image.h - a desk's memory as a file, so that a start reads instead of reckoning again.
 *
 * An image is taken in slices between the desk's decisions, which go on meanwhile; what comes
 * after a slice was taken is put back from the storage (wd_desk_restore).  So it is good until
 * the next one, whatever is killed when.  The words of the texts are not in it: they lie in
 * <dir>/desk.texts, from the first image on.
 *
 * Thread: as the desk; wd_image_seal() any.
 */
#pragma once

#include "dedup/desk.h"

#define WD_IMAGE_NAME "desk.image"

/* Of one slice: large enough to be written well, small enough to be copied between two
 * decisions (a tenth of a millisecond). */
#define WD_IMAGE_SLICE_BYTES ((size_t)1 << 20)
#define WD_IMAGE_ROOM_BYTES  (WD_IMAGE_SLICE_BYTES + 4096)

/* Sizes of a table when its last slice was taken. */
typedef struct wd_image_table {
    uint64_t entries;
    uint32_t base, level, split, max_level;
} wd_image_table;

typedef struct wd_image_taking {
    wd_desk *desk;
    const char *dir;
    uint64_t mark;
    size_t slice_bytes; /* WD_IMAGE_SLICE_BYTES; tests take less */
    unsigned kind;      /* of the next slice */
    uint64_t at;        /* its first place */
    uint64_t from;      /* items of this number and above may be missing somewhere */
    wd_image_table index, frequency;
} wd_image_taking;

/* `dir` (borrowed) is the desk's scratch_dir; `mark` says to which state of the storage the image
 * belongs, and is not 0. */
void wd_image_start(wd_image_taking *t, wd_desk *desk, const char *dir, uint64_t mark);

/* Copies the next slice to `out`, which has WD_IMAGE_ROOM_BYTES.  Only while the storage has all
 * that the desk has decided.  *bytes 0: there are no more, all words are in their file.
 * WD_UNSUPPORTED: the desk has no scratch_dir. */
WD_MUST_USE wd_status wd_image_next(wd_image_taking *t, char *out, size_t *bytes);

/* Before a slice is written. */
void wd_image_seal(char *slice, size_t bytes);

/* The words' file, to be synced before the image gets its name; -1: there is none. */
int wd_image_words_file(const wd_image_taking *t);

/* Into a desk that has been asked nothing yet.  What the storage has from item *from on is to be
 * restored then.  WD_NOTFOUND: there is none; WD_CORRUPT: it is not of one of these marks, of
 * this configuration or of this program, or it is damaged.  The desk is then as new, and the
 * files are gone.  WD_NOMEM: it must be freed. */
WD_MUST_USE wd_status wd_desk_load(wd_desk *desk,
                                   const char *dir,
                                   const uint64_t marks[2],
                                   uint64_t *from);
