/* daemon/options.c - small on purpose: long options only, each said once in the help. */
#include "daemon/options.h"

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

bool wd_options_parse(int argc, char **argv, const wd_option *options, size_t n, int *rest)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        const char *word = argv[i], *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);
        const wd_option *o = find(options, n, word, len);
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        if (o == NULL)
            return complain(argv[0], "unknown option", word);
        if (o->flag != NULL) {
            if (equals != NULL)
                return complain(argv[0], "no value belongs to", word);
            *o->flag = true;
            continue;
        }
        if (equals == NULL && i + 1 >= argc)
            return complain(argv[0], "a value is missing after", word);
        *o->value = equals ? equals + 1 : argv[++i];
    }
    if (rest == NULL && i < argc)
        return complain(argv[0], "unexpected argument", argv[i]);
    if (rest != NULL)
        *rest = i;
    return true;
}
