// SPDX-License-Identifier: GPL-2.0-only
#include "report/term.h"

static struct {
	const FILE *out;
	bool color, utf8;
} term;

void kmr_term_set(FILE *out, bool color, bool utf8)
{
	term.out = out;
	term.color = color;
	term.utf8 = utf8;
}

bool kmr_term_utf8(const FILE *out)
{
	return out == term.out && term.utf8;
}

static bool colored(const FILE *out, enum kmr_style style)
{
	return out == term.out && term.color && style != KMR_STYLE_PLAIN;
}

const char *kmr_term_begin(const FILE *out, enum kmr_style style)
{
	if (!colored(out, style))
		return "";
	return style == KMR_STYLE_BAD ? "\033[31m" : "\033[1m";
}

const char *kmr_term_end(const FILE *out, enum kmr_style style)
{
	return colored(out, style) ? "\033[m" : "";
}
