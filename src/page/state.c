// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's state as a snapshot, in and out, and what verify and the start states need of
 * single frames: where one is, putting one back, taking one whatever list it is on.
 */
#include <stdlib.h>
#include <string.h>

#include "page/common.h"
#include "page/linux.h"
#include "page/survey.h"

int kmr_linux_seed_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			unsigned int migratetype)
{
	struct kmr_zone *z;

	if (order >= b->nr_orders || migratetype >= KMR_MIGRATE_TYPES ||
	    (pfn & ((1u << order) - 1)))
		return -1;
	z = kmr_zone_of(b, pfn);
	if (!z || z->end - pfn < 1u << order || !kmr_bits_all_used(b->bits, pfn, order))
		return -1;
	kmr_bits_set_free(b->bits, pfn, order);
	kmr_free_list_add(b, z, pfn, order, migratetype, true);
	return 0;
}

void kmr_set_pageblock(const struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int migratetype)
{
	uint8_t *type = kmr_pageblock(b, z, pfn);

	z->nr_isolate += migratetype == KMR_MIGRATE_ISOLATE;
	z->nr_isolate -= *type == KMR_MIGRATE_ISOLATE;
	*type = (uint8_t)migratetype;
}

void kmr_linux_set_pageblock(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int migratetype)
{
	struct kmr_zone *z = kmr_zone_of(b, pfn);

	if (!z || migratetype >= KMR_MIGRATE_TYPES)
		return;
	if (b->rules->typed_lists)
		(void)kmr_move_freepages_block(b, z, pfn, migratetype, b->nr_cpus);
	kmr_set_pageblock(b, z, pfn, migratetype);
	if (!kmr_mergeable(migratetype))
		z->odd_merges = true;
}

/* The model's zone that is the snapshot's zone @i, or NULL. */
static struct kmr_zone *zone_for(const struct kmr_page_backend *b, const struct kmr_snapshot *snap,
				 unsigned int i)
{
	const struct kmr_zone_spec *spec = &snap->machine.zones[i];

	for (unsigned int j = 0; j < b->nr_zones; j++) {
		struct kmr_zone *z = &b->zones[j];

		if (z->node == spec->node && z->type == spec->type && z->start == spec->start_pfn &&
		    z->end == spec->start_pfn + spec->spanned)
			return z;
	}
	return NULL;
}

static int load_free_lists(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			   struct kmr_error *err)
{
	for (size_t i = 0; i < snap->nr_free_lists; i++) {
		const struct kmr_snap_list *l = &snap->free_lists[i];

		for (uint32_t k = 0; k < l->count; k++)
			if (kmr_linux_seed_free(b, snap->pfns[l->first + k], l->index,
						l->migratetype))
				return kmr_fail(err,
						"snapshot: frame %u of order %u can't be free here",
						snap->pfns[l->first + k], l->index);
	}
	return 0;
}

/*
 * The type that the kernel noted in a frame on a per-CPU list is that of the list, which was
 * chosen by it; only the movable list also holds CMA and high-atomic frames, and the huge-page
 * lists more than one type.
 */
static unsigned int noted_type(const struct kmr_page_backend *b, const struct kmr_zone *z,
			       uint32_t pfn, unsigned int pindex)
{
	const unsigned int block = *kmr_pageblock(b, z, pfn);

	if (pindex >= KMR_NR_LOW_LISTS) {
		if (pindex == KMR_NR_LOW_LISTS + KMR_MIGRATE_MOVABLE)
			return kmr_mergeable(block) ? KMR_MIGRATE_MOVABLE : block;
		if (b->rules->thp_lists == KMR_MIGRATE_PCPTYPES)
			return pindex - KMR_NR_LOW_LISTS;
		return block == KMR_MIGRATE_RECLAIMABLE ? block : KMR_MIGRATE_UNMOVABLE;
	}
	if (pindex % KMR_MIGRATE_PCPTYPES == KMR_MIGRATE_MOVABLE && !kmr_mergeable(block))
		return block;
	return pindex % KMR_MIGRATE_PCPTYPES;
}

static int load_pcp_list(struct kmr_page_backend *b, struct kmr_zone *z,
			 const struct kmr_snapshot *snap, const struct kmr_snap_list *l,
			 struct kmr_error *err)
{
	const unsigned int order = kmr_pindex_to_order(b, l->index);
	struct kmr_pcp *pcp = &z->pcp[l->cpu];

	for (uint32_t k = 0; k < l->count; k++) {
		const uint32_t pfn = snap->pfns[l->first + k];
		struct kmr_frame *f;

		if ((pfn & ((1u << order) - 1)) || kmr_zone_of(b, pfn) != z ||
		    z->end - pfn < 1u << order || !kmr_bits_all_used(b->bits, pfn, order))
			return kmr_fail(err, "snapshot: frame %u can't be on list %u of CPU %u",
					pfn, l->index, l->cpu);
		f = kmr_frame(b, pfn);
		kmr_bits_set_free(b->bits, pfn, order);
		f->state = KMR_FS_PCP;
		f->order = (uint8_t)order;
		f->pindex = l->index;
		f->migratetype = (uint8_t)noted_type(b, z, pfn, l->index);
		kmr_list_add_tail(&b->frames, &pcp->lists[l->index], pfn);
		pcp->count += 1u << order;
	}
	return 0;
}

/*
 * A snapshot does not say which used frames migration could move.  In movable pageblocks most
 * can, and slab pages never; in CMA areas those that borrowed theirs.
 */
static void guess_movable(struct kmr_page_backend *b, const struct kmr_snapshot *snap)
{
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		const struct kmr_zone *z = &b->zones[i];

		for (uint32_t pfn = z->start; pfn < z->end; pfn++)
			if (!kmr_bit_free(b->bits, pfn) &&
			    (*kmr_pageblock(b, z, pfn) == KMR_MIGRATE_MOVABLE ||
			     *kmr_pageblock(b, z, pfn) == KMR_MIGRATE_CMA))
				b->bits[pfn >> 6].movable |= UINT64_C(1) << (pfn & 63u);
	}
	for (size_t i = 0; i < snap->nr_slabs; i++)
		for (uint64_t k = 0; k < UINT64_C(1) << snap->slabs[i].order; k++) {
			const uint64_t pfn = snap->slabs[i].pfn + k;

			if (pfn < b->nr_frames)
				b->bits[pfn >> 6].movable &= ~(UINT64_C(1) << (pfn & 63u));
		}
}

/* What versions since 6.7 have for each CPU, of a snapshot of one of them. */
static void load_tuning(const struct kmr_linux_rules *rules, struct kmr_pcp *pcp,
			const struct kmr_snap_pcp *from)
{
	const uint64_t most = (uint64_t)pcp->batch << rules->batch_scale_max;

	if (!rules->auto_high) {
		pcp->high = from->high_min;
		return;
	}
	pcp->high_min = from->high_min;
	pcp->high_max = from->high_max > from->high_min ? from->high_max : from->high_min;
	pcp->free_count = from->free_count < most + 512 ? from->free_count : (uint32_t)most;
	pcp->alloc_factor =
		(uint8_t)(from->alloc_factor < rules->batch_scale_max ? from->alloc_factor
								      : rules->batch_scale_max);
	pcp->flags =
		(uint8_t)(from->flags & (KMR_PCPF_PREV_FREE_HIGH_ORDER | KMR_PCPF_FREE_HIGH_BATCH));
}

static int load_zones(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		      struct kmr_error *err)
{
	for (unsigned int i = 0; i < snap->machine.nr_zones; i++) {
		const struct kmr_snap_zone *from = &snap->zones[i];
		struct kmr_zone *z = zone_for(b, snap, i);

		if (!z || from->nr_blocks != z->nr_blocks)
			return kmr_fail(
				err, "snapshot: its zone %u (node %u, %s) is not the machine's", i,
				snap->machine.zones[i].node,
				kmr_zone_name((enum kmr_zone_type)snap->machine.zones[i].type));
		for (uint32_t k = 0; k < z->nr_blocks; k++) {
			const uint8_t type = snap->pageblocks[from->first_block + k];

			/* no memory there: whatever it is called, nothing of it is ever free */
			z->pageblocks[k] = type < KMR_MIGRATE_TYPES ? type : KMR_MIGRATE_MOVABLE;
			z->nr_isolate += type == KMR_MIGRATE_ISOLATE;
			if (!kmr_mergeable(z->pageblocks[k]))
				z->odd_merges = true;
		}
		z->highatomic = from->highatomic;
		z->boost = snap->machine.zones[i].boost;
	}
	return 0;
}

static int load_pcps(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		     struct kmr_error *err)
{
	for (size_t i = 0; i < snap->nr_pcps; i++) {
		const struct kmr_snap_pcp *from = &snap->pcps[i];
		struct kmr_zone *z = zone_for(b, snap, from->zone);

		if (from->cpu >= b->nr_cpus)
			return kmr_fail(err, "snapshot: CPU %u, but the machine has %u", from->cpu,
					b->nr_cpus);
		z->pcp[from->cpu].high = from->high;
		z->pcp[from->cpu].batch = from->batch ? from->batch : 1;
		z->pcp[from->cpu].free_factor = from->free_factor < 16 ? from->free_factor : 16;
		if (b->rules->auto_high ? from->high_max : snap->version > 601)
			load_tuning(b->rules, &z->pcp[from->cpu], from);
		/* no threshold is above 125 */
		if (from->stat_diff >= -125 && from->stat_diff <= 125) {
			z->pcp[from->cpu].stat_diff = from->stat_diff;
			z->stat_lag += from->stat_diff;
		}
	}
	return 0;
}

static int load_pcp_lists(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			  struct kmr_error *err)
{
	for (size_t i = 0; i < snap->nr_pcp_lists; i++) {
		const struct kmr_snap_list *l = &snap->pcp_lists[i];

		if (l->cpu >= b->nr_cpus || l->index >= kmr_nr_pcp_lists(b))
			return kmr_fail(err,
					"snapshot: list %u of CPU %u, but the machine has %u CPUs",
					l->index, l->cpu, b->nr_cpus);
		if (load_pcp_list(b, zone_for(b, snap, l->zone), snap, l, err))
			return -1;
	}
	return 0;
}

int kmr_linux_load(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		   struct kmr_error *err)
{
	if (load_zones(b, snap, err) || load_free_lists(b, snap, err) || load_pcps(b, snap, err) ||
	    load_pcp_lists(b, snap, err))
		return -1;
	guess_movable(b, snap);
	return 0;
}

static int save_pcp(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		    const struct kmr_zone *z, unsigned int cpu)
{
	const struct kmr_pcp *pcp = &z->pcp[cpu];
	struct kmr_snap_pcp *to = kmr_snapshot_add_pcp(snap);

	if (!to)
		return -1;
	to->zone = z->index;
	to->cpu = (uint16_t)cpu;
	to->count = pcp->count;
	to->high = pcp->high;
	to->batch = pcp->batch;
	to->free_factor = pcp->free_factor;
	to->high_min = pcp->high_min;
	to->high_max = pcp->high_max;
	to->free_count = pcp->free_count;
	to->alloc_factor = pcp->alloc_factor;
	to->flags = pcp->flags;
	to->stat_diff = pcp->stat_diff;
	for (unsigned int i = 0; i < KMR_NR_PCP_LISTS; i++) {
		struct kmr_snap_list *l;

		if (kmr_list_empty(&pcp->lists[i]))
			continue;
		l = kmr_snapshot_add_pcp_list(snap);
		if (!l)
			return -1;
		l->zone = z->index;
		l->cpu = (uint16_t)cpu;
		l->index = (uint8_t)i;
		if (kmr_list_save(&b->frames, &pcp->lists[i], snap, l))
			return -1;
	}
	return 0;
}

static int save_zone(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		     const struct kmr_zone *z)
{
	struct kmr_snap_zone *to = &snap->zones[z->index];

	to->free = (uint64_t)kmr_seen_free(z);
	to->highatomic = z->highatomic;
	to->first_block = snap->nr_pageblocks;
	to->nr_blocks = z->nr_blocks;
	for (uint32_t k = 0; k < z->nr_blocks; k++)
		if (kmr_snapshot_add_pageblock(snap, z->pageblocks[k]))
			return -1;
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
		if (save_pcp(b, snap, z, cpu))
			return -1;
	for (unsigned int o = 0; o < b->nr_orders; o++)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
			const struct kmr_snap_list as = { .zone = z->index,
							  .index = (uint8_t)o,
							  .migratetype = (uint8_t)t };

			if (kmr_free_list_save(&b->frames, &z->lists[o][t], snap, &as))
				return -1;
		}
	return 0;
}

int kmr_linux_save(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		   struct kmr_error *err)
{
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (save_zone(b, snap, &b->zones[i]))
			return kmr_fail_nomem(err, "a snapshot of the model");
	return 0;
}

/* Neighbours are mostly alike, and a TiB has half a million. */
void kmr_count_pageblocks(const uint8_t *types, uint32_t nr, uint64_t *counts)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t alike = UINT64_MAX; /* eight of one type, of which there were @run */
	uint64_t run = 0;
	uint32_t i = 0;

	for (; i + sizeof(ones) <= nr; i += (uint32_t)sizeof(ones)) {
		uint64_t eight;

		memcpy(&eight, types + i, sizeof(eight));
		if (eight == types[i] * ones) {
			if (eight != alike && run)
				counts[alike & 0xff] += run;
			run = eight == alike ? run + sizeof(ones) : sizeof(ones);
			alike = eight;
			continue;
		}
		for (uint32_t k = i; k < i + sizeof(ones); k++)
			counts[types[k]]++;
	}
	if (run)
		counts[alike & 0xff] += run;
	for (; i < nr; i++)
		counts[types[i]]++;
}

void kmr_linux_zone_state(const struct kmr_page_backend *b, unsigned int zone,
			  struct kmr_zone_state *state)
{
	const struct kmr_zone *z = &b->zones[zone];

	memset(state, 0, sizeof(*state));
	state->free_pages = z->free_pages;
	for (unsigned int c = 0; c < b->nr_cpus; c++)
		state->pcp_pages += z->pcp[c].count;
	state->wmark_min = z->wmark[KMR_ALLOC_WMARK_MIN] + z->boost;
	state->wmark_low = z->wmark[KMR_ALLOC_WMARK_LOW] + z->boost;
	state->wmark_high = z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost;
	state->boost = z->boost;
	state->highatomic = z->highatomic;
	if (!b->section_zone)
		kmr_count_pageblocks(z->pageblocks, z->nr_blocks, state->pageblocks);
	for (uint32_t k = 0; b->section_zone && k < z->nr_blocks; k++) {
		const uint32_t pfn = (z->first_block + k) << b->pageblock_order;

		/* what lies between the memory of a zone that grew may be another's, or nobody's */
		if (kmr_zone_of(b, pfn < z->start ? z->start : pfn) == z)
			state->pageblocks[z->pageblocks[k]]++;
	}
	memcpy(state->nr_free, z->nr_free, sizeof(state->nr_free));
}

static bool zone_has(const void *ctx, unsigned int zone, uint32_t pfn)
{
	const struct kmr_page_backend *b = ctx;

	return kmr_zone_of(b, pfn) == &b->zones[zone];
}

void kmr_linux_survey(const struct kmr_page_backend *b, struct kmr_survey *survey, uint64_t now)
{
	struct kmr_survey_view view = {
		.bits = b->bits,
		.has = b->section_zone ? zone_has : NULL,
		.ctx = b,
	};

	kmr_survey_begin(survey, now);
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		view.types = b->zones[i].pageblocks;
		view.first_block = b->zones[i].first_block;
		view.nr_blocks = b->zones[i].nr_blocks;
		view.start = b->zones[i].start;
		view.end = b->zones[i].end;
		kmr_survey_zone(survey, i, &view);
	}
	kmr_survey_end(survey);
}

/* The list of some CPU that @head, a per-CPU block, is on; *position: blocks before it. */
static struct kmr_list *pcp_list_of(const struct kmr_page_backend *b, const struct kmr_zone *z,
				    uint32_t head, unsigned int *cpu, unsigned int *position)
{
	const uint32_t first = kmr_list_first(&b->frames, head, position);

	for (*cpu = 0; *cpu < b->nr_cpus; ++*cpu) {
		struct kmr_list *l = &z->pcp[*cpu].lists[kmr_frame(b, head)->pindex];

		if (l->head == first)
			return l;
	}
	/* not reached: a per-CPU block is on a list of its zone, check() holds that */
	abort();
}

void kmr_linux_where(const struct kmr_page_backend *b, kmr_pfn_t pfn, struct kmr_frame_info *info)
{
	const struct kmr_zone *z = pfn < b->nr_frames ? kmr_zone_of(b, pfn) : NULL;

	memset(info, 0, sizeof(*info));
	info->zone = -1;
	info->head = KMR_NO_PFN;
	if (!z)
		return;
	info->zone = z->index;
	info->pageblock = *kmr_pageblock(b, z, pfn);
	if (!kmr_bit_free(b->bits, pfn)) {
		info->place = KMR_FRAME_USED;
		return;
	}
	kmr_block_tell(&b->frames, kmr_free_head(b, pfn), info);
	if (info->place == KMR_FRAME_BUDDY)
		return;
	(void)pcp_list_of(b, z, info->head, &info->cpu, &info->position);
	if (info->position > 255)
		info->position = 255;
}

void kmr_linux_unalloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
		       kmr_pfn_t pfn)
{
	struct kmr_zone *z = kmr_zone_of(b, pfn);
	const unsigned int migratetype = kmr_request_type(b, req);
	struct kmr_frame *f = kmr_frame(b, pfn);

	/* another CPU may have been followed into freeing it in the meantime */
	if (!z || !kmr_bits_all_used(b->bits, pfn, req->order))
		return;
	kmr_bits_set_free(b->bits, pfn, req->order);
	if (!kmr_pcp_allowed(b, req->order)) {
		kmr_free_one_page(b, z, pfn, req->order, f->migratetype, req->cpu);
		return;
	}
	f->state = KMR_FS_PCP;
	f->order = req->order;
	f->pindex = (uint8_t)kmr_pcp_index(b, migratetype, req->order);
	kmr_list_add(&b->frames, &z->pcp[req->cpu].lists[f->pindex], pfn);
	z->pcp[req->cpu].count += 1u << req->order;
}

/*
 * Cuts the free block at @head down to the part of @order that holds @pfn; the other parts go
 * back to the heads of the lists of @migratetype.
 */
static void cut(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t head, unsigned int high,
		uint32_t pfn, unsigned int order, unsigned int migratetype)
{
	while (high > order) {
		const uint32_t half = head + (1u << --high);

		kmr_free_list_add(b, z, pfn < half ? half : head, high, migratetype, false);
		if (pfn >= half)
			head = half;
	}
}

/* Takes 2^order frames at @pfn from the free block that holds all of them. */
static void take_part(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t head, uint32_t pfn,
		      unsigned int order, bool movable)
{
	const struct kmr_frame *f = kmr_frame(b, head);
	const unsigned int high = f->order;
	unsigned int migratetype = f->migratetype;

	if (f->state == KMR_FS_BUDDY) {
		kmr_free_list_del(b, z, head);
	} else {
		unsigned int cpu, position;
		struct kmr_list *l = pcp_list_of(b, z, head, &cpu, &position);

		kmr_list_del(&b->frames, l, head);
		kmr_frame(b, head)->state = KMR_FS_USED;
		z->pcp[cpu].count -= 1u << high;
	}
	cut(b, z, head, high, pfn, order, migratetype);
	kmr_frame(b, pfn)->order = (uint8_t)order;
	kmr_bits_set_used(b->bits, pfn, order, movable);
}

void kmr_linux_take(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, bool movable)
{
	const uint64_t end = (uint64_t)pfn + (UINT64_C(1) << order);

	while (pfn < end && pfn < b->nr_frames) {
		struct kmr_zone *z = kmr_zone_of(b, pfn);
		uint32_t head;
		unsigned int part;

		if (!z || !kmr_bit_free(b->bits, pfn)) {
			pfn++;
			continue;
		}
		head = kmr_free_head(b, pfn);
		part = kmr_block_part(&b->frames, head, pfn, end);
		take_part(b, z, head, pfn, part, movable);
		pfn += 1u << part;
	}
}

uint32_t kmr_linux_pcp_take_all(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
				unsigned int order, unsigned int migratetype)
{
	struct kmr_pcp *pcp = &b->zones[zone].pcp[cpu];
	struct kmr_list *l;
	uint32_t blocks = 0;

	if (!kmr_pcp_allowed(b, order) || migratetype >= KMR_MIGRATE_PCPTYPES)
		return 0;
	for (l = &pcp->lists[kmr_pcp_index(b, migratetype, order)]; !kmr_list_empty(l); blocks++) {
		const uint32_t pfn = l->head;

		kmr_list_del(&b->frames, l, pfn);
		kmr_frame(b, pfn)->state = KMR_FS_USED;
		pcp->count -= 1u << order;
		kmr_bits_set_used(b->bits, pfn, order, migratetype == KMR_MIGRATE_MOVABLE);
	}
	return blocks;
}

void kmr_linux_buddy_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			 unsigned int migratetype, unsigned int cpu)
{
	struct kmr_zone *z = kmr_zone_of(b, pfn);

	if (!z || order >= b->nr_orders || (pfn & ((1u << order) - 1)) ||
	    migratetype >= KMR_MIGRATE_TYPES || z->end - pfn < 1u << order || cpu >= b->nr_cpus ||
	    !kmr_bits_all_used(b->bits, pfn, order))
		return;
	kmr_bits_set_free(b->bits, pfn, order);
	kmr_free_one_page(b, z, pfn, order, migratetype, cpu);
}

/* The frames become a block at the tail of a per-CPU list; false: it can't be there. */
static bool put_on_list(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			unsigned int migratetype, unsigned int pindex, unsigned int cpu)
{
	struct kmr_zone *z = kmr_zone_of(b, pfn);
	struct kmr_frame *f;

	if (!z || !kmr_pcp_allowed(b, order) || migratetype >= KMR_MIGRATE_TYPES ||
	    (pfn & ((1u << order) - 1)) || z->end - pfn < 1u << order || cpu >= b->nr_cpus ||
	    !kmr_bits_all_used(b->bits, pfn, order))
		return false;
	f = kmr_frame(b, pfn);
	kmr_bits_set_free(b->bits, pfn, order);
	f->state = KMR_FS_PCP;
	f->order = (uint8_t)order;
	f->migratetype = (uint8_t)migratetype;
	f->pindex = (uint8_t)pindex;
	kmr_list_add_tail(&b->frames, &z->pcp[cpu].lists[pindex], pfn);
	z->pcp[cpu].count += 1u << order;
	return true;
}

static unsigned int usual_list(const struct kmr_page_backend *b, unsigned int order,
			       unsigned int migratetype)
{
	return kmr_pcp_index(b, kmr_mergeable(migratetype) ? migratetype : KMR_MIGRATE_MOVABLE,
			     order);
}

void kmr_linux_pcp_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		       unsigned int migratetype, unsigned int cpu)
{
	if (!put_on_list(b, pfn, order, migratetype, usual_list(b, order, migratetype), cpu))
		kmr_linux_buddy_put(b, pfn, order, migratetype, cpu < b->nr_cpus ? cpu : 0);
}

/* A frame keeps the number of the last per-CPU list that it was on. */
void kmr_linux_undrain(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		       unsigned int migratetype, unsigned int cpu)
{
	unsigned int pindex = usual_list(b, order, migratetype);

	if (b->rules->typed_lists && kmr_zone_of(b, pfn) &&
	    kmr_pindex_to_order(b, kmr_frame(b, pfn)->pindex) == order)
		pindex = kmr_frame(b, pfn)->pindex;
	if (!put_on_list(b, pfn, order, migratetype, pindex, cpu))
		kmr_linux_buddy_put(b, pfn, order, migratetype, cpu < b->nr_cpus ? cpu : 0);
}
