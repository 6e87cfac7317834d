// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every model does with frames and lists, whatever its zones are like: the memory they are in,
 * the free block that a frame is in, a list as a snapshot has it.
 */
#include "page/common.h"
#include "page/frame.h"

int kmr_frames_map(struct kmr_frames *frames, uint32_t nr, unsigned int nr_orders)
{
	frames->top_order = nr_orders - 1;
	frames->top_mask = (1u << frames->top_order) - 1;
	frames->others_bytes = (size_t)nr * sizeof(*frames->others);
	frames->tops_bytes = (((size_t)nr >> frames->top_order) + 1) * sizeof(*frames->tops);
	frames->others = kmr_map_zero(frames->others_bytes);
	frames->tops = kmr_map_zero(frames->tops_bytes);
	return frames->others && frames->tops ? 0 : -1;
}

void kmr_frames_unmap(struct kmr_frames *frames)
{
	if (frames->others)
		(void)munmap(frames->others, frames->others_bytes);
	if (frames->tops)
		(void)munmap(frames->tops, frames->tops_bytes);
}

struct kmr_frame_bits *kmr_bits_map(uint32_t nr, unsigned int nr_orders, size_t *bytes)
{
	/* whole blocks of any order, so that masks never reach past the end */
	*bytes = (((size_t)nr >> nr_orders) + 1) * sizeof(struct kmr_frame_bits)
		 << (nr_orders > 6 ? nr_orders - 6 : 0);
	return kmr_map_zero(*bytes);
}

void kmr_bits_unmap(struct kmr_frame_bits *bits, size_t bytes)
{
	if (bits)
		(void)munmap(bits, bytes);
}

int kmr_bits_check(const struct kmr_frame_bits *bits, const uint64_t *seen, size_t words,
		   struct kmr_error *err)
{
	for (size_t w = 0; w < words; w++) {
		if (bits[w].free != seen[w])
			return kmr_fail(err, "a frame of %zu..%zu counts as free but is on no list",
					w * 64, w * 64 + 63);
		if (bits[w].free & bits[w].movable)
			return kmr_fail(err, "a frame of %zu..%zu is free and movable", w * 64,
					w * 64 + 63);
	}
	return 0;
}

uint32_t kmr_block_head(const struct kmr_frames *frames, unsigned int nr_orders, uint32_t pfn)
{
	for (unsigned int o = 0; o < nr_orders; o++) {
		const uint32_t head = pfn & ~((1u << o) - 1);
		const struct kmr_frame *f = kmr_frame_at(frames, head);

		if ((f->state == KMR_FS_BUDDY || f->state == KMR_FS_PCP) && f->order >= o)
			return head;
	}
	return KMR_NO_PFN;
}

void kmr_block_tell(const struct kmr_frames *frames, uint32_t head, struct kmr_frame_info *info)
{
	const struct kmr_frame *f;

	assert(head != KMR_NO_PFN);
	f = kmr_frame_at(frames, head);
	info->head = head;
	info->order = f->order;
	info->migratetype = f->migratetype;
	info->place = f->state == KMR_FS_BUDDY ? KMR_FRAME_BUDDY : KMR_FRAME_PCP;
}

unsigned int kmr_block_part(const struct kmr_frames *frames, uint32_t head, uint32_t pfn,
			    uint64_t end)
{
	unsigned int part = 0;

	assert(head != KMR_NO_PFN);
	while (part < kmr_frame_at(frames, head)->order && !(pfn & ((2u << part) - 1)) &&
	       pfn + (UINT64_C(2) << part) <= end)
		part++;
	return part;
}

uint32_t kmr_list_first(const struct kmr_frames *frames, uint32_t pfn, unsigned int *before)
{
	*before = 0;
	while (kmr_frame_at(frames, pfn)->prev != KMR_NO_PFN) {
		pfn = kmr_frame_at(frames, pfn)->prev;
		++*before;
	}
	return pfn;
}

int kmr_list_save(const struct kmr_frames *frames, const struct kmr_list *l,
		  struct kmr_snapshot *snap, struct kmr_snap_list *to)
{
	to->first = snap->nr_pfns;
	for (uint32_t pfn = l->head; pfn != KMR_NO_PFN; pfn = kmr_frame_at(frames, pfn)->next) {
		if (kmr_snapshot_add_pfn(snap, pfn))
			return -1;
		to->count++;
	}
	return 0;
}

int kmr_free_list_save(const struct kmr_frames *frames, const struct kmr_list *l,
		       struct kmr_snapshot *snap, const struct kmr_snap_list *as)
{
	struct kmr_snap_list *to;

	if (kmr_list_empty(l))
		return 0;
	to = kmr_snapshot_add_free_list(snap);
	if (!to)
		return -1;
	*to = *as;
	return kmr_list_save(frames, l, snap, to);
}
