/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine file says, or a preset's keys in its place: hardware, the kernel's build and its
 * boot parameters.  kmr_boot() makes the machine from it that such a kernel would find.
 */
#ifndef KMR_MACHINE_SPEC_H
#define KMR_MACHINE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/yaml.h"
#include "kmreplay/machine.h"

#define KMR_SPEC_MAX_EARLY 64
#define KMR_ANY_NODE	   UINT16_MAX
#define KMR_NOT_SAID	   UINT64_MAX

enum kmr_arch {
	KMR_ARCH_I386,
	KMR_ARCH_X86_64,
	KMR_ARCH_ARM64,
	KMR_ARCH_ALPHA,
	KMR_NR_ARCHES,
};

/* As --machine and machine files have them; NULL ends them. */
extern const char *const kmr_arch_names[KMR_NR_ARCHES + 1];

enum kmr_memory_type {
	KMR_MEMORY_RAM,
	KMR_MEMORY_HOTPLUG, /* a slot that is empty at boot */
};

/* Bytes; end exclusive. */
struct kmr_spec_range {
	uint64_t start, end;
	uint16_t node;
	uint8_t type; /* memory: enum kmr_memory_type */
	bool removable; /* memory: the firmware says that it can be taken out */
	bool init; /* reserved: freed when boot is over */
	char what[31]; /* reserved: as /proc/iomem names it */
	const struct kmr_yaml_node
		*at; /* where it was said, while that is in memory; NULL: nowhere */
};

/* An allocation at boot that no rule has. */
struct kmr_spec_early {
	char what[31];
	uint64_t size, align; /* bytes */
	uint64_t below; /* bytes; 0: as high as there is mapped memory */
	uint16_t node; /* KMR_ANY_NODE */
	const struct kmr_yaml_node *at;
};

struct kmr_spec_cma {
	char name[32];
	uint64_t size, base; /* bytes; base 0: the kernel chooses */
	uint64_t limit; /* base is the least, this the most; 0: at base or nowhere */
	const struct kmr_yaml_node *at; /* NULL: on the command line */
};

struct kmr_spec_boot {
	uint64_t mem; /* bytes; 0: not said */
	/* bytes, or in units of 10^-9 of all memory; 0: not said */
	uint64_t kernelcore, kernelcore_share;
	uint64_t movablecore, movablecore_share;
	bool movable_node;
	struct kmr_spec_cma cma[KMR_MAX_CMA];
	unsigned int nr_cma;
	uint64_t huge_pages[KMR_MAX_NODES];
	uint64_t huge_pages_any; /* spread over the nodes */
	uint64_t huge_page_size; /* bytes; 0: the architecture's usual one */
	uint64_t min_free_kbytes; /* 0: not said */
	uint32_t watermark_scale; /* 0: not said */
	bool has_reserve_ratio;
	uint32_t reserve_ratio[KMR_ZONE_NR_TYPES];
	unsigned int zone_order; /* 1: by zone */
	uint64_t vmalloc; /* bytes; 0: not said */
	uint64_t log_buf_len; /* bytes; 0: not said */
	uint64_t swiotlb; /* bytes; 0: none, whatever memory there is; KMR_NOT_SAID: 64 MiB */
	unsigned int command_line; /* bytes of it */
};

/* What a kernel is built with that shows in what boot takes; KMR_NOT_SAID: as its profile. */
struct kmr_spec_build {
	uint64_t percpu_static; /* bytes of a CPU's static per-CPU variables */
	uint64_t brk; /* bytes behind bss that boot has used */
	uint64_t init; /* bytes of __init sections, which end where smp_locks begins */
	uint64_t smp_locks; /* bytes in front of bss, freed before limits are set */
	uint64_t struct_page; /* bytes */
	uint64_t max_cpus; /* i386: CONFIG_NR_CPUS; 0: not said */
	uint64_t dma_bits; /* arm64, alpha: of address that the DMA zone's devices have */
	uint64_t kernel; /* bytes of image and tables together, as the preset's key has it */
};

struct kmr_spec {
	/* the file that it was read from, for messages; NULL, and so every node in here: none is open */
	const struct kmr_yaml *yaml;
	char name[64];
	char description[256];
	unsigned int arch; /* enum kmr_arch */
	unsigned int kernel; /* enum kmr_kernel */
	uint64_t ram; /* bytes in a PC's layout; 0: memory has the ranges */
	uint64_t page_size; /* bytes */
	uint64_t section_size; /* bytes; 0: flat memory; KMR_NOT_SAID: the architecture's */
	uint32_t max_order, pageblock_order; /* UINT32_MAX: the architecture's */
	bool thp, pae;
	bool no_gbpages; /* x86-64: CPUs without pages of 1 GiB */
	unsigned int nr_cpus, nr_nodes;
	bool has_nodes; /* the file lists them */
	uint16_t cpu_node[KMR_MAX_CPUS];
	uint8_t distance[KMR_MAX_NODES][KMR_MAX_NODES];
	bool has_distance; /* else 10 and 20 */
	unsigned int nr_memory, nr_reserved, nr_early;
	struct kmr_spec_range memory[2 * KMR_MAX_RAM_RANGES];
	struct kmr_spec_range reserved[KMR_MAX_RESERVED / 2];
	struct kmr_spec_early early[KMR_SPEC_MAX_EARLY];
	struct kmr_spec_boot boot;
	struct kmr_spec_build build;
};

/* Kernels whose boot is known, oldest first; NULL ends them. */
enum kmr_kernel {
	KMR_KERNEL_6_1,
	KMR_KERNEL_6_12,
	KMR_NR_KERNELS,
};

extern const char *const kmr_kernel_names[KMR_NR_KERNELS + 1];

/* What holds for every machine of @arch when nothing is said. */
void kmr_spec_init(struct kmr_spec *spec, enum kmr_arch arch);

/* Reads a machine file's tree; what it does not say is as kmr_spec_init() has it. */
int kmr_spec_read(struct kmr_spec *spec, const struct kmr_yaml *yaml, struct kmr_error *err);

/* The value of @key, or of @inner in it, or the whole file: what a message points to. */
const struct kmr_yaml_node *kmr_spec_find(const struct kmr_yaml *yaml, const char *key,
					  const char *inner);

/* Fills in what was left open and follows from the rest. */
void kmr_spec_settle(struct kmr_spec *spec);

/* What keys say about one another, in a spec that was settled and whose file is still there. */
int kmr_spec_check(const struct kmr_spec *spec, const struct kmr_yaml *yaml, struct kmr_error *err);

/*
 * The parameters of a kernel command line that a machine has to do with, into @boot; others are
 * passed over, as are values that the kernel would not take.
 */
void kmr_spec_command_line(struct kmr_spec_boot *boot, const char *text);

#endif
