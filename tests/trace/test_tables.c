// SPDX-License-Identifier: GPL-2.0-only
/* What binary traces bring of their kernel: tables of flags, symbols. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/print_flags.h"
#include "trace/symbols.h"

static void reads(const char *expression, uint64_t want)
{
	struct print_flags flags;
	char format[512];

	(void)snprintf(format, sizeof(format),
		       "print fmt: \"x=%%s\", __print_flags(REC->gfp_flags, \"|\", {%s, \"A\"} )",
		       expression);
	cr_assert(print_flags_read(&flags, format, "gfp_flags"), "%s", expression);
	cr_assert_eq(flags.count, 1);
	cr_assert_eq(flags.flag[0].mask, want, "%s: %llx", expression,
		     (unsigned long long)flags.flag[0].mask);
	cr_assert_str_eq(flags.flag[0].name, "A");
}

/* 6.1's and 6.12's ways to write them, and C's precedence. */
Test(tables, masks)
{
	reads("( unsigned long)(( gfp_t)0x02u)", 2);
	reads("( unsigned long)((( gfp_t)(0x400u|0x800u)) | (( gfp_t)0x40u) | (( gfp_t)0x80u))",
	      0xcc0);
	reads("( unsigned long)((( gfp_t)(((((1UL))) << (10))|((((1UL))) << (11)))) | (( gfp_t)0))",
	      0xc00);
	reads("((((( gfp_t)0xfffu)) & ~(( gfp_t)(0x400u|0x800u))) | 0x400)", 0x7ff);
	reads("1 | 6 & 3 << 1", 7);
	reads("~0", UINT32_MAX);
	reads("0x100000000 | 1", 1); /* gfp_t has 32 bits */
}

static void refuses(const char *table)
{
	struct print_flags flags;
	char format[1024];

	(void)snprintf(format, sizeof(format), "__print_flags(REC->gfp_flags, \"|\", %s", table);
	cr_assert(!print_flags_read(&flags, format, "gfp_flags"), "%s", table);
}

Test(tables, what_is_no_table)
{
	char deep[512] = "{";
	struct print_flags flags;

	refuses("{(1UL << ___GFP_DMA_BIT), \"GFP_DMA\"} )"); /* 6.10 */
	refuses("{1, \"A\"}");
	refuses("{1, \"\"} )");
	refuses("{1, \"A\" )");
	refuses("{1 << 64, \"A\"} )");
	refuses("{, \"A\"} )");
	refuses("{(1, \"A\"} )");
	refuses("{1, \"a name that is longer than any that a flag has\"} )");
	refuses("{1, \"A");
	refuses("");
	memset(deep + 1, '(', 200);
	refuses(deep);
	cr_assert(!print_flags_read(&flags, "__print_flags(REC->flags, \"|\", {1, \"A\"})",
				    "gfp_flags"));
}

Test(tables, flags_are_printed_as_the_kernel_does)
{
	struct print_flags flags;
	char text[64];

	cr_assert(print_flags_read(&flags,
				   "__print_flags(REC->gfp_flags, \"|\", {0xc0, \"BOTH\"}, "
				   "{0x40, \"LOW\"}, {0x80, \"HIGH\"}, {0, \"NOTHING\"})",
				   "gfp_flags"));
	print_flags_format(&flags, 0, text, sizeof(text));
	cr_assert_str_eq(text, "none");
	print_flags_format(&flags, 0xc0, text, sizeof(text));
	cr_assert_str_eq(text, "BOTH");
	print_flags_format(&flags, 0x1081, text, sizeof(text));
	cr_assert_str_eq(text, "HIGH|0x1001");
	print_flags_format(&flags, 0x3, text, sizeof(text));
	cr_assert_str_eq(text, "0x3");
	print_flags_format(&flags, 0x10c1, text, 8);
	cr_assert_str_eq(text, "BOTH|0x");
}

static void format_is(const struct symbols *s, uint64_t address, const char *want)
{
	char text[512];

	symbols_format(s, address, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

static char *copy(const char *text)
{
	char *c = strdup(text);

	cr_assert_not_null(c);
	return c;
}

Test(tables, symbols)
{
	static const char text[] = "ffffffff81000100 t b\n"
				   "ffffffff81000000 T _stext\n"
				   "ffffffff81000000 T alias\n"
				   "0000000000000000 A hidden\n"
				   "nonsense\n"
				   "ffffffffc0000000 t fn\t[a_module]\n"
				   "ffffffffc0000100 T last";
	struct symbols s = { 0 };
	struct kmr_error err;

	cr_assert_eq(symbols_read(&s, copy(text), sizeof(text) - 1, &err), 0);
	cr_assert_eq(s.count, 4);
	format_is(&s, UINT64_C(0xffffffff81000000), "_stext+0x0");
	format_is(&s, UINT64_C(0xffffffff810000ff), "_stext+0xff");
	format_is(&s, UINT64_C(0xffffffff81000100), "b+0x0");
	format_is(&s, UINT64_C(0xffffffffc0000010), "fn+0x10 [a_module]");
	format_is(&s, UINT64_MAX, "last+0x3ffffeff");
	format_is(&s, 0x1234, "0x1234");
	symbols_fini(&s);
}

Test(tables, strings)
{
	static const char text[] = "0xffffffff81b6a9b2 : \"kmsnap: %d\\n\"\n"
				   "0xffffffff81b6a9c0 : \"no newline\"\n"
				   "nothing : \"x\"\n"
				   "0xffffffff81b6a9d0 : \"";
	struct symbols s = { 0 };
	struct kmr_error err;

	cr_assert_eq(symbols_read_strings(&s, copy(text), sizeof(text) - 1, &err), 0);
	cr_assert_str_eq(symbols_string(&s, UINT64_C(0xffffffff81b6a9b2)), "kmsnap: %d");
	cr_assert_str_eq(symbols_string(&s, UINT64_C(0xffffffff81b6a9c0)), "no newline");
	cr_assert_null(symbols_string(&s, UINT64_C(0xffffffff81b6a9b3)));
	cr_assert_null(symbols_string(&s, UINT64_C(0xffffffff81b6a9d0)));
	cr_assert_null(symbols_string(&s, 1));
	symbols_fini(&s);
}
