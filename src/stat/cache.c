// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which cache an object is of.  Kernels print it with kmem_cache_free() only, so objects wait in
 * their class for a free that names it.  Those that none named, because they live on, or were
 * freed by kfree(), or the trace's name= is empty, go where the frees of the rest of their class
 * went if that is one cache, and to a row of those not known otherwise.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "stat/internal.h"

/* In place of a call site's id, which has 24 bits: kmalloc() goes by size, wherever from. */
#define KMALLOC_SITE (UINT64_C(1) << 24)

static int new_class(struct stat_cache *c, uint32_t bytes, uint32_t cache)
{
	struct stat_class *classes =
		kmr_grow(c->classes, c->nr_classes, &c->cap_classes, sizeof(*classes));

	if (!classes)
		return -1;
	c->classes = classes;
	classes[c->nr_classes++] = (struct stat_class){ .bytes = bytes, .cache = cache };
	return 0;
}

int stat_cache_alloc(struct stat_cache *c, const struct kmr_event *ev, struct stat_object *object)
{
	const bool kmalloc = ev->type == KMR_EV_KMALLOC;
	const uint64_t site = kmalloc ? KMALLOC_SITE : object->site;
	const uint64_t req = kmalloc ? 0 : object->req;
	const uint32_t sizes = stat_intern(&c->sizes, req << 32 | object->alloc);
	uint32_t number;

	if (!sizes)
		return -1;
	number = stat_intern(&c->class_map, site << 32 | sizes);
	if (!number)
		return -1;
	object->class = number - 1;
	if (object->class == c->nr_classes &&
	    new_class(c, object->alloc, kmalloc ? STAT_CACHE_KMALLOC : 0))
		return -1;
	stat_row_alloc(&c->classes[object->class].row, object);
	return 0;
}

void stat_cache_forget(struct stat_cache *c, const struct stat_object *object)
{
	stat_row_forget(&c->classes[object->class].row, object);
}

static void learn(struct stat_class *class, uint32_t cache)
{
	if (!class->cache)
		class->cache = cache;
	else if (class->cache != cache && class->cache != STAT_CACHE_KMALLOC)
		class->cache = STAT_CACHE_SEVERAL;
}

int stat_cache_free(struct stat_cache *c, const struct kmr_event *ev,
		    const struct stat_object *object, bool pingpong)
{
	struct stat_class *class = &c->classes[object->class];

	if (ev->cache)
		learn(class, ev->cache);
	if (c->live)
		return 0;
	if (!ev->cache) {
		stat_row_free(&class->row, object, pingpong);
		return 0;
	}
	if (stat_rows_need(&c->named, ev->cache))
		return -1;
	stat_row_forget(&class->row, object);
	stat_row_alloc(&c->named.row[ev->cache], object);
	stat_row_free(&c->named.row[ev->cache], object, pingpong);
	return 0;
}

int stat_cache_unknown_free(struct stat_cache *c, const struct kmr_event *ev)
{
	if (c->live)
		return 0;
	if (!ev->cache) {
		c->nobody.frees++;
		return 0;
	}
	if (stat_rows_need(&c->named, ev->cache))
		return -1;
	c->named.row[ev->cache].frees++;
	return 0;
}

/* Adds what is counted in @row to the final row of that name; -1: out of memory. */
static int add_to(struct stat_cache *c, struct stat_rows *rows, const char *name,
		  const struct kmr_stat_row *row)
{
	uint32_t id;

	if (!row->hit && !row->frees)
		return 0;
	if (kmr_strtab_intern(&c->names, name, strlen(name), &id) || stat_rows_need(rows, id))
		return -1;
	rows->row[id].name = kmr_strtab_get(&c->names, id);
	rows->row[id].id = id;
	stat_row_add(&rows->row[id], row);
	return 0;
}

static int add_class(struct stat_cache *c, const struct kmr_source *source, struct stat_rows *rows,
		     const struct stat_class *class)
{
	char name[48];

	if (class->cache && class->cache < STAT_CACHE_SEVERAL)
		return add_to(c, rows, kmr_source_cache(source, class->cache), &class->row);
	(void)snprintf(name, sizeof(name),
		       class->cache == STAT_CACHE_KMALLOC ? "kmalloc-%" PRIu32
							  : "(unknown, %" PRIu32 " bytes)",
		       class->bytes);
	return add_to(c, rows, name, &class->row);
}

int stat_cache_finish(struct stat_cache *c, const struct kmr_source *source, struct stat_rows *rows)
{
	if (kmr_strtab_init(&c->names, UINT32_MAX - 1, SIZE_MAX / 2))
		return -1;
	for (size_t i = 0; i < c->named.nr; i++)
		if (add_to(c, rows, kmr_source_cache(source, (uint32_t)i), &c->named.row[i]))
			return -1;
	for (size_t i = 0; i < c->nr_classes; i++)
		if (add_class(c, source, rows, &c->classes[i]))
			return -1;
	if (add_to(c, rows, "(unknown)", &c->nobody))
		return -1;
	stat_rows_compact(rows);
	return 0;
}

void stat_cache_fini(struct stat_cache *c)
{
	kmr_ptrmap_fini(&c->sizes);
	kmr_ptrmap_fini(&c->class_map);
	free(c->classes);
	stat_rows_fini(&c->named);
	kmr_strtab_fini(&c->names);
}
