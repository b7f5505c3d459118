/* core/url_parameter.c - by its name, and by the look of its value.
 *
 * Keys: a wrong "plain" shows a secret, a wrong "secret" hides a word: so doubt hides.  What feeds
 * really have in their queries is words (format=rss, category=world-news), numbers (p=2) and
 * identifiers of a few well-known services, which are public.
 *
 * Visits: a name that is missing makes two pages of one, a name too many one page of two; so what
 * stands here has no other use.  The names are those that browsers and servers strip. */
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

/* --- visits ------------------------------------------------------------------ */

/* Session identifiers have 26 (PHP), 32 (MD5) and more characters; a story's number has fewer. */
#define SHORTEST_SESSION 20

static const char *const visit_prefixes[] = { "utm_", "mtm_", "hsa_", "aspsessionid" };

/* clang-format off: by kind */
static const char *const visit_names[] = {
    /* clicks */
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ymclid",
    "ysclid", "twclid", "ttclid", "igshid", "irclickid", "rb_clickid", "li_fat_id", "srsltid",
    "_openstat", "__twitter_impression",
    /* letters and campaigns */
    "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "oly_anon_id",
    "oly_enc_id", "vero_id", "vero_conv", "s_cid", "ml_subscriber", "ml_subscriber_hash",
    "wickedid", "_bhlid", "_kx", "cmpid", "ocid", "ito", "rss", "ftag", "ref_src", "xtor",
    "at_medium", "at_campaign", "wt.mc_id", "ns_mchannel", "ns_source", "ns_campaign",
    "pk_campaign", "pk_kwd", "pk_cid", "pk_source", "pk_medium", "pk_content",
    /* measuring */
    "_ga", "_gl", "guccounter", "guce_referrer", "guce_referrer_sig", "_branch_match_id",
    "_branch_referrer",
    /* sessions */
    "phpsessid", "jsessionid", "zenid", "oscsid", "cfid", "cftoken"
};
/* clang-format on */

static const char *const session_names[] = { "sid",     "s",         "sessid",
                                             "session", "sessionid", "session_id" };

static bool is_one_of(wd_span name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (wd_span_is_nocase(name, names[i]))
            return true;
    return false;
}

/* Letters and digits in one long run. */
static bool looks_like_a_session(wd_span value)
{
    size_t letters = 0, digits = 0;
    for (size_t i = 0; i < value.len; i++) {
        letters += wd_is_alpha(value.ptr[i]);
        digits += wd_is_digit(value.ptr[i]);
    }
    return value.len >= SHORTEST_SESSION && letters > 0 && digits > 0 &&
           letters + digits == value.len;
}

bool wd_url_parameter_is_visit(wd_span parameter)
{
    wd_span value = parameter;
    wd_span name = wd_span_cut(&value, '=');
    for (size_t i = 0; i < WD_COUNT(visit_prefixes); i++)
        if (wd_span_starts_nocase(name, visit_prefixes[i]))
            return true;
    return is_one_of(name, visit_names, WD_COUNT(visit_names)) ||
           (is_one_of(name, session_names, WD_COUNT(session_names)) && looks_like_a_session(value));
}
