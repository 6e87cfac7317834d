// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace is made up and replayed for the steps that its calls take; its durations are those steps
 * at known prices, with noise; prices that are fitted to it must be the known ones.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "kmreplay/calibrate.h"

#define MACHINE "x86_64:ram=256M"
#define OPS	12000u
#define LIVE	1500u
#define BEGIN	1000000 /* us */
#define SPACING 10u /* us from one call to the next */

enum what {
	WHAT_ALLOC,
	WHAT_FREE,
	WHAT_OBJECT_ALLOC,
	WHAT_OBJECT_FREE
};

struct op {
	uint8_t what, order, cache;
	bool zero;
	uint32_t name; /* of the block or object */
	struct kmr_steps steps;
	bool told;
	uint64_t ns; /* duration */
};

static struct op ops[OPS];
static uint64_t state;
static char path[64];
static uint32_t untold;
static uint64_t wrapped; /* ns that a call within another adds to it; 0: there are none */

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % below;
}

/* Blocks and objects come, more and more at first, and go in any order. */
static void make_ops(uint64_t seed)
{
	static struct op live[LIVE];
	uint32_t nr_live = 0;

	state = seed * UINT64_C(0x9e3779b97f4a7c15);
	memset(ops, 0, sizeof(ops));
	for (uint32_t i = 0; i < OPS; i++) {
		struct op *op = &ops[i];

		if (nr_live == LIVE || (nr_live && draw(100) < 46 + (i > OPS / 2))) {
			const uint32_t at = (uint32_t)draw(nr_live);

			*op = live[at];
			op->what++;
			live[at] = live[--nr_live];
		} else {
			op->what = draw(3) ? WHAT_ALLOC : WHAT_OBJECT_ALLOC;
			op->order = (uint8_t)(draw(4) ? 0 : draw(7));
			op->cache = (uint8_t)draw(3);
			op->zero = draw(4) == 0;
			op->name = i;
			live[nr_live++] = *op;
		}
		op->ns = 1000;
	}
}

static const char *const caches[] = { "one", "two", "three" };
static const unsigned int sizes[] = { 64, 192, 1024 };

static void write_event(FILE *f, const struct op *op)
{
	const char *zero = op->zero ? "|__GFP_ZERO" : "";
	const uint64_t ptr = UINT64_C(0xffff888100000000) + (uint64_t)op->name * 4096;

	switch (op->what) {
	case WHAT_ALLOC:
		fprintf(f,
			"mm_page_alloc: page=ffffea0000000000 pfn=0x%x order=%u migratetype=0 "
			"gfp_flags=GFP_KERNEL%s",
			op->name * 64, op->order, zero);
		break;
	case WHAT_FREE:
		fprintf(f, "mm_page_free: page=ffffea0000000000 pfn=0x%x order=%u", op->name * 64,
			op->order);
		break;
	case WHAT_OBJECT_ALLOC:
		fprintf(f,
			"kmem_cache_alloc: call_site=f+0x1/0x2 ptr=%016" PRIx64
			" bytes_req=%u bytes_alloc=%u gfp_flags=GFP_KERNEL node=-1 accounted=false",
			ptr, sizes[op->cache], sizes[op->cache]);
		break;
	default:
		fprintf(f, "kmem_cache_free: call_site=f+0x1/0x2 ptr=%016" PRIx64 " name=%s", ptr,
			caches[op->cache]);
	}
}

static bool is_wrapped(uint32_t i)
{
	return wrapped && ops[i].what == WHAT_FREE && i % 3 == 0;
}

static void write_exit(FILE *f, const char *head, const char *indent, uint64_t ns)
{
	fprintf(f, "%s %4" PRIu64 ".%03" PRIu64 " us    |  %s}\n", head, ns / 1000, ns % 1000,
		indent);
}

static void write_trace(void)
{
	static const char *const functions[] = { "__alloc_pages", "__free_pages",
						 "kmem_cache_alloc", "kmem_cache_free" };
	FILE *f = fopen(path, "w");

	cr_assert(f);
	fprintf(f, "# tracer: function_graph\n");
	for (uint32_t i = 0; i < OPS; i++) {
		const uint64_t us = BEGIN + (uint64_t)i * SPACING;
		char head[64];

		(void)snprintf(head, sizeof(head), "%5" PRIu64 ".%06" PRIu64 " |   0)   test-1   |",
			       us / 1000000, us % 1000000);
		if (is_wrapped(i))
			fprintf(f, "%s               |  free_pages() {\n", head);
		fprintf(f, "%s               |  %s%s() {\n%s               |    /* ", head,
			is_wrapped(i) ? "  " : "", functions[ops[i].what], head);
		write_event(f, &ops[i]);
		fprintf(f, " */\n");
		write_exit(f, head, is_wrapped(i) ? "  " : "", ops[i].ns);
		if (is_wrapped(i))
			write_exit(f, head, "", ops[i].ns + wrapped);
	}
	cr_assert_eq(fclose(f), 0);
}

static void take(void *ctx, const struct kmr_operation_report *report)
{
	uint64_t i;

	(void)ctx;
	if (!report->event)
		return;
	i = (report->event->time / 1000 - BEGIN) / SPACING;
	cr_assert(i < OPS && !ops[i].told);
	ops[i].told = true;
	ops[i].steps = *report->steps;
}

static void setup(void)
{
	const struct kmr_replay_options options = {
		.trace = path,
		.machine = MACHINE,
		.object = "slub",
		.vmap = "none",
		.start = KMR_START_BOOT,
		.operation = take,
	};
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	struct kmr_error err = { "" };

	(void)snprintf(path, sizeof(path), "/tmp/kmreplay-calibrate-%d", (int)getpid());
	make_ops(7);
	write_trace();
	cr_assert(r);
	cr_assert_eq(kmr_replay(&options, r, &err), 0, "%s", err.msg);
	kmr_replay_result_free(r);
	free(r);
	/* pages right before an object are taken for the slab that it is in */
	for (uint32_t i = 0; i < OPS; i++)
		untold += !ops[i].told;
	cr_assert(untold < OPS / 3, "%u", untold);
}

static void teardown(void)
{
	(void)unlink(path);
}

TestSuite(calibrate, .init = setup, .fini = teardown);

/* Durations at @table's prices, with recording, up to @noise ns to both sides and @slow permille that take long. */
static void set_durations(const struct kmr_cost_table *table, uint64_t overhead_ns, uint64_t noise,
			  unsigned int slow)
{
	state = 99;
	for (uint32_t i = 0; i < OPS; i++) {
		const uint64_t ps = kmr_cost(table, &ops[i].steps);

		ops[i].ns = (ps + 500) / 1000 + overhead_ns;
		if (noise)
			ops[i].ns = ops[i].ns + draw(2 * noise + 1) - noise;
		if (draw(1000) < slow)
			ops[i].ns += 5000 + draw(20000);
	}
	write_trace();
}

static struct kmr_calibrate_options options = {
	.trace = path,
	.machine = MACHINE,
	.start = KMR_START_BOOT,
	.trim = KMR_CALIBRATE_TRIM,
};
static struct kmr_calibrate_result result;
static struct kmr_error err;

static void calibrate(void)
{
	cr_assert_eq(kmr_calibrate(&options, &result, &err), 0, "%s", err.msg);
}

static bool near(double a, double b, double part)
{
	const double off = a > b ? a - b : b - a;

	return off <= part * b;
}

/* A table at three times its prices and what recording adds come back as they are, tied or not. */
Test(calibrate, scaled)
{
	struct kmr_cost_table table, truth;
	unsigned int fitted = 0, tied = 0;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	truth = table;
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		truth.price[s] *= 3;
	set_durations(&truth, 500, 0, 0);
	calibrate();
	cr_assert_eq(result.counts.calls, OPS);
	cr_assert_eq(result.counts.unknown, untold);
	cr_assert_eq(result.counts.fitted + result.counts.trimmed, OPS - untold);
	cr_assert(near(result.scale, 3, 0.001), "%g", result.scale);
	cr_assert(result.overhead_estimated && result.overhead_tied);
	cr_assert(near((double)result.overhead, 500000, 0.002), "%" PRIu64, result.overhead);
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		const struct kmr_calibrate_step *step = &result.steps[s];

		fitted += step->state == KMR_PRICE_FITTED;
		tied += step->state == KMR_PRICE_TIED;
		cr_assert_eq(step->before, table.price[s]);
		cr_assert_eq(step->after, result.table.price[s]);
		if (step->state == KMR_PRICE_UNSEEN || step->state == KMR_PRICE_HELD)
			cr_assert_eq(step->after, table.price[s], "%s", kmr_step_name(s));
		/* durations are whole nanoseconds */
		else if (step->times > 500)
			cr_assert(near((double)step->after, (double)truth.price[s], 0.05) ||
					  step->after < truth.price[s] + 300,
				  "%s: %" PRIu64 " for %" PRIu64, kmr_step_name(s), step->after,
				  truth.price[s]);
	}
	cr_assert(fitted >= 6 && tied >= 8, "%u, %u", fitted, tied);
	cr_assert_eq(result.steps[KMR_STEP_WAIT].state, KMR_PRICE_HELD);
	cr_assert_eq(result.steps[KMR_STEP_VMALLOC].state, KMR_PRICE_UNSEEN);
	cr_assert_eq(result.steps[KMR_STEP_OBJECT_ALLOC].state, KMR_PRICE_TIED);
	cr_assert(result.r_squared > 0.99999, "%g", result.r_squared);
	kmr_calibrate_result_free(&result);
}

/* Each step at a factor of its own, with noise and calls that an interrupt made long. */
Test(calibrate, noisy)
{
	struct kmr_cost_table table, truth;
	unsigned int compared = 0;
	uint64_t calls = 0;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	truth = table;
	state = 3;
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		truth.price[s] = truth.price[s] * (5 + draw(30)) / 10;
	set_durations(&truth, 200, 10, 8);
	options.overhead_given = true;
	options.overhead = 200000;
	calibrate();
	cr_assert_eq(result.overhead, 200000);
	cr_assert_not(result.overhead_estimated);
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		const struct kmr_calibrate_step *step = &result.steps[s];

		/* what many calls took and what is no small part of them */
		if (step->state != KMR_PRICE_FITTED || step->calls < 500 || truth.price[s] < 2000)
			continue;
		compared++;
		cr_assert(near((double)step->after, (double)truth.price[s], 0.06),
			  "%s: %" PRIu64 " for %" PRIu64, kmr_step_name(s), step->after,
			  truth.price[s]);
	}
	cr_assert(compared >= 2, "%u", compared);
	for (unsigned int i = 0; i < result.nr_residuals; i++) {
		const struct kmr_calibrate_residual *r = &result.residuals[i];

		calls += r->calls + r->trimmed;
		if (r->calls < 300)
			continue;
		/* evenly up to 10 ns to both sides: 6.06; some of the slow ones are left in */
		cr_assert(r->measured - r->predicted < 3 && r->predicted - r->measured < 3,
			  "%s %s: %g", kmr_operation_name(r->operation), kmr_path_name(r->path),
			  r->measured - r->predicted);
		cr_assert(r->rms > 5 && r->rms < 8, "%s %s: %g", kmr_operation_name(r->operation),
			  kmr_path_name(r->path), r->rms);
		cr_assert(r->p99 >= r->p50);
		/* those that are as long as the first one left in stay, too */
		cr_assert(r->trimmed * 50 <= r->calls + r->trimmed, "%" PRIu64, r->trimmed);
	}
	cr_assert_eq(calls, OPS - untold);
	/* of about 80 slow ones */
	cr_assert(result.counts.trimmed > 60, "%" PRIu64, result.counts.trimmed);
	kmr_calibrate_result_free(&result);
}

/* Without trimming what takes long is in the fit, and seen in its residuals. */
Test(calibrate, untrimmed)
{
	struct kmr_cost_table table;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	set_durations(&table, 200, 0, 8);
	options.trim = 0;
	options.overhead_given = true;
	options.overhead = 200000;
	calibrate();
	cr_assert_eq(result.counts.trimmed, 0);
	cr_assert_eq(result.counts.fitted, OPS - untold);
	cr_assert(result.rms > 500, "%g", result.rms);
	kmr_calibrate_result_free(&result);
}

/* Events within calls are taken off, one a call here: as much as recording is. */
Test(calibrate, event_overhead)
{
	struct kmr_cost_table table;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	set_durations(&table, 300, 0, 0);
	options.overhead_given = true;
	options.overhead = 100000;
	options.event_overhead = 200000;
	calibrate();
	cr_assert(near(result.scale, 1, 0.001), "%g", result.scale);
	cr_assert(result.rms < 1, "%g", result.rms);
	kmr_calibrate_result_free(&result);
}

/* What a call within another adds to it, beyond what recording adds to itself. */
Test(calibrate, inner_overhead)
{
	struct kmr_cost_table table;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	wrapped = 300 + 450;
	set_durations(&table, 300, 0, 0);
	options.overhead_given = true;
	options.overhead = 300000;
	calibrate();
	cr_assert(near((double)result.inner_overhead, 450000, 0.01), "%" PRIu64,
		  result.inner_overhead);
	cr_assert(near(result.scale, 1, 0.01), "%g", result.scale);
	cr_assert(result.rms < 1, "%g", result.rms);
	kmr_calibrate_result_free(&result);
	/* without such calls */
	wrapped = 0;
	set_durations(&table, 300, 0, 0);
	calibrate();
	cr_assert_eq(result.inner_overhead, 0);
	kmr_calibrate_result_free(&result);
}

/* A step that every request takes is not 0 for one that few of them take beside it. */
Test(calibrate, ratios)
{
	struct kmr_cost_table table, truth;
	const uint64_t *price = result.table.price;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	truth = table;
	truth.price[KMR_STEP_BUDDY_ALLOC] *= 60;
	truth.price[KMR_STEP_BUDDY_FREE] *= 20;
	set_durations(&truth, 200, 10, 0);
	options.overhead_given = true;
	options.overhead = 200000;
	calibrate();
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		if (result.steps[s].calls > 1000)
			cr_expect(price[s] > table.price[s] / 2, "%s: %" PRIu64, kmr_step_name(s),
				  price[s]);
	cr_expect(near((double)price[KMR_STEP_PAGE_ALLOC] * 30,
		       (double)price[KMR_STEP_PCP_ALLOC] * 50, 0.1),
		  "%" PRIu64 ", %" PRIu64, price[KMR_STEP_PAGE_ALLOC], price[KMR_STEP_PCP_ALLOC]);
	cr_expect(near((double)price[KMR_STEP_BUDDY_ALLOC],
		       (double)truth.price[KMR_STEP_BUDDY_ALLOC], 0.06),
		  "%" PRIu64, price[KMR_STEP_BUDDY_ALLOC]);
	cr_expect(near((double)price[KMR_STEP_BUDDY_FREE], (double)truth.price[KMR_STEP_BUDDY_FREE],
		       0.1),
		  "%" PRIu64, price[KMR_STEP_BUDDY_FREE]);
	kmr_calibrate_result_free(&result);
}

/* The file that is written is the table that was fitted. */
Test(calibrate, written)
{
	struct kmr_cost_table table, again;
	char output[96];

	(void)snprintf(output, sizeof(output), "%s.yaml", path);
	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	again = table;
	set_durations(&table, 50, 20, 0);
	options.output = output;
	calibrate();
	cr_assert_eq(kmr_cost_read(&again, output, &err), 0, "%s", err.msg);
	cr_assert_str_eq(again.name, "calibrated");
	cr_assert_arr_eq(again.price, result.table.price, sizeof(again.price));
	kmr_calibrate_result_free(&result);
	/* and where fitting begins */
	options.cost = output;
	options.output = NULL;
	calibrate();
	cr_assert(near(result.scale, 1, 0.001), "%g", result.scale);
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		if (result.steps[s].calls > 1000 && again.price[s] > 100)
			cr_expect(near((double)result.table.price[s], (double)again.price[s], 0.01),
				  "%s: %" PRIu64 " from %" PRIu64, kmr_step_name(s),
				  result.table.price[s], again.price[s]);
	kmr_calibrate_result_free(&result);
	(void)unlink(output);
}

/* The same twice. */
Test(calibrate, deterministic)
{
	struct kmr_cost_table table, first;

	cr_assert_eq(kmr_cost_defaults(&table, &err), 0);
	set_durations(&table, 50, 30, 10);
	calibrate();
	first = result.table;
	kmr_calibrate_result_free(&result);
	calibrate();
	cr_assert_arr_eq(first.price, result.table.price, sizeof(first.price));
	kmr_calibrate_result_free(&result);
}

static void expect_failure(const char *text, const char *message)
{
	FILE *f = fopen(path, "w");
	char full[512];

	cr_assert(f && fputs(text, f) >= 0 && !fclose(f));
	cr_expect_eq(kmr_calibrate(&options, &result, &err), -1);
	(void)snprintf(full, sizeof(full), "%s: %s", path, message);
	cr_expect_str_eq(err.msg, full, "%s", err.msg);
	cr_expect_null(result.replay);
}

#define GRAPH "# tracer: function_graph\n"
#define ALLOC \
	"mm_page_alloc: page=ffffea0000001000 pfn=0x40 order=0 migratetype=0 gfp_flags=GFP_KERNEL"

Test(calibrate, errors)
{
	expect_failure("      test-1   [000] .....     1.000000: " ALLOC "\n",
		       "has no durations of calls (it is: trace_pipe); record it with the "
		       "function_graph tracer");
	expect_failure(GRAPH " 0)  __alloc_pages() {\n 0)  /* " ALLOC " */\n 0)  }\n",
		       "its calls have no durations; record it with the option funcgraph-duration "
		       "on");
	expect_failure(
		GRAPH " 0)   1.000 us    |  schedule();\n 0)   1.000 us    |  kfree();\n",
		"none of its 2 lines of calls is a measured call of the page allocator with "
		"an event in it; trace __alloc_pages and free_unref_page and switch the kmem "
		"events on");
	options.object = "slub";
	expect_failure(GRAPH " 0)   1.000 us    |  kfree();\n",
		       "none of its 1 lines of calls is a measured call of the allocators with an "
		       "event in it; trace __alloc_pages, free_unref_page, kmem_cache_alloc, "
		       "kmem_cache_free and switch the kmem events on");
	options.object = NULL;
	expect_failure(GRAPH " 0)               |  __free_pages() {\n"
			     " 0)               |    /* mm_page_free: page=ffffea0000001000 "
			     "pfn=0x40 order=0 */\n"
			     " 0)   1.000 us    |  }\n",
		       "the replay knows the steps of none of its 1 calls; their events lie before "
		       "the snapshot's marker, or are of objects where objects are not replayed");
	options.overhead_of = "nothing";
	expect_failure(GRAPH " 0)               |  __alloc_pages() {\n"
			     " 0)               |    /* " ALLOC " */\n"
			     " 0)   1.000 us    |  }\n",
		       "has no measured call of 'nothing' without calls in it, for --overhead");
	options.trace = "-";
	cr_expect_eq(kmr_calibrate(&options, &result, &err), -1);
	cr_expect_str_eq(err.msg, "calibrate: the trace is read twice: give a file, not '-'");
}
