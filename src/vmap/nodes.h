/* SPDX-License-Identifier: GPL-2.0-only */
/* The augmented model's nodes, for the two files that it is made of. */
#ifndef KMR_VMAP_NODES_H
#define KMR_VMAP_NODES_H

#include "vmap/vmap.h"

/* Which node's pool a request looks into, from 1; 0: none. */
unsigned int kmr_vmap_pool_of(const struct kmr_vmap_backend *b, const struct vmap_want *want);
/* An area of that size from a node's pool; 0: none that will do. */
uint32_t kmr_vmap_pool_take(struct kmr_vmap_backend *b, unsigned int pool_of,
			    const struct vmap_want *want);
/* What was taken last goes back to the front of its pool. */
void kmr_vmap_pool_put(struct kmr_vmap_backend *b, uint32_t area);
/* The area at @start from whatever pool it is in; 0: it is in none, or of another size. */
uint32_t kmr_vmap_pool_take_at(struct kmr_vmap_backend *b, const struct vmap_want *want,
			       uint64_t start);
/* Where an area that is freed waits. */
struct vmap_node *kmr_vmap_node_of(const struct kmr_vmap_backend *b, const struct vmap_area *a);

/* A quarter of each pool's areas become holes, or all: decay_va_pool_node() */
void kmr_vmap_pools_decay(struct kmr_vmap_backend *b, struct vmap_node *node, bool full);
/* What waits goes to pools or becomes holes: purge_vmap_node() */
void kmr_vmap_node_purge(struct kmr_vmap_backend *b, struct vmap_node *node);
/* Adds the pools' sizes to *@bytes. */
int kmr_vmap_pools_check(const struct kmr_vmap_backend *b, uint64_t *bytes, struct kmr_error *err);

/* Into the tree, joined with its neighbours. */
void kmr_vmap_merge(struct kmr_vmap_backend *b, struct vmap_tree *t, uint32_t area);

#endif
