// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast objects are replayed, and what a live one costs.  Events made up from a seed, decoded in
 * memory, through the object engine and each allocator: allocations and frees of objects that are
 * live at random, from several caches and kmalloc() of several sizes; in CPU time.  First twice as
 * many are allocated as are live later on: what they cost is measured then, when most are live.
 *
 * And how fast the bundled capture's are, which kernels make: objects follow each other, and most
 * are freed soon.
 *
 *   bench-object-replay [EVENTS [LIVE [BACKEND]]]     else 4 million, 100000 live, all
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kmreplay/gfp.h"
#include "replay/attribute.h"
#include "replay/object_engine_internal.h"
#include "replay/seed.h"

#define ROUNDS 3

static const struct kmr_tape_cache caches[] = {
	{ .name = "" },
	{ .name = "filp", .object_size = 160, .size = 192 },
	{ .name = "dentry", .object_size = 128, .size = 128 },
	{ .name = "vm_area_struct", .object_size = 88, .size = 88 },
	{ .name = "anon_vma", .object_size = 44, .size = 48 },
	{ .name = "maple_node", .object_size = 256, .size = 256 },
	{ .name = "ext4_inode_cache", .object_size = 640, .size = 640 },
};
#define NR_CACHES (sizeof(caches) / sizeof(caches[0]))

static const uint32_t sizes[] = { 16, 24, 32, 64, 100, 192, 256, 512, 1024, 4096 };

static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((state >> 33) % n);
}

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void make_alloc(struct kmr_event *ev, uint64_t ptr)
{
	ev->addr = ptr;
	ev->gfp = KMR_GFP_KERNEL;
	ev->flags = KMR_EVF_GFP_KNOWN;
	ev->node = -1;
	ev->site = 1 + (below(400) & 0xffffff);
	if (below(2)) {
		ev->type = KMR_EV_KMALLOC;
		ev->bytes.req = sizes[below(sizeof(sizes) / sizeof(sizes[0]))];
		return;
	}
	ev->type = KMR_EV_CACHE_ALLOC;
	ev->cache = (uint16_t)(1 + below(NR_CACHES - 1));
	ev->bytes.req = caches[ev->cache].object_size;
}

/* Each place allocates first; in the end half of them are live. */
static void make_events(struct kmr_event *events, uint64_t count, uint32_t places, uint32_t *slots)
{
	memset(events, 0, count * sizeof(*events));
	for (uint64_t i = 0; i < count; i++) {
		const uint32_t slot = i < places ? (uint32_t)i : below(places);
		const uint64_t ptr = UINT64_C(0xffff888010000000) + slot * UINT64_C(64);

		events[i].time = 1000000000 + i * 500;
		if (!slots[slot]) {
			make_alloc(&events[i], ptr);
			slots[slot] = 1 + events[i].cache;
			continue;
		}
		events[i].addr = ptr;
		events[i].cache = (uint16_t)(slots[slot] - 1);
		events[i].type = events[i].cache ? KMR_EV_CACHE_FREE : KMR_EV_KFREE;
		slots[slot] = 0;
	}
}

static size_t allocated(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* What samples take is of the length of the run, not of its objects. */
static size_t sampled(const struct kmr_object_engine *oe)
{
	size_t bytes = 0;

	for (size_t i = 0; i < oe->nr_samples; i++)
		bytes += malloc_usable_size(oe->samples[i].rows) + sizeof(size_t);
	return bytes + malloc_usable_size(oe->series.changes) + sizeof(size_t);
}

struct figures {
	double seconds, bytes;
	uint64_t live, most, failures;
};

static int replay_once(struct kmr_tape *tape, uint64_t count, uint64_t places,
		       const struct kmr_attribution *attribution, const char *name, bool priced,
		       struct figures *f, struct kmr_error *err)
{
	const struct kmr_page_ops *page_ops = kmr_page_backend_find("linux-6.1");
	struct kmr_object_engine_config config = { 0 };
	struct kmr_latency *latency = NULL;
	struct kmr_object_engine *oe = NULL;
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_page_backend *page;
	struct kmr_machine machine;

	memset(f, 0, sizeof(*f));
	if (kmr_machine_preset(&machine, "x86_64:ram=2G", err))
		return -1;
	page = page_ops->create(&machine, NULL, err);
	if (!page)
		return -1;
	kmr_seed_boot(&machine, page_ops, page);
	config.ops = kmr_object_backend_parse(name, params, err);
	config.params = params;
	config.machine = &machine;
	config.tape = tape;
	config.attribution = attribution;
	config.page_ops = page_ops;
	config.page = page;
	oe = config.ops ? kmr_oe_create(&config, err) : NULL;
	if (oe && priced) {
		struct kmr_cost_table cost;
		const struct kmr_latency_config prices = { .machine = &machine,
							   .cost = &cost,
							   .page = page_ops->work(page) };

		latency = kmr_cost_defaults(&cost, err) ? NULL : kmr_latency_create(&prices, err);
		kmr_oe_set_latency(oe, latency);
	}
	if (oe) {
		const size_t before = allocated();
		const double start = now();
		double measuring = 0;

		for (uint64_t i = 0; i < count; i++) {
			/* as the page engine does */
			if (i + KMR_OE_AHEAD < count) {
				kmr_oe_prefetch(oe, &tape->events[i + KMR_OE_AHEAD]);
				kmr_oe_prefetch_object(oe, &tape->events[i + KMR_OE_AHEAD / 2]);
			}
			kmr_oe_event(oe, &tape->events[i]);
			if (i + 1 == places) {
				measuring = now();
				f->most = oe->map.count;
				f->bytes = (double)(allocated() - before - sampled(oe)) /
					   (double)f->most;
				measuring = now() - measuring;
			}
		}
		f->seconds = now() - start - measuring;
		f->live = oe->map.count;
		f->failures = oe->stats.failures;
		if (kmr_oe_check(oe, err)) {
			kmr_oe_destroy(oe);
			oe = NULL;
		}
	}
	kmr_oe_destroy(oe);
	kmr_latency_destroy(latency);
	page_ops->destroy(page);
	return oe ? 0 : -1;
}

static void print_figures(const char *name, bool priced, uint64_t count, const struct figures *f)
{
	printf("  %s%s: %llu object events, %.1f ns each, %.1f million/s", name,
	       priced ? " with latencies" : "", (unsigned long long)count,
	       f->seconds * 1e9 / (double)count, (double)count / f->seconds / 1e6);
	if (f->most)
		printf(", %llu live, later %llu, %.1f bytes each", (unsigned long long)f->most,
		       (unsigned long long)f->live, f->bytes);
	printf("\n");
}

/* The capture's object events alone, from a start that is inferred. */
static int replay_capture(const char *name, bool priced, struct kmr_error *err)
{
	static const char path[] = KMR_SOURCE_ROOT "/traces/i386-slub-compile/trace.txt.zst";
	const struct kmr_source_options options = { .strict = false };
	struct kmr_attribution attribution = { 0 };
	struct figures best = { 0 }, f;
	struct kmr_tape tape = { 0 };
	uint64_t n = 0;
	int ret = -1;

	if (!kmr_tape_record(&tape, path, &options, NULL, NULL, err) &&
	    !kmr_attribute(&tape, NULL, &attribution, err)) {
		for (uint64_t i = 0; i < tape.count; i++)
			if (kmr_is_object_alloc(&tape.events[i]) ||
			    kmr_is_object_free(&tape.events[i]))
				tape.events[n++] = tape.events[i];
		tape.count = n;
		ret = 0;
	}
	for (int round = 0; !ret && round < 4 * ROUNDS; round++) {
		ret = replay_once(&tape, n, 0, &attribution, name, priced, &f, err);
		if (!round || f.seconds < best.seconds)
			best = f;
	}
	if (!ret)
		print_figures(name, priced, n, &best);
	kmr_tape_free(&tape);
	return ret;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "slub", "slab", "slob" };
	const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
	const uint32_t live = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	struct kmr_event *events = count && live ? malloc(count * sizeof(*events)) : NULL;
	uint32_t *slots = calloc(live ? 2 * (size_t)live : 1, sizeof(*slots));
	struct kmr_trace_info info = { .pointer_bits = 64 };
	struct kmr_tape_cache copies[NR_CACHES];
	struct kmr_tape tape = { .events = events, .info = &info, .nr_caches = NR_CACHES };
	const struct kmr_attribution none = { 0 };
	struct kmr_error err = { "" };

	if (!events || !slots) {
		(void)fprintf(stderr, "no events\n");
		return 1;
	}
	memcpy(copies, caches, sizeof(copies));
	tape.caches = copies;
	make_events(events, count, 2 * live, slots);
	for (size_t n = 0; n < 2 * sizeof(names) / sizeof(names[0]); n++) {
		const char *name = names[n / 2];
		/* a heap is walked for each allocation: fewer will do */
		const uint64_t events_of = strcmp(name, "slob") ? count : count / 20;
		struct figures best = { 0 }, f;

		if (argc > 3 && strcmp(argv[3], name) != 0)
			continue;
		for (int round = 0; round < ROUNDS; round++) {
			if (replay_once(&tape, events_of, 2 * live, &none, name, n % 2, &f, &err)) {
				(void)fprintf(stderr, "%s: %s\n", name, err.msg);
				return 1;
			}
			if (!round || f.seconds < best.seconds)
				best = f;
		}
		print_figures(name, n % 2, events_of, &best);
	}
	printf(" the bundled capture\n");
	for (size_t n = 0; n < 2 * sizeof(names) / sizeof(names[0]); n++) {
		const char *name = names[n / 2];

		if (argc > 3 && strcmp(argv[3], name) != 0)
			continue;
		if (replay_capture(name, n % 2, &err)) {
			(void)fprintf(stderr, "%s: %s\n", name, err.msg);
			return 1;
		}
	}
	free(events);
	free(slots);
	return 0;
}
