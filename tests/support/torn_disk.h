/*
 * tests/support/torn_disk.h - SQLite's disk, with everything that a real one may do.
 *
 * Writes go to the file at once, as the page cache shows them; what is durable is kept
 * apart.  A cut leaves the durable bytes and any part, in any order, of what was written
 * since the last sync, torn at sectors of 512 bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Installs itself as SQLite's default file system. */
void torn_disk_install(uint64_t seed);

/* After so many more writes, truncations and syncs the next `times` of them fail:
 * full (ENOSPC) or not (EIO).  0 times: never. */
void torn_disk_fail(unsigned after, unsigned times, bool full);

/* After so many more, the power goes: nothing reaches the disk any more and everything
 * fails.  torn_disk_restore() then makes the files what a restart would find. */
void torn_disk_cut(unsigned after);
bool torn_disk_is_dead(void);
void torn_disk_restore(void);
