/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames and the lists they are on.
 *
 * Only the first frame of a free block carries anything: the links of its list, the block's order
 * and the list it belongs to, 12 bytes.  An all-zero frame is a used one, so that the array can be
 * fresh zero pages from the kernel and a frame that is never freed costs no memory.  Links are
 * frame numbers: half the size of pointers, and the same in every run.  The first frame of a block
 * that was handed out keeps its order, for migration.
 *
 * Frames at which a block of the largest order can begin lie together in an array of their own:
 * when boot has freed a machine of a TiB, 3 MiB of heads are written, not a page for each.
 *
 * Beside it lie two bits a frame, packed by 64 frames: is it free (on any list), and if not, was
 * it handed out as movable.  They answer "is all of this block used" and "how many movable frames
 * has this pageblock" from a cache line or two, which walking heads could not.
 */
#ifndef KMREPLAY_PAGE_FRAME_H
#define KMREPLAY_PAGE_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/page.h"

enum kmr_frame_state {
	KMR_FS_USED = 0, /* or not the first frame of its free block */
	KMR_FS_BUDDY, /* head of a block on a free list */
	KMR_FS_PCP, /* head of a block on a per-CPU list */
	KMR_FS_HUGE, /* used: head of a page in the pool of huge pages, linked there */
};

struct kmr_frame {
	uint32_t next, prev; /* KMR_NO_PFN at the ends */
	uint8_t state; /* enum kmr_frame_state */
	uint8_t order; /* of the block that begins here, used ones included */
	/*
	 * BUDDY: the list's migratetype.  PCP, and used frames between free_prepare and
	 * free_commit: the pageblock's type when the frame was freed, which the kernel keeps in
	 * page->index and trusts when the frame is drained even if the pageblock has changed.
	 */
	uint8_t migratetype;
	uint8_t pindex; /* PCP: which of the CPU's lists */
};

_Static_assert(sizeof(struct kmr_frame) == 12, "12 bytes a frame");

struct kmr_frame_bits {
	uint64_t free;
	uint64_t movable;
};

struct kmr_list {
	uint32_t head, tail; /* KMR_NO_PFN when empty */
};

static inline void kmr_list_init(struct kmr_list *l)
{
	l->head = KMR_NO_PFN;
	l->tail = KMR_NO_PFN;
}

static inline bool kmr_list_empty(const struct kmr_list *l)
{
	return l->head == KMR_NO_PFN;
}

struct kmr_frames {
	struct kmr_frame *tops; /* by pfn >> top_order: frames whose number is a multiple of that */
	struct kmr_frame *others; /* by pfn; the places of tops are never touched */
	uint32_t top_mask; /* 2^top_order - 1 */
	unsigned int top_order; /* the largest there is */
	size_t others_bytes, tops_bytes; /* mapped */
};

static inline struct kmr_frame *kmr_frame_at(const struct kmr_frames *frames, uint32_t pfn)
{
	return pfn & frames->top_mask ? &frames->others[pfn]
				      : &frames->tops[pfn >> frames->top_order];
}

static inline void kmr_list_add(const struct kmr_frames *frames, struct kmr_list *l, uint32_t pfn)
{
	struct kmr_frame *f = kmr_frame_at(frames, pfn);

	f->prev = KMR_NO_PFN;
	f->next = l->head;
	if (l->head == KMR_NO_PFN)
		l->tail = pfn;
	else
		kmr_frame_at(frames, l->head)->prev = pfn;
	l->head = pfn;
}

static inline void kmr_list_add_tail(const struct kmr_frames *frames, struct kmr_list *l,
				     uint32_t pfn)
{
	struct kmr_frame *f = kmr_frame_at(frames, pfn);

	f->next = KMR_NO_PFN;
	f->prev = l->tail;
	if (l->tail == KMR_NO_PFN)
		l->head = pfn;
	else
		kmr_frame_at(frames, l->tail)->next = pfn;
	l->tail = pfn;
}

/* Behind @after, which is on the list; KMR_NO_PFN: at its head. */
static inline void kmr_list_insert(const struct kmr_frames *frames, struct kmr_list *l,
				   uint32_t after, uint32_t pfn)
{
	struct kmr_frame *f = kmr_frame_at(frames, pfn);

	if (after == KMR_NO_PFN) {
		kmr_list_add(frames, l, pfn);
		return;
	}
	f->prev = after;
	f->next = kmr_frame_at(frames, after)->next;
	if (f->next == KMR_NO_PFN)
		l->tail = pfn;
	else
		kmr_frame_at(frames, f->next)->prev = pfn;
	kmr_frame_at(frames, after)->next = pfn;
}

static inline void kmr_list_del(const struct kmr_frames *frames, struct kmr_list *l, uint32_t pfn)
{
	const struct kmr_frame *f = kmr_frame_at(frames, pfn);

	if (f->prev == KMR_NO_PFN) {
		assert(l->head == pfn);
		l->head = f->next;
	} else {
		kmr_frame_at(frames, f->prev)->next = f->next;
	}
	if (f->next == KMR_NO_PFN) {
		assert(l->tail == pfn);
		l->tail = f->prev;
	} else {
		kmr_frame_at(frames, f->next)->prev = f->prev;
	}
}

/* The frames at @pfn, which are on no list, become a free block on @l. */
static inline void kmr_block_link(const struct kmr_frames *frames, struct kmr_list *l, uint32_t pfn,
				  unsigned int order, unsigned int migratetype, bool tail)
{
	struct kmr_frame *f = kmr_frame_at(frames, pfn);

	assert(f->state == KMR_FS_USED);
	f->state = KMR_FS_BUDDY;
	f->order = (uint8_t)order;
	f->migratetype = (uint8_t)migratetype;
	if (tail)
		kmr_list_add_tail(frames, l, pfn);
	else
		kmr_list_add(frames, l, pfn);
}

/* Mask of the 2^order frames at @pfn within their word; order at most 6. */
static inline uint64_t kmr_bits_mask(uint32_t pfn, unsigned int order)
{
	const uint64_t ones = order >= 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << order)) - 1;

	return ones << (pfn & 63u);
}

/* The block becomes free: no frame of it is movable any more. */
static inline void kmr_bits_set_free(struct kmr_frame_bits *bits, uint32_t pfn, unsigned int order)
{
	if (order <= 6) {
		const uint64_t mask = kmr_bits_mask(pfn, order);

		bits[pfn >> 6].free |= mask;
		bits[pfn >> 6].movable &= ~mask;
		return;
	}
	for (uint32_t i = 0; i < 1u << (order - 6); i++) {
		bits[(pfn >> 6) + i].free = ~UINT64_C(0);
		bits[(pfn >> 6) + i].movable = 0;
	}
}

static inline void kmr_bits_set_used(struct kmr_frame_bits *bits, uint32_t pfn, unsigned int order,
				     bool movable)
{
	if (order <= 6) {
		const uint64_t mask = kmr_bits_mask(pfn, order);

		bits[pfn >> 6].free &= ~mask;
		if (movable)
			bits[pfn >> 6].movable |= mask;
		return;
	}
	for (uint32_t i = 0; i < 1u << (order - 6); i++) {
		bits[(pfn >> 6) + i].free = 0;
		bits[(pfn >> 6) + i].movable = movable ? ~UINT64_C(0) : 0;
	}
}

static inline bool kmr_bits_all_used(const struct kmr_frame_bits *bits, uint32_t pfn,
				     unsigned int order)
{
	if (order <= 6)
		return !(bits[pfn >> 6].free & kmr_bits_mask(pfn, order));
	for (uint32_t i = 0; i < 1u << (order - 6); i++)
		if (bits[(pfn >> 6) + i].free)
			return false;
	return true;
}

static inline bool kmr_bit_free(const struct kmr_frame_bits *bits, uint32_t pfn)
{
	return bits[pfn >> 6].free >> (pfn & 63u) & 1;
}

/* frame.c */
/* Frames 0 to @nr - 1, all of them used; @nr_orders that blocks have.  -1: no memory. */
int kmr_frames_map(struct kmr_frames *frames, uint32_t nr, unsigned int nr_orders);
/* Of whatever kmr_frames_map() could map. */
void kmr_frames_unmap(struct kmr_frames *frames);
/* The bits of as many frames, none of them free; NULL: no memory.  @bytes: their size. */
struct kmr_frame_bits *kmr_bits_map(uint32_t nr, unsigned int nr_orders, size_t *bytes);
void kmr_bits_unmap(struct kmr_frame_bits *bits, size_t bytes);
/* What counts as free is just what is on lists: @seen, a bit a frame; nothing free is movable. */
int kmr_bits_check(const struct kmr_frame_bits *bits, const uint64_t *seen, size_t words,
		   struct kmr_error *err);
/* The head of the free block that holds @pfn, on whatever list, or KMR_NO_PFN. */
uint32_t kmr_block_head(const struct kmr_frames *frames, unsigned int nr_orders, uint32_t pfn);
/* Fills in what the free block at @head tells of itself: all but its CPU and position. */
void kmr_block_tell(const struct kmr_frames *frames, uint32_t head, struct kmr_frame_info *info);
/* The order of the largest aligned block at @pfn that is part of that at @head and ends by @end. */
unsigned int kmr_block_part(const struct kmr_frames *frames, uint32_t head, uint32_t pfn,
			    uint64_t end);
/* The head of the list that the block at @pfn is on; @before: how many are before it. */
uint32_t kmr_list_first(const struct kmr_frames *frames, uint32_t pfn, unsigned int *before);
/* The frames of @l as those of the list @to of @snap.  -1: no memory. */
int kmr_list_save(const struct kmr_frames *frames, const struct kmr_list *l,
		  struct kmr_snapshot *snap, struct kmr_snap_list *to);
/* Adds @l, if it is not empty, to the free lists of @snap; its zone, order and type are @as's. */
int kmr_free_list_save(const struct kmr_frames *frames, const struct kmr_list *l,
		       struct kmr_snapshot *snap, const struct kmr_snap_list *as);

#endif
