/* feeds/resolver.c - a queue of names, threads that take from it, an async handle back.
 *
 * getaddrinfo() cannot be called off, so a thread may outlive the resolver: what threads
 * touch is the pool, which the last one out frees.  A job belongs to the loop side until a
 * thread takes it, and again once it lies in `finished`. */
#include "feeds/resolver.h"

#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMES_KEPT   16384 /* some 4 MB: all that 50 polls a second ask for in five minutes */
#define IDLE_S       10    /* then a thread without work goes */
#define STACK_BYTES  (512 * 1024) /* getaddrinfo and its plugins; the default is 8 MB */
#define LOOK_LATE_MS 250
#define NS_A_MS      1000000

struct job {
    wd_link link;    /* in pool.todo or pool.finished, while it is in one */
    wd_link pending; /* in wd_resolver.jobs */
    wd_link waiters;
    bool taken; /* by a thread; under the pool's lock */
    wd_dns_answer answer;
    size_t len;
    char name[];
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    wd_link todo, finished;
    unsigned users; /* threads, and the resolver; the last one frees */
    unsigned threads, idle, queued;
    bool closed;
    wd_resolver *resolver; /* for its async handle; not once closed */
    wd_resolver_spec spec;
};

struct wd_resolver {
    uv_async_t back;
    uv_timer_t late; /* looks for those who have waited long enough */
    unsigned open_handles;
    wd_dns_cache *cache;
    struct pool *pool;
    wd_link jobs;
};

static int64_t now_ms(void)
{
    return (int64_t)(uv_hrtime() / NS_A_MS);
}

/* --- the threads' side --------------------------------------------------------------- */

static void add_address(wd_dns_answer *out, const struct sockaddr *a)
{
    wd_dns_address found = { .n_bytes = a->sa_family == AF_INET6 ? 16 : 4 };
    size_t alike = 0;
    for (size_t i = 0; i < out->n; i++)
        alike += out->addresses[i].n_bytes == found.n_bytes;
    if (alike >= WD_DNS_PER_FAMILY)
        return;
    if (a->sa_family == AF_INET6)
        memcpy(found.bytes, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
    else
        memcpy(found.bytes, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
    out->addresses[out->n++] = found;
}

static void ask_system(void *ctx, const char *name, wd_dns_answer *out)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    (void)ctx;
    int rc = getaddrinfo(name, NULL, &hints, &list);
    for (const struct addrinfo *i = list; rc == 0 && i != NULL; i = i->ai_next)
        if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
            add_address(out, i->ai_addr);
    out->absent = rc == EAI_NONAME || rc == EAI_NODATA;
    if (list != NULL)
        freeaddrinfo(list);
}

static void pool_leave(struct pool *p) /* with the lock, which is gone afterwards */
{
    bool last = --p->users == 0;
    pthread_mutex_unlock(&p->lock);
    if (!last)
        return;
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* False: there was no work for long. */
static bool wait_for_work(struct pool *p)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    int rc = 0;
    p->idle++;
    while (rc == 0 && !p->closed && wd_list_empty(&p->todo))
        rc = pthread_cond_timedwait(&p->work, &p->lock, &until);
    p->idle--;
    return !p->closed && !wd_list_empty(&p->todo);
}

static void *serve(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    while (wait_for_work(p)) {
        struct job *j = wd_owner(wd_list_pop(&p->todo), struct job, link);
        p->queued--;
        j->taken = true;
        pthread_mutex_unlock(&p->lock);
        p->spec.look(p->spec.ctx, j->name, &j->answer);
        pthread_mutex_lock(&p->lock);
        if (p->closed) {
            free(j);
            break;
        }
        wd_list_push(&p->finished, &j->link);
        uv_async_send(&p->resolver->back);
    }
    p->threads--;
    pool_leave(p);
    return NULL;
}

/* With the lock.  Signals are the loop thread's business. */
static void add_thread(struct pool *p)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_attr_init(&attr) != 0)
        return;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, &attr, serve, p) == 0) {
        p->threads++;
        p->users++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
}

static struct pool *pool_new(wd_resolver *r, const wd_resolver_spec *spec)
{
    pthread_condattr_t attr;
    struct pool *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return NULL;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, &attr);
    pthread_condattr_destroy(&attr);
    wd_list_init(&p->todo);
    wd_list_init(&p->finished);
    p->users = 1;
    p->resolver = r;
    p->spec = *spec;
    if (p->spec.look == NULL)
        p->spec.look = ask_system;
    return p;
}

/* --- the loop's side ------------------------------------------------------------------- */

static void job_free(struct job *j)
{
    wd_list_remove(&j->pending);
    free(j);
}

static void tell(wd_lookup *l, const wd_dns_answer *answer)
{
    wd_list_remove(&l->link);
    l->job = NULL;
    l->done(l, answer);
}

static void came_back(uv_async_t *back)
{
    wd_resolver *r = wd_owner(back, wd_resolver, back);
    wd_link finished;
    wd_list_init(&finished);
    pthread_mutex_lock(&r->pool->lock);
    while (!wd_list_empty(&r->pool->finished))
        wd_list_push(&finished, wd_list_pop(&r->pool->finished));
    pthread_mutex_unlock(&r->pool->lock);
    while (!wd_list_empty(&finished)) {
        struct job *j = wd_owner(wd_list_pop(&finished), struct job, link);
        wd_dns_cache_put(r->cache, (wd_span){ j->name, j->len }, &j->answer, now_ms());
        wd_list_remove(&j->pending); /* who asks from now on finds it in the cache */
        while (!wd_list_empty(&j->waiters))
            tell(wd_owner(j->waiters.next, wd_lookup, link), &j->answer);
        free(j);
    }
}

/* A job that nobody waits for and that no thread has begun is not worth a lookup. */
static void drop_if_idle(wd_resolver *r, struct job *j)
{
    if (!wd_list_empty(&j->waiters))
        return;
    pthread_mutex_lock(&r->pool->lock);
    bool taken = j->taken;
    if (!taken) {
        wd_list_remove(&j->link);
        r->pool->queued--;
    }
    pthread_mutex_unlock(&r->pool->lock);
    if (!taken)
        job_free(j);
}

static wd_lookup *find_late(const wd_resolver *r, int64_t now)
{
    for (wd_link *j = r->jobs.next; j != &r->jobs; j = j->next) {
        const wd_link *waiters = &wd_owner(j, struct job, pending)->waiters;
        for (wd_link *l = waiters->next; l != waiters; l = l->next)
            if (wd_owner(l, wd_lookup, link)->until_ms <= now)
                return wd_owner(l, wd_lookup, link);
    }
    return NULL;
}

static void look_for_late(uv_timer_t *late)
{
    wd_resolver *r = wd_owner(late, wd_resolver, late);
    int64_t now = now_ms();
    for (wd_lookup *l; (l = find_late(r, now)) != NULL;) {
        struct job *j = l->job;
        wd_list_remove(&l->link);
        drop_if_idle(r, j);
        tell(l, NULL);
    }
    if (wd_list_empty(&r->jobs))
        uv_timer_stop(&r->late);
}

static struct job *job_find(const wd_resolver *r, wd_span name)
{
    for (wd_link *l = r->jobs.next; l != &r->jobs; l = l->next) {
        struct job *j = wd_owner(l, struct job, pending);
        if (wd_span_eq_nocase((wd_span){ j->name, j->len }, name))
            return j;
    }
    return NULL;
}

static struct job *job_new(wd_resolver *r, wd_span name)
{
    struct job *j = calloc(1, sizeof(*j) + name.len + 1);
    if (j == NULL)
        return NULL;
    memcpy(j->name, name.ptr, name.len);
    j->len = name.len;
    wd_list_init(&j->waiters);
    wd_list_init(&j->link);
    wd_list_init(&j->pending);
    struct pool *p = r->pool;
    pthread_mutex_lock(&p->lock);
    if (p->idle <= p->queued && p->threads < WD_RESOLVER_THREADS)
        add_thread(p);
    bool served = p->threads > 0;
    if (served) {
        wd_list_push(&p->todo, &j->link);
        p->queued++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    if (!served) {
        free(j);
        return NULL;
    }
    wd_list_push(&r->jobs, &j->pending);
    return j;
}

/* --- interface ---------------------------------------------------------------------------- */

static void handle_closed(wd_resolver *r)
{
    if (--r->open_handles > 0)
        return;
    wd_dns_cache_free(r->cache);
    free(r);
}

static void back_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_resolver, back));
}

static void late_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_resolver, late));
}

wd_status wd_resolver_open(wd_resolver **out, const wd_resolver_spec *spec)
{
    wd_resolver *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_NOMEM;
    r->cache = wd_dns_cache_new(NAMES_KEPT);
    r->pool = pool_new(r, spec);
    if (r->cache == NULL || r->pool == NULL || uv_async_init(spec->loop, &r->back, came_back)) {
        wd_dns_cache_free(r->cache);
        free(r->pool);
        free(r);
        return WD_NOMEM;
    }
    uv_unref((uv_handle_t *)&r->back); /* who waits keeps the loop alive, not the waiting */
    uv_timer_init(spec->loop, &r->late);
    wd_list_init(&r->jobs);
    r->open_handles = 2;
    *out = r;
    return WD_OK;
}

const wd_dns_answer *wd_resolver_ask(
    wd_resolver *r, wd_span name, int64_t wait_ms, wd_lookup *l, wd_lookup_done done)
{
    static const wd_dns_answer failed = { .n = 0 };
    const wd_dns_answer *known = wd_dns_cache_find(r->cache, name, now_ms());
    if (known != NULL)
        return known;
    struct job *j = job_find(r, name);
    if (j == NULL)
        j = job_new(r, name);
    if (j == NULL)
        return &failed;
    *l = (wd_lookup){ .job = j, .until_ms = now_ms() + wait_ms, .done = done };
    wd_list_push(&j->waiters, &l->link);
    if (!uv_is_active((uv_handle_t *)&r->late))
        uv_timer_start(&r->late, look_for_late, LOOK_LATE_MS, LOOK_LATE_MS);
    return NULL;
}

void wd_resolver_cancel(wd_resolver *r, wd_lookup *l)
{
    if (l->job == NULL)
        return;
    struct job *j = l->job;
    wd_list_remove(&l->link);
    l->job = NULL;
    drop_if_idle(r, j);
}

void wd_resolver_forget(wd_resolver *r, wd_span name)
{
    wd_dns_cache_forget(r->cache, name);
}

void wd_resolver_close(wd_resolver **resolver)
{
    wd_resolver *r = *resolver;
    if (r == NULL)
        return;
    *resolver = NULL;
    struct pool *p = r->pool;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    p->resolver = NULL;
    wd_link *ours[] = { &p->todo, &p->finished };
    for (size_t i = 0; i < WD_COUNT(ours); i++)
        while (!wd_list_empty(ours[i]))
            free(wd_owner(wd_list_pop(ours[i]), struct job, link));
    pthread_cond_broadcast(&p->work);
    pool_leave(p);
    uv_close((uv_handle_t *)&r->back, back_closed);
    uv_close((uv_handle_t *)&r->late, late_closed);
}
