/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many free blocks a kernel counted: dumps of /proc/buddyinfo and /proc/pagetypeinfo, and the
 * per-CPU counts of /proc/zoneinfo.  Counts only, by zones of a machine; for the start state
 * "proc" and for comparing a replay's end with the kernel's.
 */
#ifndef KMREPLAY_PROCINFO_H
#define KMREPLAY_PROCINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/machine.h"

struct kmr_procinfo_zone {
	uint64_t nr_free[KMR_MAX_ORDERS]; /* blocks; buddyinfo */
	/* pagetypeinfo; the kernel stops at 100000 blocks a list, "capped" then */
	uint64_t nr_free_type[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES];
	bool capped[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES];
	uint64_t pageblocks[KMR_MIGRATE_TYPES];
	/* zoneinfo, if it is there; pages */
	uint64_t free_pages;
	uint64_t pcp_pages; /* all CPUs */
	/* on LRU lists: inactive and active anonymous, inactive and active file */
	uint64_t lru[4];
	uint32_t nr_cpus;
	uint32_t pcp_count[KMR_MAX_CPUS];
};

struct kmr_procinfo {
	bool has_types; /* there was a pagetypeinfo */
	bool has_zoneinfo;
	unsigned int nr_orders; /* columns of buddyinfo */
	unsigned int nr_zones; /* as the machine's */
	struct kmr_procinfo_zone *zones;
};

/*
 * Reads buddyinfo, pagetypeinfo and zoneinfo, each with @suffix ("", ".before", ".after"), from
 * @dir or its subdirectory "state".  A missing buddyinfo is an error, as is a zone of @m that it
 * lacks or one with memory that @m lacks.  Free with kmr_procinfo_free() in either case.
 */
int kmr_procinfo_read(struct kmr_procinfo *info, const struct kmr_machine *m, const char *dir,
		      const char *suffix, struct kmr_error *err);

void kmr_procinfo_free(struct kmr_procinfo *info);

#endif
