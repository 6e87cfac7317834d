// SPDX-License-Identifier: GPL-2.0-only
/*
 * The early allocations of arm64 and Alpha.  Zones and mem_map follow the kernel's rules; page
 * tables are counted, not placed one by one, and nothing here was held against a running kernel.
 */
#include "machine/boot.h"

/*
 * The linear map: a table for each run of frames that one level's entries cover, with blocks in
 * place of the lowest level's (arch/arm64/mm/mmu.c: map_mem()).  Alpha maps memory without tables
 * (KSEG).
 */
static void take_page_tables(struct kmr_boot *b)
{
	const uint64_t entries = b->page / 8;
	uint64_t covers = b->page * entries * entries;

	if (b->spec->arch != KMR_ARCH_ARM64)
		return;
	for (; covers < UINT64_C(1) << 48; covers *= entries)
		for (size_t i = 0; i < b->mb.memory.nr; i++) {
			const struct kmr_memblock_region *r = &b->mb.memory.regions[i];
			uint64_t tables = (r->end - 1) / covers - r->start / covers + 1;

			(void)kmr_boot_take(b, "page tables", tables * b->page, b->page);
		}
}

void kmr_boot_other_before_zones(struct kmr_boot *b)
{
	take_page_tables(b);
	kmr_boot_set_nodes(b);
	kmr_boot_node_data(b);
	if (b->spec->arch == KMR_ARCH_ARM64)
		kmr_boot_cma(b);
	if (b->m->section_pages)
		kmr_boot_sparse(b);
}

void kmr_boot_other_after_zones(struct kmr_boot *b)
{
	kmr_boot_command_line(b);
	kmr_boot_log_buffer(b);
	kmr_boot_percpu(b, b->page);
	kmr_boot_hashes(b);
	/* arch/arm64/mm/init.c: when devices do not reach all of memory */
	if (b->spec->arch == KMR_ARCH_ARM64 && kmr_memblock_end(&b->mb) > kmr_boot_cma_end(b))
		kmr_boot_swiotlb(b);
}
