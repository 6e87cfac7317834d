// SPDX-License-Identifier: GPL-2.0-only
/* Where lines end, and what stays together. */
#include <string.h>

#include "report/term.h"
#include "report/table.h"
#include "report/wrap.h"
#include "written.h"

static void expect_wrapped(unsigned int indent, const char *label, const char *text,
			   const char *expected)
{
	FILE *out = tmpfile();

	cr_expect_eq(kmr_wrap(out, indent, label, text), 0);
	expect_written(out, expected);
}

Test(wrap, labels)
{
	expect_wrapped(10, "page", "linux-6.1", "page      linux-6.1\n");
	expect_wrapped(0, "", "as it is", "as it is\n");
	expect_wrapped(4, "", "two\nlines", "    two lines\n");
	expect_wrapped(4, "", "two\n\nparagraphs", "    two\n\n    paragraphs\n");
	/* a label that leaves no room has a line of its own */
	expect_wrapped(4, "--long", "text", "--long\n    text\n");
	expect_wrapped(6, "--long", "text", "--long\n      text\n");
	expect_wrapped(7, "--long ", "text", "--long text\n");
	expect_wrapped(3, "a", "", "a\n");
}

Test(wrap, lines_of_80_columns)
{
	/* 10 and 70 */
	expect_wrapped(10, "start",
		       "123456789 123456789 123456789 123456789 123456789 123456789 1234567890",
		       "start     123456789 123456789 123456789 123456789 123456789 123456789 "
		       "1234567890\n");
	expect_wrapped(10, "start",
		       "123456789 123456789 123456789 123456789 123456789 123456789 12345678901",
		       "start     123456789 123456789 123456789 123456789 123456789 123456789\n"
		       "          12345678901\n");
	/* characters count, not bytes */
	expect_wrapped(70, "", "äöüäöüäöüä ß",
		       "                                                                      "
		       "äöüäöüäöüä\n"
		       "                                                                      ß\n");
}

Test(wrap, lists_and_numbers)
{
	expect_wrapped(
		66, "", "a=1,b=2,c=3,d=4,e=5",
		"                                                                  "
		"a=1,b=2,c=3,\n"
		"                                                                  d=4,e=5\n");
	expect_wrapped(70, "", "1,234,567,890,123",
		       "                                                                      "
		       "1,234,567,890,123\n");
	expect_wrapped(66, "", "GFP_KERNEL|__GFP_ZERO",
		       "                                                                  "
		       "GFP_KERNEL|\n"
		       "                                                                  "
		       "__GFP_ZERO\n");
	/* a path is never cut */
	expect_wrapped(70, "", "of /a/path/that/is/long",
		       "                                                                      of\n"
		       "                                                                      "
		       "/a/path/that/is/long\n");
}

Test(wrap, formatted)
{
	FILE *out = tmpfile();

	cr_expect_eq(kmr_wrap_format(out, 2, "", "%d of %s", 3, "all"), 0);
	expect_written(out, "  3 of all\n");
}

static void print_styled(FILE *out)
{
	static const struct kmr_column columns[] = { { "what", NULL, KMR_ALIGN_LEFT },
						     { "how many", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new("Counts", columns, 2);

	kmr_table_text(t, "failed");
	kmr_table_count(t, 7);
	kmr_table_style(t, KMR_STYLE_BAD);
	kmr_table_text(t, "best");
	kmr_table_count(t, 12345);
	kmr_table_style(t, KMR_STYLE_STRONG);
	cr_expect_eq(kmr_table_print(t, out), 0);
}

/* Codes stand about what they colour, blanks stay plain, and columns where they were. */
Test(style, of_a_table)
{
	FILE *plain = tmpfile(), *colored = tmpfile(), *other = tmpfile();

	print_styled(plain);
	expect_written(plain, "Counts\n"
			      "what    how many\n"
			      "----------------\n"
			      "failed         7\n"
			      "best      12,345\n");
	kmr_term_set(colored, true, true);
	print_styled(colored);
	expect_written(colored, "\033[1mCounts\033[m\n"
				"\033[1mwhat\033[m    \033[1mhow many\033[m\n"
				"----------------\n"
				"failed         \033[31m7\033[m\n"
				"best      \033[1m12,345\033[m\n");
	/* files are not what standard output is */
	cr_expect(!kmr_term_utf8(other));
	print_styled(other);
	expect_written(other, "Counts\n"
			      "what    how many\n"
			      "----------------\n"
			      "failed         7\n"
			      "best      12,345\n");
}
