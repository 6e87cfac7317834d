// SPDX-License-Identifier: GPL-2.0-only
/*
 * Permanent mappings of high memory.  A slot's count is 0 when it can be taken, 1 when nobody uses it
 * but TLBs may still know it, else one more than its users.  mm/highmem.c: map_new_virtual(),
 * flush_all_zero_pkmaps(), kmap_high(), kunmap_high().
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ptrmap.h"
#include "vmap/vmap.h"

struct kmr_pkmap {
	struct kmr_address_space space;
	struct kmr_pkmap_stats stats;
	uint32_t *counts;
	kmr_pfn_t *pages; /* by slot, while its count is not 0 */
	struct kmr_ptrmap slots; /* frame to slot + 1 */
	unsigned int last; /* slot taken last: last_pkmap_nr */
	unsigned int used; /* slots with a count above 1 */
	kmr_pfn_t *waiting; /* oldest first */
	size_t nr_waiting, cap_waiting;
};

struct kmr_pkmap *kmr_pkmap_create(const struct kmr_machine *machine, struct kmr_error *err)
{
	struct kmr_pkmap *p = calloc(1, sizeof(*p));

	if (!p) {
		(void)kmr_fail_nomem(err, "permanent mappings");
		return NULL;
	}
	if (kmr_address_space(machine, &p->space, err)) {
		kmr_pkmap_destroy(p);
		return NULL;
	}
	p->counts = calloc(p->space.pkmap_slots + 1, sizeof(*p->counts));
	p->pages = calloc(p->space.pkmap_slots + 1, sizeof(*p->pages));
	if (!p->counts || !p->pages) {
		(void)kmr_fail_nomem(err, "permanent mappings");
		kmr_pkmap_destroy(p);
		return NULL;
	}
	return p;
}

void kmr_pkmap_destroy(struct kmr_pkmap *p)
{
	if (!p)
		return;
	kmr_ptrmap_fini(&p->slots);
	free(p->counts);
	free(p->pages);
	free(p->waiting);
	free(p);
}

static bool is_high(const struct kmr_address_space *as, kmr_pfn_t pfn)
{
	return as->pkmap_slots && pfn >= as->direct_end_pfn;
}

static uint64_t direct_address(const struct kmr_address_space *as, kmr_pfn_t pfn)
{
	return as->direct_start + ((pfn - as->direct_pfn) << as->page_shift);
}

static uint64_t slot_address(const struct kmr_pkmap *p, unsigned int slot)
{
	return p->space.pkmap_start + ((uint64_t)slot << p->space.page_shift);
}

static void flush_unused(struct kmr_pkmap *p)
{
	bool any = false;

	for (unsigned int i = 0; i < p->space.pkmap_slots; i++) {
		if (p->counts[i] != 1)
			continue;
		p->counts[i] = 0;
		(void)kmr_ptrmap_take(&p->slots, p->pages[i]);
		p->stats.flushed_slots++;
		any = true;
	}
	p->stats.flushes += any;
}

/* A slot for a page that has none, with a count of 1; -1: all are in use, or no memory. */
static int new_slot(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	/* from the slot after the last, once round; once more after slots have been made free */
	for (unsigned int left = p->space.pkmap_slots; left; left--) {
		p->last = (p->last + 1) & (p->space.pkmap_slots - 1);
		if (!p->last) {
			p->stats.wraps++;
			flush_unused(p);
			left = p->space.pkmap_slots;
		}
		if (p->counts[p->last])
			continue;
		if (kmr_ptrmap_put(&p->slots, pfn, p->last + 1))
			return -1;
		p->counts[p->last] = 1;
		p->pages[p->last] = pfn;
		return (int)p->last;
	}
	return -1;
}

/* One user more; -1: no slot. */
static int map_high(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	int slot = (int)kmr_ptrmap_get(&p->slots, pfn) - 1;

	if (slot >= 0)
		p->stats.reused++;
	else
		slot = new_slot(p, pfn);
	if (slot < 0)
		return -1;
	p->counts[slot]++;
	p->used += p->counts[slot] == 2;
	if (p->used > p->stats.most_used)
		p->stats.most_used = p->used;
	return slot;
}

static void wait(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	kmr_pfn_t *more = kmr_grow(p->waiting, p->nr_waiting, &p->cap_waiting, sizeof(*more));

	p->stats.waits++;
	/* without memory nobody will remember it: its unmap will be a bad one */
	if (!more)
		return;
	p->waiting = more;
	p->waiting[p->nr_waiting++] = pfn;
	if (p->nr_waiting > p->stats.most_waiting)
		p->stats.most_waiting = p->nr_waiting;
}

uint64_t kmr_pkmap_map(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	int slot;

	if (!is_high(&p->space, pfn)) {
		p->stats.lowmem++;
		return direct_address(&p->space, pfn);
	}
	p->stats.maps++;
	slot = map_high(p, pfn);
	if (slot >= 0)
		return slot_address(p, (unsigned int)slot);
	wait(p, pfn);
	return KMR_NO_ADDR;
}

/* All are woken and try again, in the order in which they came. */
static void wake(struct kmr_pkmap *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->nr_waiting; i++)
		if (map_high(p, p->waiting[i]) < 0)
			p->waiting[kept++] = p->waiting[i];
	p->nr_waiting = kept;
}

static int give_up(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	for (size_t i = 0; i < p->nr_waiting; i++) {
		if (p->waiting[i] != pfn)
			continue;
		p->nr_waiting--;
		memmove(&p->waiting[i], &p->waiting[i + 1],
			(p->nr_waiting - i) * sizeof(*p->waiting));
		p->stats.given_up++;
		return 0;
	}
	return -1;
}

int kmr_pkmap_unmap(struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	uint32_t slot;

	if (!is_high(&p->space, pfn))
		return 0;
	slot = kmr_ptrmap_get(&p->slots, pfn);
	if (!slot || p->counts[slot - 1] < 2) {
		if (!give_up(p, pfn))
			return 0;
		p->stats.bad_unmaps++;
		return -1;
	}
	p->stats.unmaps++;
	/* to 0 it comes with a flush only */
	if (--p->counts[slot - 1] > 1)
		return 0;
	p->used--;
	if (p->nr_waiting)
		wake(p);
	return 0;
}

uint64_t kmr_pkmap_address(const struct kmr_pkmap *p, kmr_pfn_t pfn)
{
	const uint32_t slot = kmr_ptrmap_get(&p->slots, pfn);

	if (!is_high(&p->space, pfn))
		return direct_address(&p->space, pfn);
	return slot ? slot_address(p, slot - 1) : KMR_NO_ADDR;
}

unsigned int kmr_pkmap_slots(const struct kmr_pkmap *p)
{
	return p->space.pkmap_slots;
}

unsigned int kmr_pkmap_used(const struct kmr_pkmap *p)
{
	return p->used;
}

unsigned int kmr_pkmap_waiting(const struct kmr_pkmap *p)
{
	return (unsigned int)p->nr_waiting;
}

const struct kmr_pkmap_stats *kmr_pkmap_stats(const struct kmr_pkmap *p)
{
	return &p->stats;
}

int kmr_pkmap_check(const struct kmr_pkmap *p, struct kmr_error *err)
{
	unsigned int used = 0, mapped = 0;

	for (unsigned int i = 0; i < p->space.pkmap_slots; i++) {
		used += p->counts[i] > 1;
		mapped += p->counts[i] != 0;
		if (p->counts[i] && kmr_ptrmap_get(&p->slots, p->pages[i]) != i + 1)
			return kmr_fail(err,
					"pkmap: slot %u is of frame %" PRIu32
					", which does not know it",
					i, p->pages[i]);
	}
	if (used != p->used || mapped != p->slots.count)
		return kmr_fail(
			err, "pkmap: %u slots are in use and %u mapped, noted are %u and %" PRIu64,
			used, mapped, p->used, p->slots.count);
	if (p->nr_waiting && used != p->space.pkmap_slots)
		return kmr_fail(err, "pkmap: %zu wait and slots are free", p->nr_waiting);
	return 0;
}
