/* Decoding what was sent compressed: in pieces, whole, cut, forged, and more than is wanted. */
#include <zlib.h>

#include "core/buf.h"
#include "feeds/gunzip.h"
#include "tests/support/check.h"

#define GZIP (MAX_WBITS + 16)
#define ZLIB MAX_WBITS
#define RAW  (-MAX_WBITS)

static size_t pack(wd_span text, int bits, char *out, size_t size)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)text.ptr, .avail_in = (uInt)text.len };
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)size;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return size - z.avail_out;
}

static bool take(void *ctx, wd_span decoded)
{
    return wd_buf_append_span(ctx, decoded) == WD_OK;
}

static wd_status unpack(wd_span bytes, size_t step, wd_buf *out, bool *ended)
{
    wd_gunzip *g;
    wd_status s = WD_OK;
    assert_ok(wd_gunzip_new(&g));
    for (size_t i = 0; i < bytes.len && s == WD_OK; i += step)
        s = wd_gunzip_feed(g, wd_span_head(wd_span_from(bytes, i), step), take, out);
    *ended = wd_gunzip_ended(g);
    wd_gunzip_free(g);
    return s;
}

static void knows_what_it_can_undo(void **state)
{
    (void)state;
    static const struct {
        const char *encoding;
        bool known;
    } rows[] = {
        { "gzip", true }, { "GZIP ", true }, { "x-gzip", true },      { "deflate", true },
        { "br", false },  { "", false },     { "gzip, gzip", false }, { "identity", false }
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_gunzip_knows(wd_span_of(rows[i].encoding)), rows[i].known);
}

static void gives_back_what_was_packed(void **state)
{
    (void)state;
    static const int kinds[] = { GZIP, ZLIB };
    static const size_t steps[] = { 1, 7, 100000 };
    static char text[70000], packed[2 * sizeof(text)];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)("wire desk"[i % 9] + i % 7);
    for (size_t k = 0; k < WD_COUNT(kinds); k++) {
        size_t n = pack((wd_span){ text, sizeof(text) }, kinds[k], packed, sizeof(packed));
        for (size_t s = 0; s < WD_COUNT(steps); s++) {
            wd_buf out = WD_BUF_INIT(2 * sizeof(text));
            bool ended;
            assert_ok(unpack((wd_span){ packed, n }, steps[s], &out, &ended));
            assert_true(ended);
            assert_true(wd_span_eq(wd_buf_span(&out), (wd_span){ text, sizeof(text) }));
            wd_buf_done(&out);
        }
    }
}

static void members_follow_one_another(void **state)
{
    (void)state;
    char packed[200];
    wd_buf out = WD_BUF_INIT(1000);
    bool ended;
    size_t n = pack(WD_SPAN_LIT("one "), GZIP, packed, sizeof(packed));
    n += pack(WD_SPAN_LIT("two"), GZIP, packed + n, sizeof(packed) - n);
    assert_ok(unpack((wd_span){ packed, n }, 3, &out, &ended));
    assert_true(ended);
    assert_span(wd_buf_span(&out), "one two");
    wd_buf_done(&out);
}

static void what_is_cut_has_not_ended(void **state)
{
    (void)state;
    char packed[200];
    size_t n = pack(WD_SPAN_LIT("a document, and its end"), GZIP, packed, sizeof(packed));
    for (size_t cut = 0; cut < n; cut++) {
        wd_buf out = WD_BUF_INIT(1000);
        bool ended;
        assert_ok(unpack((wd_span){ packed, cut }, 5, &out, &ended));
        assert_false(ended);
        wd_buf_done(&out);
    }
}

static void refuses_what_is_none_of_it(void **state)
{
    (void)state;
    char packed[400];
    wd_buf out = WD_BUF_INIT(1000);
    bool ended;
    size_t n = pack(WD_SPAN_LIT("<rss/>"), RAW, packed, sizeof(packed));
    assert_int_equal(unpack((wd_span){ packed, n }, 50, &out, &ended), WD_MALFORMED);
    assert_int_equal(unpack(WD_SPAN_LIT("<rss version='2.0'>"), 50, &out, &ended), WD_MALFORMED);
    n = pack(WD_SPAN_LIT("<rss/>"), GZIP, packed, sizeof(packed));
    packed[n - 6] ^= 1; /* of its checksum */
    assert_int_equal(unpack((wd_span){ packed, n }, 50, &out, &ended), WD_MALFORMED);
    assert_false(ended);
    wd_buf_done(&out);
}

/* A bomb ends where its taker has enough, whatever follows. */
static void stops_when_it_is_enough(void **state)
{
    (void)state;
    static char nothing[1 << 20], packed[1 << 16];
    size_t n = pack((wd_span){ nothing, sizeof(nothing) }, GZIP, packed, sizeof(packed));
    wd_buf out = WD_BUF_INIT(50000);
    bool ended;
    assert_int_equal(unpack((wd_span){ packed, n }, n, &out, &ended), WD_LIMIT);
    assert_true(out.len <= 50000 && !ended);
    wd_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_it_can_undo),     cmocka_unit_test(gives_back_what_was_packed),
        cmocka_unit_test(members_follow_one_another), cmocka_unit_test(what_is_cut_has_not_ended),
        cmocka_unit_test(refuses_what_is_none_of_it), cmocka_unit_test(stops_when_it_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
