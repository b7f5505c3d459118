/* tests/fuzz/fuzz_charset.c - any bytes under any label: what comes out is clean UTF-8.  The first
 * line is the Content-Type. */
#include <stdint.h>
#include <stdlib.h>

#include "parsers/charset.h"
#include "parsers/clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wd_decoded out;
    wd_span body = { (const char *)data, size };
    wd_span type = wd_span_cut(&body, '\n');
    if (body.ptr == NULL)
        body = (wd_span){ (const char *)data, 0 };
    if (wd_charset_decode((wd_source){ .bytes = body }, type, &out) == WD_OK &&
        wd_clean_until(out.text) < out.text.len)
        abort();
    wd_decoded_done(&out);
    return 0;
}
