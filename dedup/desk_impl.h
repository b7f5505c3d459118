/* dedup/desk_impl.h - the desk's inside, shared by dedup/desk.c and dedup/image.c. */
#pragma once

#include "core/arena.h"
#include "dedup/memory.h"
#include "dedup/near.h"
#include "dedup/redo.h"

struct wd_desk {
    wd_desk_config config;
    wd_desk_store store;
    const wd_rules *rules;
    wd_memory memory;
    wd_near *near;
    wd_arena *arena; /* restoring only */
    wd_redo *redo;   /* restoring after an image only */
    uint64_t asked, compared;
};
