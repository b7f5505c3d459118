/* bench/parsing/parse_bench.c - CPU of reading feeds: libxml2's push parser with empty handlers,
 * its tree, and the whole of parse, normalise and sanitise, over the same bytes in one process.
 *
 *     parse_bench ROUNDS FILE...     prints bytes and items, then a reader's name and its seconds
 *
 * Every document goes through all readers in turn, ROUNDS times, and its best time counts: what
 * else the machine does hits all readers alike. */
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
    *items = run((wd_span){ room, doc.len });
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

struct reader {
    const char *name;
    size_t (*run)(wd_span);
    double seconds;
    size_t items;
};

static void read_document(struct reader *readers, size_t n, wd_span doc, int rounds, char *room)
{
    double best[8] = { 0 };
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < n; i++) {
            size_t items = 0;
            double took = measure(readers[i].run, doc, room, &items);
            best[i] = round == 0 || took < best[i] ? took : best[i];
            readers[i].items += round == 0 ? items : 0;
        }
    for (size_t i = 0; i < n; i++)
        readers[i].seconds += best[i];
}

int main(int argc, char **argv)
{
    struct reader readers[] = { { .name = "sax", .run = run_sax },
                                { .name = "tree", .run = run_tree },
                                { .name = "wiredesk", .run = run_wiredesk } };
    char *room = malloc(WD_BODY_DECODED_BYTES);
    int rounds = argc > 2 ? atoi(argv[1]) : 0;
    size_t bytes = 0, n = WD_COUNT(readers);
    if (rounds < 1 || room == NULL) {
        free(room);
        return 2;
    }
    xmlInitParser();
    for (int i = 2; i < argc; i++) {
        wd_buf doc = read_file(argv[i]);
        bytes += doc.len;
        read_document(readers, n, wd_buf_span(&doc), rounds, room);
        wd_buf_done(&doc);
    }
    printf("%zu %zu\n", bytes, readers[n - 1].items);
    for (size_t i = 0; i < n; i++)
        printf("%s %.6f\n", readers[i].name, readers[i].seconds);
    free(room);
    return 0;
}
