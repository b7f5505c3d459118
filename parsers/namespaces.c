/* parsers/namespaces.c - two short tables: addresses, and prefixes for who declares none. */
#include "parsers/namespaces.h"

#include <string.h>

#include "core/ascii.h"
#include "core/status.h"

/* Without scheme and trailing "/" or "#"; a "*" at the end stands for anything. */
static const struct {
    const char *uri;
    wd_ns ns;
} uris[] = {
    { "www.w3.org/2005/atom", WD_NS_ATOM },
    { "www.w3.org/2007/app", WD_NS_APP },
    { "purl.org/atom/app", WD_NS_APP },
    { "purl.org/atom/*", WD_NS_ATOM },
    { "example.com/newformat", WD_NS_ATOM },
    { "example.com/necho", WD_NS_ATOM },
    { "purl.org/echo", WD_NS_ATOM },
    { "uri/of/echo/namespace*", WD_NS_ATOM },
    { "purl.org/pie", WD_NS_ATOM },
    { "backend.userland.com/rss*", WD_NS_CORE },
    { "blogs.law.harvard.edu/tech/rss", WD_NS_CORE },
    { "cyber.law.harvard.edu/rss*", WD_NS_CORE },
    { "cyber.harvard.edu/rss*", WD_NS_CORE },
    { "www.rssboard.org/rss*", WD_NS_CORE },
    { "purl.org/rss/1.0", WD_NS_CORE },
    { "my.netscape.com/rdf/simple/0.9", WD_NS_CORE },
    { "my.netscape.com/publish/formats/rss-0.91.dtd", WD_NS_CORE },
    { "channel.netscape.com/rdf/simple/0.9", WD_NS_CORE },
    { "my.netscape.com/rdf/simple/1.0", WD_NS_CORE },
    { "purl.org/net/rss1.1", WD_NS_CORE },
    { "www.w3.org/1999/02/22-rdf-syntax-ns", WD_NS_RDF },
    { "purl.org/dc/elements/1.*", WD_NS_DC },
    { "purl.org/dc/terms", WD_NS_DCTERMS },
    { "purl.org/rss/1.0/modules/content", WD_NS_CONTENT },
    { "purl.org/rss/1.0/modules/syndication", WD_NS_SYNDICATION },
    { "search.yahoo.com/mrss*", WD_NS_MEDIA },
    { "video.search.yahoo.com/mrss*", WD_NS_MEDIA },
    { "tools.search.yahoo.com/mrss*", WD_NS_MEDIA },
    { "www.itunes.com/dtds/podcast-1.0.dtd", WD_NS_ITUNES },
    { "www.itunes.com/dtds/*", WD_NS_ITUNES },
    { "example.com/dtds/podcast-1.0.dtd", WD_NS_ITUNES },
    { "www.google.com/schemas/play-podcasts/1.0*", WD_NS_GOOGLEPLAY },
    { "www.w3.org/1999/xhtml", WD_NS_XHTML },
    { "www.w3.org/2000/svg", WD_NS_SVG },
    { "www.w3.org/1998/math/mathml", WD_NS_MATHML },
    { "www.w3.org/xml/1998/namespace", WD_NS_XML },
    { "rssnamespace.org/feedburner/ext/1.0", WD_NS_FEEDBURNER },
    { "www.sitemaps.org/schemas/sitemap/*", WD_NS_SITEMAP },
    { "www.google.com/schemas/sitemap/*", WD_NS_SITEMAP },
    { "www.google.com/schemas/sitemap-news/*", WD_NS_NEWS },
};

static const struct {
    const char *prefix;
    wd_ns ns;
} prefixes[] = {
    { "atom", WD_NS_ATOM },
    { "atom10", WD_NS_ATOM },
    { "app", WD_NS_APP },
    { "rss", WD_NS_CORE },
    { "rdf", WD_NS_RDF },
    { "dc", WD_NS_DC },
    { "dcterms", WD_NS_DCTERMS },
    { "dct", WD_NS_DCTERMS },
    { "content", WD_NS_CONTENT },
    { "media", WD_NS_MEDIA },
    { "itunes", WD_NS_ITUNES },
    { "googleplay", WD_NS_GOOGLEPLAY },
    { "xhtml", WD_NS_XHTML },
    { "svg", WD_NS_SVG },
    { "xml", WD_NS_XML },
    { "sy", WD_NS_SYNDICATION },
    { "feedburner", WD_NS_FEEDBURNER },
    { "news", WD_NS_NEWS },
};

static bool uri_matches(wd_span uri, const char *pattern)
{
    if (uri.len == 0 || wd_lower(uri.ptr[0]) != pattern[0])
        return false;
    size_t n = strlen(pattern);
    if (pattern[n - 1] == '*')
        return wd_span_eq_nocase(wd_span_head(uri, n - 1), (wd_span){ pattern, n - 1 });
    while (uri.len > n && strchr("/#", uri.ptr[uri.len - 1]) != NULL)
        uri.len--;
    return wd_span_eq_nocase(uri, (wd_span){ pattern, n });
}

wd_ns wd_ns_of(wd_span uri, wd_span prefix)
{
    uri = wd_span_trim(uri);
    if (uri.len > 0) {
        size_t slashes = wd_span_find_nocase(uri, "://");
        uri = slashes < uri.len ? wd_span_from(uri, slashes + 3) : uri;
        for (size_t i = 0; i < WD_COUNT(uris); i++)
            if (uri_matches(uri, uris[i].uri))
                return uris[i].ns;
        return WD_NS_OTHER;
    }
    if (prefix.len == 0)
        return WD_NS_CORE;
    for (size_t i = 0; i < WD_COUNT(prefixes); i++)
        if (wd_span_is_nocase(prefix, prefixes[i].prefix))
            return prefixes[i].ns;
    return WD_NS_OTHER;
}
