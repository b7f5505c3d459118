/*
 * daemon/item_voice.h - what was decided of each item, for whoever debugs: level debug only.
 */
#pragma once

#include "core/log.h"
#include "feeds/poll.h"

/* One event a story that is not merely seen again; one for items that could not be used. */
void wd_item_voice_say(const wd_log *log, const wd_poll *poll);
