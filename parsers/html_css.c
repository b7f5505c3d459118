/* parsers/html_css.c - style attributes, reduced to declarations whose property is harmless and
 * whose value is made of plain words, numbers and colours.  A value with a backslash, a
 * bracket other than rgb()'s, an "@" or a URL takes its declaration with it. */
#include <string.h>

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/html_attr.h"

/* One declaration; longer ones are no styling of a word or two. */
#define DECLARATION_BYTES 256u

#define L(text)                                                                                    \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static bool in_list(wd_span word, const wd_span *list, size_t n)
{
    char first = word.len > 0 ? wd_lower(word.ptr[0]) : '\0';
    for (size_t i = 0; i < n; i++)
        if (word.len == list[i].len && first == list[i].ptr[0] && wd_span_eq_nocase(word, list[i]))
            return true;
    return false;
}

static bool property_allowed(wd_span name)
{
    static const wd_span names[] = {
        L("azimuth"),
        L("background-color"),
        L("border-bottom-color"),
        L("border-collapse"),
        L("border-color"),
        L("border-left-color"),
        L("border-right-color"),
        L("border-top-color"),
        L("clear"),
        L("color"),
        L("cursor"),
        L("direction"),
        L("display"),
        L("elevation"),
        L("float"),
        L("font"),
        L("font-family"),
        L("font-size"),
        L("font-style"),
        L("font-variant"),
        L("font-weight"),
        L("height"),
        L("letter-spacing"),
        L("line-height"),
        L("overflow"),
        L("pause"),
        L("pause-after"),
        L("pause-before"),
        L("pitch"),
        L("pitch-range"),
        L("richness"),
        L("speak"),
        L("speak-header"),
        L("speak-numeral"),
        L("speak-punctuation"),
        L("speech-rate"),
        L("stress"),
        L("text-align"),
        L("text-decoration"),
        L("text-indent"),
        L("unicode-bidi"),
        L("vertical-align"),
        L("voice-family"),
        L("volume"),
        L("white-space"),
        L("width"),
    };
    return in_list(name, names, WD_COUNT(names));
}

/* Shorthands, whose values are held to a short list of words. */
static bool shorthand(wd_span name)
{
    static const wd_span names[] = { L("background"), L("border"), L("margin"), L("padding") };
    wd_span head = wd_span_head(name, wd_span_find(name, '-'));
    return in_list(head, names, WD_COUNT(names));
}

static bool keyword(wd_span word)
{
    static const wd_span words[] = {
        L("!important"), L("aqua"),   L("auto"),    L("black"),   L("block"),  L("blue"),
        L("bold"),       L("both"),   L("bottom"),  L("brown"),   L("center"), L("collapse"),
        L("dashed"),     L("dotted"), L("fuchsia"), L("gray"),    L("green"),  L("italic"),
        L("left"),       L("lime"),   L("maroon"),  L("medium"),  L("navy"),   L("none"),
        L("normal"),     L("nowrap"), L("olive"),   L("pointer"), L("purple"), L("red"),
        L("right"),      L("silver"), L("solid"),   L("teal"),    L("top"),    L("transparent"),
        L("underline"),  L("white"),  L("yellow"),
    };
    return in_list(word, words, WD_COUNT(words));
}

/* #abc, 12.5px, 80%, rgb(1,2,3): /^(#[0-9a-f]+|rgb\(...\)|\d{0,2}\.?\d{0,2}(unit)?)$/ */
static bool measure(wd_span w)
{
    static const wd_span units[] = { L("cm"), L("em"), L("ex"), L("in"), L("mm"), L("pc"),
                                     L("pt"), L("px"), L("%"),  L(","),  L(")"),  L("") };
    size_t i = 0;
    if (w.len > 1 && w.ptr[0] == '#') {
        for (i = 1; i < w.len && wd_hex_value(w.ptr[i]) >= 0; i++)
            ;
        return i == w.len;
    }
    if (wd_span_starts_nocase(w, "rgb(")) {
        for (i = 4; i < w.len && (wd_is_digit(w.ptr[i]) || w.ptr[i] == ',' || w.ptr[i] == '%'); i++)
            ;
        return i + 1 >= w.len && (i == w.len || w.ptr[i] == ')');
    }
    while (i < w.len && i < 2 && wd_is_digit(w.ptr[i]))
        i++;
    i += i < w.len && w.ptr[i] == '.';
    for (size_t d = 0; d < 2 && i < w.len && wd_is_digit(w.ptr[i]); d++)
        i++;
    wd_span unit = wd_span_from(w, i);
    return w.len > 0 && in_list(unit, units, WD_COUNT(units));
}

static bool shorthand_value(wd_span value)
{
    while (value.ptr != NULL) {
        wd_span word = wd_span_trim(wd_span_cut(&value, ' '));
        if (word.len > 0 && !keyword(word) && !measure(word))
            return false;
    }
    return true;
}

static bool harmless(wd_span value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!wd_is_alnum(c) && (unsigned char)c < 0x80 && strchr(" -_.,#%!'\"()/", c) == NULL)
            return false;
    }
    for (wd_span rest = value; rest.len > 0;) { /* only rgb( opens a bracket */
        size_t at = wd_span_find(rest, '(');
        if (at < rest.len &&
            (at < 3 || !wd_span_is_nocase((wd_span){ rest.ptr + at - 3, 3 }, "rgb")))
            return false;
        rest = wd_span_from(rest, at + 1);
    }
    return true;
}

static void put_declaration(wd_html_bytes *out, wd_span name, wd_span value, bool first)
{
    char line[2 * DECLARATION_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++)
        line[n++] = wd_lower(name.ptr[i]);
    line[n++] = ':';
    line[n++] = ' ';
    memcpy(line + n, value.ptr, value.len);
    n += value.len;
    line[n++] = ';';
    if (!first)
        wd_html_put(out, " ", 1);
    wd_html_put_escaped(out, (wd_span){ line, n }, true);
}

void wd_html_style_clean(wd_html_bytes *out, wd_span style)
{
    bool first = true;
    while (style.ptr != NULL) {
        wd_span value = wd_span_cut(&style, ';');
        wd_span name = wd_span_trim(wd_span_cut(&value, ':'));
        bool gap = value.len > 0 && wd_is_space(value.ptr[value.len - 1]);
        value = wd_span_trim(value);
        value.len += gap; /* the space in front of a ";" changes nothing */
        if (value.len == gap || name.len + value.len > DECLARATION_BYTES || !harmless(value))
            continue;
        if (!property_allowed(name) && !(shorthand(name) && shorthand_value(value)))
            continue;
        put_declaration(out, name, value, first);
        first = false;
    }
}
