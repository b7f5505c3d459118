/* daemon/verbs/verb.c - one way to begin, one way to complain. */
#include "daemon/verbs/verb.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "daemon/config/place.h"
#include "daemon/log_sink.h"

#define OPTIONS_MAX    16u
#define SENTENCE_BYTES 2048u

bool wd_verb_wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

bool wd_verb_begin(wd_verb *v, int argc, char **argv, const wd_option *own, int *rest)
{
    wd_error err;
    size_t n = 2;
    wd_option all[OPTIONS_MAX] = { { .name = "--config", .value = &v->file },
                                   { .name = "--json", .flag = &v->json } };
    *v = (wd_verb){ .name = argv[0], .json = wd_verb_wants_json(argc, argv) };
    for (; own != NULL && own->name != NULL; own++) {
        assert(n + 1 < OPTIONS_MAX); /* the last place ends the table */
        all[n++] = *own;
    }
    if (wd_options_parse(argc, argv, all, rest, &err) == WD_OK)
        return true;
    wd_verb_fail(v, NULL, "%s; see wiredesk %s --help", err.text, v->name);
    return false;
}

/* Nobody has written one yet: the first thing that a newcomer meets. */
static void help_to_begin(void)
{
    fprintf(stderr, "There is no configuration yet.  A first one, with a Redis of its own, and a "
                    "first feed:\n\n"
                    "  echo 'redis: embedded' > wiredesk.yaml\n"
                    "  wiredesk feeds add https://news.example/\n"
                    "  wiredesk run\n\n"
                    "and in another terminal: wiredesk tail\n");
}

wd_config *wd_verb_config_quiet(const wd_verb *v, wd_mistakes *wrong)
{
    wd_config *config = NULL;
    char standard[PATH_MAX];
    const char *file = v->file ? v->file : wd_config_default_file(standard, sizeof(standard));
    return wd_config_load(&config, file, wrong) == WD_OK ? config : NULL;
}

wd_config *wd_verb_config(const wd_verb *v)
{
    wd_mistakes wrong;
    char standard[PATH_MAX];
    wd_config *config = wd_verb_config_quiet(v, &wrong);
    if (config != NULL)
        return config;
    wd_verb_mistakes(v, &wrong);
    if (v->file == NULL && !v->json &&
        access(wd_config_default_file(standard, sizeof(standard)), F_OK) != 0)
        help_to_begin();
    return NULL;
}

wd_config *wd_verb_config_or_none(const wd_verb *v)
{
    char standard[PATH_MAX];
    wd_verb none = *v;
    if (v->file == NULL && access(wd_config_default_file(standard, sizeof(standard)), R_OK) != 0)
        none.file = "/dev/null";
    return wd_verb_config(&none);
}

wd_config *wd_verb_open(wd_verb *v, int argc, char **argv, const wd_option *own)
{
    return wd_verb_begin(v, argc, argv, own, NULL) ? wd_verb_config(v) : NULL;
}

/* What every failure has as JSON; the object stays open. */
static void begin_failure(wd_json *j, const wd_verb *v, const char *where, const char *text)
{
    wd_json_begin_object(j);
    wd_json_key(j, "ok");
    wd_json_bool(j, false);
    wd_json_put_text(j, "verb", v->name);
    wd_json_put_opt(j, "where", where ? wd_span_of(where) : WD_SPAN_NONE);
    wd_json_put_text(j, "text", text);
}

static void end_failure(wd_json *j, wd_buf *line)
{
    wd_json_end_object(j);
    printf("%s\n", line->ptr ? line->ptr : "");
    fflush(stdout);
    wd_buf_done(line);
}

void wd_verb_fail(const wd_verb *v, const char *where, const char *format, ...)
{
    char text[SENTENCE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (where != NULL && where[0] == '\0')
        where = NULL;
    if (!v->json) {
        fprintf(stderr, "%s%s%s: %s\n", wd_log_error_prefix(), where ? "" : "wiredesk ",
                where ? where : v->name, text);
        return;
    }
    wd_buf line = WD_BUF_INIT(8 * SENTENCE_BYTES + PATH_MAX);
    wd_json j = wd_json_onto(&line);
    begin_failure(&j, v, where, text);
    end_failure(&j, &line);
}

static void print_mistakes(const wd_verb *v, const wd_mistakes *wrong)
{
    size_t told = wd_mistakes_told(wrong);
    for (size_t i = 0; i < told; i++)
        wd_verb_fail(v, wrong->list[i].where, "%s", wrong->list[i].text);
    if (wrong->n > told)
        fprintf(stderr, "%sand %zu more\n", wd_log_error_prefix(), wrong->n - told);
}

void wd_verb_mistakes(const wd_verb *v, const wd_mistakes *wrong)
{
    if (!v->json) {
        print_mistakes(v, wrong);
        return;
    }
    size_t told = wd_mistakes_told(wrong);
    wd_buf line = WD_BUF_INIT((told + 2) * 8 * sizeof(wd_error));
    wd_json j = wd_json_onto(&line);
    begin_failure(&j, v, wrong->list[0].where, wrong->list[0].text);
    wd_json_key(&j, "mistakes");
    wd_json_begin_array(&j);
    for (size_t i = 0; i < told; i++) {
        wd_json_begin_object(&j);
        wd_json_put_text(&j, "where", wrong->list[i].where);
        wd_json_put_text(&j, "text", wrong->list[i].text);
        wd_json_end_object(&j);
    }
    wd_json_end_array(&j);
    wd_json_put_int(&j, "more", (int64_t)(wrong->n - told));
    end_failure(&j, &line);
}

void wd_verb_next(const wd_verb *v, const char *command)
{
    if (!v->json)
        printf("Next: wiredesk %s%s%s\n", command, v->file ? " --config " : "",
               v->file ? v->file : "");
}
