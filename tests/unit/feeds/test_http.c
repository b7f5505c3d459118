/* The client against a server that does what servers do, and what they should not. */
#include <zlib.h>

#include "core/buf.h"
#include "core/clock.h"
#include "feeds/http.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define NOW_MS     1773133331384
#define BODY       "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"
#define MAX_WIRE   (256 * 1024)
#define MAX_BODY   (4 * 1024 * 1024)
#define TIMEOUT_MS 1500

static const char *const loopback_one[] = { "127.0.0.1/32", NULL };

struct world {
    uv_loop_t loop;
    uv_timer_t tick; /* so that UV_RUN_ONCE always comes back */
    wd_http *http;
    feeds_server *server, *inner; /* inner: 127.0.0.2, must never be asked */
    int port;
};

struct fetch {
    wd_http_request req;
    wd_http_reply reply;
    char url[512];
    int done;
    struct world *w;
};

/* --- the server ------------------------------------------------------------- */

static wd_span gzipped(size_t n, int windowbits)
{
    static char out[512 * 1024];
    static char in[8 * 1024 * 1024];
    z_stream z = { .next_in = (Bytef *)in, .avail_in = (uInt)n };
    memset(in, ' ', n);
    if (n == strlen(BODY))
        memcpy(in, BODY, n);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, windowbits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (Bytef *)out;
    z.avail_out = sizeof(out);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (wd_span){ out, z.total_out };
}

/* The body as one uncompressed meta-block (RFC 7932 section 9.2) and an empty last one. */
static wd_span brotli(char out[256])
{
    size_t n = strlen(BODY);
    uint32_t head = (uint32_t)(n - 1) << 4 | 1U << 20;
    for (int i = 0; i < 3; i++)
        out[i] = (char)(head >> (8 * i));
    memcpy(out + 3, BODY, n);
    out[3 + n] = 3;
    return (wd_span){ out, n + 4 };
}

/* A frame (RFC 8878 section 3.1.1) of one raw block, or of 40 of 128 KiB in four bytes each. */
static wd_span zstd(char out[256], bool bomb)
{
    static const char head[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, 0x38 };
    size_t at = sizeof(head), n = strlen(BODY);
    memcpy(out, head, at);
    for (int i = 0; i < (bomb ? 40 : 1); i++) {
        uint32_t last = !bomb || i == 39, type = bomb ? 1U << 1 : 0;
        uint32_t block = last | type | (uint32_t)(bomb ? 128 * 1024 : n) << 3;
        for (int b = 0; b < 3; b++)
            out[at++] = (char)(block >> (8 * b));
        out[at] = ' ';
        if (!bomb)
            memcpy(out + at, BODY, n);
        at += bomb ? 1 : n;
    }
    return (wd_span){ out, at };
}

static void raw(feeds_conn *c, const char *text, feeds_after after)
{
    feeds_conn_send(c, wd_span_of(text), after);
}

static void endless(feeds_conn *c, const char *head, const char *piece, size_t total)
{
    wd_buf out = WD_BUF_INIT(2 * total);
    wd_buf_append_span(&out, wd_span_of(head));
    while (out.len < total)
        wd_buf_append_span(&out, wd_span_of(piece));
    feeds_conn_send(c, wd_buf_span(&out), FEEDS_CLOSE);
    wd_buf_done(&out);
}

static void redirect(feeds_conn *c, const char *status, const char *location)
{
    char lines[1024];
    snprintf(lines, sizeof(lines), "Location: %s\r\n", location);
    feeds_conn_answer(c, status, lines, WD_SPAN_LIT(""));
}

static void answer_redirect(struct world *w, feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *location; /* %d: our port */
    } rows[] = {
        { "/r/ok", "302 Found", "/ok" },
        { "/r/permanent", "301 Moved", "/r/permanent2" },
        { "/r/permanent2", "308 Moved", "http://127.0.0.1:%d/ok" },
        { "/r/mixed", "301 Moved", "/r/ok" },
        { "/r/loop", "302 Found", "/r/loop" },
        { "/r/inward", "302 Found", "http://127.0.0.2:%d/x" },
        { "/r/metadata", "302 Found", "http://169.254.169.254/latest/meta-data/" },
        { "/r/decimal", "302 Found", "http://2130706434:%d/x" },
        { "/r/octal", "302 Found", "http://0177.0.0.2:%d/x" },
        { "/r/mapped", "302 Found", "http://[::ffff:127.0.0.2]:%d/x" },
        { "/r/v6", "302 Found", "http://[::1]:%d/x" },
        { "/r/zero", "302 Found", "http://0.0.0.0:%d/ok" },
        { "/r/file", "302 Found", "file:///etc/passwd" },
        { "/r/gopher", "302 Found", "gopher://127.0.0.1:6379/_FLUSHALL" },
        { "/r/userinfo", "302 Found", "http://user:pass@127.0.0.1:%d/secret" },
        { "/r/away", "302 Found", "http://127.0.0.3:%d/away" },
        { "/r/empty", "302 Found", "" },
        { "/r/5", "302 Found", "/r/4" },
        { "/r/4", "302 Found", "/r/3" },
        { "/r/3", "302 Found", "/r/2" },
        { "/r/2", "302 Found", "/r/ok" },
        { "/r/6", "302 Found", "/r/5" },
    };
    char location[256];
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        if (!feeds_head_is(head, rows[i].path))
            continue;
        const char *mark = strstr(rows[i].location, "%d");
        if (mark == NULL)
            snprintf(location, sizeof(location), "%s", rows[i].location);
        else
            snprintf(location, sizeof(location), "%.*s%d%s", (int)(mark - rows[i].location),
                     rows[i].location, w->port, mark + 2);
        redirect(c, rows[i].status, location);
        return;
    }
    feeds_conn_answer(c, "302 Found", "", WD_SPAN_LIT("")); /* without a Location */
}

static void answer_plain(feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *lines, *body;
    } rows[] = {
        { "/ok", "200 OK",
          "Content-Type: text/xml; charset=utf-8\r\nETag: \"v1\"\r\n"
          "Last-Modified: Tue, 10 Mar 2026 09:00:00 GMT\r\nCache-Control: max-age=600\r\n"
          "Age: 10\r\n",
          BODY },
        { "/gone", "410 Gone", "ETag: \"gone\"\r\n", "<html>gone</html>" },
        { "/busy", "503 Busy", "Retry-After: 120\r\n", "" },
        { "/many", "429 Slow", "Retry-After: 10\r\nX-RateLimit-Reset: 30\r\n", "" },
        { "/expires", "200 OK", "Expires: Tue, 10 Mar 2026 10:00:00 GMT\r\n", BODY },
        { "/plain-gzip", "200 OK", "Content-Encoding: gzip\r\n", BODY },
        { "/rot13", "200 OK", "Content-Encoding: x-rot13\r\n", BODY },
        { "/secret", "200 OK", "", BODY },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path)) {
            feeds_conn_answer(c, rows[i].status, rows[i].lines, wd_span_of(rows[i].body));
            return;
        }
    feeds_conn_answer(c, "404 Not Found", "", WD_SPAN_LIT("no"));
}

static void answer_broken(feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *bytes;
        feeds_after after;
    } rows[] = {
        { "/b/early", "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 999\r\n\r\n<rss",
          FEEDS_CLOSE },
        { "/b/reset", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss", FEEDS_RESET },
        { "/b/nothing", "", FEEDS_CLOSE },
        { "/b/stall", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss", FEEDS_SILENT },
        { "/b/09", "<rss></rss>", FEEDS_CLOSE },
        { "/b/status", "HTTP/1.1 9999 WAT\r\n\r\n<rss/>", FEEDS_CLOSE },
        { "/b/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n", FEEDS_CLOSE },
        { "/b/http2-line", "HTTP/2 200\r\nContent-Length: 6\r\n\r\n<rss/>", FEEDS_KEEP },
        { "/b/304-body", "HTTP/1.1 304 Not Modified\r\n\r\n", FEEDS_KEEP },
        { "/b/chunk-cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n<rss",
          FEEDS_CLOSE },
        { "/b/says-huge", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n<rss", FEEDS_SILENT },
        { "/b/error-huge", "HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n<rss",
          FEEDS_SILENT },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path))
            raw(c, rows[i].bytes, rows[i].after);
    if (feeds_head_is(head, "/b/endless"))
        endless(c, "HTTP/1.1 200 OK\r\n\r\n<rss>", "<item><title>x</title></item>", 2 << 20);
    if (feeds_head_is(head, "/b/error-endless"))
        endless(c, "HTTP/1.1 404 No\r\n\r\n<html>", "<p>not here</p>", 2 << 20);
    if (feeds_head_is(head, "/b/empty-blocks")) /* a gzip stream whose name never ends */
        endless(c,
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
                "\x1f\x8b\x08\x08\x01\x01\x01\x01\x01\x03",
                "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", 2 << 20);
    if (feeds_head_is(head, "/b/head"))
        endless(c, "HTTP/1.1 200 OK\r\n", "X-A: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 2 << 20);
    if (feeds_head_is(head, "/b/1xx"))
        endless(c, "", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 2 << 20);
    if (feeds_head_is(head, "/b/line"))
        endless(c, "HTTP/1.1 200 OK\r\nX-Long: ", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", 400 << 10);
    if (feeds_head_is(head, "/b/dribble"))
        feeds_conn_dribble(c, WD_SPAN_LIT("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" BODY),
                           5);
    /* "/b/silent": no answer at all */
}

static void answer_encoded(feeds_conn *c, const char *head)
{
    char small[256];
    wd_span z = gzipped(strlen(BODY), 31);
    if (feeds_head_is(head, "/z/gzip"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", z);
    else if (feeds_head_is(head, "/z/brotli"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: br\r\n", brotli(small));
    else if (feeds_head_is(head, "/z/zstd"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: zstd\r\n", zstd(small, false));
    else if (feeds_head_is(head, "/z/zstd-bomb"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: zstd\r\n", zstd(small, true));
    else if (feeds_head_is(head, "/z/br"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: br\r\n", z);
    else if (feeds_head_is(head, "/z/cut"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", wd_span_head(z, z.len - 20));
    else if (feeds_head_is(head, "/z/deflate"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: deflate\r\n", gzipped(strlen(BODY), 15));
    else if (feeds_head_is(head, "/z/bomb"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", gzipped(3 << 20, 31));
    else
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", gzipped(7 << 20, 31));
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    struct world *w = ctx;
    if (feeds_head_is(head, "/ok") && strstr(head, "If-None-Match: \"v1\"\r\n") != NULL)
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"),
                        FEEDS_KEEP);
    else if (strncmp(head, "GET /r/", 7) == 0)
        answer_redirect(w, c, head);
    else if (strncmp(head, "GET /b/", 7) == 0)
        answer_broken(c, head);
    else if (strncmp(head, "GET /z/", 7) == 0)
        answer_encoded(c, head);
    else
        answer_plain(c, head);
}

/* --- the world ----------------------------------------------------------------- */

static void world_open(struct world *w)
{
    memset(w, 0, sizeof(*w));
    ticking_loop_open(&w->loop, &w->tick, 5);
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    w->port = feeds_server_port(w->server);
    w->inner = feeds_server_open(&w->loop, "127.0.0.2", w->port, answer, w);
    assert_non_null(w->inner);
    wd_http_config config = { .user_agent = "test/1",
                              .max_body_wire = MAX_WIRE,
                              .max_body_decoded = MAX_BODY,
                              .total_timeout_ms = TIMEOUT_MS,
                              .allow_private = loopback_one };
    assert_ok(wd_http_open(&w->http, &w->loop, &config));
}

static void world_close(struct world *w)
{
    assert_int_equal(feeds_server_requests(w->inner), 0);
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    feeds_server_close(w->inner);
    ticking_loop_close(&w->loop, &w->tick);
}

static void on_done(wd_http_request *req, const wd_http_reply *reply)
{
    struct fetch *f = req->ctx;
    f->reply = *reply;
    f->done++;
}

static void fetch_begin(struct world *w, struct fetch *f, const char *path)
{
    memset(f, 0, sizeof(*f));
    f->w = w;
    if (path[0] == '/')
        snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s", w->port, path);
    else
        snprintf(f->url, sizeof(f->url), "%s", path);
    f->req = (wd_http_request){ .url = f->url,
                                .arena = wd_arena_new(WD_POLL_ARENA_BYTES),
                                .now_ms = NOW_MS,
                                .done = on_done,
                                .ctx = f };
    assert_non_null(f->req.arena);
}

static void fetch_wait(struct fetch *f)
{
    assert_ok(wd_http_get(f->w->http, &f->req));
    assert_int_equal(f->done, 0);
    while (!f->done)
        uv_run(&f->w->loop, UV_RUN_ONCE);
    assert_int_equal(f->done, 1);
}

static void fetch(struct world *w, struct fetch *f, const char *path)
{
    fetch_begin(w, f, path);
    fetch_wait(f);
}

static void fetch_end(struct fetch *f)
{
    wd_arena_free(f->req.arena);
}

/* --- tests ------------------------------------------------------------------------ */

static void brings_a_document_with_what_was_said_of_it(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    fetch(&w, &f, "/ok");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    assert_int_equal(f.reply.status, 200);
    assert_span(f.reply.body, BODY);
    assert_span(f.reply.content_type, "text/xml; charset=utf-8");
    assert_span(f.reply.final_url, f.url);
    assert_string_equal(f.reply.validators.etag, "\"v1\"");
    assert_string_equal(f.reply.validators.last_modified, "Tue, 10 Mar 2026 09:00:00 GMT");
    assert_int_equal(f.reply.max_age_s, 590);
    assert_true(f.reply.expires_ms == WD_TIME_NONE);
    assert_true(f.reply.private_address);
    assert_true(f.reply.wire_bytes > sizeof(BODY));
    fetch_end(&f);
    world_close(&w);
}

static void asks_in_the_open_and_for_feeds_only(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    setenv("http_proxy", "http://127.0.0.2:1/", 1);
    fetch(&w, &f, "/ok");
    unsetenv("http_proxy");
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "User-Agent: test/1\r\n"));
    assert_non_null(strstr(head, "Accept: application/rss+xml, application/atom+xml"));
    assert_non_null(strstr(head, "gzip"));
    assert_non_null(strstr(head, "br"));
    assert_null(strstr(head, "Cookie"));
    assert_null(strstr(head, "Referer"));
    assert_null(strstr(head, "If-None-Match"));
    assert_null(strstr(head, "If-Modified-Since"));
    assert_null(strstr(head, "A-IM"));
    fetch_end(&f);
    fetch_begin(&w, &f, "/ok");
    f.req.user_agent = "own/2";
    fetch_wait(&f);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "User-Agent: own/2\r\n"));
    fetch_end(&f);
    fetch(&w, &f, "/ok");
    assert_non_null(strstr(feeds_server_head(w.server, 2), "User-Agent: test/1\r\n"));
    fetch_end(&f);
    world_close(&w);
}

static void asks_again_with_the_bytes_it_was_given(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    wd_validators v = { "\"v1\"", "Tue, 10 Mar 2026 09:00:00 GMT" };
    world_open(&w);
    fetch_begin(&w, &f, "/ok");
    f.req.validators = &v;
    fetch_wait(&f);
    assert_int_equal(f.reply.status, 304);
    assert_int_equal(f.reply.body.len, 0);
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(head, "If-Modified-Since: Tue, 10 Mar 2026 09:00:00 GMT\r\n"));
    assert_non_null(strstr(head, "A-IM: feed\r\n")); /* RFC 3229: only what is new, if you can */
    fetch_end(&f);
    fetch(&w, &f, "/ok"); /* the same pooled handle must have forgotten them */
    assert_int_equal(f.reply.status, 200);
    assert_null(strstr(feeds_server_head(w.server, 1), "If-"));
    fetch_end(&f);
    assert_int_equal(feeds_server_connections(w.server), 1);
    world_close(&w);
}

static const struct {
    const char *path;
    wd_reason reason;
    int status;         /* -1: whatever had arrived */
    const char *detail; /* a part of it */
} outcomes[] = {
    { "/gone", WD_REASON_NONE, 410, "" },
    { "/nowhere", WD_REASON_NONE, 404, "" },
    { "/z/gzip", WD_REASON_NONE, 200, "" },
    { "/z/deflate", WD_REASON_NONE, 200, "" },
    { "/z/brotli", WD_REASON_NONE, 200, "" },
    { "/z/zstd", WD_REASON_NONE, 200, "" },
    { "/z/zstd-bomb", WD_REASON_TOO_LARGE, 200, "" },
    { "/z/br", WD_REASON_ENCODING, 200, "" },
    { "/z/bomb", WD_REASON_TOO_LARGE, 200, "hundredfold" },
    { "/z/bomb2", WD_REASON_TOO_LARGE, 200, "" },
    { "/plain-gzip", WD_REASON_ENCODING, 200, "" },
    { "/rot13", WD_REASON_ENCODING, 200, "" },
    { "/b/early", WD_REASON_CLOSED, 200, "" },
    { "/b/reset", WD_REASON_CLOSED, -1, "" },
    { "/b/nothing", WD_REASON_CLOSED, 0, "" },
    { "/b/chunk-cut", WD_REASON_CLOSED, 200, "" },
    { "/b/chunk", WD_REASON_PROTOCOL, 200, "" },
    { "/b/stall", WD_REASON_SLOW, 200, "" },
    { "/b/dribble", WD_REASON_SLOW, 200, "" },
    { "/b/silent", WD_REASON_TIMEOUT, 0, "" },
    { "/b/09", WD_REASON_PROTOCOL, 0, "HTTP/0.9" },
    { "/b/says-huge", WD_REASON_TOO_LARGE, 200, "size limit" },
    { "/b/endless", WD_REASON_TOO_LARGE, 200, "size limit" },
    { "/b/empty-blocks", WD_REASON_TOO_LARGE, 200, "size limit" },
    { "/b/error-huge", WD_REASON_NONE, 500, "" },
    { "/b/error-endless", WD_REASON_NONE, 404, "" },
    /* Newer libraries have a limit of their own, with other words, before ours. */
    { "/b/head", WD_REASON_PROTOCOL, 200, "header" },
    { "/b/1xx", WD_REASON_PROTOCOL, 103, "header" },
    { "/b/line", WD_REASON_PROTOCOL, 200, "" },
    { "http://127.0.0.1:9/", WD_REASON_REFUSED, 0,
      "connect to 127.0.0.1 port 9: Connection refused" },
    { "http://nowhere.invalid/", WD_REASON_DNS, 0, "nowhere.invalid" },
    { "ftp://127.0.0.1/", WD_REASON_PROTOCOL, 0, "not an http or https URL" },
    { "not a url", WD_REASON_PROTOCOL, 0, "not an http or https URL" },
};

static void check_outcome(size_t i, const struct fetch *f)
{
    const wd_http_reply *r = &f->reply;
    bool status_ok = outcomes[i].status < 0 || r->status == outcomes[i].status;
    if (r->reason != outcomes[i].reason || !status_ok ||
        strstr(r->detail, outcomes[i].detail) == NULL)
        fail_msg("%s: %s, status %d, \"%s\"", outcomes[i].path, wd_reason_word(r->reason),
                 r->status, r->detail);
    if (r->reason == WD_REASON_NONE && r->status == 200)
        assert_span(r->body, BODY);
}

static void check_nothing_is_kept(const struct fetch *f)
{
    if (f->reply.reason == WD_REASON_NONE)
        return;
    assert_int_equal(f->reply.body.len, 0);
    assert_string_equal(f->reply.validators.etag, "");
    assert_true(f->reply.detail[0] != '\0');
}

static void outcomes_are_told_apart(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(outcomes); i++) {
        struct fetch f;
        fetch(&w, &f, outcomes[i].path);
        check_outcome(i, &f);
        check_nothing_is_kept(&f);
        fetch_end(&f);
    }
    world_close(&w);
}

static const struct {
    const char *path;
    wd_reason reason;
    bool permanent;
    const char *detail;
} redirects[] = {
    { "/r/ok", WD_REASON_NONE, false, "" },
    { "/r/permanent", WD_REASON_NONE, true, "" },
    { "/r/mixed", WD_REASON_NONE, false, "" },
    { "/r/5", WD_REASON_NONE, false, "" },
    { "/r/6", WD_REASON_REDIRECTS, false, "more than 5" },
    { "/r/loop", WD_REASON_REDIRECTS, false, "more than 5" },
    { "/r/file", WD_REASON_REDIRECTS, false, "not an http" },
    { "/r/gopher", WD_REASON_REDIRECTS, false, "not an http" },
    { "/r/empty", WD_REASON_REDIRECTS, false, "without a usable Location" },
    { "/r/none", WD_REASON_REDIRECTS, false, "without a usable Location" },
    { "/r/inward", WD_REASON_ADDRESS, false, "connect to 127.0.0.2: not a public address" },
    { "/r/metadata", WD_REASON_ADDRESS, false, "169.254.169.254" },
    { "/r/decimal", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/octal", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/mapped", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/v6", WD_REASON_ADDRESS, false, "::1" },
    { "/r/zero", WD_REASON_ADDRESS, false, "0.0.0.0" },
};

static void check_redirect(size_t i, const struct fetch *f)
{
    const wd_http_reply *r = &f->reply;
    if (r->reason != redirects[i].reason || r->permanent_redirect != redirects[i].permanent ||
        strstr(r->detail, redirects[i].detail) == NULL)
        fail_msg("%s: %s, \"%s\"", redirects[i].path, wd_reason_word(r->reason), r->detail);
    if (r->reason != WD_REASON_NONE)
        return;
    assert_span(r->body, BODY);
    assert_true(wd_span_find_nocase(r->final_url, "/ok") < r->final_url.len);
}

static void redirects_are_followed_and_judged(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(redirects); i++) {
        struct fetch f;
        fetch(&w, &f, redirects[i].path);
        check_redirect(i, &f);
        fetch_end(&f);
    }
    world_close(&w);
}

static void credentials_stay_with_their_origin(void **state)
{
    (void)state;
    static const char *const both[] = { "127.0.0.1", "127.0.0.3", NULL };
    struct world w;
    struct fetch f;
    wd_validators v = { "\"v9\"", "" };
    char url[128];
    world_open(&w);
    feeds_server *away = feeds_server_open(&w.loop, "127.0.0.3", w.port, answer, &w);
    assert_non_null(away);
    snprintf(url, sizeof(url), "http://me:canary@127.0.0.1:%d/r/away", w.port);
    fetch_begin(&w, &f, url);
    f.req.allow_private = both;
    f.req.validators = &v;
    fetch_wait(&f);
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "Authorization: Basic bWU6Y2FuYXJ5\r\n"));
    assert_non_null(strstr(head, "If-None-Match: \"v9\"\r\n"));
    head = feeds_server_head(away, 0);
    assert_non_null(head);
    assert_null(strstr(head, "Authorization"));
    assert_null(strstr(head, "If-"));
    assert_true(wd_span_find_nocase(f.reply.final_url, "canary") == f.reply.final_url.len);
    fetch_end(&f);

    snprintf(url, sizeof(url), "http://me:canary@127.0.0.1:%d/r/ok", w.port);
    fetch(&w, &f, url); /* within the origin they are kept */
    assert_non_null(
        strstr(feeds_server_head(w.server, 2), "Authorization: Basic bWU6Y2FuYXJ5\r\n"));
    assert_true(wd_span_find_nocase(f.reply.final_url, "canary") == f.reply.final_url.len);
    fetch_end(&f);

    fetch(&w, &f, "/r/userinfo"); /* those that a Location brings are not sent */
    assert_int_equal(f.reply.status, 200);
    assert_null(strstr(feeds_server_head(w.server, 4), "Authorization"));
    fetch_end(&f);
    feeds_server_close(away);
    world_close(&w);
}

static void a_kept_connection_is_not_lent_to_who_may_not_use_it(void **state)
{
    (void)state;
    static const char *const third[] = { "127.0.0.3/32", NULL };
    struct world w;
    struct fetch f;
    char url[128];
    world_open(&w);
    feeds_server *server = feeds_server_open(&w.loop, "127.0.0.3", 0, answer, &w);
    assert_non_null(server);
    snprintf(url, sizeof(url), "http://127.0.0.3:%d/ok", feeds_server_port(server));
    fetch_begin(&w, &f, url);
    f.req.allow_private = third;
    fetch_wait(&f);
    assert_int_equal(f.reply.status, 200);
    fetch_end(&f);
    fetch(&w, &f, url);
    assert_int_equal(f.reply.reason, WD_REASON_ADDRESS);
    assert_int_equal(feeds_server_requests(server), 1);
    fetch_end(&f);
    feeds_server_close(server);
    world_close(&w);
}

static void waits_are_read_from_the_answer(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    fetch(&w, &f, "/busy");
    assert_int_equal(f.reply.retry_after_ms, 120000);
    fetch_end(&f);
    fetch(&w, &f, "/many");
    assert_int_equal(f.reply.retry_after_ms, 30000);
    fetch_end(&f);
    fetch(&w, &f, "/expires");
    assert_true(f.reply.expires_ms == 1773136800000);
    assert_int_equal(f.reply.max_age_s, -1);
    fetch_end(&f);
    world_close(&w);
}

/* The rest of an answer that is no answer to the next question. */
static void left_over_bytes_are_not_taken_for_an_answer(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    fetch(&w, &f, "/b/304-body");
    assert_int_equal(f.reply.status, 304);
    fetch_end(&f);
    assert_int_equal(feeds_server_say(w.server, WD_SPAN_LIT("hello world")), 1);
    fetch(&w, &f, "/ok");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    assert_span(f.reply.body, BODY);
    assert_int_equal(feeds_server_connections(w.server), 2);
    fetch_end(&f);
    world_close(&w);
}

/* A plain server that calls itself HTTP/2 does not get its requests mixed. */
static void one_request_at_a_time_on_a_connection(void **state)
{
    (void)state;
    struct world w;
    struct fetch f, many[6];
    world_open(&w);
    fetch(&w, &f, "/b/http2-line");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    fetch_end(&f);
    for (size_t i = 0; i < WD_COUNT(many); i++) {
        fetch_begin(&w, &many[i], "/ok");
        assert_ok(wd_http_get(w.http, &many[i].req));
    }
    for (size_t i = 0; i < WD_COUNT(many); i++) {
        while (!many[i].done)
            uv_run(&w.loop, UV_RUN_ONCE);
        assert_span(many[i].reply.body, BODY);
        fetch_end(&many[i]);
    }
    world_close(&w);
}

static void a_one_off_keeps_no_connection(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    for (int i = 0; i < 3; i++) {
        fetch_begin(&w, &f, "/ok");
        f.req.one_off = true;
        fetch_wait(&f);
        fetch_end(&f);
    }
    assert_int_equal(feeds_server_connections(w.server), 3);
    world_close(&w);
}

static void an_answer_over_the_arena_is_refused(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    fetch_begin(&w, &f, "/ok");
    wd_arena_free(f.req.arena);
    f.req.arena = wd_arena_new(160);
    fetch_wait(&f);
    assert_int_not_equal(f.reply.reason, WD_REASON_NONE);
    assert_string_equal(f.reply.validators.etag, "");
    fetch_end(&f);
    world_close(&w);
}

static void canceling_ends_one_request_later(void **state)
{
    (void)state;
    struct world w;
    struct fetch a, b;
    world_open(&w);
    fetch_begin(&w, &a, "/b/silent");
    fetch_begin(&w, &b, "/ok");
    assert_ok(wd_http_get(w.http, &a.req));
    while (feeds_server_requests(w.server) == 0)
        uv_run(&w.loop, UV_RUN_ONCE);
    assert_ok(wd_http_get(w.http, &b.req));
    wd_http_cancel(w.http, &a.req);
    wd_http_cancel(w.http, &a.req);
    assert_int_equal(a.done, 0);
    while (!a.done || !b.done)
        uv_run(&w.loop, UV_RUN_ONCE);
    assert_int_equal(a.done, 1);
    assert_int_equal(a.reply.reason, WD_REASON_CANCELED);
    assert_int_equal(b.reply.status, 200);
    fetch_end(&a);
    fetch_end(&b);
    world_close(&w);
}

static void closing_finishes_what_is_pending(void **state)
{
    (void)state;
    struct world w;
    struct fetch f[4];
    static const char *const paths[] = { "/b/silent", "/b/stall", "/ok", "not a url" };
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(f); i++) {
        fetch_begin(&w, &f[i], paths[i]);
        assert_ok(wd_http_get(w.http, &f[i].req));
        if (i == 1)
            while (feeds_server_requests(w.server) < 2)
                uv_run(&w.loop, UV_RUN_ONCE);
    }
    world_close(&w);
    for (size_t i = 0; i < WD_COUNT(f); i++) {
        assert_int_equal(f[i].done, 1);
        assert_true(f[i].reply.reason == WD_REASON_CANCELED || i == 3);
        fetch_end(&f[i]);
    }
}

static void chain(wd_http_request *req, const wd_http_reply *reply)
{
    struct fetch *f = req->ctx;
    f->reply = *reply;
    if (++f->done < 3)
        assert_ok(wd_http_get(f->w->http, req));
    else
        wd_http_close(&f->w->http);
}

static void done_may_ask_again_or_close(void **state)
{
    (void)state;
    struct world w;
    struct fetch f;
    world_open(&w);
    fetch_begin(&w, &f, "/ok");
    f.req.done = chain;
    assert_ok(wd_http_get(w.http, &f.req));
    while (f.done < 3)
        uv_run(&w.loop, UV_RUN_ONCE);
    assert_int_equal(f.reply.status, 200);
    assert_null(w.http);
    fetch_end(&f);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_a_document_with_what_was_said_of_it),
        cmocka_unit_test(asks_in_the_open_and_for_feeds_only),
        cmocka_unit_test(asks_again_with_the_bytes_it_was_given),
        cmocka_unit_test(outcomes_are_told_apart),
        cmocka_unit_test(redirects_are_followed_and_judged),
        cmocka_unit_test(credentials_stay_with_their_origin),
        cmocka_unit_test(a_kept_connection_is_not_lent_to_who_may_not_use_it),
        cmocka_unit_test(waits_are_read_from_the_answer),
        cmocka_unit_test(left_over_bytes_are_not_taken_for_an_answer),
        cmocka_unit_test(one_request_at_a_time_on_a_connection),
        cmocka_unit_test(a_one_off_keeps_no_connection),
        cmocka_unit_test(an_answer_over_the_arena_is_refused),
        cmocka_unit_test(canceling_ends_one_request_later),
        cmocka_unit_test(closing_finishes_what_is_pending),
        cmocka_unit_test(done_may_ask_again_or_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
