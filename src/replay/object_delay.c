// SPDX-License-Identifier: GPL-2.0-only
#include "replay/object_delay.h"

#include <string.h>

#define MAX_RELEASED	64u /* objects that one allocation may show to be back */
#define RUN_GAP_NS	1000000u /* callbacks further apart are of different runs */
#define GRACE_PERIOD_NS 7000000u /* no shorter: nearly two ticks of 4 ms */

void kmr_delay_init(struct kmr_object_delay *d, const struct kmr_object_ops *model,
		    struct kmr_object_backend *b)
{
	d->model = model;
	d->b = b;
	d->first = 0;
	d->count = 0;
	d->run = 0;
	d->run_before = 0;
	d->last = 0;
}

static struct kmr_delayed *delayed(struct kmr_object_delay *d, uint32_t i)
{
	return &d->ring[(d->first + i) % KMR_DELAY_MAX];
}

static void give_back(const struct kmr_object_delay *d, const struct kmr_delayed *x)
{
	(void)d->model->free(d->b, x->cache, x->obj, x->cpu);
}

static void drop(struct kmr_object_delay *d, uint32_t n)
{
	d->first = (d->first + n) % KMR_DELAY_MAX;
	d->count -= n;
}

static bool must_wait(const struct kmr_object_delay *d, unsigned int cache, kmr_obj_t obj)
{
	struct kmr_cache_state state;

	if (!d->model->heap || cache == KMR_ORDER_KMALLOC)
		return false;
	d->model->cache_state(d->b, cache, &state);
	/* a free of what is not in use is for the caller to find out */
	return state.flags & KMR_CACHE_RCU && d->model->given(d->b, obj);
}

bool kmr_delay_free(struct kmr_object_delay *d, unsigned int cache, kmr_obj_t obj,
		    const struct kmr_event *ev, unsigned int cpu)
{
	if (!must_wait(d, cache, obj))
		return false;
	if (d->count == KMR_DELAY_MAX) {
		give_back(d, delayed(d, 0));
		drop(d, 1);
	}
	*delayed(d, d->count++) = (struct kmr_delayed){ obj, ev->time, cache, (uint16_t)cpu };
	return true;
}

void kmr_delay_callback(struct kmr_object_delay *d, uint64_t now)
{
	if (now - d->last > RUN_GAP_NS) {
		d->run_before = d->run;
		d->run = now;
	}
	d->last = now;
	while (d->count && delayed(d, 0)->time < d->run_before &&
	       now - delayed(d, 0)->time >= GRACE_PERIOD_NS) {
		give_back(d, delayed(d, 0));
		drop(d, 1);
	}
}

bool kmr_delay_release_for(struct kmr_object_delay *d, kmr_order_made made, void *ctx)
{
	for (unsigned int n = 0; d->count && n < MAX_RELEASED; n++) {
		give_back(d, delayed(d, 0));
		drop(d, 1);
		if (made(ctx))
			return true;
	}
	return false;
}
