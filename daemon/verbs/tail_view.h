/*
 * daemon/verbs/tail_view.h - one event as a person reads it: time, headline, feed, credit.
 *
 * Pure: a line of text for a line of JSON.  What an event says is made harmless for a
 * terminal, whatever a feed put into it.
 */
#pragma once

#include <stdbool.h>

#include "core/buf.h"
#include "core/span.h"

typedef struct wd_tail_view wd_tail_view;

typedef struct wd_tail_style {
    bool colour;
    bool why; /* of a copy: whose, and by what evidence */
} wd_tail_style;

/* Remembers the headlines it has shown, so that a copy can name its original. */
wd_tail_view *wd_tail_view_new(const wd_tail_style *style);
void wd_tail_view_free(wd_tail_view *v);

/* Appends the lines for one event; an unreadable one is said to be that. */
void wd_tail_view_show(wd_tail_view *v, wd_span event, wd_buf *out);
