/* parsers/html_policy.c - the lists, sorted; a name is looked for among those with its first
 * letter and length. */
#include "parsers/html_policy.h"

#include <string.h>

#include "core/status.h"

/* clang-format off */
#define KEEP    WD_HTML_KEEP
#define VOID    WD_HTML_VOID
#define LINE    WD_HTML_LINE
#define PARA    WD_HTML_PARA
#define OPEN    WD_HTML_OPEN
#define SWALLOW WD_HTML_SWALLOW
#define HIDDEN  WD_HTML_HIDDEN
#define CELL    WD_HTML_CELL
#define BREAK   WD_HTML_BREAK
#define PRE     WD_HTML_PRE
#define RICH    WD_HTML_RICH
#define FOREIGN WD_HTML_FOREIGN
#define LAZY    WD_HTML_LAZY
#define PICTURE WD_HTML_PICTURE
#define BARE    WD_HTML_BARE

static const wd_html_element elements[] = {
    { "a", 1, KEEP }, { "abbr", 4, KEEP }, { "acronym", 7, KEEP }, { "address", 7, KEEP | PARA },
    { "applet", 6, HIDDEN }, { "area", 4, KEEP | VOID }, { "article", 7, KEEP | PARA },
    { "aside", 5, KEEP | PARA }, { "audio", 5, KEEP }, { "b", 1, KEEP }, { "base", 4, VOID },
    { "basefont", 8, VOID }, { "bdi", 3, KEEP }, { "bdo", 3, KEEP }, { "bgsound", 7, VOID },
    { "big", 3, KEEP }, { "blink", 5, 0 }, { "blockquote", 10, KEEP | PARA }, { "body", 4, 0 },
    { "br", 2, KEEP | VOID | BREAK }, { "button", 6, KEEP }, { "canvas", 6, KEEP },
    { "caption", 7, KEEP | LINE }, { "center", 6, KEEP | PARA }, { "cite", 4, KEEP },
    { "code", 4, KEEP }, { "col", 3, KEEP | VOID }, { "colgroup", 8, KEEP | OPEN },
    { "command", 7, KEEP | VOID }, { "datagrid", 8, KEEP }, { "datalist", 8, KEEP },
    { "dd", 2, KEEP | LINE | OPEN }, { "del", 3, KEEP }, { "details", 7, KEEP | PARA },
    { "dfn", 3, KEEP }, { "dialog", 6, KEEP | PARA }, { "dir", 3, KEEP | PARA },
    { "div", 3, KEEP | LINE }, { "dl", 2, KEEP | PARA }, { "dt", 2, KEEP | LINE | OPEN },
    { "em", 2, KEEP }, { "embed", 5, VOID }, { "event-source", 12, KEEP | VOID },
    { "fieldset", 8, KEEP | PARA }, { "figcaption", 10, KEEP | LINE },
    { "figure", 6, KEEP | PARA }, { "font", 4, KEEP }, { "footer", 6, KEEP | PARA },
    { "form", 4, KEEP | PARA }, { "frame", 5, VOID }, { "frameset", 8, 0 },
    { "h1", 2, KEEP | PARA }, { "h2", 2, KEEP | PARA }, { "h3", 2, KEEP | PARA },
    { "h4", 2, KEEP | PARA }, { "h5", 2, KEEP | PARA }, { "h6", 2, KEEP | PARA }, { "head", 4, 0 },
    { "header", 6, KEEP | PARA }, { "hr", 2, KEEP | VOID | PARA }, { "html", 4, 0 },
    { "i", 1, KEEP }, { "iframe", 6, 0 }, { "img", 3, KEEP | VOID | RICH | LAZY | PICTURE },
    { "input", 5, KEEP | VOID }, { "ins", 3, KEEP }, { "isindex", 7, VOID }, { "kbd", 3, KEEP },
    { "keygen", 6, KEEP | VOID }, { "label", 5, KEEP }, { "legend", 6, KEEP | LINE },
    { "li", 2, KEEP | LINE | OPEN }, { "link", 4, VOID }, { "m", 1, KEEP },
    { "main", 4, KEEP | PARA }, { "map", 3, KEEP }, { "mark", 4, KEEP }, { "marquee", 7, 0 },
     { "menu", 4, KEEP | PARA }, { "meta", 4, VOID }, { "meter", 5, KEEP },
    { "multicol", 8, KEEP }, { "nav", 3, KEEP | PARA }, { "nextid", 6, KEEP | VOID },
    { "nobr", 4, 0 }, { "noembed", 7, HIDDEN }, { "noframes", 8, HIDDEN }, { "noscript", 8, BARE },
    { "object", 6, 0 }, { "ol", 2, KEEP | PARA }, { "optgroup", 8, KEEP | OPEN },
    { "option", 6, KEEP | LINE | OPEN }, { "output", 6, KEEP }, { "p", 1, KEEP | PARA | OPEN },
    { "param", 5, VOID }, { "picture", 7, KEEP }, { "plaintext", 9, 0 },
    { "pre", 3, KEEP | PARA | PRE }, { "progress", 8, KEEP }, { "q", 1, KEEP },
    { "rb", 2, KEEP | OPEN }, { "rp", 2, KEEP | OPEN }, { "rt", 2, KEEP | OPEN },
    { "rtc", 3, KEEP | OPEN }, { "ruby", 4, KEEP }, { "s", 1, KEEP }, { "samp", 4, KEEP },
    { "script", 6, SWALLOW }, { "section", 7, KEEP | PARA }, { "select", 6, KEEP },
    { "small", 5, KEEP }, { "sound", 5, KEEP | VOID }, { "source", 6, KEEP | VOID | LAZY },
    { "spacer", 6, KEEP }, { "span", 4, KEEP }, { "strike", 6, KEEP }, { "strong", 6, KEEP },
    { "style", 5, SWALLOW }, { "sub", 3, KEEP | RICH }, { "summary", 7, KEEP | LINE }, { "sup", 3, KEEP | RICH },
     { "table", 5, KEEP | PARA }, { "tbody", 5, KEEP | OPEN },
    { "td", 2, KEEP | OPEN | CELL }, { "template", 8, HIDDEN },
    { "textarea", 8, KEEP | LINE | PRE }, { "tfoot", 5, KEEP | OPEN },
    { "th", 2, KEEP | OPEN | CELL }, { "thead", 5, KEEP | OPEN }, { "time", 4, KEEP },
    { "title", 5, 0 }, { "tr", 2, KEEP | LINE | OPEN }, { "track", 5, KEEP | VOID },
    { "tt", 2, KEEP }, { "u", 1, KEEP }, { "ul", 2, KEEP | PARA }, { "var", 3, KEEP },
    { "video", 5, KEEP }, { "wbr", 3, KEEP | VOID }, { "xmp", 3, HIDDEN },
};

/* Pictures and formulas: no element that loads, links in, animates or embeds. */
static const wd_html_element foreign_elements[] = {
    { "circle", 6, KEEP | FOREIGN | OPEN }, { "defs", 4, KEEP | FOREIGN },
    { "desc", 4, KEEP | FOREIGN }, { "ellipse", 7, KEEP | FOREIGN | OPEN },
    { "g", 1, KEEP | FOREIGN }, { "line", 4, KEEP | FOREIGN | OPEN },
    { "lineargradient", 14, KEEP | FOREIGN }, { "math", 4, KEEP | FOREIGN },
    { "merror", 6, KEEP | FOREIGN }, { "mfrac", 5, KEEP | FOREIGN }, { "mi", 2, KEEP | FOREIGN },
    { "mmultiscripts", 13, KEEP | FOREIGN }, { "mn", 2, KEEP | FOREIGN },
    { "mo", 2, KEEP | FOREIGN }, { "mover", 5, KEEP | FOREIGN }, { "mpadded", 7, KEEP | FOREIGN },
    { "mphantom", 8, KEEP | FOREIGN }, { "mprescripts", 11, KEEP | FOREIGN },
    { "mroot", 5, KEEP | FOREIGN }, { "mrow", 4, KEEP | FOREIGN }, { "mspace", 6, KEEP | FOREIGN },
    { "msqrt", 5, KEEP | FOREIGN }, { "mstyle", 6, KEEP | FOREIGN }, { "msub", 4, KEEP | FOREIGN },
    { "msubsup", 7, KEEP | FOREIGN }, { "msup", 4, KEEP | FOREIGN },
    { "mtable", 6, KEEP | FOREIGN }, { "mtd", 3, KEEP | FOREIGN }, { "mtext", 5, KEEP | FOREIGN },
    { "mtr", 3, KEEP | FOREIGN }, { "munder", 6, KEEP | FOREIGN },
    { "munderover", 10, KEEP | FOREIGN }, { "none", 4, KEEP | FOREIGN },
    { "path", 4, KEEP | FOREIGN | OPEN }, { "polygon", 7, KEEP | FOREIGN | OPEN },
    { "polyline", 8, KEEP | FOREIGN | OPEN }, { "radialgradient", 14, KEEP | FOREIGN },
    { "rect", 4, KEEP | FOREIGN | OPEN }, { "stop", 4, KEEP | FOREIGN | OPEN },
    { "svg", 3, KEEP | FOREIGN }, { "switch", 6, KEEP | FOREIGN }, { "text", 4, KEEP | FOREIGN },
    { "title", 5, KEEP | FOREIGN }, { "tspan", 5, KEEP | FOREIGN },
};

struct attr {
    char name[20];
    uint8_t len;
    uint8_t kind;
};

#define DROP   WD_HTML_ATTR_DROP
#define PLAIN  WD_HTML_ATTR_PLAIN
#define URL    WD_HTML_ATTR_URL
#define STYLE  WD_HTML_ATTR_STYLE
#define SRCSET WD_HTML_ATTR_SRCSET

static const struct attr attrs[] = {
    { "abbr", 4, PLAIN }, { "accept", 6, PLAIN }, { "accept-charset", 14, PLAIN },
    { "accesskey", 9, PLAIN }, { "action", 6, URL }, { "align", 5, PLAIN }, { "alt", 3, PLAIN },
    { "aria-hidden", 11, PLAIN }, { "aria-label", 10, PLAIN }, { "autocomplete", 12, PLAIN },
    { "autofocus", 9, PLAIN }, { "autoplay", 8, PLAIN }, { "axis", 4, PLAIN },
    { "background", 10, URL }, { "balance", 7, PLAIN }, { "bgcolor", 7, PLAIN },
    { "bgproperties", 12, PLAIN }, { "border", 6, PLAIN }, { "bordercolor", 11, PLAIN },
    { "bordercolordark", 15, PLAIN }, { "bordercolorlight", 16, PLAIN },
    { "bottompadding", 13, PLAIN }, { "cellpadding", 11, PLAIN }, { "cellspacing", 11, PLAIN },
    { "ch", 2, PLAIN }, { "challenge", 9, PLAIN }, { "char", 4, PLAIN }, { "charoff", 7, PLAIN },
    { "charset", 7, PLAIN }, { "checked", 7, PLAIN }, { "choff", 5, PLAIN }, { "cite", 4, URL },
    { "class", 5, PLAIN }, { "clear", 5, PLAIN }, { "color", 5, PLAIN }, { "cols", 4, PLAIN },
    { "colspan", 7, PLAIN }, { "compact", 7, PLAIN }, { "contenteditable", 15, PLAIN },
    { "controls", 8, PLAIN }, { "coords", 6, PLAIN }, { "data", 4, URL }, { "datafld", 7, PLAIN },
    { "datapagesize", 12, PLAIN }, { "datasrc", 7, PLAIN }, { "datetime", 8, PLAIN },
    { "decoding", 8, PLAIN }, { "default", 7, PLAIN }, { "delay", 5, PLAIN }, { "dir", 3, PLAIN },
    { "disabled", 8, PLAIN }, { "draggable", 9, PLAIN }, { "dynsrc", 6, URL },
    { "enctype", 7, PLAIN }, { "end", 3, PLAIN }, { "face", 4, PLAIN }, { "for", 3, PLAIN },
    { "form", 4, PLAIN }, { "frame", 5, PLAIN }, { "galleryimg", 10, PLAIN },
    { "gutter", 6, PLAIN }, { "headers", 7, PLAIN }, { "height", 6, PLAIN },
    { "hidden", 6, PLAIN }, { "hidefocus", 9, PLAIN }, { "high", 4, PLAIN }, { "href", 4, URL },
    { "hreflang", 8, PLAIN }, { "hspace", 6, PLAIN }, { "icon", 4, PLAIN }, { "id", 2, PLAIN },
    { "inputmode", 9, PLAIN }, { "ismap", 5, PLAIN }, { "itemprop", 8, PLAIN },
    { "itemscope", 9, PLAIN }, { "itemtype", 8, PLAIN }, { "keytype", 7, PLAIN },
    { "kind", 4, PLAIN }, { "label", 5, PLAIN }, { "lang", 4, PLAIN },
    { "leftspacing", 11, PLAIN }, { "list", 4, PLAIN }, { "loading", 7, PLAIN },
    { "longdesc", 8, URL }, { "loop", 4, PLAIN }, { "loopcount", 9, PLAIN },
    { "loopend", 7, PLAIN }, { "loopstart", 9, PLAIN }, { "low", 3, PLAIN }, { "lowsrc", 6, URL },
    { "max", 3, PLAIN }, { "maxlength", 9, PLAIN }, { "media", 5, PLAIN }, { "method", 6, PLAIN },
    { "min", 3, PLAIN }, { "multiple", 8, PLAIN }, { "name", 4, PLAIN }, { "nohref", 6, PLAIN },
    { "noshade", 7, PLAIN }, { "nowrap", 6, PLAIN }, { "open", 4, PLAIN }, { "optimum", 7, PLAIN },
    { "pattern", 7, PLAIN }, { "ping", 4, URL }, { "point-size", 10, PLAIN }, { "poster", 6, URL },
    { "pqg", 3, PLAIN }, { "preload", 7, PLAIN }, { "prompt", 6, PLAIN },
    { "radiogroup", 10, PLAIN }, { "readonly", 8, PLAIN }, { "rel", 3, PLAIN },
    { "repeat-max", 10, PLAIN }, { "repeat-min", 10, PLAIN }, { "replace", 7, PLAIN },
    { "required", 8, PLAIN }, { "rev", 3, PLAIN }, { "reversed", 8, PLAIN },
    { "rightspacing", 12, PLAIN }, { "role", 4, PLAIN }, { "rows", 4, PLAIN },
    { "rowspan", 7, PLAIN }, { "rules", 5, PLAIN }, { "scope", 5, PLAIN },
    { "selected", 8, PLAIN }, { "shape", 5, PLAIN }, { "size", 4, PLAIN }, { "sizes", 5, PLAIN },
    { "span", 4, PLAIN }, { "src", 3, URL }, { "srclang", 7, PLAIN }, { "srcset", 6, SRCSET },
    { "start", 5, PLAIN }, { "step", 4, PLAIN }, { "style", 5, STYLE }, { "summary", 7, PLAIN },
    { "suppress", 8, PLAIN }, { "tabindex", 8, PLAIN }, { "target", 6, PLAIN },
    { "template", 8, PLAIN }, { "title", 5, PLAIN }, { "toppadding", 10, PLAIN },
    { "type", 4, PLAIN }, { "unselectable", 12, PLAIN }, { "urn", 3, PLAIN },
    { "usemap", 6, PLAIN }, { "valign", 6, PLAIN }, { "value", 5, PLAIN },
    { "variable", 8, PLAIN }, { "volume", 6, PLAIN }, { "vrml", 4, PLAIN }, { "vspace", 6, PLAIN },
    { "width", 5, PLAIN }, { "wrap", 4, PLAIN }, { "xml:lang", 8, PLAIN },
};
static const struct attr foreign_attrs[] = {
    { "accent", 6, PLAIN }, { "baseprofile", 11, PLAIN }, { "columnalign", 11, PLAIN },
    { "columnlines", 11, PLAIN }, { "columnspacing", 13, PLAIN }, { "columnspan", 10, PLAIN },
    { "cx", 2, PLAIN }, { "cy", 2, PLAIN }, { "d", 1, PLAIN }, { "depth", 5, PLAIN },
    { "display", 7, PLAIN }, { "displaystyle", 12, PLAIN }, { "equalcolumns", 12, PLAIN },
    { "equalrows", 9, PLAIN }, { "fence", 5, PLAIN }, { "fill", 4, PLAIN },
    { "fill-opacity", 12, PLAIN }, { "fill-rule", 9, PLAIN }, { "font-family", 11, PLAIN },
    { "font-size", 9, PLAIN }, { "font-style", 10, PLAIN }, { "font-weight", 11, PLAIN },
    { "fontstyle", 9, PLAIN }, { "fontweight", 10, PLAIN }, { "frame", 5, PLAIN },
    { "fx", 2, PLAIN }, { "fy", 2, PLAIN }, { "gradientunits", 13, PLAIN }, { "height", 6, PLAIN },
    { "id", 2, PLAIN }, { "largeop", 7, PLAIN }, { "linethickness", 13, PLAIN },
    { "lspace", 6, PLAIN }, { "mathbackground", 14, PLAIN }, { "mathcolor", 9, PLAIN },
    { "mathvariant", 11, PLAIN }, { "maxsize", 7, PLAIN }, { "minsize", 7, PLAIN },
    { "offset", 6, PLAIN }, { "opacity", 7, PLAIN }, { "pathlength", 10, PLAIN },
    { "points", 6, PLAIN }, { "preserveaspectratio", 19, PLAIN }, { "r", 1, PLAIN },
    { "rowalign", 8, PLAIN }, { "rowlines", 8, PLAIN }, { "rowspacing", 10, PLAIN },
    { "rowspan", 7, PLAIN }, { "rspace", 6, PLAIN }, { "rx", 2, PLAIN }, { "ry", 2, PLAIN },
    { "scriptlevel", 11, PLAIN }, { "selection", 9, PLAIN }, { "separator", 9, PLAIN },
    { "stop-color", 10, PLAIN }, { "stop-opacity", 12, PLAIN }, { "stretchy", 8, PLAIN },
    { "stroke", 6, PLAIN }, { "stroke-dasharray", 16, PLAIN }, { "stroke-linecap", 14, PLAIN },
    { "stroke-linejoin", 15, PLAIN }, { "stroke-miterlimit", 17, PLAIN },
    { "stroke-opacity", 14, PLAIN }, { "stroke-width", 12, PLAIN }, { "text-anchor", 11, PLAIN },
    { "transform", 9, PLAIN }, { "version", 7, PLAIN }, { "viewbox", 7, PLAIN },
    { "width", 5, PLAIN }, { "x", 1, PLAIN }, { "x1", 2, PLAIN }, { "x2", 2, PLAIN },
    { "xlink:href", 10, URL }, { "xlink:show", 10, PLAIN }, { "xlink:title", 11, PLAIN },
    { "xlink:type", 10, PLAIN }, { "y", 1, PLAIN }, { "y1", 2, PLAIN }, { "y2", 2, PLAIN },
};
/* clang-format on */

/* The first row that is not before `c`, in a table of `size`-byte rows that begin with a name. */
static size_t lower_bound(const char *rows, size_t size, size_t n, char c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (rows[mid * size] < c)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static const wd_html_element *find_in(const wd_html_element *rows, size_t n, wd_span lower)
{
    if (lower.len == 0 || lower.len >= sizeof(rows[0].name))
        return NULL;
    size_t i = lower_bound(rows[0].name, sizeof(rows[0]), n, lower.ptr[0]);
    for (; i < n && rows[i].name[0] == lower.ptr[0]; i++)
        if (rows[i].len == lower.len && memcmp(rows[i].name, lower.ptr, lower.len) == 0)
            return &rows[i];
    return NULL;
}

const wd_html_element *wd_html_element_find(wd_span lower)
{
    return find_in(elements, WD_COUNT(elements), lower);
}

const wd_html_element *wd_html_foreign_find(wd_span lower)
{
    return find_in(foreign_elements, WD_COUNT(foreign_elements), lower);
}

static wd_html_attr_kind kind_in(const struct attr *rows, size_t n, wd_span lower)
{
    if (lower.len == 0 || lower.len >= sizeof(rows[0].name))
        return WD_HTML_ATTR_DROP;
    size_t i = lower_bound(rows[0].name, sizeof(rows[0]), n, lower.ptr[0]);
    for (; i < n && rows[i].name[0] == lower.ptr[0]; i++)
        if (rows[i].len == lower.len && memcmp(rows[i].name, lower.ptr, lower.len) == 0)
            return (wd_html_attr_kind)rows[i].kind;
    return WD_HTML_ATTR_DROP;
}

wd_html_attr_kind wd_html_attr_find(wd_span lower, bool foreign)
{
    return foreign ? kind_in(foreign_attrs, WD_COUNT(foreign_attrs), lower)
                   : kind_in(attrs, WD_COUNT(attrs), lower);
}

bool wd_html_scheme_allowed(wd_span scheme)
{
    static const char *const schemes[] = {
        "aim",    "callto", "ed2k",   "facetime", "feed",  "ftp",     "geo",  "gopher",
        "gemini", "h323",   "hdl",    "http",     "https", "imap",    "irc",  "ircs",
        "magnet", "mailto", "matrix", "mms",      "msnim", "news",    "nntp", "prospero",
        "rsync",  "rtsp",   "rtspu",  "sftp",     "shttp", "sip",     "sips", "skype",
        "smb",    "sms",    "snews",  "ssh",      "svn",   "svn+ssh", "tag",  "tel",
        "telnet", "urn",    "wais",   "webcal",   "xmpp",  "ymsgr",
    };
    for (size_t i = 0; i < WD_COUNT(schemes); i++)
        if (wd_span_is_nocase(scheme, schemes[i]))
            return true;
    return false;
}
