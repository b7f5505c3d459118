/*
 * parsers/namespaces.h - which vocabulary a name belongs to, as a number.
 *
 * By URI (case, scheme and trailing slash do not matter), by a well-known prefix when nothing
 * is declared.  RSS, Atom and no namespace at all are one: real documents mix them, and the
 * mapping looks at shapes instead (parsers/rules.h).
 */
#pragma once

#include "core/span.h"

#define WD_NS_LIST(X)                                                                              \
    X(CORE) /* no namespace, and every one RSS has had */                                          \
    X(ATOM)                                                                                        \
    X(APP) /* RFC 5023 */                                                                          \
    X(RDF)                                                                                         \
    X(DC)                                                                                          \
    X(DCTERMS)                                                                                     \
    X(CONTENT)                                                                                     \
    X(MEDIA)                                                                                       \
    X(ITUNES)                                                                                      \
    X(GOOGLEPLAY)                                                                                  \
    X(XHTML)                                                                                       \
    X(SVG)                                                                                         \
    X(MATHML)                                                                                      \
    X(XML)                                                                                         \
    X(SYNDICATION)                                                                                 \
    X(FEEDBURNER)                                                                                  \
    X(SITEMAP)                                                                                     \
    X(NEWS)                                                                                        \
    X(OTHER)

typedef enum wd_ns {
#define X(name) WD_NS_##name,
    WD_NS_LIST(X)
#undef X
        WD_NS_COUNT
} wd_ns;

/* `uri` absent: nothing was declared, and the prefix decides; absent too: CORE. */
wd_ns wd_ns_of(wd_span uri, wd_span prefix);
