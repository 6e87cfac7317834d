// SPDX-License-Identifier: GPL-2.0-only
#include "cli/objects.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "report/table.h"
#include "report/units.h"

#define TOP_CACHES 10

double kmr_objects_waste(const struct kmr_replay_result *r)
{
	const struct kmr_object_stats *s = &r->objects.stats;
	const double held = (double)s->end_pages * (double)(UINT64_C(1) << r->machine.page_shift);

	return held > 0 && (double)s->live_requested < held ? 1 - (double)s->live_requested / held
							    : 0;
}

void kmr_owners_json(struct kmr_json *j, const uint64_t counts[KMR_OWNER_NR])
{
	static const char *const names[KMR_OWNER_NR] = {
		[KMR_OWNER_DIRECT] = "direct",
		[KMR_OWNER_SLAB] = "slab",
		[KMR_OWNER_KMALLOC] = "large_kmalloc",
		[KMR_OWNER_VMALLOC] = "vmalloc",
	};

	for (unsigned int o = 0; o < KMR_OWNER_NR; o++)
		kmr_json_uint(j, names[o], counts[o]);
}

uint64_t kmr_not_direct(const struct kmr_attribution *a)
{
	uint64_t n = 0;

	for (unsigned int o = KMR_OWNER_DIRECT + 1; o < KMR_OWNER_NR; o++)
		n += a->allocs[o];
	return n;
}

/* Average over the pages that were not asked for directly, percent. */
static double confidence(const struct kmr_attribution *a)
{
	const uint64_t nr = kmr_not_direct(a);

	return nr ? (double)a->confidence / (double)nr : 100;
}

/* Who pages were asked for by. */
static void json_attribution(struct kmr_json *j, const struct kmr_attribution *a)
{
	kmr_json_object(j, "attribution");
	kmr_json_bool(j, "real_pointers", a->real_pointers);
	kmr_owners_json(j, a->allocs);
	kmr_json_uint(j, "sure", a->sure);
	kmr_json_double(j, "confidence_percent", confidence(a), 1);
	kmr_json_end_object(j);
}

static void json_caches(struct kmr_json *j, const struct kmr_object_report *o)
{
	kmr_json_array(j, "caches");
	for (size_t i = 0; i < o->nr_caches; i++) {
		const struct kmr_cache_state *c = &o->caches[i];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", c->name);
		kmr_json_uint(j, "object_size", c->object_size);
		kmr_json_uint(j, "size", c->size);
		kmr_json_uint(j, "objects_per_slab", c->objects_per_slab);
		kmr_json_uint(j, "order", c->order);
		kmr_json_uint(j, "active", c->active);
		kmr_json_uint(j, "objects", c->objects);
		kmr_json_uint(j, "slabs", c->slabs);
		kmr_json_uint(j, "pages", c->pages);
		kmr_json_uint(j, "requested_bytes", o->requested[i]);
		kmr_json_uint(j, "allocs", c->allocs);
		kmr_json_uint(j, "frees", c->frees);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

void kmr_lifetimes_json(struct kmr_json *j, const struct kmr_distributions *d)
{
	kmr_json_array(j, "lifetimes");
	for (size_t i = 0; i < d->nr_lifetimes; i++) {
		const struct kmr_lifetime_bucket *b = &d->lifetimes[i];
		uint64_t count;

		/* once for all of a kind and order */
		if (i && b[-1].kind == b->kind && b[-1].order == b->order)
			continue;
		kmr_json_object(j, NULL);
		kmr_json_string(j, "kind", kmr_dist_kind_name(b->kind));
		kmr_json_uint(j, "order", b->order);
		kmr_json_uint(j, "p50_ns",
			      kmr_lifetime_quantile(d, b->kind, b->order, 500, &count));
		kmr_json_uint(j, "p99_ns",
			      kmr_lifetime_quantile(d, b->kind, b->order, 990, &count));
		kmr_json_uint(j, "count", count);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

void kmr_objects_json(struct kmr_json *j, const struct kmr_replay_result *r)
{
	const struct kmr_object_report *o = &r->objects;
	const struct kmr_object_stats *s = &o->stats;

	kmr_json_string(j, "object", o->backend);
	if (!o->backend)
		return;
	kmr_json_string(j, "object_params", r->object_params);
	kmr_json_string(j, "object_start", o->start);
	kmr_json_object(j, "objects");
	kmr_json_uint(j, "allocs", s->allocs);
	kmr_json_uint(j, "frees", s->frees);
	kmr_json_uint(j, "start_objects", s->start_objects);
	kmr_json_uint(j, "failures", s->failures);
	kmr_json_uint(j, "dropped_frees", s->dropped_frees);
	kmr_json_uint(j, "traced_failures", s->traced_failures);
	kmr_json_uint(j, "null_frees", s->null_frees);
	kmr_json_uint(j, "unknown_frees", s->unknown_frees);
	kmr_json_uint(j, "repeated_allocs", s->repeated_allocs);
	kmr_json_uint(j, "silent_frees", s->silent_frees);
	kmr_json_uint(j, "taken_again", s->taken_again);
	kmr_json_uint(j, "odd_sizes", s->odd_sizes);
	kmr_json_uint(j, "live_objects", s->live_objects);
	kmr_json_uint(j, "live_requested", s->live_requested);
	kmr_json_uint(j, "live_given", s->live_given);
	kmr_json_end_object(j);
	kmr_json_object(j, "slab_pages");
	kmr_json_uint(j, "start", s->start_pages);
	kmr_json_uint(j, "peak", s->peak_pages);
	kmr_json_uint(j, "end", s->end_pages);
	kmr_json_int(j, "growth", (int64_t)s->end_pages - (int64_t)s->start_pages);
	kmr_json_double(j, "waste", kmr_objects_waste(r), 4);
	kmr_json_uint(j, "traced_allocs_left_out", s->page_allocs);
	kmr_json_uint(j, "traced_frees_left_out", s->page_frees);
	kmr_json_end_object(j);
	json_attribution(j, &r->attribution);
	json_caches(j, o);
}

static int by_pages(const void *a, const void *b)
{
	const struct kmr_cache_state *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int print_caches(const struct kmr_object_report *o)
{
	static const struct kmr_column columns[] = {
		{ "cache", NULL, KMR_ALIGN_LEFT },   { "size", "B", KMR_ALIGN_RIGHT },
		{ "in use", NULL, KMR_ALIGN_RIGHT }, { "objects", NULL, KMR_ALIGN_RIGHT },
		{ "used", "%", KMR_ALIGN_RIGHT },    { "slabs", NULL, KMR_ALIGN_RIGHT },
		{ "pages", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_cache_state *c = malloc((o->nr_caches + 1) * sizeof(*c));
	struct kmr_table *t;

	if (!c)
		return -1;
	memcpy(c, o->caches, o->nr_caches * sizeof(*c));
	qsort(c, o->nr_caches, sizeof(*c), by_pages);
	t = kmr_table_new("Caches with most pages at the end", columns, 7);
	for (size_t i = 0; i < o->nr_caches && i < TOP_CACHES && c[i].pages; i++) {
		kmr_table_text(t, c[i].name);
		kmr_table_count(t, c[i].size);
		kmr_table_count(t, c[i].active);
		kmr_table_count(t, c[i].objects);
		kmr_table_format(t, "%.1f",
				 c[i].objects ? 100.0 * (double)c[i].active / (double)c[i].objects
					      : 0.0);
		kmr_table_count(t, c[i].slabs);
		kmr_table_count(t, c[i].pages);
	}
	free(c);
	return kmr_table_print(t, stdout);
}

static void count_row(struct kmr_table *t, const char *what, uint64_t count, bool always)
{
	if (!count && !always)
		return;
	kmr_table_text(t, what);
	kmr_table_count(t, count);
}

int kmr_objects_text(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	const struct kmr_object_stats *s = &r->objects.stats;
	struct kmr_table *t = kmr_table_new("Objects", columns, 2);

	count_row(t, "in use at the start", s->start_objects, true);
	count_row(t, "allocations replayed", s->allocs, true);
	count_row(t, "frees replayed", s->frees, true);
	count_row(t, "allocations that fail only in the model", s->failures, true);
	count_row(t, "frees of what nobody allocated", s->unknown_frees, false);
	count_row(t, "allocations at an address still in use", s->repeated_allocs, false);
	count_row(t, "freed, and taken again without an event", s->taken_again, false);
	count_row(t, "left in pages that were given back", s->silent_frees, false);
	count_row(t, "allocations of an impossible size", s->odd_sizes, false);
	count_row(t, "in use at the end", s->live_objects, true);
	count_row(t, "page requests of the traced slabs, left out", s->page_allocs, true);
	kmr_table_text(t, "how sure that is, of all in the trace (%)");
	kmr_table_format(t, "%.1f", confidence(&r->attribution));
	count_row(t, "slab pages at the start", s->start_pages, true);
	count_row(t, "slab pages at most", s->peak_pages, true);
	count_row(t, "slab pages at the end", s->end_pages, true);
	kmr_table_text(t, "of their bytes nobody asked for (%)");
	kmr_table_format(t, "%.1f", 100 * kmr_objects_waste(r));
	if (kmr_table_print(t, stdout))
		return -1;
	printf("\n");
	return r->objects.nr_caches ? print_caches(&r->objects) : 0;
}
