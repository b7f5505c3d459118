/* parsers/xml_reader.c - libxml2 reads the skeleton (parsers/skeleton.h): markup only, already
 * well-formed, so that its recovery has nothing to guess and its limits nothing to limit.
 *
 * Never HUGE, NOENT, DTDLOAD; never xmlTextReader (it loses items with RECOVER), never a
 * tree (2.5 times slower, and stops at depth 256). */
#include "parsers/xml_reader.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "core/status.h"
#include "parsers/skeleton.h"

/* Names are interned by libxml2: an address stands for one name during a document. */
#define CACHE_SLOTS 128u

struct cached {
    const void *local, *uri, *prefix;
    uint32_t local_len, prefix_len;
    wd_ns ns;
    wd_word word;
};

struct reader {
    wd_span doc;
    const wd_xml_sink *sink;
    wd_entity_set *declared;
    xmlParserCtxtPtr parser;
    bool refused, stopped;
    size_t have; /* of piece */
    char piece[WD_SKELETON_PIECE_BYTES];
    struct cached cache[CACHE_SLOTS];
    wd_xml_attr attrs[WD_SKELETON_ATTRS];
};

static wd_span span_of(const xmlChar *text)
{
    return wd_span_of((const char *)text);
}

static const struct cached *look_up(struct reader *r,
                                    const xmlChar *local,
                                    const xmlChar *prefix,
                                    const xmlChar *uri)
{
    uint64_t mixed = ((uintptr_t)local ^ (uintptr_t)uri << 1) * 0x9E3779B97F4A7C15u;
    size_t slot = (mixed >> 40) % CACHE_SLOTS;
    struct cached *c = &r->cache[slot];
    if (c->local != local || c->uri != uri || c->prefix != prefix)
        *c = (struct cached){ .local = local,
                              .uri = uri,
                              .prefix = prefix,
                              .local_len = (uint32_t)span_of(local).len,
                              .prefix_len = (uint32_t)span_of(prefix).len,
                              .ns = wd_ns_of(span_of(uri), span_of(prefix)),
                              .word = wd_word_of(span_of(local)) };
    return c;
}

/* --- what libxml2 calls ---------------------------------------------------------- */

/* attributes: five pointers each - local name, prefix, URI, value, its end. */
static size_t take_attrs(struct reader *r, int n, const xmlChar **a)
{
    size_t taken = 0;
    for (int i = 0; i < n && taken < WD_SKELETON_ATTRS; i++, a += 5) {
        const struct cached *c = look_up(r, a[0], a[1], a[2]);
        r->attrs[taken++] = (wd_xml_attr){ .prefix = { (const char *)a[1], c->prefix_len },
                                           .local = { (const char *)a[0], c->local_len },
                                           .value = { (const char *)a[3], (size_t)(a[4] - a[3]) },
                                           .ns = a[1] == NULL ? WD_NS_CORE : c->ns,
                                           .word = c->word };
    }
    return taken;
}

/* libxml2's signature: startElementNsSAX2Func. */
static void on_start(void *ctx,
                     const xmlChar *local,
                     const xmlChar *prefix,
                     const xmlChar *uri,
                     int n_namespaces,
                     const xmlChar **namespaces,
                     int n_attributes,
                     int n_defaulted,
                     const xmlChar **attributes)
{
    struct reader *r = ctx;
    (void)n_namespaces;
    (void)namespaces;
    (void)n_defaulted;
    if (r->stopped)
        return;
    size_t n_attrs = take_attrs(r, n_attributes, attributes);
    const struct cached *c = look_up(r, local, prefix, uri);
    const wd_xml_element e = { .ns = c->ns,
                               .word = c->word,
                               .local = { (const char *)local, c->local_len },
                               .prefix = { (const char *)prefix, c->prefix_len },
                               .attrs = r->attrs,
                               .n_attrs = n_attrs };
    if (!r->sink->start(r->sink->ctx, &e)) {
        r->stopped = true;
        xmlStopParser(r->parser);
    }
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *r = ctx;
    (void)local;
    (void)prefix;
    (void)uri;
    if (!r->stopped)
        r->sink->end(r->sink->ctx);
}

static bool blank(xmlChar c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void tell_piece(struct reader *r, const char *piece)
{
    bool cdata;
    wd_span raw = wd_skeleton_piece(piece, r->doc, &cdata);
    r->sink->text(r->sink->ctx, raw, cdata);
}

/* White space passes; everything else is pieces, which may arrive in parts. */
static void on_text(void *ctx, const xmlChar *text, int len)
{
    static const char one_blank[] = " ";
    struct reader *r = ctx;
    const xmlChar *p = text, *end = text + len;
    if (r->stopped)
        return;
    while (p < end) {
        if (r->have == 0 && blank(*p)) {
            bool line = false;
            for (; p < end && blank(*p); p++)
                line |= *p == '\n';
            r->sink->text(r->sink->ctx, (wd_span){ line ? "\n" : one_blank, 1 }, false);
            continue;
        }
        if (r->have == 0 && end - p >= (ptrdiff_t)sizeof(r->piece)) {
            tell_piece(r, (const char *)p);
            p += sizeof(r->piece);
            continue;
        }
        r->piece[r->have++] = (char)*p++;
        if (r->have < sizeof(r->piece))
            continue;
        tell_piece(r, r->piece);
        r->have = 0;
    }
}

/* A set of entities that everybody knows, never loaded: our own table has them. */
static bool well_known_set(const xmlChar *public_id)
{
    return public_id != NULL && (wd_span_starts_nocase(span_of(public_id), "-//W3C//ENTITIES") ||
                                 wd_span_starts_nocase(span_of(public_id), "-//Netscape"));
}

static void refuse(struct reader *r)
{
    r->refused = r->stopped = true;
    xmlStopParser(r->parser);
}

/* libxml2's signature: entityDeclSAXFunc. */
static void on_entity(void *ctx,
                      const xmlChar *name,
                      int type,
                      const xmlChar *public_id,
                      const xmlChar *system_id,
                      xmlChar *content)
{
    struct reader *r = ctx;
    (void)system_id;
    if (type == XML_EXTERNAL_PARAMETER_ENTITY && well_known_set(public_id))
        return;
    if (type == XML_INTERNAL_GENERAL_ENTITY && content != NULL &&
        wd_entity_declare(r->declared, span_of(name), span_of(content)))
        return;
    refuse(r);
}

/* An entity with a broken address is not reported as declared, only as an error. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    struct reader *r = ctx;
    if (error->code == XML_ERR_INVALID_URI && r->parser->inSubset != 0)
        refuse(r);
}

/* --- the push parser ----------------------------------------------------------------- */

static bool push(void *ctx, const char *bytes, size_t n)
{
    struct reader *r = ctx;
    (void)xmlParseChunk(r->parser, bytes, (int)n, 0);
    return !r->stopped;
}

/* libxml2 before 2.11 builds its tables on first use, without a lock: two workers that
 * meet their first documents together would both do it. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static xmlParserCtxtPtr new_parser(struct reader *r)
{
    (void)pthread_once(&library_once, xmlInitParser);
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_start,
                          .endElementNs = on_end,
                          .characters = on_text,
                          .ignorableWhitespace = on_text,
                          .entityDecl = on_entity,
                          .serror = on_error };
    xmlParserCtxtPtr p = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (p != NULL)
        (void)xmlCtxtUseOptions(p, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOWARNING |
                                       XML_PARSE_NOERROR);
    return p;
}

static wd_xml_end outcome(const struct reader *r, wd_skeleton_end how)
{
    if (r->refused)
        return WD_XML_ENTITIES;
    if (r->stopped)
        return WD_XML_STOPPED;
    switch (how) {
    case WD_SKELETON_COMPLETE:
        return WD_XML_COMPLETE;
    case WD_SKELETON_TRUNCATED:
        return WD_XML_TRUNCATED;
    case WD_SKELETON_TOO_DEEP:
        return WD_XML_TOO_DEEP;
    case WD_SKELETON_NO_ROOT:
        return WD_XML_NO_ROOT;
    case WD_SKELETON_STOPPED:
        break;
    }
    return WD_XML_NOMEM;
}

wd_xml_end wd_xml_read(wd_span doc,
                       const wd_xml_sink *sink,
                       wd_entity_set *declared,
                       bool *repaired)
{
    struct reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_XML_NOMEM;
    r->doc = doc;
    r->sink = sink;
    r->declared = declared;
    r->parser = new_parser(r);
    wd_xml_end end = WD_XML_NOMEM;
    if (r->parser != NULL) {
        const wd_skeleton_sink to = { .markup = push, .ctx = r };
        wd_skeleton_end how = wd_skeleton_run(doc, &to, repaired);
        if (!r->stopped)
            (void)xmlParseChunk(r->parser, NULL, 0, 1);
        end = outcome(r, how);
        if (r->parser->myDoc != NULL) /* made for a DOCTYPE's internal subset */
            xmlFreeDoc(r->parser->myDoc);
        xmlFreeParserCtxt(r->parser);
    }
    free(r);
    return end;
}

/* --- attributes ------------------------------------------------------------------------ */

wd_span wd_xml_attr_value(const wd_xml_attr *attr, wd_buf *scratch)
{
    wd_span v = attr->value;
    if (wd_span_find(v, WD_SKELETON_AMP) == v.len)
        return v;
    wd_buf_reset(scratch);
    wd_buf raw = WD_BUF_INIT(WD_SKELETON_VALUE_BYTES);
    wd_buf_append_span(&raw, v);
    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] == WD_SKELETON_AMP)
            raw.ptr[i] = '&';
    (void)wd_entity_decode_all(NULL, wd_buf_span(&raw), WD_ENTITY_XML, scratch);
    wd_buf_done(&raw);
    return wd_buf_span(scratch);
}

const wd_xml_attr *wd_xml_attr_find(const wd_xml_element *e, wd_ns ns, wd_word word)
{
    for (size_t i = 0; i < e->n_attrs; i++)
        if (e->attrs[i].word == word && e->attrs[i].ns == ns)
            return &e->attrs[i];
    return NULL;
}

wd_span wd_xml_attr_get(const wd_xml_element *e, wd_ns ns, wd_word word, wd_buf *scratch)
{
    const wd_xml_attr *attr = wd_xml_attr_find(e, ns, word);
    return attr ? wd_xml_attr_value(attr, scratch) : WD_SPAN_NONE;
}
