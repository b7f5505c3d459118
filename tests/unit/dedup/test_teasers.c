/* Feeds of summaries: thirty words against the whole, against one another, and too few to tell. */
#include "core/clock.h"
#include "tests/unit/dedup/newsroom.h"

enum { PAGE = 16384 };

static const char title[] = "Two ferries collide in thick fog outside the harbour";
static const char lead[] =
    "Two ferries with 214 passengers on board collided in thick fog outside the harbour of Lemmer "
    "early on Monday, the port authority said, and fourteen people were taken to hospital with "
    "light injuries.";
static const char own_words[] =
    "Fourteen people were hurt when a pair of passenger boats ran into each other near Lemmer this "
    "morning; visibility was poor at the time, and an inquiry by the port has begun.";

typedef struct row {
    const char *what, *title, *body;
    wd_verdict_kind kind;
    bool related; /* new, and says what it is close to */
} row;

static void ask_rows(const char *first_title,
                     const char *first_body,
                     const row *rows,
                     size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        newsroom *n = newsroom_open(NULL);
        story first = { .feed = 1, .title = first_title, .body = first_body };
        story teaser = { .feed = 2, .title = rows[i].title, .body = rows[i].body };
        wd_verdict root = newsroom_ask(n, &first), v = newsroom_ask(n, &teaser);
        assert_int_equal(root.kind, WD_NEW);
        if (v.kind != rows[i].kind || (v.related == root.item) != rows[i].related)
            fail_msg("%s: %s, related %d (%s)", rows[i].what, wd_verdict_text(v.kind),
                     (int)v.related, v.evidence.note ? v.evidence.note : "no note");
        newsroom_close(n);
    }
}

static void a_teaser_and_the_whole(void **state)
{
    (void)state;
    static char full[PAGE], cut[PAGE], more[PAGE];
    snprintf(full, PAGE, "%s %s", lead, newsroom_prose(0, 1, 400));
    snprintf(cut, PAGE, "%.*s", 75, lead);
    snprintf(more, PAGE, "%s [...] Read more", lead);
    const row rows[] = {
        { "its lead under its title", title, lead, WD_COPY, false },
        { "its lead and a tail", title, more, WD_COPY, false },
        { "its lead under another title", "Ferries collide outside Lemmer in fog", lead, WD_COPY,
          false },
        { "a dozen words of it", "Ferry news", cut, WD_NEW, true },
        { "the same event in other words", title, own_words, WD_NEW, false },
    };
    ask_rows(title, full, rows, WD_COUNT(rows));
    snprintf(more, PAGE, "%s %s", lead, newsroom_prose(0, 1, 400));
    const row back[] = { { "the whole after its lead", title, more, WD_COPY, false } };
    ask_rows(title, lead, back, WD_COUNT(back));
}

static void a_teaser_and_a_teaser(void **state)
{
    (void)state;
    static char more[PAGE], changed[PAGE];
    snprintf(more, PAGE, "LEMMER - %s Read more", lead);
    snprintf(changed, PAGE, "%s", lead);
    memcpy(strstr(changed, "214"), "314", 3);
    const row rows[] = {
        { "the same words", "Ferries collide outside Lemmer in fog", lead, WD_COPY, false },
        { "the same words in a frame", "Ferries collide outside Lemmer in fog", more, WD_COPY,
          false },
        { "one number is another", title, changed, WD_REVISION, false },
        { "the same event in other words", title, own_words, WD_NEW, false },
        { "the same title and nothing else", title, "", WD_NEW, true },
    };
    ask_rows(title, lead, rows, WD_COUNT(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_teaser_and_the_whole),
                                        cmocka_unit_test(a_teaser_and_a_teaser) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
