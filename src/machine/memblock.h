/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memblock, the allocator of early boot: what memory there is and what of it is reserved, in
 * bytes.  Places are those that the kernel's would choose.  (mm/memblock.c)
 */
#ifndef KMR_MACHINE_MEMBLOCK_H
#define KMR_MACHINE_MEMBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/machine.h"

#define KMR_MEMBLOCK_NONE UINT64_MAX

/* Bytes, end exclusive. */
struct kmr_memblock_region {
	uint64_t start, end;
	uint16_t node; /* of memory */
	bool hotplug; /* of memory: can be taken out */
	uint8_t kind; /* of what is reserved: enum kmr_reserved_kind */
	const char *what; /* of what is reserved; lives as long as the memblock */
};

/* Ascending, none overlapping. */
struct kmr_memblock_list {
	struct kmr_memblock_region *regions;
	size_t nr, cap;
};

struct kmr_memblock {
	struct kmr_memblock_list memory, reserved;
	bool bottom_up; /* where allocations are looked for from */
	bool skip_hotplug; /* movable_node: nothing goes to memory that can be taken out */
	uint64_t page_size; /* the first page is never given out */
	uint64_t limit; /* allocations end below, unless they say otherwise: what is mapped */
	bool nomem; /* the process ran out of memory: nothing here counts any more */
};

/* What an allocation asks for. */
struct kmr_memblock_request {
	uint64_t size, align; /* bytes; align a power of two */
	uint64_t min, max; /* between; max 0: the memblock's limit */
	uint16_t node; /* preferred; UINT16_MAX: any */
	bool exact_node; /* no other will do */
	uint8_t kind;
	const char *what;
};

/* Memory, with parts of it that are there already left as they are. */
void kmr_memblock_add(struct kmr_memblock *mb, uint64_t start, uint64_t end, uint16_t node,
		      bool hotplug);
/* Memory from @start to @end is not there. */
void kmr_memblock_remove(struct kmr_memblock *mb, uint64_t start, uint64_t end);

/* What of it is reserved already stays what it is. */
void kmr_memblock_reserve(struct kmr_memblock *mb, uint64_t start, uint64_t end, const char *what,
			  uint8_t kind);
void kmr_memblock_free(struct kmr_memblock *mb, uint64_t start, uint64_t end);

/* memblock_find_in_range_node(): the address; KMR_MEMBLOCK_NONE: there is no such place. */
uint64_t kmr_memblock_find(const struct kmr_memblock *mb, const struct kmr_memblock_request *r);

/*
 * memblock_alloc_range_nid() and memblock_alloc_internal(): found and reserved, on another node or
 * below @min rather than not at all.
 */
uint64_t kmr_memblock_alloc(struct kmr_memblock *mb, const struct kmr_memblock_request *r);

/*
 * for_each_free_mem_range(): the first free range at or above *@start, not beyond one region of
 * memory, into *start and *end; false: there is none.
 */
bool kmr_memblock_next_free(const struct kmr_memblock *mb, uint64_t *start, uint64_t *end);

/* The first region of memory that ends above @addr; NULL: there is none. */
const struct kmr_memblock_region *kmr_memblock_memory_above(const struct kmr_memblock *mb,
							    uint64_t addr);

/* Bytes of memory below @limit. */
uint64_t kmr_memblock_size(const struct kmr_memblock *mb, uint64_t limit);
/* One past the last byte of memory; 0: there is none. */
uint64_t kmr_memblock_end(const struct kmr_memblock *mb);

void kmr_memblock_destroy(struct kmr_memblock *mb);

#endif
