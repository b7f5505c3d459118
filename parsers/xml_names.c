/* parsers/xml_names.c - two small tables in front of slow look-ups, and the stack of what is
 * declared. */
#include "parsers/xml_names.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"

/* Names of a document: real ones have some forty. */
#define NAME_SLOTS      128u
#define NAME_KEPT_BYTES 40u

/* Addresses of a document; XHTML bodies repeat theirs. */
#define URI_SLOTS      16u
#define URI_KEPT_BYTES 64u

/* Declarations in force at once, and the bytes of their prefixes: real feeds have up to thirty.
 * Beyond that a prefix is known by itself (parsers/namespaces.h). */
#define BINDINGS       512u
#define PREFIXES_BYTES (8u * 1024u)

struct slot {
    char text[NAME_KEPT_BYTES];
    uint8_t len;
    wd_xml_name name;
    wd_ns ns;       /* as an element, while `scope` is in force */
    uint32_t scope; /* 0: never looked up */
};

struct address {
    char text[URI_KEPT_BYTES];
    size_t len;
    wd_ns ns;
};

struct binding {
    wd_span prefix; /* in `prefixes` */
    wd_ns ns;
    size_t depth;
    uint32_t scope_before;
};

struct wd_xml_names {
    size_t depth, n_bindings, next_address;
    uint32_t scope, last_scope; /* every set of declarations in force has its number */
    struct slot slots[NAME_SLOTS];
    struct slot large; /* a name too long for the table */
    struct address addresses[URI_SLOTS];
    struct binding bindings[BINDINGS];
    char prefixes[PREFIXES_BYTES];
};

wd_xml_names *wd_xml_names_new(void)
{
    wd_xml_names *n = malloc(sizeof(*n));
    if (n == NULL)
        return NULL;
    memset(n, 0, offsetof(wd_xml_names, bindings));
    n->scope = n->last_scope = 1;
    return n;
}

void wd_xml_names_free(wd_xml_names *n)
{
    free(n);
}

/* --- names ------------------------------------------------------------------------ */

static const bool in_name[256] = { ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
                                   ['_'] = true,         ['-'] = true,         ['.'] = true };

static bool begins_name(char c)
{
    return wd_is_alpha(c) || c == '_';
}

bool wd_xml_name_is_legal(wd_span name)
{
    bool colon = false;
    if (name.len == 0 || !begins_name(name.ptr[0]))
        return false;
    for (size_t i = 1; i < name.len; i++) {
        if (in_name[(unsigned char)name.ptr[i]])
            continue;
        if (name.ptr[i] != ':' || colon || i + 1 == name.len || !wd_is_alpha(name.ptr[i + 1]))
            return false;
        colon = true;
    }
    return true;
}

/* A colon that separates nothing is none. */
void wd_xml_name_mend(wd_span name, char *out)
{
    size_t colon = wd_span_find(name, ':');
    if (colon == 0 || colon + 1 >= name.len || !wd_is_alpha(name.ptr[colon + 1]))
        colon = name.len;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool legal =
            i == 0 || i == colon + 1 ? begins_name(c) : in_name[(unsigned char)c] || i == colon;
        out[i] = legal ? c : '_';
    }
}

static wd_xml_name look_into(wd_span name)
{
    size_t colon = wd_span_find(name, ':');
    size_t prefix = colon < name.len ? colon : 0;
    size_t local = colon < name.len ? colon + 1 : 0;
    wd_span first = wd_span_head(name, prefix ? prefix : name.len);
    wd_xml_declares declares = !wd_span_is(first, "xmlns") ? WD_XML_NOTHING
                               : prefix                    ? WD_XML_PREFIX
                                                           : WD_XML_DEFAULT;
    return (wd_xml_name){ .word = wd_word_of(wd_span_from(name, local)),
                          .prefix = (uint16_t)prefix,
                          .local = (uint16_t)local,
                          .declares = (uint8_t)declares };
}

/* Its ends and its length tell nearly all names of a document apart. */
static size_t slot_of(wd_span name)
{
    uint64_t a = 0, b = 0;
    if (name.len >= sizeof(a)) {
        memcpy(&a, name.ptr, sizeof(a));
        memcpy(&b, name.ptr + name.len - sizeof(b), sizeof(b));
    } else if (name.len >= sizeof(uint32_t)) {
        uint32_t head, tail;
        memcpy(&head, name.ptr, sizeof(head));
        memcpy(&tail, name.ptr + name.len - sizeof(tail), sizeof(tail));
        a = head, b = tail;
    } else {
        a = (unsigned char)name.ptr[0];
        b = (uint64_t)(unsigned char)name.ptr[name.len / 2] << 8 |
            (unsigned char)name.ptr[name.len - 1];
    }
    uint64_t mixed = (a ^ (b << 7 | b >> 57) ^ name.len << 40) * 0x9E3779B97F4A7C15u;
    return (mixed >> 40) % NAME_SLOTS;
}

static struct slot *find(wd_xml_names *n, wd_span name)
{
    if (name.len == 0)
        return NULL;
    struct slot *s = name.len > NAME_KEPT_BYTES ? &n->large : &n->slots[slot_of(name)];
    if (s->len == name.len && memcmp(s->text, name.ptr, name.len) == 0)
        return s;
    if (name.len > WD_XML_NAME_BYTES || !wd_xml_name_is_legal(name))
        return NULL;
    s->name = look_into(name);
    s->scope = 0;
    s->len = 0;
    if (name.len <= NAME_KEPT_BYTES) {
        memcpy(s->text, name.ptr, name.len);
        s->len = (uint8_t)name.len;
    }
    return s;
}

const wd_xml_name *wd_xml_names_look(wd_xml_names *n, wd_span name)
{
    const struct slot *s = find(n, name);
    return s ? &s->name : NULL;
}

const wd_xml_name *wd_xml_names_element(wd_xml_names *n, wd_span name, wd_ns *ret_ns)
{
    struct slot *s = find(n, name);
    if (s == NULL)
        return NULL;
    if (s->scope != n->scope) {
        s->ns = wd_xml_names_scope(n, wd_span_head(name, s->name.prefix));
        s->scope = n->scope;
    }
    *ret_ns = s->ns;
    return &s->name;
}

/* --- namespaces --------------------------------------------------------------------- */

wd_ns wd_xml_names_scope(const wd_xml_names *n, wd_span prefix)
{
    for (size_t i = n->n_bindings; i > 0; i--)
        if (wd_span_eq(n->bindings[i - 1].prefix, prefix))
            return n->bindings[i - 1].ns;
    return wd_ns_of(WD_SPAN_NONE, prefix);
}

static wd_ns ns_of_address(wd_xml_names *n, wd_span prefix, wd_span uri)
{
    if (uri.len == 0 || uri.len > URI_KEPT_BYTES || wd_span_trim(uri).len == 0)
        return wd_ns_of(uri, prefix);
    for (size_t i = 0; i < URI_SLOTS; i++)
        if (n->addresses[i].len == uri.len && memcmp(n->addresses[i].text, uri.ptr, uri.len) == 0)
            return n->addresses[i].ns;
    struct address *a = &n->addresses[n->next_address++ % URI_SLOTS];
    memcpy(a->text, uri.ptr, uri.len);
    a->len = uri.len;
    a->ns = wd_ns_of(uri, prefix);
    return a->ns;
}

void wd_xml_names_open(wd_xml_names *n)
{
    n->depth++;
}

/* "xml" stands for itself, and nothing else stands for it; a prefix cannot be undeclared. */
void wd_xml_names_declare(wd_xml_names *n, wd_span prefix, wd_span uri)
{
    size_t top = n->n_bindings;
    char *to = n->prefixes;
    if (top > 0)
        to = (char *)(uintptr_t)n->bindings[top - 1].prefix.ptr + n->bindings[top - 1].prefix.len;
    if (top == BINDINGS || prefix.len > (size_t)(n->prefixes + PREFIXES_BYTES - to) ||
        (prefix.len > 0 && uri.len == 0) || wd_span_is(prefix, "xml") ||
        wd_span_is(prefix, "xmlns"))
        return;
    for (size_t i = top; i > 0 && n->bindings[i - 1].depth == n->depth; i--)
        if (wd_span_eq(n->bindings[i - 1].prefix, prefix))
            return;
    wd_ns ns = ns_of_address(n, prefix, uri);
    if (ns == WD_NS_XML)
        return;
    if (prefix.len > 0)
        memcpy(to, prefix.ptr, prefix.len);
    n->bindings[n->n_bindings++] = (struct binding){
        .prefix = { to, prefix.len }, .ns = ns, .depth = n->depth, .scope_before = n->scope
    };
    n->scope = ++n->last_scope;
}

void wd_xml_names_close(wd_xml_names *n)
{
    while (n->n_bindings > 0 && n->bindings[n->n_bindings - 1].depth == n->depth)
        n->scope = n->bindings[--n->n_bindings].scope_before;
    n->depth--;
}
