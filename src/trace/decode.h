/* SPDX-License-Identifier: GPL-2.0-only */
/* An event's name and fields, as text, into the event struct. */
#ifndef KMR_TRACE_DECODE_H
#define KMR_TRACE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strtab.h"
#include "kmreplay/event.h"
#include "trace/gfp_cache.h"

/* What fields and events a trace has tells how old its kernel is (hint.c). */
enum {
	SEEN_VMAP = 1u << 0,
	SEEN_ALLOC_NODE = 1u << 1, /* node= */
	SEEN_ACCOUNTED = 1u << 2,
	SEEN_PFN_HEX = 1u << 3,
	SEEN_PFN_DEC = 1u << 4,
	SEEN_CACHE_NAME = 1u << 5,
	SEEN_NODE_EVENTS = 1u << 6, /* kmalloc_node, kmem_cache_alloc_node */
	SEEN_OLD_FREE = 1u << 7, /* mm_page_free_direct, mm_pagevec_free */
	SEEN_OLD_MOBILITY = 1u << 8, /* movable pages of migratetype 2 */
	SEEN_BATCHED_FREE = 1u << 9,
};

/* How many GFP masks that are numbers to keep for a guess at the version. */
#define GFP_NUMBERS 64

/* How pointers were printed. */
struct pointer_stats {
	uint64_t shown; /* neither null nor a small number */
	uint64_t strange; /* no address of direct-map memory or of a struct page */
	unsigned int bits; /* 32, 64; 0 before the first */
};

/* Ranges that areas were asked for in: a kernel has a handful. */
#define MAX_RANGES 16

struct decoder {
	struct kmr_strtab sites;
	struct kmr_strtab caches;
	struct gfp_cache gfp;
	struct pointer_stats pointers;
	uint64_t gfp_numbers[GFP_NUMBERS];
	unsigned int nr_gfp_numbers;
	uint64_t ranges[MAX_RANGES][2]; /* start, end */
	uint32_t nr_ranges;
	uint32_t seen; /* SEEN_* */
	bool has_gfp;
	bool old_mobility; /* before 4.4: 1 is reclaimable, 2 movable */
	bool nomem; /* a string could not be kept */
};

/* Returns -1 when out of memory. */
int decoder_init(struct decoder *d, unsigned int version);
void decoder_fini(struct decoder *d);

/* The range that events know as @id, from 1; false: there is none. */
bool decoder_range(const struct decoder *d, uint32_t id, uint64_t *start, uint64_t *end);

/* KMR_EV_NONE: not an event of ours.  What the name tells of the kernel goes to *seen. */
enum kmr_event_type decode_type(const char *name, size_t len, uint32_t *seen);

/*
 * Fills in @ev, whose type is set and which is otherwise zero but for what the prefix told, from
 * the fields at @args.  Returns NULL, or what is wrong with them.
 */
const char *decode_fields(struct decoder *d, const char *args, struct kmr_event *ev);

/* For readers that have numbers and not text.  A trace's migrate type as an event has it. */
uint8_t decode_migratetype(const struct decoder *d, int64_t value);

/* "DMA", "Normal" and so on, by number; @zone is one of them. */
const char *decode_zone_name(uint32_t zone);

/* What VMAP_ALLOC asks for; false: no kernel would. */
bool decode_area_size(struct kmr_event *ev, uint64_t bytes);
bool decode_area_align(struct kmr_event *ev, uint64_t align);
void decode_area_range(struct decoder *d, struct kmr_event *ev, uint64_t start, uint64_t end);

#endif
