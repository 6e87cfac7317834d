// SPDX-License-Identifier: GPL-2.0-only
#include "replay/deeds.h"

#include <stdlib.h>

#include "base/array.h"
#include "kmreplay/follow.h"

int kmr_deeds_push(struct kmr_deeds *d, const struct kmr_deed *deed)
{
	struct kmr_deed *q = kmr_grow(d->q, d->count, &d->cap, sizeof(*q));

	if (!q)
		return -1;
	d->q = q;
	d->q[d->count++] = *deed;
	return 0;
}

static bool same(const struct kmr_deed *x, const struct kmr_deed *y)
{
	if (x->type != y->type || x->pfn != y->pfn || x->order != y->order ||
	    x->migratetype != y->migratetype)
		return false;
	return x->type != KMR_EV_PAGE_EXTFRAG ||
	       (x->fallback_order == y->fallback_order &&
		x->fallback_migratetype == y->fallback_migratetype &&
		x->change_owner == y->change_owner);
}

int kmr_account_observe(struct kmr_account *a, const struct kmr_event *ev, bool *matched)
{
	struct kmr_deed did = { ev->addr < KMR_NO_PFN ? (uint32_t)ev->addr : KMR_NO_PFN,
				ev->type,
				ev->page.order,
				ev->page.migratetype,
				0,
				0,
				0,
				false };

	if (ev->type == KMR_EV_PAGE_EXTFRAG) {
		did.fallback_order = ev->page.fallback_order;
		did.fallback_migratetype = ev->page.fallback_migratetype;
		did.change_owner = !!(ev->flags & KMR_EVF_CHANGE_OWNER);
	}
	for (size_t i = a->next; i < a->model.count && !did.matched; i++) {
		if (!same(&a->model.q[i], &did))
			continue;
		did.matched = true;
		a->model.q[i].matched = true;
		a->next = i + 1;
	}
	*matched = did.matched;
	return kmr_deeds_push(&a->kernel, &did);
}

bool kmr_account_expects(const struct kmr_account *a, unsigned int type)
{
	for (size_t i = a->next; i < a->model.count; i++)
		if (a->model.q[i].type == type)
			return true;
	return false;
}

void kmr_account_clear(struct kmr_account *a)
{
	a->model.count = 0;
	a->kernel.count = 0;
	a->next = 0;
}

void kmr_account_free(struct kmr_account *a)
{
	free(a->model.q);
	free(a->kernel.q);
}

bool kmr_account_differs(const struct kmr_account *a)
{
	for (size_t i = 0; i < a->model.count; i++)
		if (!a->model.q[i].matched)
			return true;
	for (size_t i = 0; i < a->kernel.count; i++)
		if (!a->kernel.q[i].matched)
			return true;
	return false;
}

struct reconciler {
	const struct kmr_account *a;
	const struct kmr_machine *m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	unsigned int cpu;
};

/*
 * Deed @i took a block from the free lists.  Where fallbacks do so by themselves, one that claimed a
 * pageblock does not: its block is taken just before.
 */
static bool takes(const struct kmr_page_ops *ops, const struct kmr_deeds *d, size_t i)
{
	const struct kmr_deed *deed = &d->q[i];

	if (deed->type != KMR_EV_PAGE_EXTFRAG)
		return deed->type == KMR_EV_PAGE_REFILL;
	return ops->extfrag_takes &&
	       !(i > 0 && d->q[i - 1].type == KMR_EV_PAGE_REFILL && d->q[i - 1].pfn == deed->pfn);
}

/* Whose list the block was on, or the rest of it is. */
static unsigned int list_type(const struct kmr_deed *d)
{
	return d->type == KMR_EV_PAGE_EXTFRAG && !d->change_owner ? d->fallback_migratetype
								  : d->migratetype;
}

/*
 * A refilled list holds what its refill put there and nothing else.  The model's blocks go back,
 * the last first, so that they merge as they were split; then the kernel's are put on.
 */
static void redo_refills(const struct reconciler *r)
{
	const struct kmr_deeds *model = &r->a->model, *kernel = &r->a->kernel;

	for (size_t i = model->count; i-- > 0;) {
		const struct kmr_deed *d = &model->q[i];

		if (!takes(r->ops, model, i))
			continue;
		r->ops->take(r->b, d->pfn, d->order, false);
		r->ops->buddy_put(r->b, d->pfn, d->order, list_type(d), r->cpu);
	}
	for (size_t i = 0; i < kernel->count; i++) {
		const struct kmr_deed *d = &kernel->q[i];

		if (!takes(r->ops, kernel, i) || kmr_machine_zone_of(r->m, d->pfn) < 0)
			continue;
		r->ops->take(r->b, d->pfn, d->order, false);
		r->ops->pcp_put(r->b, d->pfn, d->order, d->migratetype, r->cpu);
	}
}

/* The pageblocks of the block that the kernel fell back to are its request's from then on. */
static void change_owner(const struct reconciler *r, const struct kmr_deed *d)
{
	const unsigned int block = r->m->pageblock_order;
	const uint32_t nr = d->fallback_order > block && d->fallback_order < r->m->nr_orders
				    ? 1u << (d->fallback_order - block)
				    : 1;

	for (uint32_t i = 0; i < nr; i++)
		if (kmr_machine_zone_of(r->m, (uint64_t)d->pfn + (i << block)) >= 0)
			r->ops->set_pageblock(r->b, d->pfn + (i << block), d->migratetype);
}

static void redo_drains(const struct reconciler *r)
{
	const struct kmr_deeds *model = &r->a->model, *kernel = &r->a->kernel;

	for (size_t i = model->count; i-- > 0;) {
		const struct kmr_deed *d = &model->q[i];

		if (d->type != KMR_EV_PAGE_DRAIN || d->matched)
			continue;
		r->ops->take(r->b, d->pfn, d->order, false);
		if (r->ops->undrain)
			r->ops->undrain(r->b, d->pfn, d->order, d->migratetype, r->cpu);
		else
			r->ops->pcp_put(r->b, d->pfn, d->order, d->migratetype, r->cpu);
	}
	for (size_t i = 0; i < kernel->count; i++) {
		const struct kmr_deed *d = &kernel->q[i];

		if (d->type != KMR_EV_PAGE_DRAIN || d->matched ||
		    kmr_machine_zone_of(r->m, d->pfn) < 0)
			continue;
		r->ops->take(r->b, d->pfn, d->order, false);
		r->ops->buddy_put(r->b, d->pfn, d->order, d->migratetype, r->cpu);
	}
}

/* The watermarks that fallbacks raise, as far as one side alone made them. */
static void redo_boosts(const struct reconciler *r, const struct kmr_deeds *deeds, bool more)
{
	for (size_t i = 0; r->ops->follow && i < deeds->count; i++) {
		const struct kmr_deed *d = &deeds->q[i];

		if (d->type == KMR_EV_PAGE_EXTFRAG && !d->matched &&
		    d->fallback_order < r->m->pageblock_order)
			r->ops->follow->boost(r->b, d->pfn, more);
	}
}

void kmr_account_reconcile(const struct kmr_account *a, const struct kmr_machine *m,
			   const struct kmr_page_ops *ops, struct kmr_page_backend *b,
			   unsigned int cpu)
{
	const struct reconciler r = { a, m, ops, b, cpu };
	bool refills = false;

	for (size_t i = 0; i < a->model.count; i++)
		refills |= takes(ops, &a->model, i) && !a->model.q[i].matched;
	for (size_t i = 0; i < a->kernel.count; i++) {
		const struct kmr_deed *d = &a->kernel.q[i];

		refills |= takes(ops, &a->kernel, i) && !d->matched;
		if (d->type == KMR_EV_PAGE_EXTFRAG && !d->matched && d->change_owner)
			change_owner(&r, d);
	}
	redo_boosts(&r, &a->model, false);
	redo_boosts(&r, &a->kernel, true);
	if (refills)
		redo_refills(&r);
	redo_drains(&r);
}
