/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Figures that follow from a machine and that no model needs to run: what a kernel prints while it
 * boots, what its own bookkeeping costs, and the largest requests that it can serve.
 */
#ifndef KMREPLAY_FIGURES_H
#define KMREPLAY_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/machine.h"

/* Frames first to end - 1. */
struct kmr_frame_range {
	uint64_t start_pfn, end_pfn;
	uint16_t node;
};

#define KMR_MAX_NODE_RANGES (KMR_MAX_RAM_RANGES + KMR_MAX_ZONES)

/*
 * RAM by node, ascending, as memblock has it once nodes are known: "Early memory node ranges".
 * Where the machine knows no ranges of RAM, its zones' spans.  Writes at most KMR_MAX_NODE_RANGES;
 * returns how many.
 */
unsigned int kmr_machine_node_ranges(const struct kmr_machine *m, struct kmr_frame_range *ranges);

/*
 * The frames that can be of zone type @type, on whatever node and whether there is memory or not:
 * "Zone ranges".  False: none can.  Movable has no range of its own.  On other architectures than
 * x86 a type is taken to end where the next one that has memory begins.
 * (mm/page_alloc.c: free_area_init(), arch/x86/mm/init.c: zone_sizes_init())
 */
bool kmr_machine_zone_range(const struct kmr_machine *m, enum kmr_zone_type type,
			    struct kmr_frame_range *range);

enum kmr_memory_model {
	KMR_FLATMEM, /* one array a node */
	KMR_SPARSEMEM, /* one a section */
	KMR_VMEMMAP, /* one a section, mapped side by side */
};

/* The array of struct page, which describes every frame. */
struct kmr_mem_map {
	enum kmr_memory_model model;
	unsigned int struct_page; /* bytes of one */
	uint64_t frames; /* that have one; more than there is RAM, because of holes */
	uint64_t sections; /* with any RAM; 0: flat */
	uint64_t pages; /* that the arrays take, each rounded up to whole ones */
};

/* mm/page_alloc.c: alloc_node_mem_map(); mm/sparse.c: sparse_init_nid() */
void kmr_machine_mem_map(const struct kmr_machine *m, struct kmr_mem_map *map);

/*
 * Pages of a memory block, the unit of memory hot-plug and of lsmem(1): a section, or on x86-64
 * with 64 GiB and more the largest power of two up to 2 GiB that the end of memory is a multiple
 * of.  0: flat memory has none.  (arch/x86/mm/init_64.c: probe_memory_block_size(), as for a
 * virtual machine)
 */
uint64_t kmr_machine_block_pages(const struct kmr_machine *m);

#define KMR_NO_NODE UINT16_MAX

/* Memory blocks @first to @last, numbered by address, that are alike. */
struct kmr_block_range {
	uint64_t first, last;
	uint16_t node; /* KMR_NO_NODE: not known before it is online */
	uint8_t zone; /* enum kmr_zone_type; KMR_ZONE_NR_TYPES: of several, or not online */
	bool online;
	/* nothing unmovable can be in it: it is of zone Movable, or not in use yet */
	bool removable;
};

/*
 * Calls @each for all memory blocks with memory, online or hot-pluggable, ascending, those in a row
 * together.  0, also when there are none because memory is flat; -1: no memory for it.
 */
int kmr_machine_blocks(const struct kmr_machine *m,
		       void (*each)(void *ctx, const struct kmr_block_range *range), void *ctx);

/*
 * "Total pages" in "Built N zonelists": what the kernel expects to manage when it builds them, so
 * before it has given memory to the page allocator; 6.12 counts mem_map in.  With fewer than six
 * pageblocks it does not group by mobility.  (mm/page_alloc.c: free_area_init_core(),
 * build_all_zonelists())
 */
uint64_t kmr_machine_total_pages(const struct kmr_machine *m);
bool kmr_machine_groups_by_mobility(const struct kmr_machine *m);

enum kmr_kmalloc_user {
	KMR_BY_SLUB,
	KMR_BY_SLAB, /* of 6.1 to 6.7 */
	KMR_BY_OLD_SLAB, /* before 6.1 */
	KMR_BY_SLOB,
	KMR_KMALLOC_USERS,
};

#define KMR_MAX_HUGE_SIZES 4

/* The largest request of each kind.  Bytes, where nothing is said; 0: it can't be had at all. */
struct kmr_largest {
	unsigned int order; /* alloc_pages() */
	uint64_t block;
	/* kmalloc(), by allocator: from a cache (SLOB: from its heap), and of pages */
	uint64_t cached[KMR_KMALLOC_USERS], kmalloc[KMR_KMALLOC_USERS];
	uint64_t vmalloc; /* all of its space but a guard page, or all memory if that is less */
	bool vmalloc_by_ram; /* it is memory that limits it */
	/* of hugetlb's and transparent huge pages, ascending */
	unsigned int nr_huge;
	uint64_t huge[KMR_MAX_HUGE_SIZES];
};

/* include/linux/slab.h: KMALLOC_MAX_CACHE_SIZE, KMALLOC_MAX_SIZE; mm/vmalloc.c */
void kmr_machine_largest(const struct kmr_machine *m, struct kmr_largest *l);

#endif
