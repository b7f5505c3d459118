/* Names to addresses on threads, with a resolver of the test's own that can be held up. */
#include <semaphore.h>
#include <stdatomic.h>

#include "feeds/resolver.h"
#include "tests/support/check.h"

#define MANY 40

struct waiter {
    wd_lookup lookup;
    int told;
    bool late;
    wd_dns_answer answer;
};

struct world {
    uv_loop_t loop;
    wd_resolver *resolver;
    struct waiter waiters[MANY];
    sem_t go; /* "stuck..." waits for it */
    atomic_int looks, inside, most;
};

static void look(void *ctx, const char *name, wd_dns_answer *out)
{
    struct world *w = ctx;
    int inside = atomic_fetch_add(&w->inside, 1) + 1;
    atomic_fetch_add(&w->looks, 1);
    if (inside > atomic_load(&w->most))
        atomic_store(&w->most, inside);
    if (strncmp(name, "stuck", 5) == 0)
        sem_wait(&w->go);
    out->absent = strncmp(name, "absent", 6) == 0;
    if (!out->absent) {
        out->n = 1;
        out->addresses[0] = (wd_dns_address){ 4, { 192, 0, 2, (uint8_t)strlen(name) } };
    }
    atomic_fetch_sub(&w->inside, 1);
}

static struct world *world_open(void)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    uv_loop_init(&w->loop);
    sem_init(&w->go, 0, 0);
    const wd_resolver_spec spec = { .loop = &w->loop, .look = look, .ctx = w };
    assert_ok(wd_resolver_open(&w->resolver, &spec));
    return w;
}

static void on_done(wd_lookup *l, const wd_dns_answer *answer)
{
    struct waiter *one = wd_owner(l, struct waiter, lookup);
    one->told++;
    one->late = answer == NULL;
    if (answer != NULL)
        one->answer = *answer;
}

static const wd_dns_answer *ask(struct world *w, size_t i, const char *name, int64_t wait_ms)
{
    return wd_resolver_ask(w->resolver, wd_span_of(name), wait_ms, &w->waiters[i].lookup, on_done);
}

static void run_until_told(struct world *w, size_t i)
{
    while (!w->waiters[i].told)
        uv_run(&w->loop, UV_RUN_ONCE);
}

static void world_close(struct world *w)
{
    wd_resolver_close(&w->resolver);
    assert_null(w->resolver);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    for (int i = 0; i < MANY; i++)
        sem_post(&w->go);
    while (atomic_load(&w->inside) > 0) /* threads that were left behind */
        uv_sleep(1);
    free(w);
}

static void one_lookup_serves_all_who_ask(void **state)
{
    (void)state;
    struct world *w = world_open();
    for (size_t i = 0; i < 5; i++)
        assert_null(ask(w, i, i % 2 ? "STUCK.example" : "stuck.example", 60000));
    assert_int_equal(w->waiters[0].told, 0);
    sem_post(&w->go);
    for (size_t i = 0; i < 5; i++) {
        run_until_told(w, i);
        assert_int_equal(w->waiters[i].answer.n, 1);
    }
    assert_int_equal(atomic_load(&w->looks), 1);
    const wd_dns_answer *known = ask(w, 5, "stuck.example", 60000);
    assert_non_null(known);
    assert_int_equal(known->addresses[0].bytes[3], strlen("stuck.example"));
    wd_resolver_forget(w->resolver, WD_SPAN_LIT("stuck.example"));
    assert_null(ask(w, 5, "stuck.example", 60000));
    sem_post(&w->go);
    run_until_told(w, 5);
    assert_int_equal(atomic_load(&w->looks), 2);
    world_close(w);
}

static void a_name_that_is_not_there_is_not_asked_for_again(void **state)
{
    (void)state;
    struct world *w = world_open();
    assert_null(ask(w, 0, "absent.example", 60000));
    run_until_told(w, 0);
    assert_true(w->waiters[0].answer.absent);
    const wd_dns_answer *known = ask(w, 1, "absent.example", 60000);
    assert_non_null(known);
    assert_true(known->absent && known->n == 0);
    assert_int_equal(atomic_load(&w->looks), 1);
    world_close(w);
}

static void no_more_than_32_at_once(void **state)
{
    (void)state;
    struct world *w = world_open();
    char name[32];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "stuck%zu.example", i);
        assert_null(ask(w, i, name, 60000));
    }
    while (atomic_load(&w->inside) < WD_RESOLVER_THREADS)
        uv_sleep(1);
    uv_sleep(20);
    assert_int_equal(atomic_load(&w->looks), WD_RESOLVER_THREADS);
    for (size_t i = 0; i < MANY; i++)
        sem_post(&w->go);
    for (size_t i = 0; i < MANY; i++)
        run_until_told(w, i);
    assert_int_equal(atomic_load(&w->looks), MANY);
    assert_int_equal(atomic_load(&w->most), WD_RESOLVER_THREADS);
    world_close(w);
}

static void who_waited_long_enough_is_told_so(void **state)
{
    (void)state;
    struct world *w = world_open();
    assert_null(ask(w, 0, "stuck.example", 100));
    assert_null(ask(w, 1, "stuck.example", 60000));
    run_until_told(w, 0);
    assert_true(w->waiters[0].late);
    assert_int_equal(w->waiters[1].told, 0);
    wd_resolver_cancel(w->resolver, &w->waiters[1].lookup);
    wd_resolver_cancel(w->resolver, &w->waiters[1].lookup);
    assert_null(ask(w, 2, "quick.example", 60000)); /* a stuck one holds up nobody */
    run_until_told(w, 2);
    assert_int_equal(w->waiters[2].answer.n, 1);
    assert_int_equal(w->waiters[1].told, 0);
    world_close(w); /* does not wait for it either */
}

static void the_system_knows_this_machine(void **state)
{
    (void)state;
    struct world *w = world_open();
    wd_resolver_close(&w->resolver);
    const wd_resolver_spec spec = { .loop = &w->loop };
    assert_ok(wd_resolver_open(&w->resolver, &spec));
    assert_null(ask(w, 0, "localhost", 60000));
    run_until_told(w, 0);
    assert_true(w->waiters[0].answer.n >= 1);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_lookup_serves_all_who_ask),
        cmocka_unit_test(a_name_that_is_not_there_is_not_asked_for_again),
        cmocka_unit_test(no_more_than_32_at_once),
        cmocka_unit_test(who_waited_long_enough_is_told_so),
        cmocka_unit_test(the_system_knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
