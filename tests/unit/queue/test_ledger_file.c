/* The file survives: kill, damage, a second daemon, a reader, a newer or an older version. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "queue/outbox.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

/* Who restores a copy under a running daemon, or clears the directory, is told at once. */
static void a_file_that_was_moved_is_not_written_until_it_is_back(void **state)
{
    (void)state;
    char path[PATH_MAX], aside[PATH_MAX];
    wd_ledger_item got;
    wd_ledger *l = ledger_opened(dir);
    ledger_add(l, 1, 1);
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    snprintf(aside, sizeof(aside), "%s/aside.db", dir);
    assert_false(wd_ledger_moved(l));
    assert_int_equal(rename(path, aside), 0);
    for (int another = 0; another < 2; another++) {
        assert_true(wd_ledger_moved(l));
        assert_int_equal(wd_ledger_begin(l), WD_IO);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* and another in its place */
        assert_true(fd >= 0);
        close(fd);
    }
    assert_int_equal(rename(aside, path), 0);
    assert_false(wd_ledger_moved(l));
    ledger_add(l, 2, 1);
    assert_true(wd_ledger_find_item(l, 2, &got));
    wd_ledger_close(&l);
}

#define PAGE_BYTES 8192 /* of a new file */

static void damage(long at, const char *bytes)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), (long)strlen(bytes));
    close(fd);
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
        wd_ledger_item item = ledger_item_of(n, 1);
        bool fine = wd_ledger_begin(l) == WD_OK && wd_ledger_add_item(l, &item) == WD_OK &&
                    wd_ledger_next_slot(l, WD_LANE_ITEMS, (int64_t)n, &slot) == WD_OK;
        wd_outbox_row row = { .slot = slot, .type = "item.new", .body = WD_SPAN_LIT("{}") };
        if (!fine || wd_ledger_add_event(l, &row) != WD_OK || wd_ledger_commit(l) != WD_OK)
            _exit(4);
        if (write(to_parent, &n, sizeof(n)) != sizeof(n))
            _exit(5);
    }
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
    wd_ledger_item got, item = ledger_item_of(9, 1);
    ledger_add(l, 8, 1);
    assert_ok(wd_ledger_open_read(&reader, dir, &err));
    assert_true(wd_ledger_find_item(reader, 8, &got));
    assert_int_equal(wd_ledger_begin(reader), WD_DENIED);
    assert_int_equal(wd_ledger_add_item(reader, &item), WD_DENIED);
    ledger_add(l, 9, 1);
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

static void a_damaged_file_is_named_and_left_alone(void **state)
{
    (void)state;
    static const long places[] = { 0, PAGE_BYTES + 8, 3 * PAGE_BYTES };
    for (size_t i = 0; i < WD_COUNT(places); i++) {
        char path[PATH_MAX];
        struct stat before, after;
        wd_ledger *l = ledger_opened(dir);
        for (uint64_t n = 1; n < 40; n++)
            ledger_add(l, n, 1);
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
        TEST(says_who_holds_the_lock),
        TEST(a_reader_looks_on_and_writes_nothing),
        TEST(no_ledger_is_not_found_by_a_reader),
        TEST(a_file_that_was_moved_is_not_written_until_it_is_back),
        TEST(a_damaged_file_is_named_and_left_alone),
        TEST(a_foreign_file_is_refused),
        TEST(a_kill_loses_no_committed_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
