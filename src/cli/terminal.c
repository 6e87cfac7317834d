// SPDX-License-Identifier: GPL-2.0-only
/*
 * Colours go to terminals alone that can show them, and not where NO_COLOR asks for none
 * (no-color.org: any value but the empty one).  --color overrides both.
 *
 * Of the locale only the name of its character set is asked for, and the program stays in "C":
 * numbers and messages are the same everywhere.
 */
#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/term.h"

static enum {
	AUTO,
	ALWAYS,
	NEVER
} color;

int kmr_terminal_color(const char *when)
{
	if (!strcmp(when, "auto"))
		color = AUTO;
	else if (!strcmp(when, "always"))
		color = ALWAYS;
	else if (!strcmp(when, "never"))
		color = NEVER;
	else
		return -1;
	return 0;
}

static const char *value_of(const char *variable)
{
	const char *value = getenv(variable);

	return value ? value : "";
}

static bool wants_color(void)
{
	if (color != AUTO)
		return color == ALWAYS;
	return isatty(STDOUT_FILENO) && !*value_of("NO_COLOR") && *value_of("TERM") &&
	       strcmp(value_of("TERM"), "dumb") != 0;
}

static bool is_utf8(void)
{
	const locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!l)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, l), "UTF-8");
	freelocale(l);
	return utf8;
}

void kmr_terminal_begin(void)
{
	kmr_term_set(stdout, wants_color(), is_utf8());
}
