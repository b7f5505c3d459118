/*
 * feeds/idn.h - a host name in any script as DNS has it ("bücher.example" is
 * "xn--bcher-kva.example"; RFC 5891, UTS 46).
 *
 * Why not libcurl's: it reads a host in the locale's charset, and a daemon's locale is "C".
 */
#pragma once

#include "core/arena.h"
#include "core/span.h"

/* ASCII stays as it is.  Absent: no host has such a name. */
wd_span wd_idn_host(wd_arena *arena, wd_span host);

/* The same, NUL-terminated, in `out`, cut to its `size`; what no host has for a name stays. */
wd_span wd_idn_host_into(wd_span host, char *out, size_t size);
