// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latencies: published figures come out of the model with the shipped prices, paths and steps are
 * those of the models, shortcuts come to what all the counts come to, and waits are by the rule.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"
#include "kmreplay/gfp.h"
#include "object_rig.h"
#include "replay/latency.h"
#include "replay/lockqueue.h"
#include "replay/seed.h"

struct latency_rig {
	struct kmr_machine m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_cost_table cost;
	struct kmr_latency *l;
	struct kmr_event ev;
	/* what was told */
	uint64_t told, told_ps;
	struct kmr_operation_report last;
	struct kmr_steps steps;
};

static void tell(void *ctx, const struct kmr_operation_report *report)
{
	struct latency_rig *r = ctx;

	r->told++;
	r->told_ps += report->latency;
	r->last = *report;
	r->steps = *report->steps;
	cr_assert_eq(kmr_cost(&r->cost, report->steps), report->latency);
	cr_assert_eq(report->event, &r->ev);
}

static struct latency_rig *booted(const char *machine, const char *page, bool told)
{
	struct latency_rig *r = calloc(1, sizeof(*r));
	struct kmr_latency_config config = { .told = told ? tell : NULL, .ctx = r };
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	cr_assert_eq(kmr_machine_preset(&r->m, machine, &err), 0, "%s", err.msg);
	r->ops = kmr_page_backend_find(page);
	cr_assert_not_null(r->ops);
	r->b = r->ops->create(&r->m, NULL, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
	kmr_seed_boot(&r->m, r->ops, r->b);
	cr_assert_eq(kmr_cost_defaults(&r->cost, &err), 0, "%s", err.msg);
	config.machine = &r->m;
	config.cost = &r->cost;
	config.page = r->ops->work(r->b);
	r->l = kmr_latency_create(&config, &err);
	cr_assert_not_null(r->l, "%s", err.msg);
	r->ev.time = 1000000000;
	return r;
}

static void done(struct latency_rig *r)
{
	kmr_latency_destroy(r->l);
	r->ops->destroy(r->b);
	free(r);
}

static kmr_pfn_t take(struct latency_rig *r, const struct kmr_page_request *req)
{
	kmr_pfn_t pfn;

	kmr_latency_page_begin(r->l);
	pfn = r->ops->alloc(r->b, req);
	kmr_latency_page_alloc(r->l, &r->ev, req, pfn);
	return pfn;
}

static kmr_pfn_t take_order(struct latency_rig *r, unsigned int order, uint32_t gfp)
{
	const struct kmr_page_request req = { .gfp = gfp, .order = (uint8_t)order };

	return take(r, &req);
}

static void give(struct latency_rig *r, kmr_pfn_t pfn, unsigned int order, unsigned int cpu)
{
	kmr_latency_page_begin(r->l);
	cr_assert_eq(r->ops->free(r->b, pfn, order, cpu), 0);
	kmr_latency_page_free(r->l, &r->ev, pfn, order, cpu);
}

static void report_of(const struct latency_rig *r, struct kmr_latency_report *report)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_latency_report(r->l, report, &err), 0, "%s", err.msg);
}

static const struct kmr_hist *find(const struct kmr_latency_report *report,
				   enum kmr_operation operation, unsigned int order,
				   enum kmr_path path)
{
	for (size_t i = 0; i < report->nr_rows; i++)
		if (report->rows[i].operation == operation && report->rows[i].order == order &&
		    report->rows[i].path == path)
			return report->rows[i].hist;
	return NULL;
}

/*
 * USENIX ATC 2023, "LLFree", introduction: 94 ns for each of the 4 KiB allocations of one core that
 * makes them one after another.
 */
Test(latency, published_order_0_allocation)
{
	struct latency_rig *r = booted("x86_64:ram=2G", "linux-6.1", false);
	struct kmr_latency_report report;
	struct kmr_latency_summary s;
	const struct kmr_hist *pcp, *refill;

	for (unsigned int i = 0; i < 262144; i++)
		cr_assert_neq(take_order(r, 0, KMR_GFP_HIGHUSER_MOV), KMR_NO_PFN);
	report_of(r, &report);
	pcp = find(&report, KMR_OP_PAGE_ALLOC, 0, KMR_PATH_PCP);
	refill = find(&report, KMR_OP_PAGE_ALLOC, 0, KMR_PATH_REFILL);
	cr_assert_not_null(pcp);
	cr_assert_not_null(refill);
	cr_assert_eq(pcp->min, 90000u);
	cr_assert_eq(pcp->max, 90000u);
	cr_assert_eq(report.steps[KMR_OP_PAGE_ALLOC][KMR_STEP_ZONE_LOCK], refill->count);
	cr_assert_eq(((pcp->sum + refill->sum) / 262144 + 500) / 1000, 94u, "%lu ps",
		     (unsigned long)((pcp->sum + refill->sum) / 262144));
	cr_assert_eq(kmr_latency_summarise(&report, KMR_OP_PAGE_ALLOC, &s), 0);
	cr_assert_eq(s.count, 262144u);
	cr_assert(s.p50 >= 90000 && s.p50 < 90064, "within the bucket");
	kmr_latency_report_free(&report);
	done(r);
}

/* Commit 994eb764ec5a: 10.554 ns for an alloc and a free by SLUB's fast paths. */
Test(latency, published_slub_pair)
{
	const struct kmr_page_work none = { 0 };
	const struct kmr_event ev = { .time = 5 };
	struct kmr_latency_report report;
	struct kmr_cost_table cost;
	struct kmr_error err = { "" };
	struct kmr_latency_config config = { .cost = &cost, .page = &none };
	const struct kmr_hist *alloc, *free_;
	struct kmr_latency *l;
	unsigned int cache;
	struct rig r;

	rig_create(&r, "slub", 1);
	cache = rig_cache(&r, "test", 256, 0);
	config.machine = &r.m;
	cr_assert_eq(kmr_cost_defaults(&cost, &err), 0);
	l = kmr_latency_create(&config, &err);
	cr_assert_not_null(l);
	kmr_latency_set_objects(l, r.ops, r.ops->work(r.b));
	for (unsigned int i = 0; i < 1000; i++) {
		kmr_obj_t obj;

		kmr_latency_object_begin(l);
		obj = rig_alloc(&r, cache);
		kmr_latency_object_alloc(l, &ev, obj, 0);
		kmr_latency_object_begin(l);
		cr_assert_eq(r.ops->free(r.b, cache, obj, 0), 0);
		kmr_latency_object_free(l, &ev, obj, 0);
	}
	cr_assert_eq(kmr_latency_report(l, &report, &err), 0);
	alloc = find(&report, KMR_OP_OBJECT_ALLOC, 0, KMR_PATH_FAST);
	free_ = find(&report, KMR_OP_OBJECT_FREE, 0, KMR_PATH_FAST);
	cr_assert_eq(alloc->count, 999u, "the first one needs a slab");
	cr_assert_eq(free_->count, 1000u);
	cr_assert_eq(alloc->max + free_->max, 10554u);
	cr_assert_eq(alloc->min + free_->min, 10554u);
	/* 16 objects of 256 bytes in a page: set up once */
	cr_assert_eq(find(&report, KMR_OP_OBJECT_ALLOC, 0, KMR_PATH_SLAB)->count, 1u);
	cr_assert_eq(report.steps[KMR_OP_OBJECT_ALLOC][KMR_STEP_SLAB_NEW], 1u);
	cr_assert_eq(report.steps[KMR_OP_OBJECT_ALLOC][KMR_STEP_SLAB_OBJECT], 16u);
	cr_assert_eq(report.steps[KMR_OP_OBJECT_ALLOC][KMR_STEP_SLAB_FAST_ALLOC], 999u);
	kmr_latency_report_free(&report);
	kmr_latency_destroy(l);
	r.ops->destroy(r.b);
}

static void expect_last(const struct latency_rig *r, enum kmr_path path, enum kmr_step step,
			uint64_t count, const char *what)
{
	cr_expect_eq(r->last.path, path, "%s: %s", what, kmr_path_name(r->last.path));
	cr_expect_eq(r->steps.count[step], count, "%s: %s is %lu", what, kmr_step_name(step),
		     (unsigned long)r->steps.count[step]);
}

Test(latency, paths_and_steps_of_pages)
{
	struct latency_rig *r = booted("x86_64:ram=2G", "linux-6.1", true);
	kmr_pfn_t pfn;

	pfn = take_order(r, 0, KMR_GFP_HIGHUSER_MOV);
	expect_last(r, KMR_PATH_REFILL, KMR_STEP_REFILL_BLOCK, 63, "the list was empty");
	cr_expect_eq(r->steps.count[KMR_STEP_ZONE_LOCK], 1u);
	give(r, pfn, 0, 0);
	expect_last(r, KMR_PATH_PCP, KMR_STEP_PCP_FREE, 1, "to the list");
	cr_expect_eq(r->last.latency, 40000u);
	(void)take_order(r, 0, KMR_GFP_HIGHUSER_MOV | KMR_GFP_ZERO);
	expect_last(r, KMR_PATH_PCP, KMR_STEP_ZERO_PAGE, 1, "cleared");
	cr_expect_eq(r->last.latency, 90000u + 299000u);
	/* orders from 4 to that of a pageblock have no lists */
	pfn = take_order(r, 5, KMR_GFP_HIGHUSER_MOV | KMR_GFP_COMP | KMR_GFP_ZERO);
	expect_last(r, KMR_PATH_BUDDY, KMR_STEP_BUDDY_ALLOC, 1, "order 5");
	cr_expect_eq(r->steps.count[KMR_STEP_TAIL_ALLOC], 31u);
	cr_expect_eq(r->steps.count[KMR_STEP_ZERO_PAGE], 32u);
	cr_expect_eq(r->steps.count[KMR_STEP_PCP_ALLOC], 0u);
	give(r, pfn, 5, 0);
	expect_last(r, KMR_PATH_BUDDY, KMR_STEP_ZONE_LOCK, 1, "order 5 given back");
	(void)take_order(r, r->m.pageblock_order, KMR_GFP_HIGHUSER_MOV | KMR_GFP_ZERO);
	cr_expect_eq(r->steps.count[KMR_STEP_ZERO_HUGE_PAGE], UINT64_C(1) << r->m.pageblock_order);
	cr_expect_eq(r->steps.count[KMR_STEP_ZERO_PAGE], 0u);
	/* beyond the largest order */
	cr_expect_eq(take_order(r, 11, KMR_GFP_HIGHUSER_MOV), KMR_NO_PFN);
	expect_last(r, KMR_PATH_FAILED, KMR_STEP_PCP_ALLOC, 0, "order 11");
	done(r);
}

/* An unmovable request in memory that is all movable looks from the largest order down. */
Test(latency, a_fallback_is_a_path_of_its_own)
{
	struct latency_rig *r = booted("x86_64:ram=2G", "linux-6.1", true);

	/* until the first one takes from another type */
	do
		cr_assert_neq(take_order(r, 5, KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE), KMR_NO_PFN);
	while (r->last.path == KMR_PATH_BUDDY);
	expect_last(r, KMR_PATH_FALLBACK, KMR_STEP_FALLBACK_LIST, 2, "both types at order 10");
	cr_expect_eq(r->steps.count[KMR_STEP_CLAIM_BLOCK], 1u);
	done(r);
}

Test(latency, frees_drain_a_list_that_is_too_long)
{
	struct latency_rig *r = booted("x86_64:ram=2G", "linux-6.1", true);
	kmr_pfn_t *pages = malloc(60000 * sizeof(*pages));

	cr_assert_not_null(pages);
	for (unsigned int i = 0; i < 60000; i++)
		pages[i] = take_order(r, 0, KMR_GFP_HIGHUSER_MOV);
	for (unsigned int i = 0; i < 60000; i++) {
		give(r, pages[i], 0, 0);
		if (r->last.path == KMR_PATH_DRAIN)
			break;
		expect_last(r, KMR_PATH_PCP, KMR_STEP_DRAIN_BLOCK, 0, "not yet");
	}
	cr_assert_eq(r->last.path, KMR_PATH_DRAIN);
	cr_assert_geq(r->steps.count[KMR_STEP_DRAIN_BLOCK], 63u);
	cr_assert_eq(r->steps.count[KMR_STEP_ZONE_LOCK], 1u);
	free(pages);
	done(r);
}

/* 2.4 has no per-CPU lists: the zone's lock each time. */
Test(latency, old_kernels_take_the_lock)
{
	struct latency_rig *r = booted("i386:ram=256M", "linux-2.4", true);
	const kmr_pfn_t pfn = take_order(r, 0, KMR_GFP_KERNEL);

	expect_last(r, KMR_PATH_BUDDY, KMR_STEP_ZONE_LOCK, 1, "2.4");
	cr_expect_eq(r->steps.count[KMR_STEP_WATERMARK], 1u);
	give(r, pfn, 0, 0);
	expect_last(r, KMR_PATH_BUDDY, KMR_STEP_ZONE_LOCK, 1, "2.4, given back");
	cr_expect_eq(r->last.latency,
		     20000u + 16100u + 10000u + r->steps.count[KMR_STEP_MERGE] * 5000u);
	done(r);
	r = booted("i386:ram=256M", "linux-2.6.24", true);
	(void)take_order(r, 0, KMR_GFP_KERNEL | KMR_GFP_MOVABLE);
	expect_last(r, KMR_PATH_REFILL, KMR_STEP_ZONE_LOCK, 1, "2.6.24");
	(void)take_order(r, 0, KMR_GFP_KERNEL | KMR_GFP_MOVABLE);
	expect_last(r, KMR_PATH_PCP, KMR_STEP_PCP_ALLOC, 1, "2.6.24");
	done(r);
}

/* SLIT's 20 for the other node: 10 units above local. */
Test(latency, memory_of_another_node_is_remote)
{
	struct latency_rig *r = booted("x86_64:ram=4G,cpus=2,nodes=2", "linux-6.1", true);
	struct kmr_page_request req = { .gfp = KMR_GFP_KERNEL | KMR_GFP_THISNODE };
	unsigned int cpu = 0;

	while (r->m.cpu_node[cpu] != 0)
		cpu++;
	req.cpu = (uint16_t)cpu;
	req.node = 0;
	cr_assert_neq(take(r, &req), KMR_NO_PFN);
	cr_expect_eq(r->steps.count[KMR_STEP_REMOTE], 0u);
	req.node = 1;
	cr_assert_neq(take(r, &req), KMR_NO_PFN);
	cr_expect_eq(r->steps.count[KMR_STEP_REMOTE], r->m.distance[0][1] - 10u);
	cr_expect_eq(r->m.distance[0][1], 20u);
	done(r);
}

struct live {
	kmr_pfn_t pfn;
	uint8_t order;
};

/* The same operations by the same seed. */
static void random_operations(struct latency_rig *r, uint64_t seed)
{
	static const uint32_t gfps[] = { KMR_GFP_KERNEL, KMR_GFP_HIGHUSER_MOV,
					 KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE,
					 KMR_GFP_KERNEL | KMR_GFP_ZERO,
					 KMR_GFP_KERNEL | KMR_GFP_COMP };
	struct live *live = malloc(60000 * sizeof(*live));
	uint64_t state = seed;
	size_t nr = 0;

	cr_assert_not_null(live);
	for (unsigned int i = 0; i < 200000; i++) {
		const uint64_t x = next_random(&state);
		const unsigned int cpu = (unsigned int)(x >> 32) % r->m.nr_cpus;

		r->ev.time += x >> 40 & 4095;
		if (nr < 60000 && (x & 15) < 9) {
			const struct kmr_page_request req = {
				.gfp = gfps[(x >> 8) % 5],
				.order = (uint8_t)(x >> 16 & 7 ? 0 : (x >> 20) % 11),
				.cpu = (uint16_t)cpu,
			};

			live[nr].order = req.order;
			live[nr].pfn = take(r, &req);
			nr += live[nr].pfn != KMR_NO_PFN;
		} else if (nr) {
			const size_t at = (size_t)(x >> 16) % nr;

			give(r, live[at].pfn, live[at].order, cpu);
			live[at] = live[--nr];
		}
	}
	free(live);
}

static void expect_same(const char *page)
{
	struct latency_rig *a = booted("x86_64:ram=256M,cpus=4", page, false);
	struct latency_rig *b = booted("x86_64:ram=256M,cpus=4", page, true);
	struct kmr_latency_report x, y;
	uint64_t count = 0, sum = 0;

	random_operations(a, 11);
	random_operations(b, 11);
	report_of(a, &x);
	report_of(b, &y);
	cr_assert_eq(memcmp(x.steps, y.steps, sizeof(x.steps)), 0, "%s", page);
	cr_assert_eq(x.nr_rows, y.nr_rows, "%s", page);
	for (size_t i = 0; i < x.nr_rows; i++) {
		cr_assert_eq(x.rows[i].path, y.rows[i].path, "%s", page);
		cr_assert_eq(x.rows[i].hist->count, y.rows[i].hist->count, "%s", page);
		cr_assert_eq(x.rows[i].hist->sum, y.rows[i].hist->sum, "%s", page);
		cr_assert_eq(x.rows[i].hist->max, y.rows[i].hist->max, "%s", page);
		count += y.rows[i].hist->count;
		sum += y.rows[i].hist->sum;
	}
	cr_assert_eq(count, b->told, "%s", page);
	cr_assert_eq(sum, b->told_ps, "%s", page);
	/* steps times prices are the latencies */
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++) {
		struct kmr_steps steps;

		memcpy(steps.count, x.steps[o], sizeof(steps.count));
		sum -= kmr_cost(&a->cost, &steps);
	}
	cr_assert_eq(sum, 0u, "%s", page);
	cr_assert_gt(x.steps[KMR_OP_PAGE_ALLOC][KMR_STEP_WAIT], 0u, "%s: four CPUs meet", page);
	kmr_latency_report_free(&x);
	kmr_latency_report_free(&y);
	done(a);
	done(b);
}

/* Telling somebody takes the long way, which looks at all counts. */
Test(latency, shortcuts_come_to_the_same)
{
	static const char *const pages[] = { "linux-5.15", "linux-6.1", "linux-6.12",
					     "linux-2.6.24", "linux-2.4" };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		expect_same(pages[i]);
}

/* What objects cost by the short way and by the long one, and how many went which path. */
static void object_operations(const char *name, bool told, struct kmr_latency_report *report)
{
	const struct kmr_page_work none = { 0 };
	struct latency_rig teller = { .ev = { .time = 77 } };
	struct kmr_latency_config config = { .cost = &teller.cost, .page = &none, .ctx = &teller };
	struct kmr_error err = { "" };
	kmr_obj_t *live = malloc(4000 * sizeof(*live));
	uint64_t state = 3;
	struct kmr_latency *l;
	unsigned int cache;
	size_t nr = 0;
	struct rig r;

	cr_assert_not_null(live);
	rig_create(&r, name, 1);
	cache = rig_cache(&r, "test", 200, 0);
	config.machine = &r.m;
	config.told = told ? tell : NULL;
	cr_assert_eq(kmr_cost_defaults(&teller.cost, &err), 0);
	l = kmr_latency_create(&config, &err);
	cr_assert_not_null(l);
	kmr_latency_set_objects(l, r.ops, r.ops->work(r.b));
	for (unsigned int i = 0; i < 50000; i++) {
		const uint64_t x = next_random(&state);

		kmr_latency_object_begin(l);
		if (nr < 4000 && (x & 15) < 8) {
			live[nr++] = rig_alloc(&r, cache);
			kmr_latency_object_alloc(l, &teller.ev, live[nr - 1], 0);
		} else if (nr) {
			/* mostly what came last */
			const size_t at = x >> 8 & 7 ? nr - 1 : (size_t)(x >> 16) % nr;

			cr_assert_eq(r.ops->free(r.b, cache, live[at], 0), 0);
			kmr_latency_object_free(l, &teller.ev, live[at], 0);
			live[at] = live[--nr];
		}
	}
	cr_assert_eq(kmr_latency_report(l, report, &err), 0);
	cr_assert(told || !teller.told);
	kmr_latency_destroy(l);
	r.ops->destroy(r.b);
	free(live);
}

Test(latency, shortcuts_of_objects_come_to_the_same)
{
	static const char *const names[] = { "slub", "slab", "slob" };

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		struct kmr_latency_report x, y;

		object_operations(names[n], false, &x);
		object_operations(names[n], true, &y);
		cr_assert_eq(memcmp(x.steps, y.steps, sizeof(x.steps)), 0, "%s", names[n]);
		cr_assert_eq(x.nr_rows, y.nr_rows, "%s", names[n]);
		cr_assert_geq(x.nr_rows, 3u, "%s", names[n]);
		for (size_t i = 0; i < x.nr_rows; i++) {
			cr_assert_eq(x.rows[i].path, y.rows[i].path, "%s", names[n]);
			cr_assert_eq(x.rows[i].hist->count, y.rows[i].hist->count, "%s", names[n]);
			cr_assert_eq(x.rows[i].hist->sum, y.rows[i].hist->sum, "%s", names[n]);
		}
		kmr_latency_report_free(&x);
		kmr_latency_report_free(&y);
	}
}

Test(latency, nobody_waits_on_one_cpu)
{
	struct latency_rig *r = booted("x86_64:ram=256M", "linux-6.1", false);
	struct kmr_latency_report report;

	random_operations(r, 5);
	report_of(r, &report);
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++)
		cr_assert_eq(report.steps[o][KMR_STEP_WAIT], 0u);
	kmr_latency_restart(r->l);
	kmr_latency_report_free(&report);
	report_of(r, &report);
	cr_assert_eq(report.nr_rows, 0u, "begun again");
	kmr_latency_report_free(&report);
	done(r);
}

Test(latency, waiting_for_a_lock)
{
	struct kmr_lockqueue q;

	cr_assert_eq(kmr_lockqueue_init(&q, 2, 3), 0);
	/* held from 0 to 500 ps */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 0, 1000, 500), 0u);
	kmr_lockqueue_pass(&q, 0, 1000, 700);
	/* another CPU in the same nanosecond waits for the rest, then has it until 800 */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 1, 1000, 300), 500u);
	/* the third: for both, but no longer than twice the last one's */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 2, 1000, 300), 600u);
	/* another zone's is free */
	cr_assert_eq(kmr_lockqueue_take(&q, 1, 1, 1000, 300), 0u);
	/* a nanosecond later it is free */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 0, 1001, 100), 0u);
	/* a CPU does not wait for itself: its operations come one after another */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 0, 1001, 100), 0u);
	kmr_lockqueue_fini(&q);
	cr_assert_eq(kmr_lockqueue_init(&q, 1, 2), 0);
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 0, 1000, 5000), 0u);
	kmr_lockqueue_pass(&q, 1, 1000, 2000);
	/* what it did before in the same nanosecond took until 2000 ps */
	cr_assert_eq(kmr_lockqueue_take(&q, 0, 1, 1000, 100), 3000u);
	/* times that go back, or lie beyond what picoseconds can tell, do no harm */
	cr_assert_leq(kmr_lockqueue_take(&q, 0, 0, 0, UINT64_MAX), 100u);
	(void)kmr_lockqueue_take(&q, 0, 1, UINT64_MAX - 1, UINT64_MAX);
	kmr_lockqueue_fini(&q);
}
