// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of an old kernel's model: snapshots of newer kernels in and its own out, and what verify
 * and the start states need of single frames.
 *
 * Of a snapshot the free lists keep their order, those of a type that is not known here going behind
 * those of the type it becomes.  In 2.4 there is one list an order: unmovable blocks first, then by
 * the number of the type.  Single pages on per-CPU lists go to the hot list, as far as its limit
 * allows; all else that is on per-CPU lists is given back.  2.6.24 then has its reserve made, as it
 * has when somebody writes to min_free_kbytes.
 */
#include <stdlib.h>
#include <string.h>

#include "page/classic.h"
#include "page/survey.h"

/* The order that a block of @order comes in pieces of. */
static unsigned int piece_of(const struct kmr_page_backend *b, unsigned int order)
{
	return order < b->nr_orders ? order : b->nr_orders - 1;
}

/* The zone of 2^@order used frames at @pfn, a multiple of that; else NULL. */
static struct kmr_classic_zone *used_block(const struct kmr_page_backend *b, kmr_pfn_t pfn,
					   unsigned int order)
{
	struct kmr_classic_zone *z;

	if (order >= b->machine_orders || (pfn & ((1u << order) - 1)))
		return NULL;
	z = kmr_classic_zone_of(b, pfn);
	if (!z || z->end - pfn < 1u << order || !kmr_bits_all_used(b->bits, pfn, order))
		return NULL;
	return z;
}

/* As it is, no merging; a block that is too large comes in pieces. */
static int seed(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		unsigned int migratetype, bool tail)
{
	struct kmr_classic_zone *z = used_block(b, pfn, order);
	const unsigned int piece = piece_of(b, order);

	if (!z || migratetype >= KMR_MIGRATE_TYPES)
		return -1;
	kmr_bits_set_free(b->bits, pfn, order);
	for (uint32_t i = 0; i < 1u << order; i += 1u << piece) {
		const uint32_t at = pfn + i;

		if (piece + 1 < b->nr_orders &&
		    kmr_classic_is_buddy(b, z, at ^ (1u << piece), piece))
			z->apart = true;
		kmr_classic_list_add(b, z, at, piece, kmr_classic_known_type(b, migratetype), tail);
	}
	return 0;
}

/* Boot gives memory to the heads of lists: FPI_TO_TAIL came with 5.10. */
int kmr_classic_seed_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			  unsigned int migratetype)
{
	return seed(b, pfn, order, migratetype, false);
}

void kmr_classic_set_pageblock(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int migratetype)
{
	struct kmr_classic_zone *z = kmr_classic_zone_of(b, pfn);

	if (z && b->rules->by_type && migratetype < KMR_MIGRATE_TYPES)
		*kmr_classic_block(b, z, pfn) =
			(uint8_t)(migratetype < KMR_CLASSIC_TYPES ? migratetype
								  : KMR_MIGRATE_MOVABLE);
}

/* The model's zone that is the snapshot's zone @i, or NULL. */
static struct kmr_classic_zone *zone_for(const struct kmr_page_backend *b,
					 const struct kmr_snapshot *snap, unsigned int i)
{
	const struct kmr_zone_spec *spec = &snap->machine.zones[i];

	for (unsigned int j = 0; j < b->nr_zones; j++) {
		struct kmr_classic_zone *z = &b->zones[j];

		if (z->node == spec->node && z->type == spec->type && z->start == spec->start_pfn &&
		    z->end == spec->start_pfn + spec->spanned)
			return z;
	}
	return NULL;
}

static int load_pageblocks(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			   struct kmr_error *err)
{
	for (unsigned int i = 0; i < snap->machine.nr_zones; i++) {
		const struct kmr_snap_zone *from = &snap->zones[i];
		const struct kmr_classic_zone *z = zone_for(b, snap, i);

		if (!z || from->nr_blocks != z->nr_blocks)
			return kmr_fail(
				err, "snapshot: its zone %u (node %u, %s) is not the machine's", i,
				snap->machine.zones[i].node,
				kmr_zone_name((enum kmr_zone_type)snap->machine.zones[i].type));
		for (uint32_t k = 0; b->rules->by_type && k < z->nr_blocks; k++) {
			const uint8_t type = snap->pageblocks[from->first_block + k];

			z->pageblocks[k] = type < KMR_CLASSIC_TYPES ? type : KMR_MIGRATE_MOVABLE;
		}
	}
	return 0;
}

static int load_free_list(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			  const struct kmr_snap_list *l, struct kmr_error *err)
{
	for (uint32_t k = 0; k < l->count; k++)
		if (seed(b, snap->pfns[l->first + k], l->index, l->migratetype, true))
			return kmr_fail(err, "snapshot: frame %u of order %u can't be free here",
					snap->pfns[l->first + k], l->index);
	return 0;
}

static int load_free_lists(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			   struct kmr_error *err)
{
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		for (size_t i = 0; i < snap->nr_free_lists; i++)
			if (snap->free_lists[i].migratetype == t &&
			    load_free_list(b, snap, &snap->free_lists[i], err))
				return -1;
	return 0;
}

/* The order of the blocks on a list: order_to_pindex() of 5.13 and later. */
static unsigned int pindex_order(const struct kmr_page_backend *b, unsigned int pindex)
{
	const unsigned int order = pindex / KMR_MIGRATE_PCPTYPES;

	return order <= 3 ? order : b->pageblock_order;
}

/* The end of the hot list of @cpu. */
static void put_hot(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		    unsigned int cpu, unsigned int migratetype)
{
	struct kmr_classic_pcp *pcp = &z->pcp[cpu][KMR_PCP_HOT];
	struct kmr_frame *f = kmr_frame(b, pfn);

	f->state = KMR_FS_PCP;
	f->order = 0;
	f->migratetype = (uint8_t)kmr_classic_known_type(b, migratetype);
	f->pindex = KMR_PCP_HOT;
	kmr_list_add_tail(&b->frames, &pcp->list, pfn);
	pcp->count++;
}

static int load_pcp_list(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
			 const struct kmr_snap_list *l, struct kmr_error *err)
{
	struct kmr_classic_zone *z = zone_for(b, snap, l->zone);
	const unsigned int order = pindex_order(b, l->index);

	for (uint32_t k = 0; k < l->count; k++) {
		const uint32_t pfn = snap->pfns[l->first + k];

		if (used_block(b, pfn, order) != z)
			return kmr_fail(err, "snapshot: frame %u can't be on list %u of CPU %u",
					pfn, l->index, l->cpu);
		if (z->pcp && !order &&
		    z->pcp[l->cpu][KMR_PCP_HOT].count + 1 < z->pcp[l->cpu][KMR_PCP_HOT].high) {
			kmr_bits_set_free(b->bits, pfn, 0);
			put_hot(b, z, pfn, l->cpu, l->index);
		} else {
			kmr_classic_buddy_put(b, pfn, order, kmr_classic_type(b, z, pfn), l->cpu);
		}
	}
	return 0;
}

int kmr_classic_load(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		     struct kmr_error *err)
{
	if (load_pageblocks(b, snap, err) || load_free_lists(b, snap, err))
		return -1;
	for (size_t i = 0; i < snap->nr_pcp_lists; i++) {
		const struct kmr_snap_list *l = &snap->pcp_lists[i];

		/* orders 0 to 3 by type, and at most one list of huge pages a type */
		if (l->cpu >= b->nr_cpus || l->index >= KMR_MIGRATE_PCPTYPES * 5)
			return kmr_fail(err,
					"snapshot: list %u of CPU %u, but the machine has %u CPUs",
					l->index, l->cpu, b->nr_cpus);
		if (load_pcp_list(b, snap, l, err))
			return -1;
	}
	kmr_classic_begin(b);
	return 0;
}

/* The pages of one type of both lists, hot ones first, as a list of newer kernels. */
static int save_pcp_type(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
			 const struct kmr_classic_zone *z, unsigned int cpu, unsigned int type)
{
	struct kmr_snap_list *l = kmr_snapshot_add_pcp_list(snap);

	if (!l)
		return -1;
	l->zone = z->index;
	l->cpu = (uint16_t)cpu;
	l->index = (uint8_t)type;
	l->first = snap->nr_pfns;
	for (unsigned int k = 0; k < KMR_CLASSIC_PCPS; k++)
		for (uint32_t pfn = z->pcp[cpu][k].list.head; pfn != KMR_NO_PFN;
		     pfn = kmr_frame(b, pfn)->next) {
			unsigned int own = kmr_frame(b, pfn)->migratetype;

			/* where newer kernels have pages of the high-atomic reserve */
			if (own >= KMR_MIGRATE_PCPTYPES)
				own = KMR_MIGRATE_MOVABLE;
			if (own != type)
				continue;
			if (kmr_snapshot_add_pfn(snap, pfn))
				return -1;
			l->count++;
		}
	return 0;
}

static int save_pcp(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		    const struct kmr_classic_zone *z, unsigned int cpu)
{
	const struct kmr_classic_pcp *hot = &z->pcp[cpu][KMR_PCP_HOT];
	struct kmr_snap_pcp *to = kmr_snapshot_add_pcp(snap);

	if (!to)
		return -1;
	to->zone = z->index;
	to->cpu = (uint16_t)cpu;
	to->count = kmr_classic_pcp_count(b, z->index, cpu);
	to->high = hot->high;
	to->batch = hot->batch;
	for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++)
		if (save_pcp_type(b, snap, z, cpu, type))
			return -1;
	return 0;
}

static int save_zone(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		     const struct kmr_classic_zone *z)
{
	struct kmr_snap_zone *to = &snap->zones[z->index];

	to->free = z->free_pages;
	to->first_block = snap->nr_pageblocks;
	to->nr_blocks = z->nr_blocks;
	for (uint32_t k = 0; k < z->nr_blocks; k++) {
		to->highatomic += z->pageblocks[k] == KMR_MIGRATE_RESERVE
					  ? UINT64_C(1) << b->pageblock_order
					  : 0;
		if (kmr_snapshot_add_pageblock(snap, z->pageblocks[k]))
			return -1;
	}
	for (unsigned int cpu = 0; z->pcp && cpu < b->nr_cpus; cpu++)
		if (save_pcp(b, snap, z, cpu))
			return -1;
	for (unsigned int o = 0; o < b->nr_orders; o++)
		for (unsigned int t = 0; t < KMR_CLASSIC_TYPES; t++) {
			const struct kmr_snap_list as = { .zone = z->index,
							  .index = (uint8_t)o,
							  .migratetype = (uint8_t)t };

			if (kmr_free_list_save(&b->frames, &z->lists[o][t], snap, &as))
				return -1;
		}
	return 0;
}

int kmr_classic_save(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		     struct kmr_error *err)
{
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (save_zone(b, snap, &b->zones[i]))
			return kmr_fail_nomem(err, "a snapshot of the model");
	return 0;
}

void kmr_classic_zone_state(const struct kmr_page_backend *b, unsigned int zone,
			    struct kmr_zone_state *state)
{
	const struct kmr_classic_zone *z = &b->zones[zone];

	memset(state, 0, sizeof(*state));
	state->free_pages = z->free_pages;
	for (unsigned int c = 0; c < b->nr_cpus; c++)
		state->pcp_pages += kmr_classic_pcp_count(b, zone, c);
	state->wmark_min = z->mark[KMR_PAGES_MIN];
	state->wmark_low = z->mark[KMR_PAGES_LOW];
	state->wmark_high = z->mark[KMR_PAGES_HIGH];
	kmr_count_pageblocks(z->pageblocks, z->nr_blocks, state->pageblocks);
	state->highatomic = state->pageblocks[KMR_MIGRATE_RESERVE] << b->pageblock_order;
	for (unsigned int o = 0; o < b->nr_orders; o++)
		memcpy(state->nr_free[o], z->nr_free[o], sizeof(z->nr_free[o]));
}

void kmr_classic_survey(const struct kmr_page_backend *b, struct kmr_survey *survey, uint64_t now)
{
	struct kmr_survey_view view = { .bits = b->bits };

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

uint32_t kmr_classic_pcp_count(const struct kmr_page_backend *b, unsigned int zone,
			       unsigned int cpu)
{
	const struct kmr_classic_zone *z = &b->zones[zone];

	return z->pcp ? z->pcp[cpu][KMR_PCP_HOT].count + z->pcp[cpu][KMR_PCP_COLD].count : 0;
}

/* The lists of some CPU that @head, a per-CPU page, is on; *position: pages before it. */
static struct kmr_classic_pcp *pcp_of(const struct kmr_page_backend *b,
				      const struct kmr_classic_zone *z, uint32_t head,
				      unsigned int *cpu, unsigned int *position)
{
	const unsigned int index = kmr_frame(b, head)->pindex;
	const uint32_t first = kmr_list_first(&b->frames, head, position);

	for (*cpu = 0; *cpu < b->nr_cpus; ++*cpu)
		if (z->pcp[*cpu][index].list.head == first)
			return &z->pcp[*cpu][index];
	/* not reached: a per-CPU page is on a list of its zone, check() holds that */
	abort();
}

void kmr_classic_where(const struct kmr_page_backend *b, kmr_pfn_t pfn, struct kmr_frame_info *info)
{
	const struct kmr_classic_zone *z = pfn < b->nr_frames ? kmr_classic_zone_of(b, pfn) : NULL;

	memset(info, 0, sizeof(*info));
	info->zone = -1;
	info->head = KMR_NO_PFN;
	if (!z)
		return;
	info->zone = z->index;
	info->pageblock = *kmr_classic_block(b, z, pfn);
	if (!kmr_bit_free(b->bits, pfn)) {
		info->place = KMR_FRAME_USED;
		return;
	}
	kmr_block_tell(&b->frames, kmr_block_head(&b->frames, b->nr_orders, pfn), info);
	if (info->place == KMR_FRAME_BUDDY)
		return;
	(void)pcp_of(b, z, info->head, &info->cpu, &info->position);
	if (info->position > 255)
		info->position = 255;
}

void kmr_classic_unalloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 kmr_pfn_t pfn)
{
	struct kmr_classic_zone *z = used_block(b, pfn, req->order);
	const unsigned int index = req->gfp & KMR_GFP_COLD ? KMR_PCP_COLD : KMR_PCP_HOT;
	struct kmr_frame *f = kmr_frame(b, pfn);

	/* another CPU may have been followed into freeing it in the meantime */
	if (!z)
		return;
	if (!z->pcp || req->order) {
		kmr_classic_buddy_put(b, pfn, req->order, kmr_classic_type(b, z, pfn), req->cpu);
		return;
	}
	kmr_bits_set_free(b->bits, pfn, 0);
	f->state = KMR_FS_PCP;
	f->order = 0;
	f->migratetype =
		(uint8_t)(b->mobility ? kmr_gfp_migratetype(req->gfp) : KMR_MIGRATE_UNMOVABLE);
	f->pindex = (uint8_t)index;
	kmr_list_add(&b->frames, &z->pcp[req->cpu][index].list, pfn);
	z->pcp[req->cpu][index].count++;
}

/* Takes 2^order frames at @pfn from the free block at @head; the rest goes to heads of lists. */
static void take_part(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t head,
		      uint32_t pfn, unsigned int order, bool movable)
{
	const struct kmr_frame *f = kmr_frame(b, head);
	const unsigned int migratetype = f->migratetype;
	unsigned int high = f->order;

	if (f->state == KMR_FS_BUDDY) {
		kmr_classic_list_del(b, z, head);
	} else {
		unsigned int cpu, position;
		struct kmr_classic_pcp *pcp = pcp_of(b, z, head, &cpu, &position);

		kmr_list_del(&b->frames, &pcp->list, head);
		kmr_frame(b, head)->state = KMR_FS_USED;
		pcp->count--;
	}
	while (high > order) {
		const uint32_t half = head + (1u << --high);

		kmr_classic_list_add(b, z, pfn < half ? half : head, high, migratetype, false);
		if (pfn >= half)
			head = half;
	}
	kmr_bits_set_used(b->bits, pfn, order, movable);
}

void kmr_classic_take(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, bool movable)
{
	const uint64_t end = (uint64_t)pfn + (UINT64_C(1) << order);

	while (pfn < end && pfn < b->nr_frames) {
		struct kmr_classic_zone *z = kmr_classic_zone_of(b, pfn);
		uint32_t head;
		unsigned int part;

		if (!z || !kmr_bit_free(b->bits, pfn)) {
			pfn++;
			continue;
		}
		head = kmr_block_head(&b->frames, b->nr_orders, pfn);
		part = kmr_block_part(&b->frames, head, pfn, end);
		take_part(b, z, head, pfn, part, movable);
		pfn += 1u << part;
	}
}

uint32_t kmr_classic_pcp_take_all(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
				  unsigned int order, unsigned int migratetype)
{
	struct kmr_classic_zone *z = &b->zones[zone];
	uint32_t blocks = 0;

	for (unsigned int k = 0; z->pcp && !order && k < KMR_CLASSIC_PCPS; k++) {
		struct kmr_classic_pcp *pcp = &z->pcp[cpu][k];
		uint32_t next;

		for (uint32_t pfn = pcp->list.head; pfn != KMR_NO_PFN; pfn = next) {
			next = kmr_frame(b, pfn)->next;
			if (kmr_frame(b, pfn)->migratetype != migratetype)
				continue;
			kmr_list_del(&b->frames, &pcp->list, pfn);
			kmr_frame(b, pfn)->state = KMR_FS_USED;
			pcp->count--;
			kmr_bits_set_used(b->bits, pfn, 0, migratetype == KMR_MIGRATE_MOVABLE);
			blocks++;
		}
	}
	return blocks;
}

void kmr_classic_buddy_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			   unsigned int migratetype, unsigned int cpu)
{
	struct kmr_classic_zone *z = used_block(b, pfn, order);
	const unsigned int piece = piece_of(b, order);

	if (!z || migratetype >= KMR_MIGRATE_TYPES || cpu >= b->nr_cpus)
		return;
	kmr_bits_set_free(b->bits, pfn, order);
	for (uint32_t i = 0; i < 1u << order; i += 1u << piece)
		kmr_classic_merge(b, z, pfn + i, piece, kmr_classic_known_type(b, migratetype));
}

void kmr_classic_pcp_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			 unsigned int migratetype, unsigned int cpu)
{
	struct kmr_classic_zone *z = used_block(b, pfn, order);

	if (!z || !z->pcp || order || migratetype >= KMR_MIGRATE_TYPES || cpu >= b->nr_cpus) {
		kmr_classic_buddy_put(b, pfn, order, migratetype, cpu < b->nr_cpus ? cpu : 0);
		return;
	}
	kmr_bits_set_free(b->bits, pfn, 0);
	put_hot(b, z, pfn, cpu, migratetype);
}
