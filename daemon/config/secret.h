/*
 * daemon/config/secret.h - a secret that the configuration names and does not hold.
 *
 *     file:/etc/wiredesk/secrets/paper     the first line of a file; relative names are
 *                                          meant beside the file that says so
 *     credential:paper                     $CREDENTIALS_DIRECTORY/paper (systemd's
 *                                          LoadCredential=, LoadCredentialEncrypted=)
 *
 * Complaints name the place, never what was read there.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/span.h"
#include "core/status.h"

/* Begins with "file:" or "credential:". */
bool wd_secret_is_named(wd_span text);

/* What `text` names, without its line's end, NUL-terminated in the arena.  `beside`: the
 * configuration file that says so.  Empty, longer than 4 KB, or with control characters:
 * WD_CONFIG with err->text. */
WD_MUST_USE wd_status
wd_secret_read(wd_span text, const char *beside, wd_arena *arena, const char **out, wd_error *err);
