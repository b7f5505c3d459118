/* parsers/parse.c - from bytes to a document: sniff, transcode, repair, read, normalise. */
#include "parsers/parse.h"

#include "core/status.h"

const char *wd_parse_outcome_word(wd_parse_outcome o)
{
    static const char *const words[] = {
#define X(name, word, text) word,
        WD_PARSE_OUTCOME_LIST(X)
#undef X
    };
    return (size_t)o < WD_COUNT(words) ? words[o] : "unknown";
}

const char *wd_parse_outcome_text(wd_parse_outcome o)
{
    static const char *const texts[] = {
#define X(name, word, text) text,
        WD_PARSE_OUTCOME_LIST(X)
#undef X
    };
    return (size_t)o < WD_COUNT(texts) ? texts[o] : "unknown";
}
