// SPDX-License-Identifier: GPL-2.0-only
/* The early allocations of i386 and x86-64, in their order. */
#include "machine/boot.h"
#include "machine/internal.h"

#define MIB		(UINT64_C(1) << 20)
#define GIB4		(UINT64_C(4) << 30)
#define NAME_IOAPIC	11 /* IOAPIC_RESOURCE_NAME_SIZE */
#define NAME_HPET	9
#define FIRMWARE_RANGES 6 /* of QEMU's PC that are no RAM */
/* pages of struct cpu_entry_area of 64 bits: stacks, debug store and its buffers */
#define CPU_ENTRY_PAGES 59
#define PTES		512

/* Ranges of the e820 map: RAM, however many nodes it is on, and what else the firmware listed. */
static uint64_t count_e820(const struct kmr_boot *b)
{
	const struct kmr_spec *spec = b->spec;
	uint64_t ram = 0, firmware = 0, end = 0;

	for (unsigned int i = 0; i < spec->nr_memory; i++) {
		const struct kmr_spec_range *r = &spec->memory[i];

		if (r->type != KMR_MEMORY_RAM || r->start >= kmr_memblock_end(&b->mb))
			continue;
		ram += !ram || r->start != end;
		end = r->end;
	}
	for (unsigned int i = 0; i < spec->nr_reserved; i++)
		firmware +=
			kmr_boot_pages_between(b, KMR_ANY_NODE, spec->reserved[i].start / b->page,
					       spec->reserved[i].end / b->page) == 0;
	if (!firmware)
		firmware = FIRMWARE_RANGES;
	/* QEMU's map has one below 1 TiB that a kernel of 32-bit addresses does not list */
	else if (spec->arch == KMR_ARCH_I386 && !spec->pae)
		firmware++;
	return ram + firmware;
}

/* Names of I/O APICs, of the HPET, and what /proc/iomem lists */
static void take_resources(struct kmr_boot *b)
{
	const struct kmr_boot_profile *p = &b->profile;

	if (p->hpet)
		(void)kmr_boot_take(b, "resources", p->resource + NAME_HPET, p->cache_line);
	(void)kmr_boot_take(b, "resources", p->resource + NAME_IOAPIC, p->cache_line);
	(void)kmr_boot_take(b, "resources", count_e820(b) * p->resource, p->cache_line);
}

/* 6.1: memblock_find_dma_reserve(), arch/x86/mm/init.c */
static void count_dma_reserve(struct kmr_boot *b)
{
	const uint64_t dma = 16 * MIB / b->page;
	uint64_t start = 0, end, free = 0;

	for (; kmr_memblock_next_free(&b->mb, &start, &end); start = end) {
		uint64_t from = (start + b->page - 1) / b->page, to = end / b->page;

		if (to > dma)
			to = dma;
		if (from < to)
			free += to - from;
	}
	b->dma_reserve = kmr_boot_pages_between(b, KMR_ANY_NODE, 0, dma) - free;
}

/* numa_alloc_distance(): for a firmware's table; the default distances need none */
static void take_distances(struct kmr_boot *b)
{
	const struct kmr_machine *m = b->m;

	for (unsigned int i = 0; i < m->nr_nodes; i++)
		for (unsigned int j = 0; j < m->nr_nodes; j++)
			if (i != j && m->distance[i][j] != 20) {
				(void)kmr_boot_take(b, "node distances",
						    (uint64_t)m->nr_nodes * m->nr_nodes, b->page);
				return;
			}
}

void kmr_boot_x86_before_zones(struct kmr_boot *b)
{
	const bool wide = b->spec->arch == KMR_ARCH_X86_64;

	/* the BIOS's data and the trampoline of other CPUs: reserve_real_mode() */
	kmr_memblock_reserve(&b->mb, 0, MIB, "first MiB", KMR_RESERVED_KEPT);
	if (wide)
		kmr_boot_map_memory(b);
	kmr_boot_log_buffer(b);
	/* numa_init() ends it */
	b->mb.bottom_up = false;
	if (wide)
		take_distances(b);
	kmr_boot_set_nodes(b);
	if (wide)
		kmr_boot_node_data(b);
	kmr_boot_cma(b);
	if (b->m->section_pages)
		kmr_boot_sparse(b);
	if (wide && b->spec->kernel == KMR_KERNEL_6_1)
		count_dma_reserve(b);
}

/* set_pte_vaddr_pud(): tables for the CPUs' entry areas */
static void take_entry_tables(struct kmr_boot *b)
{
	uint64_t tables = 2 + (1 + (uint64_t)b->m->nr_cpus * CPU_ENTRY_PAGES + PTES - 1) / PTES;

	while (tables--)
		(void)kmr_boot_take(b, "page tables", b->page, b->page);
}

void kmr_boot_x86_after_zones(struct kmr_boot *b)
{
	const bool wide = b->spec->arch == KMR_ARCH_X86_64;

	take_resources(b);
	kmr_boot_command_line(b);
	kmr_boot_percpu(b, wide ? 2 * MIB : b->page);
	kmr_boot_hashes(b);
	if (wide) {
		take_entry_tables(b);
		if (b->possible_end > GIB4)
			kmr_boot_swiotlb(b);
	}
}
