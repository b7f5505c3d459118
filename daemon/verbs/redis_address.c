/* daemon/verbs/redis_address.c - the embedded Redis listens in the state directory, whoever asks.
 */
#include "daemon/verbs/redis_address.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "queue/redis_reason.h"

static wd_status embedded(const char *state, wd_redis_url *out, wd_error *err)
{
    char here[PATH_MAX] = "";
    if (state[0] != '/' && getcwd(here, sizeof(here)) == NULL)
        return wd_fail(err, WD_IO, "the working directory has no name");
    *out = (wd_redis_url){ .kind = WD_REDIS_UNIX };
    int n = snprintf(out->path, sizeof(out->path), "%s%s%s/redis/redis.sock", here,
                     here[0] != '\0' ? "/" : "", state);
    return n > 0 && n < (int)sizeof(out->path)
               ? WD_OK
               : wd_fail(err, WD_CONFIG, "the state directory's path is too long");
}

wd_status wd_redis_address(const wd_config *config, wd_redis_url *out, wd_error *err)
{
    const wd_config_redis *r = &config->redis;
    wd_status s = strcmp(r->url, "embedded") == 0
                      ? embedded(config->state, out, err)
                      : wd_redis_url_parse(wd_span_of(r->url), out, err);
    if (s == WD_OK)
        wd_redis_url_set_files(out, r->ca_file, r->cert_file, r->key_file);
    if (s == WD_OK && r->username != NULL)
        snprintf(out->username, sizeof(out->username), "%s", r->username);
    if (s == WD_OK && r->password != NULL)
        snprintf(out->password, sizeof(out->password), "%s", r->password);
    return s;
}

const char *wd_redis_hint(const char *why)
{
    return wd_redis_reason_of_loss(wd_span_of(why)) == WD_REDIS_REASON_REFUSED
               ? " (is redis-server installed and running?  Or say `redis: embedded`)"
               : "";
}
