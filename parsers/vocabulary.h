/* parsers/vocabulary.h - the words that feeds are written in, as numbers. */
#pragma once

#include "core/span.h"

/* Local names of elements and attributes that mean something somewhere, sorted by strcmp. */
#define WD_WORD_LIST(X)                                                                            \
    X(ABOUT, "about")                                                                              \
    X(AUTHOR, "author")                                                                            \
    X(BASE, "base")                                                                                \
    X(BODY, "body")                                                                                \
    X(CATEGORY, "category")                                                                        \
    X(CHANNEL, "channel")                                                                          \
    X(CONTENT, "content")                                                                          \
    X(CONTRIBUTOR, "contributor")                                                                  \
    X(CONTROL, "control")                                                                          \
    X(COPYRIGHT, "copyright")                                                                      \
    X(CREATED, "created")                                                                          \
    X(CREATOR, "creator")                                                                          \
    X(CREDIT, "credit")                                                                            \
    X(DATE, "date")                                                                                \
    X(DAY, "day")                                                                                  \
    X(DESCRIPTION, "description")                                                                  \
    X(DRAFT, "draft")                                                                              \
    X(EMAIL, "email")                                                                              \
    X(ENCLOSURE, "enclosure")                                                                      \
    X(ENCODED, "encoded")                                                                          \
    X(ENTRY, "entry")                                                                              \
    X(EXPIRATIONDATE, "expirationdate")                                                            \
    X(FEED, "feed")                                                                                \
    X(FILESIZE, "filesize")                                                                        \
    X(FULLITEM, "fullitem")                                                                        \
    X(GENERATOR, "generator")                                                                      \
    X(GROUP, "group")                                                                              \
    X(GUID, "guid")                                                                                \
    X(HEAD, "head")                                                                                \
    X(HEIGHT, "height")                                                                            \
    X(HOMEPAGE, "homepage")                                                                        \
    X(HOUR, "hour")                                                                                \
    X(HREF, "href")                                                                                \
    X(HTML, "html")                                                                                \
    X(HTMLURL, "htmlurl")                                                                          \
    X(ICON, "icon")                                                                                \
    X(ID, "id")                                                                                    \
    X(IMAGE, "image")                                                                              \
    X(INFO, "info")                                                                                \
    X(ISPERMALINK, "ispermalink")                                                                  \
    X(ISSUED, "issued")                                                                            \
    X(ITEM, "item")                                                                                \
    X(KEYWORDS, "keywords")                                                                        \
    X(LABEL, "label")                                                                              \
    X(LANG, "lang")                                                                                \
    X(LANGUAGE, "language")                                                                        \
    X(LASTBUILDDATE, "lastbuilddate")                                                              \
    X(LASTMOD, "lastmod")                                                                          \
    X(LENGTH, "length")                                                                            \
    X(LINK, "link")                                                                                \
    X(LOC, "loc")                                                                                  \
    X(LOGO, "logo")                                                                                \
    X(MANAGINGEDITOR, "managingeditor")                                                            \
    X(MEDIUM, "medium")                                                                            \
    X(MODE, "mode")                                                                                \
    X(MODIFIED, "modified")                                                                        \
    X(NAME, "name")                                                                                \
    X(NEWS, "news")                                                                                \
    X(OPML, "opml")                                                                                \
    X(ORIGENCLOSURELINK, "origenclosurelink")                                                      \
    X(ORIGLINK, "origlink")                                                                        \
    X(OUTLINE, "outline")                                                                          \
    X(OWNER, "owner")                                                                              \
    X(PLAYER, "player")                                                                            \
    X(PUBDATE, "pubdate")                                                                          \
    X(PUBLICATION, "publication")                                                                  \
    X(PUBLICATION_DATE, "publication_date")                                                        \
    X(PUBLISHED, "published")                                                                      \
    X(PUBLISHER, "publisher")                                                                      \
    X(RDF, "rdf")                                                                                  \
    X(REL, "rel")                                                                                  \
    X(RIGHTS, "rights")                                                                            \
    X(RSS, "rss")                                                                                  \
    X(SKIPDAYS, "skipdays")                                                                        \
    X(SKIPHOURS, "skiphours")                                                                      \
    X(SOURCE, "source")                                                                            \
    X(SRC, "src")                                                                                  \
    X(SUBJECT, "subject")                                                                          \
    X(SUBTITLE, "subtitle")                                                                        \
    X(SUMMARY, "summary")                                                                          \
    X(TAGLINE, "tagline")                                                                          \
    X(TERM, "term")                                                                                \
    X(TEXT, "text")                                                                                \
    X(TEXTINPUT, "textinput")                                                                      \
    X(THUMBNAIL, "thumbnail")                                                                      \
    X(TITLE, "title")                                                                              \
    X(TTL, "ttl")                                                                                  \
    X(TYPE, "type")                                                                                \
    X(UPDATED, "updated")                                                                          \
    X(UPDATEFREQUENCY, "updatefrequency")                                                          \
    X(UPDATEPERIOD, "updateperiod")                                                                \
    X(URI, "uri")                                                                                  \
    X(URL, "url")                                                                                  \
    X(URLSET, "urlset")                                                                            \
    X(VALUE, "value")                                                                              \
    X(VERSION, "version")                                                                          \
    X(WEBMASTER, "webmaster")                                                                      \
    X(WIDTH, "width")                                                                              \
    X(XMLURL, "xmlurl")

typedef enum wd_word {
    WD_WORD_NONE,
#define X(name, text) WD_WORD_##name,
    WD_WORD_LIST(X)
#undef X
        WD_WORD_COUNT
} wd_word;

wd_word wd_word_of(wd_span local); /* ASCII case ignored */
