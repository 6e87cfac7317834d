/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of addresses, and red-black trees of them.  An area is known by its number in one pool, in
 * which trees and lists link them; 0 is none.
 *
 * Trees are balanced as the kernel's are (lib/rbtree.c), so that they have the same shape: where an
 * aligned request finds its hole can depend on it.
 */
#ifndef KMR_VMAP_AREA_H
#define KMR_VMAP_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pool.h"
#include "kmreplay/object.h"

enum vmap_kind {
	VMAP_FREE, /* a hole, or an area that was freed */
	VMAP_VMALLOC, /* has pages */
	VMAP_MAPPED, /* vmap(): others' pages */
	VMAP_RAM, /* vm_map_ram() of many pages */
	VMAP_BLOCK, /* for small maps of one CPU */
	VMAP_RANGE, /* addresses alone */
};

struct vmap_area {
	uint64_t start, end; /* bytes, end exclusive */
	uint64_t subtree_max; /* bytes of the largest area of its subtree; augmented trees */
	kmr_obj_t object; /* its struct vmap_area */
	kmr_obj_t vm; /* its struct vm_struct */
	/* of the array of pages: an object, or the start of the area that holds it */
	uint64_t array;
	uint32_t left, right, parent; /* in a tree */
	uint32_t prev, next; /* by address in a tree, by turn in a list */
	uint32_t pages; /* VMALLOC: first chunk of its frames; BLOCK: number of the block */
	uint32_t nr_pages;
	uint8_t kind; /* enum vmap_kind */
	uint8_t pool_of; /* 6.9: number of the node whose pool it goes to, from 1; 0: none */
	bool red;
	bool lazy; /* rbtree: freed, but still in the tree */
	bool array_is_area;
};

/* Sorted by address, none overlapping. */
struct vmap_tree {
	struct kmr_pool *areas;
	uint32_t root, first, last;
	uint32_t count;
	bool augmented;
};

static inline struct vmap_area *kmr_vmap_at(const struct kmr_pool *areas, uint32_t n)
{
	return kmr_pool_at(areas, n);
}

static inline uint64_t kmr_vmap_size(const struct vmap_area *a)
{
	return a->end - a->start;
}

static inline uint64_t kmr_vmap_subtree_max(const struct kmr_pool *areas, uint32_t n)
{
	return n ? kmr_vmap_at(areas, n)->subtree_max : 0;
}

/* The area that holds @addr; 0: none. */
uint32_t kmr_vmap_tree_find(const struct vmap_tree *t, uint64_t addr);
/* The first area that ends at @addr or above; 0: none. */
uint32_t kmr_vmap_tree_ends_from(const struct vmap_tree *t, uint64_t addr);

/* -1 and nothing done: it overlaps with another. */
int kmr_vmap_tree_insert(struct vmap_tree *t, uint32_t n);
void kmr_vmap_tree_erase(struct vmap_tree *t, uint32_t n);
/* An augmented tree's area has grown or shrunk in place. */
void kmr_vmap_tree_resized(const struct vmap_tree *t, uint32_t n);

/*
 * Inserts, or grows a neighbour instead: @n is no longer in use then, and *@spare its number or that
 * of a second neighbour which it joined to the first.  Returns the area that holds the addresses of
 * @n now; 0 and nothing done: it overlaps.
 */
uint32_t kmr_vmap_tree_merge(struct vmap_tree *t, uint32_t n, uint32_t spare[2]);

/* Order, links, colours and subtree_max; -1 with what does not hold, about tree @name. */
int kmr_vmap_tree_check(const struct vmap_tree *t, const char *name, struct kmr_error *err);

#endif
