/* Which agency, where it said so; and no credit for being mentioned. */
#include <inttypes.h>

#include "core/clock.h"
#include "dedup/agencies.h"
#include "dedup/credit.h"
#include "tests/support/check.h"

static wd_credit of_text(const char *text)
{
    wd_item item = { .content_text = wd_span_of(text) };
    return wd_credit_find(&item);
}

static void finds_the_agency_where_stories_name_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *agency;
        wd_credit_place place;
    } rows[] = {
        { "HARBOUR CITY (Reuters) - Two ferries met.", "Reuters", WD_CREDIT_DATELINE },
        { "HARBOUR CITY, May 3 (AP) \u2014 Two ferries met.", "AP", WD_CREDIT_DATELINE },
        { "Seite drei\nHafenstadt (dpa) - Zwei F\u00e4hren.", "dpa", WD_CREDIT_DATELINE },
        { "МОСКВА, 3 мая. /ТАСС/. Два парома встретились.", "TASS", WD_CREDIT_DATELINE },
        { "新华社北京5月3日电 两艘渡轮", "Xinhua", WD_CREDIT_DATELINE },
        { "【ロイター】 二隻のフェリー", "Reuters", WD_CREDIT_DATELINE },
        { "(서울=연합뉴스) 두 척의 배", "Yonhap", WD_CREDIT_DATELINE },
        { "[서울=뉴시스] 두 척의 배", "Newsis", WD_CREDIT_DATELINE },
        { "【ワシントン共同】 二隻の", "Kyodo", WD_CREDIT_DATELINE },
        { "【ロンドン＝時事】 二隻の", "Jiji", WD_CREDIT_DATELINE },
        { "[東京 3日 ロイター] - 二隻の", "Reuters", WD_CREDIT_DATELINE },
        { "（中央社記者李某台北3日電） 兩艘", "CNA Taiwan", WD_CREDIT_DATELINE },
        { "据新华社北京9月12日电 两艘", "Xinhua", WD_CREDIT_TEXT },
        { "МОСКВА, 3 мая - РИА Новости. Два", "RIA Novosti", WD_CREDIT_DATELINE },
        { "КИЕВ. 3 мая. ИНТЕРФАКС-УКРАИНА - Два", "Interfax", WD_CREDIT_DATELINE },
        { "ТАСС, 3 мая. Два", "TASS", WD_CREDIT_DATELINE },
        { "КИЇВ. УКРІНФОРМ. Два", "Ukrinform", WD_CREDIT_DATELINE },
        { "SYDNEY, AAP - Two ferries", "AAP", WD_CREDIT_DATELINE },
        { "برلين (د ب أ) - التقت", "dpa", WD_CREDIT_DATELINE },
        { "نیویورک (رویترز) - دو", "Reuters", WD_CREDIT_DATELINE },
        { "תל אביב (רויטרס) - שתי", "Reuters", WD_CREDIT_DATELINE },
        { "नई दिल्ली, 3 मई (भाषा) दो", "PTI", WD_CREDIT_DATELINE },
        { "नई दिल्ली [भारत], 3 मई (एएनआई): दो", "ANI", WD_CREDIT_DATELINE },
        { "ลอนดอน (รอยเตอร์) - เรือ", "Reuters", WD_CREDIT_DATELINE },
        { "København /ritzau/ To", "Ritzau", WD_CREDIT_DATELINE },
        { "Madrid, 3 may (EFE).- Dos", "EFE", WD_CREDIT_DATELINE },
        { "Αθήνα (ΑΠΕ-ΜΠΕ) - Δύο", "ANA-MPA", WD_CREDIT_DATELINE },
        { "Deux navires.\n\n(Avec AFP)", "AFP", WD_CREDIT_TRAILER },
        { "Deux navires.\nSource : AFP", "AFP", WD_CREDIT_TRAILER },
        { "Zwei Schiffe.\n\u00a9 dpa-infocom, dpa:260503-99-1", "dpa", WD_CREDIT_COPYRIGHT },
        { "Dos barcos.\nCon información de EFE", "EFE", WD_CREDIT_TRAILER },
        { "Dois navios.\nCom informações da Lusa", "Lusa", WD_CREDIT_TRAILER },
        { "เรือสองลำ\nที่มา: รอยเตอร์", "Reuters", WD_CREDIT_TRAILER },
        { "Two met. This story is published from a syndicated feed of PTI.)", "PTI",
          WD_CREDIT_TRAILER },
        { "Two ferries met on Tuesday. -AFP", "AFP", WD_CREDIT_TRAILER },
        { "Two ferries met.\n\u2014Associated Press", "AP", WD_CREDIT_TRAILER },
        { "Two ferries met. Photo: Reuters shop", NULL, WD_CREDIT_NONE },
        { "Two ferries met, sources said - after Reuters had asked.", NULL, WD_CREDIT_NONE },
        { "(A ferry of the AP line) met another.", NULL, WD_CREDIT_NONE },
        { "Reuters - Two ferries met.", "Reuters", WD_CREDIT_DATELINE },
        { "Two ferries met.\n(Reporting by A. Writer; Editing by B. Reader)", "Reuters",
          WD_CREDIT_TRAILER },
        { "Two ferries met.\n\n\u00a9 2026 AFP", "AFP", WD_CREDIT_COPYRIGHT },
        { "Two ferries met.\nCopyright 2026 The Associated Press. All rights reserved.", "AP",
          WD_CREDIT_COPYRIGHT },
        { "Two ferries met.\nSource: Xinhua", "Xinhua", WD_CREDIT_TRAILER },
        { "两艘渡轮相遇。\n来源：新华社", "Xinhua", WD_CREDIT_TRAILER },
        { "By Reuters\nTwo ferries met.", "Reuters", WD_CREDIT_BYLINE },
        { "Two ferries met, the captain told Reuters on Monday.", "Reuters", WD_CREDIT_TEXT },
        { "Two ferries met.", NULL, WD_CREDIT_NONE },
        { "APPLES are red (APART) from some.", NULL, WD_CREDIT_NONE },
        { "", NULL, WD_CREDIT_NONE },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_credit c = of_text(rows[i].text);
        const char *got = c.agency != NULL ? c.agency : "none";
        const char *want = rows[i].agency != NULL ? rows[i].agency : "none";
        if (strcmp(got, want) != 0 || c.place != rows[i].place)
            fail_msg("\"%s\": %s in %s", rows[i].text, got, wd_credit_place_text(c.place));
    }
}

static void prefers_the_surest_place(void **state)
{
    (void)state;
    wd_item item = { .content_text = WD_SPAN_LIT("PORT (AFP) - Ships. He told Reuters so."),
                     .link = WD_SPAN_LIT("https://www.reuters.com/world/ships") };
    wd_credit c = wd_credit_find(&item);
    assert_string_equal(c.agency, "AFP");
    item.source_title = WD_SPAN_LIT("The Associated Press");
    c = wd_credit_find(&item);
    assert_string_equal(c.agency, "AP");
    assert_int_equal(c.place, WD_CREDIT_SOURCE_ELEMENT);
}

static void reads_elements_and_links(void **state)
{
    (void)state;
    wd_person by = { .name = WD_SPAN_LIT("A. Writer, Kyodo News") };
    wd_item item = { .authors = &by, .n_authors = 1 };
    assert_string_equal(wd_credit_find(&item).agency, "Kyodo");
    item = (wd_item){ .link = WD_SPAN_LIT("https://uk.reuters.com/a") };
    assert_string_equal(wd_credit_find(&item).agency, "Reuters");
    item = (wd_item){ .link = WD_SPAN_LIT("https://notreuters.com/a") };
    assert_null(wd_credit_find(&item).agency);
    item = (wd_item){ .rights = WD_SPAN_LIT("Copyright 2026 dpa") };
    assert_string_equal(wd_credit_find(&item).agency, "dpa");
}

static void numbers_are_stable(void **state)
{
    (void)state;
    assert_int_equal(wd_credit_number("Reuters"), 1);
    assert_string_equal(wd_credit_name(2), "AP");
    assert_int_equal(wd_credit_number("No Such Agency"), 0);
    assert_null(wd_credit_name(0));
    assert_null(wd_credit_name(255));
}

/* What agency_names.c relies on when it takes the first that fits of those with one first byte. */
static void spellings_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < wd_spelling_count; i++) {
        const wd_spelling *one = &wd_spellings[i];
        assert_in_range(one->bytes, 2, 255);
        assert_int_equal(one->bytes, strlen(one->text));
        assert_in_range(one->agency, 0, wd_agency_count - 1);
        for (size_t j = i + 1; j < wd_spelling_count; j++) {
            const wd_spelling *later = &wd_spellings[j];
            if ((unsigned char)one->text[0] > (unsigned char)later->text[0])
                fail_msg("\"%s\" stands before \"%s\"", one->text, later->text);
            if (one->bytes <= later->bytes && memcmp(one->text, later->text, one->bytes) == 0)
                fail_msg("\"%s\" hides \"%s\"", one->text, later->text);
        }
    }
}

/* The table by first bytes is made from the spellings: it must be the same when made again. */
static void spellings_are_found_by_their_first_bytes(void **state)
{
    (void)state;
    wd_spellings_with with[UINT8_MAX + 1] = { 0 };
    for (size_t i = 0; i < wd_spelling_count; i++) {
        const unsigned char *text = (const unsigned char *)wd_spellings[i].text;
        wd_spellings_with *row = &with[text[0]];
        if (row->seconds == 0)
            row->from = (uint16_t)i;
        row->to = (uint16_t)(i + 1);
        row->seconds |= 1ULL << (text[1] & 63);
    }
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        const wd_spellings_with *got = &wd_spellings_by_first[first], *want = &with[first];
        if (got->seconds != want->seconds || got->from != want->from || got->to != want->to)
            fail_msg("[0x%02X] should be { 0x%016" PRIX64 ", %u, %u }", first, want->seconds,
                     want->from, want->to);
    }
}

/* Wherever it stands in its sixteen bytes, and whatever stands before it. */
static void a_last_spelling_is_found_anywhere(void **state)
{
    (void)state;
    static const wd_span also = { "Reporting by ", 13 };
    char text[256];
    for (size_t i = 0; i < wd_spelling_count; i++)
        for (int before = 0; before < 40; before++)
            for (int behind = 0; behind < 40; behind += 13) {
                int n = snprintf(text, sizeof(text), "%.*s%s%.*s", before,
                                 "two ferries met in the harbour of a city", wd_spellings[i].text,
                                 behind, "on monday, said its mayor, and two others");
                size_t last = wd_agency_last((wd_span){ text, (size_t)n }, also);
                assert_in_range(last, before + 1, before + wd_spellings[i].bytes);
            }
    assert_int_equal(wd_agency_last(WD_SPAN_LIT("AP said; Reporting by A. Writer"), also), 10);
    assert_int_equal(wd_agency_last(WD_SPAN_LIT("Two Ferries Met In The Harbour"), also), 0);
    assert_int_equal(wd_agency_last(WD_SPAN_NONE, also), 0);
    assert_int_equal(wd_agency_last(WD_SPAN_LIT("A"), also), 0);
}

/* Whatever stands around it in the table, a spelling is its own agency's; every agency has one. */
static void every_spelling_is_its_own_agencys(void **state)
{
    (void)state;
    char text[512];
    bool *spelt = calloc(wd_agency_count, sizeof(*spelt));
    for (size_t i = 0; i < wd_spelling_count; i++) {
        const wd_spelling *one = &wd_spellings[i];
        const char *want = wd_agencies[one->agency].name;
        spelt[one->agency] = true;
        snprintf(text, sizeof(text), "HARBOUR (%s) - Two ferries met.", one->text);
        wd_credit c = of_text(text);
        if (one->text[0] != '/' && (c.agency == NULL || strcmp(c.agency, want) != 0))
            fail_msg("(%s) is credited to %s", one->text, c.agency != NULL ? c.agency : "nobody");
    }
    for (size_t i = 0; i < wd_agency_count; i++) {
        assert_in_range(wd_agencies[i].domain_bytes, 0, WD_AGENCY_DOMAIN_BYTES);
        if (!spelt[i])
            fail_msg("%s has no spelling", wd_agencies[i].name);
    }
    free(spelt);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_the_agency_where_stories_name_it),
                                        cmocka_unit_test(prefers_the_surest_place),
                                        cmocka_unit_test(reads_elements_and_links),
                                        cmocka_unit_test(numbers_are_stable),
                                        cmocka_unit_test(spellings_are_in_order),
                                        cmocka_unit_test(spellings_are_found_by_their_first_bytes),
                                        cmocka_unit_test(a_last_spelling_is_found_anywhere),
                                        cmocka_unit_test(every_spelling_is_its_own_agencys) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
