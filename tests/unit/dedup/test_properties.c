/* What holds for any text, letter, order and day. */
#include "core/clock.h"
#include "core/hash.h"
#include "dedup/desk_impl.h"
#include "dedup/fold.h"
#include "tests/unit/dedup/newsroom.h"

enum { PAGE = 16384 };

/* ---- letters ---- */

typedef enum script {
    NONE,
    LATIN,
    GREEK,
    CYRILLIC,
    HEBREW,
    ARABIC,
    DEVANAGARI,
    THAI,
    KANA,
    HAN
} script;

static script script_of(uint32_t c)
{
    static const struct {
        uint32_t from, to;
        script is;
    } ranges[] = {
        { 'A', 'Z', LATIN },      { 'a', 'z', LATIN },        { 0xC0, 0x24F, LATIN },
        { 0x370, 0x3FF, GREEK },  { 0x400, 0x52F, CYRILLIC }, { 0x591, 0x5F4, HEBREW },
        { 0x620, 0x64A, ARABIC }, { 0x671, 0x6D3, ARABIC },   { 0x904, 0x939, DEVANAGARI },
        { 0xE01, 0xE3A, THAI },   { 0x1E00, 0x1EFF, LATIN },  { 0x1F00, 0x1FFF, GREEK },
        { 0x3041, 0x3096, KANA }, { 0x30A1, 0x30FA, KANA },   { 0x4E00, 0x9FFF, HAN },
    };
    for (size_t i = 0; i < WD_COUNT(ranges); i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return ranges[i].is;
    return NONE;
}

/* Signs that are Greek or Latin by their block and something else by what they mean. */
static bool is_sign(uint32_t c)
{
    static const uint32_t signs[] = { 0xD7, 0xF7, 0x37E, 0x387, 0x3F6, 0x482 };
    for (size_t i = 0; i < WD_COUNT(signs); i++)
        if (c == signs[i])
            return true;
    return false;
}

static void folding_stays_within_the_script(void **state)
{
    (void)state;
    uint32_t out[WD_FOLD_RUNES];
    unsigned letters = 0;
    for (uint32_t c = 1; c < 0x20000; c++) {
        if ((c >= 0xD800 && c < 0xE000) || script_of(c) == NONE || is_sign(c))
            continue;
        size_t n = wd_fold_rune(c, out);
        for (size_t i = 0; i < n; i++) {
            script to = script_of(out[i]);
            letters += to != NONE;
            if (to != NONE && to != script_of(c))
                fail_msg("U+%04X is folded to U+%04X of another script", c, out[i]);
        }
    }
    assert_true(letters > 20000);
}

static void what_is_folded_stays_as_it_is(void **state)
{
    (void)state;
    uint32_t once[WD_FOLD_RUNES], twice[WD_FOLD_RUNES];
    for (uint32_t c = 1; c < 0x20000; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        size_t n = wd_fold_rune(c, once);
        for (size_t i = 0; i < n; i++)
            if (wd_fold_rune(once[i], twice) != 1 || twice[0] != once[i])
                fail_msg("U+%04X becomes U+%04X, and that something else", c, once[i]);
    }
}

/* ---- resending, copying ---- */

/* Story `i`: every third is a copy of the one before, behind a line of its own. */
static void tell(unsigned i, char body[PAGE], char id[16], story *out)
{
    const char *text = newsroom_prose(0, 1 + i - (i % 3 == 2), 120);
    snprintf(id, 16, "story-%u", i);
    snprintf(body, PAGE, "%s%s", i % 3 == 2 ? newsroom_prose(1, 5000 + i, 9) : "", text);
    *out = (story){ .feed = 1 + i % 7,
                    .id = id,
                    .title = newsroom_prose(2, 1 + i - (i % 3 == 2), 5),
                    .body = body };
}

static void resending_everything_in_any_order_changes_nothing(void **state)
{
    (void)state;
    enum { STORIES = 150, ROUNDS = 3 };
    static char body[PAGE];
    char id[16];
    wd_verdict first[STORIES];
    wd_desk_stats before, after;
    story s;
    newsroom *n = newsroom_open(NULL);
    for (unsigned i = 0; i < STORIES; i++) {
        tell(i, body, id, &s);
        first[i] = newsroom_ask(n, &s);
        assert_int_equal(first[i].kind, i % 3 == 2 ? WD_COPY : WD_NEW);
    }
    wd_desk_get_stats(newsroom_desk(n), &before);
    for (unsigned k = 0; k < STORIES * ROUNDS; k++) {
        unsigned i = (unsigned)(wd_hash_mix(7, k) % STORIES);
        tell(i, body, id, &s);
        wd_verdict again = newsroom_ask(n, &s);
        assert_int_equal(again.kind, WD_SEEN);
        assert_int_equal(again.item, first[i].item);
        assert_int_equal(again.cluster, first[i].cluster);
    }
    wd_desk_get_stats(newsroom_desk(n), &after);
    assert_int_equal(after.items, before.items);
    assert_int_equal(after.compared, before.compared);
    newsroom_close(n);
}

/* Each a copy of any one before, with a sentence more; all are of the first one's cluster. */
static void a_copy_of_any_copy_joins_the_root(void **state)
{
    (void)state;
    enum { COPIES = 40 };
    static char bodies[COPIES][PAGE];
    newsroom *n = newsroom_open(NULL);
    snprintf(bodies[0], PAGE, "%s", newsroom_prose(0, 1, 250));
    for (unsigned i = 0; i < COPIES; i++) {
        unsigned of = i == 0 ? 0 : (unsigned)(wd_hash_mix(11, i) % i);
        if (i > 0)
            snprintf(bodies[i], PAGE, "%.*s %s", (int)strlen(bodies[of]), bodies[of],
                     newsroom_prose(1, 300 + i, 6));
        story s = { .feed = 1 + i, .title = newsroom_prose(2, 700 + i, 6), .body = bodies[i] };
        if (i > 0) /* the title speaks of the text, as titles do */
            s.title = newsroom_prose(2, 1, 6 + i % 5);
        wd_verdict v = newsroom_ask(n, &s);
        assert_int_equal(v.cluster, 1);
        assert_int_equal(v.cluster_size, i + 1);
    }
    newsroom_close(n);
}

/* ---- time ---- */

typedef struct load {
    uint64_t compared;
    size_t index_bytes, text_bytes;
} load;

static load load_of(const newsroom *n)
{
    wd_desk *d = newsroom_desk((newsroom *)n);
    return (load){ .compared = d->compared,
                   .index_bytes = wd_buckets_bytes(&d->memory.index),
                   .text_bytes = wd_texts_bytes(d->memory.texts) };
}

/* A day of stories, a fifth of them framed copies of the day before's; the first of these is a
 * copy of what the window has just let go. */
static void live_through(newsroom *n, unsigned day, unsigned stories, unsigned window)
{
    static char framed[PAGE];
    int64_t start = 1700000000000 + day * WD_DAY_MS;
    for (unsigned i = 0; i < stories; i++) {
        bool copy = i % 5 == 4 && day > 0, gone = copy && i == 4 && day > window + 1;
        unsigned of = !copy  ? day * 1000 + i
                      : gone ? (day - window - 2) * 1000 + i - 1
                             : (day - 1) * 1000 + i - 1;
        snprintf(framed, PAGE, "%s%s", newsroom_prose(1, 90000 + day * 1000 + i, copy ? 6 : 1),
                 newsroom_prose(0, 70000 + of, 90));
        story s = { .feed = 1 + i % 9 + (copy ? 20 : 0),
                    .title = newsroom_prose(2, 70000 + of, 5),
                    .body = framed,
                    .at_ms = start + i * (WD_DAY_MS / stories) };
        assert_int_equal(newsroom_ask(n, &s).kind, copy && !gone ? WD_COPY : WD_NEW);
    }
}

static void sixty_days_cost_the_same_every_day(void **state)
{
    (void)state;
    enum { DAYS = 60, STORIES = 60, WINDOW = 7, SETTLED = 20 };
    wd_desk_config config = { .near_duplicates = true, .window_ms = WINDOW * WD_DAY_MS };
    newsroom *n = newsroom_open(&config);
    load settled = { 0 }, yesterday = { 0 };
    uint64_t most = 0, least = UINT64_MAX;
    for (unsigned day = 0; day < DAYS; day++) {
        live_through(n, day, STORIES, WINDOW);
        wd_desk_stats stats;
        wd_desk_get_stats(newsroom_desk(n), &stats);
        assert_in_range(stats.items, 1, (WINDOW + 1) * STORIES);
        load now = load_of(n);
        uint64_t compared = now.compared - yesterday.compared;
        yesterday = now;
        if (day < SETTLED)
            continue;
        if (day == SETTLED)
            settled = now;
        most = compared > most ? compared : most;
        least = compared < least ? compared : least;
    }
    assert_true(least > 0);
    assert_in_range(most, least, least + least / 4 + 2);
    assert_in_range(yesterday.index_bytes, 1, settled.index_bytes);
    assert_in_range(yesterday.text_bytes, 1, 2 * settled.text_bytes);
    newsroom_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_stays_within_the_script),
        cmocka_unit_test(what_is_folded_stays_as_it_is),
        cmocka_unit_test(resending_everything_in_any_order_changes_nothing),
        cmocka_unit_test(a_copy_of_any_copy_joins_the_root),
        cmocka_unit_test(sixty_days_cost_the_same_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
