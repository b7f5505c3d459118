/* daemon/verbs/options.c - small on purpose: long options only, each said once in the help. */
#include "daemon/verbs/options.h"

#include <stdio.h>
#include <string.h>

static const wd_option *find(const wd_option *options, size_t n, const char *word, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, word, len) == 0)
            return &options[i];
    return NULL;
}

static bool complain(const char *verb, const char *what, const char *word)
{
    fprintf(stderr, "wiredesk %s: %s '%s'; see wiredesk %s --help\n", verb, what, word, verb);
    return false;
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

/* One option at argv[at]; how many words it took, 0 when it is wrong. */
static int take(int argc, char **argv, int at, const wd_option *options, size_t n)
{
    const char *word = argv[at], *equals = strchr(word, '=');
    const wd_option *o = find(options, n, word, equals ? (size_t)(equals - word) : strlen(word));
    if (o == NULL)
        return complain(argv[0], "unknown option", word);
    if (o->flag != NULL) {
        if (equals != NULL)
            return complain(argv[0], "no value belongs to", word);
        *o->flag = true;
        return 1;
    }
    if (equals == NULL && at + 1 >= argc)
        return complain(argv[0], "a value is missing after", word);
    *o->value = equals ? equals + 1 : argv[at + 1];
    return equals ? 1 : 2;
}

bool wd_options_parse(int argc, char **argv, const wd_option *options, size_t n, int *rest)
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
        int taken = take(argc, argv, i, options, n);
        if (taken == 0)
            return false;
        move_behind(argv, words, i, i + taken);
        words += taken;
        i += taken;
    }
    if (rest == NULL && words < argc)
        return complain(argv[0], "unexpected argument", argv[words]);
    if (rest != NULL)
        *rest = words;
    return true;
}
