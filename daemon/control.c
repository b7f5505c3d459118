/* daemon/control.c - who may ask, and how an answer is made into a response. */
#include "daemon/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/list.h"
#include "daemon/listener.h"

#define PAGE_BYTES     (4u * 1024u * 1024u)
#define CONNECTIONS    64u /* a scraper, a few people with a browser each, and stuck ones */
#define IDLE_TIMEOUT_S 30u
#define HEAD_BYTES     (32u * 1024u)
#define STREAM_BLOCK   (16u * 1024u)
#define POLICY         "default-src 'none'; frame-ancestors 'none'"

struct wd_control {
    wd_control_spec spec;
    wd_listener listener;
    wd_link streams;
    bool closing;
};

struct wd_control_request {
    struct MHD_Connection *connection;
    const char *path;
};

struct live_stream {
    wd_link link;
    wd_control *control;
    struct MHD_Connection *connection;
    wd_control_stream spec;
    bool resting; /* suspended until there is more */
};

/* --- answering ----------------------------------------------------------- */

/* A Host that names this machine (security.md "the control surface"). */
static bool host_is_local(const char *host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    for (size_t i = 0; host != NULL && i < WD_COUNT(names); i++) {
        size_t n = strlen(names[i]);
        if (strncasecmp(host, names[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
            return true;
    }
    return false;
}

/* A page of elsewhere, another port of this machine too, may not even begin a stream;
 * following a link from there is fine.  Who is no browser does not say. */
static bool comes_from_elsewhere(const wd_control_request *r)
{
    const char *site = wd_control_header(r, "Sec-Fetch-Site");
    const char *mode = wd_control_header(r, "Sec-Fetch-Mode");
    return site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0 &&
           (mode == NULL || strcmp(mode, "navigate") != 0);
}

static ssize_t fill_stream(void *ctx, uint64_t pos, char *out, size_t room)
{
    struct live_stream *s = ctx;
    (void)pos;
    if (s->control->closing)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = s->spec.fill(s->spec.ctx, out, room);
    if (n == 0) {
        s->resting = true;
        MHD_suspend_connection(s->connection);
    }
    return (ssize_t)n;
}

static void end_stream(void *ctx)
{
    struct live_stream *s = ctx;
    wd_list_remove(&s->link);
    s->spec.end(s->spec.ctx);
    free(s);
}

static struct MHD_Response *stream_response(wd_control *c,
                                            const wd_control_request *r,
                                            const wd_control_stream *spec)
{
    struct live_stream *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        spec->end(spec->ctx);
        return NULL;
    }
    *s = (struct live_stream){ .control = c, .connection = r->connection, .spec = *spec };
    wd_list_push(&c->streams, &s->link);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, fill_stream, s, end_stream);
    if (response == NULL)
        end_stream(s);
    return response;
}

static struct MHD_Response *make_response(wd_control *c,
                                          const wd_control_request *r,
                                          wd_control_answer *a)
{
    char nothing[1] = ""; /* older libmicrohttpd takes a void *, and copies from it */
    if (a->stream.ctx != NULL)
        return stream_response(c, r, &a->stream);
    if (a->status == 304)
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_MUST_COPY);
    if (a->fixed.len > 0) /* persistent memory is not written to */
        return MHD_create_response_from_buffer(a->fixed.len, (void *)(uintptr_t)a->fixed.ptr,
                                               MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer(a->body.len, a->body.ptr ? a->body.ptr : nothing,
                                           MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result respond(wd_control *c, const wd_control_request *r, wd_control_answer *a)
{
    const char *had = wd_control_header(r, "If-None-Match");
    if (a->status == 200 && a->etag != NULL && had != NULL && strstr(had, a->etag) != NULL)
        a->status = 304;
    struct MHD_Response *response = make_response(c, r, a);
    wd_buf_done(&a->body);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", a->type);
    MHD_add_response_header(response, "Cache-Control", a->etag ? "no-cache" : "no-store");
    if (a->etag != NULL)
        MHD_add_response_header(response, "ETag", a->etag);
    MHD_add_response_header(response, "Content-Security-Policy", a->policy ? a->policy : POLICY);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    enum MHD_Result result = MHD_queue_response(r->connection, (unsigned)a->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(
    wd_control *c, const wd_control_request *r, wd_control_answer *a, int status, const char *why)
{
    a->status = status;
    wd_buf_printf(&a->body, "%s\n", why);
    return respond(c, r, a);
}

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
    static char marker; /* its address is all that matters */
    wd_control *c = ctx;
    const wd_control_request r = { .connection = conn, .path = url };
    wd_control_answer a = { .status = 200,
                            .type = "text/plain; charset=utf-8",
                            .body = WD_BUF_INIT(PAGE_BYTES) };
    (void)version;
    (void)upload;
    (void)upload_size;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) /* before any body is read */
        return refuse(c, &r, &a, 405, "only GET is answered here");
    if (*seen == NULL) { /* the first call brings the headers only */
        *seen = &marker;
        return MHD_YES;
    }
    if (!host_is_local(wd_control_header(&r, "Host")))
        return refuse(c, &r, &a, 403, "the Host header does not name this machine");
    if (comes_from_elsewhere(&r))
        return refuse(c, &r, &a, 403, "another site's page may not ask");
    c->spec.page(c->spec.ctx, &r, &a);
    return respond(c, &r, &a);
}

const char *wd_control_path(const wd_control_request *r)
{
    return r->path;
}

const char *wd_control_query(const wd_control_request *r, const char *key)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, key);
}

const char *wd_control_header(const wd_control_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* --- opening and closing ------------------------------------------------- */

wd_status wd_control_address(const char *text, struct sockaddr_storage *out, wd_error *err)
{
    return wd_listener_address(text, "control.listen", out, err);
}

static void listener_closed(wd_listener *l)
{
    wd_control *c = wd_owner(l, wd_control, listener);
    wd_control_spec spec = c->spec;
    free(c);
    spec.closed(spec.ctx);
}

wd_status wd_control_open(wd_control **out, const wd_control_spec *spec, wd_error *err)
{
    wd_control *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    c->spec = *spec;
    wd_list_init(&c->streams);
    const wd_listener_spec listener = { .loop = spec->loop,
                                        .listen = spec->listen,
                                        .name = "control.listen",
                                        .connections = CONNECTIONS,
                                        .idle_s = IDLE_TIMEOUT_S,
                                        .head_bytes = HEAD_BYTES,
                                        .answer = on_request,
                                        .ctx = c,
                                        .closed = listener_closed };
    wd_status s = wd_listener_open(&c->listener, &listener, err);
    if (s == WD_OK)
        *out = c;
    else
        free(c);
    return s;
}

uint16_t wd_control_port(const wd_control *c)
{
    return wd_listener_port(&c->listener);
}

static void resume_streams(wd_control *c)
{
    for (wd_link *l = c->streams.next; l != &c->streams; l = l->next) {
        struct live_stream *s = wd_owner(l, struct live_stream, link);
        if (s->resting) {
            s->resting = false;
            MHD_resume_connection(s->connection);
        }
    }
}

void wd_control_wake(wd_control *c)
{
    resume_streams(c);
    wd_listener_turn(&c->listener);
}

void wd_control_close(wd_control **control)
{
    wd_control *c = *control;
    *control = NULL;
    if (c == NULL)
        return;
    c->closing = true;
    resume_streams(c); /* the library may not be stopped with one that rests */
    wd_listener_close(&c->listener);
}
