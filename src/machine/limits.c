// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel derives from the sizes of its zones: min_free_kbytes, watermarks, lowmem
 * reserves, per-CPU high and batch, stat thresholds.  All are computed by initcalls, when the
 * kernel's __init sections are not free yet, and stay so unless somebody writes to /proc/sys/vm.
 */
#include <string.h>

#include "machine/internal.h"

#define WATERMARK_SCALE	 10 /* of 10000: watermark_scale_factor */
#define SWAP_CLUSTER_MAX 32
#define HUGEPAGE_MIN_RAM ((uint64_t)512 << 20)
#define PCP_TYPES	 3 /* MIGRATE_PCPTYPES */

/* When limits are computed: by initcalls, or because somebody wrote to /proc/sys/vm. */
enum when {
	AT_BOOT, /* __init sections are not free yet */
	AFTER_BOOT,
};

static uint64_t managed_at(const struct kmr_zone_spec *z, enum when when)
{
	uint64_t not_yet = when == AT_BOOT ? z->init_pages : 0;

	return z->managed > not_yet ? z->managed - not_yet : 0;
}

/* What GFP_USER may use. */
static bool is_user(const struct kmr_zone_spec *z)
{
	return z->type <= KMR_ZONE_NORMAL;
}

/*
 * Zones that share min_free_kbytes.  Movable does not since 6.2; before, it did unless what is
 * movable is high memory (is_highmem_idx()).
 */
static bool is_lowmem(const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	if (z->type != KMR_ZONE_MOVABLE || strcmp(m->kernel, "6.1") != 0)
		return z->type < KMR_ZONE_HIGHMEM;
	return !kmr_zone_is_highmem(m, z);
}

/* What GFP_USER can have above the high watermark: nr_free_buffer_pages(). */
static uint64_t free_buffer_pages(const struct kmr_machine *m)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		uint64_t size = managed_at(z, AT_BOOT);

		if (is_user(z) && size > z->wmark_high)
			sum += size - z->wmark_high;
	}
	return sum;
}

/* Floor of the square root: int_sqrt(). */
static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0, bit = (uint64_t)1 << 62;

	while (bit > x)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		bool fits = x >= root + bit;

		if (fits)
			x -= root + bit;
		root = (root >> 1) + (fits ? bit : 0);
	}
	return root;
}

static uint64_t clamp(uint64_t v, uint64_t lo, uint64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* calculate_min_free_kbytes() */
static uint64_t min_free_by_size(const struct kmr_machine *m)
{
	return clamp(int_sqrt((free_buffer_pages(m) << (m->page_shift - 10)) * 16), 128, 262144);
}

/* __setup_per_zone_wmarks() */
static void set_watermarks(struct kmr_machine *m, enum when when)
{
	const uint64_t pages_min = m->min_free_kbytes >> (m->page_shift - 10);
	const uint64_t scale = when == AFTER_BOOT && m->user_watermark_scale
				       ? m->user_watermark_scale
				       : WATERMARK_SCALE;
	uint64_t lowmem = 0;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		if (is_lowmem(m, &m->zones[i]))
			lowmem += managed_at(&m->zones[i], when);
	for (i = 0; i < m->nr_zones; i++) {
		struct kmr_zone_spec *z = &m->zones[i];
		uint64_t managed = managed_at(z, when);
		uint64_t share = lowmem ? pages_min * managed / lowmem : 0;
		uint64_t scaled = managed / 10000 * scale + managed % 10000 * scale / 10000;
		uint64_t gap = share >> 2 > scaled ? share >> 2 : scaled;

		z->wmark_min =
			is_lowmem(m, z) ? share : clamp(managed / 1024, SWAP_CLUSTER_MAX, 128);
		z->wmark_low = z->wmark_min + gap;
		z->wmark_high = z->wmark_low + gap;
		z->boost = 0;
	}
}

/* off below 512 MiB, as the kernel counts them */
bool kmr_machine_thp_on(const struct kmr_machine *m)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		total += managed_at(&m->zones[i], AT_BOOT);
	return m->thp && total >= HUGEPAGE_MIN_RAM >> m->page_shift;
}

/* mm/khugepaged.c: set_recommended_min_free_kbytes() */
static uint64_t min_free_for_hugepages(const struct kmr_machine *m)
{
	uint64_t nr_zones = 0, pages, cap;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		nr_zones += is_user(&m->zones[i]) && m->zones[i].present;
	pages = (nr_zones << m->pageblock_order) * (2 + PCP_TYPES * PCP_TYPES);
	cap = free_buffer_pages(m) / 20;
	return (pages < cap ? pages : cap) << (m->page_shift - 10);
}

/* setup_per_zone_lowmem_reserve(): reserves protect against requests from the same node only */
static void set_reserves(struct kmr_machine *m, enum when when)
{
	static const uint32_t usual[KMR_ZONE_NR_TYPES] = {
		[KMR_ZONE_DMA] = 256,
		[KMR_ZONE_DMA32] = 256,
		[KMR_ZONE_NORMAL] = 32,
	};
	const uint32_t *ratio = when == AFTER_BOOT ? m->reserve_ratio : usual;
	unsigned int i, j, t;

	for (i = 0; i < m->nr_zones; i++) {
		struct kmr_zone_spec *z = &m->zones[i];
		uint32_t r = managed_at(z, when) ? ratio[z->type] : 0;

		for (t = 0; t < KMR_ZONE_NR_TYPES; t++) {
			uint64_t upper = 0;

			for (j = 0; j < m->nr_zones; j++) {
				const struct kmr_zone_spec *o = &m->zones[j];

				if (o->node == z->node && o->type > z->type && o->type <= t)
					upper += managed_at(o, when);
			}
			z->reserve[t] = r ? upper / r : 0;
		}
	}
}

/* The number of bits up to the highest one set: fls(). */
static unsigned int fls(uint64_t x)
{
	return x ? 64u - (unsigned int)__builtin_clzll(x) : 0;
}

/* zone_batchsize(): about a thousandth of the zone, at most 1 MiB, a quarter of it, 2^n - 1 */
static uint32_t batch_size(const struct kmr_machine *m, uint64_t managed)
{
	uint64_t batch = managed >> 10, most = ((uint64_t)1 << 20) >> m->page_shift;

	batch = (batch < most ? batch : most) / 4;
	if (!batch)
		batch = 1;
	batch = ((uint64_t)1 << (fls(batch + batch / 2) - 1)) - 1;
	/* zone_set_pageset_high_and_batch() */
	return batch ? (uint32_t)batch : 1;
}

uint32_t kmr_machine_stat_threshold(const struct kmr_machine *m, uint64_t managed)
{
	uint64_t threshold = 2 * fls(m->nr_cpus) * (1 + fls(managed >> (27 - m->page_shift)));

	return (uint32_t)(threshold < 125 ? threshold : 125);
}

uint32_t kmr_machine_pcp_high_max(const struct kmr_machine *m, const struct kmr_zone_spec *z,
				  uint64_t managed)
{
	/* MIN_PERCPU_PAGELIST_HIGH_FRACTION */
	const uint64_t high = managed / 8 / kmr_machine_split_cpus(m, z->node);
	const uint64_t least = 4 * (uint64_t)z->pcp_batch;

	return (uint32_t)(high > least ? high : least);
}

/* zone_highsize() */
static void set_percpu(struct kmr_machine *m, enum when when)
{
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		struct kmr_zone_spec *z = &m->zones[i];
		uint64_t managed = managed_at(z, when);
		uint64_t high = z->wmark_low / kmr_machine_split_cpus(m, z->node);

		z->pcp_batch = batch_size(m, managed);
		if (high < 4 * z->pcp_batch)
			high = 4 * z->pcp_batch;
		z->pcp_high = (uint32_t)high;
		if (z->pcp_high_max)
			z->pcp_high_max = kmr_machine_pcp_high_max(m, z, managed);
		if (when == AT_BOOT)
			z->stat_threshold = kmr_machine_stat_threshold(m, managed);
	}
}

/* min_free_kbytes_sysctl_handler() and its like: each does what boot did, for itself. */
static void set_user_limits(struct kmr_machine *m)
{
	if (m->user_min_free_kbytes)
		m->min_free_kbytes = m->user_min_free_kbytes;
	if (m->user_min_free_kbytes || m->user_watermark_scale) {
		set_watermarks(m, AFTER_BOOT);
		set_percpu(m, AFTER_BOOT);
	}
	if (m->has_reserve_ratio)
		set_reserves(m, AFTER_BOOT);
}

void kmr_machine_set_limits(struct kmr_machine *m)
{
	unsigned int i;

	/* init_per_zone_wmark_min() finds no watermarks yet, khugepaged those of its first pass */
	for (i = 0; i < m->nr_zones; i++)
		m->zones[i].wmark_high = 0;
	m->min_free_kbytes = min_free_by_size(m);
	set_watermarks(m, AT_BOOT);
	if (kmr_machine_thp_on(m)) {
		uint64_t recommended = min_free_for_hugepages(m);

		if (recommended > m->min_free_kbytes)
			m->min_free_kbytes = recommended;
		set_watermarks(m, AT_BOOT);
	}
	set_reserves(m, AT_BOOT);
	set_percpu(m, AT_BOOT);
	set_user_limits(m);
}

/* A value that was written stays until the kernel's own is larger: calculate_min_free_kbytes(). */
static void update_min_free(struct kmr_machine *m)
{
	const uint64_t computed = min_free_by_size(m);

	if (computed > m->user_min_free_kbytes)
		m->min_free_kbytes = computed;
}

/* @m has no init_pages any more, so that what is computed as at boot goes by all that is managed. */
void kmr_machine_update_limits(struct kmr_machine *m, bool thp_on)
{
	/* with the high watermarks of before in it */
	update_min_free(m);
	set_watermarks(m, AFTER_BOOT);
	set_reserves(m, m->has_reserve_ratio ? AFTER_BOOT : AT_BOOT);
	if (thp_on) {
		uint64_t recommended = min_free_for_hugepages(m);

		if (recommended > m->min_free_kbytes)
			m->min_free_kbytes = recommended;
		set_watermarks(m, AFTER_BOOT);
	}
	set_percpu(m, AT_BOOT);
}
