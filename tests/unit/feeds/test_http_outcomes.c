/* What is told of an answer that is broken, endless, or not what it says it is. */
#include <zlib.h>

#include "core/buf.h"
#include "tests/support/check.h"
#include "tests/support/http_world.h"

#define MAX_WIRE   (256 * 1024)
#define MAX_BODY   (4 * 1024 * 1024)
#define HASTY_MS   1500  /* where the time-out is the outcome */
#define PATIENT_MS 60000 /* elsewhere a busy machine has its time */

static const char *const loopback[] = { "127.0.0.1/32", NULL };

static void no_such_name(void *ctx, const char *name, wd_dns_answer *out)
{
    (void)ctx, (void)name;
    *out = (wd_dns_answer){ .absent = true };
}

static wd_span gzipped(size_t n, int windowbits)
{
    static char out[512 * 1024];
    static char in[8 * 1024 * 1024];
    z_stream z = { .next_in = (Bytef *)in, .avail_in = (uInt)n };
    memset(in, ' ', n);
    if (n == strlen(FEEDS_DOCUMENT))
        memcpy(in, FEEDS_DOCUMENT, n);
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
    size_t n = strlen(FEEDS_DOCUMENT);
    uint32_t head = (uint32_t)(n - 1) << 4 | 1U << 20;
    for (int i = 0; i < 3; i++)
        out[i] = (char)(head >> (8 * i));
    memcpy(out + 3, FEEDS_DOCUMENT, n);
    out[3 + n] = 3;
    return (wd_span){ out, n + 4 };
}

/* A frame (RFC 8878 section 3.1.1) of one raw block, or of 40 of 128 KiB in four bytes each. */
static wd_span zstd(char out[256], bool bomb)
{
    static const char head[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, 0x38 };
    size_t at = sizeof(head), n = strlen(FEEDS_DOCUMENT);
    memcpy(out, head, at);
    for (int i = 0; i < (bomb ? 40 : 1); i++) {
        uint32_t last = !bomb || i == 39, type = bomb ? 1U << 1 : 0;
        uint32_t block = last | type | (uint32_t)(bomb ? 128 * 1024 : n) << 3;
        for (int b = 0; b < 3; b++)
            out[at++] = (char)(block >> (8 * b));
        out[at] = ' ';
        if (!bomb)
            memcpy(out + at, FEEDS_DOCUMENT, n);
        at += bomb ? 1 : n;
    }
    return (wd_span){ out, at };
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
        { "/b/status", "HTTP/1.1 WAT 200\r\n\r\n<rss/>", FEEDS_CLOSE },
        { "/b/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n", FEEDS_CLOSE },
        { "/b/chunk-cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n<rss",
          FEEDS_CLOSE },
        { "/b/says-huge", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n<rss", FEEDS_SILENT },
        { "/b/error-huge", "HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n<rss",
          FEEDS_SILENT },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path))
            feeds_conn_send(c, wd_span_of(rows[i].bytes), rows[i].after);
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
        feeds_conn_dribble(
            c, WD_SPAN_LIT("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" FEEDS_DOCUMENT), 5);
    /* "/b/silent": no answer at all */
}

static void answer_encoded(feeds_conn *c, const char *head)
{
    char small[256];
    wd_span z = gzipped(strlen(FEEDS_DOCUMENT), 31);
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
    else if (feeds_head_is(head, "/z/deflate"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: deflate\r\n",
                          gzipped(strlen(FEEDS_DOCUMENT), 15));
    else if (feeds_head_is(head, "/z/bomb"))
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", gzipped(3 << 20, 31));
    else
        feeds_conn_answer(c, "200 OK", "Content-Encoding: gzip\r\n", gzipped(7 << 20, 31));
}

static void answer_plain(feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *lines, *body;
    } rows[] = {
        { "/gone", "410 Gone", "ETag: \"gone\"\r\n", "<html>gone</html>" },
        { "/plain-gzip", "200 OK", "Content-Encoding: gzip\r\n", FEEDS_DOCUMENT },
        { "/rot13", "200 OK", "Content-Encoding: x-rot13\r\n", FEEDS_DOCUMENT },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path)) {
            feeds_conn_answer(c, rows[i].status, rows[i].lines, wd_span_of(rows[i].body));
            return;
        }
    feeds_conn_answer(c, "404 Not Found", "", WD_SPAN_LIT("no"));
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    (void)ctx;
    if (strncmp(head, "GET /b/", 7) == 0)
        answer_broken(c, head);
    else if (strncmp(head, "GET /z/", 7) == 0)
        answer_encoded(c, head);
    else
        answer_plain(c, head);
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
    { "/b/status", WD_REASON_PROTOCOL, 0, "" },
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

static void check_outcome(size_t i, const http_fetch *f)
{
    const wd_http_reply *r = &f->reply;
    bool status_ok = outcomes[i].status < 0 || r->status == outcomes[i].status;
    if (r->reason != outcomes[i].reason || !status_ok ||
        strstr(r->detail, outcomes[i].detail) == NULL)
        fail_msg("%s: %s, status %d, \"%s\"", outcomes[i].path, wd_reason_word(r->reason),
                 r->status, r->detail);
    if (r->reason == WD_REASON_NONE && r->status == 200)
        assert_span(r->body, FEEDS_DOCUMENT);
}

static void check_nothing_is_kept(const http_fetch *f)
{
    if (f->reply.reason == WD_REASON_NONE)
        return;
    assert_int_equal(f->reply.body.len, 0);
    assert_string_equal(f->reply.validators.etag, "");
    assert_true(f->reply.detail[0] != '\0');
}

static bool waits(size_t i)
{
    return outcomes[i].reason == WD_REASON_SLOW || outcomes[i].reason == WD_REASON_TIMEOUT;
}

static void check_outcomes(bool that_wait, int64_t timeout_ms)
{
    const wd_http_config config = { .user_agent = "test/1",
                                    .max_body_wire = MAX_WIRE,
                                    .max_body_decoded = MAX_BODY,
                                    .total_timeout_ms = timeout_ms,
                                    .allow_private = loopback,
                                    .look = no_such_name };
    http_world w;
    http_world_open(&w, answer, &config);
    for (size_t i = 0; i < WD_COUNT(outcomes); i++) {
        http_fetch f;
        if (waits(i) != that_wait)
            continue;
        http_fetch_make(&f, &w, outcomes[i].path);
        check_outcome(i, &f);
        check_nothing_is_kept(&f);
        http_fetch_end(&f);
    }
    http_world_close(&w);
}

static void outcomes_are_told_apart(void **state)
{
    (void)state;
    check_outcomes(false, PATIENT_MS);
}

static void what_takes_too_long_is_ended(void **state)
{
    (void)state;
    check_outcomes(true, HASTY_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_are_told_apart),
        cmocka_unit_test(what_takes_too_long_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
