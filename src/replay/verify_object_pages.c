// SPDX-License-Identifier: GPL-2.0-only
/* The pages of the model's slabs, and the traced kernel's. */
#include "replay/verify_objects.h"

#include <string.h>

#define MAX_SILENT 1024u /* objects that a new slab may show to be taken in bulk */

/* Slabs that the model still has on frames that are not, as they have just been given out. */
void kmr_vo_clear_frames(struct kmr_object_verifier *vo, kmr_pfn_t pfn, unsigned int order)
{
	for (kmr_pfn_t p = pfn; p != KMR_NO_PFN && p < pfn + (1u << order); p++)
		while (!vo->o.ops->forget_slab(vo->o.b, p))
			vo->r->pages.frees_missed++;
}

kmr_pfn_t kmr_vo_give_page(void *ctx, const struct kmr_page_request *req)
{
	struct kmr_object_verifier *vo = ctx;

	vo->asked++;
	if (!vo->may_grow)
		return KMR_NO_PFN;
	/* a second page for the same object has an event of its own, which comes after this one */
	if (vo->asked == 2 && vo->pfn != KMR_NO_PFN) {
		vo->ahead_req = *req;
		vo->ahead = vo->page_ops->alloc(vo->page, req);
		kmr_vo_clear_frames(vo, vo->ahead, req->order);
		return vo->ahead;
	}
	vo->req = *req;
	vo->pfn = vo->page_ops->alloc(vo->page, req);
	kmr_vo_clear_frames(vo, vo->pfn, req->order);
	return vo->pfn;
}

/* The page stays in use until the kernel's event. */
void kmr_vo_take_page(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	struct kmr_object_verifier *vo = ctx;

	(void)cpu;
	(void)rcu;
	if (kmr_ptrmap_put(&vo->freed, pfn, order + 1))
		vo->nomem = true;
}

/* The event whose slab @ev is the page of, or one made up for objects taken in bulk. */
static struct kmr_event cause_of(const struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	struct kmr_event cause;

	if (ev->asked.cause)
		return vo->tape->events[ev->asked.cause - 1];
	memset(&cause, 0, sizeof(cause));
	cause.type = KMR_EV_CACHE_ALLOC;
	cause.cache = ev->cache;
	cause.cpu = ev->cpu;
	cause.gfp = ev->gfp;
	cause.flags = ev->flags;
	cause.node = -1;
	return cause;
}

/* An allocation that may get a page, for kmr_order_try(). */
struct growth {
	struct kmr_object_verifier *vo;
	const struct kmr_event *cause;
	kmr_obj_t obj;
};

static bool grows(void *ctx)
{
	struct growth *g = ctx;
	struct kmr_object_verifier *vo = g->vo;
	const int cache = kmr_objects_cache_of_event(&vo->o, g->cause);

	vo->asked = 0;
	vo->pfn = KMR_NO_PFN;
	vo->may_grow = true;
	g->obj = kmr_objects_alloc(&vo->o, g->cause);
	vo->may_grow = false;
	if (!vo->asked && g->obj != KMR_NO_OBJ && vo->o.ops->heap)
		vo->o.ops->unalloc(vo->o.b, cache < 0 ? KMR_ORDER_KMALLOC : (unsigned int)cache,
				   g->obj, kmr_objects_cpu(&vo->o, g->cause));
	return vo->asked != 0;
}

/* The kernel had none left: what a cache of the model has left was taken without an event. */
static bool grow(struct kmr_object_verifier *vo, struct growth *g)
{
	unsigned int n = 1;

	if (vo->o.ops->heap)
		return grows(g);
	while (!grows(g) && n < MAX_SILENT)
		n++;
	kmr_vo_tally(vo, g->cause)->bulk += n - 1;
	vo->r->pages.allocs_bulk += n > 1 && vo->asked;
	return vo->asked != 0;
}

bool kmr_vo_page_alloc(struct kmr_object_verifier *vo, const struct kmr_event *ev,
		       struct kmr_page_request *req, kmr_pfn_t *pfn)
{
	const struct kmr_event cause = cause_of(vo, ev);
	struct growth g = { vo, &cause, KMR_NO_OBJ };

	vo->r->pages.allocs++;
	if (vo->ahead != KMR_NO_PFN) {
		*req = vo->ahead_req;
		*pfn = vo->ahead;
		vo->ahead = KMR_NO_PFN;
		return true;
	}
	if ((cause.type == KMR_EV_CACHE_ALLOC && !cause.cache) || !grow(vo, &g)) {
		vo->r->pages.allocs_missed++;
		return false;
	}
	if (!ev->asked.cause)
		kmr_vo_tally(vo, &cause)->bulk++;
	else if (vo->nr_early < KMR_EARLY_MAX)
		vo->early[vo->nr_early++] = (struct kmr_early){ cause.addr, cause.time, g.obj };
	*req = vo->req;
	*pfn = vo->pfn;
	return true;
}

/* The slab that the model has at @pfn is none in the kernel. */
static void forget_new(struct kmr_object_verifier *vo, kmr_pfn_t pfn)
{
	unsigned int left = 0;

	(void)vo->o.ops->forget_slab(vo->o.b, pfn);
	for (unsigned int i = 0; i < vo->nr_early; i++)
		if (vo->early[i].obj >> vo->page_shift != pfn)
			vo->early[left++] = vo->early[i];
	vo->nr_early = left;
}

void kmr_vo_page_done(struct kmr_object_verifier *vo, kmr_pfn_t model, uint64_t kernel,
		      unsigned int order)
{
	if (model == kernel) {
		vo->r->pages.allocs_exact++;
		return;
	}
	if (model == KMR_NO_PFN)
		return;
	if (kernel >= KMR_NO_PFN ||
	    kmr_machine_zone_of(vo->machine, kernel + (UINT64_C(1) << order) - 1) < 0) {
		forget_new(vo, model);
		return;
	}
	kmr_vo_clear_frames(vo, (kmr_pfn_t)kernel, order);
	(void)vo->o.ops->move_slab(vo->o.b, model, (kmr_pfn_t)kernel);
	for (unsigned int i = 0; i < vo->nr_early; i++)
		if (vo->early[i].obj >> vo->page_shift == model)
			vo->early[i].obj += (kernel - model) << vo->page_shift;
}

void kmr_vo_page_other(struct kmr_object_verifier *vo, kmr_pfn_t model)
{
	vo->r->pages.allocs_missed++;
	forget_new(vo, model);
}

void kmr_vo_page_free(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	vo->r->pages.frees++;
	if (kmr_ptrmap_take(&vo->freed, ev->addr)) {
		vo->r->pages.frees_exact++;
		return;
	}
	vo->r->pages.frees_missed++;
	if (ev->addr < KMR_NO_PFN)
		(void)vo->o.ops->forget_slab(vo->o.b, (kmr_pfn_t)ev->addr);
}
