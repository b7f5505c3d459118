/*
 * queue/redis_url.h - where Redis is, from the one line an operator writes.
 *
 *     redis://[user[:password]@]host[:port][/db]      rediss:// the same over TLS
 *     unix:///path/of/socket[?db=N]
 *     sentinel://[user:password@]host[:port],host.../master-name[/db]
 *     cluster://[user:password@]host[:port],host...
 *
 * user, password and path may be percent-encoded.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"
#include "core/status.h"

typedef enum wd_redis_kind {
    WD_REDIS_TCP,
    WD_REDIS_UNIX,
    WD_REDIS_SENTINEL,
    WD_REDIS_CLUSTER
} wd_redis_kind;

#define WD_REDIS_HOST_BYTES   256u  /* RFC 1035: 255 octets */
#define WD_REDIS_PATH_BYTES   4096u /* PATH_MAX: longer than a sockaddr_un, see redis.c */
#define WD_REDIS_SECRET_BYTES 512u
#define WD_REDIS_FILE_BYTES   1024u
#define WD_REDIS_HOSTS        16u

typedef struct wd_redis_host {
    char host[WD_REDIS_HOST_BYTES];
    uint16_t port;
} wd_redis_host;

typedef struct wd_redis_url {
    wd_redis_kind kind;
    bool tls;
    int db;
    size_t n_hosts;
    wd_redis_host hosts[WD_REDIS_HOSTS];
    char path[WD_REDIS_PATH_BYTES];
    char master[128];
    char username[128];
    char password[WD_REDIS_SECRET_BYTES];
    /* For rediss://, not written in it: authorities ("": the system's), and a client's own. */
    char ca_file[WD_REDIS_FILE_BYTES], cert_file[WD_REDIS_FILE_BYTES];
    char key_file[WD_REDIS_FILE_BYTES]; /* "": it stands in cert_file */
} wd_redis_url;

/* WD_CONFIG with a sentence that does not repeat the password. */
WD_MUST_USE wd_status wd_redis_url_parse(wd_span text, wd_redis_url *out, wd_error *err);

/* NULL: none.  A path that is too long is cut, and then not found. */
void wd_redis_url_set_files(wd_redis_url *url, const char *ca, const char *cert, const char *key);

/* "127.0.0.1:6379", "[::1]:6379": the list form of one host, as MOVED and SENTINEL say it. */
WD_MUST_USE bool wd_redis_host_parse(wd_span text, uint16_t default_port, wd_redis_host *out);

/* Without secrets: for log and messages. */
#define WD_REDIS_SHOW_BYTES 320u
const char *wd_redis_url_show(const wd_redis_url *url, char out[WD_REDIS_SHOW_BYTES]);
