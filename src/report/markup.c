// SPDX-License-Identifier: GPL-2.0-only
#include "report/markup.h"

void kmr_markup_put(FILE *out, char c)
{
	switch (c) {
	case '&':
		(void)fputs("&amp;", out);
		break;
	case '<':
		(void)fputs("&lt;", out);
		break;
	case '>':
		(void)fputs("&gt;", out);
		break;
	case '"':
		(void)fputs("&quot;", out);
		break;
	case '\'':
		(void)fputs("&#39;", out);
		break;
	default:
		(void)fputc(c, out);
	}
}
