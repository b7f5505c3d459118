/* tests/unit/queue/test_ledger.c - the file survives: kill, damage, a second daemon. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "core/clock.h"
#include "queue/ledger_decisions.h"
#include "queue/ledger_desk.h"
#include "queue/ledger_feeds.h"
#include "queue/ledger_items.h"
#include "queue/outbox.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

static wd_ledger_item item_of(uint64_t number, uint32_t feed)
{
    wd_ledger_item item = { .item = number,
                            .cluster = number,
                            .feed = feed,
                            .first_seen_ms = (int64_t)number * WD_DAY_MS,
                            .content_hash = number * 3,
                            .text_hash = UINT64_MAX - number,
                            .id_key = number * 7919,
                            .link_key = number * 104729,
                            .revision = 1,
                            .packed = WD_SPAN_LIT("packed text") };
    snprintf(item.uri_hex, sizeof(item.uri_hex), "%024llx", (unsigned long long)number);
    for (uint32_t i = 0; i < 8; i++)
        item.field_hash[i] = (uint32_t)number + i;
    return item;
}

static void add(wd_ledger *l, uint64_t number, uint32_t feed)
{
    wd_ledger_item item = item_of(number, feed);
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &item));
    assert_ok(wd_ledger_commit(l));
}

static void keeps_its_keys_over_a_restart(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint64_t key = wd_ledger_hash_key(l), generation = wd_ledger_generation(l);
    assert_int_not_equal(key, 0);
    assert_int_not_equal(key, generation);
    wd_ledger_close(&l);
    assert_null(l);
    l = ledger_opened(dir);
    assert_int_equal(wd_ledger_hash_key(l), key);
    assert_int_equal(wd_ledger_generation(l), generation);
    wd_ledger_close(&l);
}

static void finds_an_item_by_every_name(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item want = item_of(5, 2), got;
    want.agency = WD_SPAN_LIT("Reuters");
    assert_ok(wd_ledger_add_item(l, &want));
    assert_true(wd_ledger_find_id(l, 2, want.id_key, &got));
    assert_int_equal(got.item, 5);
    assert_int_equal(got.content_hash, want.content_hash);
    assert_int_equal(got.text_hash, want.text_hash);
    assert_memory_equal(got.field_hash, want.field_hash, sizeof(got.field_hash));
    assert_string_equal(got.uri_hex, want.uri_hex);
    assert_int_equal(got.first_seen_ms, want.first_seen_ms);
    assert_true(wd_ledger_find_link(l, want.link_key, &got));
    assert_span(got.agency, "Reuters");
    assert_int_equal(got.cluster_size, 1);
    assert_true(wd_ledger_find_item(l, 5, &got));
    assert_int_equal(got.feed, 2);
    assert_true(wd_ledger_find_uri(l, want.uri_hex, &got));
    assert_int_equal(got.id_key, want.id_key);
    assert_false(wd_ledger_find_id(l, 3, want.id_key, &got));
    assert_false(wd_ledger_find_id(l, 2, 0, &got));
    assert_false(wd_ledger_find_link(l, 0, &got));
    assert_false(wd_ledger_find_item(l, 6, &got));
    assert_false(wd_ledger_find_uri(l, "no hex at all, not at all", &got));
    assert_int_equal(wd_ledger_last_item(l), 5);
    wd_ledger_close(&l);
}

static void counts_a_cluster_and_keeps_the_first_link(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item root = item_of(1, 1), copy = item_of(2, 2), got;
    copy.cluster = 1;
    copy.link_key = root.link_key;
    assert_ok(wd_ledger_add_item(l, &root));
    assert_ok(wd_ledger_add_item(l, &copy));
    assert_true(wd_ledger_find_link(l, root.link_key, &got));
    assert_int_equal(got.item, 1);
    assert_int_equal(got.cluster_size, 2);
    assert_ok(wd_ledger_set_agency(l, 1, WD_SPAN_LIT("AFP")));
    assert_true(wd_ledger_find_item(l, 1, &got));
    assert_span(got.agency, "AFP");
    wd_ledger_close(&l);
}

static void an_update_raises_the_revision(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    add(l, 4, 1);
    wd_ledger_item changed = item_of(4, 1), got;
    changed.content_hash = 99;
    changed.packed = WD_SPAN_LIT("other");
    assert_ok(wd_ledger_update_item(l, &changed));
    assert_true(wd_ledger_find_id(l, 1, changed.id_key, &got));
    assert_int_equal(got.content_hash, 99);
    assert_int_equal(got.revision, 2);
    changed.item = 77;
    assert_int_equal(wd_ledger_update_item(l, &changed), WD_NOTFOUND);
    wd_ledger_close(&l);
}

static void a_rollback_undoes_rows_and_counters(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    add(l, 1, 1);
    wd_outbox_slot slot;
    wd_ledger_item item = item_of(2, 1), got;
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &item));
    assert_ok(wd_ledger_next_slot(l, WD_LANE_ITEMS, 1000, &slot));
    wd_outbox_row row = { .slot = slot, .type = "item.new", .body = WD_SPAN_LIT("{}") };
    assert_ok(wd_ledger_add_event(l, &row));
    wd_ledger_rollback(l);
    assert_false(wd_ledger_find_item(l, 2, &got));
    assert_int_equal(wd_ledger_last_item(l), 1);
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_next_slot(l, WD_LANE_ITEMS, 500, &slot));
    assert_int_equal(slot.seq, 1);
    assert_int_equal(slot.ms, 500);
    assert_ok(wd_ledger_commit(l));
    wd_ledger_close(&l);
}

static void a_failure_holds_until_the_rollback(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    add(l, 1, 1);
    wd_ledger_item again = item_of(1, 1), fresh = item_of(2, 1), got;
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &fresh));
    assert_int_not_equal(wd_ledger_add_item(l, &again), WD_OK); /* the number is taken */
    fresh = item_of(3, 1);
    assert_int_not_equal(wd_ledger_add_item(l, &fresh), WD_OK);
    assert_int_not_equal(wd_ledger_commit(l), WD_OK);
    wd_ledger_rollback(l);
    assert_false(wd_ledger_find_item(l, 2, &got));
    assert_false(wd_ledger_find_item(l, 3, &got));
    add(l, 2, 1);
    assert_true(wd_ledger_find_item(l, 2, &got));
    wd_ledger_close(&l);
}

static void says_who_holds_the_lock(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir), *second = NULL;
    wd_error err = { 0 };
    char pid[32];
    snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
    assert_int_equal(wd_ledger_open(&second, dir, &err), WD_BUSY);
    assert_null(second);
    assert_non_null(strstr(err.text, pid));
    wd_ledger_close(&l);
    l = ledger_opened(dir);
    wd_ledger_close(&l);
}

static void a_reader_looks_on_and_writes_nothing(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir), *reader = NULL;
    wd_error err = { 0 };
    wd_ledger_item got, item = item_of(9, 1);
    add(l, 8, 1);
    assert_ok(wd_ledger_open_read(&reader, dir, &err));
    assert_true(wd_ledger_find_item(reader, 8, &got));
    assert_int_equal(wd_ledger_begin(reader), WD_DENIED);
    assert_int_equal(wd_ledger_add_item(reader, &item), WD_DENIED);
    add(l, 9, 1);
    assert_true(wd_ledger_find_item(reader, 9, &got));
    wd_ledger_close(&reader);
    wd_ledger_close(&l);
    assert_ok(wd_ledger_open_read(&reader, dir, &err)); /* after a clean stop too */
    wd_ledger_close(&reader);
}

static void no_ledger_is_not_found_by_a_reader(void **state)
{
    (void)state;
    wd_ledger *reader = NULL;
    wd_error err = { 0 };
    assert_int_equal(wd_ledger_open_read(&reader, dir, &err), WD_NOTFOUND);
}

static void damage(long at, const char *bytes)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), (long)strlen(bytes));
    close(fd);
}

static void a_damaged_file_is_named_and_left_alone(void **state)
{
    (void)state;
    static const long places[] = { 0, 4096 + 8, 3 * 4096 };
    for (size_t i = 0; i < WD_COUNT(places); i++) {
        char path[PATH_MAX];
        struct stat before, after;
        wd_ledger *l = ledger_opened(dir);
        for (uint64_t n = 1; n < 40; n++)
            add(l, n, 1);
        wd_ledger_close(&l);
        damage(places[i], "this is not what SQLite wrote here, and it must be noticed at once");
        snprintf(path, sizeof(path), "%s/ledger.db", dir);
        assert_int_equal(stat(path, &before), 0);
        wd_error err = { 0 };
        assert_int_equal(wd_ledger_open(&l, dir, &err), WD_CORRUPT);
        assert_non_null(strstr(err.text, "damaged"));
        assert_non_null(strstr(err.text, "backup"));
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(before.st_size, after.st_size);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_foreign_file_is_refused(void **state)
{
    (void)state;
    char path[PATH_MAX];
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_close(&l);
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    /* user_version stands at offset 60 of the file, big endian; application_id at 68. */
    static const unsigned char newer[] = { 0, 0, 1, 0 };
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, newer, 4, 60), 4);
    wd_error err = { 0 };
    assert_int_equal(wd_ledger_open(&l, dir, &err), WD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "newer"));
    assert_int_equal(pwrite(fd, "ELSE", 4, 68), 4);
    close(fd);
    assert_int_equal(wd_ledger_open(&l, dir, &err), WD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "not a ledger"));
}

static wd_ledger_decision decision_of(uint64_t item, uint64_t cluster)
{
    return (wd_ledger_decision){ .item = item,
                                 .cluster = cluster,
                                 .matched = cluster == item ? 0 : cluster,
                                 .at_ms = 1000 * (int64_t)item,
                                 .verdict = WD_SPAN_LIT("copy"),
                                 .rule = WD_SPAN_LIT("exact-text"),
                                 .cover_this = 1000,
                                 .cover_other = 931,
                                 .longest_run = 44,
                                 .numbers = 3,
                                 .numbers_agreed = 2,
                                 .title = WD_SPAN_LIT("Rates held") };
}

static void a_decision_is_kept_for_those_who_ask(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_arena *arena = wd_arena_new(4096);
    wd_ledger_decision want = decision_of(3, 1), got;
    char title[WD_DECISION_TITLE_BYTES + 2];
    memset(title, 'x', sizeof(title));
    memcpy(title + WD_DECISION_TITLE_BYTES - 1, "\xc3\xa9", 2); /* cut before it, not inside */
    assert_ok(wd_ledger_add_decision(l, &want));
    assert_true(wd_ledger_find_decision(l, 3, arena, &got));
    assert_int_equal(got.matched, 1);
    assert_int_equal(got.cover_other, 931);
    assert_int_equal(got.numbers_agreed, 2);
    assert_span(got.verdict, "copy");
    assert_span(got.title, "Rates held");
    assert_null(got.note.ptr);
    assert_true(got.updated_ms == WD_TIME_NONE);
    assert_ok(wd_ledger_note_update(l, 3, 5000, 5, (wd_span){ title, sizeof(title) }));
    assert_true(wd_ledger_find_decision(l, 3, arena, &got));
    assert_int_equal(got.updated_ms, 5000);
    assert_int_equal(got.changes, 5);
    assert_int_equal(got.title.len, WD_DECISION_TITLE_BYTES - 1);
    assert_false(wd_ledger_find_decision(l, 4, arena, &got));
    wd_arena_free(arena);
    wd_ledger_close(&l);
}

static void a_cluster_lists_its_items_and_forgets_them_with_the_window(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_arena *arena = wd_arena_new(4096);
    uint64_t items[4];
    for (uint64_t i = 1; i <= 6; i++) {
        wd_ledger_decision d = decision_of(i, i % 2 ? 1 : i);
        assert_ok(wd_ledger_add_decision(l, &d));
    }
    assert_int_equal(wd_ledger_cluster_items(l, 1, 3, items, WD_COUNT(items)), 3);
    assert_int_equal(items[2], 5);
    assert_int_equal(wd_ledger_cluster_items(l, 1, 3, items, 2), 2);
    bool left = false;
    assert_ok(wd_ledger_expire(l, 4000, 0, 100, &left));
    wd_ledger_decision got;
    assert_false(wd_ledger_find_decision(l, 3, arena, &got));
    assert_true(wd_ledger_find_decision(l, 4, arena, &got));
    wd_arena_free(arena);
    wd_ledger_close(&l);
}

static void feeds_keep_their_number(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t first, second, again;
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &first));
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("b"), WD_SPAN_LIT("http://b.example/"), &second));
    assert_int_not_equal(first, second);
    wd_ledger_close(&l);
    l = ledger_opened(dir);
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &again));
    assert_int_equal(again, first);
    wd_ledger_close(&l);
}

typedef struct feeds_seen {
    size_t n;
    bool has_etag, has_modified;
    size_t state_len;
} feeds_seen;

static void see_feed(void *ctx, const wd_ledger_feed *feed)
{
    feeds_seen *seen = ctx;
    seen->n++;
    seen->has_etag = feed->etag.ptr != NULL;
    seen->has_modified = feed->last_modified.ptr != NULL;
    seen->state_len = feed->state.len;
}

/* Whether the ledger's file, or its log, holds these bytes. */
static bool file_holds(const char *name, const char *bytes)
{
    static char all[1 << 20];
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(all, 1, sizeof(all), f) : 0;
    if (f != NULL)
        fclose(f);
    return memmem(all, n, bytes, strlen(bytes)) != NULL;
}

static void a_password_in_an_address_is_not_stored(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t feed, again;
    feeds_seen seen = { 0 };
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://me:zq7@a.example/1"),
                                    &feed));
    assert_ok(wd_ledger_put_validators(l, feed, WD_SPAN_LIT("\"e\""), WD_SPAN_NONE));
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://me:new@a.example/1"),
                                    &again));
    assert_int_equal(feed, again);
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_true(seen.has_etag);
    wd_ledger_close(&l);
    assert_true(file_holds("ledger.db", "http://a.example/1"));
    assert_false(file_holds("ledger.db", "zq7"));
}

static void a_password_that_was_stored_once_is_taken_out(void **state)
{
    (void)state;
    sqlite3 *db;
    char path[PATH_MAX];
    wd_ledger *l = ledger_opened(dir);
    feeds_seen seen = { 0 };
    wd_ledger_close(&l);
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO feed(slug, url, etag) VALUES"
                     "('a', 'https://me:zq7@a.example/?m=x@y', 'e'), ('b', 'http://b/@c', NULL);"
                     "DROP TABLE retold; ALTER TABLE text DROP COLUMN feed;"
                     "ALTER TABLE text DROP COLUMN cluster; PRAGMA user_version=3;",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_true(file_holds("ledger.db", "zq7"));
    l = ledger_opened(dir);
    assert_false(file_holds("ledger.db", "zq7"));
    assert_false(file_holds("ledger.db-wal", "zq7"));
    assert_true(file_holds("ledger.db", "https://a.example/?m=x@y"));
    assert_true(file_holds("ledger.db", "http://b/@c"));
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_int_equal(seen.n, 2);
    wd_ledger_close(&l);
}

static void validators_stay_as_given_until_the_url_moves(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t feed;
    feeds_seen seen = { 0 };
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &feed));
    assert_ok(wd_ledger_put_validators(l, feed, WD_SPAN_LIT("W/\"e\""), WD_SPAN_NONE));
    assert_ok(wd_ledger_put_feed_state(l, feed, (wd_span){ "a\0b", 3 }));
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_true(seen.has_etag && !seen.has_modified);
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/2"), &feed));
    seen = (feeds_seen){ 0 };
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.state_len, 3);
    assert_false(seen.has_etag);
    wd_ledger_close(&l);
}

typedef struct texts_seen {
    size_t n;
    uint64_t last;
} texts_seen;

static void see_text(void *ctx, const wd_ledger_text *item)
{
    texts_seen *seen = ctx;
    assert_true(item->item > seen->last);
    assert_span(item->packed, "packed text");
    seen->last = item->item;
    seen->n++;
}

static void texts_and_identities_expire_on_their_own(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item got;
    texts_seen seen = { 0 };
    bool left = true;
    for (uint64_t n = 1; n <= 200; n++)
        add(l, n, (uint32_t)(n % 3));                              /* first seen on day n */
    assert_ok(wd_ledger_touch_id(l, 1, (uint64_t)10 * 7919, 150)); /* 10 % 3 == 1 */
    while (left)
        assert_ok(wd_ledger_expire(l, 101 * WD_DAY_MS, 51, 30, &left));
    assert_ok(wd_ledger_each_text(l, 0, 0, see_text, &seen));
    assert_int_equal(seen.n, 100);
    assert_int_equal(seen.last, 200);
    assert_false(wd_ledger_find_id(l, 2, (uint64_t)50 * 7919, &got));
    assert_false(wd_ledger_find_item(l, 50, &got));
    assert_false(wd_ledger_find_link(l, (uint64_t)50 * 104729, &got));
    assert_true(wd_ledger_find_id(l, 0, (uint64_t)51 * 7919, &got));
    assert_true(wd_ledger_find_id(l, 1, (uint64_t)10 * 7919, &got));
    seen = (texts_seen){ 0 };
    assert_ok(wd_ledger_each_text(l, 0, 150 * WD_DAY_MS, see_text, &seen));
    assert_int_equal(seen.n, 51);
    assert_int_equal(wd_ledger_last_item(l), 200);
    wd_ledger_close(&l);
}

/* Adds items, one transaction each, telling the parent after each commit. */
static void write_until_killed(int to_parent)
{
    wd_ledger *l = NULL;
    wd_error err;
    if (wd_ledger_open(&l, dir, &err) != WD_OK)
        _exit(3);
    for (uint64_t n = wd_ledger_last_item(l) + 1;; n++) {
        wd_outbox_slot slot;
        wd_ledger_item item = item_of(n, 1);
        bool fine = wd_ledger_begin(l) == WD_OK && wd_ledger_add_item(l, &item) == WD_OK &&
                    wd_ledger_next_slot(l, WD_LANE_ITEMS, (int64_t)n, &slot) == WD_OK;
        wd_outbox_row row = { .slot = slot, .type = "item.new", .body = WD_SPAN_LIT("{}") };
        if (!fine || wd_ledger_add_event(l, &row) != WD_OK || wd_ledger_commit(l) != WD_OK)
            _exit(4);
        if (write(to_parent, &n, sizeof(n)) != sizeof(n))
            _exit(5);
    }
}

/* Whatever was reported is there, and what is there is whole. */
static void a_kill_loses_no_committed_item(void **state)
{
    (void)state;
    uint64_t told = 0;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(ends[1]);
        close(ends[1]);
        for (int i = 0; i <= round * 2; i++)
            assert_int_equal(read(ends[0], &told, sizeof(told)), sizeof(told));
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &told, sizeof(told)) == sizeof(told))
            ;
        close(ends[0]);
        wd_ledger *l = ledger_opened(dir);
        wd_outbox_stat stat;
        wd_ledger_item got;
        assert_ok(wd_ledger_outbox_stat(l, WD_LANE_ITEMS, &stat));
        assert_true(wd_ledger_last_item(l) >= told);
        assert_true(wd_ledger_last_item(l) <= told + 1); /* committed, not yet told */
        assert_int_equal(stat.next_seq, wd_ledger_last_item(l) + 1);
        assert_int_equal(stat.waiting, wd_ledger_last_item(l));
        assert_true(wd_ledger_find_item(l, wd_ledger_last_item(l), &got));
        wd_ledger_close(&l);
    }
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_its_keys_over_a_restart),
        TEST(finds_an_item_by_every_name),
        TEST(counts_a_cluster_and_keeps_the_first_link),
        TEST(an_update_raises_the_revision),
        TEST(a_rollback_undoes_rows_and_counters),
        TEST(a_failure_holds_until_the_rollback),
        TEST(says_who_holds_the_lock),
        TEST(a_reader_looks_on_and_writes_nothing),
        TEST(no_ledger_is_not_found_by_a_reader),
        TEST(a_damaged_file_is_named_and_left_alone),
        TEST(a_foreign_file_is_refused),
        TEST(a_decision_is_kept_for_those_who_ask),
        TEST(a_cluster_lists_its_items_and_forgets_them_with_the_window),
        TEST(feeds_keep_their_number),
        TEST(a_password_in_an_address_is_not_stored),
        TEST(a_password_that_was_stored_once_is_taken_out),
        TEST(validators_stay_as_given_until_the_url_moves),
        TEST(texts_and_identities_expire_on_their_own),
        TEST(a_kill_loses_no_committed_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
