/* daemon/verbs/options.c - small on purpose: long options only, each said once in the help. */
#include "daemon/verbs/options.h"

#include <string.h>

static const wd_option *find(const wd_option *options, const char *word, size_t len)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && strncmp(options->name, word, len) == 0)
            return options;
    return NULL;
}

/* argv[from..to) goes behind what follows it up to `end`, each keeping its order. */
static void move_behind(char **argv, int from, int to, int end)
{
    for (; from < to && to < end; from++, to++) {
        char *word = argv[to];
        memmove(&argv[from + 1], &argv[from], (size_t)(to - from) * sizeof(*argv));
        argv[from] = word;
    }
}

static int refuse(wd_error *err, const char *what, const char *word)
{
    (void)wd_fail(err, WD_CONFIG, "%s '%s'", what, word);
    return 0;
}

static int put_value(const wd_option *o, const char *value, wd_error *err)
{
    if (o->count == NULL)
        *o->value = value;
    else if (*o->count == WD_OPTION_REPEATS)
        return refuse(err, "too often", o->name);
    else
        o->value[(*o->count)++] = value;
    return 1;
}

/* One option at argv[at]; how many words it took, 0 when it is wrong. */
static int take(char **argv, int at, const wd_option *options, wd_error *err)
{
    const char *word = argv[at], *equals = strchr(word, '=');
    const wd_option *o = find(options, word, equals ? (size_t)(equals - word) : strlen(word));
    if (o == NULL)
        return refuse(err, "unknown option", word);
    if (o->flag != NULL) {
        if (equals != NULL)
            return refuse(err, "no value belongs to", word);
        *o->flag = true;
        return 1;
    }
    if (equals != NULL)
        return put_value(o, equals + 1, err);
    if (argv[at + 1] == NULL)
        return refuse(err, "a value is missing after", word);
    return put_value(o, argv[at + 1], err) ? 2 : 0;
}

static wd_status unexpected(const char *word, const wd_option *options, wd_error *err)
{
    size_t n = strlen(word);
    bool file = strcmp(word, "-c") == 0 || (n > 5 && strcmp(word + n - 5, ".yaml") == 0);
    const char *hint = file && find(options, "--config", strlen("--config")) != NULL
                           ? ": a configuration is given as --config FILE"
                           : "";
    return wd_fail(err, WD_CONFIG, "unexpected argument '%s'%s", word, hint);
}

wd_status wd_options_parse(
    int argc, char **argv, const wd_option *options, int *rest, wd_error *err)
{
    int words = 1; /* from here to i: words that are no options */
    int i = 1;
    while (i < argc) {
        if (strcmp(argv[i], "--") == 0) {
            move_behind(argv, words, i, i + 1);
            words++;
            break;
        }
        if (strncmp(argv[i], "--", 2) != 0) {
            i++;
            continue;
        }
        int taken = take(argv, i, options, err);
        if (taken == 0)
            return err->status;
        move_behind(argv, words, i, i + taken);
        words += taken;
        i += taken;
    }
    if (rest == NULL && words < argc)
        return unexpected(argv[words], options, err);
    if (rest != NULL)
        *rest = words;
    return WD_OK;
}
