// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model against kernels: from a capture's exact snapshot it hands out the very frames that the
 * kernel did, and ends with the same lists in the same order.
 */
#include <inttypes.h>

#include "base/linereader.h"
#include "kmreplay/verify.h"
#include "support.h"

static void options_of(struct kmr_verify_options *o, const struct capture *c)
{
	memset(o, 0, sizeof(*o));
	o->trace = c->trace;
	o->snapshot = c->before;
	o->end_snapshot = c->after;
}

/* What is told of caches, which nobody here asks for, is given back. */
static void verify(const struct kmr_verify_options *o, struct kmr_verify_result *r)
{
	struct kmr_machine *m = malloc(sizeof(*m));
	struct kmr_error err = { "" };

	cr_assert_not_null(m);
	cr_assert_eq(kmr_verify(o, r, m, &err), 0, "%s", err.msg);
	kmr_verify_result_free(r);
	free(m);
}

static void assert_error(const struct kmr_verify_options *o, const char *message)
{
	struct kmr_machine *m = malloc(sizeof(*m));
	struct kmr_verify_result r;
	struct kmr_error err = { "" };

	cr_assert_not_null(m);
	cr_assert_eq(kmr_verify(o, &r, m, &err), -1);
	cr_assert_str_eq(err.msg, message);
	free(m);
}

static void assert_identical_end(const char *name, const struct kmr_verify_result *r)
{
	cr_expect(r->has_end);
	cr_expect_gt(r->lists_total, 0);
	cr_expect_gt(r->pcp_total, 0);
	cr_expect_gt(r->pageblocks_total, 0);
	cr_expect_eq(r->lists_identical, r->lists_total, "%s: %s", name, r->first_difference);
	cr_expect_eq(r->pcp_identical, r->pcp_total, "%s: %s", name, r->first_difference);
	cr_expect_eq(r->pageblocks_identical, r->pageblocks_total, "%s: %s", name,
		     r->first_difference);
	cr_expect_gt(r->limits_total, 0);
	cr_expect_eq(r->limits_identical, r->limits_total, "%s", name);
	cr_expect_str_eq(r->first_difference, "");
}

static void verify_all(const struct capture *c, struct kmr_verify_result *r)
{
	struct kmr_verify_options o;

	options_of(&o, c);
	o.check = true;
	verify(&o, r);
}

/* At most @misses of the allocations got another frame; everything else is the kernel's. */
static void assert_follows(const char *name, const struct capture *c, uint64_t misses,
			   struct kmr_verify_result *result)
{
	struct kmr_verify_options o;
	struct kmr_verify_result r;

	options_of(&o, c);
	o.check = true;
	verify(&o, &r);
	*result = r;
	cr_expect_gt(r.alloc_total, 10000, "%s", name);
	cr_expect_leq(r.alloc_total - r.alloc_exact, misses,
		      "%s: %" PRIu64 " of %" PRIu64 " exact; first miss event %" PRIu64 " (%s)",
		      name, r.alloc_exact, r.alloc_total, r.first_miss.event,
		      kmr_miss_name(r.first_miss.why));
	cr_expect_eq(r.alloc_zone_exact, r.alloc_total, "%s", name);
	cr_expect_eq(r.first_miss.any, r.alloc_exact != r.alloc_total);
	cr_expect_eq(r.extfrag.matched, r.extfrag.traced, "%s", name);
	cr_expect_eq(r.refill.matched, r.refill.traced, "%s", name);
	cr_expect_eq(r.drain.matched, r.drain.traced, "%s", name);
	cr_expect_gt(r.refill.traced, 0, "%s", name);
	cr_expect_eq(r.free_unknown, 0, "%s", name);
}

static void follow(const char *name, uint64_t misses)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, name);
	assert_follows(name, &c, misses, &r);
	assert_identical_end(name, &r);
}

Test(replay_verify, bundled)
{
	struct kmr_verify_result r;
	struct capture c;

	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture in " BUNDLED);
	assert_follows("bundled", &c, 0, &r);
	assert_identical_end("bundled", &r);
}

Test(replay_verify, i386_slub_compile)
{
	follow("i386-slub-compile", 0);
}

Test(replay_verify, i386_slab_compile)
{
	follow("i386-slab-compile", 0);
}

Test(replay_verify, i386_slub_files)
{
	follow("i386-slub-files", 0);
}

Test(replay_verify, i386_slab_files)
{
	follow("i386-slab-files", 0);
}

Test(replay_verify, i386_slob_files)
{
	follow("i386-slob-files", 0);
}

Test(replay_verify, x86_64_sqlite)
{
	follow("x86_64-6.1-up-sqlite", 0);
}

/*
 * 56,008 drains, by half a dozen rules.  Twice an interrupt came a moment after a refill had
 * released the lists, and no event of the lock tells so.
 */
Test(replay_verify, i386_pressure)
{
	follow("i386-slub-pressure", 2);
}

Test(replay_verify, x86_64_6_12_drains)
{
	follow("x86_64-6.12-up-dat", 0);
}

/* One interrupt came while an allocation held the lists, which the end snapshot tells alone. */
Test(replay_verify, x86_64_6_12_shell)
{
	follow("x86_64-6.12-up-shell", 0);
}

/* Four CPUs, two nodes: what the vmstat worker drains of remote zones has no event that asks. */
Test(replay_verify, x86_64_6_12_numa)
{
	follow("x86_64-6.12-numa-compile", 0);
}

/* Interrupts come between an allocation and its event: 99.99 %. */
Test(replay_verify, i386_slob_compile)
{
	follow("i386-slob-compile", 10);
}

/*
 * Page cache larger than memory, and compaction.  CPUs' parts of the free pages' count are known by
 * where requests went only: 99.98 %.
 */
Test(replay_verify, i386_reclaim)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-reclaim");
	verify_all(&c, &r);
	cr_expect_geq(r.alloc_exact * 10000, r.alloc_total * 9998);
	cr_expect_geq(r.alloc_zone_exact * 10000, r.alloc_total * 9998);
	cr_expect_eq(r.drain.matched, r.drain.traced);
	cr_expect_gt(r.drain.traced, 80000);
	assert_identical_end("reclaim", &r);
}

/* The same on two CPUs and nodes, half of it compaction's. */
Test(replay_verify, x86_64_6_12_reclaim)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "x86_64-6.12-numa-reclaim");
	verify_all(&c, &r);
	cr_expect_geq(r.alloc_exact * 1000, r.alloc_total * 999);
	cr_expect_geq(r.alloc_zone_exact * 1000, r.alloc_total * 999);
	cr_expect_gt(r.extfrag.traced, 5000);
	/* a node's dirty pages are learned of a miss at a time */
	cr_expect_gt(r.misses[KMR_MISS_DIRTY], 0);
	cr_expect_lt(r.misses[KMR_MISS_DIRTY], 100);
}

/*
 * Two CPUs, whose order the trace tells at the zone's lock only.  The last free came on the one
 * while the other took the snapshot: its event is behind the marker, its page in the snapshot.
 */
Test(replay_verify, i386_two_cpus)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-smp2-shell");
	assert_follows("two CPUs", &c, 0, &r);
	cr_expect_eq(r.lists_identical, r.lists_total, "%s", r.first_difference);
	cr_expect_eq(r.pageblocks_identical, r.pageblocks_total, "%s", r.first_difference);
	cr_expect_leq(r.pcp_total - r.pcp_identical, 1, "%s", r.first_difference);
}

/* Copies a trace with every @every-th mm_page_alloc's pfn changed; returns how many. */
static unsigned int alter(const char *from, const char *to, unsigned int every)
{
	struct kmr_error err = { "" };
	struct kmr_linereader *in = kmr_linereader_open(from, &err);
	FILE *out = fopen(to, "w");
	struct kmr_line line;
	unsigned int seen = 0, altered = 0;

	cr_assert(in && out, "%s", err.msg);
	while (kmr_linereader_next(in, &line, &err) > 0) {
		char *pfn = strstr(line.text, ": mm_page_alloc: ");
		size_t digits;

		pfn = pfn ? strstr(pfn, " pfn=0x") : NULL;
		digits = pfn ? strspn(pfn + 7, "0123456789abcdef") : 0;
		if (digits && ++seen % every == 0) {
			char *last = pfn + 7 + digits - 1;

			/* the neighbour two frames away */
			*last = "23016745ab89efcd"[strtoul((char[]){ *last, '\0' }, NULL, 16)];
			altered++;
		}
		cr_assert_geq(fprintf(out, "%s\n", line.text), 0);
	}
	cr_assert_str_empty(err.msg);
	kmr_linereader_close(in);
	cr_assert_eq(fclose(out), 0);
	return altered;
}

/* The kernel did not do what the trace says: it shows. */
Test(replay_verify, altered_trace)
{
	static const unsigned int every[] = { 5000, 97 };
	char dir[64], path[128];
	uint64_t misses[2];
	struct capture c;

	need_capture(&c, "i386-slub-files");
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	for (int i = 0; i < 2; i++) {
		struct kmr_verify_options o;
		struct kmr_verify_result r;

		cr_assert_gt(alter(c.trace, path, every[i]), 0);
		options_of(&o, &c);
		o.trace = path;
		o.check = true;
		verify(&o, &r);
		misses[i] = r.alloc_total - r.alloc_exact;
		cr_expect_gt(misses[i], 0);
		cr_expect(r.first_miss.any);
		cr_expect_neq(r.first_miss.kernel_pfn, r.first_miss.model_pfn);
		/* a few frames out of place may find their way back, many don't */
		if (i)
			cr_expect_lt(r.lists_identical + r.pcp_identical,
				     r.lists_total + r.pcp_total);
		cr_expect_eq(r.first_difference[0] == '\0',
			     r.lists_identical + r.pcp_identical + r.pageblocks_identical ==
				     r.lists_total + r.pcp_total + r.pageblocks_total);
	}
	cr_expect_gt(misses[1], misses[0]);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Misses are counted by their reasons, which add up. */
Test(replay_verify, misses_add_up)
{
	char dir[64], path[128];
	struct kmr_verify_options o;
	struct kmr_verify_result r;
	uint64_t sum = 0;
	struct capture c;

	need_capture(&c, "i386-slub-files");
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	cr_assert_gt(alter(c.trace, path, 31), 0);
	options_of(&o, &c);
	o.trace = path;
	verify(&o, &r);
	for (int i = 0; i < KMR_MISS_NR; i++) {
		sum += r.misses[i];
		cr_expect_str_not_empty(kmr_miss_name((enum kmr_miss)i));
	}
	cr_expect_eq(sum, r.alloc_total - r.alloc_exact);
	cr_expect_str_eq(kmr_miss_name(KMR_MISS_NR), "?");
	(void)unlink(path);
	(void)rmdir(dir);
}

/* The end of another run of the same machine is not this run's. */
Test(replay_verify, end_of_another_capture)
{
	struct kmr_verify_options o;
	struct kmr_verify_result r;
	struct capture c, other;

	need_capture(&c, "i386-slub-compile");
	need_capture(&other, "i386-slub-files");
	options_of(&o, &c);
	o.end_snapshot = other.after;
	verify(&o, &r);
	cr_expect_eq(r.alloc_exact, r.alloc_total);
	cr_expect_lt(r.lists_identical, r.lists_total);
	cr_expect_str_not_empty(r.first_difference);
}

/* Starting from another run's beginning, the model is off from the first events on. */
/* What the trace did before its marker is not so in the other's snapshot, not even of one kernel. */
Test(replay_verify, start_of_another_capture)
{
	static const struct {
		const char *name;
		unsigned int frames, wrong;
	} others[] = { { "i386-slub-files", 13, 2 }, { "i386-slab-compile", 13, 13 } };
	struct kmr_verify_options o;
	struct capture c, other;
	char message[2 * KMR_ERROR_MAX];

	need_capture(&c, "i386-slub-compile");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		need_capture(&other, others[i].name);
		options_of(&o, &c);
		o.end_snapshot = NULL;
		o.snapshot = other.before;
		o.check = true;
		(void)snprintf(message, sizeof(message),
			       "%s: does not fit %s: of %u frames that the trace names before its "
			       "marker, %u are not as it left them",
			       other.before, c.trace, others[i].frames, others[i].wrong);
		assert_error(&o, message);
	}
}

Test(replay_verify, without_an_end)
{
	struct kmr_verify_options o;
	struct kmr_verify_result r, whole;
	struct capture c;

	need_capture(&c, "x86_64-6.1-up-sqlite");
	options_of(&o, &c);
	verify(&o, &whole);
	o.end_snapshot = NULL;
	verify(&o, &r);
	cr_expect_not(r.has_end);
	cr_expect_eq(r.lists_total, 0);
	cr_expect_geq(r.events, whole.events);
	cr_expect_geq(r.alloc_total, whole.alloc_total);
}

Test(replay_verify, end_of_another_machine)
{
	struct kmr_verify_options o;
	struct capture c, other;
	char message[1024];

	need_capture(&c, "i386-slub-compile");
	need_capture(&other, "x86_64-6.1-up-sqlite");
	options_of(&o, &c);
	o.end_snapshot = other.after;
	(void)snprintf(message, sizeof(message), "%s: 2 zones, but %s has 3: not the same machine",
		       other.after, c.before);
	assert_error(&o, message);
	need_capture(&other, "i386-slub-pressure");
	o.end_snapshot = other.after;
	(void)snprintf(message, sizeof(message), "%s: 2 zones, but %s has 3: not the same machine",
		       other.after, c.before);
	assert_error(&o, message);
	/* as many zones, of other sizes */
	need_capture(&c, "i386-slub-reclaim");
	options_of(&o, &c);
	o.end_snapshot = other.after;
	(void)snprintf(message, sizeof(message),
		       "%s: zone 1 differs from %s's: not the same machine", other.after, c.before);
	assert_error(&o, message);
}

Test(replay_verify, snapshots_in_the_wrong_order)
{
	struct kmr_verify_options o;
	struct capture c;
	char message[1024];

	need_capture(&c, "i386-slub-compile");
	options_of(&o, &c);
	o.snapshot = c.after;
	o.end_snapshot = c.before;
	(void)snprintf(message, sizeof(message), "%s: its marker 1 is not after %s's 2", c.before,
		       c.after);
	assert_error(&o, message);
	o.end_snapshot = c.after;
	(void)snprintf(message, sizeof(message), "%s: its marker 2 is not after %s's 2", c.after,
		       c.after);
	assert_error(&o, message);
}

#define HEAD                                                                                     \
	"# tracer: nop\n"                                                                        \
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"                            \
	"            init-1       [000] .....    20.1: mm_page_alloc: page=f6acb4a0 pfn=0x66a5 " \
	"order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
#define MARKER "            take-9       [000] .....    20.2: take: kmsnap: %d\n"

Test(replay_verify, marker_missing)
{
	char dir[64], path[128], text[1024], message[1024];
	struct kmr_verify_options o;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	options_of(&o, &c);
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	o.trace = path;
	tmp_write(path, HEAD);
	(void)snprintf(message, sizeof(message),
		       "%s: no marker 'kmsnap: 1' in the trace, so snapshot %s does not belong to "
		       "it",
		       path, c.before);
	assert_error(&o, message);
	(void)snprintf(text, sizeof(text), HEAD MARKER, 2);
	tmp_write(path, text);
	assert_error(&o, message);
	(void)snprintf(text, sizeof(text), HEAD MARKER, 1);
	tmp_write(path, text);
	(void)snprintf(message, sizeof(message),
		       "%s: no marker 'kmsnap: 2' in the trace, so snapshot %s does not belong to "
		       "it",
		       path, c.after);
	assert_error(&o, message);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* What it can't open or understand it names. */
Test(replay_verify, bad_arguments)
{
	struct kmr_verify_options o;
	struct kmr_machine *m = malloc(sizeof(*m));
	struct kmr_verify_result r;
	struct kmr_error err = { "" };
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	cr_assert_not_null(m);
	options_of(&o, &c);
	o.page = "linux-0.99";
	assert_error(&o, "--page: no backend 'linux-0.99'; there is linux-6.1, linux-6.12, "
			 "linux-5.15, linux-2.6.24, linux-2.4");
	options_of(&o, &c);
	o.snapshot = "/nowhere/kmsnap";
	cr_assert_eq(kmr_verify(&o, &r, m, &err), -1);
	cr_assert_not_null(strstr(err.msg, "/nowhere/kmsnap"));
	options_of(&o, &c);
	o.snapshot = c.trace;
	cr_assert_eq(kmr_verify(&o, &r, m, &err), -1);
	cr_assert_not_null(strstr(err.msg, c.trace));
	options_of(&o, &c);
	o.trace = "/nowhere/trace";
	cr_assert_eq(kmr_verify(&o, &r, m, &err), -1);
	cr_assert_not_null(strstr(err.msg, "/nowhere/trace"));
	options_of(&o, &c);
	o.trace = c.before;
	cr_assert_eq(kmr_verify(&o, &r, m, &err), -1);
	cr_assert_not_null(strstr(err.msg, c.before));
	free(m);
}

/* Another batch size is another kernel: it shows, and does no harm. */
Test(replay_verify, other_parameters)
{
	struct kmr_verify_options o;
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-files");
	options_of(&o, &c);
	o.page = "linux-6.1,mobility=0";
	o.check = true;
	verify(&o, &r);
	cr_expect_lt(r.alloc_exact, r.alloc_total);
	cr_expect_lt(r.pageblocks_identical + r.lists_identical,
		     r.pageblocks_total + r.lists_total);
}

static uint64_t xorshift(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One event that means nothing: any frame, order, type and context. */
static void write_nonsense(FILE *f, uint64_t *seed, unsigned int i)
{
	static const char *const contexts[] = { ".....", "..s..", "..h..", "d...." };
	static const unsigned int orders[] = { 0, 0, 0, 0, 1, 2, 3, 4, 9, 10, 11, 15 };
	static const unsigned int types[] = { 0, 1, 2, 0, 1, 2, 3, 4, 5, 9 };
	static const char *const flags[] = { "GFP_KERNEL",
					     "GFP_HIGHUSER_MOVABLE",
					     "GFP_ATOMIC",
					     "GFP_DMA",
					     "GFP_NOWAIT|__GFP_HIGHMEM",
					     "GFP_KERNEL|__GFP_NOFAIL",
					     "GFP_KERNEL|__GFP_RECLAIMABLE",
					     "GFP_HIGHUSER_MOVABLE|__GFP_THISNODE" };
	const unsigned int order = orders[xorshift(seed) % 12], type = types[xorshift(seed) % 10];
	/* few frames, so that they meet again; some beyond all memory */
	const uint64_t some = xorshift(seed) % 300 * 1021 % 330000;
	const uint64_t pfn = (xorshift(seed) % 50 ? some : xorshift(seed) % (1u << 24)) &
			     ~((UINT64_C(1) << (xorshift(seed) % 10 ? order : 0)) - 1);

	fprintf(f, "    x-%" PRIu64 " [000] %s %u.%06u: ", xorshift(seed) % 2,
		contexts[xorshift(seed) % 4], 1 + i / 100000, i * 10 % 1000000);
	switch (xorshift(seed) % 8) {
	case 0:
	case 1:
		fprintf(f,
			"mm_page_alloc: page=d3e90000 pfn=0x%" PRIx64
			" order=%u migratetype=%u gfp_flags=%s\n",
			pfn, order, type, flags[xorshift(seed) % 8]);
		break;
	case 2:
	case 3:
		fprintf(f, "mm_page_free: page=d3e90000 pfn=0x%" PRIx64 " order=%u\n", pfn, order);
		break;
	case 4:
		fprintf(f, "mm_page_free_batched: page=d3e90000 pfn=0x%" PRIx64 " order=0\n", pfn);
		break;
	case 5:
		fprintf(f,
			"mm_page_alloc_zone_locked: page=d3e90000 pfn=0x%" PRIx64
			" order=%u migratetype=%u percpu_refill=%u\n",
			pfn, order, type, (unsigned int)(xorshift(seed) % 2));
		break;
	case 6:
		fprintf(f,
			"mm_page_pcpu_drain: page=d3e90000 pfn=0x%" PRIx64
			" order=%u migratetype=%u\n",
			pfn, order, type);
		break;
	default:
		fprintf(f,
			"mm_page_alloc_extfrag: page=d3e90000 pfn=0x%" PRIx64
			" alloc_order=%u fallback_order=%u pageblock_order=10 alloc_migratetype=%u"
			" fallback_migratetype=%u fragmenting=0 change_ownership=1\n",
			pfn, order, orders[xorshift(seed) % 12], type, types[xorshift(seed) % 10]);
		break;
	}
}

/* Whatever a trace says the kernel did, the model follows it and stays whole. */
Test(replay_verify, nonsense)
{
	char dir[64], path[128];
	struct kmr_verify_options o;
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	for (uint64_t s = 1; s <= 5; s++) {
		uint64_t seed = s * UINT64_C(0x9e3779b97f4a7c15);
		FILE *f = fopen(path, "w");

		cr_assert_not_null(f);
		fprintf(f, "# tracer: nop\n    take-1 [000] d..1. 0.500000: take: kmsnap: 1\n");
		for (unsigned int i = 0; i < 20000; i++)
			write_nonsense(f, &seed, i);
		cr_assert_eq(fclose(f), 0);
		options_of(&o, &c);
		o.trace = path;
		o.end_snapshot = NULL;
		o.check = true;
		verify(&o, &r);
		cr_assert_gt(r.alloc_total, 1000);
		cr_assert_lt(r.alloc_exact * 10, r.alloc_total);
		cr_assert_gt(r.free_unknown, 0);
	}
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}
