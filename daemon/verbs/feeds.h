/*
 * daemon/verbs/feeds.h - what `wiredesk feeds` can do, a function each.
 */
#pragma once

/* daemon/verbs/feeds_show.c: look, read-only. */
int wd_feeds_list(int argc, char **argv);
int wd_feeds_status(int argc, char **argv);
int wd_feeds_due(int argc, char **argv);

/* daemon/verbs/feeds_add.c: finds one, writes it into feeds.d and has it taken over. */
int wd_feeds_add(int argc, char **argv);

/* daemon/verbs/feeds_order.c: orders to the running daemon. */
int wd_feeds_pause(int argc, char **argv);
int wd_feeds_resume(int argc, char **argv);
int wd_feeds_poll(int argc, char **argv);
int wd_feeds_reset(int argc, char **argv);
