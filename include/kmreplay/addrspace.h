/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's half of the virtual address space: where the direct map, vmalloc's space, the
 * permanent and the fixed mappings lie.  All of it follows from the machine.  No address is that of
 * a kernel which places them at random (RANDOMIZE_MEMORY, KASAN, 5-level page tables).
 */
#ifndef KMREPLAY_ADDRSPACE_H
#define KMREPLAY_ADDRSPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"

#define KMR_MAX_ADDRESS_AREAS 24

/* i386: what vmalloc= replaces, and the gap between the direct map and vmalloc's space; bytes. */
#define KMR_I386_VMALLOC_RESERVE \
	(UINT64_C(128) << 20) /* arch/x86/mm/init_32.c: __VMALLOC_RESERVE */
#define KMR_I386_VMALLOC_OFFSET (UINT64_C(8) << 20)
#define KMR_I386_PAGE_OFFSET	UINT64_C(0xc0000000) /* CONFIG_VMSPLIT_3G */

/* Bytes first to last; last is inclusive, as the highest area ends where 64 bits do. */
struct kmr_address_area {
	uint64_t first, last;
	const char *name; /* a word */
	const char *what; /* a line */
	bool inside; /* a part of the area before it */
};

/* What models of mappings need to know.  Addresses and sizes in bytes, ends exclusive. */
struct kmr_address_space {
	unsigned int pointer_bytes; /* 4 or 8 */
	unsigned int page_shift;
	/* Frames direct_pfn to direct_end_pfn - 1 are mapped from direct_start on, in their order. */
	uint64_t direct_start;
	uint64_t direct_pfn, direct_end_pfn;
	/* As the kernel compares with them: on x86-64 the end is a byte short of the next area. */
	uint64_t vmalloc_start, vmalloc_end;
	uint64_t table_bytes; /* that one page of page-table entries maps */
	/* 0 slots: there is no high memory, pages are used through the direct map */
	uint64_t pkmap_start;
	unsigned int pkmap_slots; /* of a page each */
	uint64_t kmap_local_top; /* address of slot 0 of CPU 0; others lie below, CPU by CPU */
	unsigned int kmap_local_slots; /* of one CPU: KM_MAX_IDX */
	unsigned int build_cpus; /* i386: NR_CPUS that the kernel is built for */
};

/*
 * i386, x86_64, arm64 (48 address bits) and alpha.  -1: of another architecture, or vmalloc= leaves
 * no low memory.
 *
 * i386: arch/x86/include/asm/{pgtable_32_areas,fixmap,cpu_entry_area}.h.  The kernel is taken to be
 * built for 4 CPUs, or the next power of two that has room for the machine's; if it has a HighMem
 * zone, then for as many as make the direct map end where that begins.
 */
int kmr_address_space(const struct kmr_machine *m, struct kmr_address_space *as,
		      struct kmr_error *err);

/*
 * The areas of the kernel's half, ascending; those `inside` another follow it.  Writes at most @max
 * of them; returns how many, at most KMR_MAX_ADDRESS_AREAS.  0: as kmr_address_space().
 */
unsigned int kmr_address_areas(const struct kmr_machine *m, struct kmr_address_area *areas,
			       unsigned int max);

/*
 * i386: MAXMEM_PFN, the first frame that is high memory however much there is; from pae,
 * vmalloc_bytes, nr_cpus and whether the kernel has a HighMem type, zones not looked at.  1 GiB less
 * the 128 MiB of the reserve would be 896 MiB, but the windows above vmalloc's space (pkmap, LDT, CPU
 * entry areas, fixmap, each rounded to page directory entries) come out of that as well.  0:
 * vmalloc= leaves nothing.
 */
uint64_t kmr_i386_maxmem_pfn(const struct kmr_machine *m);

#endif
