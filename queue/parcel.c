/* queue/parcel.c - one allocation a row: header, names and body behind one another. */
#include "queue/parcel.h"

#include <stdlib.h>
#include <string.h>

static wd_span put(char **at, wd_span s)
{
    wd_span copy = { *at, s.len };
    if (s.len > 0)
        memcpy(*at, s.ptr, s.len);
    (*at)[s.len] = '\0';
    *at += s.len + 1;
    return copy;
}

static wd_parcel *copy_of(const wd_outbox_row *row)
{
    wd_span type = wd_span_of(row->type), language = wd_span_of(row->language);
    size_t bytes =
        type.len + language.len + row->cluster.len + row->feed.len + row->body.len + 5; /* NULs */
    wd_parcel *p = malloc(sizeof(*p) + bytes);
    if (p == NULL)
        return NULL;
    char *at = (char *)(p + 1);
    *p = (wd_parcel){ .row = *row };
    p->row.type = put(&at, type).ptr;
    p->row.language = put(&at, language).ptr;
    p->row.cluster = put(&at, row->cluster);
    p->row.feed = put(&at, row->feed);
    p->row.body = put(&at, row->body);
    return p;
}

bool wd_parcel_line_add(wd_parcel_line *line, const wd_outbox_row *row)
{
    wd_parcel *p = copy_of(row);
    if (p == NULL)
        return false;
    if (line->last != NULL)
        line->last->next = p;
    else
        line->first = p;
    line->last = p;
    line->n++;
    line->bytes += p->row.body.len;
    return true;
}

wd_parcel *wd_parcel_line_take(wd_parcel_line *line)
{
    wd_parcel *p = line->first;
    line->first = p->next;
    if (line->first == NULL)
        line->last = NULL;
    line->n--;
    line->bytes -= p->row.body.len;
    p->next = NULL;
    return p;
}

void wd_parcel_line_clear(wd_parcel_line *line)
{
    while (line->first != NULL)
        free(wd_parcel_line_take(line));
}
