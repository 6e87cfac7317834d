// SPDX-License-Identifier: GPL-2.0-only
/*
 * What differs between kernel versions: tables where it is data, small functions where it is a
 * rule.  A version is one struct kmr_linux_rules and one ops table over the shared model.
 */
#include <stdlib.h>
#include <string.h>

#include "page/common.h"
#include "page/contig.h"
#include "page/linux.h"
#include "page/numa.h"

#define FALLBACKS_SINCE_3_3                                                                 \
	{                                                                                   \
		[KMR_MIGRATE_UNMOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_MOVABLE }, \
		[KMR_MIGRATE_MOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_UNMOVABLE }, \
		[KMR_MIGRATE_RECLAIMABLE] = { KMR_MIGRATE_UNMOVABLE, KMR_MIGRATE_MOVABLE }, \
	}

/* 6.1.y gfp_to_alloc_flags() */
static unsigned int slowpath_flags_6_1(const struct kmr_page_request *req)
{
	unsigned int flags = req->gfp & KMR_GFP_HIGH ? KMR_ALLOC_MIN_RESERVE : 0;

	if (req->gfp & (KMR_GFP_DIRECT_RECLAIM | KMR_GFP_NOMEMALLOC))
		return flags;
	if (req->order && flags)
		flags |= KMR_ALLOC_HIGHATOMIC;
	return flags | KMR_ALLOC_NON_BLOCK;
}

/* what has not changed since then */
#define SINCE_6_1                                                                  \
	.thp_lists = 2, .nofail_flags = KMR_ALLOC_MIN_RESERVE,                     \
	.reserve_flags = KMR_ALLOC_RESERVES, .slowpath_flags = slowpath_flags_6_1, \
	.pcp_free_bulk = kmr_pcp_free_bulk_6_1

static const struct kmr_linux_rules rules_6_1 = {
	.fallbacks = FALLBACKS_SINCE_3_3,
	.batch_scale_max = 5,
	.cma_skips_pcp = true,
	.rmqueue = kmr_rmqueue_stealing,
	.pcp_freed = kmr_pcp_freed_6_1,
	.pcp_refill = kmr_pcp_refill_6_1,
	SINCE_6_1,
};

static const struct kmr_linux_rules rules_6_12 = {
	.fallbacks = FALLBACKS_SINCE_3_3,
	.batch_scale_max = 5,
	.typed_lists = true,
	.below_high = true,
	.high_ignores_boost = true,
	.exact_highatomic = true,
	.boost_wakes_kswapd_only = true,
	.auto_high = true,
	.rmqueue = kmr_rmqueue_claiming,
	.pcp_freed = kmr_pcp_freed_6_12,
	.pcp_refill = kmr_pcp_refill_6_12,
	SINCE_6_1,
};

enum {
	PARAM_NOFRAGMENT,
	PARAM_MOBILITY,
	PARAM_PCP_HIGH,
	PARAM_PCP_BATCH,
	PARAM_ZONE_RECLAIM,
	NR_PARAMS
};

static const struct kmr_param params[NR_PARAMS] = {
	[PARAM_NOFRAGMENT] = { "nofragment",
			       "avoid mixing pageblock types while a lower zone has memory",
			       KMR_PARAM_BOOL, 0, 1, 0, 1 },
	[PARAM_MOBILITY] = { "mobility",
			     "group by mobility (off by itself below a few pageblocks of memory)",
			     KMR_PARAM_BOOL, 0, 1, 0, 1 },
	[PARAM_PCP_HIGH] = { "pcp_high", "limit of a per-CPU list set, pages; 0: the machine's",
			     KMR_PARAM_UINT, 0, 0, 0, 1u << 20 },
	[PARAM_PCP_BATCH] = { "pcp_batch", "pages to refill or free at once; 0: the machine's",
			      KMR_PARAM_UINT, 0, 0, 0, 1u << 16 },
	[PARAM_ZONE_RECLAIM] = { "zone_reclaim_mode",
				 "1, 2 or 4: reclaim a node before a more distant one is tried",
				 KMR_PARAM_UINT, KMR_PARAM_LATER, 0, 0, 7 },
};

static void destroy(struct kmr_page_backend *b)
{
	if (!b)
		return;
	kmr_frames_unmap(&b->frames);
	kmr_bits_unmap(b->bits, b->bits_bytes);
	free(b->zones);
	free(b->pcps);
	free(b->pageblocks);
	free(b->zonelists);
	free(b->dma32_populated);
	free(b->cpu_node);
	kmr_contig_free(b);
	kmr_numa_free(b);
	free(b);
}

void kmr_set_zone_limits(struct kmr_page_backend *b, const struct kmr_machine *m,
			 struct kmr_zone *z, const struct kmr_zone_spec *spec)
{
	uint32_t high_max = spec->pcp_high_max;

	z->wmark[KMR_ALLOC_WMARK_MIN] = spec->wmark_min;
	z->wmark[KMR_ALLOC_WMARK_LOW] = spec->wmark_low;
	z->wmark[KMR_ALLOC_WMARK_HIGH] = spec->wmark_high;
	z->boost = spec->boost;
	memcpy(z->reserve, spec->reserve, sizeof(z->reserve));
	z->stat_threshold = spec->stat_threshold < 125 ? (int32_t)spec->stat_threshold : 125;
	z->usual_threshold = z->stat_threshold;
	if (!high_max && b->rules->auto_high)
		high_max = kmr_machine_pcp_high_max(m, spec, spec->managed - spec->init_pages);
	if (high_max < spec->pcp_high)
		high_max = spec->pcp_high;
	for (unsigned int c = 0; c < b->nr_cpus; c++) {
		struct kmr_pcp *pcp = &z->pcp[c];

		/* set by hand, high does not move: percpu_pagelist_high_fraction */
		pcp->high_min = b->pcp_high ? b->pcp_high : spec->pcp_high;
		pcp->high_max = b->pcp_high ? b->pcp_high : high_max;
		if (!b->rules->auto_high)
			pcp->high = pcp->high_min;
		pcp->batch = b->pcp_batch ? b->pcp_batch : spec->pcp_batch;
		if (!pcp->batch)
			pcp->batch = 1;
	}
}

static void init_zone(struct kmr_page_backend *b, const struct kmr_machine *m, struct kmr_zone *z,
		      const struct kmr_zone_spec *spec)
{
	z->start = (uint32_t)spec->start_pfn;
	z->end = (uint32_t)(spec->start_pfn + spec->spanned);
	z->boot_start = z->start;
	z->boot_end = z->end;
	z->node = spec->node;
	z->type = spec->type;
	z->managed = spec->managed;
	if (spec->spanned) {
		z->first_block = z->start >> b->pageblock_order;
		z->nr_blocks = ((z->end - 1) >> b->pageblock_order) - z->first_block + 1;
	}
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			kmr_list_init(&z->lists[o][t]);
	for (unsigned int c = 0; c < b->nr_cpus; c++)
		for (unsigned int i = 0; i < KMR_NR_PCP_LISTS; i++)
			kmr_list_init(&z->pcp[c].lists[i]);
	kmr_set_zone_limits(b, m, z, spec);
}

int kmr_page_check_machine(const struct kmr_machine *m, struct kmr_error *err)
{
	if (!m->nr_zones || m->nr_zones > KMR_MAX_ZONES || !m->nr_cpus || m->nr_cpus > KMR_MAX_CPUS)
		return kmr_fail(err,
				"machine %s: has %u zones and %u CPUs, needs at least one of each",
				m->name, m->nr_zones, m->nr_cpus);
	if (!m->nr_orders || m->nr_orders > KMR_MAX_ORDERS || m->pageblock_order >= m->nr_orders)
		return kmr_fail(err, "machine %s: %u orders and pageblocks of order %u do not fit",
				m->name, m->nr_orders, m->pageblock_order);
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		/* one that memory can come to may be empty */
		if ((!z->spanned && !m->nr_hotplug) || z->node >= m->nr_nodes ||
		    z->type >= KMR_ZONE_NR_TYPES || z->start_pfn >= KMR_NO_PFN ||
		    z->spanned > KMR_NO_PFN - z->start_pfn)
			return kmr_fail(
				err, "machine %s: zone %u (frames %llu+%llu) is empty or too large",
				m->name, i, (unsigned long long)z->start_pfn,
				(unsigned long long)z->spanned);
	}
	return kmr_contig_check_machine(m, err);
}

/* Pageblocks of zones that stay as they are: each zone has its own, see linux.h. */
static size_t count_pageblocks(const struct kmr_machine *m)
{
	size_t nr = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		nr += kmr_zone_pageblocks(&m->zones[i], m->pageblock_order);
	return nr;
}

static int alloc_arrays(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	const uint32_t last = (uint32_t)kmr_machine_end_pfn(m);
	/* zones of sections can grow into each other: pageblocks are the memory's */
	const size_t nr_blocks = kmr_has_sections(m)
					 ? ((size_t)(last - 1) >> m->pageblock_order) + 1
					 : count_pageblocks(m);

	b->nr_frames = last;
	if (kmr_frames_map(&b->frames, last, m->nr_orders))
		return -1;
	b->bits = kmr_bits_map(last, m->nr_orders, &b->bits_bytes);
	b->zones = calloc(m->nr_zones, sizeof(*b->zones));
	b->pcps = calloc((size_t)m->nr_zones * m->nr_cpus, sizeof(*b->pcps));
	b->pageblocks = calloc(nr_blocks, 1);
	b->zonelists = calloc((size_t)m->nr_nodes * KMR_ZONE_NR_TYPES * (m->nr_zones + 1),
			      sizeof(*b->zonelists));
	b->dma32_populated = calloc(m->nr_nodes, 1);
	b->cpu_node = calloc(m->nr_cpus, sizeof(*b->cpu_node));
	if (!b->bits || !b->zones || !b->pcps || !b->pageblocks || !b->zonelists ||
	    !b->dma32_populated || !b->cpu_node)
		return -1;
	memcpy(b->cpu_node, m->cpu_node, m->nr_cpus * sizeof(*b->cpu_node));
	/* a kernel starts with every pageblock movable */
	memset(b->pageblocks, KMR_MIGRATE_MOVABLE, nr_blocks);
	return 0;
}

void kmr_fill_zonelists(uint16_t *zonelists, const struct kmr_machine *m)
{
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		for (unsigned int type = 0; type < KMR_ZONE_NR_TYPES; type++) {
			uint16_t *list = zonelists + ((size_t)node * KMR_ZONE_NR_TYPES + type) *
							     (m->nr_zones + 1);
			const unsigned int n =
				kmr_machine_zonelist(m, node, (enum kmr_zone_type)type, list);

			list[n] = UINT16_MAX;
		}
}

void kmr_build_zonelists(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	uint64_t managed = 0;

	kmr_fill_zonelists(b->zonelists, m);
	memset(b->dma32_populated, 0, m->nr_nodes);
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		managed += m->zones[i].managed;
		if (m->zones[i].type == KMR_ZONE_DMA32 && m->zones[i].spanned)
			b->dma32_populated[m->zones[i].node] = 1;
	}
	/* build_all_zonelists(): too little memory to keep types apart */
	b->mobility = b->mobility_allowed && managed >= (uint64_t)KMR_MIGRATE_TYPES
								<< m->pageblock_order;
}

static struct kmr_page_backend *create(const struct kmr_linux_rules *rules,
				       const struct kmr_machine *m, const uint64_t *values,
				       struct kmr_error *err)
{
	struct kmr_page_backend *b;
	uint64_t defaults[NR_PARAMS];
	size_t block = 0;

	if (kmr_page_check_machine(m, err))
		return NULL;
	if (!values) {
		for (unsigned int i = 0; i < NR_PARAMS; i++)
			defaults[i] = params[i].def;
		values = defaults;
	}
	b = calloc(1, sizeof(*b));
	if (!b || alloc_arrays(b, m) || kmr_contig_init(b, m) || kmr_numa_init(b, m)) {
		destroy(b);
		(void)kmr_fail_nomem(err, "the machine's frames");
		return NULL;
	}
	b->rules = rules;
	b->nr_zones = m->nr_zones;
	b->nr_cpus = m->nr_cpus;
	b->nr_nodes = m->nr_nodes;
	b->nr_orders = m->nr_orders;
	b->pageblock_order = m->pageblock_order;
	b->thp = m->thp && m->pageblock_order > KMR_COSTLY_ORDER;
	b->nofragment_allowed = values[PARAM_NOFRAGMENT];
	memcpy(b->has_type, m->has_type, sizeof(b->has_type));
	b->mobility_allowed = values[PARAM_MOBILITY];
	b->pcp_high = (uint32_t)values[PARAM_PCP_HIGH];
	b->pcp_batch = (uint32_t)values[PARAM_PCP_BATCH];
	b->zone_reclaim = (uint8_t)values[PARAM_ZONE_RECLAIM];
	b->multi_node = m->nr_nodes > 1;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		z->index = (uint8_t)i;
		z->pcp = b->pcps + (size_t)i * m->nr_cpus;
		init_zone(b, m, z, &m->zones[i]);
		z->pageblocks = b->pageblocks + (kmr_has_sections(m) ? z->first_block : block);
		block += z->nr_blocks;
	}
	kmr_build_zonelists(b, m);
	return b;
}

static struct kmr_page_backend *create_6_1(const struct kmr_machine *m, const uint64_t *values,
					   struct kmr_error *err)
{
	return create(&rules_6_1, m, values, err);
}

static struct kmr_page_backend *create_6_12(const struct kmr_machine *m, const uint64_t *values,
					    struct kmr_error *err)
{
	return create(&rules_6_12, m, values, err);
}

static struct kmr_page_backend *create_5_15(const struct kmr_machine *m, const uint64_t *values,
					    struct kmr_error *err)
{
	return create(&kmr_rules_5_15, m, values, err);
}

static void pcp_lock(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu, bool locked)
{
	b->zones[zone].pcp[cpu].locked = locked && !b->rules->pcp_irqs_off;
}

static uint32_t refill_size(const struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			    unsigned int order)
{
	struct kmr_pcp as_it_is = b->zones[zone].pcp[cpu];

	return b->rules->pcp_refill(b->rules, &b->zones[zone], &as_it_is, order);
}

static void observe(struct kmr_page_backend *b, const struct kmr_page_observer *observer)
{
	b->observer = observer;
}

static void set_pressure(struct kmr_page_backend *b, const struct kmr_pressure_ops *pressure)
{
	b->pressure = pressure;
}

static uint32_t pcp_count(const struct kmr_page_backend *b, unsigned int zone, unsigned int cpu)
{
	return b->zones[zone].pcp[cpu].count;
}

static const struct kmr_page_work *work(const struct kmr_page_backend *b)
{
	return &b->work;
}

#define KMR_LINUX_OPS(version, creator)                                                     \
	.name = (version), .params = params, .nr_params = NR_PARAMS, .create = (creator),   \
	.destroy = destroy, .alloc = kmr_linux_alloc, .free = kmr_linux_free,               \
	.free_prepare = kmr_linux_free_prepare, .free_commit = kmr_linux_free_commit,       \
	.drain = kmr_drain_pages, .drain_one = kmr_drain_one, .tick = kmr_linux_tick,       \
	.kswapd = kmr_linux_kswapd, .decay = kmr_linux_decay, .pcp_lock = pcp_lock,         \
	.refill_size = refill_size, .observe = observe, .zone_state = kmr_linux_zone_state, \
	.survey = kmr_linux_survey, .pcp_count = pcp_count, .work = work,                   \
	.check = kmr_linux_check, .load = kmr_linux_load, .save = kmr_linux_save,           \
	.set_pageblock = kmr_linux_set_pageblock, .seed_free = kmr_linux_seed_free,         \
	.where = kmr_linux_where, .unalloc = kmr_linux_unalloc, .take = kmr_linux_take,     \
	.undrain = kmr_linux_undrain, .buddy_put = kmr_linux_buddy_put,                     \
	.pcp_put = kmr_linux_pcp_put, .pcp_take_all = kmr_linux_pcp_take_all,               \
	.split = kmr_linux_split, .cma_activate = kmr_linux_cma_activate,                   \
	.cma_alloc = kmr_linux_cma_alloc, .cma_release = kmr_linux_cma_release,             \
	.online = kmr_linux_online, .offline = kmr_linux_offline,                           \
	.set_huge_pages = kmr_linux_set_huge_pages, .contig_work = kmr_linux_contig_work,   \
	.numa = kmr_linux_numa, .numa_restart = kmr_linux_numa_restart,                     \
	.set_pressure = set_pressure, .follow = &kmr_linux_follow

const struct kmr_page_ops kmr_linux_6_1 = {
	KMR_LINUX_OPS("linux-6.1", create_6_1),
	.description = "buddy with mobility grouping, per-CPU lists for orders 0-3 and huge pages",
};

const struct kmr_page_ops kmr_linux_6_12 = {
	KMR_LINUX_OPS("linux-6.12", create_6_12),
	.extfrag_takes = true,
	.description =
		"the same with per-CPU lists that tune their size and free lists of one type",
};

const struct kmr_page_ops kmr_linux_5_15 = {
	KMR_LINUX_OPS("linux-5.15", create_5_15),
	.description = "as 6.1, with unlimited batches, drains in turns, GFP_ATOMIC's reserves",
};
