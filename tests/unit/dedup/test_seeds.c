/* Five articles on one event: the two that are one agency text meet, the others do not. */
#include <dirent.h>

#include "core/clock.h"
#include "tests/unit/dedup/newsroom.h"

enum { ARTICLES = 5, BYTES = 64 * 1024 };

/* The article whose file name begins with this number, read in place; false: not there. */
static bool read_article(unsigned number, char *text)
{
    static const char folder[] = WD_SHARED "/corpus/seeds";
    char prefix[8], path[4096];
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return false;
    snprintf(prefix, sizeof(prefix), "%03u_", number);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strncmp(e->d_name, prefix, 4) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        FILE *f = fopen(path, "rb");
        if (f != NULL) {
            n = fread(text, 1, BYTES - 1, f);
            (void)fclose(f);
        }
    }
    (void)closedir(dir);
    text[n] = '\0';
    return n != 0;
}

static void missing(void)
{
    const char *required = getenv("WIREDESK_REQUIRE_CORPUS");
    if (required != NULL && strcmp(required, "1") == 0)
        fail_msg("../shared/corpus/seeds is missing");
    print_message("../shared/corpus/seeds is missing: this checkout has no corpora\n");
    skip();
}

static void two_of_five_are_one_text_in_any_order(void **state)
{
    (void)state;
    static const unsigned orders[][ARTICLES] = {
        { 0, 1, 2, 3, 4 }, { 4, 3, 2, 1, 0 }, { 1, 2, 0, 4, 3 }, { 2, 0, 4, 1, 3 }
    };
    char *text = malloc(BYTES);
    for (size_t o = 0; o < WD_COUNT(orders); o++) {
        newsroom *n = newsroom_open(NULL);
        uint64_t cluster[ARTICLES];
        unsigned copies = 0;
        for (unsigned i = 0; i < ARTICLES; i++) {
            if (!read_article(orders[o][i], text)) {
                newsroom_close(n);
                free(text);
                missing();
                return;
            }
            story s = { .feed = 1 + orders[o][i], .title = "", .body = text };
            wd_verdict v = newsroom_ask(n, &s);
            cluster[orders[o][i]] = v.cluster;
            copies += v.kind == WD_COPY;
        }
        assert_int_equal(copies, 1);
        assert_int_equal(cluster[0], cluster[1]);
        newsroom_close(n);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_of_five_are_one_text_in_any_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
