/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for what a workload allocates: a trace tells blocks and objects apart by page frame and
 * pointer, and a workload has neither, as a model chooses them when it is replayed.  So each gets
 * a number that nothing else has while it lives, and that is given out again afterwards: numbers
 * stay small, and their memory follows the most that lived at one time.
 */
#ifndef KMR_WORKLOAD_NAMES_H
#define KMR_WORKLOAD_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/machine.h"

#define LOAD_NO_NAME UINT32_MAX

struct load_name_pool {
	uint32_t *free; /* a stack: the last one given back goes out first */
	size_t nr_free, cap_free;
	uint64_t next, end; /* fresh ones */
};

struct load_names {
	/* by order: page frames, aligned as a block is */
	struct load_name_pool frames[KMR_MAX_ORDERS];
	uint64_t next_region; /* frame */
	struct load_name_pool objects, areas; /* what kmalloc() and vmalloc() return, see below */
};

/* @pointer_bits: 32 leaves less room for pointers. */
void load_names_init(struct load_names *names, unsigned int pointer_bits);
void load_names_free(struct load_names *names);

/* LOAD_NO_NAME: 2^32 frames, or objects, live at one time. */
uint32_t load_name_frame(struct load_names *names, unsigned int order);
uint32_t load_name_take(struct load_name_pool *pool);

/* The pointers that these names stand for. */
uint64_t load_object_pointer(uint32_t name, unsigned int pointer_bits);
uint64_t load_area_pointer(uint32_t name, unsigned int pointer_bits);

/* -1: no memory. */
int load_name_put(struct load_name_pool *pool, uint32_t name);

#endif
