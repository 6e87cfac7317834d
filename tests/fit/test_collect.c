// SPDX-License-Identifier: GPL-2.0-only
/* Events to classes. */
#include <criterion/criterion.h>

#include "support.h"

#define MOVABLE "GFP_HIGHUSER_MOVABLE"

Test(collect, pages_go_by_task_order_and_flags)
{
	const struct fit_collect *c;

	by("cc1-77", 0);
	page_alloc(0, 0x1000, 0, 1, MOVABLE);
	by("cc1-78", 1);
	page_alloc(10, 0x1001, 0, 1, MOVABLE);
	page_alloc(20, 0x1010, 2, 0, "GFP_KERNEL");
	by("kworker/0:1-mm-9", 0);
	page_alloc(30, 0x1002, 0, 1, MOVABLE);
	c = collect(false, KMR_FIT_BY_SITE);
	cr_assert_eq(c->classes.nr, 3);
	cr_assert_eq(c->classes.class[0] -> requests, 2);
	cr_assert_eq(c->classes.class[0] -> cpus[0], 3);
	cr_assert_str_eq(kmr_strtab_get(&c->comms, c->classes.class[0] -> key.comm), "cc1");
	cr_assert_str_eq(kmr_strtab_get(&c->comms, c->classes.class[2] -> key.comm),
			 "kworker/0:1-mm");
	cr_assert_eq(page_class(c, 2)->bytes, 4 * 4096);
	cr_assert_eq(c->counts.page_requests, 4);
	leave();
}

Test(collect, objects_go_by_site_cache_or_task)
{
	static const struct {
		enum kmr_fit_by by;
		size_t classes;
	} cases[] = { { KMR_FIT_BY_SITE, 4 }, { KMR_FIT_BY_CACHE, 3 }, { KMR_FIT_BY_TASK, 5 } };

	for (size_t i = 0; i < 3; i++) {
		const struct fit_collect *c;

		kmalloc(0, "a+0x1", 0xc1000000, 10, 16);
		kmalloc(1, "b+0x1", 0xc1000010, 60, 64);
		cache_alloc(2, "open+0x1", 0xc1000100, 192, 192);
		cache_free(3, 0xc1000100, "filp");
		by("other-2", 0);
		kmalloc(4, "a+0x1", 0xc1000020, 10, 16);
		cache_alloc(5, "open+0x1", 0xc1000100, 192, 192);
		cache_free(6, 0xc1000100, "filp");
		cache_alloc(7, "dup+0x1", 0xc1000200, 100, 104);
		cache_free(8, 0xc1000200, "vm_area_struct");
		c = collect(true, cases[i].by);
		cr_assert_eq(c->classes.nr, cases[i].classes, "%zu: %zu", i, c->classes.nr);
		cr_assert_eq(c->counts.object_requests, 6);
		leave();
	}
}

Test(collect, sizes_are_kept)
{
	const struct fit_collect *c;
	const struct fit_class *a;

	for (unsigned int i = 0; i < 3; i++)
		kmalloc(i, "a+0x1", 0xc1000000 + 16 * i, 10, 16);
	kmalloc(4, "a+0x1", 0xc1001000, 9, 16);
	for (unsigned int i = 0; i < 100; i++)
		kmalloc(10 + i, "many+0x1", 0xc2000000 + 4096 * i, 101 + i, 256);
	c = collect(true, KMR_FIT_BY_SITE);
	a = site_class(c, "a+0x1");
	cr_assert_eq(a->nr_sizes, 2);
	cr_assert_eq(a->sizes[0].bytes, 9);
	cr_assert_eq(a->sizes[1].count, 3);
	a = site_class(c, "many+0x1");
	cr_assert_eq(a->nr_sizes, FIT_SIZES);
	cr_assert_eq(a->other_sizes.total, 100 - FIT_SIZES);
	leave();
}

Test(collect, lifetimes_and_ages)
{
	const struct fit_collect *c;
	const struct fit_epoch *e;

	for (unsigned int i = 0; i < 10; i++) {
		page_alloc(1000 * i, 0x1000 + i, 0, 1, MOVABLE);
		if (i < 7)
			page_free(1000 * i + 300, 0x1000 + i, 0);
	}
	page_free(20000, 0x1000 + 9, 0);
	c = collect(false, KMR_FIT_BY_SITE);
	e = whole(page_class(c, 0));
	cr_assert_eq(e->requests, 10);
	cr_assert_eq(e->freed, 8);
	cr_assert_eq(e->lifetimes.total, 8);
	cr_assert_eq(e->lifetimes.entries[0].bucket, fit_bucket(300000));
	cr_assert_eq(e->lifetimes.entries[0].count, 7);
	cr_assert_eq(e->lifetimes.entries[1].bucket, fit_bucket(11000000));
	cr_assert_eq(e->ages.total, 2);
	cr_assert_eq(e->ages.entries[0].bucket, fit_bucket(12000000));
	cr_assert_eq(e->gaps.total, 9);
	cr_assert_eq(e->gaps.entries[0].bucket, fit_bucket(1000000));
	leave();
}

Test(collect, frees_at_once_are_groups)
{
	const struct fit_collect *c;
	const struct fit_epoch *e;

	/* three processes of 20 pages, each gone at once */
	for (unsigned int p = 0; p < 3; p++) {
		for (unsigned int i = 0; i < 20; i++)
			page_alloc(100000 * p + 1000 * i, 0x1000 + i, 0, 1, MOVABLE);
		for (unsigned int i = 0; i < 20; i++)
			page_free(100000 * p + 50000 + 5 * i, 0x1000 + 19 - i, 0);
	}
	/* and requests that follow each other closely, but go one by one */
	for (unsigned int i = 0; i < 50; i++) {
		page_alloc(400000 + 20 * i, 0x2000, 1, 1, MOVABLE);
		page_free(400000 + 20 * i + 10, 0x2000, 1);
	}
	page_alloc(20000000, 0x9000, 3, 1, MOVABLE);
	c = collect(false, KMR_FIT_BY_SITE);
	e = whole(page_class(c, 0));
	cr_assert_eq(e->together.requests, 60);
	cr_assert_eq(e->together.lifetimes.total, 60);
	cr_assert_eq(e->alone.total, 0);
	cr_assert_eq(e->together.sizes.total, 3);
	cr_assert_eq(e->together.sizes.entries[0].bucket, fit_bucket(20));
	cr_assert_eq(e->together.group_lifetimes.entries[0].bucket, fit_bucket(31000000));
	cr_assert_eq(whole(page_class(c, 1))->together.requests, 0);
	cr_assert_eq(whole(page_class(c, 1))->alone.total, 50);
	leave();
}

Test(collect, a_block_is_freed_with_its_last_part)
{
	const struct fit_collect *c;

	page_alloc(0, 0x1000, 2, 0, "GFP_KERNEL");
	page_free(10, 0x1001, 0);
	page_free(20, 0x1002, 1);
	page_alloc(25, 0x1001, 0, 0, "GFP_KERNEL");
	page_free(30, 0x1000, 0);
	c = collect(false, KMR_FIT_BY_SITE);
	cr_assert_eq(page_class(c, 2)->frees, 1);
	cr_assert_eq(whole(page_class(c, 2))->lifetimes.entries[0].bucket, fit_bucket(30000));
	cr_assert_eq(page_class(c, 0)->frees, 0);
	cr_assert_eq(c->counts.start_pages, 0);
	leave();
}

/* Whose type a freed frame was is told by what happens to it next. */
Test(collect, what_was_there_at_the_start)
{
	const struct fit_collect *c;
	uint64_t counts[KMR_MIGRATE_TYPES] = { 0 };

	page_free(0, 0x1000, 0);
	page_free(1, 0x1001, 0);
	page_free(2, 0x1002, 0);
	page_free(3, 0x1003, 0);
	event(4, "mm_page_pcpu_drain", "page=c0 pfn=0x1000 order=0 migratetype=2");
	page_alloc(5, 0x1001, 0, 0, "GFP_KERNEL");
	page_alloc(6, 0x1002, 0, 0, "GFP_KERNEL");
	/* 0x1003: with most of the others */
	cache_free(7, 0xc1000000, "dentry");
	c = collect(true, KMR_FIT_BY_SITE);
	cr_assert_eq(c->counts.start_pages, 4);
	cr_assert_eq(c->counts.start_objects, 1);
	for (size_t i = 0; i < c->start.nr; i++)
		if (!c->start.class[i].object && c->start.class[i].count)
			counts[c->start.class[i].migratetype] += c->start.class[i].count;
	cr_assert_eq(counts[KMR_MIGRATE_UNMOVABLE], 3);
	cr_assert_eq(counts[KMR_MIGRATE_RECLAIMABLE], 1);
	cr_assert_eq(page_class(c, 0)->requests, 2);
	leave();
}

/* What a refill brought and no event took was not there at the start when it is freed. */
Test(collect, pages_taken_without_an_event)
{
	const struct fit_collect *c;

	event(0, "mm_page_alloc_zone_locked",
	      "page=c0 pfn=0x1000 order=0 migratetype=0 percpu_refill=1");
	event(0, "mm_page_alloc_zone_locked",
	      "page=c0 pfn=0x1001 order=0 migratetype=0 percpu_refill=1");
	page_alloc(1, 0x1001, 0, 0, "GFP_KERNEL");
	page_free(2, 0x1000, 0);
	c = collect(false, KMR_FIT_BY_SITE);
	cr_assert_eq(c->start.silent, 1);
	cr_assert_eq(c->counts.start_pages, 0);
	leave();
}

Test(collect, slabs_pages_are_left_to_objects)
{
	const struct fit_collect *c;

	for (int objects = 0; objects < 2; objects++) {
		for (unsigned int i = 0; i < 8; i++) {
			const uint64_t pfn = 0x4000 + i;

			page_alloc(10 * i, pfn, 0, 0,
				   "GFP_NOWAIT|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP");
			cache_alloc(10 * i + 1, "open+0x1", 0xc0000000 + (pfn << 12), 128, 128);
		}
		page_alloc(100, 0x5000, 0, 1, MOVABLE);
		c = collect(objects, KMR_FIT_BY_SITE);
		cr_assert_eq(c->counts.page_requests, objects ? 1 : 9);
		cr_assert_eq(c->counts.slab_pages, objects ? 8 : 0);
		cr_assert_eq(c->counts.object_requests, objects ? 8 : 0);
		leave();
	}
}

/* What lives long is freed at a date: each epoch that it was allocated in has its part. */
Test(collect, long_lives_end_at_dates)
{
	const struct fit_collect *c;
	const struct fit_class *class;
	const struct fit_epoch *e;

	/* 32 s, epochs of a second; 100 pages over four of them are gone at 20.1 s */
	for (unsigned int i = 0; i < 100; i++)
		page_alloc(40000 * i, 0x1000 + i, 0, 1, MOVABLE);
	for (unsigned int i = 0; i < 100; i++)
		page_free(20100000 + i, 0x1000 + i, 0);
	/* one by one, from 24.1 s on */
	for (unsigned int i = 0; i < 10; i++)
		page_alloc(20500000 + i, 0x2000 + i, 1, 1, MOVABLE);
	for (unsigned int i = 0; i < 10; i++)
		page_free(24100000 + 500000 * i, 0x2000 + i, 1);
	page_free(32000000, 0x9999, 0);
	c = collect(false, KMR_FIT_BY_SITE);
	cr_assert_geq(c->classes.epoch, 1000000000);
	cr_assert_lt(c->classes.epoch, 1000000010);
	class = page_class(c, 0);
	for (unsigned int i = 0; i < 4; i++) {
		e = class->epochs[i];
		cr_assert_eq(e->together_long.requests, e->requests, "%u", i);
		cr_assert_eq(e->together_long.sizes.total, 1);
		cr_assert_eq(e->together_long.dates.entries[0].bucket, 80); /* of 250 ms */
		cr_assert_eq(e->together.requests, 0);
	}
	e = whole(page_class(c, 1));
	cr_assert_eq(e->alone_dates.total, 10);
	cr_assert_eq(e->alone_long.total, 10);
	cr_assert_eq(e->alone_dates.nr, 10);
	cr_assert_eq(e->alone_dates.entries[0].bucket, 96);
	cr_assert_eq(e->alone.total, 0);
	leave();
}

/* A trace whose length is not known beforehand: epochs double. */
Test(collect, epochs_hold_any_time)
{
	struct fit_collect_config config = { .by = KMR_FIT_BY_SITE };
	struct kmr_event ev = { .type = KMR_EV_PAGE_ALLOC, .node = -1 };
	struct fit_collect c;
	uint64_t requests = 0, dates = 0;

	cr_assert_eq(fit_collect_init(&c, &config), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		ev.time = UINT64_C(7000000000) * i;
		ev.type = KMR_EV_PAGE_ALLOC;
		ev.addr = 0x1000 + i;
		cr_assert_eq(fit_collect_feed(&c, &ev, 1), 0);
		ev.type = KMR_EV_PAGE_FREE;
		ev.addr = i < 500 ? 0x90000 + i : 0x1000 + i - 500;
		cr_assert_eq(fit_collect_feed(&c, &ev, 1), 0);
	}
	cr_assert_eq(fit_collect_end(&c), 0);
	cr_assert_geq(c.classes.epoch * FIT_EPOCHS, UINT64_C(7000000000) * 999);
	cr_assert_lt(c.classes.epoch * FIT_EPOCHS, UINT64_C(14000000000) * 999);
	for (unsigned int i = 0; i < FIT_EPOCHS; i++)
		if (page_class(&c, 0)->epochs[i])
			requests += page_class(&c, 0)->epochs[i]->requests;
	cr_assert_eq(requests, 1000);
	cr_assert_eq(c.start.slot * FIT_SLOTS, c.classes.epoch * FIT_EPOCHS);
	cr_assert_eq(c.counts.start_pages, 500);
	for (size_t i = 0; i < c.start.nr; i++)
		for (uint32_t j = 0; j < c.start.class[i].dates.nr; j++) {
			cr_assert_lt(c.start.class[i].dates.entries[j].bucket, FIT_SLOTS);
			dates += c.start.class[i].dates.entries[j].count;
		}
	cr_assert_eq(dates, 500);
	fit_collect_fini(&c);
}

/* However many call sites and flags there are, classes are not more than a fixed number. */
Test(collect, classes_are_bounded)
{
	struct fit_classes classes;
	struct fit_key key = { .kind = FIT_KMALLOC, .gfp_known = true, .node = -1 };

	fit_classes_init(&classes, 0);
	for (uint32_t i = 0; i < 3 * FIT_MAX_CLASSES; i++) {
		key.site = i % (1u << 24);
		key.gfp = chance(1u << 30);
		cr_assert_geq(fit_class_find(&classes, &key), 0);
	}
	cr_assert_leq(classes.nr, FIT_MAX_CLASSES + 64);
	cr_assert_geq(classes.folded, FIT_MAX_CLASSES);
	/* a class that was there is found again */
	cr_assert_eq(fit_class_find(&classes, &classes.class[5] -> key), 5);
	fit_classes_fini(&classes);
}

/* What lives takes memory, what came and went takes none. */
Test(collect, memory_follows_what_lives)
{
	const struct fit_collect *c;

	for (unsigned int i = 0; i < 20000; i++) {
		kmalloc(10 * i, "a+0x1", 0xc1000000 + 64 * (i % 97), 60, 64);
		kfree(10 * i + 5, 0xc1000000 + 64 * (i % 97));
	}
	c = collect(true, KMR_FIT_BY_SITE);
	cr_assert_leq(c->live.nr, 2);
	cr_assert_eq(c->objects.count, 0);
	leave();
}
