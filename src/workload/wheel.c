// SPDX-License-Identifier: GPL-2.0-only
#include "workload/wheel.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* A slot with at most as many goes to the queue at once. */
#define FEW (LOAD_WHEEL_NEAR / 2)

int load_wheel_init(struct load_wheel *w)
{
	memset(w, 0, sizeof(*w));
	w->chunks = kmr_grow(NULL, 0, &w->cap_chunks, sizeof(*w->chunks));
	w->nr_chunks = 1;
	return w->chunks ? 0 : -1;
}

void load_wheel_free(struct load_wheel *w)
{
	free(w->chunks);
	w->chunks = NULL;
}

static uint32_t get_chunk(struct load_wheel *w)
{
	struct load_chunk *chunks;
	uint32_t c = w->free;

	if (c) {
		w->free = w->chunks[c].next;
	} else {
		if (w->nr_chunks > UINT32_MAX)
			return 0;
		chunks = kmr_grow(w->chunks, w->nr_chunks, &w->cap_chunks, sizeof(*chunks));
		if (!chunks)
			return 0;
		w->chunks = chunks;
		c = (uint32_t)w->nr_chunks++;
	}
	w->chunks[c].next = 0;
	return c;
}

static void put_chunk(struct load_wheel *w, uint32_t c)
{
	w->chunks[c].next = w->free;
	w->free = c;
}

static unsigned int level_of(const struct load_wheel *w, uint64_t time)
{
	const uint64_t differs = time ^ w->base;

	return differs ? (63u - (unsigned int)__builtin_clzll(differs)) / LOAD_WHEEL_BITS : 0;
}

static unsigned int digit(uint64_t time, unsigned int level)
{
	return (unsigned int)(time >> (LOAD_WHEEL_BITS * level)) & (LOAD_WHEEL_SLOTS - 1);
}

static int append_chunk(struct load_wheel *w, struct load_slot *slot)
{
	const uint32_t c = get_chunk(w);

	if (!c)
		return -1;
	if (slot->nr)
		w->chunks[slot->last].next = c;
	else
		slot->first = c;
	slot->last = c;
	return 0;
}

/* Nothing is read from the chunk, so that the item is on its way while that is fetched. */
static int add_to_slot(struct load_wheel *w, const struct load_live *item)
{
	const unsigned int level = level_of(w, item->time);
	const unsigned int d = digit(item->time, level);
	struct load_slot *slot = &w->slots[level][d];
	const uint32_t at = slot->nr % LOAD_WHEEL_ITEMS;

	if (!at && append_chunk(w, slot))
		return -1;
	w->used[level] |= UINT64_C(1) << d;
	w->levels |= 1u << level;
	w->chunks[slot->last].items[at] = *item;
	slot->nr++;
	return 0;
}

/* Behind those of the same time. */
static void add_to_near(struct load_wheel *w, const struct load_live *item)
{
	struct load_live *first = &w->near[w->near_first];
	uint32_t at = w->near_nr;

	while (at && first[at - 1].time > item->time) {
		first[at] = first[at - 1];
		at--;
	}
	first[at] = *item;
	w->near_nr++;
}

/* The queue is full: what it has goes back to slots, finer ones than that which it came from. */
static int spill(struct load_wheel *w)
{
	const uint32_t end = w->near_first + w->near_nr;

	w->near_end = w->base;
	for (uint32_t i = w->near_first; i < end; i++)
		if (add_to_slot(w, &w->near[i]))
			return -1;
	w->near_nr = 0;
	return 0;
}

int load_wheel_add(struct load_wheel *w, const struct load_live *item)
{
	w->count++;
	if (item->time >= w->near_end)
		return add_to_slot(w, item);
	if (w->near_nr == LOAD_WHEEL_NEAR) {
		if (spill(w))
			return -1;
		return add_to_slot(w, item);
	}
	if (w->near_first + w->near_nr == 2 * LOAD_WHEEL_NEAR) {
		memmove(w->near, &w->near[w->near_first], w->near_nr * sizeof(*w->near));
		w->near_first = 0;
	}
	add_to_near(w, item);
	return 0;
}

/* Empties a slot; its chunks are the caller's. */
static struct load_slot take_slot(struct load_wheel *w, unsigned int level, unsigned int d)
{
	const struct load_slot slot = w->slots[level][d];

	memset(&w->slots[level][d], 0, sizeof(slot));
	w->used[level] &= ~(UINT64_C(1) << d);
	if (!w->used[level])
		w->levels &= ~(1u << level);
	return slot;
}

static uint32_t items_of(uint32_t left)
{
	return left < LOAD_WHEEL_ITEMS ? left : LOAD_WHEEL_ITEMS;
}

static void slot_to_near(struct load_wheel *w, const struct load_slot *slot)
{
	uint32_t c = slot->first;

	for (uint32_t left = slot->nr, nr; left; left -= nr) {
		const struct load_chunk *chunk = &w->chunks[c];
		const uint32_t next = chunk->next;

		nr = items_of(left);
		for (uint32_t i = 0; i < nr; i++)
			add_to_near(w, &chunk->items[i]);
		put_chunk(w, c);
		c = next;
	}
}

static void prefetch(const struct load_chunk *chunk)
{
	for (size_t line = 0; line < sizeof(*chunk); line += 64)
		__builtin_prefetch((const char *)chunk + line);
}

static void slot_to_finer(struct load_wheel *w, const struct load_slot *slot)
{
	uint32_t c = slot->first;

	for (uint32_t left = slot->nr, nr; left; left -= nr) {
		/* adding may move the chunks */
		const struct load_chunk chunk = w->chunks[c];

		prefetch(&w->chunks[chunk.next]);
		nr = items_of(left);
		for (uint32_t i = 0; i < nr; i++)
			if (add_to_slot(w, &chunk.items[i]))
				w->failed = true;
		put_chunk(w, c);
		c = chunk.next;
	}
}

/* All of one time: the first chunk of them. */
static void part_to_near(struct load_wheel *w, unsigned int d)
{
	struct load_slot *slot = &w->slots[0][d];
	const uint32_t c = slot->first;

	memcpy(w->near, w->chunks[c].items, sizeof(w->chunks[c].items));
	w->near_nr = LOAD_WHEEL_ITEMS;
	slot->nr -= LOAD_WHEEL_ITEMS;
	slot->first = w->chunks[c].next;
	put_chunk(w, c);
}

bool load_wheel_turn(struct load_wheel *w, uint64_t until)
{
	w->near_first = 0;
	while (w->levels) {
		const unsigned int level = (unsigned int)__builtin_ctz(w->levels);
		const unsigned int d = (unsigned int)__builtin_ctzll(w->used[level]);
		const unsigned int shift = LOAD_WHEEL_BITS * level;
		const uint64_t below = (UINT64_C(1) << shift) - 1;
		const uint64_t start = ((w->base >> shift) - digit(w->base, level) + d) << shift;
		struct load_slot slot;

		/* the wheel stands still, so that earlier items can still come */
		if (start > until)
			return false;
		w->base = start;
		if (!level && w->slots[0][d].nr > FEW) {
			w->near_end = start;
			part_to_near(w, d);
			return true;
		}
		slot = take_slot(w, level, d);
		if (slot.nr <= FEW) {
			w->near_end = start + below + 1;
			slot_to_near(w, &slot);
			return true;
		}
		w->near_end = start;
		slot_to_finer(w, &slot);
	}
	return false;
}
