// SPDX-License-Identifier: GPL-2.0-only
/*
 * GFP numbers by kernel version.  The bits moved in 4.4 (reclaim split in two), 4.10 (OTHER_NODE
 * gone), 4.18 (COLD and NOTRACK gone), 5.1 (shuffled), and at the upper end in 5.14, 5.18, 6.4
 * and 6.10; 6.3 dropped __GFP_ATOMIC.  Source: include/linux/gfp.h, gfp_types.h since 6.0.
 */
#include "trace/gfp_bits.h"

#include <stddef.h>

#include "base/array.h"
#include "kmreplay/gfp.h"

#define NR_BITS 32

/* A bit that the kernel had and that means nothing to any model. */
#define IGNORED (1u << 31)

struct layout {
	unsigned int since; /* major * 100 + minor */
	uint32_t bit[NR_BITS];
};

#define ZONE_BITS KMR_GFP_DMA, KMR_GFP_HIGHMEM, KMR_GFP_DMA32, KMR_GFP_MOVABLE

#define LOW_BITS ZONE_BITS, KMR_GFP_RECLAIMABLE, KMR_GFP_HIGH, KMR_GFP_IO, KMR_GFP_FS

/* bits 9 to 18, from 3.6 to 5.0 */
#define MIDDLE_BITS                                                                               \
	KMR_GFP_NOWARN, KMR_GFP_RETRY_MAYFAIL, KMR_GFP_NOFAIL, KMR_GFP_NORETRY, KMR_GFP_MEMALLOC, \
		KMR_GFP_COMP, KMR_GFP_ZERO, KMR_GFP_NOMEMALLOC, KMR_GFP_HARDWALL, KMR_GFP_THISNODE

/* bits 10 to 22, since 5.1 */
#define PACKED_BITS                                                                       \
	KMR_GFP_DIRECT_RECLAIM, KMR_GFP_KSWAPD_RECLAIM, KMR_GFP_WRITE, KMR_GFP_NOWARN,    \
		KMR_GFP_RETRY_MAYFAIL, KMR_GFP_NOFAIL, KMR_GFP_NORETRY, KMR_GFP_MEMALLOC, \
		KMR_GFP_COMP, KMR_GFP_NOMEMALLOC, KMR_GFP_HARDWALL, KMR_GFP_THISNODE,     \
		KMR_GFP_ACCOUNT

/* Newest first.  What a kernel only has with KASAN_HW_TAGS or LOCKDEP is read as if it had. */
static const struct layout layouts[] = {
	/* 6.10: an enum without gaps; the usual build has neither KASAN_HW_TAGS nor LOCKDEP */
	{ 610,
	  { LOW_BITS, KMR_GFP_ZERO, IGNORED, PACKED_BITS, KMR_GFP_ZEROTAGS, KMR_GFP_NO_OBJ_EXT } },
	{ 604,
	  { LOW_BITS, KMR_GFP_ZERO, IGNORED, PACKED_BITS, KMR_GFP_ZEROTAGS, KMR_GFP_SKIP_ZERO,
	    KMR_GFP_SKIP_KASAN, KMR_GFP_NOLOCKDEP } },
	{ 603,
	  { LOW_BITS, KMR_GFP_ZERO, IGNORED, PACKED_BITS, KMR_GFP_ZEROTAGS, KMR_GFP_SKIP_ZERO,
	    KMR_GFP_SKIP_KASAN, KMR_GFP_SKIP_KASAN, KMR_GFP_NOLOCKDEP } },
	{ 518,
	  { LOW_BITS, KMR_GFP_ZERO, KMR_GFP_ATOMIC, PACKED_BITS, KMR_GFP_ZEROTAGS,
	    KMR_GFP_SKIP_ZERO, KMR_GFP_SKIP_KASAN, KMR_GFP_SKIP_KASAN, KMR_GFP_NOLOCKDEP } },
	{ 514,
	  { LOW_BITS, KMR_GFP_ZERO, KMR_GFP_ATOMIC, PACKED_BITS, KMR_GFP_ZEROTAGS,
	    KMR_GFP_SKIP_KASAN, KMR_GFP_NOLOCKDEP } },
	{ 501, { LOW_BITS, KMR_GFP_ZERO, KMR_GFP_ATOMIC, PACKED_BITS, KMR_GFP_NOLOCKDEP } },
	{ 418,
	  { LOW_BITS, KMR_GFP_WRITE, MIDDLE_BITS, KMR_GFP_ATOMIC, KMR_GFP_ACCOUNT,
	    KMR_GFP_DIRECT_RECLAIM, KMR_GFP_KSWAPD_RECLAIM, KMR_GFP_NOLOCKDEP } },
	{ 410,
	  { LOW_BITS, KMR_GFP_COLD, MIDDLE_BITS, KMR_GFP_ATOMIC, KMR_GFP_ACCOUNT, KMR_GFP_NOTRACK,
	    KMR_GFP_DIRECT_RECLAIM, KMR_GFP_WRITE, KMR_GFP_KSWAPD_RECLAIM, KMR_GFP_NOLOCKDEP } },
	{ 405,
	  { LOW_BITS, KMR_GFP_COLD, MIDDLE_BITS, KMR_GFP_ATOMIC, KMR_GFP_ACCOUNT, KMR_GFP_NOTRACK,
	    KMR_GFP_DIRECT_RECLAIM, IGNORED, KMR_GFP_WRITE, KMR_GFP_KSWAPD_RECLAIM } },
	/* 4.4: bit 20 is __GFP_NOACCOUNT */
	{ 404,
	  { LOW_BITS, KMR_GFP_COLD, MIDDLE_BITS, KMR_GFP_ATOMIC, IGNORED, KMR_GFP_NOTRACK,
	    KMR_GFP_DIRECT_RECLAIM, IGNORED, KMR_GFP_WRITE, KMR_GFP_KSWAPD_RECLAIM } },
	/* 3.x: bit 4 is __GFP_WAIT, bit 22 __GFP_NO_KSWAPD, seen to below */
	{ 0,
	  { ZONE_BITS, KMR_GFP_DIRECT_RECLAIM, KMR_GFP_HIGH, KMR_GFP_IO, KMR_GFP_FS, KMR_GFP_COLD,
	    MIDDLE_BITS, KMR_GFP_RECLAIMABLE, IGNORED, KMR_GFP_NOTRACK, IGNORED, IGNORED,
	    KMR_GFP_WRITE } },
};

#define NO_KSWAPD_3X (UINT64_C(1) << 22)

static const struct layout *layout_of(unsigned int version)
{
	const struct layout *layout = layouts;

	if (!version)
		version = 601;
	while (layout->since > version)
		layout++;
	return layout;
}

bool kmr_gfp_from_bits(uint64_t bits, unsigned int version, uint32_t *gfp)
{
	const struct layout *layout = layout_of(version);
	bool known = true;
	uint32_t out = 0;

	if (bits >> NR_BITS)
		known = false;
	for (unsigned int i = 0; i < NR_BITS; i++) {
		if (!(bits >> i & 1))
			continue;
		if (!layout->bit[i])
			known = false;
		out |= layout->bit[i] & ~IGNORED;
	}
	/* before 4.4 kswapd is woken unless told not to be */
	if (!layout->since && !(bits & NO_KSWAPD_3X))
		out |= KMR_GFP_KSWAPD_RECLAIM;
	/*
	 * Names say GFP_ATOMIC where the bit is gone, and always mean ATOMIC to us: before 4.4
	 * GFP_ATOMIC was __GFP_HIGH without __GFP_WAIT, since 6.3 it is HIGH and KSWAPD_RECLAIM.
	 */
	if ((!layout->since || layout->since >= 603) &&
	    (out & (KMR_GFP_HIGH | KMR_GFP_RECLAIM)) == (KMR_GFP_HIGH | KMR_GFP_KSWAPD_RECLAIM))
		out |= KMR_GFP_ATOMIC;
	*gfp = out;
	return known;
}

uint64_t kmr_gfp_to_bits(uint32_t gfp, unsigned int version, uint32_t *left)
{
	const struct layout *layout = layout_of(version);
	uint64_t bits = 0;
	uint32_t told = 0;

	for (unsigned int i = 0; i < NR_BITS; i++)
		if (layout->bit[i] && layout->bit[i] != IGNORED && layout->bit[i] & gfp) {
			bits |= UINT64_C(1) << i;
			told |= layout->bit[i];
		}
	if (!layout->since && !(gfp & KMR_GFP_KSWAPD_RECLAIM))
		bits |= NO_KSWAPD_3X;
	*left = gfp & ~told;
	return bits;
}

unsigned int kmr_gfp_guess_version(const uint64_t *masks, unsigned int count)
{
	/* GFP_KERNEL, which most masks contain, has other bits in every layout */
	static const struct {
		unsigned int version;
		uint64_t kernel;
	} guesses[] = { { 405, 0x24000c0 },
			{ 410, 0x14000c0 },
			{ 418, 0x6000c0 },
			{ 501, 0xcc0 },
			{ 304, 0xd0 } };
	unsigned int best = 0;
	unsigned int most = 0;

	for (unsigned int g = 0; g < ARRAY_SIZE(guesses); g++) {
		unsigned int fits = 0;

		for (unsigned int i = 0; i < count; i++)
			fits += (masks[i] & guesses[g].kernel) == guesses[g].kernel;
		if (fits > most) {
			most = fits;
			best = guesses[g].version;
		}
	}
	return best;
}
