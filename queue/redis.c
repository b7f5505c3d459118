/*
 * queue/redis.c - one connection's life and its commands, over hiredis.
 *
 * The library has no deadlines that 0.14 knows: timers are ours.  It frees its context by
 * itself when a connection ends; `ac` is therefore cleared in the callbacks that announce it.
 */
#include "queue/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/limits.h"
#include "queue/redis_impl.h"

#define CONNECT_MS 3000

/* Far over a window of the longest events and the bells for another one. */
#define OUT_BYTES (32u * WD_EVENT_BYTES)

void wd_redis_release(wd_redis *r)
{
    if (--r->handles > 0)
        return;
    void (*closed)(void *) = r->spec.closed;
    void *ctx = r->spec.ctx;
    uv_freeaddrinfo(r->found);
    wd_buf_done(&r->out);
    if (r->near_fd >= 0)
        close(r->near_fd);
    free(r);
    closed(ctx);
}

/* --- going down ----------------------------------------------------------- */

/* Runs the calls in flight with no reply, at once or when hiredis' callback returns. */
static void drop_context(wd_redis *r)
{
    redisAsyncContext *ac = r->ac;
    r->ac = NULL;
    r->up = false;
    if (ac != NULL)
        redisAsyncFree(ac);
}

void wd_redis_go_down(wd_redis *r, wd_status s, const char *why)
{
    if (r->down || r->closing)
        return;
    char said[WD_REDIS_WHY_BYTES]; /* `why` may be hiredis' own and go with its context */
    snprintf(said, sizeof(said), "%s", why != NULL && why[0] != '\0' ? why : "connection lost");
    r->down = true;
    uv_timer_stop(&r->timer);
    drop_context(r);
    r->spec.down(r->spec.ctx, s, said);
}

static void deadline_passed(uv_timer_t *timer);

/* A timer that moved with each answer would cost more than the answer. */
static void expect_answer(wd_redis *r)
{
    r->since_ms = uv_now(r->spec.loop);
    if (r->spec.answer_ms > 0 && !uv_is_active((uv_handle_t *)&r->timer))
        uv_timer_start(&r->timer, deadline_passed, r->spec.answer_ms, 0);
}

/* Nothing is waited for, or not for so long. */
static bool is_early(wd_redis *r)
{
    uint64_t waited_ms = uv_now(r->spec.loop) - r->since_ms;
    if (r->in_flight == 0)
        return true;
    if (waited_ms >= r->spec.answer_ms)
        return false;
    uv_timer_start(&r->timer, deadline_passed, r->spec.answer_ms - waited_ms, 0);
    return true;
}

static void deadline_passed(uv_timer_t *timer)
{
    wd_redis *r = wd_owner(timer, wd_redis, timer);
    char why[WD_REDIS_WHY_BYTES];
    if (r->late_status != WD_OK) {
        wd_redis_go_down(r, r->late_status, r->why);
        return;
    }
    if (r->up && is_early(r))
        return;
    if (r->up)
        snprintf(why, sizeof(why), "no answer within %u ms", r->spec.answer_ms);
    else
        snprintf(why, sizeof(why), "no connection within %u ms", r->spec.connect_ms);
    wd_redis_go_down(r, WD_NET, why);
}

/* Not inside the call that started the work. */
void wd_redis_go_down_later(wd_redis *r, wd_status s, const char *why)
{
    r->late_status = s;
    snprintf(r->why, sizeof(r->why), "%s", why);
    uv_timer_start(&r->timer, deadline_passed, 0, 0);
}

void wd_redis_on_disconnect(const redisAsyncContext *ac, int status)
{
    wd_redis *r = ac->data;
    if (r->ac != ac)
        return; /* we let go of it first */
    char why[WD_REDIS_WHY_BYTES];
    snprintf(why, sizeof(why), "%s", status == REDIS_OK ? "connection closed" : ac->errstr);
    if (r->refused != NULL)
        snprintf(why, sizeof(why), "TLS: the certificate of %.100s is refused: %s", r->where.host,
                 r->refused);
    else if (r->url.tls && !r->spoken) /* hiredis calls a failed handshake "Success" */
        snprintf(why, sizeof(why), "TLS: %.100s ended the handshake: does that port speak TLS?",
                 r->where.host);
    r->ac = NULL;
    wd_redis_go_down(r, WD_NET, why);
}

/* --- commands --------------------------------------------------------------- */

static void on_reply(redisAsyncContext *ac, void *reply, void *data)
{
    wd_redis *r = ac->data;
    wd_redis_call *call = data;
    r->in_flight--;
    r->spoken = r->spoken || reply != NULL;
    if (reply == NULL)
        r->up = false;
    else if (r->up && r->in_flight > 0)
        expect_answer(r);
    call->done(call, (const wd_redis_reply *)reply);
}

/* Of "$123\r\n" and the end of what it counts: 64 bits have 20 digits. */
#define PART_BYTES 25u

static char *put_count(char *at, char kind, size_t n)
{
    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    *at++ = kind;
    memcpy(at, digits + first, sizeof(digits) - first);
    at += sizeof(digits) - first;
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

static size_t most_bytes(size_t argc, const wd_span *argv)
{
    size_t n = PART_BYTES;
    for (size_t i = 0; i < argc; i++)
        n += PART_BYTES + argv[i].len;
    return n;
}

/* By hand: hiredis measures, allocates and formats each command with printf. */
static wd_status write_command(wd_buf *b, size_t argc, const wd_span *argv)
{
    char *at = argc > 0 ? wd_buf_room(b, most_bytes(argc, argv)) : NULL;
    if (at == NULL)
        return argc > 0 ? wd_buf_status(b) : WD_LIMIT;
    at = put_count(at, '*', argc);
    for (size_t i = 0; i < argc; i++) {
        at = put_count(at, '$', argv[i].len);
        if (argv[i].len > 0)
            memcpy(at, argv[i].ptr, argv[i].len);
        at += argv[i].len;
        *at++ = '\r';
        *at++ = '\n';
    }
    *at = '\0';
    b->len = (size_t)(at - b->ptr);
    return WD_OK;
}

/* hiredis keeps the call; of a command that we send it is shown the name, and given no byte. */
static wd_status announce(wd_redis *r, const wd_buf *b, size_t at, wd_redis_call *call)
{
    size_t given = wd_redis_sends_itself(r) ? 0 : b->len - at;
    if (r->ac == NULL ||
        redisAsyncFormattedCommand(r->ac, on_reply, call, b->ptr + at, given) != REDIS_OK)
        return WD_NET;
    r->in_flight++;
    return WD_OK;
}

wd_status wd_redis_send(wd_redis *r, size_t argc, const wd_span *argv, wd_redis_call *call)
{
    size_t at = r->out.len;
    wd_status s = write_command(&r->out, argc, argv);
    if (s == WD_OK)
        s = announce(r, &r->out, at, call);
    if (s != WD_OK || !wd_redis_sends_itself(r)) {
        r->out.len = at;
        r->out.status = WD_OK;
    } else {
        wd_redis_relieve(r);
    }
    return s;
}

wd_status wd_redis_command(wd_redis *r, size_t argc, const wd_span *argv, wd_redis_call *call)
{
    if (!r->up || r->closing)
        return WD_NET;
    wd_status s = wd_redis_send(r, argc, argv, call);
    if (s == WD_OK && r->in_flight == 1)
        expect_answer(r);
    return s;
}

/* --- open and close ------------------------------------------------------------- */

wd_status wd_redis_open(wd_redis **out, const wd_redis_spec *spec)
{
    wd_redis *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_NOMEM;
    r->near_fd = -1;
    r->out = WD_BUF_INIT(OUT_BYTES);
    r->spec = *spec;
    r->url = *spec->url;
    r->where = spec->where != NULL ? *spec->where : spec->url->hosts[0];
    r->spec.url = &r->url;
    r->spec.where = &r->where;
    if (r->spec.connect_ms == 0)
        r->spec.connect_ms = CONNECT_MS;
    if (uv_timer_init(spec->loop, &r->timer) != 0) {
        free(r);
        return WD_NOMEM;
    }
    r->handles = 1;
    uv_timer_start(&r->timer, deadline_passed, r->spec.connect_ms, 0);
    *out = r;
    if (r->url.tls && !wd_redis_has_tls())
        wd_redis_go_down_later(r, WD_UNSUPPORTED, "this build has no TLS to Redis");
    else
        wd_redis_connect(r);
    return WD_OK;
}

static void timer_closed(uv_handle_t *handle)
{
    wd_redis_release(wd_owner(handle, wd_redis, timer));
}

void wd_redis_close(wd_redis **redis)
{
    wd_redis *r = *redis;
    *redis = NULL;
    if (r == NULL || r->closing)
        return;
    r->closing = true;
    uv_cancel((uv_req_t *)&r->lookup); /* a no-op unless one waits for a thread */
    drop_context(r);
    uv_close((uv_handle_t *)&r->timer, timer_closed);
}
