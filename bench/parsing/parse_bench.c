/* bench/parsing/parse_bench.c - CPU of reading feeds: libxml2's push parser with empty handlers,
 * and the whole of parse, normalise and sanitise, over the same bytes in one process.
 *
 *     parse_bench sax|tree|wiredesk ROUNDS FILE...     prints seconds, bytes and items */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "parsers/bodies.h"
#include "parsers/parse.h"

#define PUSH_BYTES 16384

static void on_error(void *ctx, xmlErrorPtr error)
{
    (void)ctx;
    (void)error;
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
    (void)prefix, (void)uri, (void)n_namespaces, (void)namespaces;
    (void)n_attributes, (void)n_defaulted, (void)attributes;
    size_t *items = ctx;
    *items += strcmp((const char *)local, "item") == 0 || strcmp((const char *)local, "entry") == 0;
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    (void)ctx, (void)local, (void)prefix, (void)uri;
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
    (void)ctx, (void)text, (void)n;
}

static size_t run_sax(wd_span doc)
{
    size_t items = 0;
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_start,
                          .endElementNs = on_end,
                          .characters = on_text,
                          .cdataBlock = on_text,
                          .serror = on_error };
    xmlParserCtxtPtr p = xmlCreatePushParserCtxt(&sax, &items, NULL, 0, NULL);
    xmlCtxtUseOptions(p, XML_PARSE_RECOVER | XML_PARSE_NONET);
    for (size_t at = 0; at < doc.len; at += PUSH_BYTES) {
        size_t n = doc.len - at < PUSH_BYTES ? doc.len - at : PUSH_BYTES;
        xmlParseChunk(p, doc.ptr + at, (int)n, 0);
    }
    xmlParseChunk(p, NULL, 0, 1);
    if (p->myDoc != NULL)
        xmlFreeDoc(p->myDoc);
    xmlFreeParserCtxt(p);
    return items;
}

static size_t run_tree(wd_span doc)
{
    xmlDocPtr d = xmlReadMemory(doc.ptr, (int)doc.len, NULL, NULL,
                                XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
                                    XML_PARSE_NOWARNING);
    size_t got = d != NULL;
    xmlFreeDoc(d);
    return got;
}

/* Everything that the daemon does with a document before it looks for copies: parsed, dated,
 * links resolved, HTML cleaned, text made of it. */
static size_t run_wiredesk(wd_span doc)
{
    wd_feed_doc out;
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_arena *forms = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_html *html = wd_html_new();
    const wd_parse_input in = { .body = doc,
                                .may_write = true,
                                .url = WD_SPAN_LIT("http://news.example/feed") };
    (void)wd_parse(&in, arena, &out);
    for (size_t i = 0; i < out.n_items; i++) {
        wd_bodies_complete(html, &out.items[i], forms);
        wd_arena_reset(forms);
    }
    size_t items = out.n_items;
    wd_html_free(html);
    wd_arena_free(forms);
    wd_arena_free(arena);
    return items;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU of one document.  Each time it is a fresh copy, made outside the measure: a parser may
 * write into what it was given. */
static double measure(size_t (*run)(wd_span), wd_span doc, char *room, size_t *items)
{
    memcpy(room, doc.ptr, doc.len);
    double from = cpu_seconds();
    *items += run((wd_span){ room, doc.len });
    return cpu_seconds() - from;
}

static wd_buf read_file(const char *path)
{
    char piece[65536];
    wd_buf b = WD_BUF_INIT(WD_BODY_DECODED_BYTES);
    FILE *in = fopen(path, "rb");
    for (size_t n; in != NULL && (n = fread(piece, 1, sizeof(piece), in)) > 0;)
        wd_buf_append(&b, piece, n);
    if (in != NULL)
        fclose(in);
    return b;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    size_t (*run)(wd_span) = strcmp(argv[1], "sax") == 0    ? run_sax
                             : strcmp(argv[1], "tree") == 0 ? run_tree
                                                            : run_wiredesk;
    int rounds = atoi(argv[2]), n = argc - 3;
    size_t bytes = 0, items = 0;
    wd_buf *docs = calloc((size_t)n, sizeof(*docs));
    if (docs == NULL)
        return 1;
    for (int i = 0; i < n; i++) {
        docs[i] = read_file(argv[3 + i]);
        bytes += docs[i].len;
    }
    xmlInitParser();
    double took = 0;
    char *room = malloc(WD_BODY_DECODED_BYTES);
    for (int r = 0; room != NULL && r < rounds; r++)
        for (int i = 0; i < n; i++)
            took += measure(run, wd_buf_span(&docs[i]), room, &items);
    free(room);
    printf("%.4f %zu %zu\n", took / rounds, bytes, items / (size_t)(rounds ? rounds : 1));
    for (int i = 0; i < n; i++)
        wd_buf_done(&docs[i]);
    free(docs);
    return 0;
}
