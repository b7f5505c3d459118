/* Readers pull from the wire: in order, from where they left off, and the slow ones are told. */
#include "daemon/page/readers.h"
#include "tests/support/check.h"

struct world {
    uv_loop_t loop;
    wd_wire *wire;
    wd_readers *readers;
    int woken, closed;
};

static void woken(void *ctx)
{
    ((struct world *)ctx)->woken++;
}

static void closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

static void begin(struct world *w)
{
    *w = (struct world){ .woken = 0 };
    uv_loop_init(&w->loop);
    assert_ok(wd_wire_new(&w->wire));
    wd_readers_spec spec = {
        .loop = &w->loop, .wire = w->wire, .wake = woken, .closed = closed, .ctx = w
    };
    assert_ok(wd_readers_open(&w->readers, &spec));
}

static void end(struct world *w)
{
    assert_int_equal(wd_readers_count(w->readers), 0);
    wd_readers_close(&w->readers);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    assert_int_equal(w->closed, 1);
    wd_wire_free(w->wire);
}

static void tell(struct world *w, int from, int to)
{
    char json[32];
    for (int i = from; i <= to; i++) {
        snprintf(json, sizeof(json), "{\"i\":%d}", i);
        wd_wire_put(w->wire, i, wd_span_of(json), WD_SPAN_NONE);
    }
}

/* Everything there is for it, pulled in pieces of `room` bytes. */
static char *pull(wd_control_stream *s, size_t room)
{
    wd_buf all = WD_BUF_INIT(16u << 20);
    char piece[4096];
    size_t n;
    assert_true(room <= sizeof(piece));
    while ((n = s->fill(s->ctx, piece, room)) > 0)
        assert_ok(wd_buf_append(&all, piece, n));
    assert_ok(wd_buf_append(&all, "", 0));
    return all.ptr ? all.ptr : strdup("");
}

/* Lines that begin so. */
static int count_of(const char *text, const char *beginning)
{
    int n = 0;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        n += strncmp(line, beginning, strlen(beginning)) == 0;
    }
    return n;
}

static void frames_are_whole_however_small_the_pieces(void **state)
{
    (void)state;
    static const size_t rooms[] = { 1, 7, 100, 4096 };
    for (size_t i = 0; i < WD_COUNT(rooms); i++) {
        struct world w;
        wd_control_stream s;
        begin(&w);
        tell(&w, 1, 50);
        wd_readers_set_state(w.readers, WD_SPAN_LIT("{\"ok\":1}"));
        assert_true(wd_readers_add(w.readers, NULL, &s));
        char *text = pull(&s, rooms[i]);
        assert_int_equal(strncmp(text, "retry: 2000\nevent: hello\ndata: {\"run\":", 38), 0);
        assert_non_null(strstr(text, "\"behind\":50}\n\n"));
        assert_non_null(strstr(text, "event: state\ndata: {\"ok\":1}\n\n"));
        assert_int_equal(count_of(text, "event: item\n"), 50);
        assert_non_null(strstr(text, "-50\nevent: item\ndata: {\"i\":50}\n\n"));
        free(text);
        s.end(s.ctx);
        end(&w);
    }
}

/* The id of the last item in a stream's text, as EventSource would send it back. */
static void last_id(const char *text, char out[64])
{
    const char *id = "";
    for (const char *p = text; (p = strstr(p, "\nid: ")) != NULL; p++)
        id = p + 5;
    assert_true(id[0] != '\0');
    snprintf(out, 64, "%.*s", (int)strcspn(id, "\n"), id);
}

static void a_reader_comes_back_to_where_it_was(void **state)
{
    (void)state;
    struct world w;
    wd_control_stream s;
    char id[64];
    begin(&w);
    tell(&w, 1, 10);
    assert_true(wd_readers_add(w.readers, NULL, &s));
    char *text = pull(&s, 4096);
    last_id(text, id);
    free(text);
    s.end(s.ctx);
    tell(&w, 11, 13);
    assert_true(wd_readers_add(w.readers, id, &s));
    text = pull(&s, 4096);
    assert_int_equal(count_of(text, "event: item\n"), 3);
    assert_null(strstr(text, "{\"i\":10}"));
    assert_non_null(strstr(text, "{\"i\":11}"));
    free(text);
    s.end(s.ctx);
    end(&w);
}

static void a_place_of_elsewhere_means_the_newest_past(void **state)
{
    (void)state;
    static const char *const ids[] = {
        NULL, "", "7", "nonsense", "0123456789abcdef-3", "-1--1", "ffffffffffffffffffff-1"
    };
    struct world w;
    begin(&w);
    tell(&w, 1, (int)WD_READERS_PAST + 50);
    for (size_t i = 0; i < WD_COUNT(ids); i++) {
        wd_control_stream s;
        assert_true(wd_readers_add(w.readers, ids[i], &s));
        char *text = pull(&s, 4096);
        assert_int_equal(count_of(text, "event: item\n"), WD_READERS_PAST);
        assert_null(strstr(text, "event: lost"));
        free(text);
        s.end(s.ctx);
    }
    end(&w);
}

static void who_is_too_slow_is_told_what_it_lost_and_has_the_newest_state(void **state)
{
    (void)state;
    struct world w;
    wd_control_stream s;
    char json[64];
    begin(&w);
    assert_true(wd_readers_add(w.readers, NULL, &s));
    free(pull(&s, 4096));
    for (int i = 0; i < 10; i++) {
        snprintf(json, sizeof(json), "{\"state\":%d}", i);
        wd_readers_set_state(w.readers, wd_span_of(json));
    }
    tell(&w, 1, (int)WD_WIRE_ITEMS + 1000);
    char *text = pull(&s, 4096);
    assert_non_null(strstr(text, "event: lost\ndata: {\"lost\":1000}\n\n"));
    assert_int_equal(count_of(text, "event: item\n"), WD_WIRE_ITEMS);
    assert_int_equal(count_of(text, "event: state\n"), 1);
    assert_non_null(strstr(text, "{\"state\":9}"));
    free(text);
    s.end(s.ctx);
    end(&w);
}

static void there_is_an_end_to_how_many_may_read(void **state)
{
    (void)state;
    struct world w;
    wd_control_stream s[WD_READERS_MAX], more;
    begin(&w);
    for (size_t i = 0; i < WD_READERS_MAX; i++)
        assert_true(wd_readers_add(w.readers, NULL, &s[i]));
    assert_false(wd_readers_add(w.readers, NULL, &more));
    s[3].end(s[3].ctx);
    assert_true(wd_readers_add(w.readers, NULL, &s[3]));
    for (size_t i = 0; i < WD_READERS_MAX; i++)
        s[i].end(s[i].ctx);
    end(&w);
}

static void many_items_wake_once_and_none_wakes_nobody(void **state)
{
    (void)state;
    struct world w;
    wd_control_stream s;
    begin(&w);
    wd_readers_notice(w.readers); /* nobody reads */
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.woken, 0);
    assert_true(wd_readers_add(w.readers, NULL, &s));
    for (int i = 0; i < 500; i++) {
        tell(&w, i, i);
        wd_readers_notice(w.readers);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.woken, 1);
    s.end(s.ctx);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_whole_however_small_the_pieces),
        cmocka_unit_test(a_reader_comes_back_to_where_it_was),
        cmocka_unit_test(a_place_of_elsewhere_means_the_newest_past),
        cmocka_unit_test(who_is_too_slow_is_told_what_it_lost_and_has_the_newest_state),
        cmocka_unit_test(there_is_an_end_to_how_many_may_read),
        cmocka_unit_test(many_items_wake_once_and_none_wakes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
