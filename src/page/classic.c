// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the models of the old kernels share: making one for a machine, giving blocks back, and the
 * calls that have nothing to do here.  Memory cannot come or go, and areas of CMA are ordinary memory:
 * requests for these fail, and are counted as failures.
 */
#include "page/classic.h"

#include <stdlib.h>
#include <string.h>

void kmr_classic_destroy(struct kmr_page_backend *b)
{
	if (!b)
		return;
	kmr_frames_unmap(&b->frames);
	kmr_bits_unmap(b->bits, b->bits_bytes);
	for (unsigned int i = 0; b->zones && i < b->nr_zones; i++)
		free(b->zones[i].map_words);
	free(b->zones);
	free(b->pcps);
	free(b->pageblocks);
	free(b->kept);
	free(b->zonelists);
	free(b->cpu_node);
	free(b);
}

static int alloc_arrays(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	const uint32_t last = (uint32_t)kmr_machine_end_pfn(m);
	size_t nr_blocks = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		nr_blocks += kmr_zone_pageblocks(&m->zones[i], m->pageblock_order);
	b->nr_frames = last;
	if (kmr_frames_map(&b->frames, last, b->nr_orders))
		return -1;
	/* the machine may name larger blocks than the kernel has */
	b->bits = kmr_bits_map(last, KMR_MAX_ORDERS, &b->bits_bytes);
	b->zones = calloc(m->nr_zones, sizeof(*b->zones));
	b->pageblocks = calloc(nr_blocks + 1, 1);
	b->kept = calloc(nr_blocks + 1, 1);
	b->zonelists = calloc((size_t)m->nr_nodes * KMR_ZONE_NR_TYPES * (m->nr_zones + 1),
			      sizeof(*b->zonelists));
	b->cpu_node = calloc(m->nr_cpus, sizeof(*b->cpu_node));
	if (b->rules->pcp)
		b->pcps = calloc((size_t)m->nr_zones * m->nr_cpus, sizeof(*b->pcps));
	if (!b->bits || !b->zones || !b->pageblocks || !b->kept || !b->zonelists || !b->cpu_node ||
	    (b->rules->pcp && !b->pcps))
		return -1;
	memcpy(b->cpu_node, m->cpu_node, m->nr_cpus * sizeof(*b->cpu_node));
	memset(b->pageblocks, b->rules->by_type ? KMR_MIGRATE_MOVABLE : KMR_MIGRATE_UNMOVABLE,
	       nr_blocks);
	return 0;
}

/* A bit for each pair of buddies of every order but the largest. */
static int init_map(const struct kmr_page_backend *b, struct kmr_classic_zone *z)
{
	size_t words = 0;

	if (!b->rules->bitmaps)
		return 0;
	for (unsigned int o = 0; o + 1 < b->nr_orders; o++)
		words += ((z->end - z->base) >> (o + 7)) + 1;
	z->map_words = calloc(words + 1, sizeof(*z->map_words));
	if (!z->map_words)
		return -1;
	words = 0;
	for (unsigned int o = 0; o + 1 < b->nr_orders; o++) {
		z->map[o] = z->map_words + words;
		words += ((z->end - z->base) >> (o + 7)) + 1;
	}
	return 0;
}

/* zone_batchsize(), setup_pageset() in mm/page_alloc.c (2.6.24) */
static void init_pcps(const struct kmr_page_backend *b, struct kmr_classic_zone *z,
		      unsigned int page_shift)
{
	const uint64_t max = (UINT64_C(512) << 10) >> page_shift;
	uint64_t batch = z->managed / 1024;

	batch = (batch < max ? batch : max) / 4;
	if (!batch)
		batch = 1;
	/* a power of two less one: colours of the cache */
	batch = (UINT64_C(1) << (63 - __builtin_clzll(batch + batch / 2))) - 1;
	if (b->pcp_batch)
		batch = b->pcp_batch;
	for (unsigned int c = 0; z->pcp && c < b->nr_cpus; c++) {
		struct kmr_classic_pcp *hot = &z->pcp[c][KMR_PCP_HOT];
		struct kmr_classic_pcp *cold = &z->pcp[c][KMR_PCP_COLD];

		hot->high = (uint32_t)(6 * batch);
		hot->batch = batch ? (uint32_t)batch : 1;
		cold->high = (uint32_t)(2 * batch);
		cold->batch = batch > 1 ? (uint32_t)batch / 2 : 1;
		kmr_list_init(&hot->list);
		kmr_list_init(&cold->list);
	}
}

/* Whether boot keeps the first frame of a pageblock, as far as the machine tells: PageReserved(). */
static void note_kept(const struct kmr_page_backend *b, const struct kmr_classic_zone *z,
		      const struct kmr_machine *m)
{
	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];

		if (r->kind != KMR_RESERVED_KEPT)
			continue;
		for (uint32_t k = 0; k < z->nr_blocks; k++) {
			const uint64_t at = (uint64_t)(z->first_block + k) << b->pageblock_order;
			const uint64_t pfn = at < z->start ? z->start : at;

			z->kept[k] |= pfn >= r->start_pfn && pfn < r->end_pfn;
		}
	}
}

static int init_zone(struct kmr_page_backend *b, struct kmr_classic_zone *z,
		     const struct kmr_machine *m, const struct kmr_zone_spec *spec)
{
	z->start = (uint32_t)spec->start_pfn;
	z->end = (uint32_t)(spec->start_pfn + spec->spanned);
	z->base = z->start & ~((1u << (b->nr_orders - 1)) - 1);
	z->node = spec->node;
	z->type = spec->type;
	z->is_low = !kmr_zone_is_highmem(m, spec);
	z->managed = spec->managed;
	z->mark[KMR_PAGES_MIN] = spec->wmark_min;
	z->mark[KMR_PAGES_LOW] = spec->wmark_low;
	z->mark[KMR_PAGES_HIGH] = spec->wmark_high;
	memcpy(z->reserve, spec->reserve, sizeof(z->reserve));
	z->nr_blocks = (uint32_t)kmr_zone_pageblocks(spec, b->pageblock_order);
	z->first_block = z->start >> b->pageblock_order;
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
		for (unsigned int t = 0; t < KMR_CLASSIC_TYPES; t++)
			kmr_list_init(&z->lists[o][t]);
	note_kept(b, z, m);
	init_pcps(b, z, m->page_shift);
	return init_map(b, z);
}

static int init_zones(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	size_t block = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		struct kmr_classic_zone *z = &b->zones[i];

		z->index = (uint8_t)i;
		z->pageblocks = b->pageblocks + block;
		z->kept = b->kept + block;
		if (b->pcps)
			z->pcp = b->pcps + (size_t)i * m->nr_cpus;
		if (init_zone(b, z, m, &m->zones[i]))
			return -1;
		block += z->nr_blocks;
	}
	kmr_fill_zonelists(b->zonelists, m);
	return 0;
}

/* build_all_zonelists() (2.6.24): five types, of which isolation is one */
static bool enough_for_mobility(const struct kmr_machine *m)
{
	uint64_t managed = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		managed += m->zones[i].managed;
	return managed >= UINT64_C(5) << m->pageblock_order;
}

struct kmr_page_backend *kmr_classic_create(const struct kmr_classic_rules *rules,
					    const struct kmr_machine *m, unsigned int nr_orders,
					    bool mobility, bool own_limits, uint32_t pcp_batch,
					    struct kmr_error *err)
{
	struct kmr_page_backend *b;

	if (kmr_page_check_machine(m, err))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b) {
		(void)kmr_fail_nomem(err, "the machine's frames");
		return NULL;
	}
	b->rules = rules;
	b->nr_zones = m->nr_zones;
	b->nr_cpus = m->nr_cpus;
	b->nr_nodes = m->nr_nodes;
	b->nr_orders = nr_orders < m->nr_orders ? nr_orders : m->nr_orders;
	b->machine_orders = m->nr_orders;
	b->pageblock_order = m->pageblock_order;
	b->pcp_batch = pcp_batch;
	b->mobility = mobility && enough_for_mobility(m);
	b->start_due = true;
	b->pool.order = m->huge_order ? m->huge_order : m->pageblock_order;
	for (unsigned int node = 0; node < KMR_MAX_NODES; node++)
		kmr_list_init(&b->pool.lists[node]);
	memcpy(b->has_type, m->has_type, sizeof(b->has_type));
	if (alloc_arrays(b, m) || init_zones(b, m)) {
		kmr_classic_destroy(b);
		(void)kmr_fail_nomem(err, "the machine's frames");
		return NULL;
	}
	if (own_limits)
		rules->limits(b, m);
	return b;
}

unsigned int kmr_classic_gfp_zone(const struct kmr_page_backend *b, uint32_t gfp)
{
	return kmr_gfp_zone_type(b->has_type, gfp);
}

kmr_pfn_t kmr_classic_end(struct kmr_page_backend *b, const struct kmr_page_request *req,
			  uint32_t pfn)
{
	b->work.allocs++;
	if (pfn == KMR_NO_PFN) {
		b->work.failures++;
		return pfn;
	}
	kmr_bits_set_used(b->bits, pfn, req->order, req->gfp & KMR_GFP_MOVABLE);
	kmr_prepare_steps(&b->work.steps, req, b->pageblock_order);
	return pfn;
}

int kmr_classic_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		     unsigned int cpu)
{
	struct kmr_classic_zone *z;
	unsigned int piece;

	if (order >= b->machine_orders || (pfn & ((1u << order) - 1)) || cpu >= b->nr_cpus)
		return -1;
	z = kmr_classic_zone_of(b, pfn);
	if (!z || z->end - pfn < 1u << order || !kmr_bits_all_used(b->bits, pfn, order))
		return -1;
	b->work.frees++;
	b->work.steps.tail_frees += (1u << order) - 1;
	/* what the traced kernel had as one may be more than one here */
	piece = order < b->nr_orders ? order : b->nr_orders - 1;
	kmr_bits_set_free(b->bits, pfn, order);
	for (uint32_t i = 0; i < 1u << order; i += 1u << piece)
		b->rules->give_back(b, z, pfn + i, piece, cpu);
	return 0;
}

/* A page's type is looked up when it is put on a list. */
void kmr_classic_free_prepare(struct kmr_page_backend *b, kmr_pfn_t pfn)
{
	(void)b;
	(void)pfn;
}

int kmr_classic_free_commit(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int cpu)
{
	return kmr_classic_free(b, pfn, 0, cpu);
}

/* Lists are used with interrupts off: none can find them taken. */
void kmr_classic_pcp_lock(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			  bool locked)
{
	(void)b;
	(void)zone;
	(void)cpu;
	(void)locked;
}

/*
 * No count lags behind here.  2.6.24 also drains a CPU's lists of other nodes' zones when they were
 * not used for three seconds, which is left out.
 */
void kmr_classic_tick(struct kmr_page_backend *b, uint64_t now)
{
	(void)b;
	(void)now;
}

/* Limits of per-CPU lists are fixed. */
void kmr_classic_decay(struct kmr_page_backend *b)
{
	(void)b;
}

void kmr_classic_kswapd(struct kmr_page_backend *b, unsigned int node, bool active)
{
	(void)b;
	(void)node;
	(void)active;
}

void kmr_classic_observe(struct kmr_page_backend *b, const struct kmr_page_observer *observer)
{
	b->observer = observer;
}

const struct kmr_page_work *kmr_classic_work(const struct kmr_page_backend *b)
{
	return &b->work;
}

/* Nothing moves, so nobody asks what blocks were handed out as. */
void kmr_classic_split(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order)
{
	(void)b;
	(void)pfn;
	(void)order;
}

void kmr_classic_cma_activate(struct kmr_page_backend *b, bool reserved)
{
	(void)b;
	(void)reserved;
}

kmr_pfn_t kmr_classic_cma_alloc(struct kmr_page_backend *b, unsigned int area, uint64_t pages,
				unsigned int align, unsigned int cpu)
{
	(void)area;
	(void)pages;
	(void)align;
	(void)cpu;
	b->contig_work.cma_allocs++;
	b->contig_work.cma_failures++;
	return KMR_NO_PFN;
}

int kmr_classic_cma_release(struct kmr_page_backend *b, unsigned int area, kmr_pfn_t pfn,
			    uint64_t pages, unsigned int cpu)
{
	(void)b;
	(void)area;
	(void)pfn;
	(void)pages;
	(void)cpu;
	return -1;
}

enum kmr_range_result kmr_classic_online(struct kmr_page_backend *b,
					 const struct kmr_memory_block *block, unsigned int cpu)
{
	(void)b;
	(void)block;
	(void)cpu;
	return KMR_RANGE_INVALID;
}

enum kmr_range_result kmr_classic_offline(struct kmr_page_backend *b, uint64_t pfn, uint64_t pages,
					  unsigned int cpu, kmr_pfn_t *busy)
{
	(void)b;
	(void)pfn;
	(void)pages;
	(void)cpu;
	*busy = KMR_NO_PFN;
	return KMR_RANGE_INVALID;
}

const struct kmr_contig_work *kmr_classic_contig_work(const struct kmr_page_backend *b)
{
	return &b->contig_work;
}
