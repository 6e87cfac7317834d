/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated machine: nodes, zones, CPUs, and the limits that the kernel derives from their
 * sizes.  It is a description, plain data without behaviour; a page backend is created from it.
 * It comes from a preset and a RAM size, a directory of /proc dumps, or an exact snapshot.
 */
#ifndef KMREPLAY_MACHINE_H
#define KMREPLAY_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kmreplay/error.h"

struct kmr_snapshot;

#define KMR_MAX_NODES	   64
#define KMR_MAX_ZONES	   (KMR_MAX_NODES * 3) /* populated ones */
#define KMR_MAX_CPUS	   1024
#define KMR_MAX_ORDERS	   16
#define KMR_MAX_RAM_RANGES 128
#define KMR_MAX_RESERVED   512
#define KMR_MAX_CMA	   16

/* Zone types in the kernel's order (enum zone_type); a machine has those in its zone_types. */
enum kmr_zone_type {
	KMR_ZONE_DMA,
	KMR_ZONE_DMA32,
	KMR_ZONE_NORMAL,
	KMR_ZONE_HIGHMEM,
	KMR_ZONE_MOVABLE,
	KMR_ZONE_NR_TYPES,
};

/* "DMA", "DMA32", "Normal", "HighMem", "Movable", as /proc/zoneinfo has them. */
const char *kmr_zone_name(enum kmr_zone_type type);
/* KMR_ZONE_NR_TYPES when there is none of that name. */
enum kmr_zone_type kmr_zone_by_name(const char *name);

struct kmr_zone_spec {
	uint16_t node;
	uint8_t type; /* enum kmr_zone_type */
	/* sizes in pages */
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t present;
	uint64_t managed;
	/*
	 * Of the managed pages those that boot freed after it had computed the limits below (the
	 * kernel's __init sections); 0 when not known.
	 */
	uint64_t init_pages;
	uint64_t wmark_min, wmark_low, wmark_high; /* without boost */
	uint64_t boost;
	/*
	 * lowmem_reserve by the highest zone type a request allows; pages.  Types that the kernel
	 * lacks hold the value of the next lower type that it has, 0 when there is none.
	 */
	uint64_t reserve[KMR_ZONE_NR_TYPES];
	/* per-CPU lists, the same for every CPU when the kernel set them up; pages */
	uint32_t pcp_high;
	uint32_t pcp_high_max; /* what high may grow to since 6.7; 0: not known, or does not grow */
	uint32_t pcp_batch;
	uint32_t stat_threshold; /* vm stats threshold: how far a CPU's count may lag, pages */
};

/* Memory that the firmware gives to the kernel; whole pages, end exclusive. */
struct kmr_ram_range {
	uint64_t start_pfn, end_pfn;
};

/* Memory that boot does not hand to the page allocator, or later than the rest. */
enum kmr_reserved_kind {
	KMR_RESERVED_KEPT, /* for good */
	KMR_RESERVED_INIT, /* __init sections and initrd: freed when boot is over */
	KMR_RESERVED_CMA, /* an area's: given to the buddy lists as MIGRATE_CMA */
	KMR_RESERVED_HUGE, /* the pool of huge pages that was asked for at boot */
};

/* Of what boot frees, this is free before limits are set: its init pages are the others. */
#define KMR_RESERVED_SMP_LOCKS "SMP locks"

struct kmr_reserved_range {
	uint64_t start_pfn, end_pfn; /* end exclusive */
	uint8_t kind; /* enum kmr_reserved_kind */
	char what[31]; /* "Kernel code", "mem_map", … */
};

/* A contiguous area that movable pages may borrow until somebody wants it whole. */
struct kmr_cma_area {
	char name[32];
	uint64_t start_pfn, pages;
	uint8_t order_per_bit; /* smallest unit handed out: 2^this pages */
};

struct kmr_machine {
	char name[64]; /* what was asked for: "i386:ram=1280M", a path, a machine file's name */
	char arch[16]; /* "i386", "x86_64", "arm64", "alpha" */
	char kernel[8]; /* "6.1": whose boot was followed; "": none was */
	unsigned int page_shift; /* 12 */
	unsigned int struct_page; /* sizeof(struct page), bytes; 0: what the architecture has */
	unsigned int nr_orders; /* 11: orders 0 to 10 (MAX_ORDER before 6.4) */
	unsigned int pageblock_order;
	uint64_t vmalloc_bytes; /* i386: the boot parameter vmalloc=; 0: not given, 128 MiB */
	bool pae; /* i386: three levels of page tables with entries of 64 bits */
	/*
	 * Built with transparent huge pages: there are per-CPU lists for them, and machines of
	 * 512 MiB and more have them on, which raises min_free_kbytes.
	 */
	bool thp;
	bool has_type[KMR_ZONE_NR_TYPES]; /* zone types the kernel was built with */
	uint64_t ram_pages; /* as asked for, or the sum of present pages */
	uint64_t min_free_kbytes;
	/*
	 * What was written to /proc/sys/vm after boot: min_free_kbytes and watermark_scale_factor
	 * (of 10000), 0: nothing; lowmem_reserve_ratio by zone type, of which has_reserve_ratio
	 * tells whether it was written.
	 */
	uint64_t user_min_free_kbytes;
	uint32_t user_watermark_scale;
	uint32_t reserve_ratio[KMR_ZONE_NR_TYPES];
	bool has_reserve_ratio;
	/*
	 * Zonelists go by zone type first, then by node, as before 4.14 numa_zonelist_order=zone
	 * had them; false: by node first, as every later kernel does.
	 */
	bool zone_order;
	/*
	 * Zonelists have been built again since boot, as hot-plug does when a zone or node gets its
	 * first memory: among equally distant nodes those without CPUs now come first.
	 */
	bool zonelists_rebuilt;
	unsigned int nr_nodes;
	unsigned int nr_cpus;
	unsigned int build_cpus; /* i386: CONFIG_NR_CPUS, which moves high memory; 0: not known */
	uint16_t cpu_node[KMR_MAX_CPUS];
	uint8_t distance[KMR_MAX_NODES][KMR_MAX_NODES]; /* 10 on the diagonal */
	unsigned int nr_zones; /* populated zones, by node, then type */
	struct kmr_zone_spec zones[KMR_MAX_ZONES];
	unsigned int nr_ram; /* ascending; 0: not known beyond the zones' spans */
	struct kmr_ram_range ram[KMR_MAX_RAM_RANGES];
	/* what of ram boot keeps, ascending, none overlapping; 0: only its amount is known */
	unsigned int nr_reserved;
	struct kmr_reserved_range reserved[KMR_MAX_RESERVED];
	unsigned int nr_cma;
	struct kmr_cma_area cma[KMR_MAX_CMA];
	/*
	 * Memory blocks that can be brought online later; no part of ram, nor of any zone yet.
	 * With any of it, a node's zones are there even while they are empty.
	 */
	unsigned int nr_hotplug;
	struct kmr_ram_range hotplug[KMR_MAX_RAM_RANGES];
	uint64_t section_pages; /* of a sparse section, the unit of hot-plug; 0: flat memory */
	uint64_t huge_pages[KMR_MAX_NODES]; /* of pageblock size: the pool taken at boot */
	unsigned int huge_order; /* of one of them; 0: none */
};

/*
 * Makes a machine from "i386", "i386:ram=1280M", "x86_64:ram=6G,nodes=2,cpus=4", with the
 * kernel's own formulae.  Further keys: thp=on|off, version= (the kernel whose boot is followed),
 * pageblock=ORDER, and kernel=BYTES: what the kernel's image and boot keep for good, __init
 * sections not counted, beyond what follows from the machine's size (mem_map, hash tables,
 * swiotlb) and its number of CPUs and nodes.  Errors name the key and what it takes.
 */
int kmr_machine_preset(struct kmr_machine *m, const char *spec, struct kmr_error *err);

/*
 * Makes a machine from a directory with a dump of /proc/zoneinfo (zoneinfo, zoneinfo.before,
 * .after) and, if there, iomem, distance, cpuinfo.
 */
int kmr_machine_from_proc(struct kmr_machine *m, const char *dir, struct kmr_error *err);

/* What a machine can be named by. */
enum kmr_machine_kind {
	KMR_MACHINE_PRESET, /* "i386:ram=1280M" */
	KMR_MACHINE_PROC, /* a directory of /proc dumps */
	KMR_MACHINE_SNAPSHOT, /* a file in kmsnap format */
	KMR_MACHINE_YAML, /* a file called *.yaml or *.yml, or whose first key is "machine" */
};

/*
 * By what there is of that name: a directory, a file, which is one of the two by how it begins, or
 * neither, which makes it a preset.
 */
enum kmr_machine_kind kmr_machine_kind(const char *what);

/*
 * Makes a machine from any of these.  @snap takes all of a snapshot, if @what is one; it is
 * zeroed before, and kmr_snapshot_free() is the caller's in either case.  @from gets what the
 * machine was made from, "preset i386:ram=1280M", cut at @size.  Either can be NULL.
 */
int kmr_machine_open(struct kmr_machine *m, const char *what, struct kmr_snapshot *snap, char *from,
		     size_t size, struct kmr_error *err);

/*
 * Makes a machine from a description in YAML (schemas/machine.schema.json, kmreplay-machine in the
 * manual), and boots it: zones, what boot keeps and where, limits.  Errors say file, line, column,
 * key, and what would do.
 */
int kmr_machine_from_yaml(struct kmr_machine *m, const char *path, struct kmr_error *err);

/* The same of @len bytes at @text, called @name in messages; @text is not kept. */
int kmr_machine_parse_yaml(struct kmr_machine *m, const char *name, const char *text, size_t len,
			   struct kmr_error *err);

/*
 * Writes a description in YAML of the machine whose /proc dumps are in @dir or its subdirectory
 * "state": iomem, and if there zoneinfo, which tells nodes apart, distance, cpuinfo, cmdline,
 * uname, config, meminfo.  -1 as well when @f can't be written.
 */
int kmr_machine_write_yaml(FILE *f, const char *dir, struct kmr_error *err);

/*
 * Fills in, from zones' managed and present sizes, what the kernel computes from them:
 * min_free_kbytes, watermarks, lowmem reserves, per-CPU high and batch, stat threshold.
 * (mm/page_alloc.c: calculate_min_free_kbytes(), __setup_per_zone_wmarks(),
 * setup_per_zone_lowmem_reserve(), zone_batchsize(), zone_highsize(); mm/khugepaged.c:
 * set_recommended_min_free_kbytes(); mm/vmstat.c: calculate_normal_threshold())
 */
void kmr_machine_set_limits(struct kmr_machine *m);

/*
 * Pages that one CPU's lists of a zone whose pcp_batch is set may grow to since 6.7; @managed, in
 * pages, as it was when the kernel computed it.  (mm/page_alloc.c: zone_highsize())
 */
uint32_t kmr_machine_pcp_high_max(const struct kmr_machine *m, const struct kmr_zone_spec *z,
				  uint64_t managed);

/*
 * The same when memory has come or gone while the kernel runs, with all of it counted as managed
 * (init_per_zone_wmark_min() in mm/page_alloc.c); @thp_on: what kmr_machine_thp_on() said at boot.
 */
void kmr_machine_update_limits(struct kmr_machine *m, bool thp_on);
/* Transparent huge pages are on: built in, and enough memory at boot (hugepage_init()). */
bool kmr_machine_thp_on(const struct kmr_machine *m);

/* The presets, for `kmreplay list`: i from 0; false past the last. */
bool kmr_machine_preset_info(unsigned int i, const char **name, const char **description);

/* Its frames are mapped only when they are used: HighMem, and Movable where it is made of that. */
bool kmr_zone_is_highmem(const struct kmr_machine *m, const struct kmr_zone_spec *z);

/* One past the last frame of any zone: of what is online. */
uint64_t kmr_machine_online_end_pfn(const struct kmr_machine *m);

/* One past the last frame of any zone, and of what may come to one. */
uint64_t kmr_machine_end_pfn(const struct kmr_machine *m);

/* The populated zone that holds @pfn, as an index into zones; -1: none. */
int kmr_machine_zone_of(const struct kmr_machine *m, uint64_t pfn);

/*
 * The nodes with memory in the order in which requests that start at @node fall back on them, as
 * the kernel prints it at boot ("Fallback order for Node 0: 0 1").  Writes at most KMR_MAX_NODES
 * node ids; returns how many, 0 when there is no such node.  (mm/page_alloc.c: build_zonelists(),
 * find_next_best_node())
 */
unsigned int kmr_machine_node_order(const struct kmr_machine *m, unsigned int node,
				    unsigned int *order);

/*
 * The order in which a request that starts at @node and allows zone types up to @highest looks at
 * zones: by node distance (the kernel's node order), then from the highest type down, or the other
 * way around with zone_order.  Zones without memory are not in it.  Writes zone indices, returns
 * how many (at most KMR_MAX_ZONES).  (mm/page_alloc.c: build_zonelists())
 */
unsigned int kmr_machine_zonelist(const struct kmr_machine *m, unsigned int node,
				  enum kmr_zone_type highest, uint16_t *zones);

#endif
