/* daemon/config/value.c - a value of the tree into its place, by the kind of its row. */
#include <string.h>

#include "daemon/config/impl.h"
#include "daemon/config/secret.h"
#include "feeds/address_guard.h"
#include "feeds/credentials.h"
#include "feeds/http_proxy.h"

static wd_status no_memory(wd_config_loader *l)
{
    return wd_fail(l->err, WD_NOMEM, "out of memory");
}

static size_t count_members(const wd_yaml *v)
{
    size_t n = 0;
    for (const wd_yaml *e = v->first; e != NULL; e = e->next)
        n++;
    return n;
}

static void put_pointer(const wd_config_row *row, void *base, const void *p)
{
    memcpy((char *)base + row->offset, (const void *)&p, sizeof(p));
}

static wd_status set_list(wd_config_loader *l,
                          const wd_config_row *row,
                          void *base,
                          const wd_yaml *v)
{
    wd_cidr network;
    wd_status s = WD_OK;
    const char **list = wd_arena_zalloc(l->arena, (count_members(v) + 1) * sizeof(*list));
    if (list == NULL)
        return no_memory(l);
    size_t n = 0;
    for (const wd_yaml *e = v->first; e != NULL; e = e->next) {
        if (e->kind != WD_YAML_SCALAR) {
            s = wd_config_complain(l, e->line, e->column, "a list holds plain values only");
            continue;
        }
        if (!wd_cidr_parse(e->scalar, &network))
            s = wd_config_complain(l, e->line, e->column,
                                   "this is not a network such as 10.0.0.0/8 or ::1/128");
        list[n] = wd_arena_copy(l->arena, e->scalar).ptr;
        if (list[n++] == NULL)
            return no_memory(l);
    }
    put_pointer(row, base, list);
    return s;
}

/* --- what may be secret: complaints never repeat it --------------------------------- */

/* The value itself, or what it names. */
static wd_status resolve(wd_config_loader *l, const wd_yaml *v, const char **out)
{
    if (!wd_secret_is_named(v->scalar)) {
        *out = wd_arena_copy(l->arena, v->scalar).ptr;
        return *out ? WD_OK : no_memory(l);
    }
    wd_status s = wd_secret_read(v->scalar, l->file, l->arena, out, l->err);
    return s == WD_OK ? s : wd_config_fail_at(l, v->line, v->column);
}

static wd_status set_secret(wd_config_loader *l,
                            const wd_config_row *row,
                            void *base,
                            const wd_yaml *v)
{
    const char *value = NULL;
    if (!wd_secret_is_named(v->scalar)) {
        (void)wd_fail(l->err, WD_CONFIG,
                      "%s is a secret and stands elsewhere: file:/path or credential:NAME",
                      row->key);
        return wd_config_fail_at(l, v->line, v->column);
    }
    wd_status s = resolve(l, v, &value);
    if (s == WD_OK)
        put_pointer(row, base, value);
    return s;
}

static wd_status set_proxy(wd_config_loader *l,
                           const wd_config_row *row,
                           void *base,
                           const wd_yaml *v)
{
    const char *value = NULL;
    wd_status s = resolve(l, v, &value);
    if (s != WD_OK)
        return s;
    wd_span text = wd_span_of(value);
    if (wd_span_is(text, "none"))
        value = NULL;
    else if (!wd_span_is(text, WD_HTTP_PROXY_ENV) && !wd_http_proxy_valid(text))
        return wd_config_complain(l, v->line, v->column,
                                  "a proxy is none, environment, or http://, https://, "
                                  "socks4a:// or socks5h:// with a host");
    put_pointer(row, base, value);
    return WD_OK;
}

static const char *header_line(wd_arena *arena, wd_span name, wd_span value)
{
    char *line = wd_arena_alloc(arena, name.len + value.len + 3);
    if (line == NULL)
        return NULL;
    memcpy(line, name.ptr, name.len);
    memcpy(line + name.len, ": ", 2);
    if (value.len > 0)
        memcpy(line + name.len + 2, value.ptr, value.len);
    line[name.len + 2 + value.len] = '\0';
    return line;
}

static wd_status add_header(wd_config_loader *l, const wd_yaml *v, const char **line)
{
    const char *value = "";
    if (v->kind != WD_YAML_SCALAR)
        return wd_config_complain(l, v->line, v->column, "a header has one value");
    wd_status s = resolve(l, v, &value);
    if (s != WD_OK)
        return s;
    const char *fault = wd_credentials_header_fault(v->key, wd_span_of(value));
    if (fault != NULL) {
        (void)wd_fail(l->err, WD_CONFIG, "header '%.*s': %s", WD_SPAN_ARG(v->key), fault);
        return wd_config_fail_at(l, v->key_line, v->key_column);
    }
    *line = header_line(l->arena, v->key, wd_span_of(value));
    return *line ? WD_OK : no_memory(l);
}

static wd_status check_repeated(wd_config_loader *l, const wd_yaml *headers, const wd_yaml *v)
{
    for (const wd_yaml *e = headers->first; e != v; e = e->next)
        if (wd_span_eq_nocase(e->key, v->key))
            return wd_config_complain(l, v->key_line, v->key_column, "this header is there twice");
    return WD_OK;
}

static wd_status set_headers(wd_config_loader *l,
                             const wd_config_row *row,
                             void *base,
                             const wd_yaml *v)
{
    size_t n = count_members(v), at = 0;
    if (n > WD_REQUEST_HEADERS)
        return wd_config_complain(l, v->line, v->column, "at most 16 headers are sent");
    const char **lines = wd_arena_zalloc(l->arena, (n + 1) * sizeof(*lines));
    if (lines == NULL)
        return no_memory(l);
    wd_status s = WD_OK;
    for (const wd_yaml *e = v->first; e != NULL; e = e->next)
        if (!wd_config_goes_on(&s, check_repeated(l, v, e)) ||
            !wd_config_goes_on(&s, add_header(l, e, &lines[at++])))
            break;
    put_pointer(row, base, n > 0 ? lines : NULL);
    return s;
}

/* --- by kind ------------------------------------------------------------------------ */

static wd_status wrong_kind(wd_config_loader *l, const wd_config_row *row, const wd_yaml *v)
{
    if (row->type == WD_TYPE_HEADERS)
        (void)wd_fail(l->err, WD_CONFIG, "%s is a mapping of names to values", row->key);
    else
        (void)wd_fail(l->err, WD_CONFIG, "%s is a single value", row->key);
    return wd_config_fail_at(l, v->line, v->column);
}

wd_status wd_config_set_value(wd_config_loader *l,
                              const wd_config_row *row,
                              void *base,
                              const wd_yaml *v)
{
    if (row->type == WD_TYPE_LIST && v->kind == WD_YAML_LIST)
        return set_list(l, row, base, v);
    if (row->type == WD_TYPE_HEADERS && v->kind == WD_YAML_MAP)
        return set_headers(l, row, base, v);
    if (row->type == WD_TYPE_HEADERS || v->kind != WD_YAML_SCALAR)
        return wrong_kind(l, row, v);
    if (row->type == WD_TYPE_SECRET)
        return set_secret(l, row, base, v);
    if (row->type == WD_TYPE_PROXY)
        return set_proxy(l, row, base, v);
    wd_status s = wd_config_set(row, base, v->scalar, l->arena, l->err);
    return s == WD_OK ? s : wd_config_fail_at(l, v->line, v->column);
}
