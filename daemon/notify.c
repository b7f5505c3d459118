/* daemon/notify.c - the door to libsystemd's notification protocol. */
#include "daemon/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#ifdef WD_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#else
#define sd_notify(unset, text)           ((void)(text))
#define sd_notifyf(unset, fmt, ...)      ((void)(__VA_ARGS__))
#define sd_watchdog_enabled(unset, usec) 0
#endif

void wd_notify_ready(void)
{
    sd_notify(0, "READY=1");
}

void wd_notify_reloading(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
               (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void wd_notify_still_starting(uint64_t ms)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, ms * 1000);
}

void wd_notify_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void wd_notify_watchdog(void)
{
    sd_notify(0, "WATCHDOG=1");
}

void wd_notify_status(const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    sd_notifyf(0, "STATUS=%s", text);
}

uint64_t wd_notify_watchdog_ms(void)
{
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? usec / 2000 : 0;
}
