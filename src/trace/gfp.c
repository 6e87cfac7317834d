// SPDX-License-Identifier: GPL-2.0-only
/*
 * GFP flags by name, all versions' names in one table.  Kernels print the largest composite that
 * fits first and the flags left over after it (include/trace/events/mmflags.h); bits without a
 * name follow as one hexadecimal number.
 */
#include "kmreplay/gfp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "trace/gfp_bits.h"

struct gfp_name {
	const char *name;
	uint32_t gfp;
};

#define GFP_ATOMIC (KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM)
#define GFP_NOFS   (KMR_GFP_RECLAIM | KMR_GFP_IO)
#define GFP_TRANSHUGE_LIGHT                                                              \
	((KMR_GFP_HIGHUSER_MOV & ~KMR_GFP_RECLAIM) | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC | \
	 KMR_GFP_NOWARN)

/* In the order in which kernels try them; the order matters to kmr_gfp_format() alone. */
static const struct gfp_name printed[] = {
	{ "GFP_TRANSHUGE", GFP_TRANSHUGE_LIGHT | KMR_GFP_DIRECT_RECLAIM },
	{ "GFP_TRANSHUGE_LIGHT", GFP_TRANSHUGE_LIGHT },
	{ "GFP_HIGHUSER_MOVABLE", KMR_GFP_HIGHUSER_MOV },
	{ "GFP_HIGHUSER", KMR_GFP_HIGHUSER },
	{ "GFP_USER", KMR_GFP_USER },
	{ "GFP_KERNEL_ACCOUNT", KMR_GFP_KERNEL | KMR_GFP_ACCOUNT },
	{ "GFP_KERNEL", KMR_GFP_KERNEL },
	{ "GFP_NOFS", GFP_NOFS },
	{ "GFP_ATOMIC", GFP_ATOMIC },
	{ "GFP_NOIO", KMR_GFP_RECLAIM },
	{ "GFP_NOWAIT", KMR_GFP_KSWAPD_RECLAIM },
	{ "GFP_DMA", KMR_GFP_DMA },
	{ "__GFP_HIGHMEM", KMR_GFP_HIGHMEM },
	{ "GFP_DMA32", KMR_GFP_DMA32 },
	{ "__GFP_HIGH", KMR_GFP_HIGH },
	{ "__GFP_ATOMIC", KMR_GFP_ATOMIC },
	{ "__GFP_IO", KMR_GFP_IO },
	{ "__GFP_FS", KMR_GFP_FS },
	{ "__GFP_COLD", KMR_GFP_COLD },
	{ "__GFP_NOWARN", KMR_GFP_NOWARN },
	{ "__GFP_RETRY_MAYFAIL", KMR_GFP_RETRY_MAYFAIL },
	{ "__GFP_NOFAIL", KMR_GFP_NOFAIL },
	{ "__GFP_NORETRY", KMR_GFP_NORETRY },
	{ "__GFP_COMP", KMR_GFP_COMP },
	{ "__GFP_ZERO", KMR_GFP_ZERO },
	{ "__GFP_NOMEMALLOC", KMR_GFP_NOMEMALLOC },
	{ "__GFP_MEMALLOC", KMR_GFP_MEMALLOC },
	{ "__GFP_HARDWALL", KMR_GFP_HARDWALL },
	{ "__GFP_THISNODE", KMR_GFP_THISNODE },
	{ "__GFP_RECLAIMABLE", KMR_GFP_RECLAIMABLE },
	{ "__GFP_MOVABLE", KMR_GFP_MOVABLE },
	{ "__GFP_ACCOUNT", KMR_GFP_ACCOUNT },
	{ "__GFP_NOTRACK", KMR_GFP_NOTRACK },
	{ "__GFP_WRITE", KMR_GFP_WRITE },
	{ "__GFP_DIRECT_RECLAIM", KMR_GFP_DIRECT_RECLAIM },
	{ "__GFP_KSWAPD_RECLAIM", KMR_GFP_KSWAPD_RECLAIM },
	{ "__GFP_ZEROTAGS", KMR_GFP_ZEROTAGS },
	{ "__GFP_SKIP_ZERO", KMR_GFP_SKIP_ZERO },
	{ "__GFP_SKIP_KASAN", KMR_GFP_SKIP_KASAN },
	{ "__GFP_NOLOCKDEP", KMR_GFP_NOLOCKDEP },
	{ "__GFP_NO_OBJ_EXT", KMR_GFP_NO_OBJ_EXT },
};

/* Names that some kernel printed and that the table above spells otherwise or not at all. */
static const struct gfp_name also[] = {
	{ "none", 0 },
	{ "GFP_TEMPORARY", KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE },
	{ "GFP_IOFS", KMR_GFP_IO | KMR_GFP_FS },
	{ "__GFP_RECLAIM", KMR_GFP_RECLAIM },
	{ "__GFP_WAIT", KMR_GFP_RECLAIM },
	{ "__GFP_REPEAT", KMR_GFP_RETRY_MAYFAIL },
	{ "__GFP_DMA", KMR_GFP_DMA },
	{ "__GFP_DMA32", KMR_GFP_DMA32 },
	{ "__GFP_NOTRACK_FALSE_POSITIVE", KMR_GFP_NOTRACK },
	{ "__GFP_SKIP_KASAN_POISON", KMR_GFP_SKIP_KASAN },
	{ "__GFP_SKIP_KASAN_UNPOISON", KMR_GFP_SKIP_KASAN },
	/* no meaning to a model */
	{ "__GFP_OTHER_NODE", 0 },
	{ "__GFP_NOACCOUNT", 0 },
	{ "__GFP_KMEMCG", 0 },
	{ "__GFP_NO_KSWAPD", 0 },
};

static bool same(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !memcmp(name, text, len);
}

/* Kernels before 4.6 print single flags without the underscores: "GFP_WAIT", "GFP_ZERO". */
static bool same_bare(const char *name, const char *text, size_t len)
{
	return name[0] == '_' && same(name + 2, text, len);
}

static bool find_name(const char *text, size_t len, uint32_t *gfp)
{
	for (size_t i = 0; i < ARRAY_SIZE(printed); i++)
		if (same(printed[i].name, text, len))
			return *gfp = printed[i].gfp, true;
	for (size_t i = 0; i < ARRAY_SIZE(also); i++)
		if (same(also[i].name, text, len))
			return *gfp = also[i].gfp, true;
	for (size_t i = 0; i < ARRAY_SIZE(printed); i++)
		if (same_bare(printed[i].name, text, len))
			return *gfp = printed[i].gfp, true;
	for (size_t i = 0; i < ARRAY_SIZE(also); i++)
		if (same_bare(also[i].name, text, len))
			return *gfp = also[i].gfp, true;
	return false;
}

/* What a name meant only to some versions. */
static uint32_t by_version(const char *text, size_t len, unsigned int version)
{
	/* GFP_TRANSHUGE gave up at once before 4.8 */
	if (version && version < 408 && same("GFP_TRANSHUGE", text, len))
		return KMR_GFP_NORETRY;
	/* since 6.8 a request that cannot wait does not warn */
	if (version >= 608 && same("GFP_NOWAIT", text, len))
		return KMR_GFP_NOWARN;
	return 0;
}

static bool parse_number(const char *text, size_t len, unsigned int version, uint32_t *gfp)
{
	uint64_t base = 10;
	uint64_t bits = 0;
	size_t i = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		i = 2;
	}
	for (; i < len; i++) {
		unsigned int c = (unsigned char)text[i];
		uint64_t digit;

		if (c - '0' < 10)
			digit = c - '0';
		else if (base == 16 && (c | 0x20) - 'a' < 6)
			digit = (c | 0x20) - 'a' + 10;
		else
			return false;
		bits = bits * base + digit;
		if (bits >> 40)
			return false;
	}
	return kmr_gfp_from_bits(bits, version, gfp);
}

int kmr_gfp_parse(const char *text, size_t len, unsigned int version, uint32_t *gfp)
{
	bool no_kswapd = false;
	bool known = len != 0;
	uint32_t sum = 0;

	for (size_t at = 0; at <= len && len;) {
		const char *bar = memchr(text + at, '|', len - at);
		size_t end = bar ? (size_t)(bar - text) : len;
		const char *word = text + at;
		uint32_t one = 0;

		if (end > at && word[0] >= '0' && word[0] <= '9') {
			bool whole = at == 0 && end == len;
			/*
			 * What is left over after the names is a few bits without a name, not a
			 * whole mask: what absent bits mean in one must not be added.
			 */
			if (!parse_number(word, end - at, version, &one))
				known = false;
			if (!whole && version && version < 404)
				one &= ~(uint32_t)(KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_ATOMIC);
		} else if (!find_name(word, end - at, &one)) {
			known = false;
		} else {
			one |= by_version(word, end - at, version);
			if (same("GFP_NO_KSWAPD", word, end - at) ||
			    same("__GFP_NO_KSWAPD", word, end - at))
				no_kswapd = true;
		}
		sum |= one;
		at = end + 1;
	}
	if (no_kswapd)
		sum &= ~(uint32_t)KMR_GFP_KSWAPD_RECLAIM;
	*gfp = sum;
	return known ? 0 : -1;
}

char *kmr_gfp_format(uint32_t gfp, char *buf, size_t size)
{
	size_t used = 0;

	if (!size)
		return buf;
	(void)snprintf(buf, size, "%s", gfp ? "" : "none");
	for (size_t i = 0; i < ARRAY_SIZE(printed) && gfp; i++) {
		int n;

		if ((gfp & printed[i].gfp) != printed[i].gfp)
			continue;
		gfp &= ~printed[i].gfp;
		n = snprintf(buf + used, size - used, "%s%s", used ? "|" : "", printed[i].name);
		if (n < 0 || (size_t)n >= size - used)
			return buf;
		used += (size_t)n;
	}
	if (gfp)
		(void)snprintf(buf + used, size - used, "%s0x%x", used ? "|" : "",
			       (unsigned int)gfp);
	return buf;
}

const char *kmr_gfp_name(unsigned int i)
{
	if (i < ARRAY_SIZE(printed))
		return printed[i].name;
	i -= (unsigned int)ARRAY_SIZE(printed);
	return i < ARRAY_SIZE(also) ? also[i].name : NULL;
}

unsigned int kmr_gfp_migratetype(uint32_t gfp)
{
	return (gfp & KMR_GFP_MOVABLE ? 1u : 0) | (gfp & KMR_GFP_RECLAIMABLE ? 2u : 0);
}
