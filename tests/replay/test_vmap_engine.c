// SPDX-License-Identifier: GPL-2.0-only
/* Events about the kernel's addresses, of traces and of workloads, through a whole replay. */
#include <inttypes.h>
#include <stdarg.h>

#include "kmreplay/replay.h"
#include "support.h"

#define PAGE UINT64_C(4096)

static char dir[64], trace[128];
static struct kmr_replay_options options;
static struct kmr_replay_result *result;
static FILE *out;
static unsigned int seconds;

static void begin(void)
{
	tmp_make(dir, sizeof(dir));
	tmp_path(trace, sizeof(trace), dir, "trace");
	out = fopen(trace, "w");
	cr_assert_not_null(out);
	result = calloc(1, sizeof(*result));
	cr_assert_not_null(result);
	memset(&options, 0, sizeof(options));
	options.trace = trace;
	options.page = "linux-6.1";
	options.machine = "i386:ram=1280M";
	options.start = KMR_START_BOOT;
	options.check = true;
	seconds = 0;
	/* what makes it a trace, and one to replay */
	fprintf(out, "  a-1       [000] .....     0.100000: mm_page_alloc: page=f0000000 pfn=0x100 "
		     "order=0 migratetype=0 gfp_flags=GFP_KERNEL\n");
}

static void end(void)
{
	char command[160];

	kmr_replay_result_free(result);
	free(result);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_expect_eq(system(command), 0);
}

TestSuite(vmap_engine, .init = begin, .fini = end);

/* A line of the trace, by task @task on CPU 0. */
__attribute__((format(printf, 2, 3))) static void event(unsigned int task, const char *format, ...)
{
	va_list ap;

	fprintf(out, "  a-%u       [000] ..... %5u.000000: ", task, ++seconds);
	va_start(ap, format);
	vfprintf(out, format, ap);
	va_end(ap);
	fputc('\n', out);
}

static const struct kmr_mapping_report *replay(void)
{
	struct kmr_error err = { "" };

	if (out)
		cr_assert_eq(fclose(out), 0);
	out = NULL;
	kmr_replay_result_free(result);
	memset(result, 0, sizeof(*result));
	cr_assert_eq(kmr_replay(&options, result, &err), 0, "%s", err.msg);
	return &result->mappings;
}

Test(vmap_engine, only_when_there_is_something)
{
	char digest[KMR_DIGEST_SIZE];

	cr_expect_null(replay()->backend);
	memcpy(digest, result->digest, sizeof(digest));
	/* what was not used leaves no trace */
	options.vmap = "none";
	(void)replay();
	cr_expect_str_eq(result->digest, digest);
	options.vmap = "rbtree";
	cr_expect_str_eq(replay()->backend, "rbtree");
	cr_expect_str_neq(result->digest, digest);
}

Test(vmap_engine, vmalloc_of_a_workload)
{
	const struct kmr_mapping_report *m;
	uint64_t before;

	before = replay()->end.pages;
	cr_expect_eq(before, 0);
	out = fopen(trace, "a");
	event(1, "kmr_vmalloc: ptr=1 bytes=%u gfp_flags=GFP_KERNEL|__GFP_HIGHMEM", 10 << 20);
	event(1, "kmr_vmalloc: ptr=2 bytes=5000 gfp_flags=GFP_KERNEL");
	event(1, "kmr_vfree: ptr=1");
	event(1, "kmr_vfree: ptr=1");
	event(1, "kmr_vfree: ptr=0");
	event(1, "kmr_vmalloc: ptr=2 bytes=5000 gfp_flags=GFP_KERNEL");
	m = replay();
	cr_expect_str_eq(m->backend, "augmented", "as the trace has such events");
	cr_expect_str_eq(m->params, "lazy_max=0,block_order=0,nodes=0,version=0");
	cr_expect_eq(m->stats.vmallocs, 3);
	cr_expect_eq(m->stats.vfrees, 1);
	cr_expect_eq(m->stats.vmalloc_failures, 0);
	cr_expect_eq(m->stats.unknown_frees, 1);
	cr_expect_eq(m->stats.repeated_allocs, 1);
	cr_expect_eq(m->stats.live, 1);
	cr_expect_eq(m->end.pages, 2);
	/* 2560 pages, and 10 KiB of pointers to them */
	cr_expect_eq(m->work.page_allocs, 2560 + 3 + 2 + 2);
	cr_expect_eq(result->work.allocs, 1 + m->work.page_allocs + m->work.table_allocs);
	cr_expect_eq(result->work.frees, m->work.page_frees);
	cr_expect_eq(m->nr_samples, 7u, "after each event, and at the end");
	cr_expect_eq(m->samples[0].space.pages, 2563);
}

/* The pages come from HighMem, if the machine has any and nothing forbids it. */
Test(vmap_engine, pages_from_high_memory)
{
	uint64_t high, normal;

	(void)replay();
	normal = result->zones[1].free_pages + result->zones[1].pcp_pages;
	high = result->zones[2].free_pages + result->zones[2].pcp_pages;
	out = fopen(trace, "a");
	event(1, "kmr_vmalloc: ptr=1 bytes=%u gfp_flags=GFP_KERNEL", 1 << 20);
	(void)replay();
	cr_expect_str_eq(kmr_zone_name((enum kmr_zone_type)result->machine.zones[2].type),
			 "HighMem");
	cr_expect_eq(high - result->zones[2].free_pages - result->zones[2].pcp_pages, 256);
	/* page tables can not */
	cr_expect_eq(normal - result->zones[1].free_pages - result->zones[1].pcp_pages,
		     result->mappings.end.table_pages);
	out = fopen(trace, "a");
	event(1, "kmr_vmalloc: ptr=2 bytes=%u gfp_flags=GFP_KERNEL|__GFP_DMA", 1 << 20);
	(void)replay();
	cr_expect_eq(high - result->zones[2].free_pages - result->zones[2].pcp_pages, 256);
}

/* 120 MiB are vmalloc's, whatever memory there is. */
Test(vmap_engine, addresses_run_out_before_memory)
{
	const struct kmr_mapping_report *m;

	options.by_task = true;
	for (unsigned int i = 1; i <= 13; i++)
		event(1, "kmr_vmalloc: ptr=%x bytes=%u gfp_flags=GFP_KERNEL", i, 10 << 20);
	event(1, "kmr_vfree: ptr=c");
	m = replay();
	/* with pointers and guard pages, eleven fit */
	cr_expect_eq(m->stats.vmalloc_failures, 2);
	cr_expect_eq(m->work.no_room, 2);
	cr_expect_eq(m->stats.dropped_frees, 1);
	cr_expect_eq(m->stats.live, 11);
	cr_expect_eq(result->stats.failures, 0, "of pages none");
	cr_assert_eq(result->nr_outcomes, 2u);
	cr_expect_eq(result->outcomes[1].kind, KMR_REQ_VMALLOC);
	cr_expect_eq(result->outcomes[1].requests, 13);
	cr_expect_eq(result->outcomes[1].failures, 2);
	cr_expect_eq(result->outcomes[1].pages, 13 * 2560);
	/* vmalloc= would help */
}

Test(vmap_engine, own_objects_go_to_the_simulated_allocator)
{
	const struct kmr_mapping_report *m;
	uint64_t live;

	options.object = "slub";
	event(1, "kmalloc: call_site=x+0x1 ptr=c1000000 bytes_req=8 bytes_alloc=8 "
		 "gfp_flags=GFP_KERNEL node=-1 accounted=false");
	(void)replay();
	live = result->objects.work.allocs;
	out = fopen(trace, "a");
	event(1, "kmr_vmalloc: ptr=1 bytes=4096 gfp_flags=GFP_KERNEL");
	m = replay();
	cr_expect_eq(m->end.object_bytes, 32 + 32 + 32 + 4);
	cr_expect_eq(result->objects.work.allocs, live + 4);
}

/* What was freed is of use after a purge; 8192 pages wait before that on one CPU. */
Test(vmap_engine, freed_in_batches)
{
	const struct kmr_mapping_report *m;

	for (unsigned int i = 0; i < 9; i++) {
		event(1, "kmr_vmalloc: ptr=1 bytes=%u gfp_flags=GFP_KERNEL", 4 << 20);
		event(1, "kmr_vfree: ptr=1");
	}
	m = replay();
	cr_expect_eq(m->lazy_max, 8192);
	cr_expect_eq(m->work.purges, 1);
	cr_expect_eq(m->stats.live, 0);
	cr_expect_eq(m->end.areas, 0);
}

/* A page is known by the trace's frame, and mapped where it lies in the simulation. */
Test(vmap_engine, kmap)
{
	const struct kmr_mapping_report *m;

	event(1, "mm_page_alloc: page=f0000000 pfn=0x4000 order=1 migratetype=1 "
		 "gfp_flags=GFP_HIGHUSER_MOVABLE");
	event(1, "kmr_kmap: pfn=0x4000");
	event(1, "kmr_kmap: pfn=0x4001");
	event(2, "kmr_kmap: pfn=0x4001");
	event(1, "kmr_kunmap: pfn=0x4001");
	event(1, "kmr_kmap: pfn=0x100");
	event(1, "kmr_kmap: pfn=0x9999");
	event(1, "kmr_kmap_local: pfn=0x4000");
	event(2, "kmr_kmap_local: pfn=0x4001");
	event(1, "kmr_kunmap_local: pfn=0x4000");
	m = replay();
	cr_expect_eq(m->pkmap.maps, 3);
	cr_expect_eq(m->pkmap.reused, 1);
	cr_expect_eq(m->pkmap.unmaps, 1);
	cr_expect_eq(m->pkmap.lowmem, 1);
	cr_expect_eq(m->pkmap.most_used, 2);
	cr_expect_eq(m->stats.unknown_pages, 1);
	cr_expect_eq(m->kmap_local.maps, 2);
	cr_expect_eq(m->kmap_local.unmaps, 1);
	cr_expect_eq(m->kmap_local.deepest, 1);
	cr_expect_eq(m->samples[m->nr_samples - 1].pkmap_used, 2);
	cr_expect_eq(m->space.pkmap_slots, 1024);
}

/* More pages than slots: the last ones wait, and get theirs one for one. */
Test(vmap_engine, kmap_waits)
{
	const struct kmr_mapping_report *m;

	options.by_task = true;
	event(1, "mm_page_alloc: page=f0000000 pfn=0x4000 order=10 migratetype=1 "
		 "gfp_flags=GFP_HIGHUSER_MOVABLE");
	event(1, "mm_page_alloc: page=f0000000 pfn=0x4400 order=2 migratetype=1 "
		 "gfp_flags=GFP_HIGHUSER_MOVABLE");
	for (unsigned int i = 0; i < 1028; i++)
		event(1, "kmr_kmap: pfn=0x%x", 0x4000 + i);
	for (unsigned int i = 0; i < 3; i++)
		event(1, "kmr_kunmap: pfn=0x%x", 0x4000 + i);
	m = replay();
	cr_expect_eq(m->pkmap.waits, 4);
	cr_expect_eq(m->pkmap.most_waiting, 4);
	cr_expect_eq(m->samples[m->nr_samples - 1].pkmap_waiting, 1);
	cr_expect_eq(m->samples[m->nr_samples - 1].pkmap_used, 1024);
	for (size_t i = 0; i < result->nr_outcomes; i++)
		if (result->outcomes[i].kind == KMR_REQ_KMAP) {
			cr_expect_eq(result->outcomes[i].requests, 1028);
			cr_expect_eq(result->outcomes[i].failures, 4, "not at once");
		}
}

static void area(uint64_t addr, uint64_t bytes)
{
	event(1,
	      "alloc_vmap_area: va_start: %" PRIu64 " size=%" PRIu64
	      " align=1 vstart=0xf7bfe000 vend=0xff3fe000 failed=0",
	      addr, bytes);
}

Test(vmap_engine, areas_of_a_trace)
{
	const uint64_t base = UINT64_C(0xf7bfe000);
	const struct kmr_mapping_report *m;

	area(base, 2 * PAGE);
	area(base + 2 * PAGE, 3 * PAGE);
	area(base + 9 * PAGE, PAGE); /* the traced kernel had something between */
	event(1, "alloc_vmap_area: va_start: 5 size=4096 align=1 vstart=0x1 vend=0x2 failed=1");
	event(1, "free_vmap_area_noflush: va_start=0x%" PRIx64 " nr_lazy=2 nr_lazy_max=8192", base);
	area(base + 10 * PAGE, 2 * PAGE);
	event(1, "purge_vmap_area_lazy: start=0x%" PRIx64 " end=0x%" PRIx64 " num_purged=1", base,
	      base + 2 * PAGE);
	area(base, PAGE);
	area(base, PAGE);
	event(1, "free_vmap_area_noflush: va_start=0x1000 nr_lazy=2 nr_lazy_max=8192");
	m = replay();
	cr_expect_eq(m->stats.traced_areas, 6);
	/* the third and what comes after it lie lower; the last one's own place waits for a purge */
	cr_expect_eq(m->stats.same_address, 3);
	/* gone on from the kernel's, the third alone differs, and what cannot be at all */
	cr_expect_eq(m->stats.followed_same, 3);
	cr_expect_eq(m->stats.followed_lost, 1);
	cr_expect_eq(m->stats.traced_failures, 1);
	cr_expect_eq(m->stats.area_frees, 1);
	cr_expect_eq(m->stats.traced_purges, 1);
	cr_expect_eq(m->stats.unknown_frees, 1);
	cr_expect_eq(m->stats.repeated_allocs, 1);
	cr_expect_eq(m->stats.live, 4);
	cr_expect_eq(m->work.purges, 1);
	/* addresses alone: the pages are in the trace */
	cr_expect_eq(result->work.allocs, 1);
	cr_expect_eq(m->end.object_bytes, 0);
}

/* A trace without its purges: what waits does not grow for ever. */
Test(vmap_engine, areas_without_purges)
{
	const struct kmr_mapping_report *m;

	for (unsigned int i = 0; i < 33; i++) {
		area(0xf8000000 + i * 4096, 512 * PAGE);
		event(1, "free_vmap_area_noflush: va_start=0x%x nr_lazy=2 nr_lazy_max=8192",
		      0xf8000000 + i * 4096);
	}
	m = replay();
	cr_expect_eq(m->work.purges, 1);
	cr_expect_eq(m->end.lazy_pages, 0);
}

Test(vmap_engine, what_it_does_not_take)
{
	struct kmr_error err = { "" };

	cr_assert_eq(fclose(out), 0);
	options.vmap = "tree";
	cr_expect_eq(kmr_replay(&options, result, &err), -1);
	cr_expect_str_eq(err.msg,
			 "--vmap: no backend 'tree'; `kmreplay list` shows those there are");
	memset(result, 0, sizeof(*result));
}

/* A workload of nothing but areas is one. */
Test(vmap_engine, no_pages_of_their_own)
{
	cr_assert_eq(fclose(out), 0);
	out = fopen(trace, "w");
	event(1, "kmr_vmalloc: ptr=1 bytes=4096 gfp_flags=GFP_KERNEL");
	cr_expect_eq(replay()->stats.vmallocs, 1);
}

static const struct kmr_mapping_report *replay_capture(const char *name, const char *vmap)
{
	static struct capture c;

	if (out)
		cr_assert_eq(fclose(out), 0);
	out = NULL;
	need_capture(&c, name);
	options =
		(struct kmr_replay_options){ .trace = c.trace, .page = "linux-6.1", .vmap = vmap };
	return replay();
}

/*
 * Every area of the captures' traces gets the kernel's own address, from what vmallocinfo had before:
 * there are two in each, kmsnap's own buffers, one above all others and one in a hole.
 */
Test(vmap_engine, captures)
{
	static const struct {
		const char *name;
		unsigned int areas;
	} captures[] = {
		{ "x86_64-6.12-up-shell", 14 },
		{ "x86_64-6.12-up-dat", 14 },
		{ "x86_64-6.12-numa-compile", 29 },
		{ "x86_64-6.12-numa-reclaim", 27 },
	};

	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		const struct kmr_mapping_report *m = replay_capture(captures[i].name, NULL);

		cr_assert_str_eq(m->backend, "augmented", "by itself");
		cr_expect_eq(m->version, 612);
		cr_expect_eq(m->stats.start_areas, captures[i].areas);
		cr_expect_eq(m->stats.traced_areas, 2);
		cr_expect_eq(m->stats.same_address, 2, "%s", captures[i].name);
		cr_expect_eq(m->end.areas, captures[i].areas + 2);
	}
}

/* In an empty space they would lie elsewhere: the figure can be another. */
Test(vmap_engine, captures_from_an_empty_space)
{
	static struct capture c;
	const struct kmr_mapping_report *m;

	cr_assert_eq(fclose(out), 0);
	out = NULL;
	need_capture(&c, "x86_64-6.12-numa-compile");
	options =
		(struct kmr_replay_options){ .trace = c.trace,
					     .page = "linux-6.1",
					     .machine = "x86_64:ram=6G,nodes=2,cpus=4,version=6.12",
					     .start = KMR_START_BOOT };
	m = replay();
	cr_expect_eq(m->stats.start_areas, 0);
	cr_expect_eq(m->stats.traced_areas, 2);
	cr_expect_eq(m->stats.same_address, 0);
	/* 6.1's events come from the allocator, not from addresses: nothing by itself */
	cr_expect_null(replay_capture("x86_64-6.1-up-sqlite", NULL)->backend);
	m = replay_capture("x86_64-6.1-up-sqlite", "augmented");
	cr_expect_eq(m->stats.start_areas, 20);
	cr_expect_eq(m->end.areas, 20);
	cr_expect_eq(m->version, 601);
}

/*
 * Every area of a kernel from its boot on: with one CPU each of them gets the kernel's own address,
 * as the tree of holes has grown with the kernel's.
 */
Test(vmap_engine, from_boot_on)
{
	const struct kmr_mapping_report *m;

	cr_assert_eq(fclose(out), 0);
	out = NULL;
	options.trace = BUNDLED "/x86_64-6.12-areas-up/trace.txt.zst";
	options.machine = "x86_64:ram=2G";
	options.vmap = "augmented,version=612";
	m = replay();
	cr_expect_eq(m->stats.traced_areas, 5064);
	cr_expect_eq(m->stats.same_address, 5064);
	cr_expect_eq(m->stats.followed_same, 5064);
	cr_expect_eq(m->stats.area_frees, 3997);
	cr_expect_eq(m->stats.unknown_frees, 0);
	/* the rules before 6.9 give holes back in another order, which aligned requests notice */
	options.vmap = "augmented,version=608";
	m = replay();
	cr_expect_lt(m->stats.same_address, 2000);
	cr_expect(m->stats.followed_same > 4800 && m->stats.followed_same < 5000);
	/* and those before 5.2 are another allocator */
	options.vmap = "rbtree";
	cr_expect_lt(replay()->stats.followed_same, 4500);
}

/* With four CPUs what they do at the same time has no order in a trace; pools have to be right. */
Test(vmap_engine, four_cpus)
{
	const struct kmr_mapping_report *m;

	cr_assert_eq(fclose(out), 0);
	out = NULL;
	options.trace = BUNDLED "/x86_64-6.12-areas-smp4/trace.txt.zst";
	options.machine = "x86_64:ram=2G,cpus=4";
	options.vmap = "augmented,version=612";
	m = replay();
	cr_expect_eq(m->stats.traced_areas, 7407);
	cr_expect_geq(m->stats.followed_same, 6600);
	cr_expect_gt(m->work.pool_hits, 4000);
	options.vmap = "augmented,version=612,nodes=1";
	cr_expect_lt(replay()->stats.followed_same, 1000);
	options.vmap = "augmented,version=608";
	cr_expect_lt(replay()->stats.followed_same, 4000);
}
