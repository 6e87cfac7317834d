// SPDX-License-Identifier: GPL-2.0-only
/* Where each model finds room, on sequences short enough to say so. */
#include "support.h"

/* An empty space is filled from below; base is 2 pages below a multiple of 4 MiB. */
Test(models, from_below)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		rig_open(&r, "i386:ram=1280M", specs[i], 601, false);
		cr_expect_eq(r.base, UINT64_C(0xf7bfe000), "as in the captures' vmallocinfo");
		cr_expect_eq(rig_take(&r, 2), r.base);
		cr_expect_eq(rig_take(&r, 3), UINT64_C(0xf7c00000));
		cr_expect_eq(rig_take_aligned(&r, 1, 4 * MIB), UINT64_C(0xf8000000));
		/* what alignment passed over is not lost */
		cr_expect_eq(rig_take(&r, 1), UINT64_C(0xf7c03000), "%s", specs[i]);
		cr_expect_eq(rig_take(&r, 1021), UINT64_C(0xf8001000), "a page too much");
		cr_expect_eq(rig_take(&r, 1019), UINT64_C(0xf7c04000), "%s", specs[i]);
		cr_expect_eq(rig_state(&r).areas, 6);
		cr_expect_eq(rig_state(&r).area_bytes, (2 + 3 + 1 + 1 + 1021 + 1019) * PAGE);
		cr_expect_eq(rig_state(&r).holes, 2);
		rig_check(&r);
		rig_close(&r);
	}
}

Test(models, freed_addresses_wait)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		uint64_t a;

		rig_open(&r, "i386:ram=1280M", specs[i], 601, false);
		a = rig_take(&r, 4);
		cr_expect_eq(a, r.base);
		(void)rig_take(&r, 4);
		rig_give(&r, a);
		cr_expect_eq(rig_state(&r).lazy_pages, 4);
		cr_expect_eq(rig_state(&r).lazy_areas, 1);
		cr_expect_eq(rig_state(&r).areas, 1);
		/* twice is once too often */
		cr_expect_eq(r.ops->give(r.b, a, 0), -1);
		cr_expect_eq(r.ops->work(r.b)->bad_frees, 1);
		/* not to be had before the TLBs were flushed */
		cr_expect_eq(rig_take(&r, 4), r.base + 8 * PAGE, "%s", specs[i]);
		rig_check(&r);
		r.ops->drain(r.b);
		cr_expect_eq(r.ops->work(r.b)->flushes, 1);
		cr_expect_eq(r.ops->work(r.b)->purged_pages, 4);
		cr_expect_eq(rig_state(&r).lazy_pages, 0);
		cr_expect_eq(rig_take(&r, 4), a, "%s", specs[i]);
		rig_check(&r);
		r.ops->drain(r.b);
		cr_expect_eq(r.ops->work(r.b)->flushes, 1, "nothing to flush");
		rig_close(&r);
	}
}

/*
 * A gap of 3 pages, seen by a larger request: older kernels note its size, and look below again only
 * for what is smaller than that.
 */
Test(models, first_fit_is_not_lowest_fit)
{
	struct vrig r;
	uint64_t gap;

	rig_open(&r, "i386:ram=1280M", "rbtree", 601, false);
	gap = rig_take(&r, 3);
	(void)rig_take(&r, 1);
	rig_give(&r, gap);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take(&r, 5), gap + 4 * PAGE, "passes the gap");
	cr_expect_eq(rig_take(&r, 3), gap + 9 * PAGE, "no smaller than the gap noted: goes on");
	cr_expect_eq(rig_take(&r, 2), gap, "smaller: begins again");
	rig_close(&r);

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	gap = rig_take(&r, 3);
	(void)rig_take(&r, 1);
	rig_give(&r, gap);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take(&r, 5), gap + 4 * PAGE);
	cr_expect_eq(rig_take(&r, 3), gap, "the lowest that fits");
	cr_expect_eq(rig_take(&r, 2), gap + 9 * PAGE);
	rig_close(&r);
}

/* What comes back below the cached area moves the search down to it. */
Test(models, rbtree_looks_where_something_was_freed)
{
	struct vrig r;
	uint64_t a[4], restarts;

	rig_open(&r, "i386:ram=1280M", "rbtree", 601, false);
	for (size_t i = 0; i < 4; i++)
		a[i] = rig_take(&r, 4);
	restarts = r.ops->work(r.b)->restarts;
	cr_expect_eq(restarts, 1, "the first, as nothing was cached");
	rig_give(&r, a[2]);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take(&r, 4), a[2]);
	cr_expect_eq(r.ops->work(r.b)->restarts, restarts, "found from the area before it");
	/* a less strict alignment than the last one may fit where that did not */
	(void)rig_take_aligned(&r, 1, 4 * MIB);
	(void)rig_take(&r, 1);
	cr_expect_eq(r.ops->work(r.b)->restarts, restarts + 1);
	rig_check(&r);
	rig_close(&r);
}

Test(models, rbtree_ranges)
{
	struct kmr_vmap_request req = { .bytes = PAGE, .node = -1 };
	struct vrig r;
	uint64_t a;

	rig_open(&r, "i386:ram=1280M", "rbtree", 601, false);
	req.start = r.base + 16 * MIB;
	req.end = r.base + 32 * MIB;
	a = r.ops->take(r.b, &req);
	cr_expect_eq(a, req.start);
	cr_expect_eq(rig_take(&r, 1), r.base, "a range that begins lower");
	cr_expect_eq(r.ops->take(r.b, &req), a + PAGE, "the cached area lies below the range");
	/* of what lies below the last range, nothing is remembered */
	rig_give(&r, r.base);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take(&r, 1), r.base);
	rig_check(&r);
	rig_close(&r);
}

Test(models, augmented_cuts_holes_four_ways)
{
	const struct kmr_vmap_work *w;
	uint64_t a, b, c;
	struct vrig r;

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	w = r.ops->work(r.b);
	a = rig_take(&r, 8);
	cr_expect_eq(w->fit_none, 1, "out of the middle of all there is");
	b = rig_take(&r, 1);
	cr_expect_eq(w->fit_left, 1);
	rig_give(&r, a);
	r.ops->drain(r.b);
	/* below vmalloc's space all is one hole with it: the request begins within */
	cr_expect_eq(rig_take(&r, 2), a);
	cr_expect_eq(w->fit_none, 2);
	cr_expect_eq(rig_take_aligned(&r, 2, 2 * PAGE), a + 2 * PAGE);
	cr_expect_eq(w->fit_left, 2);
	c = rig_take(&r, 4);
	cr_expect_eq(c, a + 4 * PAGE);
	cr_expect_eq(w->fit_full, 1);
	rig_give(&r, c);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take_aligned(&r, 2, 4 * PAGE), (c + 2 * PAGE) & ~(4 * PAGE - 1));
	cr_expect_eq(w->fit_right, 1);
	(void)b;
	rig_check(&r);
	rig_close(&r);
}

/* fls(CPUs) times 32 MiB: lazy_max_pages() */
Test(models, purged_in_batches)
{
	static const struct {
		const char *preset;
		uint64_t pages;
	} cases[] = {
		{ "i386:ram=320M", 8192 },
		{ "i386:ram=320M,cpus=2", 2 * 8192 },
		{ "i386:ram=320M,cpus=4", 3 * 8192 },
		{ "x86_64:ram=2G,cpus=8", 4 * 8192 },
	};
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 8; i++) {
		const uint64_t max = cases[i / 2].pages;

		rig_open(&r, cases[i / 2].preset, specs[i % 2], 601, false);
		cr_expect_eq(r.ops->lazy_max(r.b), max);
		for (uint64_t given = 0; given < max; given += 512)
			rig_give(&r, rig_take(&r, 512));
		cr_expect_eq(rig_state(&r).lazy_pages, max);
		cr_expect_eq(r.ops->work(r.b)->flushes, 0, "not before there are more");
		rig_give(&r, rig_take(&r, 1));
		cr_expect_eq(rig_state(&r).lazy_pages, 0);
		cr_expect_eq(r.ops->work(r.b)->flushes, 1, "one flush for all of them");
		cr_expect_eq(r.ops->work(r.b)->purged_pages, max + 1);
		rig_check(&r);
		rig_close(&r);
	}
	rig_open(&r, "i386", "augmented,lazy_max=3", 601, false);
	rig_give(&r, rig_take(&r, 3));
	cr_expect_eq(r.ops->work(r.b)->purges, 0);
	rig_give(&r, rig_take(&r, 1));
	cr_expect_eq(r.ops->work(r.b)->purges, 1);
	rig_close(&r);
}

Test(models, a_trace_says_when_to_purge)
{
	struct vrig r;

	rig_open(&r, "i386", "augmented,lazy_max=3", 601, true);
	for (int i = 0; i < 10; i++)
		rig_give(&r, rig_take(&r, 1));
	cr_expect_eq(rig_state(&r).lazy_pages, 10);
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).lazy_pages, 0);
	rig_close(&r);
}

/* 128 MiB less the gap are 120 MiB: all of it can be had, and no page more. */
Test(models, exhaustion)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		const uint64_t pages = 120 * MIB / PAGE;
		uint64_t last = 0;

		rig_open(&r, "i386:ram=1280M", specs[i], 601, false);
		cr_expect_eq(rig_state(&r).largest_hole, 120 * MIB);
		cr_expect_eq(rig_state(&r).holes, 1);
		cr_expect_eq(rig_take(&r, pages + 1), KMR_NO_ADDR);
		cr_expect_eq(r.ops->work(r.b)->no_room, 1);
		cr_expect_eq(r.ops->work(r.b)->forced_purges, 1);
		for (uint64_t p = 0; p < pages; p += 64)
			last = rig_take(&r, 64);
		cr_expect_eq(last, r.base + 120 * MIB - 64 * PAGE);
		cr_expect_eq(rig_state(&r).largest_hole, 0);
		cr_expect_eq(rig_take(&r, 1), KMR_NO_ADDR);
		/* what was freed is purged for a request that finds no room */
		rig_give(&r, last);
		cr_expect_eq(rig_take(&r, 64), last, "%s", specs[i]);
		cr_expect_eq(r.ops->work(r.b)->forced_purges, 3);
		/* every second one: half of the space is free, and none fits that is larger */
		for (uint64_t p = 0; p < pages; p += 128)
			rig_give(&r, r.base + p * PAGE);
		r.ops->purge(r.b);
		cr_expect_eq(rig_state(&r).hole_bytes, 60 * MIB);
		cr_expect_eq(rig_state(&r).largest_hole, 64 * PAGE);
		cr_expect_eq(rig_state(&r).holes, pages / 128);
		cr_expect_eq(rig_take(&r, 65), KMR_NO_ADDR);
		cr_expect_eq(rig_take(&r, 64), r.base, "%s", specs[i]);
		rig_check(&r);
		rig_close(&r);
	}
}

Test(models, absurd_requests)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	static const char *const presets[] = { "i386", "x86_64" };
	struct vrig r;

	for (size_t i = 0; i < 4; i++) {
		struct kmr_vmap_request req = { .node = -1 };

		rig_open(&r, presets[i / 2], specs[i % 2], 601, false);
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "nothing");
		req.bytes = 4095;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "no whole pages");
		req.bytes = -PAGE;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "all there is");
		req.bytes = PAGE;
		req.align = 3 * PAGE;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "no power of two");
		req.align = UINT64_C(1) << 63;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "nowhere aligned so");
		req.align = 0;
		req.start = 2 * PAGE;
		req.end = PAGE;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR,
			     "the range ends before it begins");
		req.start = UINT64_MAX - PAGE;
		req.end = UINT64_MAX;
		req.bytes = 16 * PAGE;
		cr_expect_eq(r.ops->take(r.b, &req), KMR_NO_ADDR, "a range that is too small");
		req = (struct kmr_vmap_request){ .bytes = PAGE, .node = 1000, .cpu = 1000 };
		cr_expect_eq(r.ops->take(r.b, &req), r.base, "a CPU that is not there");
		cr_expect_eq(r.ops->give(r.b, r.base + PAGE, 0), -1);
		cr_expect_eq(r.ops->free(r.b, r.base, 0), -1, "of another kind");
		rig_check(&r);
		rig_close(&r);
	}
}

Test(models, reserved_from_the_beginning)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		rig_open(&r, "x86_64", specs[i], 601, false);
		cr_expect_eq(r.ops->reserve(r.b, r.base, r.base + 2 * PAGE), 0);
		cr_expect_eq(r.ops->reserve(r.b, r.base + 3 * PAGE, r.base + 9 * PAGE), 0);
		cr_expect_eq(r.ops->reserve(r.b, r.base + PAGE, r.base + 3 * PAGE), -1, "overlaps");
		cr_expect_eq(r.ops->reserve(r.b, r.base + 2 * PAGE, r.base + 4 * PAGE), -1);
		cr_expect_eq(r.ops->reserve(r.b, r.base + 20 * PAGE, r.base + 20 * PAGE), -1);
		cr_expect_eq(r.ops->reserve(r.b, r.base + 20 * PAGE + 1, r.base + 21 * PAGE), -1);
		cr_expect_eq(rig_take(&r, 2), r.base + 9 * PAGE);
		/* to rbtree the gap is known, and not larger than what is wanted */
		cr_expect_eq(rig_take(&r, 1), r.base + (i ? 11 : 2) * PAGE, "%s", specs[i]);
		rig_give(&r, r.base);
		r.ops->drain(r.b);
		cr_expect_eq(rig_take(&r, 2), r.base);
		/* its page tables are there */
		cr_expect_eq(rig_state(&r).table_pages, 0);
		rig_check(&r);
		rig_close(&r);
	}
}

Test(models, unknown_machine)
{
	struct kmr_vmap_config config;
	struct kmr_error err = { "" };
	struct kmr_machine m;

	memset(&m, 0, sizeof(m));
	memset(&config, 0, sizeof(config));
	snprintf(m.arch, sizeof(m.arch), "vax");
	snprintf(m.name, sizeof(m.name), "mine");
	m.nr_cpus = 1;
	config.machine = &m;
	for (unsigned int i = 0; kmr_vmap_backend_at(i); i++) {
		cr_expect_null(kmr_vmap_backend_at(i)->create(&config, NULL, &err));
		cr_expect_str_eq(err.msg,
				 "machine mine: the kernel's address space is not known on "
				 "vax; i386, x86_64, arm64 and alpha are");
	}
}

/* An allocation undone leaves nothing behind: the next one finds what it would have found. */
Test(models, untake)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		uint64_t gap;

		rig_open(&r, "i386:ram=1280M", specs[i], 601, false);
		gap = rig_take(&r, 3);
		(void)rig_take(&r, 1);
		rig_give(&r, gap);
		r.ops->drain(r.b);
		cr_expect_eq(rig_take(&r, 5), gap + 4 * PAGE);
		r.ops->untake(r.b, gap + 4 * PAGE);
		rig_check(&r);
		cr_expect_eq(rig_state(&r).areas, 1);
		cr_expect_eq(rig_state(&r).lazy_pages, 0, "it does not wait");
		/* rbtree's search for 5 had noted a gap of 3, and passed it: that is undone, too */
		cr_expect_eq(rig_take(&r, 3), gap, "%s", specs[i]);
		r.ops->untake(r.b, gap + PAGE);
		r.ops->untake(r.b, 0x1000);
		cr_expect_eq(rig_state(&r).areas, 2, "there is no such area");
		rig_check(&r);
		rig_close(&r);
	}
}

Test(models, take_at)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct kmr_vmap_request req = { .bytes = 2 * PAGE, .node = -1 };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		rig_open(&r, "i386:ram=1280M", specs[i], 601, false);
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 4 * PAGE), 0);
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 5 * PAGE), -1,
			     "half of it is not free");
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 3 * PAGE), -1);
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 1), -1);
		cr_expect_eq(r.ops->take_at(r.b, &req, UINT64_MAX & ~(PAGE - 1)), -1);
		rig_check(&r);
		rig_give(&r, r.base + 4 * PAGE);
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 4 * PAGE), -1, "waits for a purge");
		r.ops->drain(r.b);
		cr_expect_eq(r.ops->take_at(r.b, &req, r.base + 4 * PAGE), 0);
		cr_expect_eq(r.ops->work(r.b)->areas, 2);
		rig_check(&r);
		rig_close(&r);
	}
}

/* Parameter version: the rules of another kernel than the one that was traced. */
Test(models, version)
{
	struct vrig r;

	rig_open(&r, "x86_64:ram=2G,cpus=2", "augmented", 601, false);
	cr_expect_eq(r.ops->version(r.b), 601);
	rig_close(&r);
	rig_open(&r, "x86_64:ram=2G,cpus=2", "augmented,version=612", 601, false);
	cr_expect_eq(r.ops->version(r.b), 612);
	rig_give(&r, rig_take(&r, 2));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 1);
	rig_close(&r);
	rig_open(&r, "x86_64", "rbtree", 612, false);
	cr_expect_eq(r.ops->version(r.b), 501, "whatever kernel was traced");
	rig_close(&r);
}
