/* daemon/verbs/opml_import.c - `opml import`: feeds that are not configured yet, as YAML. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/feed_file.h"
#include "daemon/verbs/opml.h"
#include "daemon/verbs/opml_match.h"
#include "daemon/verbs/progress_line.h"
#include "daemon/verbs/verb.h"

#define YAML_BYTES ((size_t)64 << 20)
#define REMARK     "taken over from a subscription list by `wiredesk opml import`"

struct import {
    wd_verb verb;
    wd_opml_match match;
    const char *list;
    wd_feed_file file; /* written; its path "": none */
    size_t n_added, n_known, n_refused;
    wd_buf yaml;
    wd_span *names; /* of the list as it was, sorted, once one had to be changed; else NULL */
    wd_progress_line progress;
};

/* --- the text --------------------------------------------------------------------- */

static int name_order(const void *a, const void *b)
{
    const wd_span *x = a, *y = b;
    int order = memcmp(x->ptr, y->ptr, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool note_names(struct import *im)
{
    const wd_subscriptions *l = &im->match.list;
    im->names = wd_arena_zalloc(im->match.arena, (l->n + 1) * sizeof(*im->names));
    for (size_t i = 0; im->names != NULL && i < l->n; i++)
        im->names[i] = l->feeds[i].slug;
    if (im->names != NULL)
        qsort(im->names, l->n, sizeof(*im->names), name_order);
    return im->names != NULL;
}

/* The list's own names differ from each other (feeds/subscriptions.h): only one that has to be
 * made anew, since the configuration has it, can meet another. */
static bool name_anew(struct import *im, wd_subscription *s)
{
    const wd_opml_match *m = &im->match;
    if (im->names == NULL && !note_names(im))
        return false;
    s->slug = wd_subscription_slug(m->arena, s->url, true);
    return wd_opml_match_slug(m, s->slug) == NULL &&
           bsearch(&s->slug, im->names, m->list.n, sizeof(*im->names), name_order) == NULL;
}

static void write_feeds(struct import *im)
{
    wd_opml_match *m = &im->match;
    im->progress.progress.of = m->list.n;
    for (size_t i = 0; i < m->list.n; i++) {
        wd_subscription *s = &m->list.feeds[i];
        wd_progress_at(&im->progress.progress, i, (double)i / (double)m->list.n);
        if (m->configured[i] != NULL) {
            im->n_known++;
        } else if (wd_opml_match_slug(m, s->slug) != NULL && !name_anew(im, s)) {
            im->n_refused++;
        } else {
            wd_feed_file_put(&im->yaml, s, NULL);
            im->n_added++;
        }
    }
}

/* --- the file ----------------------------------------------------------------------- */

/* "subs" of "/tmp/subs.opml", with only what file names should have. */
static void stem_of(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(out, size, "%.48s", slash ? slash + 1 : path);
    char *dot = strrchr(out, '.');
    if (dot != NULL)
        *dot = '\0';
    for (char *c = out; *c != '\0'; c++)
        if (!wd_subscription_slug_valid((wd_span){ c, 1 }))
            *c = '-';
    if (out[0] == '\0')
        snprintf(out, size, "list");
}

static int save(struct import *im)
{
    char stem[64];
    stem_of(im->list, stem, sizeof(stem));
    im->file = (wd_feed_file){
        .config = im->match.config, .kind = WD_FEED_FILE_NEW, .stem = stem, .remark = REMARK
    };
    return wd_feed_file_write(&im->file, &im->verb, wd_buf_span(&im->yaml)) ? WD_EXIT_OK
                                                                            : WD_EXIT_FAILED;
}

/* --- the report ------------------------------------------------------------------------ */

static void report_json(const struct import *im)
{
    wd_buf line = WD_BUF_INIT(PATH_MAX + 1024u);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "added", (int64_t)im->n_added);
    wd_json_put_int(&j, "known", (int64_t)im->n_known);
    wd_json_put_int(&j, "repeated", (int64_t)im->match.list.n_repeated);
    wd_json_put_int(&j, "unusable", (int64_t)(im->match.list.n_unusable + im->n_refused));
    wd_json_put_opt(&j, "file", wd_span_of(im->file.path));
    wd_json_end_object(&j);
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

static void report(const struct import *im, FILE *out)
{
    const wd_subscriptions *l = &im->match.list;
    if (im->n_added == 0)
        fprintf(out, "nothing to add");
    else
        fprintf(out, "%zu feed%s added%s%s", im->n_added, im->n_added == 1 ? "" : "s",
                im->file.path[0] ? " in " : "", im->file.path);
    fprintf(out, "; %zu were configured already", im->n_known);
    if (l->n_repeated > 0)
        fprintf(out, "; %zu stood there twice", l->n_repeated);
    if (l->n_unusable + im->n_refused > 0)
        fprintf(out, "; %zu left out: neither http nor https", l->n_unusable + im->n_refused);
    fprintf(out, "\n");
}

int wd_opml_import(int argc, char **argv)
{
    struct import im = { .yaml = WD_BUF_INIT(YAML_BYTES) };
    bool print = false;
    int rest, code;
    const wd_option options[] = { { .name = "--print", .flag = &print }, { .name = NULL } };
    if (!wd_verb_begin(&im.verb, argc, argv, options, &rest))
        return WD_EXIT_USAGE;
    if (argc - rest != 1) {
        wd_verb_fail(&im.verb, NULL, "give one OPML file");
        return WD_EXIT_USAGE;
    }
    im.list = argv[rest];
    wd_progress_line_begin(&im.progress, im.verb.name, "feeds");
    if (!wd_opml_match_open(&im.match, &im.verb, im.list, &code))
        return code;
    code = WD_EXIT_OK;
    write_feeds(&im);
    wd_progress_line_end(&im.progress);
    if (wd_buf_status(&im.yaml) != WD_OK)
        code = WD_EXIT_FAILED;
    else if (print && im.n_added > 0)
        printf("# " REMARK "\nfeeds:\n%s", im.yaml.ptr);
    else if (im.n_added > 0)
        code = save(&im);
    if (code == WD_EXIT_OK && im.verb.json && !print)
        report_json(&im);
    else if (code == WD_EXIT_OK)
        report(&im, print ? stderr : stdout);
    if (code == WD_EXIT_OK && im.file.path[0] != '\0')
        wd_verb_next(&im.verb, "ctl reload");
    wd_buf_done(&im.yaml);
    wd_opml_match_close(&im.match);
    return fflush(stdout) == 0 ? code : WD_EXIT_FAILED;
}
