// SPDX-License-Identifier: GPL-2.0-only
/* Objects: kmalloc, kfree, kmem_cache_alloc, kmem_cache_free. */
#include "stat/internal.h"

/* ZERO_SIZE_PTR (include/linux/slab.h), what an allocation of 0 bytes returns; NULL lies below. */
#define ZERO_SIZE_PTR UINT64_C(16)

/* The row of @ev's pointer in the view by address, made when it is new; -1: out of memory. */
static int pointer_row(struct kmr_stat *stat, const struct kmr_event *ev, uint32_t *at)
{
	struct stat_rows *rows = &stat->views[KMR_STAT_SLAB_ALLOC];
	const uint32_t number = stat_intern(&stat->slab.pointers, ev->addr);

	if (!number || stat_rows_need(rows, number - 1))
		return -1;
	*at = number - 1;
	rows->row[*at].addr = ev->addr;
	rows->row[*at].id = ev->site;
	return 0;
}

/* Counts a new object in the rows of every view that is wanted, and notes which they are. */
static int count_alloc(struct kmr_stat *stat, const struct kmr_event *ev,
		       struct stat_object *object)
{
	struct stat_rows *views = stat->views;

	if (stat_wants(stat, KMR_STAT_SLAB_CALLER)) {
		if (stat_rows_need(&views[KMR_STAT_SLAB_CALLER], object->site))
			return -1;
		stat_row_alloc(&views[KMR_STAT_SLAB_CALLER].row[object->site], object);
	}
	if (stat_wants(stat, KMR_STAT_SLAB_TASK)) {
		if (stat_rows_need(&views[KMR_STAT_SLAB_TASK], object->task))
			return -1;
		stat_row_alloc(&views[KMR_STAT_SLAB_TASK].row[object->task], object);
	}
	if (stat_wants(stat, KMR_STAT_SLAB_ALLOC)) {
		if (pointer_row(stat, ev, &object->row))
			return -1;
		stat_row_alloc(&views[KMR_STAT_SLAB_ALLOC].row[object->row], object);
	}
	if (stat_wants(stat, KMR_STAT_SLAB_CACHE))
		return stat_cache_alloc(&stat->slab.cache, ev, object);
	return 0;
}

/* Takes what is no longer there out of rows that show what is. */
static void count_gone(struct kmr_stat *stat, const struct stat_object *object)
{
	struct stat_rows *views = stat->views;

	if (stat_wants(stat, KMR_STAT_SLAB_CALLER))
		stat_row_forget(&views[KMR_STAT_SLAB_CALLER].row[object->site], object);
	if (stat_wants(stat, KMR_STAT_SLAB_TASK))
		stat_row_forget(&views[KMR_STAT_SLAB_TASK].row[object->task], object);
	if (stat_wants(stat, KMR_STAT_SLAB_ALLOC))
		stat_row_forget(&views[KMR_STAT_SLAB_ALLOC].row[object->row], object);
	if (stat_wants(stat, KMR_STAT_SLAB_CACHE))
		stat_cache_forget(&stat->slab.cache, object);
}

static void count_free(struct kmr_stat *stat, const struct stat_object *object, bool pingpong)
{
	struct stat_rows *views = stat->views;

	if (stat_wants(stat, KMR_STAT_SLAB_CALLER))
		stat_row_free(&views[KMR_STAT_SLAB_CALLER].row[object->site], object, pingpong);
	if (stat_wants(stat, KMR_STAT_SLAB_TASK))
		stat_row_free(&views[KMR_STAT_SLAB_TASK].row[object->task], object, pingpong);
	if (stat_wants(stat, KMR_STAT_SLAB_ALLOC))
		stat_row_free(&views[KMR_STAT_SLAB_ALLOC].row[object->row], object, pingpong);
}

static void leave(struct kmr_stat_slab *sum, const struct stat_object *object)
{
	sum->live--;
	sum->bytes_live -= object->alloc;
}

/* An address that is given out again: what was there has gone without a free. */
static void replaced(struct kmr_stat *stat, uint32_t at)
{
	const struct stat_object *object = kmr_pool_at(&stat->slab.objects, at);

	stat->slab.sum.repeated_allocs++;
	leave(&stat->slab.sum, object);
	if (stat->options.live)
		count_gone(stat, object);
	kmr_pool_put(&stat->slab.objects, at);
}

static int keep(struct kmr_stat *stat, uint64_t ptr, const struct stat_object *object)
{
	struct stat_slab *slab = &stat->slab;
	const uint32_t before = kmr_ptrmap_get(&slab->live, ptr);
	uint32_t at;

	if (before)
		replaced(stat, before);
	at = kmr_pool_get(&slab->objects);
	if (!at || kmr_ptrmap_put(&slab->live, ptr, at))
		return -1;
	*(struct stat_object *)kmr_pool_at(&slab->objects, at) = *object;
	slab->sum.live++;
	slab->sum.bytes_live += object->alloc;
	return 0;
}

static int on_alloc(struct kmr_stat *stat, const struct kmr_event *ev)
{
	struct stat_object object = { .req = ev->bytes.req,
				      .alloc = ev->bytes.alloc,
				      .site = ev->site,
				      .task = ev->task,
				      .cpu = ev->cpu };
	struct kmr_stat_slab *sum = &stat->slab.sum;
	const bool nowhere = ev->addr <= ZERO_SIZE_PTR;

	sum->requests++;
	sum->node_requests += ev->node >= 0;
	sum->zero_sizes += !ev->bytes.req;
	if (!ev->addr) {
		sum->failures++;
		return 0;
	}
	sum->bytes_req += object.req;
	sum->bytes_alloc += object.alloc;
	if (!(nowhere && stat->options.live) && count_alloc(stat, ev, &object))
		return -1;
	return nowhere ? 0 : keep(stat, ev->addr, &object);
}

static int on_known_free(struct kmr_stat *stat, const struct kmr_event *ev, uint32_t at)
{
	const struct stat_object *object = kmr_pool_at(&stat->slab.objects, at);
	struct kmr_stat_slab *sum = &stat->slab.sum;
	const bool pingpong = ev->cpu != object->cpu;
	int status = 0;

	sum->bytes_freed += object->alloc;
	sum->pingpong += pingpong;
	leave(sum, object);
	if (stat_wants(stat, KMR_STAT_SLAB_CACHE))
		status = stat_cache_free(&stat->slab.cache, ev, object, pingpong);
	if (stat->options.live)
		count_gone(stat, object);
	else
		count_free(stat, object, pingpong);
	kmr_pool_put(&stat->slab.objects, at);
	return status;
}

static int on_free(struct kmr_stat *stat, const struct kmr_event *ev)
{
	struct kmr_stat_slab *sum = &stat->slab.sum;
	uint32_t at;

	if (ev->addr <= ZERO_SIZE_PTR) {
		sum->null_frees++;
		return 0;
	}
	sum->frees++;
	at = kmr_ptrmap_take(&stat->slab.live, ev->addr);
	if (at)
		return on_known_free(stat, ev, at);
	sum->unknown_frees++;
	if (stat_wants(stat, KMR_STAT_SLAB_CACHE))
		return stat_cache_unknown_free(&stat->slab.cache, ev);
	return 0;
}

int stat_slab_event(struct kmr_stat *stat, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC)
		return on_alloc(stat, ev);
	return on_free(stat, ev);
}

int stat_slab_finish(struct kmr_stat *stat, const struct kmr_source *source)
{
	struct stat_rows *callers = &stat->views[KMR_STAT_SLAB_CALLER];
	struct stat_rows *pointers = &stat->views[KMR_STAT_SLAB_ALLOC];
	struct stat_rows *tasks = &stat->views[KMR_STAT_SLAB_TASK];

	for (size_t i = 0; i < callers->nr; i++)
		callers->row[i].id = (uint32_t)i;
	for (size_t i = 0; i < tasks->nr; i++)
		tasks->row[i].id = (uint32_t)i;
	stat_rows_compact(callers);
	stat_rows_compact(tasks);
	stat_rows_compact(pointers);
	for (size_t i = 0; i < callers->nr; i++)
		callers->row[i].name = stat_site_name(source, callers->row[i].id);
	for (size_t i = 0; i < tasks->nr; i++)
		tasks->row[i].name = stat_task_name(source, tasks->row[i].id);
	for (size_t i = 0; i < pointers->nr; i++)
		pointers->row[i].name = stat_site_name(source, pointers->row[i].id);
	if (stat_wants(stat, KMR_STAT_SLAB_CACHE))
		return stat_cache_finish(&stat->slab.cache, source,
					 &stat->views[KMR_STAT_SLAB_CACHE]);
	return 0;
}

void stat_slab_fini(struct stat_slab *slab)
{
	kmr_ptrmap_fini(&slab->live);
	kmr_ptrmap_fini(&slab->pointers);
	kmr_pool_fini(&slab->objects);
	stat_cache_fini(&slab->cache);
}
