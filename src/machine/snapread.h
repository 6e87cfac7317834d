/* SPDX-License-Identifier: GPL-2.0-only */
/* The snapshot reader's state, shared by the files that read its records. */
#ifndef KMR_MACHINE_SNAPREAD_H
#define KMR_MACHINE_SNAPREAD_H

#include <stdint.h>

#include "kmreplay/snapshot.h"
#include "machine/internal.h"

#define KMR_SNAP_MAX_RESERVES 8

/* What is kept of a zone until all records are in. */
struct kmr_snapread_zone {
	uint64_t reserve[KMR_SNAP_MAX_RESERVES];
	unsigned int nr_reserves;
	/* lists seen: a bit for each migratetype, by order */
	uint8_t lists[KMR_MAX_ORDERS];
	/* a bit for each frame from start_pfn: on a list, or a slab's; from the pb record on */
	uint64_t *taken;
	unsigned int nr_pcps;
};

/* Of each pcp record: what its lists add up to. */
struct kmr_snapread_pcp {
	uint64_t line;
	uint64_t pages;
	uint32_t lists; /* seen: a bit for each index */
};

struct kmr_snapread {
	const char *path;
	uint64_t line;
	struct kmr_snapshot *snap;
	unsigned int nr_types; /* migratetypes of the kernel */
	bool huge_lists;
	struct kmr_snapread_zone zones[KMR_MAX_ZONES];
	struct kmr_snapread_pcp *pcps; /* as snap->pcps */
	size_t cap_pcps;
	uint64_t last_slab; /* pfn after the last slab page */
	size_t last_cache; /* found by the last record */
	uint32_t plain_flags, reclaim_flags, account_flags; /* of kmalloc's caches, raw */
};

/* An error at the current line; the text up to @found was understood. */
int kmr_snapread_bad(const struct kmr_snapread *r, const char *what, const char *found,
		     struct kmr_error *err);

/* A blank and a number of at most @max. */
int kmr_snapread_number(const struct kmr_snapread *r, const char **p, const char *what,
			uint64_t max, uint64_t *value, struct kmr_error *err);

/* A blank and a word into @buf. */
int kmr_snapread_word(const struct kmr_snapread *r, const char **p, const char *what, char *buf,
		      size_t size, struct kmr_error *err);

/* A field of a record that goes by its name; one of the two is where its number goes. */
struct kmr_snapread_field {
	const char *name;
	uint64_t *u64;
	uint32_t *u32;
};

/*
 * " NAME NUMBER" up to the end of the line, in any order; @what says what the numbers are, none
 * above @max, which fits every field.  Names that are not in @fields, whose last has none, are
 * passed over: later kernels add some.  Returns a bit for each field seen, or -1.
 */
int kmr_snapread_fields(const struct kmr_snapread *r, const char *p, const char *what, uint64_t max,
			const struct kmr_snapread_field *fields, struct kmr_error *err);

/* " NODE NAME" of a zone that a zone record has named: its index, or -1. */
int kmr_snapread_zone(const struct kmr_snapread *r, const char **p, struct kmr_error *err);

/* The records; @p is behind the record's name. */
int kmr_snapread_pb(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_pcp(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_stat(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_pcplist(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_free(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_slabpage(struct kmr_snapread *r, const char *p, struct kmr_error *err);

/* The records of object allocators. */
int kmr_snapread_cache(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_cpuslab(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_cpupartial(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_partial(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_ac(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_node(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_slab(struct kmr_snapread *r, const char *p, struct kmr_error *err);
int kmr_snapread_slob(struct kmr_snapread *r, const char *p, struct kmr_error *err);
/* The cache of that name, from the last one found on; KMR_SNAP_NO_CACHE: none. */
uint16_t kmr_snapread_find_cache(struct kmr_snapread *r, const char *name);
/* Every slab that a record names is a slab page of its cache; every free object lies in it. */
int kmr_snapread_check_objects(const struct kmr_snapread *r, struct kmr_error *err);

/* Checks across records, once all are read. */
int kmr_snapread_check(const struct kmr_snapread *r, struct kmr_error *err);

#endif
