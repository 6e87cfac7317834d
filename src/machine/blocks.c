// SPDX-License-Identifier: GPL-2.0-only
/* Memory blocks, as lsmem(1) lists them. */
#include <stdlib.h>

#include "kmreplay/figures.h"

#define MAX_PIECES (KMR_MAX_NODE_RANGES + KMR_MAX_RAM_RANGES)

/* Frames of one zone, or of none yet. */
struct piece {
	uint64_t start, end;
	uint16_t node;
	uint8_t zone;
	bool online;
};

struct pieces {
	struct piece piece[MAX_PIECES];
	unsigned int nr;
};

static void add_piece(struct pieces *p, const struct piece *piece)
{
	if (piece->start < piece->end && p->nr < MAX_PIECES)
		p->piece[p->nr++] = *piece;
}

static void add_zone(struct pieces *p, const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	const uint64_t start = z->start_pfn, end = start + z->spanned;
	struct piece piece = { start, end, z->node, z->type, true };

	if (!m->nr_ram)
		add_piece(p, &piece);
	for (unsigned int i = 0; i < m->nr_ram; i++) {
		const struct kmr_ram_range *r = &m->ram[i];

		piece.start = r->start_pfn > start ? r->start_pfn : start;
		piece.end = r->end_pfn < end ? r->end_pfn : end;
		add_piece(p, &piece);
	}
}

static int by_start(const void *a, const void *b)
{
	const struct piece *p = a, *q = b;

	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return p->end < q->end ? -1 : p->end > q->end;
}

static void collect(struct pieces *p, const struct kmr_machine *m)
{
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].present)
			add_zone(p, m, &m->zones[i]);
	for (unsigned int i = 0; i < m->nr_hotplug; i++) {
		const struct piece piece = { m->hotplug[i].start_pfn, m->hotplug[i].end_pfn,
					     KMR_NO_NODE, KMR_ZONE_NR_TYPES, false };

		add_piece(p, &piece);
	}
	qsort(p->piece, p->nr, sizeof(p->piece[0]), by_start);
}

/* Takes what lies in a block into @b; what is online decides for all of it. */
static void take_in(struct kmr_block_range *b, const struct piece *p, bool first)
{
	if (first || (p->online && !b->online)) {
		b->online = p->online;
		b->node = p->node;
		b->zone = p->zone;
	} else if (p->online && p->zone != b->zone) {
		b->zone = KMR_ZONE_NR_TYPES;
	}
}

/* Block @number out of the pieces from @at on; false: none of them reaches into it. */
static bool block_of(const struct pieces *p, unsigned int at, uint64_t block, uint64_t number,
		     struct kmr_block_range *b)
{
	bool any = false;

	b->first = b->last = number;
	for (; at < p->nr && p->piece[at].start / block <= number; at++) {
		if ((p->piece[at].end - 1) / block < number)
			continue;
		take_in(b, &p->piece[at], !any);
		any = true;
	}
	b->removable = any && (!b->online || b->zone == KMR_ZONE_MOVABLE);
	return any;
}

static bool goes_on(const struct kmr_block_range *a, const struct kmr_block_range *b)
{
	return a->last + 1 == b->first && a->node == b->node && a->zone == b->zone &&
	       a->online == b->online && a->removable == b->removable;
}

static void each_range(const struct pieces *p, uint64_t block,
		       void (*each)(void *ctx, const struct kmr_block_range *range), void *ctx)
{
	struct kmr_block_range range, one;
	unsigned int at = 0; /* pieces before it lie below the block */
	bool any = false;

	for (uint64_t number = 0; at < p->nr; number++) {
		if (number < p->piece[at].start / block)
			number = p->piece[at].start / block;
		if (block_of(p, at, block, number, &one)) {
			if (any && !goes_on(&range, &one))
				each(ctx, &range);
			if (any && goes_on(&range, &one))
				one.first = range.first;
			range = one;
			any = true;
		}
		while (at < p->nr && (p->piece[at].end - 1) / block <= number)
			at++;
	}
	if (any)
		each(ctx, &range);
}

int kmr_machine_blocks(const struct kmr_machine *m,
		       void (*each)(void *ctx, const struct kmr_block_range *range), void *ctx)
{
	const uint64_t block = kmr_machine_block_pages(m);
	struct pieces *p;

	if (!block)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -1;
	collect(p, m);
	each_range(p, block, each, ctx);
	free(p);
	return 0;
}
