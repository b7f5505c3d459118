/* parsers/rules.c - the mapping.  Rank 0 is a format's own word for the field. */
#include "parsers/rules.h"

#include "core/status.h"

/* An action in both the feed and an item, or in one of them. */
struct row {
    wd_rule feed, item;
};

#define BOTH(...)                                                                                  \
    {                                                                                              \
        { __VA_ARGS__ },                                                                           \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define FEED(...)                                                                                  \
    {                                                                                              \
        .feed = { __VA_ARGS__ }                                                                    \
    }
#define ITEM(...)                                                                                  \
    {                                                                                              \
        .item = { __VA_ARGS__ }                                                                    \
    }
#define DO(what)        .action = WD_DO_##what
#define VALUE(s, r)     .action = WD_DO_VALUE, .slot = WD_SLOT_##s, .rank = r
#define PERSON(r)       .action = WD_DO_PERSON, .slot = WD_SLOT_PERSON, .rank = r
#define CATEGORY        .action = WD_DO_CATEGORY, .slot = WD_SLOT_CATEGORY
#define MARKUP(s, r, t) .action = WD_DO_MARKUP, .slot = WD_SLOT_##s, .rank = r, .type = WD_VALUE_##t
#define W(word)         [WD_WORD_##word]

/* clang-format off */
static const struct row core[WD_WORD_COUNT] = {
    W(CHANNEL)        = FEED(DO(FEED)),
    W(FEED)           = FEED(DO(FEED)),
    W(ITEM)           = BOTH(DO(ITEM)),
    W(ENTRY)          = BOTH(DO(ITEM)),
    W(TITLE)          = BOTH(MARKUP(TITLE, 0, GUESS)),
    W(DESCRIPTION)    = BOTH(MARKUP(DESCRIPTION, 0, HTML)),
    W(SUBTITLE)       = BOTH(MARKUP(SUMMARY, 1, GUESS)),
    W(TAGLINE)        = FEED(MARKUP(SUMMARY, 1, GUESS)),
    W(INFO)           = FEED(MARKUP(SUMMARY, 4, GUESS)),
    W(SUMMARY)        = BOTH(MARKUP(SUMMARY, 0, GUESS)),
    W(CONTENT)        = ITEM(MARKUP(CONTENT, 1, GUESS)),
    W(BODY)           = ITEM(MARKUP(CONTENT, 2, HTML)),
    W(FULLITEM)       = ITEM(MARKUP(CONTENT, 2, HTML)),
    W(LINK)           = BOTH(DO(LINK), .slot = WD_SLOT_LINK, .rank = 2),
    W(GUID)           = ITEM(DO(GUID), .slot = WD_SLOT_ID, .rank = 0),
    W(ID)             = BOTH(VALUE(ID, 1)),
    W(AUTHOR)         = BOTH(PERSON(0)),
    W(MANAGINGEDITOR) = FEED(PERSON(1)),
    W(WEBMASTER)      = FEED(PERSON(4)),
    W(CATEGORY)       = BOTH(CATEGORY),
    W(KEYWORDS)       = BOTH(VALUE(KEYWORDS, 0)),
    W(PUBDATE)        = BOTH(VALUE(PUBLISHED, 0)),
    W(PUBLISHED)      = BOTH(VALUE(PUBLISHED, 0)),
    W(ISSUED)         = BOTH(VALUE(PUBLISHED, 1)),
    W(CREATED)        = BOTH(VALUE(PUBLISHED, 3)),
    W(DATE)           = BOTH(VALUE(PUBLISHED, 4)),
    W(LASTBUILDDATE)  = FEED(VALUE(UPDATED, 1)),
    W(UPDATED)        = BOTH(VALUE(UPDATED, 0)),
    W(MODIFIED)       = BOTH(VALUE(UPDATED, 0)),
    W(COPYRIGHT)      = BOTH(VALUE(RIGHTS, 0)),
    W(RIGHTS)         = BOTH(MARKUP(RIGHTS, 0, GUESS)),
    W(LANGUAGE)       = BOTH(VALUE(LANGUAGE, 0)),
    W(GENERATOR)      = FEED(VALUE(GENERATOR, 0)),
    W(TTL)            = FEED(VALUE(TTL, 0)),
    W(SKIPHOURS)      = FEED(DO(ENTER)),
    W(SKIPDAYS)       = FEED(DO(ENTER)),
    W(HOUR)           = FEED(VALUE(SKIP_HOUR, 0)),
    W(DAY)            = FEED(VALUE(SKIP_DAY, 0)),
    W(ICON)           = FEED(VALUE(ICON, 0)),
    W(LOGO)           = FEED(VALUE(ICON, 1)),
    W(IMAGE)          = FEED(DO(IMAGE), .slot = WD_SLOT_ICON, .rank = 2),
    W(SOURCE)         = ITEM(DO(SOURCE)),
    W(ENCLOSURE)      = ITEM(DO(ENCLOSURE)),
};

static const struct row dc[WD_WORD_COUNT] = {
    W(TITLE)       = BOTH(MARKUP(TITLE, 2, GUESS)),
    W(DESCRIPTION) = BOTH(MARKUP(SUMMARY, 2, HTML)),
    W(CREATOR)     = BOTH(PERSON(0)),
    W(AUTHOR)      = BOTH(PERSON(0)),
    W(PUBLISHER)   = BOTH(PERSON(5)),
    W(CONTRIBUTOR) = BOTH(PERSON(4)),
    W(SUBJECT)     = BOTH(CATEGORY),
    W(DATE)        = BOTH(VALUE(PUBLISHED, 2)),
    W(LANGUAGE)    = BOTH(VALUE(LANGUAGE, 1)),
    W(RIGHTS)      = BOTH(VALUE(RIGHTS, 1)),
};

static const struct row dcterms[WD_WORD_COUNT] = {
    W(TITLE)       = BOTH(MARKUP(TITLE, 2, GUESS)),
    W(DESCRIPTION) = BOTH(MARKUP(SUMMARY, 2, HTML)),
    W(CREATOR)     = BOTH(PERSON(0)),
    W(ISSUED)      = BOTH(VALUE(PUBLISHED, 2)),
    W(CREATED)     = BOTH(VALUE(PUBLISHED, 3)),
    W(DATE)        = BOTH(VALUE(PUBLISHED, 3)),
    W(MODIFIED)    = BOTH(VALUE(UPDATED, 1)),
    W(LANGUAGE)    = BOTH(VALUE(LANGUAGE, 1)),
    W(RIGHTS)      = BOTH(VALUE(RIGHTS, 1)),
};

static const struct row content[WD_WORD_COUNT] = {
    W(ENCODED) = BOTH(MARKUP(CONTENT, 0, HTML)),
};

static const struct row xhtml[WD_WORD_COUNT] = {
    W(BODY) = ITEM(MARKUP(CONTENT, 2, HTML)),
};

static const struct row itunes[WD_WORD_COUNT] = {
    W(TITLE)    = ITEM(MARKUP(TITLE, 4, GUESS)),
    W(SUBTITLE) = BOTH(MARKUP(SUMMARY, 6, GUESS)),
    W(SUMMARY)  = BOTH(MARKUP(SUMMARY, 5, HTML)),
    W(AUTHOR)   = BOTH(PERSON(2)),
    W(OWNER)    = FEED(PERSON(3)),
    W(KEYWORDS) = BOTH(VALUE(KEYWORDS, 0)),
    W(CATEGORY) = BOTH(CATEGORY),
    W(IMAGE)    = FEED(DO(IMAGE), .slot = WD_SLOT_ICON, .rank = 3),
};

static const struct row googleplay[WD_WORD_COUNT] = {
    W(DESCRIPTION) = BOTH(MARKUP(SUMMARY, 7, HTML)),
    W(AUTHOR)      = BOTH(PERSON(3)),
};

static const struct row media[WD_WORD_COUNT] = {
    W(CONTENT)     = ITEM(DO(MEDIA)),
    W(GROUP)       = ITEM(DO(MEDIA)),
    W(THUMBNAIL)   = ITEM(DO(THUMBNAIL)),
    W(PLAYER)      = ITEM(DO(MEDIA)),
    W(TITLE)       = ITEM(MARKUP(TITLE, 5, GUESS)),
    W(DESCRIPTION) = ITEM(MARKUP(SUMMARY, 8, GUESS)),
    W(KEYWORDS)    = ITEM(VALUE(KEYWORDS, 0)),
    W(CATEGORY)    = ITEM(CATEGORY),
    W(CREDIT)      = ITEM(PERSON(6)),
    W(COPYRIGHT)   = ITEM(VALUE(RIGHTS, 3)),
};

static const struct row syndication[WD_WORD_COUNT] = {
    W(UPDATEPERIOD)    = FEED(VALUE(UPDATE_PERIOD, 0)),
    W(UPDATEFREQUENCY) = FEED(VALUE(UPDATE_FREQUENCY, 0)),
};

static const struct row feedburner[WD_WORD_COUNT] = {
    W(ORIGLINK)          = ITEM(VALUE(LINK, 0)),
    W(ORIGENCLOSURELINK) = ITEM(VALUE(ENCLOSURE, 0)),
};

static const struct row app[WD_WORD_COUNT] = {
    W(CONTROL) = ITEM(DO(ENTER)),
    W(DRAFT)   = ITEM(VALUE(DRAFT, 0)),
};

static const struct row sitemap[WD_WORD_COUNT] = {
    W(URL)     = FEED(DO(ITEM)),
    W(LOC)     = ITEM(VALUE(LINK, 2)),
    W(LASTMOD) = ITEM(VALUE(UPDATED, 1)),
};

static const struct row news[WD_WORD_COUNT] = {
    W(NEWS)             = ITEM(DO(ENTER)),
    W(PUBLICATION)      = ITEM(DO(ENTER)),
    W(NAME)             = ITEM(VALUE(SOURCE_TITLE, 1)),
    W(LANGUAGE)         = ITEM(VALUE(LANGUAGE, 0)),
    W(PUBLICATION_DATE) = ITEM(VALUE(PUBLISHED, 0)),
    W(TITLE)            = ITEM(MARKUP(TITLE, 0, GUESS)),
    W(KEYWORDS)         = ITEM(VALUE(KEYWORDS, 0)),
};

static const struct row *const tables[WD_NS_COUNT] = {
    [WD_NS_CORE] = core,
    [WD_NS_ATOM] = core,
    [WD_NS_APP] = app,
    [WD_NS_RDF] = NULL,
    [WD_NS_DC] = dc,
    [WD_NS_DCTERMS] = dcterms,
    [WD_NS_CONTENT] = content,
    [WD_NS_XHTML] = xhtml,
    [WD_NS_ITUNES] = itunes,
    [WD_NS_GOOGLEPLAY] = googleplay,
    [WD_NS_MEDIA] = media,
    [WD_NS_SYNDICATION] = syndication,
    [WD_NS_FEEDBURNER] = feedburner,
    [WD_NS_SITEMAP] = sitemap,
    [WD_NS_NEWS] = news,
};
/* clang-format on */

static wd_rule in_source(wd_word word)
{
    switch (word) {
    case WD_WORD_TITLE:
        return (wd_rule){ MARKUP(TITLE, 0, GUESS) };
    case WD_WORD_LINK:
        return (wd_rule){ DO(LINK), .slot = WD_SLOT_LINK, .rank = 2 };
    case WD_WORD_ID:
        return (wd_rule){ VALUE(ID, 1) };
    case WD_WORD_AUTHOR:
        return (wd_rule){ PERSON(0) };
    case WD_WORD_UPDATED:
        return (wd_rule){ VALUE(UPDATED, 0) };
    case WD_WORD_RIGHTS:
        return (wd_rule){ VALUE(RIGHTS, 0) };
    default:
        return (wd_rule){ 0 };
    }
}

static wd_rule in_person(wd_word word)
{
    switch (word) {
    case WD_WORD_NAME:
        return (wd_rule){ DO(NAME) };
    case WD_WORD_EMAIL:
        return (wd_rule){ DO(EMAIL) };
    case WD_WORD_URI:
    case WD_WORD_URL:
    case WD_WORD_HOMEPAGE:
        return (wd_rule){ DO(URI) };
    default: /* "by <a>Ann</a>": the text counts */
        return (wd_rule){ DO(ENTER) };
    }
}

wd_rule wd_rule_for(wd_place place, wd_ns ns, wd_word word)
{
    const struct row *table = tables[ns];
    switch (place) {
    case WD_IN_FEED:
        return table ? table[word].feed : (wd_rule){ 0 };
    case WD_IN_ITEM:
        return table ? table[word].item : (wd_rule){ 0 };
    case WD_IN_MEDIA: /* what a media object says of itself, and more objects */
        return ns == WD_NS_MEDIA ? table[word].item : (wd_rule){ 0 };
    case WD_IN_SOURCE:
        return table == core ? in_source(word) : (wd_rule){ 0 };
    case WD_IN_PERSON:
        return in_person(word);
    case WD_IN_IMAGE:
        return word == WD_WORD_URL ? (wd_rule){ VALUE(ICON, 2) } : (wd_rule){ 0 };
    case WD_IN_TEXT:
    case WD_IN_NOTHING:
        break;
    }
    return (wd_rule){ 0 };
}
