// SPDX-License-Identifier: GPL-2.0-only
/*
 * What boot takes before the page allocator gets the rest: the first MiB, the kernel's image,
 * mem_map, the hash tables of the dentry and inode caches, per-CPU areas, swiotlb, page tables.
 * What depends on the machine's size is computed as the kernel does it; what does not is a number
 * a kernel, found by subtraction from what captured kernels of several sizes report as managed.
 */
#include "machine/boot.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "machine/internal.h"

#define PFN_4G	      ((uint64_t)1 << 20)
#define SECTION_PAGES ((uint64_t)1 << 15) /* x86_64: SECTION_SIZE_BITS 27 */
#define PAGES(bytes)  (((bytes) + 4095) >> 12)
#define SWIOTLB_PAGES ((uint64_t)16384) /* 64 MiB: IO_TLB_DEFAULT_SIZE */
#define SWIOTLB_SLOTS ((uint64_t)32768 * 24) /* bytes: struct io_tlb_slot for each 2 KiB */
#define NO_LIMIT      UINT64_MAX

static const struct kmr_boot_profile profiles[] = {
	{ .arch = "i386",
	  .version = "6.1",
	  .pageblock_order = 10,
	  .hash_bucket = 4,
	  .struct_page = 32,
	  .image = 2206,
	  .tables = 15,
	  .percpu = 30,
	  .init = 132 },
	{ .arch = "x86_64",
	  .version = "6.1",
	  .pageblock_order = 10,
	  .hash_bucket = 8,
	  .struct_page = 64,
	  .image = 3780,
	  .tables = 12,
	  .tables_per_node = 5,
	  .tables_above_4g = 3,
	  .percpu = 54,
	  .init = 828 },
	{ .arch = "x86_64",
	  .version = "6.12",
	  .pageblock_order = 9,
	  .hash_bucket = 8,
	  .struct_page = 64,
	  .image = 4320,
	  .tables = 12,
	  .tables_per_node = 5,
	  .tables_above_4g = 3,
	  .percpu = 54,
	  .init = 800 },
};

const struct kmr_boot_profile *kmr_boot_profile(const char *arch, const char *version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].arch, arch) &&
		    (!version || !strcmp(profiles[i].version, version)))
			return &profiles[i];
	return NULL;
}

/* The boot allocator of one machine: memblock, as far as counts go. */
struct memblock {
	struct kmr_machine *m;
	const struct kmr_boot_profile *profile;
	bool failed;
};

/*
 * Takes pages of @node (-1: any) below @limit from the highest zone down, as memblock does;
 * never from highmem, and from DMA only what fits nowhere else.
 */
static void take(struct memblock *mb, int node, uint64_t pages, uint64_t limit)
{
	unsigned int z;

	for (z = mb->m->nr_zones; z-- > 0 && pages;) {
		struct kmr_zone_spec *zone = &mb->m->zones[z];
		uint64_t n;

		if ((node >= 0 && zone->node != (unsigned int)node) ||
		    zone->type >= KMR_ZONE_HIGHMEM || zone->start_pfn >= limit)
			continue;
		n = zone->managed < pages ? zone->managed : pages;
		zone->managed -= n;
		pages -= n;
	}
	if (pages)
		mb->failed = true;
}

/* The kernel's image lies at 16 MiB, so in the zone above DMA of the first node. */
static struct kmr_zone_spec *kernel_zone(struct kmr_machine *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		if (m->zones[i].type != KMR_ZONE_DMA)
			return &m->zones[i];
	return &m->zones[0];
}

static void take_image(struct memblock *mb, uint64_t pages)
{
	struct kmr_zone_spec *z = kernel_zone(mb->m);

	/* so much that nothing could be allocated any more is more than fits */
	if (pages + mb->profile->init >= z->managed) {
		mb->failed = true;
		return;
	}
	z->managed -= pages;
	z->init_pages = mb->profile->init;
}

/* The first MiB, page 0 not counted: reserve_real_mode(), arch/x86/kernel/setup.c */
static void take_first_mib(struct memblock *mb)
{
	struct kmr_zone_spec *dma = &mb->m->zones[0];
	const struct kmr_ram_range *first = &mb->m->ram[0];

	dma->managed -= first->end_pfn - first->start_pfn;
}

/*
 * FLATMEM, mm/page_alloc.c: alloc_node_mem_map(): one array of the node's span, its ends aligned
 * to the largest block.
 */
static void take_flat_mem_map(struct memblock *mb)
{
	const struct kmr_machine *m = mb->m;
	const struct kmr_zone_spec *last = &m->zones[m->nr_zones - 1];
	uint64_t align = (uint64_t)1 << (m->nr_orders - 1);
	uint64_t end = (last->start_pfn + last->spanned + align - 1) & ~(align - 1);

	take(mb, 0, PAGES(end * mb->profile->struct_page), NO_LIMIT);
}

/*
 * SPARSEMEM_VMEMMAP, mm/sparse.c: a section of the map for each 128 MiB that holds any RAM, on the
 * node that has its first page.
 */
static void take_sparse_mem_map(struct memblock *mb)
{
	const struct kmr_machine *m = mb->m;
	uint64_t each = PAGES(SECTION_PAGES * mb->profile->struct_page);
	uint64_t next = 0; /* sections below have a map */
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		unsigned int r;

		for (r = 0; r < m->nr_ram; r++) {
			uint64_t start = m->ram[r].start_pfn, end = m->ram[r].end_pfn;

			if (start < z->start_pfn)
				start = z->start_pfn;
			if (end > z->start_pfn + z->spanned)
				end = z->start_pfn + z->spanned;
			if (start >= end)
				continue;
			start /= SECTION_PAGES;
			end = (end + SECTION_PAGES - 1) / SECTION_PAGES;
			if (start < next)
				start = next;
			if (start >= end)
				continue;
			take(mb, z->node, (end - start) * each, NO_LIMIT);
			next = end;
		}
	}
}

/* What the kernel takes for the machine's size when it sizes hash tables; *all: with highmem. */
static uint64_t hash_basis(const struct memblock *mb, uint64_t *all)
{
	uint64_t kernel = 0;
	unsigned int i;

	*all = 0;
	for (i = 0; i < mb->m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &mb->m->zones[i];
		/* calc_memmap_size() goes by present when there are large holes */
		uint64_t base =
			z->spanned > z->present + (z->present >> 4) ? z->present : z->spanned;
		uint64_t map = PAGES(base * mb->profile->struct_page);
		uint64_t size = z->present;

		if (z->type < KMR_ZONE_HIGHMEM) {
			size -= size >= map ? map : 0;
			kernel += size;
		} else if (kernel > map * 2) {
			kernel -= map;
		}
		*all += size;
	}
	return kernel;
}

static unsigned int log2_up(uint64_t x)
{
	return x > 1 ? 64u - (unsigned int)__builtin_clzll(x - 1) : 0;
}

/* alloc_large_system_hash(): pages of a table with a bucket for each 2^@scale bytes of memory */
static uint64_t hash_pages(const struct memblock *mb, unsigned int scale)
{
	bool is_64bit = strcmp(mb->m->arch, "i386");
	uint64_t bucket = mb->profile->hash_bucket;
	uint64_t all, most, adapt;
	uint64_t entries = hash_basis(mb, &all);
	unsigned int log2;

	entries = (entries + 255) & ~(uint64_t)255;
	/* beyond 64 GiB, tables grow more slowly than memory */
	for (adapt = (uint64_t)1 << 24; is_64bit && adapt < entries; adapt <<= 2)
		scale++;
	entries >>= scale - 12;
	if (entries * bucket < 4096)
		entries = 4096 / bucket;
	log2 = log2_up(entries);
	most = (all << 12 >> 4) / bucket;
	while (log2 && (uint64_t)1 << log2 > most)
		log2--;
	return PAGES(bucket << log2);
}

/*
 * Dentry and inode hash (fs/dcache.c, fs/inode.c) come from boot memory on a machine of one node.
 * With several they are spread over them by vmalloc, after the allocator runs (hashdist).
 */
static void take_hashes(struct memblock *mb)
{
	if (mb->m->nr_nodes > 1)
		return;
	take(mb, -1, hash_pages(mb, 13) + hash_pages(mb, 14), NO_LIMIT);
}

/* For devices that reach 4 GiB only: kernel/dma/swiotlb.c, once there is memory above. */
static void take_swiotlb(struct memblock *mb)
{
	take(mb, -1, SWIOTLB_PAGES, PFN_4G);
	take(mb, -1, PAGES(SWIOTLB_SLOTS), NO_LIMIT);
}

static void take_percpu(struct memblock *mb)
{
	unsigned int i;

	for (i = 0; i < mb->m->nr_cpus; i++)
		take(mb, mb->m->cpu_node[i], mb->profile->percpu, NO_LIMIT);
}

int kmr_boot_reserve(struct kmr_machine *m, const struct kmr_boot_profile *profile, uint64_t kernel,
		     struct kmr_error *err)
{
	const struct kmr_zone_spec *last = &m->zones[m->nr_zones - 1];
	struct memblock mb = { .m = m, .profile = profile };
	bool above_4g = last->start_pfn + last->spanned > PFN_4G;
	uint64_t tables = kernel < profile->tables ? kernel : profile->tables;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		m->zones[i].managed = m->zones[i].present;
	take_first_mib(&mb);
	take_image(&mb, kernel - tables);
	if (!strcmp(m->arch, "i386"))
		take_flat_mem_map(&mb);
	else
		take_sparse_mem_map(&mb);
	take_hashes(&mb);
	if (above_4g)
		take_swiotlb(&mb);
	take_percpu(&mb);
	take(&mb, -1,
	     tables + (m->nr_nodes - 1) * profile->tables_per_node +
		     (above_4g ? profile->tables_above_4g : 0),
	     NO_LIMIT);
	if (mb.failed || kernel_zone(m)->managed <= profile->init)
		return kmr_fail(err,
				"machine %s: ram=%" PRIu64 "M is too small for a kernel of "
				"%" PRIu64 " KiB and what it takes at boot",
				m->arch, m->ram_pages >> 8, kernel << 2);
	return 0;
}
