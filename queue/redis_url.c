/* queue/redis_url.c - reads Redis addresses strictly: a typo must not become a default. */
#include "queue/redis_url.h"

#include <stdio.h>
#include <string.h>

#include "core/ascii.h"

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379

static const struct scheme {
    const char *prefix;
    wd_redis_kind kind;
    bool tls;
    uint16_t port;
} schemes[] = {
    { "redis://", WD_REDIS_TCP, false, REDIS_PORT },
    { "rediss://", WD_REDIS_TCP, true, REDIS_PORT },
    { "valkey://", WD_REDIS_TCP, false, REDIS_PORT },
    { "unix://", WD_REDIS_UNIX, false, 0 },
    { "sentinel://", WD_REDIS_SENTINEL, false, SENTINEL_PORT },
    { "cluster://", WD_REDIS_CLUSTER, false, REDIS_PORT },
};

/* Percent-decoded into a C string; false: too long, a bad escape, or a NUL. */
static bool decode(wd_span s, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int high = i + 2 < s.len ? wd_hex_value(s.ptr[i + 1]) : -1;
            int low = high < 0 ? -1 : wd_hex_value(s.ptr[i + 2]);
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (n + 1 >= size || c == '\0')
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

static bool number(wd_span s, unsigned long long max, unsigned long long *out)
{
    return wd_span_u64(s, out) && *out <= max;
}

bool wd_redis_host_parse(wd_span text, uint16_t default_port, wd_redis_host *out)
{
    wd_span host = text, port = WD_SPAN_NONE;
    if (text.len > 0 && text.ptr[0] == '[') {
        size_t end = wd_span_find(text, ']');
        if (end == text.len)
            return false;
        host = wd_span_head(wd_span_from(text, 1), end - 1);
        port = wd_span_from(text, end + 1);
        if (port.len > 0 && port.ptr[0] != ':')
            return false;
    } else {
        for (size_t i = text.len; i > 0; i--) /* an IPv6 address has colons of its own */
            if (text.ptr[i - 1] == ':') {
                host = wd_span_head(text, i - 1);
                port = wd_span_from(text, i - 1);
                break;
            }
    }
    unsigned long long value = default_port;
    if (port.len > 0 && (!number(wd_span_from(port, 1), 65535, &value) || value == 0))
        return false;
    if (host.len == 0 || host.len >= sizeof(out->host))
        return false;
    memcpy(out->host, host.ptr, host.len);
    out->host[host.len] = '\0';
    out->port = (uint16_t)value;
    return true;
}

static wd_status read_hosts(wd_span list, uint16_t port, wd_redis_url *out, wd_error *err)
{
    for (wd_span rest = list; rest.ptr != NULL;) {
        wd_span one = wd_span_cut(&rest, ',');
        if (out->n_hosts == WD_REDIS_HOSTS)
            return wd_fail(err, WD_CONFIG, "more than %u Redis hosts", WD_REDIS_HOSTS);
        if (!wd_redis_host_parse(one, port, &out->hosts[out->n_hosts]))
            return wd_fail(err, WD_CONFIG, "'%.*s' is not a host and port of Redis",
                           (int)(one.len < 100 ? one.len : 100), one.ptr);
        out->n_hosts++;
    }
    if (out->kind == WD_REDIS_TCP && out->n_hosts > 1)
        return wd_fail(err, WD_CONFIG,
                       "redis:// takes one host; several need sentinel:// or "
                       "cluster://");
    return WD_OK;
}

static wd_status read_db(wd_span text, wd_redis_url *out, wd_error *err)
{
    unsigned long long db = 0;
    if (text.len > 0 && !number(text, 100000, &db))
        return wd_fail(err, WD_CONFIG, "the Redis database must be a number");
    if (db != 0 && out->kind == WD_REDIS_CLUSTER)
        return wd_fail(err, WD_CONFIG, "a Redis Cluster has only database 0");
    out->db = (int)db;
    return WD_OK;
}

/* "user:password@": everything before the last @, so that a password may hold one. */
static wd_status read_secrets(wd_span *rest, wd_redis_url *out, wd_error *err)
{
    size_t at = rest->len;
    while (at > 0 && rest->ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return WD_OK;
    wd_span secrets = wd_span_head(*rest, at - 1), password = secrets;
    wd_span user = wd_span_cut(&password, ':');
    *rest = wd_span_from(*rest, at);
    if (!decode(user, out->username, sizeof(out->username)) ||
        !decode(password, out->password, sizeof(out->password)))
        return wd_fail(err, WD_CONFIG,
                       "user or password in the Redis URL is too long or badly "
                       "percent-encoded");
    return WD_OK;
}

static wd_status read_unix(wd_span rest, wd_redis_url *out, wd_error *err)
{
    wd_span query = rest;
    wd_span path = wd_span_cut(&query, '?');
    if (path.len == 0 || path.ptr[0] != '/')
        return wd_fail(err, WD_CONFIG, "unix:// needs an absolute path: unix:///run/redis.sock");
    if (!decode(path, out->path, sizeof(out->path)))
        return wd_fail(err, WD_CONFIG, "the path in unix:// is too long or badly percent-encoded");
    if (query.ptr == NULL)
        return WD_OK;
    if (!wd_span_starts_nocase(query, "db="))
        return wd_fail(err, WD_CONFIG, "unix:// takes one parameter: ?db=N");
    return read_db(wd_span_from(query, 3), out, err);
}

static wd_status read_network(wd_span rest, uint16_t port, wd_redis_url *out, wd_error *err)
{
    wd_status s = read_secrets(&rest, out, err);
    if (s != WD_OK)
        return s;
    wd_span path = rest;
    wd_span hosts = wd_span_cut(&path, '/');
    s = read_hosts(hosts, port, out, err);
    if (s != WD_OK || path.ptr == NULL)
        return s != WD_OK || out->kind != WD_REDIS_SENTINEL
                   ? s
                   : wd_fail(err, WD_CONFIG,
                             "sentinel:// needs the master's name: "
                             "sentinel://host:26379/mymaster");
    if (out->kind == WD_REDIS_SENTINEL) {
        wd_span name = wd_span_cut(&path, '/');
        if (name.len == 0 || !decode(name, out->master, sizeof(out->master)))
            return wd_fail(err, WD_CONFIG, "sentinel:// needs the master's name");
    }
    return read_db(path, out, err);
}

wd_status wd_redis_url_parse(wd_span text, wd_redis_url *out, wd_error *err)
{
    wd_redis_url url = { 0 };
    for (size_t i = 0; i < WD_COUNT(schemes); i++) {
        const struct scheme *scheme = &schemes[i];
        if (!wd_span_starts_nocase(text, scheme->prefix))
            continue;
        wd_span rest = wd_span_from(text, strlen(scheme->prefix));
        url.kind = scheme->kind;
        url.tls = scheme->tls;
        wd_status s = url.kind == WD_REDIS_UNIX ? read_unix(rest, &url, err)
                                                : read_network(rest, scheme->port, &url, err);
        if (s == WD_OK)
            *out = url;
        return s;
    }
    return wd_fail(err, WD_CONFIG,
                   "a Redis address starts with redis://, rediss://, unix://, "
                   "sentinel:// or cluster://");
}

void wd_redis_url_set_files(wd_redis_url *url, const char *ca, const char *cert, const char *key)
{
    snprintf(url->ca_file, sizeof(url->ca_file), "%s", ca != NULL ? ca : "");
    snprintf(url->cert_file, sizeof(url->cert_file), "%s", cert != NULL ? cert : "");
    snprintf(url->key_file, sizeof(url->key_file), "%s", key != NULL ? key : "");
}

const char *wd_redis_url_show(const wd_redis_url *url, char out[WD_REDIS_SHOW_BYTES])
{
    static const char *const scheme[] = { [WD_REDIS_TCP] = "redis",
                                          [WD_REDIS_UNIX] = "unix",
                                          [WD_REDIS_SENTINEL] = "sentinel",
                                          [WD_REDIS_CLUSTER] = "cluster" };
    bool six = strchr(url->hosts[0].host, ':') != NULL;
    if (url->kind == WD_REDIS_UNIX)
        snprintf(out, WD_REDIS_SHOW_BYTES, "unix://%s", url->path);
    else
        snprintf(out, WD_REDIS_SHOW_BYTES, "%s%s://%s%s%s:%u%s%s", scheme[url->kind],
                 url->tls ? "s" : "", six ? "[" : "", url->hosts[0].host, six ? "]" : "",
                 url->hosts[0].port, url->kind == WD_REDIS_SENTINEL ? "/" : "", url->master);
    return out;
}
