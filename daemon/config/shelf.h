/*
 * daemon/config/shelf.h - every configuration that something still points into: the one in
 * force, and old ones whose feeds have polls under way.
 *
 * Thread: loop thread.  The first one stays to the end: what only a restart changes
 *         was handed out from it.
 */
#pragma once

#include "daemon/config/config.h"

typedef struct wd_config_shelf wd_config_shelf;

/* Takes the configuration; it is in force. */
WD_MUST_USE wd_status wd_config_shelf_new(wd_config_shelf **out, wd_config *first);
void wd_config_shelf_free(wd_config_shelf *shelf);

/* Takes `fresh`: its feeds are handed out now.  On failure it is not taken. */
WD_MUST_USE wd_status wd_config_shelf_put(wd_config_shelf *shelf, wd_config *fresh);

/* Frees the one just put: nobody took its feeds. */
void wd_config_shelf_undo(wd_config_shelf *shelf);

/* One feed of some configuration is no longer pointed at. */
void wd_config_shelf_release(wd_config_shelf *shelf, const wd_feed_config *feed);

/* Frees old configurations that nobody points into; the newest and the first stay. */
void wd_config_shelf_sweep(wd_config_shelf *shelf);
