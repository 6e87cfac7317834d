/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traced pointer → simulated object, with what is to be known when it is freed.  An entry has 20
 * bytes, in a table that is at most 17/20 full and grows by a seventh: so an object costs 24 to 27
 * bytes, and finding one a cache line or two.
 *
 * Of a pointer 48 bits are kept, which tell kernel addresses apart.  Addresses of objects are kept
 * in steps of 4 bytes, times in 40 bits, in steps of 1.024 us: those of 13 days.
 */
#ifndef KMREPLAY_REPLAY_OBJMAP_H
#define KMREPLAY_REPLAY_OBJMAP_H

#include <stdint.h>

#include "kmreplay/object.h"

#define KMR_OBJMAP_SPAN	   (UINT64_C(1) << 50) /* ns */
#define KMR_OBJMAP_ORIGINS ((1u << 22) - 1)
#define KMR_OBJMAP_FAILED  KMR_NO_OBJ /* the simulation could not serve it */
#define KMR_OBJMAP_OLDER   UINT64_MAX /* a time: it was in use at the start */

struct kmr_live_object {
	uint64_t ptr;
	kmr_obj_t obj; /* below 4 TiB */
	uint64_t time; /* ns, modulo KMR_OBJMAP_SPAN when it was kept; KMR_OBJMAP_OLDER */
	uint32_t origin; /* the caller's number, below KMR_OBJMAP_ORIGINS */
	uint16_t cpu; /* below 1024 */
};

struct kmr_objmap {
	uint32_t *words; /* five an entry */
	uint64_t nr, count;
	/* where the pointer that was looked for last and not found would go; 0: it was found */
	uint64_t missed_ptr, missed_at;
};

void kmr_objmap_free(struct kmr_objmap *map);

/* Adds an object whose pointer is not in the map.  -1: no memory. */
int kmr_objmap_add(struct kmr_objmap *map, const struct kmr_live_object *o);

/* Takes an object out; 0 when there is none at that pointer. */
int kmr_objmap_take(struct kmr_objmap *map, uint64_t ptr, struct kmr_live_object *o);

/* The pointer is looked for a few events on: a miss takes longer than all else that an event takes. */
void kmr_objmap_prefetch(const struct kmr_objmap *map, uint64_t ptr);

/*
 * How long it is from @since, as the map kept it, to @now, ns: up to 1.023 us too long, and right as
 * long as it is less than half of KMR_OBJMAP_SPAN.  0 when it is the other way round.
 */
static inline uint64_t kmr_objmap_age(uint64_t now, uint64_t since)
{
	const uint64_t age = (now - since) & (KMR_OBJMAP_SPAN - 1);

	return age < KMR_OBJMAP_SPAN / 2 ? age : 0;
}

/* Looks without taking; 0 when there is none. */
int kmr_objmap_peek(const struct kmr_objmap *map, uint64_t ptr, struct kmr_live_object *o);

/* Every object, in the order of the table; stops when @fn returns non-zero. */
void kmr_objmap_each(const struct kmr_objmap *map,
		     int (*fn)(void *ctx, const struct kmr_live_object *o), void *ctx);

#endif
