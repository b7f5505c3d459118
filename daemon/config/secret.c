/* daemon/config/secret.c - one line of one file. */
#include "daemon/config/secret.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest tokens in use are JWTs of some 2 KB; a header line holds 4 KB. */
#define SECRET_BYTES 4096u

bool wd_secret_is_named(wd_span text)
{
    return wd_span_starts_nocase(text, "file:") || wd_span_starts_nocase(text, "credential:");
}

/* The file that is meant; false when there is none to mean. */
static bool path_of(wd_span text, const char *beside, char path[PATH_MAX], wd_error *err)
{
    wd_span rest = text;
    bool credential = wd_span_is_nocase(wd_span_cut(&rest, ':'), "credential");
    if (rest.len == 0 || rest.len >= PATH_MAX / 2) {
        (void)wd_fail(err, WD_CONFIG, "the name of the secret is missing or too long");
        return false;
    }
    if (!credential) {
        const char *slash = strrchr(beside, '/');
        int stem = rest.ptr[0] != '/' && slash != NULL ? (int)(slash - beside) + 1 : 0;
        snprintf(path, PATH_MAX, "%.*s%.*s", stem, beside, WD_SPAN_ARG(rest));
        return true;
    }
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (directory == NULL || directory[0] == '\0') {
        (void)wd_fail(err, WD_CONFIG,
                      "credential:%.*s: there is no $CREDENTIALS_DIRECTORY; the unit needs "
                      "LoadCredential=",
                      WD_SPAN_ARG(rest));
        return false;
    }
    if (memchr(rest.ptr, '/', rest.len) != NULL || rest.ptr[0] == '.') {
        (void)wd_fail(err, WD_CONFIG, "a credential is a plain name, without a path");
        return false;
    }
    snprintf(path, PATH_MAX, "%s/%.*s", directory, WD_SPAN_ARG(rest));
    return true;
}

static const char *fault_of(const char *line, bool got, bool ended)
{
    if (!got || line[0] == '\0')
        return "has nothing on its first line";
    if (!ended)
        return "has a first line that is too long";
    for (const char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return "holds control characters";
    return NULL;
}

static wd_status read_line(const char *path, char line[SECRET_BYTES], wd_error *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return wd_fail(err, WD_CONFIG, "the secret's file %s cannot be opened: %s", path,
                       strerror(errno));
    bool got = fgets(line, (int)SECRET_BYTES, f) != NULL;
    bool ended = !got || strchr(line, '\n') != NULL || feof(f);
    fclose(f);
    line[got ? strcspn(line, "\r\n") : 0] = '\0';
    const char *fault = fault_of(line, got, ended);
    return fault ? wd_fail(err, WD_CONFIG, "the secret's file %s %s", path, fault) : WD_OK;
}

wd_status wd_secret_read(
    wd_span text, const char *beside, wd_arena *arena, const char **out, wd_error *err)
{
    char path[PATH_MAX], line[SECRET_BYTES];
    if (!path_of(text, beside, path, err))
        return WD_CONFIG;
    wd_status s = read_line(path, line, err);
    if (s == WD_OK) {
        *out = wd_arena_copy(arena, wd_span_of(line)).ptr;
        s = *out ? WD_OK : wd_fail(err, WD_NOMEM, "out of memory");
    }
    explicit_bzero(line, sizeof(line));
    return s;
}
