// SPDX-License-Identifier: GPL-2.0-only
#include "trace/dat_page.h"

#include "trace/dat_cursor.h"

/* In the commit word: how much is in use, and what was lost before. */
#define COMMIT_MASK   ((UINT64_C(1) << 27) - 1)
#define MISSED_EVENTS (UINT64_C(1) << 31)
#define MISSED_STORED (UINT64_C(1) << 30)

#define TYPE_BITS  5
#define DELTA_BITS 27
#define DELTA_MASK ((UINT32_C(1) << DELTA_BITS) - 1)

/* Types of records; up to 28 it is the length in words, 0: the length is in the first word. */
#define TYPE_PADDING	 29
#define TYPE_TIME_EXTEND 30
#define TYPE_TIME_STAMP	 31

/* A time stamp has 59 bits; the upper ones are as they were: rb_fix_abs_ts(). */
#define STAMP_BITS 59
#define STAMP_HIGH (~UINT64_C(0) << STAMP_BITS)

bool dat_page_load(struct dat_page *page, const struct dat_layout *layout, const uint8_t *bytes)
{
	uint64_t commit = dat_number(bytes + layout->commit, layout->commit_size, layout->big);
	const uint64_t used = commit & COMMIT_MASK, room = layout->size - layout->data;

	page->bytes = bytes;
	page->time = dat_number(bytes + layout->time, 8, layout->big);
	page->at = page->end = layout->data;
	page->lost = (commit & MISSED_EVENTS) != 0;
	page->nr_lost = 0;
	if (used > room)
		return false;
	page->end += (uint32_t)used;
	/* the number is behind the records, where it fits: ring_buffer_read_page() */
	if (page->lost && commit & MISSED_STORED && used + layout->commit_size <= room)
		page->nr_lost = dat_number(bytes + page->end, layout->commit_size, layout->big);
	return true;
}

static uint64_t full_stamp(uint64_t stamp, uint64_t before)
{
	if (!(before & STAMP_HIGH))
		return stamp;
	stamp |= before & STAMP_HIGH;
	return stamp < before ? stamp + (UINT64_C(1) << STAMP_BITS) : stamp;
}

int dat_page_next(struct dat_page *page, const struct dat_layout *layout, struct dat_piece *piece)
{
	while (page->end - page->at >= 4) {
		const uint8_t *head = page->bytes + page->at;
		const uint32_t word = (uint32_t)dat_number(head, 4, layout->big),
			       type = layout->big ? word >> DELTA_BITS
						  : word & ((1u << TYPE_BITS) - 1),
			       delta = layout->big ? word & DELTA_MASK : word >> TYPE_BITS,
			       left = page->end - page->at - 4;
		uint32_t first = 0, skip, len;

		/* what was discarded at the end of a sub-buffer has no length */
		if (type == TYPE_PADDING && !delta)
			break;
		if (!type || type >= TYPE_PADDING) {
			if (left < 4)
				goto beyond;
			first = (uint32_t)dat_number(head + 4, 4, layout->big);
		}
		if (type == TYPE_TIME_EXTEND || type == TYPE_TIME_STAMP) {
			const uint64_t value = ((uint64_t)first << DELTA_BITS) + delta;

			page->time = type == TYPE_TIME_EXTEND ? page->time + value
							      : full_stamp(value, page->time);
			page->at += 8;
			continue;
		}
		/* the length in the first word counts that word */
		skip = !type || type == TYPE_PADDING ? 4 : 0;
		len = skip ? first - 4 : type * 4;
		if ((skip && first < 4) || len > left - skip)
			goto beyond;
		page->at += 4 + skip + ((len + 3) & ~UINT32_C(3));
		if (page->at > page->end)
			page->at = page->end;
		/* a record that was discarded gives no time: rb_update_read_stamp() */
		if (type == TYPE_PADDING)
			continue;
		page->time += delta;
		piece->time = page->time;
		piece->bytes = head + 4 + skip;
		piece->len = len;
		return 1;
	}
	page->at = page->end;
	return 0;
beyond:
	page->at = page->end;
	return -1;
}
