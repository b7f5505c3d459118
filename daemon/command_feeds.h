/*
 * daemon/command_feeds.h - what `wiredesk feeds` can do, a function each.
 */
#pragma once

/* daemon/command_feeds_show.c: look, read-only. */
int wd_feeds_list(int argc, char **argv);
int wd_feeds_status(int argc, char **argv);
int wd_feeds_due(int argc, char **argv);
