/* daemon/verbs/dedup_compare.h - `wiredesk dedup compare A B`: what the desk sees in two texts. */
#pragma once

/* argv[0] is "compare"; returns an enum wd_exit. */
int wd_dedup_compare(int argc, char **argv);
