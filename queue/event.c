/*
 * queue/event.c - the envelope: CloudEvents 1.0 in structured JSON.
 *
 * The numbers of the slot come first and in one fixed shape, so that a row can be given
 * new ones (wd_event_renumber) without reading the rest.
 */
#include "queue/event.h"

#include "core/ascii.h"
#include "core/clock.h"
#include "queue/event_impl.h"

static const char head_start[] = "{\"specversion\":\"1.0\",\"id\":\"";
static const char head_end[] = ",\"source\":";

/* Both lanes count from 1 in one generation: the lane goes into the id's first part,
 * so that source + id stays unique over both streams. */
static void write_head(wd_buf *out, const wd_outbox_slot *slot)
{
    char generation[16];
    wd_hex_put(generation, slot->generation + (uint64_t)slot->lane, sizeof(generation));
    wd_buf_append(out, head_start, sizeof(head_start) - 1);
    wd_buf_append(out, generation, sizeof(generation));
    wd_buf_append_char(out, '-');
    wd_buf_append_uint(out, slot->seq);
    wd_buf_append_span(out, WD_SPAN_LIT("\",\"sequence\":\""));
    wd_buf_append_uint(out, slot->seq);
    wd_buf_append_span(out, WD_SPAN_LIT("\",\"streamid\":\""));
    wd_buf_append_int(out, slot->ms);
    wd_buf_append_char(out, '-');
    wd_buf_append_uint(out, slot->seq);
    wd_buf_append_char(out, '"');
}

void wd_event_begin(wd_json *j, const wd_event_envelope *e)
{
    write_head(j->out, e->slot);
    j->comma = true;
    wd_json_put_text(j, "source", e->source);
    wd_json_key(j, "type");
    wd_buf_append_span(j->out, WD_SPAN_LIT("\"org.wiredesk."));
    wd_buf_append_span(j->out, wd_span_of(e->type));
    wd_buf_append_char(j->out, '"');
    j->comma = true;
    wd_json_put_time_opt(j, "time", e->now_ms, true);
    wd_json_put(j, "subject", e->subject);
    wd_json_ready(j, WD_SPAN_LIT("\"datacontenttype\":\"application/json\","
                                 "\"dataschema\":\"" WD_EVENT_SCHEMA "\""));
    wd_json_key(j, "data");
}

wd_status wd_event_renumber(wd_span event, const wd_outbox_slot *slot, wd_buf *out)
{
    wd_span start = WD_SPAN_LIT(head_start);
    if (!wd_span_eq(wd_span_head(event, start.len), start))
        return WD_MALFORMED;
    size_t at = wd_span_find_nocase(event, head_end);
    if (at == event.len)
        return WD_MALFORMED;
    write_head(out, slot);
    return wd_buf_append_span(out, wd_span_from(event, at));
}

static void put_number(wd_json *j, const char *key, uint64_t value)
{
    wd_json_key(j, key);
    wd_buf_append_char(j->out, '"');
    wd_buf_append_uint(j->out, value);
    wd_buf_append_char(j->out, '"');
    j->comma = true;
}

wd_status wd_event_write_gap(const wd_event_gap *gap, wd_buf *out)
{
    wd_json j = wd_json_onto(out);
    wd_event_begin(&j, &(wd_event_envelope){ .slot = &gap->slot,
                                             .type = "stream.gap",
                                             .source = gap->source,
                                             .subject = wd_span_of(gap->stream),
                                             .now_ms = gap->now_ms });
    wd_json_begin_object(&j);
    put_number(&j, "from", gap->from);
    put_number(&j, "to", gap->to);
    wd_json_put_text(&j, "reason", gap->reason);
    wd_json_end_object(&j);
    wd_json_end_object(&j);
    return wd_buf_status(out);
}
