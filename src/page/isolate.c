// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation: a pageblock whose free blocks are on lists of their own, which no request looks at,
 * and whose pages go there when they are freed.  Behaviour: mm/page_isolation.c.
 *
 * A free or used block can reach over the end of a range when blocks may be larger than pageblocks.
 * Then it is cut, or migrated and cut, so that either part is on the lists it belongs on.
 */
#include "page/contig.h"

/* The zone's free pages have changed by @pages on behalf of @cpu; a block at a time may be large. */
static void mod_freepages(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			  int32_t pages)
{
	/* with typed lists every block counts as it moves */
	if (pages && cpu < b->nr_cpus && !b->rules->typed_lists)
		kmr_stat_mod(z, cpu, pages);
}

/*
 * A free block that reaches beyond the pageblock at @block is cut into pageblocks first, with typed
 * lists, and only that one changes; else it goes as a whole (move_freepages_block_isolate()).
 * Returns pages that moved and were not counted yet.
 */
static uint32_t change_type(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t block,
			    unsigned int migratetype, unsigned int cpu)
{
	const uint32_t head = b->rules->typed_lists ? kmr_free_head(b, block) : KMR_NO_PFN;
	uint32_t end;

	if (head == KMR_NO_PFN || kmr_frame(b, head)->state != KMR_FS_BUDDY ||
	    kmr_frame(b, head)->order <= b->pageblock_order) {
		const uint32_t moved = kmr_move_freepages_block(b, z, block, migratetype, cpu).free;

		kmr_set_pageblock(b, z, block, migratetype);
		return moved;
	}
	end = head + (1u << kmr_frame(b, head)->order);
	kmr_account_block(b, z, cpu, kmr_frame(b, head)->migratetype, -(int32_t)(end - head));
	kmr_free_list_del(b, z, head);
	kmr_set_pageblock(b, z, block, migratetype);
	for (uint32_t p = head; p < end; p += 1u << b->pageblock_order)
		kmr_free_one_page(b, z, p, b->pageblock_order, *kmr_pageblock(b, z, p), cpu);
	return 0;
}

/*
 * The first frame from @start to @end, within one pageblock, that can't be moved away; KMR_NO_PFN:
 * all can.  Pages of CMA are in use by somebody who said that it can wait, and may be isolated only
 * for CMA itself (has_unmovable_pages()).
 */
static uint32_t find_unmovable(const struct kmr_page_backend *b, const struct kmr_zone *z,
			       uint32_t start, uint32_t end, unsigned int migratetype)
{
	if (*kmr_pageblock(b, z, start) == KMR_MIGRATE_CMA)
		return migratetype == KMR_MIGRATE_CMA ? KMR_NO_PFN : start;
	for (uint32_t pfn = start; pfn < end;) {
		const unsigned int bit = pfn & 63u;
		const struct kmr_frame_bits *word = &b->bits[pfn >> 6];
		const uint64_t fixed = ~(word->free | word->movable) >> bit;

		if (fixed) {
			pfn += (uint32_t)__builtin_ctzll(fixed);
			return pfn < end ? pfn : KMR_NO_PFN;
		}
		pfn += 64 - bit;
	}
	return KMR_NO_PFN;
}

/* set_migratetype_isolate() of the pageblock at @block; -1, *busy: it can't be. */
static int set_isolate(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t block,
		       uint32_t start, uint32_t end, unsigned int migratetype, unsigned int cpu,
		       uint32_t *busy)
{
	const uint32_t size = 1u << b->pageblock_order;
	const unsigned int type = *kmr_pageblock(b, z, block);

	if (type == KMR_MIGRATE_ISOLATE) {
		*busy = block;
		return -1;
	}
	if (start < block)
		start = block;
	if (end > block + size)
		end = block + size;
	*busy = find_unmovable(b, z, start, end, migratetype);
	if (*busy != KMR_NO_PFN)
		return -1;
	/* blocks from a pageblock upwards stay apart from others from now on */
	z->odd_merges = true;
	mod_freepages(b, z, cpu, -(int32_t)change_type(b, z, block, KMR_MIGRATE_ISOLATE, cpu));
	b->contig->work.pageblocks_isolated++;
	return 0;
}

/*
 * The free block at @block, at least a pageblock and not of the largest order, has a free buddy
 * that it may merge with once it is isolated no more.
 */
static bool has_buddy(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t block)
{
	const struct kmr_frame *f = kmr_frame(b, block);
	uint32_t buddy;

	if (f->state != KMR_FS_BUDDY || f->order < b->pageblock_order ||
	    f->order + 1u >= b->nr_orders)
		return false;
	buddy = block ^ (1u << f->order);
	return buddy >= z->start && buddy < z->end && kmr_frame(b, buddy)->state == KMR_FS_BUDDY &&
	       kmr_frame(b, buddy)->order == f->order &&
	       *kmr_pageblock(b, z, buddy) != KMR_MIGRATE_ISOLATE;
}

/* unset_migratetype_isolate() */
static void unset_isolate(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t block,
			  unsigned int migratetype, unsigned int cpu)
{
	if (*kmr_pageblock(b, z, block) != KMR_MIGRATE_ISOLATE)
		return;
	if (has_buddy(b, z, block)) {
		const unsigned int order = kmr_frame(b, block)->order;

		kmr_free_list_del(b, z, block);
		kmr_set_pageblock(b, z, block, migratetype);
		kmr_free_one_page_tail(b, z, block, order, migratetype, cpu);
		return;
	}
	mod_freepages(b, z, cpu, (int32_t)change_type(b, z, block, migratetype, cpu));
}

static unsigned int low_bit(uint32_t x)
{
	return (unsigned int)__builtin_ctz(x);
}

static unsigned int high_bit(uint32_t x)
{
	return 31u - (unsigned int)__builtin_clz(x);
}

/* All pageblocks of 2^@order frames at @pfn are of one type. */
static bool uniform(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t pfn,
		    unsigned int order)
{
	const unsigned int type = *kmr_pageblock(b, z, pfn);

	for (uint32_t i = 1; order > b->pageblock_order && i < 1u << (order - b->pageblock_order);
	     i++)
		if (*kmr_pageblock(b, z, pfn + (i << b->pageblock_order)) != type)
			return false;
	return true;
}

/*
 * The kernel sees that parts fit their pageblocks only where no block is larger than two of them,
 * as is usual; here they always do.
 */
void kmr_split_free_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			 uint32_t offset, unsigned int cpu)
{
	const unsigned int order = kmr_frame(b, pfn)->order;
	const uint32_t end = pfn + (1u << order);
	uint32_t left = offset;

	if (!offset)
		return;
	if (kmr_frame(b, pfn)->migratetype != KMR_MIGRATE_ISOLATE)
		mod_freepages(b, z, cpu, -(int32_t)(1u << order));
	kmr_free_list_del(b, z, pfn);
	for (uint32_t p = pfn; p < end;) {
		const unsigned int align = p ? low_bit(p) : order, room = high_bit(left);
		unsigned int part = align < room ? align : room;

		while (!uniform(b, z, p, part))
			part--;
		kmr_free_one_page(b, z, p, part, *kmr_pageblock(b, z, p), cpu);
		p += 1u << part;
		left -= 1u << part;
		/* the first part is done, now the second */
		if (!left)
			left = end - p;
	}
}

struct edge {
	struct kmr_page_backend *b;
	struct kmr_zone *z;
	unsigned int migratetype; /* of the range */
	unsigned int cpu;
	uint32_t *busy;
};

/* The used block at @head, which reaches over an edge, moves away; -1: it can't be. */
static int migrate_crossing(const struct edge *e, uint32_t head, unsigned int order)
{
	struct kmr_page_backend *b = e->b;
	const uint32_t block = head & ~((1u << b->pageblock_order) - 1);
	const unsigned int type = *kmr_pageblock(b, e->z, block);
	enum kmr_range_result result;

	if (!(b->bits[head >> 6].movable >> (head & 63u) & 1)) {
		*e->busy = head;
		return -1;
	}
	if (type != KMR_MIGRATE_ISOLATE &&
	    set_isolate(b, e->z, block, head, head + (1u << order), type, e->cpu, e->busy))
		return -1;
	result = kmr_migrate_for_contig(b, e->z, head, head + (1u << order), e->cpu);
	if (type != KMR_MIGRATE_ISOLATE)
		unset_isolate(b, e->z, block, type, e->cpu);
	if (result == KMR_RANGE_DONE && kmr_bit_free(b->bits, head))
		return 0;
	*e->busy = head;
	return -1;
}

/* No block reaches over @boundary from below any more; -1: one that can't be moved does. */
static int cut_at(const struct edge *e, uint32_t boundary)
{
	struct kmr_page_backend *b = e->b;
	const uint32_t top = 1u << (b->nr_orders - 1);
	uint32_t pfn = (boundary - 1) & ~(top - 1);

	if (pfn < e->z->start)
		pfn = e->z->start;
	while (pfn < boundary) {
		const unsigned int order = kmr_block_order(b, pfn);

		if (pfn + (1u << order) <= boundary) {
			pfn += 1u << order;
			continue;
		}
		if (!kmr_bit_free(b->bits, pfn)) {
			if (migrate_crossing(e, pfn, order))
				return -1;
			/* it may be part of a larger free one now */
			pfn = kmr_free_head(b, pfn);
			continue;
		}
		/* a block on a per-CPU list is no larger than a pageblock and ends with it */
		kmr_split_free_page(b, e->z, pfn, boundary - pfn, e->cpu);
	}
	return 0;
}

/*
 * Isolates the pageblock at one end of the range: the one that begins at @boundary, or with
 * @before ends there; with @skip it is already (isolate_single_pageblock()).
 */
static int isolate_edge(const struct edge *e, uint32_t boundary, bool before, bool skip)
{
	const uint32_t size = 1u << e->b->pageblock_order;
	const uint32_t block = before ? boundary - size : boundary;
	const uint32_t beyond = before ? boundary : boundary - 1;

	if (!skip &&
	    set_isolate(e->b, e->z, block, block, block + size, e->migratetype, e->cpu, e->busy))
		return -1;
	/* nothing there that a block could reach from or to */
	if ((!before && !boundary) || kmr_zone_of(e->b, beyond) != e->z)
		return 0;
	if (!cut_at(e, boundary))
		return 0;
	if (!skip)
		unset_isolate(e->b, e->z, block, e->migratetype, e->cpu);
	return -1;
}

enum kmr_range_result kmr_isolate_range(struct kmr_page_backend *b, struct kmr_zone *z,
					uint32_t start, uint32_t end, unsigned int migratetype,
					unsigned int cpu, uint32_t *busy)
{
	const uint32_t size = 1u << b->pageblock_order;
	const uint32_t first = start & ~(size - 1);
	const uint32_t last = (end - 1) & ~(size - 1);
	const struct edge e = { b, z, migratetype, cpu, busy };

	if (isolate_edge(&e, first, false, false))
		return KMR_RANGE_BUSY;
	if (isolate_edge(&e, last + size, true, first == last)) {
		unset_isolate(b, z, first, migratetype, cpu);
		return KMR_RANGE_BUSY;
	}
	for (uint32_t block = first + size; block < last; block += size) {
		if (!set_isolate(b, z, block, start, end, migratetype, cpu, busy))
			continue;
		kmr_undo_isolate(b, z, first, block, migratetype, cpu);
		unset_isolate(b, z, last, migratetype, cpu);
		return KMR_RANGE_BUSY;
	}
	return KMR_RANGE_DONE;
}

void kmr_undo_isolate(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t start, uint32_t end,
		      unsigned int migratetype, unsigned int cpu)
{
	const uint32_t size = 1u << b->pageblock_order;

	for (uint32_t block = start & ~(size - 1); block < end; block += size)
		unset_isolate(b, z, block, migratetype, cpu);
}

uint32_t kmr_test_isolated(const struct kmr_page_backend *b, const struct kmr_zone *z,
			   uint32_t start, uint32_t end)
{
	for (uint32_t pfn = start; pfn < end;) {
		const struct kmr_frame *f = kmr_frame(b, pfn);

		if (*kmr_pageblock(b, z, pfn) != KMR_MIGRATE_ISOLATE || f->state != KMR_FS_BUDDY)
			return pfn;
		pfn += 1u << f->order;
	}
	return KMR_NO_PFN;
}
