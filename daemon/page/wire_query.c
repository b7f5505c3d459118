/* daemon/page/wire_query.c - both sides are folded as dedup folds words, and then it is bytes:
 * a word is found by the space before it, a feed and a kind by marks that no text contains. */
#include "daemon/page/wire_query.h"

#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "dedup/fold.h"

#define FEED_MARK '\1'
#define KIND_MARK '\2'

/* Words, each with one space before it; scripts without spaces stay together, so that they
 * are found anywhere in a run. */
static void fold(wd_buf *out, wd_span text)
{
    bool in_word = false;
    for (size_t at = 0; at < text.len;) {
        uint32_t folded[WD_FOLD_RUNES];
        size_t n = wd_fold_rune(wd_utf8_next(text, &at), folded);
        for (size_t i = 0; i < n; i++) {
            char bytes[4];
            bool is_break = wd_rune_classify(folded[i]) == WD_RUNE_BREAK;
            if (!is_break && !in_word)
                wd_buf_append_char(out, ' ');
            if (!is_break)
                wd_buf_append(out, bytes, wd_utf8_put(folded[i], bytes));
            in_word = !is_break;
        }
    }
}

void wd_wire_words_begin(wd_buf *words, const char *slug, const char *kind)
{
    wd_buf_printf(words, "%c%s%c%c%s%c", FEED_MARK, slug, FEED_MARK, KIND_MARK, kind, KIND_MARK);
}

void wd_wire_words_add(wd_buf *words, wd_span text)
{
    fold(words, text);
}

static void add_marked(wd_buf *out, char mark, wd_span value)
{
    wd_buf_append_char(out, mark);
    wd_buf_append_span(out, value);
    wd_buf_append_char(out, mark);
}

static bool spaceless(wd_span folded)
{
    size_t at = 1; /* behind the space */
    if (folded.len < 2)
        return false;
    wd_rune_class c = wd_rune_classify(wd_utf8_next(folded, &at));
    return c == WD_RUNE_IDEOGRAPH || c == WD_RUNE_SPACELESS;
}

static void add_needle(wd_wire_query *q, wd_span needle)
{
    if (q->n == WD_QUERY_TERMS || needle.len == 0)
        return;
    wd_buf_append_span(&q->needles, needle);
    q->ends[q->n++] = q->needles.len;
}

/* One word as typed may be several when folded: "e-mail". */
static void add_words(wd_wire_query *q, wd_span folded)
{
    while (folded.len > 0) {
        size_t n = 1 + wd_span_find(wd_span_from(folded, 1), ' ');
        wd_span word = wd_span_head(folded, n);
        folded = wd_span_from(folded, n);
        add_needle(q, spaceless(word) ? wd_span_from(word, 1) : word);
    }
}

static void add_term(wd_wire_query *q, wd_span term)
{
    wd_buf needle = WD_BUF_INIT(4 * WD_QUERY_BYTES);
    if (wd_span_starts_nocase(term, "feed:")) {
        add_marked(&needle, FEED_MARK, wd_span_from(term, 5));
        add_needle(q, wd_buf_span(&needle));
    } else if (wd_span_starts_nocase(term, "is:")) {
        add_marked(&needle, KIND_MARK, wd_span_from(term, 3));
        add_needle(q, wd_buf_span(&needle));
    } else {
        fold(&needle, term);
        add_words(q, wd_buf_span(&needle));
    }
    wd_buf_done(&needle);
}

void wd_wire_query_init(wd_wire_query *q, const char *text)
{
    wd_span rest = wd_utf8_head(wd_span_of(text), WD_QUERY_BYTES);
    *q = (wd_wire_query){ .needles = WD_BUF_INIT(WD_QUERY_TERMS * 4 * WD_QUERY_BYTES) };
    while (rest.len > 0) {
        wd_span term = wd_span_cut(&rest, ' ');
        if (term.len > 0)
            add_term(q, term);
    }
}

void wd_wire_query_done(wd_wire_query *q)
{
    wd_buf_done(&q->needles);
}

bool wd_wire_query_matches(const wd_wire_query *q, wd_span words)
{
    size_t from = 0;
    for (size_t i = 0; i < q->n; from = q->ends[i++])
        if (memmem(words.ptr, words.len, q->needles.ptr + from, q->ends[i] - from) == NULL)
            return false;
    return true;
}

void wd_wire_search(const wd_wire *w, const char *text, size_t limit, wd_buf *out)
{
    wd_wire_query q;
    wd_wire_entry e;
    uint64_t total = 0;
    wd_json j = wd_json_onto(out);
    wd_wire_query_init(&q, text);
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "searched", (int64_t)(wd_wire_next(w) - wd_wire_first(w)));
    if (wd_wire_get(w, wd_wire_first(w), &e))
        wd_json_put_int(&j, "since", e.told_ms);
    wd_json_key(&j, "items");
    wd_json_begin_array(&j);
    for (uint64_t seq = wd_wire_next(w); wd_wire_get(w, seq - 1, &e); seq--) {
        if (!wd_wire_query_matches(&q, e.words))
            continue;
        if (total++ >= limit)
            continue;
        if (j.comma)
            wd_buf_append_char(out, ',');
        wd_buf_append_span(out, e.json);
        j.comma = true;
    }
    wd_json_end_array(&j);
    wd_json_put_int(&j, "total", (int64_t)total);
    wd_json_end_object(&j);
    wd_wire_query_done(&q);
}
