// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exact snapshots in and out: what is loaded from a kernel's is saved as the same lists in the
 * same order; and a snapshot that can't be is refused with a message.
 */
#include <unistd.h>

#include "support.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"

static bool same_list(const struct kmr_snapshot *a, const struct kmr_snap_list *x,
		      const struct kmr_snapshot *b, const struct kmr_snap_list *y)
{
	return x->zone == y->zone && x->cpu == y->cpu && x->index == y->index &&
	       x->migratetype == y->migratetype && x->count == y->count &&
	       !memcmp(&a->pfns[x->first], &b->pfns[y->first], x->count * sizeof(*a->pfns));
}

/* Every list of @a that is not empty is in @b. */
static void assert_lists(const char *name, const struct kmr_snapshot *a,
			 const struct kmr_snap_list *from, size_t nr_from,
			 const struct kmr_snapshot *b, const struct kmr_snap_list *in, size_t nr_in)
{
	for (size_t i = 0; i < nr_from; i++) {
		bool found = !from[i].count;

		for (size_t k = 0; k < nr_in && !found; k++)
			found = same_list(a, &from[i], b, &in[k]);
		cr_assert(found, "%s: list of zone %u, CPU %u, index %u, type %u", name,
			  from[i].zone, from[i].cpu, from[i].index, from[i].migratetype);
	}
}

static void assert_state(const char *name, const struct kmr_snapshot *in,
			 const struct kmr_snapshot *out)
{
	assert_lists(name, in, in->free_lists, in->nr_free_lists, out, out->free_lists,
		     out->nr_free_lists);
	assert_lists(name, out, out->free_lists, out->nr_free_lists, in, in->free_lists,
		     in->nr_free_lists);
	assert_lists(name, in, in->pcp_lists, in->nr_pcp_lists, out, out->pcp_lists,
		     out->nr_pcp_lists);
	assert_lists(name, out, out->pcp_lists, out->nr_pcp_lists, in, in->pcp_lists,
		     in->nr_pcp_lists);
	cr_assert_eq(in->nr_pcps, out->nr_pcps);
	for (size_t i = 0; i < in->nr_pcps; i++)
		for (size_t k = 0; k < out->nr_pcps; k++) {
			const struct kmr_snap_pcp *x = &in->pcps[i], *y = &out->pcps[k];

			if (x->zone != y->zone || x->cpu != y->cpu)
				continue;
			cr_assert_eq(x->count, y->count, "%s", name);
			cr_assert_eq(x->high, y->high, "%s", name);
			cr_assert_eq(x->batch, y->batch, "%s", name);
			cr_assert_eq(x->free_factor, y->free_factor, "%s", name);
			cr_assert_eq(x->stat_diff, y->stat_diff, "%s", name);
			if (in->version <= 601)
				continue;
			cr_assert_eq(x->high_min, y->high_min, "%s", name);
			cr_assert_eq(x->high_max, y->high_max, "%s", name);
			cr_assert_eq(x->free_count, y->free_count, "%s", name);
			cr_assert_eq(x->alloc_factor, y->alloc_factor, "%s", name);
			cr_assert_eq(x->flags, y->flags, "%s", name);
		}
	for (unsigned int z = 0; z < in->machine.nr_zones; z++) {
		/* as the kernel's counter has it, without what the CPUs still hold back */
		cr_assert_eq(in->zones[z].free, out->zones[z].free, "%s: zone %u", name, z);
		cr_assert_eq(in->zones[z].highatomic, out->zones[z].highatomic);
		cr_assert_eq(in->zones[z].nr_blocks, out->zones[z].nr_blocks);
		for (size_t k = 0; k < in->zones[z].nr_blocks; k++) {
			const uint8_t x = in->pageblocks[in->zones[z].first_block + k];

			if (x != KMR_MIGRATE_UNKNOWN)
				cr_assert_eq(x, out->pageblocks[out->zones[z].first_block + k]);
		}
	}
}

static void round_trip(const char *name, const char *which)
{
	struct kmr_snapshot *in = calloc(1, sizeof(*in)), *out = calloc(1, sizeof(*out));
	struct kmr_snapshot *again = calloc(1, sizeof(*again));
	struct kmr_error err = { "" };
	char path[512];
	struct rig r;

	cr_assert(in && out && again);
	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/kmsnap.%s.zst", name, which);
	cr_assert_eq(kmr_snapshot_read(in, path, &err), 0, "%s", err.msg);
	r.m = in->machine;
	rig_backend = in->version > 601 ? "linux-6.12" : "linux-6.1";
	rig_create(&r);
	cr_assert_eq(r.ops->load(r.b, in, &err), 0, "%s", err.msg);
	rig_check(&r);
	out->machine = r.m;
	cr_assert_eq(r.ops->save(r.b, out, &err), 0, "%s", err.msg);
	assert_state(name, in, out);
	rig_destroy(&r);
	/* and from the model's own into another model */
	rig_create(&r);
	cr_assert_eq(r.ops->load(r.b, out, &err), 0, "%s", err.msg);
	rig_check(&r);
	again->machine = r.m;
	cr_assert_eq(r.ops->save(r.b, again, &err), 0, "%s", err.msg);
	assert_state(name, in, again);
	rig_destroy(&r);
	kmr_snapshot_free(in);
	kmr_snapshot_free(out);
	kmr_snapshot_free(again);
	free(in);
	free(out);
	free(again);
}

Test(page_snapshot, captures)
{
	static const char *const names[] = {
		"i386-slub-compile",	    "i386-slab-compile",	"i386-slob-compile",
		"i386-slub-files",	    "i386-slab-files",		"i386-slob-files",
		"i386-slub-smp2-shell",	    "i386-slub-pressure",	"i386-slub-reclaim",
		"x86_64-6.1-up-sqlite",	    "x86_64-6.12-up-shell",	"x86_64-6.12-up-dat",
		"x86_64-6.12-numa-compile", "x86_64-6.12-numa-reclaim",
	};

	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures in " CAPTURES);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		round_trip(names[i], "before");
		round_trip(names[i], "after");
	}
}

/* A snapshot of rig_normal()'s machine, with one pageblock type per pageblock, no lists. */
static struct kmr_snapshot *empty_snapshot(const struct kmr_machine *m)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));

	cr_assert_not_null(s);
	s->machine = *m;
	s->zones[0].nr_blocks = 8;
	for (unsigned int i = 0; i < 8; i++)
		cr_assert_eq(kmr_snapshot_add_pageblock(s, KMR_MIGRATE_MOVABLE), 0);
	return s;
}

static void add_free(struct kmr_snapshot *s, uint32_t pfn, unsigned int order)
{
	struct kmr_snap_list *l = kmr_snapshot_add_free_list(s);

	cr_assert_not_null(l);
	l->index = (uint8_t)order;
	l->migratetype = KMR_MIGRATE_MOVABLE;
	l->count = 1;
	cr_assert_eq(kmr_snapshot_add_pfn(s, pfn), 0);
}

static void add_percpu(struct kmr_snapshot *s, uint32_t pfn, unsigned int cpu, unsigned int index)
{
	struct kmr_snap_list *l = kmr_snapshot_add_pcp_list(s);

	cr_assert_not_null(l);
	l->cpu = (uint16_t)cpu;
	l->index = (uint8_t)index;
	l->count = 1;
	cr_assert_eq(kmr_snapshot_add_pfn(s, pfn), 0);
}

/* Loads into a model of frames [0, 4096) and frees the snapshot. */
static void assert_refused(struct kmr_snapshot *s, const char *message)
{
	struct kmr_error err = { "" };
	struct rig r;

	(void)rig_normal(&r, 0, 4096);
	cr_assert_eq(r.ops->load(r.b, s, &err), -1);
	cr_assert_str_eq(err.msg, message);
	rig_destroy(&r);
	kmr_snapshot_free(s);
	free(s);
}

static struct kmr_snapshot *fitting_snapshot(void)
{
	struct kmr_snapshot *s;
	struct rig r;

	(void)rig_normal(&r, 0, 4096);
	s = empty_snapshot(&r.m);
	rig_destroy(&r);
	return s;
}

Test(page_snapshot, of_another_machine)
{
	struct kmr_snapshot *s = fitting_snapshot();

	s->machine.zones[0].spanned = 4095;
	assert_refused(s, "snapshot: its zone 0 (node 0, Normal) is not the machine's");
	s = fitting_snapshot();
	s->machine.zones[0].start_pfn = 1;
	assert_refused(s, "snapshot: its zone 0 (node 0, Normal) is not the machine's");
	s = fitting_snapshot();
	s->machine.zones[0].type = KMR_ZONE_DMA32;
	assert_refused(s, "snapshot: its zone 0 (node 0, DMA32) is not the machine's");
	s = fitting_snapshot();
	s->machine.zones[0].node = 1;
	assert_refused(s, "snapshot: its zone 0 (node 1, Normal) is not the machine's");
	s = fitting_snapshot();
	s->zones[0].nr_blocks = 7;
	assert_refused(s, "snapshot: its zone 0 (node 0, Normal) is not the machine's");
}

Test(page_snapshot, frames_that_can_not_be_free)
{
	struct kmr_snapshot *s = fitting_snapshot();

	add_free(s, 4096, 0);
	assert_refused(s, "snapshot: frame 4096 of order 0 can't be free here");
	s = fitting_snapshot();
	add_free(s, 9, 3);
	assert_refused(s, "snapshot: frame 9 of order 3 can't be free here");
	s = fitting_snapshot();
	add_free(s, 8, 3);
	add_free(s, 12, 0);
	assert_refused(s, "snapshot: frame 12 of order 0 can't be free here");
	s = fitting_snapshot();
	add_free(s, 0, 11);
	assert_refused(s, "snapshot: frame 0 of order 11 can't be free here");
}

Test(page_snapshot, percpu_lists_that_can_not_be)
{
	struct kmr_snapshot *s = fitting_snapshot();

	add_percpu(s, 8, 1, 0);
	assert_refused(s, "snapshot: list 0 of CPU 1, but the machine has 1 CPUs");
	s = fitting_snapshot();
	add_percpu(s, 8, 0, KMR_NR_LOW_LISTS + 2);
	assert_refused(s, "snapshot: list 14 of CPU 0, but the machine has 1 CPUs");
	s = fitting_snapshot();
	add_percpu(s, 9, 0, 3);
	assert_refused(s, "snapshot: frame 9 can't be on list 3 of CPU 0");
	s = fitting_snapshot();
	add_percpu(s, 5000, 0, 0);
	assert_refused(s, "snapshot: frame 5000 can't be on list 0 of CPU 0");
	s = fitting_snapshot();
	add_free(s, 8, 3);
	add_percpu(s, 8, 0, 0);
	assert_refused(s, "snapshot: frame 8 can't be on list 0 of CPU 0");
	s = fitting_snapshot();
	add_percpu(s, 8, 0, 0);
	kmr_snapshot_add_pcp(s)->cpu = 3;
	assert_refused(s, "snapshot: CPU 3, but the machine has 1");
}

/* The figures of a snapshot that would stall the model. */
Test(page_snapshot, hostile_figures)
{
	struct kmr_snapshot *s = fitting_snapshot();
	struct kmr_snap_pcp *pcp = kmr_snapshot_add_pcp(s);
	struct kmr_error err = { "" };
	struct rig r;

	pcp->batch = 0;
	pcp->high = 100;
	pcp->free_factor = UINT32_MAX;
	(void)rig_normal(&r, 0, 4096);
	cr_assert_eq(r.ops->load(r.b, s, &err), 0, "%s", err.msg);
	for (uint32_t pfn = 0; pfn < 1000; pfn += 2)
		rig_free(&r, pfn, 0);
	cr_assert_lt(r.ops->pcp_count(r.b, 0, 0), 100);
	rig_check(&r);
	r.ops->drain(r.b, -1);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	rig_destroy(&r);
	kmr_snapshot_free(s);
	free(s);
}

/* The same for limits that move. */
Test(page_snapshot, hostile_limits)
{
	static const struct kmr_snap_pcp cases[] = {
		{ .high = UINT32_MAX,
		  .batch = UINT32_MAX,
		  .high_min = 1,
		  .high_max = UINT32_MAX,
		  .free_count = UINT32_MAX,
		  .alloc_factor = UINT32_MAX,
		  .flags = UINT32_MAX },
		{ .high = 7, .batch = 0, .high_min = 100, .high_max = 1, .alloc_factor = 200 },
		{ .high = UINT32_MAX, .batch = 1, .high_max = 1, .free_count = 5000 },
	};

	rig_backend = "linux-6.12";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_snapshot *s = fitting_snapshot();
		struct kmr_snap_pcp *pcp = kmr_snapshot_add_pcp(s);
		struct kmr_error err = { "" };
		struct rig r;

		*pcp = cases[i];
		s->version = 612;
		(void)rig_normal(&r, 0, 4096);
		cr_assert_eq(r.ops->load(r.b, s, &err), 0, "%s", err.msg);
		for (uint32_t pfn = 0; pfn < 1000; pfn += 2)
			rig_free(&r, pfn, 0);
		for (unsigned int k = 0; k < 100; k++)
			(void)rig_alloc(&r, k % 4, GFP_MOVABLE_REQ);
		for (uint64_t second = 1; second < 5; second++)
			r.ops->tick(r.b, second * 1000000000);
		rig_check(&r);
		cr_assert_leq(r.b->zones[0].pcp[0].alloc_factor, 5);
		r.ops->drain(r.b, -1);
		cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
		rig_destroy(&r);
		kmr_snapshot_free(s);
		free(s);
	}
}
