/*
 * daemon/verbs/opml.h - what `wiredesk opml` can do, a function each.
 */
#pragma once

int wd_opml_import(int argc, char **argv); /* daemon/verbs/opml_import.c */
int wd_opml_export(int argc, char **argv); /* daemon/verbs/opml.c */
int wd_opml_diff(int argc, char **argv);   /* daemon/verbs/opml.c */
