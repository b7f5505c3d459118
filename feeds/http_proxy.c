/* feeds/http_proxy.c - the environment's variables, and what of a target can be judged. */
#include "feeds/http_proxy.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/url.h"

/* --- the environment ------------------------------------------------------------ */

static const char *variable(const char *lower, const char *upper)
{
    const char *value = getenv(lower);
    if (value == NULL && upper != NULL)
        value = getenv(upper);
    return value ? value : "";
}

static bool ends_with(wd_span host, wd_span tail)
{
    if (host.len < tail.len)
        return false;
    wd_span end = wd_span_from(host, host.len - tail.len);
    return wd_span_eq_nocase(end, tail) &&
           (end.ptr == host.ptr || tail.ptr[0] == '.' || end.ptr[-1] == '.');
}

/* "example.org" and ".example.org" both mean the domain and all below it. */
static bool is_exempt(wd_span host, const char *list)
{
    wd_span rest = wd_span_of(list);
    while (rest.ptr != NULL) {
        wd_span name = wd_span_trim(wd_span_cut(&rest, ','));
        if (name.len > 0 && name.ptr[0] == '.')
            name = wd_span_from(name, 1);
        if (wd_span_is(name, "*") || (name.len > 0 && ends_with(host, name)))
            return true;
    }
    return false;
}

const char *wd_http_proxy_for(const char *setting, const wd_http_target *target)
{
    if (setting == NULL || setting[0] == '\0')
        return "";
    if (strcmp(setting, WD_HTTP_PROXY_ENV) != 0)
        return setting;
    if (is_exempt(target->host, variable("no_proxy", "NO_PROXY")))
        return "";
    bool tls = wd_span_is(target->scheme, "https");
    const char *proxy = tls ? variable("https_proxy", "HTTPS_PROXY") : variable("http_proxy", NULL);
    return proxy[0] != '\0' ? proxy : variable("all_proxy", "ALL_PROXY");
}

/* --- what is judged --------------------------------------------------------------- */

bool wd_http_proxy_valid(wd_span url)
{
    static const char *const schemes[] = { "http", "https", "socks4a", "socks5h" };
    wd_url_parts p;
    wd_url_split(url, &p);
    for (size_t i = 0; i < WD_COUNT(schemes); i++)
        if (wd_span_is_nocase(p.scheme, schemes[i]))
            return p.host.len > 0;
    return false;
}

/* As libcurl reads it: the environment's may have no scheme. */
void wd_http_proxy_place(wd_span url, wd_span *host, wd_span *port)
{
    size_t mark = wd_span_find_nocase(url, "://");
    bool tls = wd_span_starts_nocase(url, "https://");
    wd_span rest = mark < url.len ? wd_span_from(url, mark + 3) : url;
    rest = wd_span_head(rest, wd_span_find(rest, '/'));
    for (size_t at = wd_span_find(rest, '@'); at < rest.len; at = wd_span_find(rest, '@'))
        rest = wd_span_from(rest, at + 1);
    size_t host_end = rest.len, i = rest.len;
    while (i > 0 && rest.ptr[i - 1] != ']' && rest.ptr[i - 1] != ':')
        i--;
    if (i > 0 && rest.ptr[i - 1] == ':')
        host_end = i - 1;
    *host = wd_span_head(rest, host_end);
    *port = host_end < rest.len ? wd_span_from(rest, host_end + 1)
            : tls               ? WD_SPAN_LIT("443")
                                : WD_SPAN_LIT("1080");
}

static bool is_localhost(wd_span host)
{
    return wd_span_is_nocase(host, "localhost") ||
           (host.len > 10 && wd_span_is_nocase(wd_span_from(host, host.len - 10), ".localhost"));
}

bool wd_http_proxy_leads_to(const wd_http_target *target, struct sockaddr_storage *out)
{
    char name[256];
    wd_span host = target->host;
    if (host.len > 0 && host.ptr[host.len - 1] == '.') /* a name's root */
        host.len--;
    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (wd_span){ host.ptr + 1, host.len - 2 };
    if (host.len == 0 || host.len >= sizeof(name))
        return false;
    snprintf(name, sizeof(name), "%.*s", WD_SPAN_ARG(host));
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    if (getaddrinfo(is_localhost(host) ? "127.0.0.1" : name, NULL, &hints, &found) != 0)
        return false;
    memset(out, 0, sizeof(*out));
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}
