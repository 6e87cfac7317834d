/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output is, and what it may therefore show. */
#ifndef KMREPLAY_CLI_TERMINAL_H
#define KMREPLAY_CLI_TERMINAL_H

/* --color's argument: "auto", "always" or "never"; -1: none of them. */
int kmr_terminal_color(const char *when);

/*
 * Settles what report/term.h says of standard output, by --color, NO_COLOR, TERM and the locale's
 * character set; before anything is printed.
 */
void kmr_terminal_begin(void);

#endif
