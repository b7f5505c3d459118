/* daemon/page/state.h - the snapshot as an object: what the status page's figures show. */
#pragma once

#include "daemon/page/trend.h"
#include "daemon/page/wire.h"
#include "daemon/snapshot.h"

typedef struct wd_page_facts {
    const wd_snapshot *snap;
    const wd_trend *trend;
    const wd_wire *wire;
    double start_rate; /* first polls a second */
    size_t readers;
} wd_page_facts;

/* With the samples `from` and later. */
void wd_page_state_write(const wd_page_facts *f, uint64_t from, wd_buf *out);
