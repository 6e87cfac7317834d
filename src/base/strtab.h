/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of strings, each stored once and known by a small number in the order of first sight.
 * Traces name a few thousand call sites, tasks and caches millions of times: events carry the
 * number.  Both the count and the bytes are bounded, so that a hostile trace cannot eat memory.
 */
#ifndef KMR_BASE_STRTAB_H
#define KMR_BASE_STRTAB_H

#include <stddef.h>
#include <stdint.h>

struct kmr_strtab_slot {
	uint32_t hash;
	uint32_t id; /* 0: free */
};

struct kmr_strtab_chunk;

struct kmr_strtab {
	struct kmr_strtab_slot *slots; /* open addressing, a power of two */
	uint32_t nr_slots;
	const char **strings; /* by id; 0 is "" */
	uint32_t *lengths;
	uint32_t count; /* ids given out */
	uint32_t capacity;
	uint32_t max_count;
	size_t bytes;
	size_t max_bytes;
	struct kmr_strtab_chunk *chunks; /* strings stay where they are: callers keep pointers */
};

/* Ids run from 1 to @max_count; the strings take at most @max_bytes.  -1: out of memory. */
int kmr_strtab_init(struct kmr_strtab *tab, uint32_t max_count, size_t max_bytes);
void kmr_strtab_fini(struct kmr_strtab *tab);

/* *id is 0 when the string is new and the table is full.  Returns -1 when out of memory. */
int kmr_strtab_intern(struct kmr_strtab *tab, const char *text, size_t len, uint32_t *id);

/* "" for 0 and for ids never given out. */
const char *kmr_strtab_get(const struct kmr_strtab *tab, uint32_t id);

#endif
