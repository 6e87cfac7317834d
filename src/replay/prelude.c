// SPDX-License-Identifier: GPL-2.0-only
#include "replay/prelude.h"

#include <string.h>

int kmr_prelude_init(struct kmr_prelude *p)
{
	memset(p, 0, sizeof(*p));
	return kmr_pfnmap_init(&p->last);
}

void kmr_prelude_free(struct kmr_prelude *p)
{
	kmr_pfnmap_free(&p->last);
}

static void note_frame(struct kmr_prelude *p, uint64_t pfn, bool live)
{
	struct kmr_map_entry *e;

	if (pfn > UINT32_MAX)
		return;
	e = kmr_pfnmap_get(&p->last, pfn);
	if (!e)
		return;
	if (e->state == KMR_MAP_UNKNOWN) {
		if (p->nr_pfns == KMR_PRELUDE_FRAMES)
			return;
		p->pfns[p->nr_pfns++] = (uint32_t)pfn;
	}
	e->state = live ? KMR_MAP_LIVE : KMR_MAP_FREED;
}

void kmr_prelude_note(struct kmr_prelude *p, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_PAGE_ALLOC)
		note_frame(p, ev->addr, true);
	else if (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED)
		note_frame(p, ev->addr, false);
}

void kmr_prelude_compare(struct kmr_prelude *p, const struct kmr_page_ops *ops,
			 const struct kmr_page_backend *b)
{
	for (unsigned int i = 0; i < p->nr_pfns; i++) {
		const struct kmr_map_entry *e = kmr_pfnmap_find(&p->last, p->pfns[i]);
		struct kmr_frame_info at;

		ops->where(b, p->pfns[i], &at);
		p->wrong += (e->state == KMR_MAP_LIVE) != (at.place == KMR_FRAME_USED);
	}
}

int kmr_prelude_check(const struct kmr_prelude *p, const char *snapshot, const char *trace,
		      struct kmr_error *err)
{
	if (p->wrong < 2 || p->wrong * 8 <= p->nr_pfns)
		return 0;
	return kmr_fail(err,
			"%s: does not fit %s: of %u frames that the trace names before its marker, "
			"%u are not as it left them",
			snapshot, trace, p->nr_pfns, p->wrong);
}
