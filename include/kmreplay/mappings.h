/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the kernel's address space in a replay: areas, and mappings of single pages. */
#ifndef KMREPLAY_MAPPINGS_H
#define KMREPLAY_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/vmap.h"

/* Counts of events, or as said. */
struct kmr_mapping_stats {
	/* a workload's vmalloc() */
	uint64_t vmallocs, vfrees; /* replayed */
	uint64_t vmalloc_failures;
	uint64_t dropped_frees; /* vfree() of what failed */
	/* a trace's alloc_vmap_area, free_vmap_area_noflush, purge_vmap_area_lazy */
	uint64_t start_areas; /* in use at the start, from vmallocinfo */
	uint64_t traced_areas; /* requests replayed */
	uint64_t same_address; /* of those, that got the address that the traced kernel chose */
	/* the same when after each difference the model goes on from the kernel's choice */
	uint64_t followed_same;
	uint64_t followed_lost; /* differences where the kernel's choice was not to be had there */
	uint64_t area_failures; /* that failed only in the simulation */
	uint64_t known_areas; /* reported again although vmallocinfo had them: left out */
	uint64_t traced_failures; /* that failed in the traced kernel: left out */
	uint64_t area_frees; /* replayed */
	uint64_t traced_purges;
	/* of either */
	uint64_t unknown_frees; /* of what nobody allocated, nor vmallocinfo had */
	uint64_t repeated_allocs; /* of a name or address still in use: freed before */
	uint64_t unknown_pages; /* mappings of frames that the simulation does not have: left out */
	uint64_t live; /* areas in use at the end that the trace or workload allocated */
};

struct kmr_mapping_sample {
	uint64_t time; /* ns */
	uint64_t event; /* events about addresses before it */
	struct kmr_vmap_state space;
	uint32_t pkmap_used, pkmap_waiting; /* slots; who wait for one */
};

struct kmr_mapping_report {
	const char *backend; /* NULL: addresses were not simulated */
	char params[256];
	char start[640]; /* what the areas at the start are from */
	unsigned int version; /* whose rules */
	struct kmr_address_space space;
	uint64_t lazy_max; /* pages */
	struct kmr_mapping_stats stats;
	struct kmr_vmap_work work;
	struct kmr_vmap_state end;
	struct kmr_pkmap_stats pkmap;
	struct kmr_kmap_local_stats kmap_local;
	struct kmr_mapping_sample *samples;
	size_t nr_samples;
};

void kmr_mapping_report_free(struct kmr_mapping_report *report);

#endif
