/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel's boot, as far as memory goes: from what the firmware says there is to what each zone
 * manages and which frames boot keeps.  Early allocations are made one by one from a memblock, in
 * the kernel's order and with its sizes, so that each lies where the kernel has it.
 */
#ifndef KMR_MACHINE_BOOT_H
#define KMR_MACHINE_BOOT_H

#include <stdint.h>

#include "machine/memblock.h"
#include "machine/spec.h"

/* What early allocations know of one kernel; bytes, where nothing else is said. */
struct kmr_boot_profile {
	/* where /proc/iomem has the kernel's image, when a machine does not say; ends exclusive */
	uint64_t text, text_end, rodata, rodata_end, data, data_end, bss, bss_end;
	uint64_t init; /* __init sections, in front of smp_locks */
	uint64_t smp_locks; /* freed with the SMP alternatives; in front of bss */
	uint64_t brk; /* boot's page tables behind bss */
	uint64_t percpu_static, percpu_reserved;
	unsigned int pcpu_chunk; /* sizeof(struct pcpu_chunk) without its bitmap */
	unsigned int long_bytes;
	unsigned int cache_line; /* SMP_CACHE_BYTES */
	unsigned int struct_page;
	unsigned int resource; /* sizeof(struct resource) */
	unsigned int pgdat, pgdat_align; /* sizeof(pg_data_t), rounded to */
	unsigned int swiotlb_area; /* sizeof(struct io_tlb_area) */
	unsigned int mem_section; /* sizeof(struct mem_section) */
	unsigned int
		section_usage; /* sizeof(struct mem_section_usage), the pageblocks' bits apart */
	bool hpet; /* keeps a name for the HPET */
	unsigned int kernel; /* pages of image and tables, as a preset's key kernel= counts them */
};

/* Never NULL. */
const struct kmr_boot_profile *kmr_boot_profile(enum kmr_arch arch, enum kmr_kernel kernel);

/* What hash tables are sized by: nr_kernel_pages and nr_all_pages */
struct kmr_boot_pages {
	uint64_t kernel, all;
};

/* One boot. */
struct kmr_boot {
	const struct kmr_spec *spec;
	struct kmr_boot_profile profile; /* with what the spec says of the build */
	struct kmr_machine *m;
	struct kmr_memblock mb;
	uint64_t page; /* bytes */
	uint64_t max_pfn, max_low_pfn; /* one past the last frame, and the last that is mapped */
	uint64_t possible_end; /* bytes: one past the last that hot-plug may add */
	uint64_t dma_reserve; /* pages, 6.1: of the DMA zone's what boot took */
	struct kmr_boot_pages pages;
	/* bytes of a machine's node structures, for what lies beside them; 0: none */
	uint64_t pgdat_at[KMR_MAX_NODES];
	uint64_t zone_low[KMR_ZONE_NR_TYPES], zone_high[KMR_ZONE_NR_TYPES]; /* frames */
	uint64_t movable_pfn[KMR_MAX_NODES]; /* where Movable begins; 0: nowhere */
	const char *where; /* begins messages when no file is open */
	const char *failed; /* the first allocation that found no place; NULL: none */
	uint64_t failed_bytes;
	const struct kmr_yaml_node *failed_at; /* that asked for it; NULL: no key did */
};

/*
 * Boots @spec, which is settled, and fills in all of @m but its name.  @where begins messages: a
 * file's name, or "machine i386".
 */
int kmr_boot(struct kmr_machine *m, const struct kmr_spec *spec, const char *where,
	     struct kmr_error *err);

/*
 * RAM of an amount, where QEMU's machine of the architecture has it, on as many nodes as the spec
 * has: fills in memory.  Fails with @where when the amount will not do.
 */
int kmr_boot_lay_out(struct kmr_spec *spec, const char *where, struct kmr_error *err);

/*
 * Fails with a message that points to @at, else to @key, in the machine's file, or begins with
 * @where when there is none.
 */
int kmr_boot_fail(const struct kmr_spec *spec, const char *where, const char *key,
		  const struct kmr_yaml_node *at, struct kmr_error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* An allocation as memblock_alloc() makes it; its address, or KMR_MEMBLOCK_NONE. */
uint64_t kmr_boot_take(struct kmr_boot *b, const char *what, uint64_t size, uint64_t align);
uint64_t kmr_boot_take_from(struct kmr_boot *b, const struct kmr_memblock_request *r);

/* The kernel's image, and what of it is freed later. */
void kmr_boot_reserve_image(struct kmr_boot *b);
/* What is allocated from the image to the zones, and from there to the hand-over. */
void kmr_boot_x86_before_zones(struct kmr_boot *b);
void kmr_boot_x86_after_zones(struct kmr_boot *b);
void kmr_boot_other_before_zones(struct kmr_boot *b);
void kmr_boot_other_after_zones(struct kmr_boot *b);
/* The nodes and what can be taken out become known to the memblock. */
void kmr_boot_set_nodes(struct kmr_boot *b);

/* x86-64's page tables of the direct map: init_mem_mapping() */
void kmr_boot_map_memory(struct kmr_boot *b);
/* node structures; CMA areas; sparse or flat mem_map */
void kmr_boot_node_data(struct kmr_boot *b);
void kmr_boot_cma(struct kmr_boot *b);
void kmr_boot_sparse(struct kmr_boot *b);
void kmr_boot_flat(struct kmr_boot *b);
/* the per-CPU allocator's first chunk */
void kmr_boot_percpu(struct kmr_boot *b, uint64_t atom);
/* counts pages, once mem_map is there */
void kmr_boot_count_pages(struct kmr_boot *b);
/* the hash tables of the dentry and inode caches */
void kmr_boot_hashes(struct kmr_boot *b);
/* the log buffer, when it has to be larger than the one built in */
void kmr_boot_log_buffer(struct kmr_boot *b);
/* swiotlb, for devices that reach 4 GiB only */
void kmr_boot_swiotlb(struct kmr_boot *b);
/* copies of the command line */
void kmr_boot_command_line(struct kmr_boot *b);

/* free_area_init(): zone limits by architecture, Movable, zones with spanned and present. */
void kmr_boot_zones(struct kmr_boot *b);
/* One past the last byte that a CMA area for devices can have. */
uint64_t kmr_boot_cma_end(const struct kmr_boot *b);
/* Frames of memory between @start and @end on @node (KMR_ANY_NODE: all). */
uint64_t kmr_boot_pages_between(const struct kmr_boot *b, uint16_t node, uint64_t start,
				uint64_t end);
/* A node's first frame and one past its last; false: it has none. */
bool kmr_boot_node_span(const struct kmr_boot *b, unsigned int node, uint64_t *start,
			uint64_t *end);

/* What is reserved becomes the machine's ranges, the rest what zones manage. */
void kmr_boot_hand_over(struct kmr_boot *b);

#endif
