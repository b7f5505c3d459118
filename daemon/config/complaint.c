/* daemon/config/complaint.c - what is wrong, with the file, line and column that an editor jumps
 * to. */
#include <stdio.h>
#include <string.h>

#include "daemon/config/impl.h"

/* As the files are read: the main one, then the others by their names. */
static bool comes_before(const wd_config_loader *l,
                         const wd_config_place *a,
                         const wd_config_place *b)
{
    int order = strcmp(a->file, b->file);
    if (order != 0 && strcmp(a->file, l->config->file) == 0)
        return true;
    if (order != 0)
        return order < 0 && strcmp(b->file, l->config->file) != 0;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Some show only when all is read: each goes to its place, and the last of too many goes. */
static void note(wd_config_loader *l, const wd_config_place *p)
{
    wd_mistakes *w = l->wrong;
    size_t n = wd_mistakes_told(w), at = n;
    w->n++;
    while (at > 0 && comes_before(l, p, &l->wrong_at[at - 1]))
        at--;
    if (at == WD_MISTAKES_TOLD)
        return;
    size_t behind = (n < WD_MISTAKES_TOLD ? n : n - 1) - at;
    memmove(&w->list[at + 1], &w->list[at], behind * sizeof(w->list[0]));
    memmove(&l->wrong_at[at + 1], &l->wrong_at[at], behind * sizeof(l->wrong_at[0]));
    l->wrong_at[at] = *p;
    w->list[at] = *l->err;
    w->list[at].status = WD_CONFIG;
    snprintf(w->list[at].where, sizeof(w->list[at].where), "%s:%u:%u", p->file, p->line, p->column);
}

wd_status wd_config_fail_at(wd_config_loader *l, uint32_t line, uint32_t column)
{
    if (l->err->status == WD_NOMEM)
        return WD_NOMEM;
    note(l, &(wd_config_place){ l->file, line, column });
    return WD_CONFIG;
}

wd_status wd_config_fail_at_place(wd_config_loader *l, const wd_config_place *p)
{
    l->file = p->file;
    return wd_config_fail_at(l, p->line, p->column);
}

wd_status wd_config_complain(wd_config_loader *l, uint32_t line, uint32_t column, const char *text)
{
    (void)wd_fail(l->err, WD_CONFIG, "%s", text);
    return wd_config_fail_at(l, line, column);
}

wd_status wd_config_complain_at(wd_config_loader *l, const wd_config_place *p, const char *text)
{
    (void)wd_fail(l->err, WD_CONFIG, "%s", text);
    return wd_config_fail_at_place(l, p);
}

wd_status wd_config_unknown_key(wd_config_loader *l,
                                const wd_yaml *v,
                                const char *where,
                                const char *nearest)
{
    (void)wd_fail(l->err, WD_CONFIG, "unknown key '%.*s'%s%s%s%s", WD_SPAN_ARG(v->key), where,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return wd_config_fail_at(l, v->key_line, v->key_column);
}

/* --- what follows from a mistake --------------------------------------------- */

void wd_config_doubt(wd_config_loader *l, wd_span section, const char *key)
{
    for (size_t i = 0; i < wd_config_n_rows; i++)
        if (wd_span_is(section, wd_config_rows[i].section) &&
            (key == NULL || strcmp(key, wd_config_rows[i].key) == 0))
            l->doubted[i] = true;
    if (key == NULL && (wd_span_is(section, "defaults") || wd_span_is(section, "groups")))
        l->doubted_ground = true;
}

bool wd_config_doubts(const wd_config_loader *l, const char *section, const char *key)
{
    const wd_config_row *row =
        wd_config_row_find(wd_config_rows, wd_config_n_rows, wd_span_of(section), wd_span_of(key));
    return row != NULL && l->doubted[row - wd_config_rows];
}
