/* feeds/host_rule.c - a short list, walked: hosts ask once, when their gate is made. */
#include "feeds/host_rule.h"

#include "core/ascii.h"

static bool is_wild(wd_span pattern)
{
    return pattern.len > 2 && pattern.ptr[0] == '*' && pattern.ptr[1] == '.';
}

static bool matches(wd_span pattern, wd_span host)
{
    if (!is_wild(pattern))
        return wd_span_eq_nocase(pattern, host);
    wd_span name = wd_span_from(pattern, 2);
    if (host.len < name.len)
        return false;
    wd_span tail = wd_span_from(host, host.len - name.len);
    bool whole = tail.len == host.len || host.ptr[host.len - tail.len - 1] == '.';
    return whole && wd_span_eq_nocase(tail, name);
}

/* --- interface ---------------------------------------------------------------------- */

const char *wd_host_rule_fault(wd_span pattern)
{
    wd_span name = is_wild(pattern) ? wd_span_from(pattern, 2) : pattern;
    if (name.len == 0 || wd_span_find(name, '*') < name.len)
        return "a pattern is a host's name, or *. and a name";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!wd_is_alnum(c) && c != '-' && c != '_' && c != '.' && c != ':')
            return "a host's name has letters, digits, '-', '_' and '.'; no port and no path";
    }
    return NULL;
}

const wd_host_rule *wd_host_rule_find(const wd_host_rule *rules, size_t n, wd_span host)
{
    const wd_host_rule *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < n; i++) {
        wd_span pattern = wd_span_of(rules[i].pattern);
        size_t len = 2 * pattern.len + !is_wild(pattern);
        if (len <= best_len || !matches(pattern, host))
            continue;
        best = &rules[i];
        best_len = len;
    }
    return best;
}
