/*
 * daemon/notify.h - tells systemd how the service is: sd_notify(3); nothing without systemd.
 */
#pragma once

#include <stdint.h>

#include "core/status.h"

void wd_notify_ready(void);
void wd_notify_reloading(void);
void wd_notify_stopping(void);
void wd_notify_watchdog(void);

/* A start that takes its time but goes on is not ended for so long, whatever TimeoutStartSec. */
void wd_notify_still_starting(uint64_t ms);

/* One line for `systemctl status`. */
void wd_notify_status(const char *fmt, ...) WD_PRINTF(1, 2);

/* How often the watchdog wants to hear from us, or 0: half of WatchdogSec. */
uint64_t wd_notify_watchdog_ms(void);
