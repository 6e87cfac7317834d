// SPDX-License-Identifier: GPL-2.0-only
/* What all events of a request have in common, worked out before the first. */
#include <stdlib.h>

#include "kmreplay/gfp.h"
#include "workload/stream.h"

static const struct {
	enum kmr_event_type alloc, free;
	enum load_form form;
} kinds[LOAD_KINDS] = {
	[LOAD_PAGES] = { KMR_EV_PAGE_ALLOC, KMR_EV_PAGE_FREE, LOAD_BLOCKS },
	[LOAD_KMALLOC] = { KMR_EV_KMALLOC, KMR_EV_KFREE, LOAD_OBJECTS },
	[LOAD_CACHE] = { KMR_EV_CACHE_ALLOC, KMR_EV_CACHE_FREE, LOAD_SAME },
	[LOAD_VMALLOC] = { KMR_EV_VMALLOC, KMR_EV_VFREE, LOAD_SIZED },
	[LOAD_KMAP] = { KMR_EV_KMAP, KMR_EV_KUNMAP, LOAD_SAME },
	[LOAD_CMA] = { KMR_EV_CMA_ALLOC, KMR_EV_CMA_RELEASE, LOAD_SIZED },
	[LOAD_HOTPLUG] = { KMR_EV_MEM_ONLINE, KMR_EV_MEM_OFFLINE, LOAD_SAME },
	[LOAD_HUGEPAGES] = { KMR_EV_HUGEPAGES, KMR_EV_NONE, LOAD_SIZED },
};

static void set_gfp(struct load_template *t, uint32_t gfp)
{
	t->alloc.gfp = gfp;
	t->alloc.flags |= KMR_EVF_GFP_KNOWN;
}

/* Objects are known by pointers of their own. */
static void make_object(struct kmr_workload_stream *s, const struct load_request *request,
			struct load_template *t)
{
	t->names = &s->names.objects;
	t->address = load_object_pointers(s->workload->pointer_bits);
	t->unit_shift = 0;
	set_gfp(t, request->gfp);
	if (request->gfp & KMR_GFP_ACCOUNT)
		t->alloc.flags |= KMR_EVF_ACCOUNTED;
	if (request->kind != LOAD_CACHE)
		return;
	t->units = request->object_size;
	t->alloc.bytes.req = request->object_size;
	t->alloc.bytes.alloc = request->size;
}

static void make_kind(struct kmr_workload_stream *s, const struct load_request *request,
		      struct load_template *t)
{
	switch (request->kind) {
	case LOAD_PAGES:
		set_gfp(t, request->gfp);
		t->alloc.page.migratetype = (uint8_t)kmr_gfp_migratetype(request->gfp);
		t->free.page.migratetype = KMR_MIGRATE_UNKNOWN;
		break;
	case LOAD_KMALLOC:
	case LOAD_CACHE:
		make_object(s, request, t);
		break;
	case LOAD_VMALLOC:
		set_gfp(t, request->gfp);
		t->names = &s->names.areas;
		t->address = load_area_pointers(s->workload->pointer_bits);
		t->unit_shift = 0;
		break;
	case LOAD_KMAP:
		t->maps = true;
		t->units = 1;
		if (request->local) {
			t->alloc.type = KMR_EV_KMAP_LOCAL;
			t->free.type = KMR_EV_KUNMAP_LOCAL;
		}
		break;
	case LOAD_CMA:
		t->ranges = true;
		break;
	case LOAD_HOTPLUG:
		/* real frames, as a machine has them */
		t->names = NULL;
		t->address = (struct load_pointers){ request->start_pfn, 0 };
		t->units = request->pages;
		t->alloc.block.pages = request->pages;
		t->alloc.block.zone = request->zone;
		t->free.block.pages = request->pages;
		break;
	case LOAD_HUGEPAGES:
	case LOAD_KINDS:
		t->names = NULL;
		break;
	}
}

static void make_template(struct kmr_workload_stream *s, const struct load_actor *actor,
			  const struct load_request *request, struct load_template *t)
{
	const uint8_t flags = (uint8_t)(KMR_EVF_CONTEXT_KNOWN | actor->context);

	t->alloc.type = (uint8_t)kinds[request->kind].alloc;
	t->free.type = (uint8_t)kinds[request->kind].free;
	t->form = kinds[request->kind].form;
	t->alloc.flags = flags;
	t->free.flags = flags;
	t->alloc.node = (int8_t)request->node;
	t->free.node = -1;
	t->names = s->names.frames;
	t->address = (struct load_pointers){ 0, 1 };
	t->unit_shift = (uint8_t)s->workload->page_shift;
	make_kind(s, request, t);
}

int load_templates_make(struct kmr_workload_stream *s, struct load_running *actor)
{
	const struct load_actor *spec = actor->spec;

	actor->templates = calloc(spec->nr_requests, sizeof(*actor->templates));
	if (!actor->templates)
		return -1;
	for (uint32_t i = 0; i < spec->nr_requests; i++)
		make_template(s, spec, &spec->requests[i], &actor->templates[i]);
	return 0;
}
