// SPDX-License-Identifier: GPL-2.0-only
/* GFP flags: names of all versions, numbers by version, and back. */
#include <criterion/criterion.h>
#include <string.h>

#include "kmreplay/gfp.h"

#define ATOMIC (KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM)
#define THP_LIGHT                                                                        \
	((KMR_GFP_HIGHUSER_MOV & ~KMR_GFP_RECLAIM) | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC | \
	 KMR_GFP_NOWARN)

struct gfp_case {
	const char *text;
	unsigned int version;
	uint32_t gfp;
};

static const struct gfp_case known[] = {
	{ "none", 0, 0 },
	{ "GFP_KERNEL", 0, KMR_GFP_KERNEL },
	{ "GFP_KERNEL|__GFP_ZERO", 0, KMR_GFP_KERNEL | KMR_GFP_ZERO },
	{ "GFP_KERNEL_ACCOUNT", 0, KMR_GFP_KERNEL | KMR_GFP_ACCOUNT },
	{ "GFP_NOFS|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL|__GFP_"
	  "MOVABLE",
	  0,
	  KMR_GFP_RECLAIM | KMR_GFP_IO | KMR_GFP_HIGHMEM | KMR_GFP_NOWARN | KMR_GFP_NORETRY |
		  KMR_GFP_COMP | KMR_GFP_HARDWALL | KMR_GFP_MOVABLE },
	{ "GFP_HIGHUSER_MOVABLE", 0, KMR_GFP_HIGHUSER_MOV },
	{ "GFP_TRANSHUGE", 0, THP_LIGHT | KMR_GFP_DIRECT_RECLAIM },
	{ "GFP_TRANSHUGE", 404, THP_LIGHT | KMR_GFP_DIRECT_RECLAIM | KMR_GFP_NORETRY },
	{ "GFP_TRANSHUGE_LIGHT", 0, THP_LIGHT },
	{ "GFP_ATOMIC", 0, ATOMIC },
	{ "GFP_ATOMIC", 612, ATOMIC },
	{ "__GFP_ATOMIC", 0, KMR_GFP_ATOMIC },
	{ "GFP_NOWAIT", 0, KMR_GFP_KSWAPD_RECLAIM },
	{ "GFP_NOWAIT", 612, KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_NOWARN },
	{ "GFP_NOIO", 0, KMR_GFP_RECLAIM },
	{ "GFP_TEMPORARY", 0, KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE },
	{ "GFP_DMA|GFP_DMA32", 0, KMR_GFP_DMA | KMR_GFP_DMA32 },
	{ "__GFP_DMA|__GFP_DMA32", 0, KMR_GFP_DMA | KMR_GFP_DMA32 },
	/* before 4.6 */
	{ "GFP_KERNEL|GFP_REPEAT|GFP_ZERO", 310,
	  KMR_GFP_KERNEL | KMR_GFP_RETRY_MAYFAIL | KMR_GFP_ZERO },
	{ "GFP_WAIT|GFP_NOTRACK|GFP_COLD", 310, KMR_GFP_RECLAIM | KMR_GFP_NOTRACK | KMR_GFP_COLD },
	{ "GFP_HIGHUSER_MOVABLE|GFP_NO_KSWAPD", 310,
	  KMR_GFP_HIGHUSER_MOV & ~KMR_GFP_KSWAPD_RECLAIM },
	{ "GFP_KERNEL|GFP_OTHER_NODE", 310, KMR_GFP_KERNEL },
	{ "GFP_KERNEL|0x2", 310, KMR_GFP_KERNEL | KMR_GFP_HIGHMEM },
	{ "__GFP_WAIT|__GFP_REPEAT|__GFP_OTHER_NODE", 0, KMR_GFP_RECLAIM | KMR_GFP_RETRY_MAYFAIL },
	{ "GFP_KERNEL|0x8000000", 601, KMR_GFP_KERNEL | KMR_GFP_NOLOCKDEP },
	/* GFP_KERNEL by number, from version to version */
	{ "0xd0", 310, KMR_GFP_KERNEL },
	{ "208", 310, KMR_GFP_KERNEL },
	{ "0x24000c0", 404, KMR_GFP_KERNEL },
	{ "0x24000c0", 409, KMR_GFP_KERNEL },
	{ "0x14000c0", 410, KMR_GFP_KERNEL },
	{ "0x14000c0", 417, KMR_GFP_KERNEL },
	{ "0x6000c0", 418, KMR_GFP_KERNEL },
	{ "0x6000c0", 500, KMR_GFP_KERNEL },
	{ "0xcc0", 501, KMR_GFP_KERNEL },
	{ "0xcc0", 0, KMR_GFP_KERNEL },
	{ "3264", 601, KMR_GFP_KERNEL },
	{ "0xcc0", 612, KMR_GFP_KERNEL },
	/* page cache and GFP_ATOMIC by number: as out-of-memory reports of those kernels print them */
	{ "0x200da", 310, KMR_GFP_HIGHUSER_MOV },
	{ "0x24200ca", 405, KMR_GFP_HIGHUSER_MOV },
	{ "0x14200ca", 413, KMR_GFP_HIGHUSER_MOV },
	{ "0x6200ca", 419, KMR_GFP_HIGHUSER_MOV },
	{ "0x100cca", 504, KMR_GFP_HIGHUSER_MOV },
	{ "0x100dca", 601, KMR_GFP_HIGHUSER_MOV | KMR_GFP_ZERO },
	{ "0x7080c0", 419, KMR_GFP_KERNEL | KMR_GFP_ACCOUNT | KMR_GFP_ZERO },
	{ "0x20", 310, ATOMIC },
	{ "0xa20", 601, ATOMIC },
	{ "0x820", 608, ATOMIC },
	{ "0x40dc0", 602, KMR_GFP_KERNEL | KMR_GFP_COMP | KMR_GFP_ZERO },
	{ "0x800", 603, KMR_GFP_KSWAPD_RECLAIM },
	{ "0x1000000", 612, KMR_GFP_NO_OBJ_EXT },
	{ "0x1000000", 604, KMR_GFP_SKIP_ZERO },
	{ "0", 601, 0 },
	{ "0x0", 310, KMR_GFP_KSWAPD_RECLAIM },
};

Test(gfp, known_texts)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint32_t gfp = 0xdeadbeef;

		cr_expect_eq(
			kmr_gfp_parse(known[i].text, strlen(known[i].text), known[i].version, &gfp),
			0, "%s of %u", known[i].text, known[i].version);
		cr_expect_eq(gfp, known[i].gfp, "%s of %u: 0x%x, not 0x%x", known[i].text,
			     known[i].version, gfp, known[i].gfp);
	}
}

Test(gfp, unknown_texts_keep_what_could_be_read)
{
	static const struct gfp_case unknown[] = {
		{ "", 0, 0 },
		{ "GFP_FOO", 0, 0 },
		{ "GFP_KERNEL|__GFP_FOO|__GFP_ZERO", 0, KMR_GFP_KERNEL | KMR_GFP_ZERO },
		{ "GFP_KERNEL|", 0, KMR_GFP_KERNEL },
		{ "GFP_KERNE", 0, 0 },
		{ "0xzz", 0, 0 },
		{ "12a", 0, 0 },
		{ "99999999999999999999", 0, 0 },
		{ "0x80000cc0", 601, KMR_GFP_KERNEL },
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		uint32_t gfp = 0xdeadbeef;

		cr_expect_eq(kmr_gfp_parse(unknown[i].text, strlen(unknown[i].text),
					   unknown[i].version, &gfp),
			     -1, "'%s'", unknown[i].text);
		cr_expect_eq(gfp, unknown[i].gfp, "'%s': 0x%x", unknown[i].text, gfp);
	}
}

Test(gfp, format_is_the_kernels)
{
	static const struct gfp_case cases[] = {
		{ "none", 0, 0 },
		{ "GFP_KERNEL", 0, KMR_GFP_KERNEL },
		{ "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_WRITE", 0,
		  KMR_GFP_HIGHUSER_MOV | KMR_GFP_COMP | KMR_GFP_WRITE },
		{ "GFP_TRANSHUGE_LIGHT", 0, THP_LIGHT },
		{ "GFP_ATOMIC|__GFP_COMP", 0, ATOMIC | KMR_GFP_COMP },
		{ "GFP_NOWAIT|__GFP_NOWARN", 0, KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_NOWARN },
	};
	char buf[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_str_eq(kmr_gfp_format(cases[i].gfp, buf, sizeof(buf)), cases[i].text);
}

Test(gfp, every_set_of_flags_survives_format_and_parse)
{
	uint32_t x = 1;

	for (int i = 0; i < 20000; i++) {
		char buf[1024];
		uint32_t gfp;
		uint32_t again;

		x = x * 1664525u + 1013904223u;
		gfp = (x ^ x >> 7) & ((KMR_GFP_COLD << 1) - 1);
		(void)kmr_gfp_format(gfp, buf, sizeof(buf));
		cr_assert_eq(kmr_gfp_parse(buf, strlen(buf), 0, &again), 0, "%s", buf);
		cr_assert_eq(again, gfp, "%s: 0x%x, not 0x%x", buf, again, gfp);
	}
}

Test(gfp, format_stays_within_its_buffer)
{
	char buf[16];

	memset(buf, 'x', sizeof(buf));
	(void)kmr_gfp_format(UINT32_MAX, buf, 8);
	cr_expect_eq(buf[7], '\0');
	cr_expect_eq(buf[8], 'x');
	(void)kmr_gfp_format(UINT32_MAX, buf, 0);
	cr_expect_eq(buf[8], 'x');
}

Test(gfp, migratetype)
{
	cr_expect_eq(kmr_gfp_migratetype(KMR_GFP_KERNEL), 0);
	cr_expect_eq(kmr_gfp_migratetype(KMR_GFP_HIGHUSER_MOV), 1);
	cr_expect_eq(kmr_gfp_migratetype(KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE), 2);
}
