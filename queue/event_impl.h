/* queue/event_impl.h - the envelope that queue/event*.c share. */
#pragma once

#include "core/json.h"
#include "queue/event.h"

#define WD_EVENT_SCHEMA "https://wiredesk.example/schema/event/1"

typedef struct wd_event_envelope {
    const wd_outbox_slot *slot;
    const char *type; /* without "org.wiredesk." */
    const char *source;
    wd_span subject;
    int64_t now_ms;
} wd_event_envelope;

/* Up to and with "data": the caller writes one value, then ends the object. */
void wd_event_begin(wd_json *j, const wd_event_envelope *e);
