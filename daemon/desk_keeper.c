/* daemon/desk_keeper.c - an image now and then, and what came since from the ledger.
 *
 * The ledger is the truth; the image only spares reading all of it.  Its mark is in the ledger
 * before its first byte is written, so whatever is killed when, a start finds either the image
 * that belongs to this ledger, or that there is none. */
#include "daemon/desk_keeper.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/hash.h"
#include "daemon/image_writer.h"
#include "dedup/image.h"
#include "queue/ledger_desk.h"

/* Between two slices: a disk of 200 MB/s is not kept busier. */
#define TURN_MS 5u

/* An image is also not written before this share of the items is new: what a start has to put
 * back grows with the desk, and so does the image. */
#define SHARE_DUE 64u

/* At a stop one is written when more than this share is new: the start is quicker by as much as
 * the stop is slower. */
#define SHARE_LEFT 16u

/* After a failure (a full disk): not at once. */
#define AGAIN_MS WD_MINUTE_MS

struct wd_desk_keeper {
    wd_desk_keeping is;
    bool has_image;
    uint64_t from;           /* the image knows the items before this one */
    wd_image_writer *writer; /* NULL: none is being taken */
    wd_image_taking taking;
    bool taken; /* all slices */
    uint64_t retold;
    bool unsaid; /* it is in its place, and the ledger could not be told */
    int64_t again_ms;
    bool failed; /* said so */
    struct {     /* at a start */
        uint64_t n, first, last;
        int64_t begun_ms;
        bool whole; /* everything is read, no image helped */
    } fill;
};

/* --- at a start ---------------------------------------------------------- */

static int64_t now_ms(void)
{
    return wd_boot_ms(wd_clock_system());
}

/* Texts come in the order of their numbers. */
static void tell_progress(wd_desk_keeper *k, uint64_t item)
{
    if (k->fill.n++ == 0)
        k->fill.first = item;
    if (k->is.progress != NULL)
        wd_progress_at(k->is.progress, k->fill.n,
                       (double)(item - k->fill.first) / (double)(k->fill.last - k->fill.first + 1));
}

static wd_desk_memory memory_of(const wd_desk_keeper *k, const wd_ledger_text *t)
{
    const wd_feed_fact *fact = wd_feed_facts_get(k->is.facts, t->feed);
    return (wd_desk_memory){ .item = t->item,
                             .cluster = t->cluster,
                             .feed = t->feed,
                             .group = fact->group,
                             .trust = fact->trust,
                             .first_seen_ms = t->first_seen_ms,
                             .packed = t->packed };
}

/* A text that cannot be read back is one the desk will meet as new again: told twice rather
 * than never. */
static void restore(void *ctx, const wd_ledger_text *text)
{
    wd_desk_keeper *k = ctx;
    wd_desk_memory m = memory_of(k, text);
    tell_progress(k, text->item);
    if (wd_desk_restore(k->is.desk, &m) != WD_OK)
        return;
}

static void retell(void *ctx, const wd_ledger_text *text)
{
    wd_desk_keeper *k = ctx;
    wd_desk_memory m = memory_of(k, text);
    if (wd_desk_retell(k->is.desk, &m) != WD_OK)
        return;
}

static void look_up_feed(void *ctx, uint32_t feed, uint32_t *group, wd_trust *trust)
{
    const wd_feed_fact *fact = wd_feed_facts_get(((wd_desk_keeper *)ctx)->is.facts, feed);
    *group = fact->group;
    *trust = fact->trust;
}

static void say_unfit(const wd_desk_keeper *k, wd_status s)
{
    wd_warn(k->is.log, "storage.image_unfit", WD_FIELDS({ "REASON", wd_status_text(s) }),
            "the image of the texts in memory is %s; they are read from the ledger one by one, "
            "which takes some 10 seconds a million",
            s == WD_NOTFOUND ? "missing"
                             : "damaged, or of another size, program or copy of the ledger");
}

static void say_filled(const wd_desk_keeper *k)
{
    wd_desk_stats stats;
    wd_desk_get_stats(k->is.desk, &stats);
    char items[32], count[32];
    snprintf(items, sizeof(items), "%lu", (unsigned long)stats.items);
    snprintf(count, sizeof(count), "%llu", (unsigned long long)k->fill.n);
    wd_info(k->is.log, "storage.filled", WD_FIELDS({ "ITEMS", items }, { "COUNT", count }),
            "%s texts are in memory after %.1f s: %s of them from the ledger, %s", items,
            (double)(now_ms() - k->fill.begun_ms) / 1000, count,
            k->fill.whole ? "without an image" : "the rest from the image");
}

/* From the last image and what came after it, or else text by text. */
static wd_status fill(wd_desk_keeper *k)
{
    uint64_t marks[2];
    int64_t since_ms = wd_wall_ms(wd_clock_system()) - k->is.window_ms;
    wd_image_writer_sweep(k->is.dir);
    wd_ledger_image_marks(k->is.ledger, marks);
    wd_status s = wd_desk_load(k->is.desk, k->is.dir, marks, &k->from);
    k->has_image = s == WD_OK;
    k->fill.whole = !k->has_image;
    if (s != WD_OK && s != WD_NOTFOUND && s != WD_CORRUPT)
        return s;
    if (k->has_image) {
        wd_desk_set_feeds(k->is.desk, look_up_feed, k);
    } else {
        if (marks[0] != 0)
            say_unfit(k, s);
        k->from = 0;
        s = wd_ledger_finish_image(k->is.ledger, 0, 0);
        if (s != WD_OK)
            return s;
    }
    s = wd_ledger_each_text(k->is.ledger, k->from, since_ms, restore, k);
    if (s == WD_OK && k->has_image)
        s = wd_ledger_each_retold(k->is.ledger, retell, k);
    wd_desk_restored(k->is.desk);
    return s;
}

wd_status wd_desk_keeper_open(wd_desk_keeper **out, const wd_desk_keeping *what)
{
    wd_desk_keeper *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return WD_NOMEM;
    wd_desk_stats stats;
    wd_desk_get_stats(what->desk, &stats);
    k->is = *what;
    k->fill.begun_ms = now_ms();
    k->fill.last = stats.next - 1;
    wd_status s = fill(k);
    if (s != WD_OK) {
        free(k);
        return s;
    }
    say_filled(k);
    *out = k;
    return WD_OK;
}

/* --- images -------------------------------------------------------------- */

static bool is_due(const wd_desk_keeper *k)
{
    wd_desk_stats stats;
    wd_desk_get_stats(k->is.desk, &stats);
    uint64_t from = k->has_image ? k->from : 1, share = stats.items / SHARE_DUE;
    uint64_t after = k->is.image_after > share ? k->is.image_after : share;
    return stats.next - from >= after && now_ms() >= k->again_ms;
}

static void say_failed(wd_desk_keeper *k, wd_status s)
{
    k->again_ms = now_ms() + AGAIN_MS;
    if (k->failed)
        return;
    k->failed = true;
    wd_warn(k->is.log, "storage.image_failed", WD_FIELDS({ "REASON", wd_status_text(s) }),
            "the image of the texts in memory could not be written (%s): a start after a kill "
            "would take longer; it is tried again every minute",
            wd_status_text(s));
}

static wd_status tell_ledger(wd_desk_keeper *k)
{
    wd_status s = wd_ledger_finish_image(k->is.ledger, k->taking.mark, k->retold);
    k->unsaid = s != WD_OK;
    return s;
}

static wd_status begin(wd_desk_keeper *k)
{
    uint64_t mark = wd_random64() | 1;
    wd_status s = k->unsaid ? tell_ledger(k) : WD_OK;
    if (s == WD_OK)
        s = wd_ledger_begin_image(k->is.ledger, mark, &k->retold);
    if (s == WD_OK)
        s = wd_image_writer_open(&k->writer, k->is.dir);
    if (s == WD_OK)
        wd_image_start(&k->taking, k->is.desk, k->is.dir, mark);
    k->taken = false;
    return s;
}

/* WD_OK: go on. */
static wd_status take_slice(wd_desk_keeper *k, bool wait)
{
    size_t bytes = 0;
    char *room = wd_image_writer_room(k->writer, wait);
    if (room == NULL)
        return WD_OK;
    wd_status s = wd_image_next(&k->taking, room, &bytes);
    if (s != WD_OK)
        return s;
    k->taken = bytes == 0;
    if (k->taken)
        wd_image_writer_finish(k->writer, wd_image_words_file(&k->taking));
    else
        wd_image_writer_put(k->writer, bytes);
    return WD_OK;
}

static void end(wd_desk_keeper *k, wd_status s)
{
    wd_image_writer_close(&k->writer);
    if (s == WD_OK) {
        k->has_image = true;
        k->from = k->taking.from;
        s = tell_ledger(k);
    }
    if (s != WD_OK)
        say_failed(k, s);
    else
        k->failed = false;
}

/* False: it is at its end, in whichever way. */
static bool go_on(wd_desk_keeper *k, bool wait)
{
    wd_status s = WD_OK;
    if (!k->taken && (s = take_slice(k, wait)) == WD_OK)
        return true;
    if (s == WD_OK && !wd_image_writer_done(k->writer, &s, wait))
        return true;
    end(k, s);
    return false;
}

uint64_t wd_desk_keeper_turn(wd_desk_keeper *k)
{
    if (k->writer == NULL) {
        if (!is_due(k))
            return WD_DESK_KEEPER_IDLE;
        wd_status s = begin(k);
        if (s != WD_OK) {
            say_failed(k, s);
            return WD_DESK_KEEPER_IDLE;
        }
    }
    return go_on(k, false) ? TURN_MS : WD_DESK_KEEPER_IDLE;
}

wd_status wd_desk_keeper_retold(wd_desk_keeper *k, uint64_t item)
{
    return k->has_image || k->writer != NULL ? wd_ledger_note_retold(k->is.ledger, item) : WD_OK;
}

static bool worth_leaving(const wd_desk_keeper *k)
{
    wd_desk_stats stats;
    wd_desk_get_stats(k->is.desk, &stats);
    uint64_t from = k->has_image ? k->from : 1;
    return stats.items > 0 && stats.next - from > stats.items / SHARE_LEFT;
}

void wd_desk_keeper_close(wd_desk_keeper **keeper, bool whole)
{
    wd_desk_keeper *k = *keeper;
    *keeper = NULL;
    if (k == NULL)
        return;
    if (k->writer != NULL && k->taken)
        (void)go_on(k, true);
    wd_image_writer_close(&k->writer); /* the one before stands */
    if (whole && worth_leaving(k) && begin(k) == WD_OK)
        while (go_on(k, true))
            ;
    wd_image_writer_close(&k->writer);
    free(k);
}
