/*
 * dedup/image.h - a desk's memory as files, so that a start after a clean stop reads instead
 * of reckoning again.
 *
 * Two files: <dir>/desk.image (items, index, counts) and <dir>/desk.texts (their words).  They
 * are good once, and for one state of the storage only: `mark` says which.  Neither is
 * synced: a torn image is found by its hash, and then, as without one, the storage is read
 * (wd_desk_restore).
 */
#pragma once

#include "dedup/desk.h"

/* `dir` is the desk's scratch_dir.  WD_UNSUPPORTED when the desk has none. */
WD_MUST_USE wd_status wd_desk_save(wd_desk *desk, const char *dir, uint64_t mark);

/* Into a desk that has been asked nothing yet; the files are gone afterwards, whatever comes
 * of it.  WD_NOTFOUND: there is none, or it is not of this mark, this configuration or this
 * program; the desk is then as new.  WD_NOMEM: it must be freed. */
WD_MUST_USE wd_status wd_desk_load(wd_desk *desk, const char *dir, uint64_t mark);
