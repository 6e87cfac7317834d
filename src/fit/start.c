// SPDX-License-Identifier: GPL-2.0-only
#include "fit/start.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define PCP_MAX_ORDER 3u /* PAGE_ALLOC_COSTLY_ORDER: larger blocks are not on per-CPU lists */

/* A block on a per-CPU list, or one that was there at the start and has been freed. */
struct listed {
	uint64_t time; /* of its free, when it was there at the start */
	uint32_t start; /* number of its class, from 1; 0: it was not there, or that is done */
};

void fit_start_init(struct fit_start *start, const struct kmr_machine *machine, uint64_t epoch)
{
	memset(start, 0, sizeof(*start));
	start->machine = machine;
	start->slot = epoch / (FIT_SLOTS / FIT_EPOCHS);
	kmr_pool_init(&start->lists, sizeof(struct listed));
}

void fit_start_fini(struct fit_start *start)
{
	for (size_t i = 0; i < start->nr; i++)
		fit_hist_fini(&start->class[i].dates);
	free(start->class);
	kmr_ptrmap_fini(&start->class_of);
	kmr_ptrmap_fini(&start->listed);
	kmr_pool_fini(&start->lists);
}

void fit_start_reach(struct fit_start *start, uint64_t epoch)
{
	const uint64_t slot = epoch / (FIT_SLOTS / FIT_EPOCHS);

	for (; start->slot < slot; start->slot *= 2)
		for (size_t i = 0; i < start->nr; i++)
			fit_hist_halve(&start->class[i].dates);
}

static uint64_t pack(const struct fit_start_class *like)
{
	return (uint64_t)like->object << 48 | (uint64_t)like->order << 40 |
	       (uint64_t)like->migratetype << 32 | (uint64_t)like->zone << 16 | like->cache;
}

/* The number, from 1, of the class that has what @like has; 0: out of memory. */
static uint32_t find_class(struct fit_start *start, const struct fit_start_class *like)
{
	const uint64_t key = pack(like);
	const uint32_t known = kmr_ptrmap_get(&start->class_of, key);
	struct fit_start_class *class;

	if (known)
		return known;
	class = kmr_grow(start->class, start->nr, &start->cap, sizeof(*class));
	if (!class)
		return 0;
	start->class = class;
	if (kmr_ptrmap_put(&start->class_of, key, (uint32_t)start->nr + 1))
		return 0;
	class[start->nr] = *like;
	return (uint32_t)++start->nr;
}

static int count(struct fit_start *start, const struct fit_start_class *like, uint64_t time)
{
	const uint32_t number = find_class(start, like);

	if (!number)
		return -1;
	start->class[number - 1].count++;
	return fit_hist_put(&start->class[number - 1].dates, (unsigned int)(time / start->slot), 1);
}

int fit_start_object_freed(struct fit_start *start, const struct kmr_event *ev, uint64_t now)
{
	const struct fit_start_class like = { .object = true, .cache = ev->cache };

	if (!ev->cache) {
		start->unknown++;
		return 0;
	}
	start->objects++;
	return count(start, &like, now);
}

static uint16_t zone_of(const struct fit_start *start, uint64_t pfn)
{
	const int zone = start->machine ? kmr_machine_zone_of(start->machine, pfn) : -1;

	return zone < 0 ? FIT_NO_ZONE : (uint16_t)zone;
}

static int put(struct fit_start *start, uint64_t pfn, uint64_t time, uint32_t class)
{
	uint32_t at = kmr_ptrmap_get(&start->listed, pfn);
	struct listed *listed;

	if (!at) {
		at = kmr_pool_get(&start->lists);
		if (!at || kmr_ptrmap_put(&start->listed, pfn, at))
			return -1;
	}
	listed = kmr_pool_at(&start->lists, at);
	if (!listed->start)
		*listed = (struct listed){ time, class };
	return 0;
}

int fit_start_page_listed(struct fit_start *start, const struct kmr_event *ev)
{
	return ev->page.order > PCP_MAX_ORDER ? 0 : put(start, ev->addr, 0, 0);
}

int fit_start_page_freed(struct fit_start *start, const struct kmr_event *ev, uint64_t now)
{
	const struct fit_start_class like = { .order = ev->page.order,
					      .migratetype = KMR_MIGRATE_UNKNOWN,
					      .zone = zone_of(start, ev->addr) };
	uint32_t class;

	if (kmr_ptrmap_get(&start->listed, ev->addr)) {
		start->silent++;
		return 0;
	}
	start->pages++;
	class = find_class(start, &like);
	return class ? put(start, ev->addr, now, class) : -1;
}

/* Counts what was there at the start with those of its mobility. */
static int settle(struct fit_start *start, const struct listed *listed, unsigned int migratetype)
{
	struct fit_start_class like = start->class[listed->start - 1];

	like.migratetype = (uint8_t)migratetype;
	like.count = 0;
	memset(&like.dates, 0, sizeof(like.dates));
	return count(start, &like, listed->time);
}

int fit_start_page_taken(struct fit_start *start, uint64_t pfn, unsigned int migratetype)
{
	const uint32_t at = kmr_ptrmap_take(&start->listed, pfn);
	const struct listed *listed;
	int status = 0;

	if (!at)
		return 0;
	listed = kmr_pool_at(&start->lists, at);
	if (listed->start)
		status = settle(start, listed, migratetype);
	kmr_pool_put(&start->lists, at);
	return status;
}

/* The mobility of most blocks of that order and zone, or of that zone. */
static unsigned int usual(const struct fit_start *start, const struct fit_start_class *like)
{
	uint64_t same[KMR_MIGRATE_TYPES] = { 0 }, most = 0;
	unsigned int found = KMR_MIGRATE_MOVABLE;

	for (size_t i = 0; i < start->nr; i++) {
		const struct fit_start_class *class = &start->class[i];

		if (class->object || class->migratetype >= KMR_MIGRATE_TYPES ||
		    class->zone != like->zone)
			continue;
		/* one of the same order outweighs all others */
		same[class->migratetype] += class->count << (class->order == like->order ? 32 : 0);
	}
	for (unsigned int type = 0; type < KMR_MIGRATE_TYPES; type++)
		if (same[type] > most) {
			most = same[type];
			found = type;
		}
	return found;
}

int fit_start_end(struct fit_start *start)
{
	const size_t nr = start->nr;
	uint8_t *types = malloc(nr + 1);
	int status = types ? 0 : -1;

	for (size_t i = 0; i < nr && types; i++)
		types[i] = (uint8_t)usual(start, &start->class[i]);
	for (uint64_t i = 0; i < start->listed.nr_slots && !status; i++) {
		const uint32_t at = start->listed.slots[i].value;
		const struct listed *listed = at ? kmr_pool_at(&start->lists, at) : NULL;

		if (listed && listed->start)
			status = settle(start, listed, types[listed->start - 1]);
	}
	free(types);
	return status;
}
