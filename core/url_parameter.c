/* core/url_parameter.c - by its name, and by the look of its value.
 *
 * A wrong "plain" shows a secret, a wrong "secret" hides a word: so doubt hides.  What feeds
 * really have in their queries is words (format=rss, category=world-news), numbers (p=2) and
 * identifiers of a few well-known services, which are public. */
#include "core/url_parameter.h"

#include "core/ascii.h"
#include "core/status.h"

/* Shorter ones are words: rss2, mp3, v10. */
#define SHORTEST_MIXED 6

/* Longer ones are no words of any language that is written into a URL. */
#define LONGEST_WORD 20

/* Longer ones are no numbers that anybody counts to. */
#define LONGEST_NUMBER 12

static const char *const secret_names[] = { "key",  "token", "secret", "pass",    "pwd",
                                            "auth", "sign",  "sig",    "session", "sid",
                                            "cred", "hash",  "access", "code",    "login" };

/* Public identifiers that look like keys. */
static const char *const public_names[] = { "channel_id", "playlist_id", "ceid" };

static bool names_a_secret(wd_span name)
{
    for (size_t i = 0; i < WD_COUNT(secret_names); i++)
        if (wd_span_find_nocase(name, secret_names[i]) < name.len)
            return true;
    return wd_span_is_nocase(name, "pw") || wd_span_is_nocase(name, "k");
}

static bool names_something_public(wd_span name)
{
    for (size_t i = 0; i < WD_COUNT(public_names); i++)
        if (wd_span_is_nocase(name, public_names[i]))
            return true;
    return false;
}

/* A run of letters and digits: a word, a number, or what nobody would think up. */
static bool run_is_plain(size_t letters, size_t digits)
{
    if (letters > 0 && digits > 0)
        return letters + digits < SHORTEST_MIXED;
    return letters <= LONGEST_WORD && digits <= LONGEST_NUMBER;
}

static bool value_is_plain(wd_span value)
{
    size_t letters = 0, digits = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (wd_is_alpha(value.ptr[i])) {
            letters++;
        } else if (wd_is_digit(value.ptr[i])) {
            digits++;
        } else {
            if (!run_is_plain(letters, digits))
                return false;
            letters = digits = 0;
        }
    }
    return run_is_plain(letters, digits);
}

bool wd_url_parameter_is_plain(wd_span parameter)
{
    wd_span value = parameter;
    wd_span name = wd_span_cut(&value, '=');
    if (value.ptr == NULL)
        return value_is_plain(name) && !names_a_secret(name);
    return !names_a_secret(name) && (names_something_public(name) || value_is_plain(value));
}
