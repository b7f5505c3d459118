/* daemon/websub/callback.c - a visit is a GET that is answered at once, or a POST whose bytes go
 * through the signature as they come.
 *
 * A body whose head has no signature that could be right is not kept: it is read to its end only
 * because the Recommendation wants a 2xx for it. */
#include "daemon/websub/callback.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/list.h"
#include "daemon/listener.h"
#include "feeds/gunzip.h"
#include "feeds/http_body.h"

/* Hubs deliver one document a connection; more than these wait in the kernel's line. */
#define CONNECTIONS 128u
#define HEAD_BYTES  (16u * 1024u) /* a topic and a challenge in a request line, twice over */
#define IDLE_S      10u
/* A body of 8 MB at the rate at which we give up servers ourselves would take a day. */
#define VISIT_MS    (60 * WD_SECOND_MS)
#define RETRY_AFTER "120"

struct wd_callback {
    wd_callback_spec spec;
    wd_listener listener;
    wd_link visitors;
    wd_link waiting; /* visits that are answered later */
    size_t bytes;    /* of all bodies, those that `deliver` took included */
};

/* One connection, for as long as it stands. */
struct visitor {
    wd_link link;
    wd_callback *callback;
    struct MHD_Connection *connection;
    int64_t since_ms;
};

/* One POST. */
struct wd_callback_visit {
    wd_callback *callback;
    wd_link link;                      /* in `waiting` */
    struct MHD_Connection *connection; /* suspended while it waits; NULL: it does not */
    int status;                        /* its answer, once that came; 0: not yet */
    char token[WD_WEBSUB_TOKEN_CHARS + 1];
    wd_hmac *hmac;     /* NULL: nothing to prove it */
    wd_span hex;       /* in the head */
    wd_gunzip *packed; /* NULL: it comes as it is */
    wd_http_body body; /* under the same ceilings as one that we fetch */
    size_t seen;       /* bytes, kept or not */
    size_t counted;    /* in callback->bytes */
    bool broken;       /* not packed as its head says */
};

/* --- answers -------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *conn, int status, wd_span body)
{
    char nothing[1] = "";
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body.len, body.len > 0 ? (void *)(uintptr_t)body.ptr : nothing, MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return MHD_NO;
    if (body.len > 0) { /* what a hub made us say is text, whoever else reads it */
        MHD_add_response_header(r, "Content-Type", "text/plain; charset=utf-8");
        MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    }
    if (status == 415) /* RFC 7694 */
        MHD_add_response_header(r, "Accept-Encoding", WD_GUNZIP_ENCODINGS);
    if (status == 503)
        MHD_add_response_header(r, "Retry-After", RETRY_AFTER);
    MHD_add_response_header(r, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(conn, (unsigned)status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result bare(struct MHD_Connection *conn, int status)
{
    return answer(conn, status, WD_SPAN_NONE);
}

static wd_span header(struct MHD_Connection *conn, const char *name)
{
    return wd_span_of(MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name));
}

static wd_span argument(struct MHD_Connection *conn, const char *name)
{
    const char *value = NULL;
    size_t n = 0;
    if (MHD_lookup_connection_value_n(conn, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value,
                                      &n) != MHD_YES)
        return WD_SPAN_NONE;
    return (wd_span){ value, n };
}

/* The last segment, when it has a token's length; NULL: none of ours. */
static const char *token_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && strlen(slash + 1) == WD_WEBSUB_TOKEN_CHARS ? slash + 1 : NULL;
}

static enum MHD_Result verify(wd_callback *c, struct MHD_Connection *conn, const char *token)
{
    const wd_websub_query q = { .mode = argument(conn, "hub.mode"),
                                .topic = argument(conn, "hub.topic"),
                                .challenge = argument(conn, "hub.challenge"),
                                .lease_seconds = argument(conn, "hub.lease_seconds") };
    wd_buf out = WD_BUF_INIT(HEAD_BYTES);
    int status = c->spec.verify(c->spec.ctx, token, &q, &out);
    enum MHD_Result result =
        wd_buf_status(&out) == WD_OK ? answer(conn, status, wd_buf_span(&out)) : MHD_NO;
    wd_buf_done(&out);
    return result;
}

/* --- deliveries ------------------------------------------------------------------- */

static void uncount(wd_callback_visit *v)
{
    v->callback->bytes -= v->counted;
    v->counted = 0;
}

static void visit_free(wd_callback_visit *v)
{
    uncount(v);
    wd_hmac_free(v->hmac);
    wd_gunzip_free(v->packed);
    wd_http_body_done(&v->body);
    free(v);
}

/* One that is not said comes in chunks: it is counted as it comes. */
static size_t said_length(struct MHD_Connection *conn)
{
    unsigned long long n;
    wd_span said = header(conn, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return wd_span_u64(said, &n) ? (size_t)n : 0;
}

static wd_span encoding(struct MHD_Connection *conn)
{
    wd_span how = wd_span_trim(header(conn, MHD_HTTP_HEADER_CONTENT_ENCODING));
    return wd_span_is_nocase(how, "identity") ? WD_SPAN_NONE : how;
}

static wd_callback_visit *visit_new(wd_callback *c, const char *token, bool packed)
{
    wd_callback_visit *v = calloc(1, sizeof(*v));
    if (v == NULL)
        return NULL;
    v->callback = c;
    v->body =
        WD_HTTP_BODY_INIT(c->spec.max_body, packed ? WD_BODY_DECODED_BYTES : c->spec.max_body);
    memcpy(v->token, token, WD_WEBSUB_TOKEN_CHARS);
    if (!packed || wd_gunzip_new(&v->packed) == WD_OK)
        return v;
    free(v);
    return NULL;
}

/* Before any of its body is read. */
static enum MHD_Result begin(wd_callback *c,
                             struct MHD_Connection *conn,
                             const char *token,
                             void **seen)
{
    const char *secret = NULL;
    size_t length = said_length(conn);
    wd_span how = encoding(conn);
    int status = c->spec.admit(c->spec.ctx, token, &secret);
    if (status != 200)
        return bare(conn, status);
    if (length > c->spec.max_body) {
        c->spec.too_large(c->spec.ctx, token);
        return bare(conn, 413);
    }
    if (how.len > 0 && !wd_gunzip_knows(how))
        return bare(conn, 415);
    if (c->bytes + length > WD_CALLBACK_BYTES)
        return bare(conn, 503);
    wd_callback_visit *v = visit_new(c, token, how.len > 0);
    if (v == NULL)
        return bare(conn, 503);
    if (wd_websub_signature_begin(&v->hmac, header(conn, "X-Hub-Signature"), secret, &v->hex) !=
        WD_OK)
        v->hmac = NULL;
    *seen = v;
    return MHD_YES;
}

static bool keep(void *visit, wd_span bytes)
{
    wd_callback_visit *v = visit;
    wd_callback *c = v->callback;
    if (c->bytes + bytes.len > WD_CALLBACK_BYTES ||
        !wd_http_body_take(&v->body, bytes, v->seen, true))
        return false;
    c->bytes += bytes.len;
    v->counted += bytes.len;
    return true;
}

/* Nothing is kept of it any more. */
static void give_up(wd_callback_visit *v)
{
    v->broken = true;
    uncount(v);
    wd_http_body_done(&v->body);
}

/* False: it is more than is kept, and in the middle of a body no answer is possible. */
static bool unpack(wd_callback_visit *v, wd_span bytes)
{
    wd_status s = wd_gunzip_feed(v->packed, bytes, keep, v);
    if (s != WD_OK && s != WD_LIMIT)
        give_up(v);
    return s != WD_LIMIT;
}

static bool is_too_large(const wd_callback_visit *v)
{
    wd_body_stop stop = v->body.stop;
    return v->seen > v->callback->spec.max_body || stop == WD_BODY_DECODED || stop == WD_BODY_BOMB;
}

static enum MHD_Result take(wd_callback_visit *v, wd_span bytes)
{
    wd_callback *c = v->callback;
    bool goes_on = true;
    v->seen += bytes.len;
    if (v->hmac != NULL && !is_too_large(v)) {
        wd_hmac_update(v->hmac, bytes);
        if (v->packed == NULL)
            goes_on = keep(v, bytes);
        else if (!v->broken)
            goes_on = unpack(v, bytes);
    }
    if (is_too_large(v)) {
        c->spec.too_large(c->spec.ctx, v->token);
        goes_on = false;
    }
    return goes_on ? MHD_YES : MHD_NO;
}

/* Hubs may send hub and self in a field each. */
static enum MHD_Result add_link(void *out,
                                enum MHD_ValueKind kind,
                                const char *key,
                                const char *value)
{
    (void)kind;
    if (wd_span_is_nocase(wd_span_of(key), "Link") && value != NULL)
        wd_buf_printf(out, ", %s", value);
    return MHD_YES;
}

static enum MHD_Result deliver(wd_callback_visit *v, struct MHD_Connection *conn)
{
    wd_callback *c = v->callback;
    wd_buf links = WD_BUF_INIT(HEAD_BYTES);
    if (v->status != 0)
        return bare(conn, v->status);
    MHD_get_connection_values(conn, MHD_HEADER_KIND, add_link, &links);
    if (v->packed != NULL && !wd_gunzip_ended(v->packed))
        give_up(v); /* cut: it would be half a document */
    wd_callback_delivery d = { .token = v->token,
                               .visit = v,
                               .proof = WD_PROOF_MISSING,
                               .body = &v->body.bytes,
                               .content_type = header(conn, MHD_HTTP_HEADER_CONTENT_TYPE),
                               .links = wd_buf_span(&links) };
    if (v->hmac != NULL)
        d.proof = wd_hmac_matches(v->hmac, v->hex) ? WD_PROOF_GOOD : WD_PROOF_WRONG;
    else if (header(conn, "X-Hub-Signature").len > 0)
        d.proof = WD_PROOF_WRONG;
    int status = c->spec.deliver(c->spec.ctx, &d);
    wd_buf_done(&links);
    if (v->body.bytes.ptr == NULL)
        uncount(v); /* who took it counts it now */
    if (status != WD_CALLBACK_LATER)
        return bare(conn, status);
    v->connection = conn;
    wd_list_push(&c->waiting, &v->link);
    MHD_suspend_connection(conn);
    return MHD_YES;
}

/* --- libmicrohttpd's calls ----------------------------------------------------------- */

/* libmicrohttpd's signature. */
static enum MHD_Result on_request(void *ctx,
                                  struct MHD_Connection *conn,
                                  const char *url,
                                  const char *method,
                                  const char *version,
                                  const char *upload,
                                  size_t *upload_size,
                                  void **seen)
{
    wd_callback *c = ctx;
    const char *token = token_of(url);
    (void)version;
    if (*seen != NULL && *upload_size > 0) {
        enum MHD_Result go_on = take(*seen, (wd_span){ upload, *upload_size });
        *upload_size = 0;
        return go_on;
    }
    if (*seen != NULL)
        return deliver(*seen, conn);
    if (token != NULL && strcmp(method, "POST") == 0)
        return begin(c, conn, token, seen);
    if (token != NULL && strcmp(method, "GET") == 0)
        return verify(c, conn, token);
    return bare(conn, 404);
}

static void on_completed(void *ctx,
                         struct MHD_Connection *conn,
                         void **seen,
                         enum MHD_RequestTerminationCode how)
{
    (void)ctx, (void)conn, (void)how;
    if (*seen != NULL)
        visit_free(*seen);
    *seen = NULL;
}

static void on_visitor(void *ctx,
                       struct MHD_Connection *conn,
                       void **mine,
                       enum MHD_ConnectionNotificationCode what)
{
    wd_callback *c = ctx;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct visitor *v = calloc(1, sizeof(*v));
        if (v == NULL)
            return; /* its idle time bounds it still */
        *v = (struct visitor){ .callback = c,
                               .connection = conn,
                               .since_ms = wd_boot_ms(wd_clock_system()) };
        wd_list_push(&c->visitors, &v->link);
        *mine = v;
    } else if (*mine != NULL) {
        wd_list_remove(&((struct visitor *)*mine)->link);
        free(*mine);
        *mine = NULL;
    }
}

/* Who comes by a byte now and then never is idle: the oldest stand first. */
static void send_off_the_slow(wd_listener *l)
{
    wd_callback *c = wd_owner(l, wd_callback, listener);
    int64_t now_ms = wd_boot_ms(wd_clock_system());
    for (wd_link *i = c->visitors.next; i != &c->visitors; i = i->next) {
        struct visitor *v = wd_owner(i, struct visitor, link);
        if (now_ms - v->since_ms < c->spec.visit_ms)
            return;
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL)
            shutdown(info->connect_fd, SHUT_RDWR); /* the library notices, and lets it go */
    }
}

/* --- opening and closing --------------------------------------------------------------- */

static void listener_closed(wd_listener *l)
{
    wd_callback *c = wd_owner(l, wd_callback, listener);
    wd_callback_spec spec = c->spec;
    free(c);
    spec.closed(spec.ctx);
}

wd_status wd_callback_open(wd_callback **out, const wd_callback_spec *spec, wd_error *err)
{
    wd_callback *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    c->spec = *spec;
    if (c->spec.visit_ms == 0)
        c->spec.visit_ms = VISIT_MS;
    wd_list_init(&c->visitors);
    wd_list_init(&c->waiting);
    const wd_listener_spec listener = { .loop = spec->loop,
                                        .listen = spec->listen,
                                        .name = "websub.listen",
                                        .connections = CONNECTIONS,
                                        .idle_s = IDLE_S,
                                        .head_bytes = HEAD_BYTES,
                                        .answer = on_request,
                                        .completed = on_completed,
                                        .visited = on_visitor,
                                        .ctx = c,
                                        .turned = send_off_the_slow,
                                        .closed = listener_closed };
    wd_status s = wd_listener_open(&c->listener, &listener, err);
    if (s == WD_OK)
        *out = c;
    else
        free(c);
    return s;
}

uint16_t wd_callback_port(const wd_callback *c)
{
    return wd_listener_port(&c->listener);
}

size_t wd_callback_bytes(const wd_callback *c)
{
    return c->bytes;
}

void wd_callback_hold(wd_callback *c, size_t bytes)
{
    c->bytes += bytes;
}

void wd_callback_release(wd_callback *c, size_t bytes)
{
    c->bytes -= bytes;
}

/* The library asks on_request once more, which answers. */
static void resume(wd_callback_visit *v, int status)
{
    struct MHD_Connection *conn = v->connection;
    v->status = status;
    v->connection = NULL;
    wd_list_remove(&v->link);
    MHD_resume_connection(conn);
}

void wd_callback_answer(wd_callback *c, wd_callback_visit *visit, int status)
{
    resume(visit, status);
    wd_listener_turn(&c->listener);
}

void wd_callback_close(wd_callback **callback)
{
    wd_callback *c = *callback;
    *callback = NULL;
    if (c == NULL)
        return;
    while (!wd_list_empty(&c->waiting)) /* the library may not be stopped with one that waits */
        resume(wd_owner(c->waiting.next, wd_callback_visit, link), 503);
    wd_listener_close(&c->listener);
}
