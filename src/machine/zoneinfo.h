/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/zoneinfo, zone by zone, as it is printed. */
#ifndef KMR_MACHINE_ZONEINFO_H
#define KMR_MACHINE_ZONEINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"

#define KMR_ZONEINFO_MAX_TYPES 8

struct kmr_zoneinfo_cpu {
	uint64_t count, high, batch, threshold;
};

/* A zone of the file, populated or not. */
struct kmr_zoneinfo_zone {
	unsigned int node;
	char name[16];
	uint64_t line; /* where it begins */
	uint64_t free, min, low, high, boost;
	uint64_t spanned, present, managed, start_pfn;
	uint64_t lru[4]; /* inactive and active anonymous, inactive and active file */
	uint64_t protection[KMR_ZONEINFO_MAX_TYPES];
	unsigned int nr_protection;
	bool promo; /* has the watermark that kernels print from 6.10 on */
	bool has_start_pfn;
	unsigned int nr_cpus;
	struct kmr_zoneinfo_cpu cpus[KMR_MAX_CPUS];
};

/* Calls @zone for each zone of @path, in order; stops when it fails. */
int kmr_zoneinfo_read(const char *path,
		      int (*zone)(void *ctx, const struct kmr_zoneinfo_zone *z,
				  struct kmr_error *err),
		      void *ctx, struct kmr_error *err);

#endif
