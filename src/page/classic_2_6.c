// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux 2.6.24: the first release that groups pages by mobility (M. Gorman, A. Whitcroft: "The
 * What, The Why and the Where To of Anti-Fragmentation", OLS 2006).  Requests and per-CPU lists
 * are here, which pageblock pays when a type has run out is in classic_mobility.c.  Behaviour:
 * mm/page_alloc.c (2.6.24).
 *
 * A CPU has two lists for single pages of all types, hot and cold; a request looks for one of its
 * type from the head.  Only pages freed on the way out of the page cache went to the cold lists,
 * which traces of later kernels do not tell: frees are hot here.
 */
#include "page/classic_2_6.h"

/* mm/page_alloc.c (2.6.24), ALLOC_*; the values are the model's own */
enum {
	ALLOC_MARK = 3, /* enum kmr_classic_mark */
	ALLOC_NO_WATERMARKS = 1 << 2,
	ALLOC_HARDER = 1 << 3,
	ALLOC_HIGH = 1 << 4,
};

enum {
	PARAM_MOBILITY,
	PARAM_OWN_LIMITS,
	PARAM_PCP_BATCH,
	NR_PARAMS
};

static const struct kmr_param params[NR_PARAMS] = {
	[PARAM_MOBILITY] = { "mobility",
			     "group by mobility (off by itself below a few pageblocks of memory)",
			     KMR_PARAM_BOOL, false, 1, 0, 1 },
	[PARAM_OWN_LIMITS] = { "own_limits", "watermarks by 2.6.24's formula; 0: the machine's",
			       KMR_PARAM_BOOL, false, 1, 0, 1 },
	[PARAM_PCP_BATCH] = { "pcp_batch", "pages to refill or free at once; 0: by the zone's size",
			      KMR_PARAM_UINT, false, 0, 0, 1u << 16 },
};

/* min_free_kbytes, in pages: init_per_zone_pages_min() */
static uint64_t min_free_pages(const struct kmr_machine *m, uint64_t low_pages)
{
	const uint64_t kib = UINT64_C(1) << (m->page_shift - 10);
	const uint64_t square = low_pages * kib * 16;
	uint64_t root = 0;

	if (m->user_min_free_kbytes)
		return m->user_min_free_kbytes / kib;
	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= square)
			root |= bit;
	root = root < 128 ? 128 : root > 65536 ? 65536 : root;
	return root / kib;
}

/* setup_per_zone_pages_min() */
static void limits(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	uint64_t low_pages = 0, min;

	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (b->zones[i].is_low)
			low_pages += b->zones[i].managed;
	min = min_free_pages(m, low_pages);
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_classic_zone *z = &b->zones[i];
		const uint64_t share = low_pages ? min * z->managed / low_pages : 0;
		uint64_t mark = share;

		if (!z->is_low) {
			mark = z->managed / 1024;
			mark = mark < 32 ? 32 : mark > 128 ? 128 : mark;
		}
		z->mark[KMR_PAGES_MIN] = mark;
		z->mark[KMR_PAGES_LOW] = mark + (share >> 2);
		z->mark[KMR_PAGES_HIGH] = mark + (share >> 1);
	}
}

/*
 * zone_watermark_ok(): a block must be left over a mark that halves with each order, when blocks of
 * lower orders no longer count.
 */
static bool watermark_ok(const struct kmr_classic_zone *z, unsigned int order, uint64_t mark,
			 unsigned int first_type, unsigned int flags)
{
	int64_t free_pages = (int64_t)z->free_pages - (INT64_C(1) << order) + 1;
	int64_t min = (int64_t)mark;

	if (flags & ALLOC_HIGH)
		min -= min / 2;
	if (flags & ALLOC_HARDER)
		min -= min / 4;
	if (free_pages <= min + (int64_t)z->reserve[first_type])
		return false;
	for (unsigned int o = 0; o < order; o++) {
		for (unsigned int t = 0; t < KMR_CLASSIC_TYPES; t++)
			free_pages -= (int64_t)z->nr_free[o][t] << o;
		min >>= 1;
		if (free_pages <= min)
			return false;
	}
	return true;
}

/* rmqueue_bulk(): to the head of the list, in the order in which they come */
static uint32_t refill(struct kmr_page_backend *b, struct kmr_classic_zone *z,
		       struct kmr_classic_pcp *pcp, unsigned int index, unsigned int migratetype)
{
	uint32_t after = KMR_NO_PFN, got;

	b->work.pcp_refills++;
	b->work.steps.zone_locks++;
	for (got = 0; got < pcp->batch; got++) {
		const uint32_t pfn = kmr_26_rmqueue(b, z, 0, migratetype);
		struct kmr_frame *f;

		if (pfn == KMR_NO_PFN)
			break;
		f = kmr_frame(b, pfn);
		f->state = KMR_FS_PCP;
		f->order = 0;
		f->migratetype = (uint8_t)migratetype;
		f->pindex = (uint8_t)index;
		kmr_list_insert(&b->frames, &pcp->list, after, pfn);
		kmr_classic_tell_refill(b, pfn, 0, migratetype, true);
		after = pfn;
	}
	pcp->count += got;
	b->work.refill_blocks += got;
	return got;
}

static uint32_t find_type(const struct kmr_page_backend *b, const struct kmr_classic_pcp *pcp,
			  unsigned int migratetype)
{
	uint32_t pfn = pcp->list.head;

	while (pfn != KMR_NO_PFN && kmr_frame(b, pfn)->migratetype != migratetype)
		pfn = kmr_frame(b, pfn)->next;
	return pfn;
}

/*
 * A page off a per-CPU list.  When neither the list nor a refill has one of the type, the first page
 * of the list will do: the kernel takes it without another look.
 */
static uint32_t take_page(struct kmr_page_backend *b, struct kmr_classic_zone *z, unsigned int cpu,
			  unsigned int index, unsigned int migratetype)
{
	struct kmr_classic_pcp *pcp = &z->pcp[cpu][index];
	uint32_t pfn = find_type(b, pcp, migratetype);

	if (pfn == KMR_NO_PFN) {
		(void)refill(b, z, pcp, index, migratetype);
		pfn = pcp->list.head;
		if (pfn == KMR_NO_PFN)
			return pfn;
	} else {
		b->work.pcp_hits++;
	}
	kmr_list_del(&b->frames, &pcp->list, pfn);
	kmr_frame(b, pfn)->state = KMR_FS_USED;
	pcp->count--;
	return pfn;
}

/* buffered_rmqueue() */
static uint32_t buffered_rmqueue(struct kmr_page_backend *b, struct kmr_classic_zone *z,
				 const struct kmr_page_request *req, unsigned int migratetype)
{
	uint32_t pfn;

	if (!req->order)
		return take_page(b, z, req->cpu,
				 req->gfp & KMR_GFP_COLD ? KMR_PCP_COLD : KMR_PCP_HOT, migratetype);
	b->work.steps.zone_locks++;
	pfn = kmr_26_rmqueue(b, z, req->order, migratetype);
	if (pfn == KMR_NO_PFN)
		return pfn;
	b->work.steps.buddy_allocs++;
	kmr_classic_tell_refill(b, pfn, req->order, migratetype, false);
	return pfn;
}

/* get_page_from_freelist(); reserves go by the type of the first zone, wherever the walk is */
static uint32_t walk(struct kmr_page_backend *b, const struct kmr_page_request *req,
		     const uint16_t *zonelist, unsigned int migratetype, unsigned int flags)
{
	const unsigned int first_type = b->zones[*zonelist].type;

	for (; *zonelist != UINT16_MAX; zonelist++) {
		struct kmr_classic_zone *z = &b->zones[*zonelist];
		uint32_t pfn;

		b->work.zones_tried++;
		b->work.steps.watermark_checks += !(flags & ALLOC_NO_WATERMARKS);
		if (!(flags & ALLOC_NO_WATERMARKS) &&
		    !watermark_ok(z, req->order, z->mark[flags & ALLOC_MARK], first_type, flags))
			continue;
		pfn = buffered_rmqueue(b, z, req, migratetype);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	return KMR_NO_PFN;
}

/* free_pages_bulk(), from the tail; to the lists of the types that pageblocks have by now */
static void free_bulk(struct kmr_page_backend *b, struct kmr_classic_zone *z,
		      struct kmr_classic_pcp *pcp, uint32_t count)
{
	b->work.steps.zone_locks += count && pcp->count;
	for (; count && pcp->count; count--) {
		const uint32_t pfn = pcp->list.tail;
		const unsigned int migratetype = kmr_classic_type(b, z, pfn);

		kmr_list_del(&b->frames, &pcp->list, pfn);
		kmr_frame(b, pfn)->state = KMR_FS_USED;
		pcp->count--;
		kmr_classic_merge(b, z, pfn, 0, migratetype);
		b->work.drain_blocks++;
		if (b->observer && b->observer->drain)
			b->observer->drain(b->observer->ctx, pfn, 0, migratetype);
	}
}

/* __drain_pages() */
static void drain_cpu(struct kmr_page_backend *b, unsigned int cpu)
{
	for (unsigned int i = 0; i < b->nr_zones; i++)
		for (unsigned int k = 0; k < KMR_CLASSIC_PCPS; k++) {
			struct kmr_classic_pcp *pcp = &b->zones[i].pcp[cpu][k];

			free_bulk(b, &b->zones[i], pcp, pcp->count);
		}
}

/* drain_zone_pages(): the hot list first */
static void drain_one(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu)
{
	if (zone >= b->nr_zones || cpu >= b->nr_cpus)
		return;
	for (unsigned int k = 0; k < KMR_CLASSIC_PCPS; k++)
		if (b->zones[zone].pcp[cpu][k].count) {
			free_bulk(b, &b->zones[zone], &b->zones[zone].pcp[cpu][k], 1);
			return;
		}
}

static void drain(struct kmr_page_backend *b, int cpu)
{
	for (unsigned int c = 0; c < b->nr_cpus; c++)
		if (cpu < 0 || c == (unsigned int)cpu)
			drain_cpu(b, c);
}

/* __alloc_pages() below the low mark, without reclaim */
static uint32_t slowpath(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 const uint16_t *zonelist, unsigned int migratetype)
{
	const uint32_t this_node = KMR_GFP_THISNODE | KMR_GFP_NORETRY | KMR_GFP_NOWARN;
	const bool wait = req->gfp & KMR_GFP_DIRECT_RECLAIM;
	unsigned int flags = KMR_PAGES_MIN;
	uint32_t pfn;

	/* who asks for one node, and no effort, has others to try: GFP_THISNODE */
	if (b->nr_nodes > 1 && (req->gfp & this_node) == this_node)
		return KMR_NO_PFN;
	b->work.slow_paths++;
	if (!wait)
		flags |= ALLOC_HARDER;
	if (req->gfp & KMR_GFP_HIGH)
		flags |= ALLOC_HIGH;
	pfn = walk(b, req, zonelist, migratetype, flags);
	if (pfn != KMR_NO_PFN)
		return pfn;
	if ((req->gfp & KMR_GFP_MEMALLOC) && !(req->gfp & KMR_GFP_NOMEMALLOC))
		return walk(b, req, zonelist, migratetype, ALLOC_NO_WATERMARKS);
	if (!wait || !req->order)
		return KMR_NO_PFN;
	/* after reclaim: pages on the lists may be what blocks lack */
	drain(b, -1);
	return walk(b, req, zonelist, migratetype, flags);
}

kmr_pfn_t kmr_26_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req)
{
	const unsigned int migratetype =
		b->mobility ? kmr_gfp_migratetype(req->gfp) : KMR_MIGRATE_UNMOVABLE;
	const uint16_t *zonelist = kmr_classic_zonelist(b, req->node < b->nr_nodes ? req->node : 0,
							kmr_classic_gfp_zone(b, req->gfp));
	uint16_t local[KMR_ZONE_NR_TYPES + 1];
	uint32_t pfn = KMR_NO_PFN;

	kmr_classic_begin(b);
	if (req->gfp & KMR_GFP_THISNODE) {
		unsigned int n = 0;

		for (; *zonelist != UINT16_MAX; zonelist++)
			if (b->zones[*zonelist].node == req->node)
				local[n++] = *zonelist;
		local[n] = UINT16_MAX;
		zonelist = local;
	}
	if (req->order < b->nr_orders && *zonelist != UINT16_MAX && req->cpu < b->nr_cpus) {
		pfn = walk(b, req, zonelist, migratetype, KMR_PAGES_LOW);
		if (pfn == KMR_NO_PFN)
			pfn = slowpath(b, req, zonelist, migratetype);
	}
	return kmr_classic_end(b, req, pfn);
}

/* free_hot_cold_page(); larger blocks have no lists of their own: __free_pages_ok() */
static void give_back(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		      unsigned int order, unsigned int cpu)
{
	struct kmr_classic_pcp *pcp = &z->pcp[cpu][KMR_PCP_HOT];
	struct kmr_frame *f = kmr_frame(b, pfn);

	if (order) {
		b->work.steps.zone_locks++;
		b->work.steps.buddy_frees++;
		kmr_classic_merge(b, z, pfn, order, kmr_classic_type(b, z, pfn));
		return;
	}
	b->work.steps.pcp_frees++;
	f->state = KMR_FS_PCP;
	f->order = 0;
	f->migratetype = (uint8_t)kmr_classic_type(b, z, pfn);
	f->pindex = KMR_PCP_HOT;
	kmr_list_add(&b->frames, &pcp->list, pfn);
	if (++pcp->count >= pcp->high)
		free_bulk(b, z, pcp, pcp->batch);
}

static uint32_t refill_size(const struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			    unsigned int order)
{
	return order ? 1 : b->zones[zone].pcp[cpu][KMR_PCP_HOT].batch;
}

static const struct kmr_classic_rules rules = {
	.by_type = true,
	.pcp = true,
	.limits = limits,
	.give_back = give_back,
	.started = kmr_26_setup_reserve,
};

static struct kmr_page_backend *create(const struct kmr_machine *m, const uint64_t *values,
				       struct kmr_error *err)
{
	static const uint64_t defaults[NR_PARAMS] = {
		[PARAM_MOBILITY] = 1, [PARAM_OWN_LIMITS] = 1
	};

	if (!values)
		values = defaults;
	return kmr_classic_create(&rules, m, KMR_MAX_ORDERS, values[PARAM_MOBILITY],
				  values[PARAM_OWN_LIMITS], (uint32_t)values[PARAM_PCP_BATCH], err);
}

const struct kmr_page_ops kmr_linux_2_6_24 = {
	KMR_CLASSIC_OPS,
	.name = "linux-2.6.24",
	.description = "mobility grouping's first form; HighAtomic stands for its reserve",
	.params = params,
	.nr_params = NR_PARAMS,
	.create = create,
	.alloc = kmr_26_alloc,
	.set_huge_pages = kmr_26_set_huge_pages,
	.drain = drain,
	.drain_one = drain_one,
	.refill_size = refill_size,
};
