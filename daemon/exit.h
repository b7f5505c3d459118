/*
 * daemon/exit.h - how a process ends, and what its caller may take from it.
 */
#pragma once

/* Exit codes, the same for every verb (wiredesk(1) "EXIT STATUS"). */
enum wd_exit {
    WD_EXIT_OK = 0,
    WD_EXIT_FAILED = 1, /* it was tried and did not work: a document, a connection, a file */
    WD_EXIT_USAGE = 2,  /* wrong arguments or configuration; nothing was started */
    WD_EXIT_FENCED = 3, /* another daemon took the stream: starting again would only fight it */
};
