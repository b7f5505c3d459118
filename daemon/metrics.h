/*
 * daemon/metrics.h - a snapshot as Prometheus text (exposition format 0.0.4).
 */
#pragma once

#include "core/buf.h"
#include "daemon/snapshot.h"

void wd_metrics_write(const wd_snapshot *s, wd_buf *out);
