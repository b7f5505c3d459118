/*
 * dedup/rules.h - when an overlap makes one text a copy of another: every threshold by name.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dedup/frequency.h"
#include "dedup/overlap.h"
#include "dedup/shingles.h"
#include "dedup/titles.h"

/* Shares are of a text's own words.  Which figure is worth what: bench/dedup --ablate. */
typedef struct wd_rules wd_rules;

struct wd_rules {
    wd_sampling insert, lookup;
    wd_commonness boilerplate;
    uint8_t common_clusters; /* a shingle of so many clusters nominates nobody */
    uint8_t candidates;      /* compared at most */
    float least_votes;

    float cover;                /* of the text with fewer own words */
    float cover_longer;         /* of the other, or else the match must be in its lead: */
    float lead_cover;           /*   with this cover of the shorter */
    uint32_t lead_words;        /*   within so many words */
    float lead_share;           /*   or this share of it */
    float title_bonus;          /* off `cover` when the titles are equal */
    uint32_t run, run_below_40; /* longest run of own words */
    float partial_cover;        /* less than this is no accident ... */
    uint32_t partial_run; /* when there is a run of so many; list pages share many short ones */

    uint32_t text_run; /* so many own words in a row are a text: no template, no digest's lead */

    uint32_t thin;     /* fewer own words: */
    float thin_cover;  /*   much of the shorter */
    float thin_longer; /*   and of the longer */

    float same_feed_cover, same_feed_longer; /* a feed's own template, under another title */

    float same_feed_teaser;    /* all of it in a longer one, and both titles speak of it */
    float same_feed_strangers; /* and when the two titles have nothing in common */

    uint32_t numbers_matter_below; /* own words: any changed number is another story */
    uint32_t least_numbers, least_names;
    float numbers_agree, names_agree;
    float no_number_cover; /* below it one disputed number is too many when none is agreed on */

    uint32_t swap_words; /* a passage of so many words replaced ... */
    float swap_share;    /* ... that is more than this share of what is common */
    float swap_below;    /* unless the cover is higher */

    uint32_t stub_words;  /* fewer words in common need a title that speaks of them: */
    float title_share;    /*   so much of its telling words */
    float title_surely;   /*   or one title speaks surely, with so much ... */
    uint8_t surely_words; /*   and so many of them */
    float title_run;      /*   or so much of the shorter title stands in the other in a row */
    float stub_longer;    /*   when they are so much of the longer text */
    uint32_t stub_surely; /* fewer still: of both titles'; and whatever their share, of one's */
    uint32_t stub_short;  /*   and surely, when they are fewer than this */
    uint32_t notice_words;

    float raw_share; /* identical but for masked boilerplate */
    uint32_t raw_run;

    float digest_cover, digest_longer;
    uint32_t digest_words; /* own words from another story that make a digest ... */
    float digest_share;    /* when they are so much of what it has of the first */
    float root_cover;      /* a member must still be like its cluster's root */
    float root_needless;   /* or as like a member as this, both ways */
    float join_cover; /* of one of two that makes them surely one; a copy of two clusters joins them
                       */
    float join_beside;    /* of what is shared with a second cluster, not shared with the first */
    float related_cover;  /* worth mentioning */
    float revision_cover; /* all but the facts */

    bool use_boilerplate, use_facts, use_digest, use_root, use_lead, use_swap, use_raw, use_titles,
        use_partial, use_text_run, use_join, use_elsewhere, use_editions;
};

extern const wd_rules wd_rules_default;

/* What else is known about the pair. */
typedef struct wd_pair {
    wd_overlap overlap;
    size_t this_words, other_words; /* boilerplate included */
    size_t title_words;
    bool same_title, same_feed;
    bool other_is_digest;
    /* What follows is looked at where the ruling asks for it. */
    size_t other_title_words;
    size_t title_run;                     /* words in a row that both titles have */
    wd_kinship this_title, other_title;   /* with the passages in common */
    wd_kinship this_beside, other_beside; /* with the rest of its own text, if with these hardly */
    wd_kinship titles;                    /* with one another */
} wd_pair;

typedef struct wd_ruling {
    bool copy;
    double score;     /* to choose among several */
    const char *note; /* why not, static; NULL for a copy or a stranger */
} wd_ruling;

/* Is what they have in common more than a template or a digest's lead could be? */
bool wd_rules_is_text(const wd_rules *rules, const wd_overlap *overlap);

/* Has what was looked at so much of the title that it is about it? */
bool wd_rules_speaks(const wd_rules *rules, wd_kinship title);

/* Of a pair whose titles were not looked at yet: does the ruling depend on them?  False: it is the
 * same whatever they are. */
bool wd_rules_asks_titles(const wd_rules *rules, const wd_pair *pair);

wd_ruling wd_rules_apply(const wd_rules *rules, const wd_pair *pair);
