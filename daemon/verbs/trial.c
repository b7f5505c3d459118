/* daemon/verbs/trial.c - request, answer, reading, schedule: the poll's own functions in its order.
 */
#include "daemon/verbs/trial.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "daemon/story_identity.h"
#include "feeds/answer.h"
#include "feeds/feed_state.h"
#include "queue/ledger_items.h"

static void on_line(void *ctx, wd_span url, wd_span line)
{
    wd_trial *t = ctx;
    wd_span text = wd_span_trim(line);
    if (text.len == 0 || t->n_lines == WD_TRIAL_LINES)
        return;
    t->lines[t->n_lines++] =
        (wd_trial_line){ .url = url, .text = wd_arena_copy(t->poll.arena, text) };
}

static void ask(wd_trial *t, wd_errand *errand, const wd_feed_config *feed)
{
    wd_http_request request = wd_http_request_of(feed);
    request.validators = &t->sent;
    request.one_off = true;
    request.arena = t->poll.arena;
    request.watch = on_line;
    request.watch_ctx = t;
    wd_errand_run(errand, &request, &t->reply);
    t->poll.fetched_ms = t->now_ms;
    wd_answer_fill(&t->poll, &t->reply, &t->sent);
}

static wd_trial_known look_up(wd_trial *t, wd_ledger *ledger, wd_story *story)
{
    wd_ledger_item row;
    if (!wd_story_identify(&t->poll, story, ledger) ||
        !wd_ledger_find_id(ledger, t->poll.state.feed, story->fp.id_key, &row))
        return WD_TRIAL_NEW;
    return row.content_hash == story->fp.content_hash ? WD_TRIAL_KNOWN : WD_TRIAL_CHANGED;
}

/* What a desk would say by identity alone; copies it would recognise are not looked for. */
static void compare(wd_trial *t, wd_ledger *ledger)
{
    const wd_reading *r = t->reading;
    wd_poll_reading *facts = &t->poll.reading;
    wd_trial_known *known =
        ledger ? wd_arena_zalloc(t->poll.arena, (r->n_stories + 1) * sizeof(*known)) : NULL;
    for (size_t i = 0; known != NULL && i < r->n_stories; i++) {
        known[i] = look_up(t, ledger, &r->stories[i]);
        facts->items_new += known[i] == WD_TRIAL_NEW;
        facts->items_updated += known[i] == WD_TRIAL_CHANGED;
    }
    if (known == NULL)
        facts->items_new = (uint32_t)r->n_stories;
    t->known = known;
}

static void read_document(wd_trial *t, wd_ledger *ledger)
{
    const wd_reading_spec spec = { .hash_key = ledger ? wd_ledger_hash_key(ledger) : 0,
                                   .backfill = t->config->schedule.backfill,
                                   .now_ms = t->now_ms };
    if (t->poll.answer != WD_ANSWER_DOCUMENT && t->poll.answer != WD_ANSWER_SAME_BODY)
        return;
    wd_reading_make(&t->poll, &spec); /* a body of last time too: somebody wants to see it */
    t->reading = t->poll.payload;
    if (t->reading != NULL)
        compare(t, ledger);
}

/* Never a cut one: it would match nothing. */
static void copy_validator(char to[WD_VALIDATOR_BYTES], const char *from)
{
    size_t n = from != NULL ? strlen(from) : 0;
    if (n > 0 && n < WD_VALIDATOR_BYTES)
        memcpy(to, from, n + 1);
}

bool wd_trial_make(wd_trial **out, const wd_trial_spec *spec)
{
    wd_errand errand;
    wd_trial *t = calloc(1, sizeof(*t));
    wd_arena *arena = t ? wd_arena_new(WD_POLL_ARENA_BYTES) : NULL;
    if (arena == NULL || !wd_errand_open(&errand, spec->config)) {
        wd_arena_free(arena);
        free(t);
        return false;
    }
    t->config = spec->config;
    t->now_ms = wd_wall_ms(wd_clock_system());
    copy_validator(t->sent.etag, spec->etag);
    copy_validator(t->sent.last_modified, spec->last_modified);
    t->poll = (wd_poll){ .config = spec->feed,
                         .state = spec->state ? *spec->state : wd_feed_state_new(0),
                         .arena = arena,
                         .started_ms = t->now_ms,
                         .conditional = t->sent.etag[0] || t->sent.last_modified[0],
                         .stretch = 1 };
    ask(t, &errand, spec->feed);
    wd_errand_close(&errand);
    read_document(t, spec->ledger);
    const wd_schedule_policy policy = wd_fetcher_policy(spec->config);
    wd_schedule_after(&policy, &t->poll, t->now_ms, 0);
    *out = t;
    return true;
}

void wd_trial_free(wd_trial *t)
{
    if (t != NULL)
        wd_arena_free(t->poll.arena);
    free(t);
}

bool wd_trial_worked(const wd_trial *t)
{
    return t->poll.state.last_reason == WD_REASON_NONE;
}
