/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LLFree's traces (github.com/luhsra/llfree-rs, eval/src/bin/replay.rs): pages of 4096 bytes,
 * little-endian.  The first has three numbers, the others the entries of one CPU each:
 *
 *	header	pages u32, cores u32, max_pfn u32, zeroes
 *	page	cpu u32, 12 bytes unused, 255 entries; one of frame 0 ends them
 *	entry	time 38 bits (microseconds), pfn 24, alloc 1, order 4, GFP flags 29, pid 32, the
 *		first in the lowest bits of 16 bytes
 *
 * GFP flags have 6.1's numbers; bit 28 is LLFree's own, for the page cache.
 */
#ifndef KMR_TRACE_LLFREE_H
#define KMR_TRACE_LLFREE_H

#include <stdint.h>

#define LLFREE_PAGE	 4096u
#define LLFREE_FIRST	 16u /* offset of the first entry */
#define LLFREE_ENTRY	 16u
#define LLFREE_ENTRIES	 255u
#define LLFREE_TIME_BITS 38u
#define LLFREE_PFN_BITS	 24u
#define LLFREE_GFP_BITS	 29u
#define LLFREE_MAX_CPUS	 4096u
#define LLFREE_MAX_ORDER 15u
#define LLFREE_KERNEL	 601u /* whose GFP numbers these are */

#define LLFREE_PAGE_CACHE (UINT32_C(1) << 28)

struct llfree_entry {
	uint64_t time; /* microseconds */
	uint32_t pfn;
	uint32_t gfp; /* numbers of LLFREE_KERNEL */
	uint32_t pid;
	uint8_t order;
	uint8_t alloc; /* 1; 0: a free */
};

static inline uint32_t llfree_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void llfree_put32(uint8_t *p, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline struct llfree_entry llfree_get(const uint8_t *p)
{
	const uint64_t low = (uint64_t)llfree_get32(p + 4) << 32 | llfree_get32(p),
		       high = (uint64_t)llfree_get32(p + 12) << 32 | llfree_get32(p + 8);

	return (struct llfree_entry){
		.time = low & ((UINT64_C(1) << LLFREE_TIME_BITS) - 1),
		.pfn = (uint32_t)(low >> LLFREE_TIME_BITS) & ((1u << LLFREE_PFN_BITS) - 1),
		.alloc = (uint8_t)(low >> 62 & 1),
		.order = (uint8_t)(low >> 63 | (high & 7) << 1),
		.gfp = (uint32_t)(high >> 3) & ((1u << LLFREE_GFP_BITS) - 1),
		.pid = (uint32_t)(high >> 32),
	};
}

/* All fields within their bits. */
static inline void llfree_put(uint8_t *p, const struct llfree_entry *e)
{
	const uint64_t low = e->time | (uint64_t)e->pfn << LLFREE_TIME_BITS |
			     (uint64_t)e->alloc << 62 | (uint64_t)e->order << 63,
		       high = (uint64_t)e->order >> 1 | (uint64_t)e->gfp << 3 |
			      (uint64_t)e->pid << 32;

	llfree_put32(p, (uint32_t)low);
	llfree_put32(p + 4, (uint32_t)(low >> 32));
	llfree_put32(p + 8, (uint32_t)high);
	llfree_put32(p + 12, (uint32_t)(high >> 32));
}

#endif
