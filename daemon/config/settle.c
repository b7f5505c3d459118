/* daemon/config/settle.c - what no single row can check, once all files are read.
 *
 * Each check stands on settings that were understood: one that was not has its own complaint. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/config/impl.h"
#include "daemon/control.h"
#include "daemon/listener.h"
#include "queue/publisher.h"

/* unix(7): what fits into an address, with its end. */
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* Where that key was set, or the top of the file for one that nobody set. */
static wd_status complain_of_row(wd_config_loader *l,
                                 const char *section,
                                 const char *key,
                                 const char *text)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, wd_span_of(section), wd_span_of(key));
    wd_config_place p = { l->config->file, 1, 1 };
    if (row != NULL && l->row_places[row - wd_config_rows].line > 0)
        p = l->row_places[row - wd_config_rows];
    (void)wd_fail(l->err, WD_CONFIG, "%s%s%s: %s", section, section[0] ? "." : "", key, text);
    return wd_config_fail_at_place(l, &p);
}

static wd_status read_password(wd_config_loader *l)
{
    char line[1024], text[4096];
    wd_config_redis *r = &l->config->redis;
    if (r->password_file == NULL)
        return WD_OK;
    FILE *f = fopen(r->password_file, "re");
    snprintf(text, sizeof(text), "%s cannot be opened: %s", r->password_file, strerror(errno));
    if (f == NULL)
        return complain_of_row(l, "redis", "password_file", text);
    bool got = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    line[got ? strcspn(line, "\r\n") : 0] = '\0';
    snprintf(text, sizeof(text), "%s has no password on its first line", r->password_file);
    if (line[0] == '\0')
        return complain_of_row(l, "redis", "password_file", text);
    r->password = wd_arena_copy(l->arena, wd_span_of(line)).ptr;
    return r->password ? WD_OK : wd_fail(l->err, WD_NOMEM, "out of memory");
}

/* What `run` would refuse, `check` refuses with the same words. */
static wd_status check_redis(wd_config_loader *l)
{
    wd_error why = { 0 };
    wd_status s = WD_OK;
    const wd_config_redis *r = &l->config->redis;
    if (strcmp(r->stream, r->copies_stream) == 0 && !wd_config_doubts(l, "redis", "stream") &&
        !wd_config_doubts(l, "redis", "copies_stream"))
        s = complain_of_row(l, "redis", "copies_stream", "it must differ from the stream");
    if (strcmp(r->url, "embedded") != 0 && wd_publisher_check(r->url, &why) != WD_OK)
        s = complain_of_row(l, "redis", "url", why.text);
    return s;
}

static wd_status check_control(wd_config_loader *l)
{
    const wd_config_control *c = &l->config->control;
    struct sockaddr_storage ignored;
    wd_error why;
    wd_status s = WD_OK;
    if (strcmp(c->listen, "off") != 0 && wd_control_address(c->listen, &ignored, &why) != WD_OK)
        s = complain_of_row(l, "control", "listen", "it is off or address:port, both numeric");
    if (c->socket != NULL && strlen(c->socket) > SOCKET_PATH_MAX)
        s = complain_of_row(l, "control", "socket", "the path of a socket has 107 bytes at most");
    return s;
}

static wd_status check_websub(wd_config_loader *l)
{
    const wd_config_websub *w = &l->config->websub;
    struct sockaddr_storage ignored;
    wd_error why;
    wd_status s = WD_OK;
    bool certain = w->enabled && !wd_config_doubts(l, "websub", "enabled");
    if (wd_listener_address(w->listen, "websub.listen", &ignored, &why) != WD_OK)
        s = complain_of_row(l, "websub", "listen", "it is address:port, both numeric");
    if (w->url != NULL && strpbrk(w->url, "?#") != NULL)
        s = complain_of_row(l, "websub", "url", "names are put behind it: no '?' and no '#'");
    if (certain && w->url == NULL && !wd_config_doubts(l, "websub", "url"))
        s = complain_of_row(l, "websub", "enabled", "hubs must know where to deliver: set url");
    if (certain && strcmp(w->listen, l->config->control.listen) == 0 &&
        !wd_config_doubts(l, "websub", "listen") && !wd_config_doubts(l, "control", "listen"))
        s = complain_of_row(l, "websub", "listen", "control.listen has that address");
    return s;
}

static wd_status check_rest(wd_config_loader *l)
{
    const wd_config *c = l->config;
    wd_status s = WD_OK;
    if (!wd_subscription_slug_valid(wd_span_of(c->producer))) /* it becomes part of a URN */
        s = complain_of_row(l, "", "producer",
                            "it has letters, digits, '-', '_' and '.', at most 64 of them");
    if (c->schedule.min_interval_ms > c->schedule.max_interval_ms &&
        !wd_config_doubts(l, "schedule", "min_interval") &&
        !wd_config_doubts(l, "schedule", "max_interval"))
        s = complain_of_row(l, "schedule", "min_interval", "it is above max_interval");
    return s;
}

static void settle_names(wd_config *c)
{
    c->log_level += 3; /* the table's first choice, error, is syslog's 3 */
    if (c->redis.channel == NULL)
        c->redis.channel = c->redis.stream;
    if (c->redis.copies_channel == NULL)
        c->redis.copies_channel = c->redis.copies_stream;
}

wd_status wd_config_settle(wd_config_loader *l)
{
    wd_status s = WD_OK;
    settle_names(l->config);
    bool on = wd_config_goes_on(&s, check_rest(l));
    on = on && wd_config_goes_on(&s, check_redis(l));
    on = on && wd_config_goes_on(&s, check_control(l));
    on = on && wd_config_goes_on(&s, check_websub(l));
    on = on && wd_config_goes_on(&s, wd_config_settle_lists(l));
    on = on && wd_config_goes_on(&s, wd_config_settle_feeds(l));
    (void)(on && wd_config_goes_on(&s, read_password(l)));
    return s;
}
