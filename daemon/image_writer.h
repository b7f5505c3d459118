/*
 * daemon/image_writer.h - slices of an image into its file, while the desk goes on deciding.
 *
 * Thread: calls from one; a thread of its own writes and syncs.  Nobody waits who does not ask to.
 * File:   <dir>/desk.image.new, which takes the place of <dir>/desk.image when all of it, and the
 *         words it points to, are on the disk; a kill before leaves the one before as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct wd_image_writer wd_image_writer;

/* What a life that was killed left half written. */
void wd_image_writer_sweep(const char *dir);

WD_MUST_USE wd_status wd_image_writer_open(wd_image_writer **out, const char *dir);

/* Where the next slice goes, WD_IMAGE_ROOM_BYTES; NULL: what was put before is still being
 * written (never when asked to wait). */
char *wd_image_writer_room(wd_image_writer *w, bool wait);
/* It is there, `bytes` long, and not yet sealed. */
void wd_image_writer_put(wd_image_writer *w, size_t bytes);

/* That was the last one.  `words_file` (borrowed until it is done) is synced before. */
void wd_image_writer_finish(wd_image_writer *w, int words_file);

/* False: not yet (never when asked to wait).  *out: is the image in its place? */
bool wd_image_writer_done(wd_image_writer *w, wd_status *out, bool wait);

/* Waits for the thread, which gives up what is not finished.  Sets *w to NULL. */
void wd_image_writer_close(wd_image_writer **w);
