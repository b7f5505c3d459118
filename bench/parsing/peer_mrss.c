/* bench/parsing/peer_mrss.c - CPU of libmrss over the same feeds: best of ROUNDS, a document at a
 * time.
 *
 *     peer_mrss ROUNDS FILE...     prints seconds */
#include <mrss.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/buf.h"
#include "core/limits.h"

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double best_of(int rounds, wd_buf *doc)
{
    double best = 0;
    for (int i = 0; i < rounds; i++) {
        mrss_t *feed = NULL;
        double from = cpu_seconds();
        if (mrss_parse_buffer(doc->ptr, doc->len, &feed) == MRSS_OK)
            mrss_free(feed);
        double took = cpu_seconds() - from;
        best = i == 0 || took < best ? took : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    double seconds = 0;
    int rounds = argc > 2 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc; i++) {
        char piece[65536];
        wd_buf doc = WD_BUF_INIT(WD_BODY_DECODED_BYTES);
        FILE *in = fopen(argv[i], "rb");
        for (size_t n; in != NULL && (n = fread(piece, 1, sizeof(piece), in)) > 0;)
            wd_buf_append(&doc, piece, n);
        if (in != NULL)
            fclose(in);
        if (doc.len > 0)
            seconds += best_of(rounds, &doc);
        wd_buf_done(&doc);
    }
    printf("%.6f\n", seconds);
    return rounds < 1;
}
