/*
 * queue/ledger.h - what must not be lost, in one SQLite file; the only door to SQLite
 * (queue/ledger*.c).
 *
 * Promise: everything written between wd_ledger_begin() and a WD_OK of
 *          wd_ledger_commit() is on disk together, or none of it is.
 * Thread:  one at a time: the desk thread after start-up.
 * File:    <dir>/ledger.db, WAL, synchronous=FULL, locked against a second daemon
 *          (WD_BUSY).  A damaged file is WD_CORRUPT, never silently recreated.
 * Errors:  WD_NOSPACE and WD_IO leave the transaction to be rolled back and the
 *          whole of it repeated later; nothing half-written is ever visible.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"

typedef struct wd_ledger wd_ledger;

WD_MUST_USE wd_status wd_ledger_open(wd_ledger **out, const char *dir, wd_error *err);
/* Read-only beside a running daemon: no lock, no writes (outbox stat, explain, feeds list). */
WD_MUST_USE wd_status wd_ledger_open_read(wd_ledger **out, const char *dir, wd_error *err);
void wd_ledger_close(wd_ledger **l);

/* Made once with the file: keys every hash of a feed's bytes. */
uint64_t wd_ledger_hash_key(const wd_ledger *l);
/* The outbox's generation: changes only when an old copy was restored (queue.md 4). */
uint64_t wd_ledger_generation(const wd_ledger *l);

/* True when its file was moved or deleted since: nothing can begin then, because it would be
 * gone with the process.  Put back, the file serves again. */
bool wd_ledger_moved(const wd_ledger *l);

WD_MUST_USE wd_status wd_ledger_begin(wd_ledger *l);
WD_MUST_USE wd_status wd_ledger_commit(wd_ledger *l);
/* Undoes everything since begin, the sequence counters included. */
void wd_ledger_rollback(wd_ledger *l);
