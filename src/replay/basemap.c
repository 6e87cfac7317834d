// SPDX-License-Identifier: GPL-2.0-only
#include "replay/basemap.h"

#include <string.h>

#define PAGE_SHIFT 12u
#define CANDIDATES 32u
#define ALIGNMENT  ((UINT64_C(1) << 22) - 1)
#define MIN_VOTES  3u
#define MAX_VOTES  64u
#define MAX_TRIED  (UINT64_C(1) << 20) /* by then chance would give a vote to any address */

/* One vote a frame: the same page and object may meet again and again. */
struct candidate {
	uint64_t base;
	unsigned int votes;
	uint64_t voters[MAX_VOTES];
};

static void vote(struct candidate *c, uint64_t pfn)
{
	for (unsigned int i = 0; i < c->votes; i++)
		if (c->voters[i] == pfn)
			return;
	if (c->votes < MAX_VOTES)
		c->voters[c->votes++] = pfn;
}

/*
 * A place for one more candidate: the last, when all are taken.  Those with votes move up, so that
 * what is right stays.
 */
static void count(struct candidate *c, unsigned int *nr, uint64_t base, uint64_t pfn)
{
	unsigned int i = 0;

	while (i < *nr && c[i].base != base)
		i++;
	if (i == *nr) {
		if (*nr < CANDIDATES)
			(*nr)++;
		else
			i--;
		c[i].base = base;
		c[i].votes = 0;
	}
	vote(&c[i], pfn);
	while (i && c[i - 1].votes < c[i].votes) {
		const struct candidate swap = c[i - 1];

		c[i - 1] = c[i];
		c[i] = swap;
		i--;
	}
}

/* The object lies in the page: in one of its frames, for a block of several. */
static bool candidate_of(const struct kmr_event *page, const struct kmr_event *object,
			 uint64_t *base)
{
	const uint64_t mask = (UINT64_C(1) << (PAGE_SHIFT + page->page.order)) - 1;
	const uint64_t start = object->addr & ~mask;
	const uint64_t physical = page->addr << PAGE_SHIFT;

	if (page->task != object->task || page->addr > UINT64_MAX >> PAGE_SHIFT || start < physical)
		return false;
	*base = start - physical;
	return !(*base & ALIGNMENT);
}

bool kmr_find_base(const struct kmr_tape *t, uint64_t *base)
{
	const struct kmr_event *page = NULL;
	struct candidate c[CANDIDATES];
	unsigned int nr = 0;
	uint64_t tried = 0;

	memset(c, 0, sizeof(c));
	for (uint64_t i = 0; i < t->count && tried < MAX_TRIED; i++) {
		const struct kmr_event *ev = &t->events[i];
		uint64_t b;

		if (ev->type == KMR_EV_PAGE_ALLOC && ev->addr != KMR_EV_NO_PFN) {
			page = ev;
		} else if (page && (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC)) {
			tried++;
			if (candidate_of(page, ev, &b))
				count(c, &nr, b, page->addr);
			page = NULL;
		}
	}
	*base = c[0].base;
	/* by chance one in 2^10 is such a multiple, and one in 2^10 of those a certain one */
	return nr && c[0].votes >= MIN_VOTES && (nr == 1 || c[0].votes >= 3 * c[1].votes);
}
