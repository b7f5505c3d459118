/* core/limits.h - ceilings that several folders share, each with its reason.
 * A limit that only one module knows stands in that module. */
#pragma once

/* A first block that holds most log lines and small events without growing. */
#define WD_BUF_FIRST_BYTES 512u

/* Arena blocks: large enough that a 46 KB feed (the median of the captured ones)
 * needs a handful, small enough that a 304 costs nothing. */
#define WD_ARENA_BLOCK_BYTES (64u * 1024u)

/* Body of one answer as bytes on the wire, and after decoding (polling.md rule 11):
 * the largest honest feed in the captures has 6.1 MB. */
#define WD_BODY_WIRE_BYTES    (8u * 1024u * 1024u)
#define WD_BODY_DECODED_BYTES (32u * 1024u * 1024u)

/* What one poll may allocate beyond the body itself: parsed text is never larger than
 * the document (entities are bounded), so twice the decoded body is already generous. */
#define WD_POLL_ARENA_BYTES (96u * 1024u * 1024u)

/* URLs: 8,000 octets is what RFC 9110 section 4.1 asks of every implementation. */
#define WD_URL_BYTES 8192u

/* A feed's name in configuration, log, metrics and events (event schema: maxLength 64). */
#define WD_SLUG_BYTES 64u

/* A validator longer than this is a server's mistake (polling.md rule 10). */
#define WD_VALIDATOR_BYTES 1024u

/* Ids and raw dates as the event carries them (event schema). */
#define WD_RAW_ID_BYTES   2048u
#define WD_RAW_DATE_BYTES 128u

/* Text of one field, and items of one document (parsing.md). */
#define WD_TITLE_BYTES   4096u
#define WD_FIELD_BYTES   (1024u * 1024u)
#define WD_ITEMS_PER_DOC 10000u
#define WD_LIST_PER_ITEM 256u

/* Hubs that a feed may name: a second one is rare, a fourth was never seen. */
#define WD_HUBS_PER_DOC 4u

/* One event on the stream: Redis takes 512 MB, consumers do not. */
#define WD_EVENT_BYTES (2u * 1024u * 1024u)
