/* A feed that means harm: nothing of the others is lost. */
#include "core/clock.h"
#include "tests/unit/dedup/newsroom.h"

enum { HOSTILE = 66 };

/* What this feed brings: the text, behind a lead of its own. */
static wd_verdict ask_for(
    newsroom *n, uint32_t feed, const char *title, const char *lead, const char *text)
{
    char body[16384];
    snprintf(body, sizeof(body), "%s%s", lead, text);
    return newsroom_ask(n, &(story){ .feed = feed, .title = title, .body = body });
}

/* The owner's text is new after all, and who takes it over is found out. */
static void check_is_owned(newsroom *n, const char *victim)
{
    wd_verdict root = ask_for(n, 1, "Harbour", "", victim);
    assert_int_equal(root.kind, WD_NEW);
    wd_verdict v = ask_for(n, 2, "Harbour", "Our harbour desk reports: ", victim);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, root.item);
}

static void stubs_under_different_titles_are_different_items(void **state)
{
    (void)state;
    static const char *const stubs[] = {
        "This article is for subscribers only. Please log in to your account or choose one of "
        "our plans to continue reading. Already a member? Sign in here.",
        "Dieser Inhalt ist Abonnenten vorbehalten. Bitte melden Sie sich an oder testen Sie "
        "unser Angebot vier Wochen lang kostenlos. Sie haben schon ein Konto?",
        "本文为会员专享内容，请登录后继续阅读。尚未注册？立即开通会员，畅读全部文章并享受无广告阅读"
        "体验。",
    };
    static const char *const titles[] = {
        "Minister resigns after budget vote", "Storm closes northern harbours",
        "Scientists find water under desert", "Champions lose opening match",
        "New railway opens between capitals", "Museum returns stolen paintings"
    };
    for (size_t s = 0; s < WD_COUNT(stubs); s++) {
        newsroom *n = newsroom_open(NULL);
        for (size_t t = 0; t < WD_COUNT(titles); t++) {
            story one = { .feed = 1 + (uint32_t)t % 3, .title = titles[t], .body = stubs[s] };
            wd_verdict v = newsroom_ask(n, &one);
            if (v.kind != WD_NEW)
                fail_msg("stub %zu under \"%s\" is a %s", s, titles[t], wd_verdict_text(v.kind));
        }
        newsroom_close(n);
    }
}

/* With a line of the story before it, or without: a notice makes no copy of another story. */
static void a_notice_behind_a_line_of_each_story_is_no_story(void **state)
{
    (void)state;
    static const char notice[] =
        "Vous devez \u00eatre abonn\u00e9 pour lire la suite de cet article. D\u00e9j\u00e0 "
        "abonn\u00e9 ? "
        "Connectez-vous. Sinon, d\u00e9couvrez nos offres sans engagement et soutenez une presse "
        "libre et ind\u00e9pendante.";
    static const struct {
        const char *title, *line;
    } rows[] = {
        { "Minister resigns after budget vote", "" },
        { "Storm closes northern harbours",
          "A storm from the west has closed all of the northern harbours since early on Monday "
          "morning, and ships wait outside." },
        { "Champions lose opening match of season",
          "The champions lost the opening match of the season to a side that came up from the "
          "second division in May." },
        { "Museum returns stolen paintings", "" },
    };
    char body[1024];
    newsroom *n = newsroom_open(NULL);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        snprintf(body, sizeof(body), "%s\n%s", rows[i].line, notice);
        story s = { .feed = 1 + (uint32_t)i, .title = rows[i].title, .body = body };
        wd_verdict v = newsroom_ask(n, &s);
        if (v.kind != WD_NEW)
            fail_msg("\"%s\" is a %s", rows[i].title, wd_verdict_text(v.kind));
    }
    newsroom_close(n);
}

static void titles_alone_need_to_say_much(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    story a = { .feed = 1, .title = "Letters to the editor", .link = "https://a.example/1" };
    story b = { .feed = 2, .title = "Letters to the editor", .link = "https://b.example/1" };
    assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
    assert_int_equal(newsroom_ask(n, &b).kind, WD_NEW);
    a.title = b.title = "Ferry with 214 passengers runs aground off Lemmer in thick fog";
    assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
    wd_verdict v = newsroom_ask(n, &b);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.evidence.rule, WD_RULE_TITLE);
    newsroom_close(n);
}

/* It repeats a sentence of a story to come in items of its own, so that it weighs nothing. */
static void a_feed_alone_cannot_make_anothers_words_boilerplate(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    char text[16384];
    const char *victim = newsroom_prose(0, 1, 200);
    for (unsigned i = 0; i < 40; i++) {
        snprintf(text, sizeof(text), "%s %.*s %s", newsroom_prose(1, 100 + i, 300), 600,
                 victim + (i % 2) * 300, newsroom_prose(2, 200 + i, 300));
        story bad = { .feed = HOSTILE, .title = newsroom_prose(3, i, 6), .body = text };
        (void)newsroom_ask(n, &bad);
    }
    check_is_owned(n, victim);
    newsroom_close(n);
}

/* A flood of one text must not push the others' entries out of its buckets. */
static void a_flood_of_copies_pushes_nobody_out(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    char lead[1024];
    const char *victim = newsroom_prose(0, 1, 200);
    wd_verdict root = ask_for(n, 1, "Harbour", "", victim);
    for (unsigned i = 0; i < 300; i++) {
        snprintf(lead, sizeof(lead), "%s ", newsroom_prose(1, i, 12));
        assert_int_equal(ask_for(n, HOSTILE, "Harbour", lead, victim).cluster, root.item);
    }
    assert_int_equal(ask_for(n, 2, "Port", "Well then: ", victim).cluster, root.item);
    newsroom_close(n);
}

static void a_changed_number_in_a_note_is_told(void **state)
{
    (void)state;
    static const char note[] = "A quake of magnitude %s struck 12 kilometres north of Lemmer on "
                               "Tuesday at a depth of 9 kilometres, the institute said. Nobody was "
                               "hurt and no damage was reported in villages within %s kilometres.";
    static const char *const rows[][2] = { { "5.3", "40" }, { "4.1", "44" } };
    char one[512], other[512];
    snprintf(one, sizeof(one), note, "4.1", "40");
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = newsroom_open(NULL);
        snprintf(other, sizeof(other), note, rows[i][0], rows[i][1]);
        story a = { .feed = 1, .title = "Quake near Lemmer", .body = one };
        story b = { .feed = 2, .title = "Quake near Lemmer", .body = other };
        wd_verdict root = newsroom_ask(n, &a), v = newsroom_ask(n, &b);
        assert_int_equal(v.kind, WD_REVISION);
        assert_int_equal(v.matched, root.item);
        assert_string_equal(v.evidence.note, "numbers-differ");
        newsroom_close(n);
    }
}

/* First is who was first seen; what a feed of low trust had first is still told of the others. */
static void a_false_date_makes_nobody_first(void **state)
{
    (void)state;
    static const int64_t claims[] = { 0, 1, 4102444800000 }; /* none, 1970, 2100 */
    for (size_t i = 0; i < WD_COUNT(claims); i++) {
        for (int untrusted = 0; untrusted < 2; untrusted++) {
            newsroom *n = newsroom_open(NULL);
            const char *text = newsroom_prose(0, 1, 200);
            story thief = { .feed = HOSTILE,
                            .title = "Harbour",
                            .body = text,
                            .untrusted = untrusted,
                            .published_ms = claims[i] };
            story owner = {
                .feed = 1, .title = "Harbour", .body = text, .published_ms = 1700000000000
            };
            wd_verdict first = newsroom_ask(n, &thief), v = newsroom_ask(n, &owner);
            assert_int_equal(v.kind, untrusted ? WD_NEW : WD_COPY);
            assert_int_equal(v.cluster, untrusted ? v.item : first.item);
            assert_int_equal(ask_for(n, 2, "Port", "", text).cluster, v.cluster);
            newsroom_close(n);
        }
    }
}

/* With a figure of its own in what it took: the owner's is told, as a revision at least. */
static void a_stolen_note_with_another_figure_swallows_nothing(void **state)
{
    (void)state;
    static const char note[] = "The council of Lemmer will spend %s million on the new harbour "
                               "wall, the mayor said on Monday after a vote that lasted until "
                               "midnight and was watched by many residents.";
    char taken[512], owned[512];
    newsroom *n = newsroom_open(NULL);
    snprintf(taken, sizeof(taken), note, "99");
    snprintf(owned, sizeof(owned), note, "12");
    story thief = { .feed = HOSTILE, .title = "Lemmer harbour wall", .body = taken };
    story owner = { .feed = 1, .title = "Lemmer harbour wall", .body = owned };
    (void)newsroom_ask(n, &thief);
    assert_int_equal(newsroom_ask(n, &owner).kind, WD_REVISION);
    newsroom_close(n);
}

/* Its item of the victim's guid comes and changes; the victim's stays what and where it was. */
static void a_repeated_guid_touches_nobodys_item(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    story own = {
        .feed = 1, .id = "guid-7", .title = "Harbour", .body = newsroom_prose(0, 1, 200)
    };
    story bad = {
        .feed = HOSTILE, .id = "guid-7", .title = "Casino", .body = newsroom_prose(1, 2, 200)
    };
    wd_verdict root = newsroom_ask(n, &own);
    assert_int_equal(newsroom_ask(n, &bad).kind, WD_NEW);
    bad.body = newsroom_prose(1, 3, 200);
    assert_int_equal(newsroom_ask(n, &bad).kind, WD_UPDATED);
    wd_verdict again = newsroom_ask(n, &own);
    assert_int_equal(again.kind, WD_SEEN);
    assert_int_equal(again.item, root.item);
    own.body = newsroom_prose(2, 4, 200);
    again = newsroom_ask(n, &own);
    assert_int_equal(again.kind, WD_UPDATED);
    assert_int_equal(again.changes, WD_CHANGE_BODY);
    newsroom_close(n);
}

/* As many as may be, of low trust: together they plant nothing. */
static void feeds_of_low_trust_plant_no_boilerplate(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    char text[16384];
    const char *victim = newsroom_prose(0, 1, 200);
    for (unsigned i = 0; i < 60; i++) {
        snprintf(text, sizeof(text), "%s %s %s", newsroom_prose(1, 100 + i, 300), victim,
                 newsroom_prose(2, 200 + i, 300));
        story bad = {
            .feed = HOSTILE + i, .title = newsroom_prose(3, i, 6), .body = text, .untrusted = true
        };
        (void)newsroom_ask(n, &bad);
    }
    check_is_owned(n, victim);
    newsroom_close(n);
}

/* Thousands of texts of its own fill buckets, too: they grow, and nobody's entry gives way. */
static void a_flood_of_other_texts_pushes_nobody_out(void **state)
{
    (void)state;
    enum { FLOOD = 4000, VICTIMS = 40 };
    newsroom *n = newsroom_open(NULL);
    for (unsigned i = 0; i < VICTIMS; i++) {
        const char *text = newsroom_prose(0, 50000 + i, 120);
        assert_int_equal(ask_for(n, 1, "Harbour", "", text).item, i + 1);
    }
    for (unsigned i = 0; i < FLOOD; i++)
        (void)ask_for(n, HOSTILE, "Win", "", newsroom_prose(0, 60000 + i, 60));
    for (unsigned i = 0; i < VICTIMS; i++) {
        const char *text = newsroom_prose(0, 50000 + i, 120);
        assert_int_equal(ask_for(n, 2, "Harbour", "Well then: ", text).cluster, i + 1);
    }
    newsroom_close(n);
}

static void a_huge_text_costs_what_its_first_words_cost(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    size_t size = 4u << 20;
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = "word by word "[i % 13];
    text[size] = '\0';
    story a = { .feed = 1, .title = "Long", .body = text }, b = a;
    b.feed = 2;
    assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
    (void)newsroom_ask(n, &b);
    free(text);
    newsroom_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stubs_under_different_titles_are_different_items),
        cmocka_unit_test(a_notice_behind_a_line_of_each_story_is_no_story),
        cmocka_unit_test(titles_alone_need_to_say_much),
        cmocka_unit_test(a_feed_alone_cannot_make_anothers_words_boilerplate),
        cmocka_unit_test(a_flood_of_copies_pushes_nobody_out),
        cmocka_unit_test(a_changed_number_in_a_note_is_told),
        cmocka_unit_test(a_false_date_makes_nobody_first),
        cmocka_unit_test(a_stolen_note_with_another_figure_swallows_nothing),
        cmocka_unit_test(a_repeated_guid_touches_nobodys_item),
        cmocka_unit_test(feeds_of_low_trust_plant_no_boilerplate),
        cmocka_unit_test(a_flood_of_other_texts_pushes_nobody_out),
        cmocka_unit_test(a_huge_text_costs_what_its_first_words_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
