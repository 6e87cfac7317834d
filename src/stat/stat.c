// SPDX-License-Identifier: GPL-2.0-only
/* Events to those who count them, and the ends of the public interface. */
#include <stdlib.h>

#include "stat/internal.h"

#define SLAB_VIEWS                                                                            \
	(1u << KMR_STAT_SLAB_CALLER | 1u << KMR_STAT_SLAB_ALLOC | 1u << KMR_STAT_SLAB_CACHE | \
	 1u << KMR_STAT_SLAB_TASK)

int kmr_stat_new(struct kmr_stat **stat, const struct kmr_stat_options *options,
		 struct kmr_error *err)
{
	struct kmr_stat *s = calloc(1, sizeof(*s));

	*stat = s;
	if (!s)
		return kmr_fail_nomem(err, "statistics");
	s->options = *options;
	if (!options->slab)
		s->options.views &= ~SLAB_VIEWS;
	if (!options->page)
		s->options.views &= SLAB_VIEWS;
	s->slab.cache.live = options->live;
	kmr_pool_init(&s->slab.objects, sizeof(struct stat_object));
	stat_page_init(&s->page);
	return 0;
}

static int feed_one(struct kmr_stat *stat, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_KMALLOC:
	case KMR_EV_CACHE_ALLOC:
	case KMR_EV_KFREE:
	case KMR_EV_CACHE_FREE:
		return stat->options.slab ? stat_slab_event(stat, ev) : 0;
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
		return stat->options.page ? stat_page_event(stat, ev) : 0;
	default:
		return 0;
	}
}

int kmr_stat_feed(struct kmr_stat *stat, const struct kmr_event *events, size_t count,
		  struct kmr_error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (events[i].time < stat->options.start || events[i].time > stat->options.stop)
			continue;
		stat->events++;
		if (feed_one(stat, &events[i]))
			return kmr_fail_nomem(err, "statistics");
	}
	return 0;
}

const char *stat_site_name(const struct kmr_source *source, uint32_t id)
{
	const char *name = kmr_source_site(source, id);

	return name[0] ? name : "-";
}

const char *stat_task_name(const struct kmr_source *source, uint32_t id)
{
	const char *name = kmr_source_task(source, id);

	return name[0] ? name : "-";
}

int kmr_stat_finish(struct kmr_stat *stat, const struct kmr_source *source, struct kmr_error *err)
{
	static const struct kmr_stat_sort by_default;

	if (stat_slab_finish(stat, source))
		return kmr_fail_nomem(err, "statistics");
	stat_page_finish(stat, source);
	for (int view = 0; view < KMR_STAT_NR_VIEWS; view++)
		if (kmr_stat_sort(stat, (enum kmr_stat_view)view, &by_default, err))
			return -1;
	return 0;
}

uint64_t kmr_stat_events(const struct kmr_stat *stat)
{
	return stat->events;
}

uint64_t kmr_stat_slab_events(const struct kmr_stat *stat)
{
	const struct kmr_stat_slab *sum = &stat->slab.sum;

	return sum->requests + sum->frees + sum->null_frees;
}

uint64_t kmr_stat_page_events(const struct kmr_stat *stat)
{
	return stat->page.sum.requests + stat->page.sum.frees;
}

const struct kmr_stat_slab *kmr_stat_slab(const struct kmr_stat *stat)
{
	return &stat->slab.sum;
}

const struct kmr_stat_page *kmr_stat_page(const struct kmr_stat *stat)
{
	return &stat->page.sum;
}

size_t kmr_stat_nr_rows(const struct kmr_stat *stat, enum kmr_stat_view view)
{
	return stat->views[view].nr;
}

const struct kmr_stat_row *kmr_stat_row(const struct kmr_stat *stat, enum kmr_stat_view view,
					size_t i)
{
	const struct stat_rows *rows = &stat->views[view];

	return &rows->row[rows->sorted[i]];
}

double kmr_stat_fragmentation(uint64_t req, uint64_t alloc)
{
	return req < alloc ? 100.0 * (double)(alloc - req) / (double)alloc : 0.0;
}

void kmr_stat_free(struct kmr_stat *stat)
{
	if (!stat)
		return;
	stat_slab_fini(&stat->slab);
	stat_page_fini(&stat->page);
	for (int view = 0; view < KMR_STAT_NR_VIEWS; view++)
		stat_rows_fini(&stat->views[view]);
	free(stat);
}
