// SPDX-License-Identifier: GPL-2.0-only
/* What of hostile input gets into a message: printable, terminated, cut to the buffer. */
#include <criterion/criterion.h>

#include "base/excerpt.h"

Test(excerpt, unprintable_bytes)
{
	static const char text[] = "a\0b\x1b[31m\t\x7f\xc3\xa4~";
	char buf[32];

	kmr_printable(buf, sizeof(buf), text, sizeof(text) - 1);
	cr_assert_str_eq(buf, "a?b?[31m????~");
	cr_assert_str_eq(kmr_excerpt(buf, sizeof(buf), "x\r\n\x80y"), "x???y");
}

Test(excerpt, cut_to_size)
{
	char buf[8];

	kmr_printable(buf, sizeof(buf), "12345678", 8);
	cr_assert_str_eq(buf, "1234567");
	kmr_printable(buf, sizeof(buf), "12345678", 3);
	cr_assert_str_eq(buf, "123");
	kmr_printable(buf, sizeof(buf), "", 0);
	cr_assert_str_eq(buf, "");
	kmr_printable(buf, 1, "1", 1);
	cr_assert_str_eq(buf, "");
}

Test(excerpt, tells_that_it_is_cut)
{
	char buf[8];

	cr_assert_str_eq(kmr_excerpt(buf, sizeof(buf), "1234567"), "1234567");
	cr_assert_str_eq(kmr_excerpt(buf, sizeof(buf), "12345678"), "1234...");
	cr_assert_str_eq(kmr_excerpt(buf, 5, "12345678"), "1...");
	/* no room for more than dots */
	cr_assert_str_eq(kmr_excerpt(buf, 4, "12345678"), "123");
	cr_assert_str_eq(kmr_excerpt(buf, sizeof(buf), ""), "");
}
