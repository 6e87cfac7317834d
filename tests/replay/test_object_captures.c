// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of captures through every allocator: the traced kernel's own ends where the kernel did, and
 * what another would have grown by is what a kernel with that one grew by.
 */
#include <inttypes.h>

#include "kmreplay/compare.h"
#include "support.h"

/* In use by cache, as a snapshot tells. */
struct truth {
	struct kmr_machine machine;
	struct kmr_snapshot snap;
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
};

static kmr_pfn_t no_page(void *ctx, const struct kmr_page_request *req)
{
	(void)ctx;
	(void)req;
	return KMR_NO_PFN;
}

static void ignore_page(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	(void)ctx;
	(void)pfn;
	(void)order;
	(void)cpu;
	(void)rcu;
}

static void load(struct truth *t, const char *path, const struct kmr_machine *machine)
{
	struct kmr_object_config config = { .version = 601, .pointer_bytes = 4 };
	struct kmr_error err = { "" };
	uint64_t params[KMR_MAX_PARAMS];

	memset(t, 0, sizeof(*t));
	t->machine = *machine;
	cr_assert_eq(kmr_snapshot_read(&t->snap, path, &err), 0, "%s", err.msg);
	t->ops = kmr_object_backend_parse("slub", params, &err);
	config.machine = &t->machine;
	config.pages.alloc = no_page;
	config.pages.free = ignore_page;
	t->b = t->ops->create(&config, params, &err);
	cr_assert_not_null(t->b, "%s", err.msg);
	cr_assert_eq(t->ops->load(t->b, &t->snap, &err), 0, "%s", err.msg);
}

static void unload(struct truth *t)
{
	t->ops->destroy(t->b);
	kmr_snapshot_free(&t->snap);
}

static const struct kmr_cache_state *find(const struct kmr_object_report *o, const char *name)
{
	for (size_t i = 0; i < o->nr_caches; i++)
		if (!strcmp(o->caches[i].name, name))
			return &o->caches[i];
	return NULL;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Objects in use that the simulation has and the kernel has not, or the other way, over all. */
static double objects_apart(const struct kmr_object_report *o, const struct truth *t)
{
	uint64_t differ = 0, all = 0;

	for (unsigned int i = 0; i < t->ops->nr_caches(t->b); i++) {
		const struct kmr_cache_state *have;
		struct kmr_cache_state want;

		t->ops->cache_state(t->b, i, &want);
		have = find(o, want.name);
		cr_assert_not_null(have, "no cache %s", want.name);
		cr_expect_eq(have->size, want.size, "%s", want.name);
		cr_expect_eq(have->objects_per_slab, want.objects_per_slab, "%s", want.name);
		differ += apart(have->active, want.active);
		all += want.active;
	}
	cr_assert_gt(all, 10000);
	return (double)differ / (double)all;
}

Test(object_captures, slub_ends_as_the_kernel)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r = malloc(sizeof(*r));
	struct kmr_error err = { "" };
	struct truth after;
	struct capture c;

	cr_assert_not_null(r);
	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture i386-slub-compile in " BUNDLED);
	memset(&o, 0, sizeof(o));
	o.trace = c.trace;
	o.page = "linux-6.1";
	o.object = "slub";
	o.check = true;
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
	load(&after, c.after, &r->machine);
	cr_expect_str_eq(r->objects.start, "snapshot");
	cr_expect_eq(r->objects.stats.start_pages, 1635);
	cr_expect_eq(after.ops->pages(after.b), 1701);
	cr_expect_leq(apart(r->objects.stats.end_pages, 1701), 17, "%" PRIu64 " pages",
		      r->objects.stats.end_pages);
	/* what the kernel allocates in bulk has no events: 1.07 % */
	cr_expect_leq(objects_apart(&r->objects, &after), 0.012, "%.2f %% of objects",
		      100 * objects_apart(&r->objects, &after));
	cr_expect_eq(r->objects.work.bad_frees, 0);
	unload(&after);
	kmr_replay_result_free(r);
	free(r);
}

/* One cache, at the end of a replay of the bundled capture. */
static struct kmr_cache_state cache_after(const char *trace, const char *object, const char *name)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r = malloc(sizeof(*r));
	struct kmr_cache_state state;
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	memset(&o, 0, sizeof(o));
	o.trace = trace;
	o.page = "linux-6.1";
	o.object = object;
	o.check = true;
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
	cr_expect_str_eq(r->objects.start, "moved", "%s", object);
	cr_assert_not_null(find(&r->objects, name), "%s", name);
	state = *find(&r->objects, name);
	kmr_replay_result_free(r);
	free(r);
	return state;
}

/*
 * Acpi-State has 411 objects in 850 places when the capture begins, and no other comes or goes: some
 * of its slabs are empty then and not taken along, all others have the holes that they had.
 */
Test(object_captures, moved_objects_keep_their_holes)
{
	struct kmr_cache_state state;
	struct capture c;

	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture i386-slub-compile in " BUNDLED);
	state = cache_after(c.trace, "slab", "Acpi-State");
	cr_expect_geq(state.active, 411);
	cr_expect_geq(state.objects, 650, "%" PRIu64 " places", state.objects);
}

/* Parameters of SLUB concern the caches of a SLUB kernel's snapshot, too. */
Test(object_captures, parameters_make_slabs_anew)
{
	struct capture c;

	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture i386-slub-compile in " BUNDLED);
	cr_expect_eq(cache_after(c.trace, "slub,min_partial=7", "filp").order, 0);
	/* the kernel's has order 1, and order 3 */
	cr_expect_eq(cache_after(c.trace, "slub,max_order=0", "kmalloc-2k").order, 0);
	cr_expect_eq(cache_after(c.trace, "slub,max_order=0", "task_struct").order, 1);
	cr_expect_eq(cache_after(c.trace, "slub,max_order=2", "kmalloc-2k").order, 2);
}

#define NR 3

/* What @jobs make of the bundled capture. */
static void compare(const char *trace, unsigned int jobs, struct kmr_replay_result *r)
{
	static const char *const pages[] = { "linux-6.1" };
	static const char *const objects[NR] = { "slub", "slab", "slob" };
	struct kmr_compare_options o;
	struct kmr_error err = { "" };

	memset(&o, 0, sizeof(o));
	o.replay.trace = trace;
	o.replay.check = true;
	o.pages = pages;
	o.nr_pages = 1;
	o.objects = objects;
	o.nr_objects = NR;
	o.jobs = jobs;
	cr_assert_eq(kmr_compare(&o, r, &err), 0, "%s", err.msg);
}

static void done(struct kmr_replay_result *r)
{
	for (int i = 0; i < NR; i++)
		kmr_replay_result_free(&r[i]);
	free(r);
}

/* Run beside others or after them, a run is the same to the last sample. */
Test(object_captures, runs_do_not_disturb_each_other, .timeout = 200)
{
	struct kmr_replay_result *one = calloc(NR, sizeof(*one)), *two = calloc(NR, sizeof(*two));
	struct capture c;

	cr_assert(one && two);
	need_capture(&c, "i386-slub-compile");
	compare(c.trace, 1, one);
	compare(c.trace, 2, two);
	for (int i = 0; i < NR; i++) {
		cr_expect_str_eq(one[i].digest, two[i].digest);
		cr_expect_eq(memcmp(&one[i].objects.stats, &two[i].objects.stats,
				    sizeof(one[i].objects.stats)),
			     0);
	}
	cr_expect_str_neq(one[0].digest, one[1].digest);
	cr_expect_str_neq(one[0].digest, one[2].digest);
	done(one);
	done(two);
}

/* Pages that slabs grew by, of each allocator, within 5 % of what its kernel's did. */
static void growth(const char *name, const double want[NR])
{
	struct kmr_replay_result *r = calloc(NR, sizeof(*r));
	struct capture c;

	cr_assert_not_null(r);
	if (!capture_in(&c, CAPTURES, name))
		cr_skip_test("no capture %s in " CAPTURES, name);
	compare(c.trace, 2, r);
	for (int i = 0; i < NR; i++) {
		const struct kmr_object_stats *s = &r[i].objects.stats;
		const double have = (double)s->end_pages - (double)s->start_pages;

		cr_expect(have >= 0.95 * want[i] && have <= 1.05 * want[i],
			  "%s: %s grows by %.0f pages, its kernel did by %.0f", name,
			  r[i].objects.backend, have, want[i]);
		cr_expect_eq(s->failures, 0);
	}
	done(r);
}

/* The same workload in three kernels; each trace tells what happens in the other two. */
static const double grown[NR] = { 959, 957, 958 };

Test(object_captures, growth_from_slubs_trace, .timeout = 300)
{
	growth("i386-slub-files", grown);
}

Test(object_captures, growth_from_slabs_trace, .timeout = 300)
{
	growth("i386-slab-files", grown);
}

Test(object_captures, growth_from_slobs_trace, .timeout = 300)
{
	growth("i386-slob-files", grown);
}
