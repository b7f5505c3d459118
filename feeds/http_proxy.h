/*
 * feeds/http_proxy.h - through whom a hop goes, when the operator said so; else through nobody.
 *
 * The environment's proxies are used only where the setting is the word WD_HTTP_PROXY_ENV:
 * a variable left over in a shell must not decide where requests with secrets go.
 */
#pragma once

#include <sys/socket.h>

#include "feeds/http_target.h"

#define WD_HTTP_PROXY_ENV "environment"

/* The proxy's URL, or "".  `setting` is a URL, WD_HTTP_PROXY_ENV, or NULL or "" for none.
 * The environment is read as other programs read it: http_proxy (never HTTP_PROXY, which a
 * request could set in a CGI), https_proxy, all_proxy, and no_proxy. */
const char *wd_http_proxy_for(const char *setting, const wd_http_target *target);

/* http, https, socks4a or socks5h with a host.  Not socks4 and socks5: there libcurl would
 * look names up here, past the resolver and the address guard. */
bool wd_http_proxy_valid(wd_span url);

/* Where a proxy is, spans into its URL; the port as libcurl has it when none is said. */
void wd_http_proxy_place(wd_span url, wd_span *host, wd_span *port);

/* The address that a target's host is without any look-up: a number in any spelling that
 * libc and libcurl know (127.1, 0x7f000001), or this machine's own name.  A proxy looks names
 * up by itself, so this is all that can be judged here.  False: a name. */
bool wd_http_proxy_leads_to(const wd_http_target *target, struct sockaddr_storage *out);
