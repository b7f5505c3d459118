/* daemon/verbs/trial_view.c - a trial told in the order in which it happened. */
#include "core/json.h"
#include "core/text.h"
#include "core/url.h"
#include "daemon/verbs/trial.h"
#include "feeds/explain.h"

#define TITLE_BYTES 100u /* of an item in the list: a line of a terminal */

/* Session ids are nobody's business, not even on a terminal that is shared. */
static bool is_private(wd_span line)
{
    return wd_span_starts_nocase(line, "Set-Cookie:") ||
           wd_span_starts_nocase(line, "Set-Cookie2:");
}

static bool is_location(wd_span line)
{
    return wd_span_starts_nocase(line, "Location:");
}

/* The header line as it may be shown. */
static wd_span shown(const wd_trial *t, wd_span line)
{
    wd_span value = line;
    wd_span name = wd_span_cut(&value, ':');
    if (!is_private(line) && !is_location(line))
        return line;
    wd_span safe =
        is_private(line) ? WD_SPAN_LIT("***") : wd_url_show(t->poll.arena, wd_span_trim(value));
    char *text = wd_arena_alloc(t->poll.arena, name.len + 2 + safe.len);
    if (text == NULL)
        return name;
    memcpy(text, name.ptr, name.len);
    memcpy(text + name.len, ": ", 2);
    if (safe.len > 0)
        memcpy(text + name.len + 2, safe.ptr, safe.len);
    return (wd_span){ text, name.len + 2 + safe.len };
}

static wd_span redacted(const wd_trial *t, wd_span url)
{
    return wd_url_show(t->poll.arena, url);
}

static size_t own_headers(const wd_feed_config *c)
{
    size_t n = 0;
    while (c->lines != NULL && c->lines[n] != NULL)
        n++;
    return n;
}

/* --- for people ----------------------------------------------------------------- */

static void line(wd_buf *out, const char *before, wd_span text)
{
    wd_buf_append_span(out, wd_span_of(before));
    wd_text_escape_log(out, text);
    wd_buf_append_char(out, '\n');
}

static void write_request(const wd_trial *t, wd_buf *out)
{
    const wd_feed_config *c = t->poll.config;
    size_t n = own_headers(c);
    line(out, "GET ", redacted(t, wd_span_of(c->url)));
    if (t->sent.etag[0] != '\0')
        line(out, "  If-None-Match: ", wd_span_of(t->sent.etag));
    if (t->sent.last_modified[0] != '\0')
        line(out, "  If-Modified-Since: ", wd_span_of(t->sent.last_modified));
    if (n > 0)
        wd_buf_printf(out, "  and %zu line%s of the feed's own, for its own host only\n", n,
                      n == 1 ? "" : "s");
    if (c->proxy != NULL)
        wd_buf_printf(out, "  through a proxy\n");
}

static void write_answers(const wd_trial *t, wd_buf *out)
{
    wd_span hop = WD_SPAN_NONE;
    for (size_t i = 0; i < t->n_lines; i++) {
        const wd_trial_line *l = &t->lines[i];
        if (hop.ptr != NULL && !wd_span_eq(hop, l->url))
            line(out, "\nGET ", redacted(t, l->url));
        hop = l->url;
        bool status = wd_span_starts_nocase(l->text, "HTTP/");
        line(out, status ? "\n  " : "  ", shown(t, l->text));
    }
}

static const char *answer_text(const wd_trial *t)
{
    static const char *const texts[] = {
        [WD_ANSWER_DOCUMENT] = "a document",
        [WD_ANSWER_NOT_MODIFIED] = "not modified since the last poll",
        [WD_ANSWER_SAME_BODY] = "the document of the last poll again, byte for byte",
        [WD_ANSWER_FAILED] = "no document",
    };
    return texts[t->poll.answer];
}

static void write_outcome(const wd_trial *t, wd_buf *out)
{
    const wd_poll *p = &t->poll;
    wd_buf_printf(out, "\nanswer      %s; %llu bytes in %.0f ms", answer_text(t),
                  (unsigned long long)t->reply.wire_bytes, (double)t->reply.total_us / 1000);
    if (t->reply.hops > 0)
        wd_buf_printf(out, ", %u redirect%s%s", t->reply.hops, t->reply.hops == 1 ? "" : "s",
                      t->reply.permanent_redirect ? ", all of them permanent" : "");
    wd_buf_append_char(out, '\n');
    if (p->state.last_reason != WD_REASON_NONE)
        wd_buf_printf(out, "trouble     %s%s%s%s\n", wd_reason_text(p->state.last_reason),
                      p->detail[0] ? " (" : "", p->detail, p->detail[0] ? ")" : "");
    if (p->state.last_reason == WD_REASON_ADDRESS)
        wd_buf_printf(out, "            allow_private in the configuration allows a network\n");
    if (p->validators.etag[0] != '\0')
        line(out, "validator   ETag ", wd_span_of(p->validators.etag));
    if (p->validators.last_modified[0] != '\0')
        line(out, "validator   Last-Modified ", wd_span_of(p->validators.last_modified));
    if (p->answer != WD_ANSWER_FAILED && !p->validators.etag[0] && !p->validators.last_modified[0])
        wd_buf_printf(out, "validator   none: every poll will bring the whole document\n");
}

static void write_flags(uint32_t flags, wd_buf *out)
{
    for (unsigned bit = 0; bit < WD_ITEM_FLAG_COUNT; bit++)
        if (flags & 1u << bit)
            wd_buf_printf(out, ", %s", wd_item_flag_text(bit));
}

static const char *known_text(const wd_trial *t, size_t i)
{
    static const char *const texts[] = {
        [WD_TRIAL_NEW] = "new", [WD_TRIAL_CHANGED] = "changed", [WD_TRIAL_KNOWN] = "known"
    };
    return t->known ? texts[t->known[i]] : "";
}

static int64_t date_of(const wd_item *item)
{
    return item->published_ms != WD_TIME_NONE ? item->published_ms : item->updated_ms;
}

static void write_item(const wd_trial *t, size_t i, wd_buf *out)
{
    char when[WD_TIME_TEXT_BYTES];
    const wd_item *item = t->reading->stories[i].item;
    const char *date = wd_time_text(date_of(item), 0, when);
    wd_buf_printf(out, "  %-20s  %-7s  ", date[0] ? date : "no date", known_text(t, i));
    wd_span title = item->title_text.len > 0 ? item->title_text : item->link;
    line(out, "", wd_utf8_head(title, TITLE_BYTES));
}

static void write_document(const wd_trial *t, wd_buf *out)
{
    const wd_reading *r = t->reading;
    if (r == NULL)
        return;
    wd_buf_printf(out, "document    %s, %s, %s", wd_feed_format_name(r->doc.format),
                  r->doc.encoding, wd_parse_outcome_text(r->doc.outcome));
    write_flags(r->doc.flags, out);
    line(out, "\ntitle       ", r->doc.title_text);
    for (size_t i = 0; i < WD_HUBS_PER_DOC && r->doc.hub_links[i].len > 0; i++)
        line(out, "hub         ", r->doc.hub_links[i]);
    wd_buf_printf(out, "items       %zu", r->n_stories);
    if (t->known != NULL)
        wd_buf_printf(out, ": %u new, %u changed, %zu known", t->poll.reading.items_new,
                      t->poll.reading.items_updated,
                      r->n_stories - t->poll.reading.items_new - t->poll.reading.items_updated);
    wd_buf_append_char(out, '\n');
    for (size_t i = r->n_stories; i-- > 0;)
        write_item(t, i, out); /* the newest first, as in the feed */
}

void wd_trial_write(const wd_trial *t, wd_buf *out)
{
    write_request(t, out);
    write_answers(t, out);
    write_outcome(t, out);
    write_document(t, out);
    wd_buf_append_char(out, '\n');
    wd_explain_due(t->poll.config, &t->poll.state, t->now_ms, out);
    wd_buf_printf(out, "\nnothing of this was stored or handed on\n");
}

/* --- as JSON ---------------------------------------------------------------------- */

static void put_hops(wd_json *j, const wd_trial *t)
{
    bool open = false;
    wd_json_key(j, "answers");
    wd_json_begin_array(j);
    for (size_t i = 0; i < t->n_lines; i++) {
        const wd_trial_line *l = &t->lines[i];
        if (!open || wd_span_starts_nocase(l->text, "HTTP/")) {
            if (open) {
                wd_json_end_array(j);
                wd_json_end_object(j);
            }
            wd_json_begin_object(j);
            wd_json_put(j, "url", redacted(t, l->url));
            wd_json_key(j, "head");
            wd_json_begin_array(j);
            open = true;
        }
        wd_json_string(j, shown(t, l->text));
    }
    if (open) {
        wd_json_end_array(j);
        wd_json_end_object(j);
    }
    wd_json_end_array(j);
}

static void put_validators(wd_json *j, const char *key, const wd_validators *v)
{
    wd_json_key(j, key);
    wd_json_begin_object(j);
    wd_json_put_opt(j, "etag", wd_span_of(v->etag));
    wd_json_put_opt(j, "last_modified", wd_span_of(v->last_modified));
    wd_json_end_object(j);
}

static void put_item(wd_json *j, const wd_trial *t, size_t i)
{
    const wd_item *item = t->reading->stories[i].item;
    wd_json_begin_object(j);
    wd_json_put(j, "id", item->id);
    wd_json_put_opt(j, "title", item->title_text);
    wd_json_put_opt(j, "link", item->link);
    wd_json_put_time_opt(j, "date", date_of(item), false);
    if (t->known != NULL)
        wd_json_put_text(j, "known", known_text(t, i));
    wd_json_end_object(j);
}

static void put_document(wd_json *j, const wd_trial *t)
{
    const wd_reading *r = t->reading;
    wd_json_key(j, "document");
    wd_json_begin_object(j);
    wd_json_put_text(j, "format", wd_feed_format_name(r->doc.format));
    wd_json_put_text(j, "encoding", r->doc.encoding);
    wd_json_put_text(j, "outcome", wd_parse_outcome_word(r->doc.outcome));
    wd_json_put_opt(j, "title", r->doc.title_text);
    wd_json_put_opt(j, "hub", r->doc.hub_links[0]);
    wd_json_key(j, "items");
    wd_json_begin_array(j);
    for (size_t i = r->n_stories; i-- > 0;)
        put_item(j, t, i);
    wd_json_end_array(j);
    wd_json_end_object(j);
}

static void put_trouble(wd_json *j, const wd_poll *p)
{
    if (p->state.last_reason == WD_REASON_NONE)
        return;
    wd_json_put_text(j, "reason", wd_reason_word(p->state.last_reason));
    wd_json_put_text(j, "reason_text", wd_reason_text(p->state.last_reason));
    wd_json_put_opt(j, "detail", wd_span_of(p->detail));
}

void wd_trial_write_json(const wd_trial *t, wd_buf *out)
{
    static const char *const answers[] = { [WD_ANSWER_DOCUMENT] = "document",
                                           [WD_ANSWER_NOT_MODIFIED] = "not-modified",
                                           [WD_ANSWER_SAME_BODY] = "same-body",
                                           [WD_ANSWER_FAILED] = "failed" };
    const wd_poll *p = &t->poll;
    wd_buf why = WD_BUF_INIT(1024);
    wd_json j = wd_json_onto(out);
    wd_json_begin_object(&j);
    wd_json_put(&j, "url", redacted(t, wd_span_of(p->config->url)));
    put_validators(&j, "sent", &t->sent);
    put_hops(&j, t);
    wd_json_put_text(&j, "answer", answers[p->answer]);
    put_trouble(&j, p);
    wd_json_put_int(&j, "http_status", p->http_status);
    wd_json_put_int(&j, "redirects", t->reply.hops);
    wd_json_put_int(&j, "bytes", (int64_t)t->reply.wire_bytes);
    wd_json_put_int(&j, "duration_us", t->reply.total_us);
    put_validators(&j, "validators", &p->validators);
    if (t->reading != NULL)
        put_document(&j, t);
    wd_json_put_time_opt(&j, "next_poll", p->state.next_due_ms, false);
    wd_explain_due(p->config, &p->state, t->now_ms, &why);
    wd_json_put(&j, "next_poll_text", wd_buf_span(&why));
    wd_json_end_object(&j);
    wd_buf_append_char(out, '\n');
    wd_buf_done(&why);
}
