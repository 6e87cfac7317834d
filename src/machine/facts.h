/* SPDX-License-Identifier: GPL-2.0-only */
/* What the /proc files of a machine tell of it, for its description in YAML. */
#ifndef KMR_MACHINE_FACTS_H
#define KMR_MACHINE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/spec.h"

#define KMR_MAX_COMMAND_LINE 4096

/* A line of /proc/iomem; bytes, last inclusive. */
struct kmr_iomem_range {
	uint64_t start, last;
	bool inside; /* another one */
	char what[32];
};

struct kmr_facts {
	char name[64];
	char release[64]; /* "6.1.192"; "": not known */
	enum kmr_arch arch;
	enum kmr_kernel kernel; /* the nearest whose boot is known */
	unsigned int nr_cpus, nr_nodes;
	int pageblock_order; /* -1: not known */
	bool thp, pae, no_gbpages;
	bool no_cma, no_hugetlb; /* the kernel is built without: its parameters do nothing */
	unsigned int max_cpus; /* CONFIG_NR_CPUS; 0: not known */
	bool has_node[KMR_MAX_NODES]; /* it has memory, from this frame on */
	uint64_t node_pfn[KMR_MAX_NODES];
	bool has_distance;
	uint8_t distance[KMR_MAX_NODES][KMR_MAX_NODES];
	unsigned int nr_ranges;
	struct kmr_iomem_range ranges[KMR_MAX_RESERVED];
	char command_line[KMR_MAX_COMMAND_LINE]; /* "": not known */
};

/* Reads what there is in @dir or its subdirectory "state"; without iomem it fails. */
int kmr_facts_read(struct kmr_facts *f, const char *dir, struct kmr_error *err);

#endif
