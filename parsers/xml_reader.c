/* parsers/xml_reader.c - elements as the skeleton (parsers/skeleton.h) tells them, with their
 * names understood (parsers/xml_names.h).
 *
 * libxml2 reads what the skeleton cannot: the DOCTYPE of a document that declares entities.
 * Never HUGE, NOENT, DTDLOAD. */
#include "parsers/xml_reader.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/skeleton.h"
#include "parsers/tag.h"
#include "parsers/xml_names.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What libxml2 gets at once. */
#define CHUNK_BYTES (16u * 1024u)

struct reader {
    const wd_xml_sink *sink;
    wd_entity_set *declared;
    xmlParserCtxtPtr parser; /* while a DOCTYPE is read */
    wd_xml_names *names;
    bool doctype_seen, refused, stopped;
    size_t n_mended;
    wd_xml_attr attrs[WD_SKELETON_ATTRS];
    char mended[WD_SKELETON_ATTRS][WD_XML_NAME_BYTES]; /* names that were not legal */
};

/* --- elements ---------------------------------------------------------------------- */

static const wd_xml_name *attr_name(struct reader *r, wd_span *name)
{
    const wd_xml_name *known = wd_xml_names_look(r->names, *name);
    if (known != NULL)
        return known;
    char *to = r->mended[r->n_mended++];
    wd_xml_name_mend(*name, to);
    name->ptr = to;
    return wd_xml_names_look(r->names, *name);
}

/* Declarations count wherever they stand in their tag: prefixes are understood afterwards. */
static size_t take_attrs(struct reader *r, wd_span inner)
{
    size_t taken = 0;
    bool prefixed = false;
    wd_attr attr;
    r->n_mended = 0;
    for (size_t n = 0; n < WD_SKELETON_ATTRS && wd_tag_attr(&inner, &attr); n++) {
        if (attr.name.len > WD_XML_NAME_BYTES || attr.value.len > WD_SKELETON_VALUE_BYTES)
            continue;
        wd_span name = attr.name;
        wd_span value = attr.value.ptr ? attr.value : (wd_span){ attr.name.ptr, 0 };
        const wd_xml_name *known = attr_name(r, &name);
        wd_span local = wd_span_from(name, known->local);
        if (known->declares != WD_XML_NOTHING) {
            wd_span prefix = known->declares == WD_XML_PREFIX ? local : WD_SPAN_NONE;
            wd_xml_names_declare(r->names, prefix, value);
            continue;
        }
        prefixed |= known->prefix > 0;
        r->attrs[taken++] =
            (wd_xml_attr){ .prefix =
                               known->prefix ? (wd_span){ name.ptr, known->prefix } : WD_SPAN_NONE,
                           .local = local,
                           .value = value,
                           .ns = WD_NS_CORE,
                           .word = known->word };
    }
    for (size_t i = 0; prefixed && i < taken; i++)
        if (r->attrs[i].prefix.len > 0)
            r->attrs[i].ns = wd_xml_names_scope(r->names, r->attrs[i].prefix);
    return taken;
}

static bool on_start(void *ctx, wd_span name, wd_span inner)
{
    struct reader *r = ctx;
    wd_xml_element e = { .attrs = r->attrs };
    wd_xml_names_open(r->names);
    e.n_attrs = inner.len > 0 ? take_attrs(r, inner) : 0;
    const wd_xml_name *known = wd_xml_names_element(r->names, name, &e.ns);
    e.word = known->word;
    e.local = wd_span_from(name, known->local);
    if (known->prefix > 0)
        e.prefix = wd_span_head(name, known->prefix);
    r->stopped = !r->sink->start(r->sink->ctx, &e);
    return !r->stopped;
}

static void on_end(void *ctx)
{
    struct reader *r = ctx;
    wd_xml_names_close(r->names);
    r->sink->end(r->sink->ctx);
}

static void on_text(void *ctx, wd_span raw, bool cdata)
{
    struct reader *r = ctx;
    r->sink->text(r->sink->ctx, raw, cdata);
}

/* --- a DOCTYPE --------------------------------------------------------------------- */

static wd_span span_of(const xmlChar *text)
{
    return wd_span_of((const char *)text);
}

/* A set of entities that everybody knows, never loaded: our own table has them. */
static bool well_known_set(const xmlChar *public_id)
{
    return public_id != NULL && (wd_span_starts_nocase(span_of(public_id), "-//W3C//ENTITIES") ||
                                 wd_span_starts_nocase(span_of(public_id), "-//Netscape"));
}

static void refuse(struct reader *r)
{
    r->refused = true;
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

/* libxml2 before 2.11 builds its tables on first use, without a lock: two workers that
 * meet their first documents together would both do it. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static xmlParserCtxtPtr new_parser(struct reader *r)
{
    (void)pthread_once(&library_once, xmlInitParser);
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .entityDecl = on_entity,
                          .serror = on_error };
    xmlParserCtxtPtr p = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (p != NULL)
        (void)xmlCtxtUseOptions(p, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOWARNING |
                                       XML_PARSE_NOERROR);
    return p;
}

/* The first counts.  It is read as the front of an empty document. */
static bool on_doctype(void *ctx, wd_span whole)
{
    static const char root[] = "<r/>";
    struct reader *r = ctx;
    if (r->doctype_seen)
        return true;
    r->doctype_seen = true;
    r->parser = new_parser(r);
    if (r->parser == NULL)
        return false;
    while (whole.len > 0 && !r->refused) {
        wd_span chunk = wd_span_head(whole, CHUNK_BYTES);
        (void)xmlParseChunk(r->parser, chunk.ptr, (int)chunk.len, 0);
        whole = wd_span_from(whole, chunk.len);
    }
    if (!r->refused)
        (void)xmlParseChunk(r->parser, root, (int)sizeof(root) - 1, 1);
    if (r->parser->myDoc != NULL) /* made for the internal subset */
        xmlFreeDoc(r->parser->myDoc);
    xmlFreeParserCtxt(r->parser);
    r->parser = NULL;
    return !r->refused;
}

/* --- a document -------------------------------------------------------------------- */

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
    struct reader *r = malloc(sizeof(*r));
    wd_xml_end end = WD_XML_NOMEM;
    if (r == NULL)
        return end;
    memset(r, 0, offsetof(struct reader, attrs));
    r->sink = sink;
    r->declared = declared;
    r->names = wd_xml_names_new();
    if (r->names != NULL) {
        const wd_skeleton_sink to = {
            .start = on_start, .text = on_text, .end = on_end, .doctype = on_doctype, .ctx = r
        };
        end = outcome(r, wd_skeleton_run(doc, &to, repaired));
    }
    wd_xml_names_free(r->names);
    free(r);
    return end;
}

/* --- attributes ------------------------------------------------------------------------ */

/* White space in a value is blanks (XML 1.0, 3.3.3); a line's end is one. */
static bool odd(unsigned char c)
{
    return c == '&' || c < ' ';
}

static bool has_odd(wd_span v)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i amp = _mm_set1_epi8('&'), top = _mm_set1_epi8(' ' - 1);
    for (; v.len - i >= 16; i += 16) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(v.ptr + i));
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(b, top), b);
        if (_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(b, amp), low)) != 0)
            return true;
    }
#endif
    while (i < v.len && !odd((unsigned char)v.ptr[i]))
        i++;
    return i < v.len;
}

wd_span wd_xml_attr_value(const wd_xml_attr *attr, wd_buf *scratch)
{
    wd_span v = attr->value;
    if (!has_odd(v))
        return v;
    wd_buf_reset(scratch);
    wd_buf raw = WD_BUF_INIT(WD_SKELETON_VALUE_BYTES);
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] != '\r' || i + 1 == v.len || v.ptr[i + 1] != '\n')
            wd_buf_append_char(&raw, wd_is_space(v.ptr[i]) ? ' ' : v.ptr[i]);
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
