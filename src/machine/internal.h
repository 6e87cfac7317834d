/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this room share: small pieces of building and reading a machine. */
#ifndef KMR_MACHINE_INTERNAL_H
#define KMR_MACHINE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/machine.h"

/* Per-CPU lists: three types for each order up to 3, then two for huge pages. */
#define KMR_PCP_COSTLY_ORDER   3
#define KMR_PCP_LOWORDER_LISTS 12
#define KMR_PCP_LISTS	       14

/* An architecture's zone types as its kernels number them. */
#define KMR_ARCH_ZONE_TYPES 4
const enum kmr_zone_type *kmr_arch_zone_types(const char *arch);
bool kmr_arch_has_zone(const char *arch, enum kmr_zone_type type);

/* Sets arch, page_shift, nr_orders, has_type, and the usual pageblock order. */
void kmr_machine_set_arch(struct kmr_machine *m, const char *arch);

/* Fills ->reserve from values that are numbered as @types; see struct kmr_zone_spec. */
void kmr_zone_set_reserve(struct kmr_zone_spec *z, const uint64_t *values,
			  const enum kmr_zone_type *types, unsigned int nr);

/* CPUs spread over the nodes in equal runs, local distance 10, any other 20, as in QEMU. */
void kmr_machine_default_topology(struct kmr_machine *m);

/* How many CPUs share a zone's per-CPU limits: its node's, or all when the node has none. */
unsigned int kmr_machine_split_cpus(const struct kmr_machine *m, unsigned int node);

/* min_free_kbytes from the watermarks it led to, exact to a page. */
uint64_t kmr_machine_guess_min_free(const struct kmr_machine *m);

/*
 * The file @dir/@name, or else @name.before or @name.after there, into @path; -1: none.  With
 * @suffix not NULL only @name with that suffix.
 */
int kmr_dump_path(char *path, size_t size, const char *dir, const char *name, const char *suffix);

/*
 * Takes what the dumps in @dir that belong to any machine tell beyond its zones: distance, iomem,
 * meminfo.  Files that are absent leave the machine as it is.
 */
int kmr_machine_read_dumps(struct kmr_machine *m, const char *dir, struct kmr_error *err);

/* "Node 0, zone   Normal" at *@p: steps over it; -1 when it reads otherwise. */
int kmr_scan_zone_head(const char **p, unsigned int *node, char *name, size_t size);

/* A decimal number at *@p of at most @max, stepped over; -1: none or too large. */
int kmr_scan_u64(const char **p, uint64_t max, uint64_t *value);

/* A hexadecimal number at *@p without 0x, stepped over; -1: none or too large. */
int kmr_scan_hex(const char **p, uint64_t *value);

/* calculate_normal_threshold() in mm/vmstat.c */
uint32_t kmr_machine_stat_threshold(const struct kmr_machine *m, uint64_t managed);

/* Steps over blanks. */
void kmr_skip_blanks(const char **p);

#endif
