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
	else if (op->cache == KMR_ORDER_KMALLOC)
		(void)o->model->kfree(o->b, op->obj, cpu);
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

/* Operations on other caches are beside the point, unless all share one heap. */
static bool concerns(const struct kmr_object_order *o, const struct kmr_order_op *op,
		     const struct kmr_order_op *want)
{
	return o->model->heap || op->cache == want->cache;
}

/* What interrupts above @context did to @cache just now, with nothing else since. */
static void interrupts_now(const struct kmr_object_order *o, unsigned int cpu,
			   const struct kmr_order_op *want, struct plan *p)
{
	const struct kmr_order_cpu *c = &o->cpus[cpu];
	unsigned int n = 0;

	while (n < remembered(c) && op_at(c, n)->context > want->context)
		n++;
	p->nr = 0;
	while (n-- > 0)
		if (concerns(o, op_at(c, n), want))
			p->ops[p->nr++] = op_at(c, n);
}

/* What an interrupt has in use can't have been given to another before. */
static bool took(const struct plan *p, kmr_obj_t obj)
{
	for (unsigned int i = 0; i < p->nr; i++)
		if (p->ops[i]->alloc && p->ops[i]->obj == obj)
			return true;
	return false;
}

/* The allocation was made, or had looked in vain, before the interrupt; its event came after. */
static bool try_before(const struct kmr_object_order *o, unsigned int cpu,
		       const struct kmr_order_op *want, kmr_order_made made, void *ctx)
{
	struct plan p;
	unsigned int undone;
	bool right;

	interrupts_now(o, cpu, want, &p);
	if (!p.nr || took(&p, want->obj))
		return false;
	undone = undo_all(o, cpu, &p);
	right = undone == p.nr && made(ctx);
	redo_last(o, cpu, &p, undone);
	return right;
}

/*
 * The last free of the cache below an interrupt: @p gets it and what the interrupt did right
 * after, with nothing else of the cache since.
 */
static bool interrupted_free(const struct kmr_object_order *o, unsigned int cpu,
			     const struct kmr_order_op *want, struct plan *p)
{
	const struct kmr_order_cpu *c = &o->cpus[cpu];
	unsigned int n = 0, last, first;

	/* the newest of the cache is an interrupt's */
	while (n < remembered(c) && !concerns(o, op_at(c, n), want))
		n++;
	last = n;
	if (n == remembered(c))
		return false;
	while (n < remembered(c) && op_at(c, n)->context == op_at(c, last)->context)
		n++;
	if (n == remembered(c))
		return false;
	first = n;
	if (!concerns(o, op_at(c, first), want) || op_at(c, first)->alloc ||
	    op_at(c, first)->context >= op_at(c, last)->context)
		return false;
	p->nr = 0;
	for (n = first + 1; n-- > last;)
		if (concerns(o, op_at(c, n), want))
			p->ops[p->nr++] = op_at(c, n);
	return p->nr > 1;
}

/* The free's event was printed and the object not given back when an interrupt came. */
static bool try_after(const struct kmr_object_order *o, unsigned int cpu,
		      const struct kmr_order_op *want, kmr_order_made made, void *ctx)
{
	struct plan p;
	unsigned int undone;

	if (!interrupted_free(o, cpu, want, &p) || took(&p, want->obj))
		return false;
	undone = undo_all(o, cpu, &p);
	if (undone < p.nr) {
		redo_last(o, cpu, &p, undone);
		return false;
	}
	redo_last(o, cpu, &p, p.nr - 1);
	redo(o, cpu, p.ops[0]);
	if (made(ctx))
		return true;
	(void)undo(o, cpu, p.ops[0]);
	for (unsigned int i = p.nr; i-- > 1;)
		(void)undo(o, cpu, p.ops[i]);
	redo_last(o, cpu, &p, p.nr);
	return false;
}

bool kmr_order_try(struct kmr_object_order *o, unsigned int cpu, const struct kmr_order_op *want,
		   kmr_order_made made, void *ctx)
{
	return try_before(o, cpu, want, made, ctx) || try_after(o, cpu, want, made, ctx);
}
