/*
 * daemon/verbs/verb.h - how every verb begins, and how it says what it could not do.
 *
 * Each takes --config and --json beside options of its own.  With --json all that it has to say
 * goes to stdout as JSON, its failure too: {"ok":false,"verb":...,"text":...} in a line of its
 * own, so that a program reads one stream only; without, failures go to stderr.
 */
#pragma once

#include "daemon/config/config.h"
#include "daemon/verbs/options.h"

typedef struct wd_verb {
    const char *name; /* "opml import" */
    const char *file; /* after --config; NULL: where it is looked for */
    bool json;
} wd_verb;

/* Is there a --json?  Known before the options are read: they may be what is wrong. */
bool wd_verb_wants_json(int argc, char **argv);

/* argv[0] is the name, `own` the table of the verb's own options or NULL; *rest as
 * wd_options_parse() has it. False: the arguments are wrong, which was said. */
bool wd_verb_begin(wd_verb *v, int argc, char **argv, const wd_option *own, int *rest);

/* The configuration that was given, or the one that lies where it should.  NULL: it is wrong,
 * which was said, and what to do when there is none. */
wd_config *wd_verb_config(const wd_verb *v);

/* The same, saying nothing: `wrong` (may be NULL) has it. */
wd_config *wd_verb_config_quiet(const wd_verb *v, wd_mistakes *wrong);

/* The same for a verb that needs none: where no file was named and none lies where it should,
 * everything is as by default. */
wd_config *wd_verb_config_or_none(const wd_verb *v);

/* What a verb that only wants a configuration begins with: both of the above, no other words.
 * NULL: said. */
wd_config *wd_verb_open(wd_verb *v, int argc, char **argv, const wd_option *own);

/* Says in one sentence, without a full stop, what went wrong; `where` is the file, line or
 * address that it is about, or NULL. */
void wd_verb_fail(const wd_verb *v, const char *where, const char *format, ...) WD_PRINTF(3, 4);

/* Says what is wrong with a configuration, a line each; with --json the first as any failure, all
 * of them in its "mistakes", and "more" how many there are beside those. */
void wd_verb_mistakes(const wd_verb *v, const wd_mistakes *wrong);

/* Tells a person the command to type next: "Next: wiredesk ctl reload", with the --config that
 * this one was given.  Nothing with --json. */
void wd_verb_next(const wd_verb *v, const char *command);
