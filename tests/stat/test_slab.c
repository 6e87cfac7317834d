// SPDX-License-Identifier: GPL-2.0-only
/* Objects: sums, ping-pong, caches, and the frees and addresses that do not fit. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

Test(slab, sums_and_call_sites)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_slab *sum;
	const struct kmr_stat_row *row;
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 50, 64);
	object_alloc(0, "kmalloc_node", "a+0x1", "c1000040", 60, 64);
	object_alloc(0, "kmem_cache_alloc", "b+0x2", "c1000080", 100, 128);
	object_free(0, "c1000000");
	object_alloc(0, "kmalloc", "b+0x2", "c1000000", 64, 64);
	stat = statistics(&all);
	sum = kmr_stat_slab(stat);
	cr_expect_eq(sum->requests, 4);
	cr_expect_eq(sum->bytes_req, 274);
	cr_expect_eq(sum->bytes_alloc, 320);
	cr_expect_eq(sum->frees, 1);
	cr_expect_eq(sum->bytes_freed, 64);
	cr_expect_eq(sum->live, 3);
	cr_expect_eq(sum->bytes_live, 256);
	cr_expect_eq(sum->unknown_frees + sum->repeated_allocs + sum->failures + sum->zero_sizes,
		     0);
	row = named(stat, KMR_STAT_SLAB_CALLER, "a+0x1");
	cr_expect_eq(row->hit, 2);
	cr_expect_eq(row->bytes_req, 110);
	cr_expect_eq(row->bytes_alloc, 128);
	cr_expect_eq(row->frees, 1);
	cr_expect_eq(row->bytes_freed, 64);
	row = at_address(stat, KMR_STAT_SLAB_ALLOC, 0xc1000000);
	cr_expect_eq(row->hit, 2);
	cr_expect_eq(row->bytes_req, 114);
	cr_expect_str_eq(row->name, "b+0x2", "the last call site");
	cr_expect_eq(named(stat, KMR_STAT_SLAB_TASK, "task-1")->hit, 4);
	cr_expect_eq(kmr_stat_slab_events(stat), 5);
	leave();
}

Test(slab, pingpong_is_a_free_on_another_cpu)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 8, 8);
	object_free(1, "c1000000");
	object_alloc(1, "kmalloc", "a+0x1", "c1000000", 8, 8);
	object_free(1, "c1000000");
	object_alloc(1, "kmalloc", "b+0x1", "c1000010", 8, 8);
	object_free(0, "c1000010");
	/* of what is not there any more: no ping-pong */
	object_free(0, "c1000010");
	stat = statistics(&all);
	cr_expect_eq(kmr_stat_slab(stat)->pingpong, 2);
	cr_expect_eq(kmr_stat_slab(stat)->unknown_frees, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CALLER, "a+0x1")->pingpong, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CALLER, "b+0x1")->pingpong, 1);
	cr_expect_eq(at_address(stat, KMR_STAT_SLAB_ALLOC, 0xc1000000)->pingpong, 1);
	/* frees belong to the task that allocated */
	cr_expect_eq(named(stat, KMR_STAT_SLAB_TASK, "task-1")->frees, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_TASK, "task-2")->frees, 2);
	leave();
}

Test(slab, frees_that_do_not_fit)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_slab *sum;
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 8, 8);
	object_free(0, "c1000000");
	object_free(0, "c1000000");
	object_free(0, "c2000000");
	object_free(0, "00000000");
	object_free(0, "(null)");
	object_free(0, "0000000000000010");
	object_alloc(0, "kmalloc", "a+0x1", "c3000000", 8, 8);
	object_alloc(0, "kmalloc", "b+0x1", "c3000000", 16, 16);
	object_free(0, "c3000000");
	stat = statistics(&all);
	sum = kmr_stat_slab(stat);
	cr_expect_eq(sum->frees, 4);
	cr_expect_eq(sum->unknown_frees, 2);
	cr_expect_eq(sum->null_frees, 3);
	cr_expect_eq(sum->repeated_allocs, 1);
	cr_expect_eq(sum->bytes_freed, 24);
	cr_expect_eq(sum->live, 0);
	cr_expect_eq(sum->bytes_live, 0);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CALLER, "b+0x1")->frees, 1);
	leave();
}

Test(slab, failures_and_sizes_of_zero)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_slab *sum;
	struct kmr_stat *stat;

	object_alloc(0, "kmem_cache_alloc", "a+0x1", "(nil)", 100, 128);
	object_alloc(0, "kmem_cache_alloc", "a+0x1", "0000000000000000", 100, 128);
	object_alloc(0, "kmalloc", "b+0x1", "0000000000000010", 0, 0);
	object_alloc(0, "kmalloc", "b+0x1", "0000000000000010", 0, 0);
	object_alloc(0, "kmalloc", "b+0x1", "ffff888000000000", 0, 8);
	stat = statistics(&all);
	sum = kmr_stat_slab(stat);
	cr_expect_eq(sum->requests, 5);
	cr_expect_eq(sum->failures, 2);
	cr_expect_eq(sum->zero_sizes, 3);
	cr_expect_eq(sum->bytes_req, 0);
	cr_expect_eq(sum->bytes_alloc, 8);
	cr_expect_eq(sum->repeated_allocs, 0);
	cr_expect_eq(sum->live, 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_SLAB_CALLER), 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CALLER, "b+0x1")->hit, 3);
	leave();
}

Test(slab, requests_for_a_node)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 8, 8);
	event(0, 1000, "kmalloc",
	      SITE "a+0x1/0x9 ptr=c1000020 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=0");
	event(0, 1000, "kmalloc",
	      SITE "a+0x1/0x9 ptr=c1000040 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL");
	stat = statistics(&all);
	cr_expect_eq(kmr_stat_slab(stat)->node_requests, 1);
	leave();
}

Test(slab, caches_are_learned_from_frees)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_row *row;
	struct kmr_stat *stat;

	/* one is freed with its name, one without, one lives: all of the one call site and sizes */
	object_alloc(0, "kmem_cache_alloc", "open+0x1", "c1000000", 160, 192);
	object_alloc(0, "kmem_cache_alloc", "open+0x1", "c1000100", 160, 192);
	object_alloc(0, "kmem_cache_alloc", "open+0x1", "c1000200", 160, 192);
	cache_free(1, "c1000000", "filp");
	object_free(0, "c1000100");
	/* the same call site, another size */
	object_alloc(0, "kmem_cache_alloc", "open+0x1", "c1000300", 100, 192);
	/* two caches from one place: what is exact stays so, the rest is not known */
	object_alloc(0, "kmem_cache_alloc", "any+0x1", "c2000000", 64, 64);
	object_alloc(0, "kmem_cache_alloc", "any+0x1", "c2000100", 64, 64);
	object_alloc(0, "kmem_cache_alloc", "any+0x1", "c2000200", 64, 64);
	cache_free(0, "c2000000", "dentry");
	cache_free(0, "c2000100", "inode cache");
	/* by size, but for one whose free says otherwise */
	object_alloc(0, "kmalloc", "k+0x1", "c3000000", 30, 32);
	object_alloc(0, "kmalloc", "k+0x1", "c3000100", 30, 32);
	object_free(0, "c3000000");
	cache_free(0, "c3000100", "kmalloc-rcl-32");
	/* nobody's */
	cache_free(0, "c4000000", "filp");
	cache_free(0, "c4000100", "");
	stat = statistics(&all);
	row = named(stat, KMR_STAT_SLAB_CACHE, "filp");
	cr_expect_eq(row->hit, 3);
	cr_expect_eq(row->bytes_req, 480);
	cr_expect_eq(row->bytes_alloc, 576);
	cr_expect_eq(row->frees, 3);
	cr_expect_eq(row->bytes_freed, 384);
	cr_expect_eq(row->pingpong, 1);
	row = named(stat, KMR_STAT_SLAB_CACHE, "(unknown, 192 bytes)");
	cr_expect_eq(row->hit, 1);
	cr_expect_eq(row->bytes_req, 100);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "dentry")->hit, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "inode cache")->hit, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "(unknown, 64 bytes)")->hit, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "kmalloc-32")->hit, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "kmalloc-rcl-32")->hit, 1);
	row = named(stat, KMR_STAT_SLAB_CACHE, "(unknown)");
	cr_expect_eq(row->hit, 0);
	cr_expect_eq(row->frees, 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_SLAB_CACHE), 8);
	leave();
}

Test(slab, live_rows_hold_what_is_not_freed)
{
	struct kmr_stat_options all = everything();
	const struct kmr_stat_row *row;
	struct kmr_stat *stat;

	all.live = true;
	object_alloc(0, "kmem_cache_alloc", "a+0x1", "c1000000", 50, 64);
	object_alloc(0, "kmem_cache_alloc", "a+0x1", "c1000100", 50, 64);
	object_alloc(0, "kmem_cache_alloc", "b+0x1", "c1000200", 50, 64);
	cache_free(1, "c1000000", "filp");
	cache_free(0, "c1000200", "dentry");
	cache_free(0, "c1000900", "dentry");
	/* gone without a free */
	object_alloc(0, "kmalloc", "c+0x1", "c1000300", 8, 8);
	object_alloc(0, "kmalloc", "d+0x1", "c1000300", 8, 8);
	object_alloc(0, "kmalloc", "e+0x1", "00000010", 0, 0);
	stat = statistics(&all);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_SLAB_CALLER), 2);
	row = named(stat, KMR_STAT_SLAB_CALLER, "a+0x1");
	cr_expect_eq(row->hit, 1);
	cr_expect_eq(row->bytes_alloc, 64);
	cr_expect_eq(row->frees, 0);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CALLER, "d+0x1")->hit, 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_SLAB_ALLOC), 2);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "filp")->hit, 1);
	cr_expect_eq(named(stat, KMR_STAT_SLAB_CACHE, "kmalloc-8")->hit, 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_SLAB_CACHE), 2);
	/* the sums are of all */
	cr_expect_eq(kmr_stat_slab(stat)->requests, 6);
	cr_expect_eq(kmr_stat_slab(stat)->pingpong, 1);
	leave();
}

Test(slab, time_window)
{
	struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	for (unsigned int ms = 1000; ms < 1010; ms++)
		event(0, ms, "kmalloc",
		      SITE "a+0x1/0x9 ptr=c10000%u0 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL",
		      ms % 10);
	event(0, 1010, "kfree", SITE "a+0x1/0x9 ptr=c1000000");
	event(0, 1010, "kfree", SITE "a+0x1/0x9 ptr=c1000030");
	/* both ends are within */
	all.start = 1003000000;
	all.stop = 1010000000;
	stat = statistics(&all);
	cr_expect_eq(kmr_stat_events(stat), 9);
	cr_expect_eq(kmr_stat_slab(stat)->requests, 7);
	cr_expect_eq(kmr_stat_slab(stat)->frees, 2);
	cr_expect_eq(kmr_stat_slab(stat)->unknown_frees, 1);
	leave();
}

Test(slab, views_that_were_not_asked_for_have_no_rows)
{
	const struct kmr_stat_options none = { .slab = true, .stop = UINT64_MAX };
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 8, 8);
	page_alloc(0x10, 0, 0, "GFP_KERNEL");
	stat = statistics(&none);
	for (int view = 0; view < KMR_STAT_NR_VIEWS; view++)
		cr_expect_eq(kmr_stat_nr_rows(stat, (enum kmr_stat_view)view), 0);
	cr_expect_eq(kmr_stat_slab(stat)->live, 1);
	cr_expect_eq(kmr_stat_page(stat)->requests, 0);
	leave();
}

#define COUNT 200000

/* Any pointer, size, id and type, as no reader would give them. */
static struct kmr_event hostile_event(uint64_t *seed)
{
	static const uint64_t corners[] = {
		0, 1, 16, 17, UINT32_MAX, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63
	};
	const uint64_t s = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	struct kmr_event ev;

	*seed = s;
	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)(s >> 40) % (KMR_EV_NR_TYPES + 2);
	ev.addr = (s >> 20) % 3 ? (s >> 30) % 5000 : corners[s >> 33 & 7];
	ev.size = s * 31;
	if (ev.type < KMR_EV_KMALLOC) {
		ev.page.order %= KMR_STAT_ORDERS;
		if (ev.addr > UINT64_C(1) << 52)
			ev.addr = KMR_EV_NO_PFN;
	}
	ev.gfp = (uint32_t)(s >> 34);
	ev.flags = (uint8_t)(s >> 50);
	ev.site = (s >> 45) & 0xfff;
	ev.node = (int8_t)(s >> 11);
	ev.cpu = (uint16_t)(s >> 12);
	ev.task = (uint16_t)(s >> 48);
	ev.cache = (uint16_t)(s >> 39);
	return ev;
}

static bool is_alloc_of_nothing(const struct kmr_event *ev)
{
	return (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC) && ev->addr &&
	       ev->addr <= 16;
}

static void feed_hostile_events(bool live)
{
	struct kmr_stat_options all = everything();
	struct kmr_error err = { "" };
	const struct kmr_stat_slab *sum;
	struct kmr_stat *stat;
	uint64_t seed = 7, nothing = 0;

	all.live = live;
	object_alloc(0, "kmalloc", "a+0x1", "c1000000", 8, 8);
	stat = begin(&all);
	for (int i = 0; i < COUNT; i++) {
		const struct kmr_event ev = hostile_event(&seed);

		nothing += is_alloc_of_nothing(&ev);
		cr_assert_eq(kmr_stat_feed(stat, &ev, 1, &err), 0, "%s", err.msg);
	}
	complete();
	sum = kmr_stat_slab(stat);
	cr_expect_eq(sum->live, sum->requests - sum->failures - nothing -
					(sum->frees - sum->unknown_frees) - sum->repeated_allocs);
	cr_expect_eq(kmr_stat_page(stat)->requests, kmr_stat_page(stat)->failures +
							    kmr_stat_page(stat)->alloc_freed +
							    kmr_stat_page(stat)->alloc_only);
	leave();
}

Test(slab, hostile_events)
{
	feed_hostile_events(false);
	feed_hostile_events(true);
}
