// SPDX-License-Identifier: GPL-2.0-only
#include "replay/object_order.h"

#include <stdlib.h>
#include <string.h>

/* Operations that are done in one order or another; indices count back from the newest, 0. */
struct plan {
	const struct kmr_order_op *ops[KMR_ORDER_LOG]; /* oldest first */
	unsigned int nr;
};

int kmr_order_init(struct kmr_object_order *o, const struct kmr_object_ops *model,
		   struct kmr_object_backend *b, unsigned int nr_cpus)
{
	o->model = model;
	o->b = b;
	o->nr_cpus = nr_cpus;
	o->cpus = calloc(nr_cpus, sizeof(*o->cpus));
	return o->cpus ? 0 : -1;
}

void kmr_order_free(struct kmr_object_order *o)
{
	free(o->cpus);
	o->cpus = NULL;
}

void kmr_order_note(struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *op)
{
	struct kmr_order_cpu *c = &o->cpus[cpu];

	c->ops[c->count++ % KMR_ORDER_LOG] = *op;
}

static unsigned int remembered(const struct kmr_order_cpu *c)
{
	return c->count < KMR_ORDER_LOG ? c->count : KMR_ORDER_LOG;
}

/* @back: 0 is the newest */
static const struct kmr_order_op *op_at(const struct kmr_order_cpu *c, unsigned int back)
{
	return &c->ops[(c->count - 1 - back) % KMR_ORDER_LOG];
}

static bool undo(const struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *op)
{
	if (!op->alloc)
		return !o->model->take(o->b, op->cache, op->obj, op->bytes);
	o->model->unalloc(o->b, op->cache, op->obj, cpu);
	return true;
}

static void redo(const struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *op)
{
	if (op->alloc)
		(void)o->model->take(o->b, op->cache, op->obj, op->bytes);
	else
		(void)o->model->free(o->b, op->cache, op->obj, cpu);
}

/* Newest first; how many could be. */
static unsigned int undo_all(const struct kmr_object_order *o, unsigned int cpu,
			     const struct plan *p)
{
	unsigned int n = 0;

	while (n < p->nr && undo(o, cpu, p->ops[p->nr - 1 - n]))
		n++;
	return n;
}

static void redo_last(const struct kmr_object_order *o, unsigned int cpu, const struct plan *p,
		      unsigned int n)
{
	for (unsigned int i = p->nr - n; i < p->nr; i++)
		redo(o, cpu, p->ops[i]);
}

static bool is_next(const struct kmr_object_order *o, unsigned int cpu,
		    const struct kmr_order_op *want)
{
	struct kmr_object_info at;

	o->model->where(o->b, want->cache, want->obj, cpu, &at);
	return !at.distance && (at.place == KMR_OBJ_CPU || at.place == KMR_OBJ_SLAB);
}

/* What interrupts above @context did to @cache just now, with nothing else since. */
static void interrupts_now(const struct kmr_order_cpu *c, const struct kmr_order_op *want,
			   struct plan *p)
{
	unsigned int n = 0;

	while (n < remembered(c) && op_at(c, n)->context > want->context)
		n++;
	p->nr = 0;
	while (n-- > 0)
		if (op_at(c, n)->cache == want->cache)
			p->ops[p->nr++] = op_at(c, n);
}

/*
 * The allocation was done and its event not printed when an interrupt came: it is the one that
 * the model would have made before.
 */
static bool try_before(const struct kmr_object_order *o, unsigned int cpu,
		       const struct kmr_order_op *want)
{
	struct plan p;
	unsigned int undone;
	bool right;

	interrupts_now(&o->cpus[cpu], want, &p);
	if (!p.nr)
		return false;
	undone = undo_all(o, cpu, &p);
	right = undone == p.nr && is_next(o, cpu, want);
	if (!right) {
		redo_last(o, cpu, &p, undone);
		return false;
	}
	/* it is made, the interrupt's follow, and it is given back to be next once more */
	(void)o->model->take(o->b, want->cache, want->obj, want->bytes);
	redo_last(o, cpu, &p, undone);
	o->model->unalloc(o->b, want->cache, want->obj, cpu);
	return true;
}

/*
 * The last free of the cache below an interrupt: @p gets it and what the interrupt did right
 * after, with nothing else of the cache since.
 */
static bool interrupted_free(const struct kmr_order_cpu *c, const struct kmr_order_op *want,
			     struct plan *p)
{
	unsigned int n = 0, last, first;

	/* the newest of the cache is an interrupt's */
	while (n < remembered(c) && op_at(c, n)->cache != want->cache)
		n++;
	last = n;
	if (n == remembered(c))
		return false;
	while (n < remembered(c) && op_at(c, n)->context == op_at(c, last)->context)
		n++;
	if (n == remembered(c))
		return false;
	first = n;
	if (op_at(c, first)->cache != want->cache || op_at(c, first)->alloc ||
	    op_at(c, first)->context >= op_at(c, last)->context)
		return false;
	p->nr = 0;
	for (n = first + 1; n-- > last;)
		if (op_at(c, n)->cache == want->cache)
			p->ops[p->nr++] = op_at(c, n);
	return p->nr > 1;
}

/* The free's event was printed and the object not given back when an interrupt came. */
static bool try_after(const struct kmr_object_order *o, unsigned int cpu,
		      const struct kmr_order_op *want)
{
	struct plan p;
	unsigned int undone;

	if (!interrupted_free(&o->cpus[cpu], want, &p))
		return false;
	undone = undo_all(o, cpu, &p);
	if (undone < p.nr) {
		redo_last(o, cpu, &p, undone);
		return false;
	}
	redo_last(o, cpu, &p, p.nr - 1);
	redo(o, cpu, p.ops[0]);
	if (is_next(o, cpu, want))
		return true;
	(void)undo(o, cpu, p.ops[0]);
	for (unsigned int i = p.nr; i-- > 1;)
		(void)undo(o, cpu, p.ops[i]);
	redo_last(o, cpu, &p, p.nr);
	return false;
}

bool kmr_order_try(struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *want)
{
	return try_before(o, cpu, want) || try_after(o, cpu, want);
}
