/* feeds/http_name.c - libcurl is told the addresses, so that it never looks up a name itself.
 *
 * CURLOPT_RESOLVE puts them into its cache, which it scans after every transfer: so each
 * handle takes its last name out when it brings the next, and what a freed handle left
 * there ages in a second.  All addresses are given: libcurl races both families. */
#include "feeds/http_name.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "core/ascii.h"
#include "feeds/http_proxy.h"

/* A host that is no name (an address in any spelling) is read by libcurl and forgotten. */
#define KEPT_NAME_S    1L
#define KEPT_ADDRESS_S 0L

/* Letters, digits, '-', '_', '.', and the last label no number (those are addresses). */
static bool is_name(wd_span host)
{
    size_t label = 0;
    if (host.len >= WD_DNS_NAME_BYTES)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (!wd_is_alpha(c) && !wd_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
        if (c == '.')
            label = i + 1;
    }
    return label < host.len && wd_is_alpha(host.ptr[label]);
}

/* "-name:port" of what this handle brought last, or NULL. */
static struct curl_slist *old_name(wd_transfer *t)
{
    if (t->new_name[0] != '\0') {
        wd_span rest = wd_span_from(wd_span_of(t->new_name), 1);
        wd_span name = wd_span_cut(&rest, ':');
        wd_span port = wd_span_cut(&rest, ':');
        snprintf(t->old_name, sizeof(t->old_name), "-%.*s:%.*s", WD_SPAN_ARG(name),
                 WD_SPAN_ARG(port));
        t->new_name[0] = '\0';
    }
    if (t->old_name[0] == '\0')
        return NULL;
    t->names[0] = (struct curl_slist){ .data = t->old_name };
    return &t->names[0];
}

static void write_name(wd_transfer *t, const wd_dns_answer *answer)
{
    char *out = t->new_name, *end = out + sizeof(t->new_name);
    char text[INET6_ADDRSTRLEN];
    out += snprintf(out, sizeof(t->new_name), "+%.*s:%.*s:", WD_SPAN_ARG(t->name_host),
                    WD_SPAN_ARG(t->name_port));
    for (size_t i = 0; i < answer->n; i++) {
        const wd_dns_address *a = &answer->addresses[i];
        bool v6 = a->n_bytes == 16;
        inet_ntop(v6 ? AF_INET6 : AF_INET, a->bytes, text, sizeof(text));
        out += snprintf(out, (size_t)(end - out), v6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", text);
    }
}

static wd_name_state fail(wd_transfer *t, const char *what)
{
    snprintf(t->error, sizeof(t->error), "%s%s: %.*s", t->name_is_proxys ? "the proxy: " : "", what,
             WD_SPAN_ARG(t->name_host));
    return WD_NAME_FAILED;
}

/* --- interface ---------------------------------------------------------------------- */

wd_name_state wd_http_name_take(wd_transfer *t, const wd_dns_answer *answer)
{
    if (answer == NULL)
        return fail(t, "the name was not resolved in time");
    if (answer->n == 0)
        return fail(t, answer->absent ? "there is no such name" : "the name cannot be resolved");
    struct curl_slist *old = old_name(t);
    write_name(t, answer);
    t->names[1] = (struct curl_slist){ .data = t->new_name };
    if (old != NULL)
        old->next = &t->names[1];
    curl_easy_setopt(t->easy, CURLOPT_RESOLVE, old ? old : &t->names[1]);
    curl_easy_setopt(t->easy, CURLOPT_DNS_CACHE_TIMEOUT, KEPT_NAME_S);
    return WD_NAME_READY;
}

wd_name_state wd_http_name_find(wd_transfer *t, wd_lookup_done done)
{
    const char *proxy = wd_http_proxy_for(t->req->proxy, &t->target);
    t->name_is_proxys = proxy[0] != '\0';
    t->name_host = t->target.host;
    t->name_port = t->target.port;
    if (t->name_is_proxys) /* the target's name is the proxy's business */
        wd_http_proxy_place(wd_span_of(proxy), &t->name_host, &t->name_port);
    if (!is_name(t->name_host)) {
        curl_easy_setopt(t->easy, CURLOPT_RESOLVE, old_name(t));
        curl_easy_setopt(t->easy, CURLOPT_DNS_CACHE_TIMEOUT, KEPT_ADDRESS_S);
        return WD_NAME_READY;
    }
    const wd_dns_answer *answer = wd_resolver_ask(t->http->resolver, t->name_host,
                                                  wd_http_request_left_ms(t), &t->lookup, done);
    return answer ? wd_http_name_take(t, answer) : WD_NAME_ASKED;
}

wd_reason wd_http_name_reason(const wd_transfer *t)
{
    return t->name_is_proxys ? WD_REASON_PROXY : WD_REASON_DNS;
}

void wd_http_name_distrust(wd_transfer *t)
{
    if (is_name(t->name_host))
        wd_resolver_forget(t->http->resolver, t->name_host);
}
