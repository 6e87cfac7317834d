// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots of newer kernels in the models of old ones: every page that was free is, in the order of
 * the lists; what they save they can load; and what can't be is refused with a message.
 */
#include "page/classic.h"

#include "rig.h"

#define SNAPSHOT KMR_SOURCE_ROOT "/traces/i386-slub-compile/state/kmsnap.before.zst"

static const char *const backends[] = { "linux-2.6.24", "linux-2.4" };

static struct kmr_snapshot *read_snapshot(void)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));
	struct kmr_error err = { "" };

	cr_assert_not_null(s);
	cr_assert_eq(kmr_snapshot_read(s, SNAPSHOT, &err), 0, "%s", err.msg);
	return s;
}

static void drop(struct kmr_snapshot *s)
{
	kmr_snapshot_free(s);
	free(s);
}

/* Pages on lists, by zone. */
static void count(const struct kmr_snapshot *s, uint64_t *pages)
{
	memset(pages, 0, KMR_MAX_ZONES * sizeof(*pages));
	for (size_t i = 0; i < s->nr_free_lists; i++)
		pages[s->free_lists[i].zone] += (uint64_t)s->free_lists[i].count
						<< s->free_lists[i].index;
	for (size_t i = 0; i < s->nr_pcp_lists; i++)
		pages[s->pcp_lists[i].zone] +=
			(uint64_t)s->pcp_lists[i].count
			<< (s->pcp_lists[i].index < 12 ? s->pcp_lists[i].index / 3u
						       : s->machine.pageblock_order);
}

static void load(struct rig *r, const char *backend, const struct kmr_snapshot *s)
{
	struct kmr_error err = { "" };
	uint64_t pages[KMR_MAX_ZONES];

	r->m = s->machine;
	rig_create_as(r, backend);
	cr_assert_eq(r->ops->load(r->b, s, &err), 0, "%s", err.msg);
	rig_check(r);
	count(s, pages);
	for (unsigned int i = 0; i < r->m.nr_zones; i++) {
		struct kmr_zone_state state;

		r->ops->zone_state(r->b, i, &state);
		cr_assert_eq(state.free_pages + state.pcp_pages, pages[i], "%s: zone %u", backend,
			     i);
	}
}

static struct kmr_snapshot *save(const struct rig *r)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));
	struct kmr_error err = { "" };

	cr_assert_not_null(s);
	s->machine = r->m;
	cr_assert_eq(r->ops->save(r->b, s, &err), 0, "%s", err.msg);
	return s;
}

static void assert_same(const struct kmr_snapshot *a, const struct kmr_snapshot *b)
{
	cr_assert_eq(a->nr_free_lists, b->nr_free_lists);
	for (size_t i = 0; i < a->nr_free_lists; i++) {
		const struct kmr_snap_list *x = &a->free_lists[i], *y = &b->free_lists[i];

		cr_assert(x->zone == y->zone && x->index == y->index &&
			  x->migratetype == y->migratetype && x->count == y->count);
		cr_assert_arr_eq(&a->pfns[x->first], &b->pfns[y->first],
				 x->count * sizeof(*a->pfns));
	}
	cr_assert_eq(a->nr_pageblocks, b->nr_pageblocks);
	cr_assert_arr_eq(a->pageblocks, b->pageblocks, a->nr_pageblocks);
}

Test(page_classic_state, round_trip)
{
	struct kmr_snapshot *in = read_snapshot();

	for (size_t i = 0; i < 2; i++) {
		struct kmr_snapshot *out, *again;
		struct rig *r = calloc(2, sizeof(*r));

		cr_assert_not_null(r);
		load(&r[0], backends[i], in);
		out = save(&r[0]);
		load(&r[1], backends[i], out);
		again = save(&r[1]);
		assert_same(out, again);
		drop(out);
		drop(again);
		rig_destroy(&r[0]);
		rig_destroy(&r[1]);
		free(r);
	}
	drop(in);
}

/* 2.6.24 makes its reserve of the first movable pageblocks of each zone, one for up to 4 MiB. */
Test(page_classic_state, reserve_is_made)
{
	struct kmr_snapshot *in = read_snapshot();
	struct rig *r = calloc(1, sizeof(*r));

	cr_assert_not_null(r);
	load(r, "linux-2.6.24", in);
	for (unsigned int i = 0; i < r->m.nr_zones; i++) {
		const struct kmr_classic_zone *z = &r->b->zones[i];
		const uint8_t *was = &in->pageblocks[in->zones[i].first_block];
		uint32_t first = 0;

		while (first < z->nr_blocks && was[first] != KMR_MIGRATE_MOVABLE)
			first++;
		for (uint32_t k = 0; k < z->nr_blocks; k++) {
			if (was[k] != KMR_MIGRATE_UNKNOWN)
				cr_assert_eq(z->pageblocks[k],
					     k == first ? KMR_MIGRATE_RESERVE : was[k],
					     "zone %u, pageblock %u", i, k);
		}
		cr_assert_leq(z->mark[KMR_PAGES_MIN], 1024);
	}
	rig_destroy(r);
	free(r);
	drop(in);
}

static void assert_refused(const struct kmr_snapshot *s, const struct kmr_machine *m,
			   const char *message)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = calloc(1, sizeof(*r));
		struct kmr_error err = { "" };

		cr_assert_not_null(r);
		r->m = *m;
		rig_create_as(r, backends[i]);
		cr_assert_eq(r->ops->load(r->b, s, &err), -1);
		cr_assert_str_eq(err.msg, message);
		rig_destroy(r);
		free(r);
	}
}

static struct kmr_snapshot *small(struct kmr_machine *m)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));

	cr_assert_not_null(s);
	bare_machine(m, 9);
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 0, 4096);
	s->machine = *m;
	s->zones[0].nr_blocks = 8;
	for (unsigned int i = 0; i < 8; i++)
		cr_assert_eq(kmr_snapshot_add_pageblock(s, KMR_MIGRATE_MOVABLE), 0);
	return s;
}

/* A list of one block; of a free list @index is 16 * type + order. */
static void add_list(struct kmr_snapshot *s, bool percpu, unsigned int cpu, unsigned int index,
		     uint32_t pfn)
{
	struct kmr_snap_list *l =
		percpu ? kmr_snapshot_add_pcp_list(s) : kmr_snapshot_add_free_list(s);

	cr_assert_not_null(l);
	l->cpu = (uint16_t)cpu;
	l->index = (uint8_t)(percpu ? index : index % 16);
	l->migratetype = (uint8_t)(percpu ? 0 : index / 16);
	l->first = s->nr_pfns;
	l->count = 1;
	cr_assert_eq(kmr_snapshot_add_pfn(s, pfn), 0);
}

Test(page_classic_state, refused)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_snapshot *s;

	cr_assert_not_null(m);
	s = small(m);
	m->zones[0].spanned = 8192;
	assert_refused(s, m, "snapshot: its zone 0 (node 0, Normal) is not the machine's");
	drop(s);
	s = small(m);
	add_list(s, false, 0, 3, 12);
	assert_refused(s, m, "snapshot: frame 12 of order 3 can't be free here");
	drop(s);
	s = small(m);
	add_list(s, false, 0, 3, 16);
	add_list(s, true, 0, 0, 17);
	assert_refused(s, m, "snapshot: frame 17 can't be on list 0 of CPU 0");
	drop(s);
	s = small(m);
	add_list(s, true, 1, 0, 17);
	assert_refused(s, m, "snapshot: list 0 of CPU 1, but the machine has 1 CPUs");
	drop(s);
	s = small(m);
	add_list(s, true, 0, 15, 512);
	assert_refused(s, m, "snapshot: list 15 of CPU 0, but the machine has 1 CPUs");
	drop(s);
	free(m);
}

/* Blocks of per-CPU lists that there are not are free; pages beyond the list's limit, too. */
Test(page_classic_state, per_cpu_lists)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_snapshot *s;
	struct rig *r = calloc(1, sizeof(*r));

	cr_assert(m && r);
	s = small(m);
	add_list(s, true, 0, 3 * 2 + KMR_MIGRATE_MOVABLE, 64);
	add_list(s, true, 0, 13, 512);
	for (uint32_t i = 0; i < 8; i++)
		add_list(s, true, 0, KMR_MIGRATE_UNMOVABLE, 1024 + 2 * i);
	s->machine.zones[0].managed = m->zones[0].managed = 16384;
	load(r, "linux-2.6.24", s);
	ASSERT_LIST(r, &r->b->zones[0].pcp[0][KMR_PCP_HOT].list, 1024, 1026, 1028, 1030, 1032, 1034,
		    1036, 1038);
	cr_assert_eq(kmr_frame(r->b, 1024)->migratetype, KMR_MIGRATE_UNMOVABLE);
	ASSERT_LIST(r, &r->b->zones[0].lists[9][KMR_MIGRATE_MOVABLE], 512);
	/* the first pageblock is the reserve */
	ASSERT_LIST(r, &r->b->zones[0].lists[2][KMR_MIGRATE_RESERVE], 64);
	rig_destroy(r);
	/* a limit of 0: nothing stays */
	s->machine.zones[0].managed = m->zones[0].managed = 4096;
	load(r, "linux-2.6.24", s);
	cr_assert_eq(r->ops->pcp_count(r->b, 0, 0), 0);
	rig_destroy(r);
	drop(s);
	free(r);
	free(m);
}

/* 2.4 has one list an order: those of the types one after the other, each in its order. */
Test(page_classic_state, types_one_after_the_other)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_snapshot *s;
	struct rig *r = calloc(1, sizeof(*r));

	cr_assert(m && r);
	s = small(m);
	add_list(s, false, 0, 16 * KMR_MIGRATE_CMA + 4, 2048);
	add_list(s, false, 0, 16 * KMR_MIGRATE_MOVABLE + 4, 128);
	add_list(s, false, 0, 16 * KMR_MIGRATE_MOVABLE + 4, 32);
	add_list(s, false, 0, 16 * KMR_MIGRATE_RECLAIMABLE + 4, 512);
	add_list(s, false, 0, 16 * KMR_MIGRATE_UNMOVABLE + 4, 1024);
	add_list(s, false, 0, 16 * KMR_MIGRATE_MOVABLE + 10, 3072);
	load(r, "linux-2.4", s);
	ASSERT_LIST(r, &r->b->zones[0].lists[4][0], 1024, 128, 32, 512, 2048);
	ASSERT_LIST(r, &r->b->zones[0].lists[9][0], 3072, 3584);
	rig_destroy(r);
	load(r, "linux-2.6.24", s);
	ASSERT_LIST(r, &r->b->zones[0].lists[4][KMR_MIGRATE_MOVABLE], 2048);
	/* of the first pageblock, which is the reserve: by address, each to the head */
	ASSERT_LIST(r, &r->b->zones[0].lists[4][KMR_MIGRATE_RESERVE], 128, 32);
	rig_destroy(r);
	drop(s);
	free(r);
	free(m);
}
