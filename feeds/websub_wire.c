/* feeds/websub_wire.c - links in, forms out, and a signature on the way in. */
#include "feeds/websub_wire.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/url.h"
#include "feeds/link_header.h"

void wd_websub_random(char *out, size_t chars)
{
    for (size_t i = 0; i < chars; i += 16) {
        char digits[17];
        snprintf(digits, sizeof(digits), "%016" PRIx64, wd_random64());
        memcpy(out + i, digits, chars - i < 16 ? chars - i : 16);
    }
    out[chars] = '\0';
}

/* --- discovery --------------------------------------------------------------------- */

/* Absolute, http or https, and without userinfo, which would be somebody's password. */
static wd_span usable(wd_arena *arena, wd_span base, wd_span ref)
{
    wd_url_parts parts;
    wd_span url = ref.len > 0 ? wd_url_resolve(arena, base, ref) : WD_SPAN_NONE;
    if (url.ptr == NULL || !wd_url_is_http(url))
        return WD_SPAN_NONE;
    wd_url_split(url, &parts);
    if (parts.userinfo.ptr != NULL)
        return WD_SPAN_NONE;
    if (parts.fragment.ptr != NULL) /* the sign before it too */
        url = wd_arena_copy(arena, wd_span_head(url, url.len - parts.fragment.len - 1));
    return url;
}

static void add_hub(wd_websub_offer *o, wd_span hub)
{
    if (hub.len == 0 || o->n_hubs == WD_HUBS_PER_DOC)
        return;
    for (size_t i = 0; i < o->n_hubs; i++)
        if (wd_span_eq(o->hubs[i], hub))
            return;
    o->hubs[o->n_hubs++] = hub;
}

bool wd_websub_discover(const wd_websub_source *from, wd_arena *arena, wd_websub_offer *out)
{
    wd_span rest = from->links;
    wd_link_value link;
    *out = (wd_websub_offer){ .topic = WD_SPAN_NONE };
    while (wd_link_header_next(&rest, &link)) {
        if (wd_link_value_is(&link, "hub"))
            add_hub(out, usable(arena, from->url, link.target));
        if (wd_link_value_is(&link, "self") && out->topic.len == 0)
            out->topic = usable(arena, from->url, link.target);
    }
    for (size_t i = 0, said = out->n_hubs; said == 0 && i < WD_HUBS_PER_DOC; i++)
        add_hub(out, usable(arena, from->url, from->hubs[i]));
    if (out->topic.len == 0)
        out->topic = usable(arena, from->url, from->self);
    return out->n_hubs > 0 && out->topic.len > 0 && wd_arena_status(arena) == WD_OK;
}

bool wd_websub_is_of(wd_span links, wd_span topic)
{
    wd_link_value link;
    while (wd_link_header_next(&links, &link))
        if (wd_link_value_is(&link, "self") && !wd_span_eq(link.target, topic))
            return false;
    return true;
}

/* --- a request --------------------------------------------------------------------- */

/* What RFC 3986 calls unreserved stays as it is. */
static void put_encoded(wd_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (wd_is_alnum(*text) || strchr("-._~", *text) != NULL)
            wd_buf_append_char(out, *text);
        else
            wd_buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static void put_field(wd_buf *out, const char *name, const char *value)
{
    wd_buf_printf(out, "%shub.%s=", out->len > 0 ? "&" : "", name);
    put_encoded(out, value);
}

void wd_websub_form_write(const wd_websub_form *f, wd_buf *out)
{
    char seconds[24];
    bool subscribe = f->mode == WD_WEBSUB_SUBSCRIBE;
    put_field(out, "mode", subscribe ? "subscribe" : "unsubscribe");
    put_field(out, "topic", f->topic);
    put_field(out, "callback", f->callback);
    if (!subscribe)
        return;
    snprintf(seconds, sizeof(seconds), "%" PRId64, f->lease_ms / WD_SECOND_MS);
    put_field(out, "lease_seconds", seconds);
    put_field(out, "secret", f->secret);
}

/* --- a signature --------------------------------------------------------------------- */

wd_status wd_websub_signature_begin(wd_hmac **out, wd_span header, const char *secret, wd_span *hex)
{
    wd_span rest = wd_span_trim(header);
    wd_span method = wd_span_cut(&rest, '=');
    if (rest.len == 0)
        return WD_MALFORMED;
    *hex = wd_span_trim(rest);
    wd_status s = wd_hmac_new(out, wd_span_trim(method), wd_span_of(secret));
    return s == WD_UNSUPPORTED ? WD_MALFORMED : s;
}
