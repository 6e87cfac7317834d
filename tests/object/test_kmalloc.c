// SPDX-License-Identifier: GPL-2.0-only
/* The size classes of kmalloc(). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "object/kmalloc.h"

static const uint32_t sizes[] = { 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192 };
static const char *const prefixes[] = { "kmalloc-", "kmalloc-cg-", "kmalloc-rcl-", "dma-kmalloc-" };

static const char *name_of(unsigned int type, uint32_t size)
{
	static char name[32];

	if (size < 1024)
		(void)snprintf(name, sizeof(name), "%s%u", prefixes[type], size);
	else
		(void)snprintf(name, sizeof(name), "%s%uk", prefixes[type], size / 1024);
	return name;
}

/* Cache 100 * type + number of the size, of the types that @types has a bit for. */
static void note_all(struct kmr_kmalloc *k, unsigned int types, uint32_t min)
{
	kmr_kmalloc_reset(k, min, 4096);
	for (unsigned int t = 0; t < ARRAY_SIZE(prefixes); t++)
		for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
			if (types & 1u << t && sizes[i] >= min)
				kmr_kmalloc_note(k, name_of(t, sizes[i]), 100 * t + i);
}

/* The smallest class that holds it. */
static int class_of(uint32_t bytes, uint32_t min)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i] >= bytes && sizes[i] >= min)
			return (int)i;
	return -1;
}

Test(kmalloc, class_of_every_size)
{
	static const uint32_t mins[] = { 8, 32 }; /* SLUB's, SLAB's */
	struct kmr_kmalloc k;

	for (size_t m = 0; m < ARRAY_SIZE(mins); m++) {
		note_all(&k, 1, mins[m]);
		for (uint32_t bytes = 1; bytes <= 8192; bytes++)
			cr_assert_eq(kmr_kmalloc_find(&k, bytes, KMR_GFP_KERNEL),
				     class_of(bytes, mins[m]), "%u bytes", bytes);
		cr_expect_eq(kmr_kmalloc_find(&k, 8193, KMR_GFP_KERNEL), -1);
		cr_expect_eq(kmr_kmalloc_find(&k, UINT32_MAX, KMR_GFP_KERNEL), -1);
	}
}

/* kmalloc_type(): DMA before reclaimable before accounted. */
Test(kmalloc, type_by_flags)
{
	static const struct {
		uint32_t gfp;
		int type;
	} want[] = {
		{ KMR_GFP_KERNEL, 0 },
		{ KMR_GFP_KERNEL | KMR_GFP_ZERO | KMR_GFP_NOWARN, 0 },
		{ KMR_GFP_KERNEL | KMR_GFP_ACCOUNT, 1 },
		{ KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE, 2 },
		{ KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE | KMR_GFP_ACCOUNT, 2 },
		{ KMR_GFP_KERNEL | KMR_GFP_DMA, 3 },
		{ KMR_GFP_DMA | KMR_GFP_RECLAIMABLE | KMR_GFP_ACCOUNT, 3 },
		{ KMR_GFP_KERNEL | KMR_GFP_DMA32, 0 },
	};
	struct kmr_kmalloc k;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		for (unsigned int types = 1; types < 16; types += 2) {
			/* where a type has no caches, the plain ones serve */
			const int type = types & 1u << want[i].type ? want[i].type : 0;

			note_all(&k, types, 8);
			cr_expect_eq(kmr_kmalloc_find(&k, 100, want[i].gfp), 100 * type + 5,
				     "flags %zu, types %u", i, types);
		}
	}
}

Test(kmalloc, names)
{
	static const char *const none[] = {
		"kmalloc-",
		"kmalloc-63",
		"kmalloc-64k",
		"kmalloc-x",
		"kmalloc-64x",
		"kmalloc-0",
		"kmalloc-+64",
		"kmalloc- 64",
		"kmalloc-1kk",
		"kmalloc",
		"xkmalloc-64",
		"kmalloc-cg-cg-8",
		"kmalloc-16384",
		"kmalloc-rnd-01-64",
		"dma-kmalloc",
		"kmalloc-99999999999999999999",
		"",
	};
	struct kmr_kmalloc k, empty;

	kmr_kmalloc_reset(&k, 8, 4096);
	kmr_kmalloc_reset(&empty, 8, 4096);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		kmr_kmalloc_note(&k, none[i], 7);
		cr_expect_eq(memcmp(&k, &empty, sizeof(k)), 0, "%s", none[i]);
	}
	cr_expect_eq(kmr_kmalloc_find(&k, 64, 0), -1);
	kmr_kmalloc_note(&k, "kmalloc-1k", 7);
	cr_expect_eq(kmr_kmalloc_find(&k, 1024, 0), 7);
	kmr_kmalloc_note(&k, "kmalloc-1024", 8);
	cr_expect_eq(kmr_kmalloc_find(&k, 1024, 0), 8);
	cr_expect_eq(kmr_kmalloc_find(&k, 1025, 0), -1);
}

/* Larger pages do not make larger classes. */
Test(kmalloc, page_size)
{
	struct kmr_kmalloc k;

	kmr_kmalloc_reset(&k, 8, 4096);
	cr_expect_eq(k.max, 8192);
	kmr_kmalloc_reset(&k, 8, 65536);
	cr_expect_eq(k.max, 8192);
	kmr_kmalloc_reset(&k, 8, 2048);
	cr_expect_eq(k.max, 4096);
}

static struct {
	char names[64][32];
	uint32_t size[64], align[64], flags[64];
	unsigned int nr, fail_at;
} made;

static int create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		  struct kmr_error *err)
{
	(void)b;
	if (made.nr == made.fail_at)
		return kmr_fail(err, "no more");
	cr_assert_lt(made.nr, 64);
	(void)snprintf(made.names[made.nr], sizeof(made.names[0]), "%s", spec->name);
	made.size[made.nr] = spec->object_size;
	made.align[made.nr] = spec->align;
	made.flags[made.nr] = spec->flags;
	return (int)made.nr++;
}

static unsigned int find_made(const char *name)
{
	for (unsigned int i = 0; i < made.nr; i++)
		if (!strcmp(made.names[i], name))
			return i;
	return UINT32_MAX;
}

static void create_all(struct kmr_kmalloc *k, unsigned int version, int want)
{
	struct kmr_error err = { "" };

	made.nr = 0;
	cr_assert_eq(kmr_kmalloc_create(k, version, create, NULL, &err), want, "%s", err.msg);
}

Test(kmalloc, makes_what_is_missing)
{
	struct kmr_kmalloc k;
	unsigned int i;

	made.fail_at = UINT32_MAX;
	kmr_kmalloc_reset(&k, 8, 4096);
	create_all(&k, 601, 0);
	cr_expect_eq(made.nr, 3 * 13, "none accounted in 6.1");
	cr_expect_eq(find_made("kmalloc-cg-64"), UINT32_MAX);
	i = find_made("kmalloc-96");
	cr_assert_neq(i, UINT32_MAX);
	cr_expect_eq(made.size[i], 96);
	cr_expect_eq(made.align[i], KMR_BY_RULE);
	cr_expect_eq(made.flags[i], KMR_CACHE_KMALLOC);
	i = find_made("kmalloc-rcl-2k");
	cr_assert_neq(i, UINT32_MAX);
	cr_expect_eq(made.align[i], 2048);
	cr_expect_eq(made.flags[i], KMR_CACHE_KMALLOC | KMR_CACHE_RECLAIM);
	create_all(&k, 612, 0);
	cr_expect_eq(made.nr, 4 * 13);
	cr_expect_eq(made.align[find_made("kmalloc-192")], 64);
	cr_expect_eq(made.flags[find_made("kmalloc-cg-8")], KMR_CACHE_KMALLOC | KMR_CACHE_ACCOUNT);
	cr_expect_eq(made.flags[find_made("dma-kmalloc-8k")], KMR_CACHE_KMALLOC | KMR_CACHE_DMA);
	/* what is there is not made again */
	note_all(&k, 7, 8);
	create_all(&k, 612, 0);
	cr_expect_eq(made.nr, 13);
	note_all(&k, 13, 8);
	create_all(&k, 601, 0);
	cr_expect_eq(made.nr, 0);
	/* SLAB's smallest */
	kmr_kmalloc_reset(&k, 32, 4096);
	create_all(&k, 601, 0);
	cr_expect_eq(made.nr, 3 * 11);
	/* a failure ends it */
	made.fail_at = 5;
	create_all(&k, 601, -1);
	cr_expect_eq(made.nr, 5);
}

Test(kmalloc, bytes_order)
{
	cr_expect_eq(kmr_bytes_order(0, 12), 0);
	cr_expect_eq(kmr_bytes_order(1, 12), 0);
	cr_expect_eq(kmr_bytes_order(4096, 12), 0);
	cr_expect_eq(kmr_bytes_order(4097, 12), 1);
	cr_expect_eq(kmr_bytes_order(8193, 12), 2);
	cr_expect_eq(kmr_bytes_order(65536, 16), 0);
	cr_expect_eq(kmr_bytes_order(UINT64_MAX, 12), 52);
}
