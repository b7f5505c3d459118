/* tests/fuzz/fuzz_date.c - any text as a date: either none, or an instant of the years 1900-9999.
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/clock.h"
#include "parsers/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t ms;
    if (wd_date_parse((wd_span){ (const char *)data, size }, &ms) &&
        (ms < wd_days_from_civil(1899, 12, 31) * WD_DAY_MS ||
         ms > wd_days_from_civil(10000, 1, 2) * WD_DAY_MS))
        abort();
    return 0;
}
