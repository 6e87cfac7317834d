/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of objects are not printed when lists change: an allocation's after it has taken its
 * object, a free's before it gives the object back.  An interrupt in between puts its own events on
 * the wrong side.  The log keeps what each CPU did last, so that a model can be taken back and led
 * through the other order.
 */
#ifndef KMREPLAY_REPLAY_OBJECT_ORDER_H
#define KMREPLAY_REPLAY_OBJECT_ORDER_H

#include "kmreplay/object.h"

#define KMR_ORDER_LOG 64u /* operations of a CPU that are remembered */

#define KMR_ORDER_KMALLOC UINT32_MAX /* of no cache: kmalloc() of an allocator without classes */

struct kmr_order_op {
	kmr_obj_t obj;
	uint32_t cache;
	uint32_t bytes;
	uint8_t context;
	bool alloc;
};

struct kmr_order_cpu {
	uint32_t count; /* ever */
	struct kmr_order_op ops[KMR_ORDER_LOG]; /* a ring */
};

struct kmr_object_order {
	const struct kmr_object_ops *model;
	struct kmr_object_backend *b;
	struct kmr_order_cpu *cpus;
};

/* -1: no memory. */
int kmr_order_init(struct kmr_object_order *o, const struct kmr_object_ops *model,
		   struct kmr_object_backend *b, unsigned int nr_cpus);
void kmr_order_free(struct kmr_object_order *o);

/* An operation has been done, as far as its event tells. */
void kmr_order_note(struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *op);

/* Makes an allocation and tells whether it is as the kernel's was; if not, it is taken back. */
typedef bool (*kmr_order_made)(void *ctx);

/*
 * The allocation @want was tried and is not as the kernel's.  If interrupts that came just before
 * explain that, it is made where it belongs and the model brought to where that order leaves it
 * (true); else the model is left as it was.
 */
bool kmr_order_try(struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *want,
		   kmr_order_made made, void *ctx);

#endif
