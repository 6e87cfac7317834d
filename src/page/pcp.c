// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU lists: blocks of small orders (and huge pages) that a CPU takes and gives back without
 * the zone's lock.  Taken from the head, refilled at the tail in batches; freed to the head,
 * drained from the tail, round robin over the lists.  Behaviour: rmqueue_pcplist(),
 * free_unref_page_commit(), free_pcppages_bulk() in mm/page_alloc.c.
 */
#include "page/linux.h"

unsigned int kmr_order_to_pindex(unsigned int migratetype, unsigned int order)
{
	if (order > KMR_COSTLY_ORDER)
		return KMR_NR_LOW_LISTS + (migratetype == KMR_MIGRATE_MOVABLE);
	return KMR_MIGRATE_PCPTYPES * order + migratetype;
}

unsigned int kmr_pcp_index(const struct kmr_page_backend *b, unsigned int migratetype,
			   unsigned int order)
{
	if (order > KMR_COSTLY_ORDER && b->rules->thp_lists == KMR_MIGRATE_PCPTYPES)
		return KMR_NR_LOW_LISTS + migratetype;
	return kmr_order_to_pindex(migratetype, order);
}

unsigned int kmr_pindex_to_order(const struct kmr_page_backend *b, unsigned int pindex)
{
	return pindex >= KMR_NR_LOW_LISTS ? b->pageblock_order : pindex / KMR_MIGRATE_PCPTYPES;
}

/*
 * Blocks come out of the lists in address order when a large one was split, and stay in that
 * order on the list.  Until 6.9 the zone's count of free pages is brought up to date at the end
 * only (rmqueue_bulk()): the CMA balance sees the count from before the refill.
 */
static void refill(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
		   unsigned int pindex, unsigned int order, unsigned int migratetype,
		   unsigned int alloc_flags)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	const uint32_t want = b->rules->pcp_refill(b->rules, z, pcp, order);
	enum kmr_rmqueue_mode mode = KMR_RMQUEUE_NORMAL;
	uint32_t got;

	b->work.pcp_refills++;
	b->work.steps.zone_locks++;
	for (got = 0; got < want; got++) {
		const uint32_t pfn =
			b->rules->rmqueue(b, z, cpu, order, migratetype, alloc_flags, &mode);
		struct kmr_frame *f;

		if (pfn == KMR_NO_PFN)
			break;
		f = kmr_frame(b, pfn);
		f->state = KMR_FS_PCP;
		f->order = (uint8_t)order;
		f->pindex = (uint8_t)pindex;
		kmr_list_add_tail(&b->frames, &pcp->lists[pindex], pfn);
		if (!b->rules->typed_lists)
			z->refilling += UINT64_C(1) << order;
	}
	z->refilling = 0;
	if (!b->rules->typed_lists)
		kmr_stat_mod(z, cpu, -(int32_t)(got << order));
	pcp->count += got << order;
	b->work.refill_blocks += got;
}

uint32_t kmr_rmqueue_pcplist(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			     unsigned int order, unsigned int migratetype, unsigned int alloc_flags)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	const unsigned int pindex = kmr_pcp_index(b, migratetype, order);
	struct kmr_list *l = &pcp->lists[pindex];
	uint32_t pfn;

	if (pcp->locked)
		return KMR_NO_PFN;
	/* whoever allocates has no use for ever larger batches of frees */
	pcp->free_factor >>= 1;
	pcp->free_count >>= 1;
	if (kmr_list_empty(l)) {
		refill(b, z, cpu, pindex, order, migratetype, alloc_flags);
		if (kmr_list_empty(l))
			return KMR_NO_PFN;
	} else {
		b->work.pcp_hits++;
	}
	pfn = l->head;
	kmr_list_del(&b->frames, l, pfn);
	kmr_frame(b, pfn)->state = KMR_FS_USED;
	pcp->count -= 1u << order;
	return pfn;
}

uint32_t kmr_pcp_free_tail(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			   unsigned int pindex)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	struct kmr_list *l = &pcp->lists[pindex];
	const unsigned int order = kmr_pindex_to_order(b, pindex);
	const uint32_t pfn = l->tail;
	unsigned int migratetype = kmr_frame(b, pfn)->migratetype;

	kmr_list_del(&b->frames, l, pfn);
	kmr_frame(b, pfn)->state = KMR_FS_USED;
	pcp->count -= 1u << order;
	if (z->nr_isolate || b->rules->typed_lists)
		migratetype = *kmr_pageblock(b, z, pfn);
	kmr_free_one_page(b, z, pfn, order, migratetype, cpu);
	b->work.drain_blocks++;
	if (b->observer && b->observer->drain)
		b->observer->drain(b->observer->ctx, pfn, order, migratetype);
	return 1u << order;
}

void kmr_pcp_free_bulk_6_1(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			   uint32_t count, unsigned int pindex)
{
	const struct kmr_pcp *pcp = &z->pcp[cpu];
	int64_t left = count < pcp->count ? count : pcp->count;

	while (left > 0) {
		while (left > 0 && !kmr_list_empty(&pcp->lists[pindex]))
			left -= kmr_pcp_free_tail(b, z, cpu, pindex);
		pindex = pindex + 1 < KMR_NR_PCP_LISTS ? pindex + 1 : 0;
	}
}

void kmr_free_pcppages_bulk(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			    uint32_t count, unsigned int pindex)
{
	b->work.steps.zone_locks++;
	b->rules->pcp_free_bulk(b, z, cpu, count, pindex);
}

/* A block goes to the free lists without a per-CPU list. */
static void count_direct(struct kmr_page_backend *b)
{
	b->work.steps.zone_locks++;
	b->work.steps.buddy_frees++;
}

void kmr_free_unref_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			 unsigned int order, unsigned int migratetype, unsigned int cpu)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	struct kmr_frame *f = kmr_frame(b, pfn);
	unsigned int list_type = migratetype;
	uint32_t count;

	if (migratetype >= KMR_MIGRATE_PCPTYPES) {
		if (migratetype == KMR_MIGRATE_ISOLATE) {
			count_direct(b);
			kmr_free_one_page(b, z, pfn, order, migratetype, cpu);
			return;
		}
		list_type = KMR_MIGRATE_MOVABLE;
	}
	if (pcp->locked) {
		if (z->nr_isolate || b->rules->typed_lists)
			migratetype = *kmr_pageblock(b, z, pfn);
		count_direct(b);
		kmr_free_one_page(b, z, pfn, order, migratetype, cpu);
		return;
	}
	b->work.steps.pcp_frees++;
	f->state = KMR_FS_PCP;
	f->order = (uint8_t)order;
	f->migratetype = (uint8_t)migratetype;
	f->pindex = (uint8_t)kmr_pcp_index(b, list_type, order);
	kmr_list_add(&b->frames, &pcp->lists[f->pindex], pfn);
	pcp->count += 1u << order;

	count = b->rules->pcp_freed(b->rules, z, pcp, order);
	if (!count)
		return;
	kmr_free_pcppages_bulk(b, z, cpu, count, f->pindex);
	b->work.steps.watermark_checks += z->below_high;
	if (z->below_high && kmr_watermark_ok(b, z, 0, z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost,
					      KMR_ZONE_MOVABLE, 0))
		z->below_high = false;
}

static void drain_cpu(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu)
{
	const struct kmr_pcp *pcp = &z->pcp[cpu];
	const unsigned int scale = b->rules->batch_scale_max;

	while (pcp->count) {
		const uint64_t most = (uint64_t)pcp->batch << scale;

		kmr_free_pcppages_bulk(b, z, cpu,
				       scale && most < pcp->count ? (uint32_t)most : pcp->count, 0);
	}
}

void kmr_drain_pages(struct kmr_page_backend *b, int cpu)
{
	for (unsigned int c = 0; c < b->nr_cpus; c++) {
		if (cpu >= 0 && c != (unsigned int)cpu)
			continue;
		for (unsigned int i = 0; i < b->nr_zones; i++)
			drain_cpu(b, &b->zones[i], c);
	}
}

void kmr_drain_zone(struct kmr_page_backend *b, struct kmr_zone *z)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
		drain_cpu(b, z, cpu);
}

/* Whatever is to be drained, a list is emptied before the next: so a block at a time is the same. */
void kmr_drain_one(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu)
{
	if (zone < b->nr_zones && cpu < b->nr_cpus)
		kmr_free_pcppages_bulk(b, &b->zones[zone], cpu, 1, 0);
}
