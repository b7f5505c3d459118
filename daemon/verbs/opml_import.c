/* daemon/verbs/opml_import.c - `opml import`: feeds that are not configured yet, as YAML. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/opml.h"
#include "daemon/verbs/opml_match.h"
#include "daemon/verbs/verb.h"

#define YAML_BYTES ((size_t)64 << 20)

/* So many lists of one name beside each other; more is a mistake in a script. */
#define MOST_FILES 99

struct import {
    wd_verb verb;
    wd_opml_match match;
    const char *list;
    char target[PATH_MAX]; /* the file written; "" none */
    size_t n_added, n_known, n_refused;
    wd_buf yaml;
};

/* --- the text --------------------------------------------------------------------- */

static bool taken(const struct import *im, size_t upto, wd_span slug)
{
    if (wd_opml_match_slug(&im->match, slug) != NULL)
        return true;
    for (size_t i = 0; i < upto; i++)
        if (wd_span_eq(im->match.list.feeds[i].slug, slug))
            return true;
    return false;
}

/* A JSON string is a YAML one. */
static void put_quoted(wd_buf *out, wd_span text)
{
    wd_json j = wd_json_onto(out);
    wd_json_string(&j, text);
}

static void put_feed(wd_buf *out, const wd_subscription *s)
{
    wd_buf_printf(out, "  %.*s: { url: ", WD_SPAN_ARG(s->slug));
    put_quoted(out, s->url);
    if (s->group.len > 0) {
        wd_buf_append_span(out, WD_SPAN_LIT(", group: "));
        put_quoted(out, s->group);
    }
    wd_buf_append_span(out, WD_SPAN_LIT(" }\n"));
}

static void write_feeds(struct import *im)
{
    wd_opml_match *m = &im->match;
    wd_buf_printf(&im->yaml, "# taken over from a subscription list by `wiredesk opml import`\n"
                             "feeds:\n");
    for (size_t i = 0; i < m->list.n; i++) {
        wd_subscription *s = &m->list.feeds[i];
        if (m->configured[i] != NULL) {
            im->n_known++;
            continue;
        }
        if (taken(im, i, s->slug))
            s->slug = wd_subscription_slug(m->arena, s->url, true);
        if (taken(im, i, s->slug)) {
            im->n_refused++;
            continue;
        }
        put_feed(&im->yaml, s);
        im->n_added++;
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

static int open_new(struct import *im)
{
    char stem[64];
    const char *config = im->match.config->file, *slash = strrchr(config, '/');
    int n = slash ? (int)(slash - config) + 1 : 0, fd = -1;
    stem_of(im->list, stem, sizeof(stem));
    snprintf(im->target, sizeof(im->target), "%.*sfeeds.d", n, config);
    if (mkdir(im->target, 0755) != 0 && errno != EEXIST)
        return -1;
    for (int i = 1; fd < 0 && i <= MOST_FILES; i++) {
        char number[8] = "";
        if (i > 1)
            snprintf(number, sizeof(number), "-%d", i);
        snprintf(im->target, sizeof(im->target), "%.*sfeeds.d/%s%s.yaml", n, config, stem, number);
        fd = open(im->target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

static bool write_all(int fd, wd_span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n <= 0)
            return false;
        bytes = wd_span_from(bytes, (size_t)n);
    }
    return fsync(fd) == 0;
}

/* What was written has to be right together with all the rest; else it goes again. */
static int save(struct import *im)
{
    wd_error err = { 0 };
    wd_config *whole = NULL;
    int fd = open_new(im);
    if (fd < 0 || !write_all(fd, wd_buf_span(&im->yaml))) {
        wd_verb_fail(&im->verb, im->target, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
            unlink(im->target);
        }
        return WD_EXIT_FAILED;
    }
    close(fd);
    if (wd_config_load(&whole, im->match.config->file, &err) == WD_OK) {
        wd_config_free(whole);
        return WD_EXIT_OK;
    }
    unlink(im->target);
    wd_verb_fail(&im->verb, err.where, "%s", err.text);
    return WD_EXIT_FAILED;
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
    wd_json_put_opt(&j, "file", wd_span_of(im->target));
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
                im->target[0] ? " in " : "", im->target);
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
    if (!wd_opml_match_open(&im.match, &im.verb, im.list, &code))
        return code;
    code = WD_EXIT_OK;
    write_feeds(&im);
    if (wd_buf_status(&im.yaml) != WD_OK)
        code = WD_EXIT_FAILED;
    else if (print && im.n_added > 0)
        fwrite(im.yaml.ptr, 1, im.yaml.len, stdout);
    else if (im.n_added > 0)
        code = save(&im);
    if (code == WD_EXIT_OK && im.verb.json && !print)
        report_json(&im);
    else if (code == WD_EXIT_OK)
        report(&im, print ? stderr : stdout);
    wd_buf_done(&im.yaml);
    wd_opml_match_close(&im.match);
    return fflush(stdout) == 0 ? code : WD_EXIT_FAILED;
}
