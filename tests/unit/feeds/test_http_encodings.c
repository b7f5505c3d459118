/* A body arrives as it was before its Content-Encoding, however that was written and cut up. */
#include <stdlib.h>
#include <zlib.h>

#include "core/buf.h"
#include "tests/support/check.h"
#include "tests/support/http_world.h"

#define MAX_WIRE (1024 * 1024)
#define MAX_BODY (8 * 1024 * 1024)

#define GZIP (MAX_WBITS + 16)
#define ZLIB MAX_WBITS
#define BARE (-MAX_WBITS)

/* More than is gathered before it is decoded as it comes. */
#define LARGE_BYTES (600u * 1024u)

static const char *const loopback[] = { "127.0.0.1/32", NULL };

static const wd_http_config config = { .user_agent = "test/1",
                                       .max_body_wire = MAX_WIRE,
                                       .max_body_decoded = MAX_BODY,
                                       .total_timeout_ms = 10000,
                                       .allow_private = loopback };

typedef enum twist {
    AS_IT_IS,
    MEMBERS, /* one after the other, each with a half */
    TRAILED, /* with something behind it */
    CUT,     /* without its last bytes */
    LONGER,  /* and says that it is longer, */
    SHORTER, /* shorter, */
    ENORMOUS /* or 4 GB long */
} twist;

static const struct {
    const char *path, *fields;
    int kinds[2]; /* 0: not packed */
    twist twist;
    bool large, short_of_end;
    wd_reason reason;
    const char *detail;
} rows[] = {
    { .path = "/gzip", .fields = "Content-Encoding: gzip\r\n", .kinds = { GZIP } },
    { .path = "/x-gzip", .fields = "Content-Encoding: X-GZip\r\n", .kinds = { GZIP } },
    { .path = "/large", .fields = "Content-Encoding: gzip\r\n", .kinds = { GZIP }, .large = true },
    { .path = "/members",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = MEMBERS },
    { .path = "/members-large",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = MEMBERS,
      .large = true },
    { .path = "/trailed",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = TRAILED },
    { .path = "/trailed-large",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = TRAILED,
      .large = true },
    { .path = "/cut", /* the parser notices */
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = CUT,
      .large = true,
      .short_of_end = true },
    { .path = "/longer",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = LONGER,
      .reason = WD_REASON_ENCODING,
      .detail = "not what its Content-Encoding says" },
    { .path = "/shorter",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = SHORTER,
      .reason = WD_REASON_ENCODING },
    { .path = "/enormous",
      .fields = "Content-Encoding: gzip\r\n",
      .kinds = { GZIP },
      .twist = ENORMOUS,
      .reason = WD_REASON_ENCODING },
    { .path = "/deflate", .fields = "Content-Encoding: deflate\r\n", .kinds = { ZLIB } },
    { .path = "/bare", .fields = "Content-Encoding: deflate\r\n", .kinds = { BARE } },
    { .path = "/bare-large",
      .fields = "Content-Encoding: deflate\r\n",
      .kinds = { BARE },
      .large = true },
    { .path = "/twice", .fields = "Content-Encoding: gzip, gzip\r\n", .kinds = { GZIP, GZIP } },
    { .path = "/upon",
      .fields = "Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n",
      .kinds = { BARE, GZIP },
      .large = true },
    { .path = "/identity", .fields = "Content-Encoding: identity\r\n" },
    { .path = "/nothing", .fields = "Content-Encoding: \r\n" },
    { .path = "/and-rot13",
      .fields = "Content-Encoding: rot13, gzip\r\n",
      .kinds = { GZIP },
      .reason = WD_REASON_ENCODING,
      .detail = "unknown" },
    { .path = "/many",
      .fields = "Content-Encoding: gzip, gzip, gzip, gzip, gzip\r\n",
      .kinds = { GZIP },
      .reason = WD_REASON_ENCODING,
      .detail = "unknown" },
    { .path = "/unread",
      .fields = "Content-Encoding: \x01\r\n",
      .kinds = { GZIP },
      .reason = WD_REASON_ENCODING },
};

/* Letters that pack to about two thirds, so that a large body is large on the wire too. */
static wd_span text_of(bool large)
{
    static char text[LARGE_BYTES];
    uint64_t x = 88172645463325252ULL;
    for (size_t i = 0; i < sizeof(text); i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        text[i] = (char)('!' + (x >> 32) % 64);
    }
    return (wd_span){ text, large ? sizeof(text) : 5000 };
}

static void pack(wd_buf *out, wd_span text, int kind)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)text.ptr, .avail_in = (uInt)text.len };
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, kind, 8, Z_DEFAULT_STRATEGY), Z_OK);
    uLong room = deflateBound(&z, (uLong)text.len);
    z.next_out = (Bytef *)wd_buf_room(out, room);
    assert_non_null(z.next_out);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    out->len += room - z.avail_out;
}

static void twist_end(wd_buf *b, twist how)
{
    unsigned char *size = (unsigned char *)b->ptr + b->len - 4; /* RFC 1952: ISIZE */
    if (how == TRAILED)
        wd_buf_append(b, "\0\0\0and so on", 12);
    else if (how == CUT)
        b->len -= 1000;
    else if (how == LONGER)
        size[0]++;
    else if (how == SHORTER)
        size[0]--;
    else if (how == ENORMOUS)
        memset(size, 0xff, 4);
}

static void make(size_t i, wd_buf *out)
{
    wd_buf inner = WD_BUF_INIT(MAX_BODY);
    wd_span text = text_of(rows[i].large), half = wd_span_head(text, text.len / 2);
    if (rows[i].kinds[0] == 0) {
        wd_buf_append_span(out, text);
    } else if (rows[i].twist == MEMBERS) {
        pack(out, half, rows[i].kinds[0]);
        pack(out, wd_span_from(text, half.len), rows[i].kinds[0]);
    } else if (rows[i].kinds[1] == 0) {
        pack(out, text, rows[i].kinds[0]);
    } else {
        pack(&inner, text, rows[i].kinds[0]);
        pack(out, wd_buf_span(&inner), rows[i].kinds[1]);
    }
    twist_end(out, rows[i].twist);
    wd_buf_done(&inner);
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    (void)ctx;
    wd_buf body = WD_BUF_INIT(MAX_BODY);
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path)) {
            make(i, &body);
            feeds_conn_answer(c, "200 OK", rows[i].fields, wd_buf_span(&body));
        }
    wd_buf_done(&body);
}

static void check_row(size_t i, const wd_http_reply *r)
{
    wd_span text = text_of(rows[i].large);
    if (r->reason != rows[i].reason)
        fail_msg("%s: %s, \"%s\"", rows[i].path, wd_reason_word(r->reason), r->detail);
    if (rows[i].detail != NULL && strstr(r->detail, rows[i].detail) == NULL)
        fail_msg("%s: \"%s\"", rows[i].path, r->detail);
    if (rows[i].reason != WD_REASON_NONE)
        assert_int_equal(r->body.len, 0);
    else if (rows[i].short_of_end)
        assert_true(r->body.len > text.len / 2 && r->body.len < text.len &&
                    memcmp(r->body.ptr, text.ptr, r->body.len) == 0);
    else if (r->body.len != text.len || memcmp(r->body.ptr, text.ptr, text.len) != 0)
        fail_msg("%s: %zu bytes of %zu", rows[i].path, r->body.len, text.len);
}

/* All of them through the same pooled transfer, which is to forget each before the next. */
static void each_is_undone(void **state)
{
    (void)state;
    http_world w;
    http_world_open(&w, answer, &config);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        http_fetch f;
        http_fetch_make(&f, &w, rows[i].path);
        check_row(i, &f.reply);
        http_fetch_end(&f);
    }
    http_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
