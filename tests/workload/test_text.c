// SPDX-License-Identifier: GPL-2.0-only
/* Workloads as text and as sources: the same events with the same names, whichever way. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/gfp.h"
#include "support.h"

#define LOAD                                                                                     \
	"workload: test\n"                                                                       \
	"machine: \"x86_64:ram=1G,nodes=2,cpus=4\"\n"                                            \
	"duration: 1500ms\n"                                                                     \
	"actors:\n"                                                                              \
	"  - {name: a, count: 20, pages: {order: {uniform: [0, 6]}},"                            \
	" every: {exponential: {mean: 9ms}}, lifetime: {exponential: {mean: 20ms}}}\n"           \
	"  - {name: kworker/u4:1-x, node: 1, context: softirq,"                                  \
	" kmalloc: {size: {pareto: {min: 1, shape: 0.5}}, node: 1, gfp: GFP_ATOMIC|__GFP_ZERO}," \
	" every: 1ms, lifetime: {keep: 9}, site: 'e1000_alloc+0x123/0x456 [e1000]'}\n"           \
	"  - {name: fifteen-bytes15, context: hardirq, free_cpu: any,"                           \
	" cache: {name: 'ext4:inode', size: 1100, align: 64, gfp: GFP_NOFS|__GFP_ACCOUNT},"      \
	" every: 1ms, lifetime: {group: 7, of: 1us}}\n"                                          \
	"  - {name: b, every: 500us, lifetime: 3ms, mix: [\n"                                    \
	"     {weight: 1, pages: {gfp: GFP_HIGHUSER_MOVABLE}},\n"                                \
	"     {weight: 1, pages: {gfp: GFP_KERNEL|__GFP_RECLAIMABLE}},\n"                        \
	"     {weight: 1, pages: {gfp: 0x0}},\n"                                                 \
	"     {weight: 1, kmalloc: {size: 9K}, site: x}]}\n"

struct file {
	char path[32];
};

/* A workload's text in a temporary file. */
static void write_text(const struct run *run, struct file *file)
{
	struct kmr_error err = { "" };
	struct kmr_workload_text *t;
	const char *text;
	size_t len;
	int fd;

	strcpy(file->path, "/tmp/kmreplay-test-XXXXXX");
	fd = mkstemp(file->path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(kmr_workload_text_open(&t, run->workload, run->stream, &err), 0);
	text = kmr_workload_text_head(t, &len);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	for (size_t i = 0; i < run->nr; i += 1000) {
		const size_t n = run->nr - i < 1000 ? run->nr - i : 1000;

		text = kmr_workload_text_events(t, run->events + i, n, &len);
		cr_assert_eq(write(fd, text, len), (ssize_t)len);
	}
	kmr_workload_text_close(t);
	cr_assert_eq(close(fd), 0);
}

static void write_file(struct file *file, const char *text)
{
	int fd;

	strcpy(file->path, "/tmp/kmreplay-test-XXXXXX");
	fd = mkstemp(file->path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(close(fd), 0);
}

static struct kmr_source *open_source(const struct file *file)
{
	const struct kmr_source_options options = { .strict = true };
	struct kmr_error err = { "" };
	struct kmr_source *source;

	cr_assert_eq(kmr_source_open(&source, file->path, &options, &err), 0, "%s", err.msg);
	return source;
}

/* The source has the run's events and names, in odd parts. */
static void expect_events(struct kmr_source *source, const struct run *run)
{
	static struct kmr_event events[777];
	struct kmr_error err = { "" };
	size_t at = 0;
	ssize_t n;

	while ((n = kmr_source_read(source, events, 777, &err)) > 0) {
		cr_assert_leq(at + (size_t)n, run->nr);
		for (size_t i = 0; i < (size_t)n; i++, at++) {
			const struct kmr_event *x = &events[i], *y = &run->events[at];

			cr_assert_eq(memcmp(x, y, sizeof(*x)), 0, "event %zu, %s", at,
				     kmr_event_name(y->type));
			cr_assert_str_eq(kmr_source_task(source, x->task),
					 kmr_workload_stream_task(run->stream, y->task));
			cr_assert_str_eq(kmr_source_site(source, x->site),
					 kmr_workload_stream_site(run->stream, y->site));
			cr_assert_str_eq(kmr_source_cache(source, x->cache),
					 kmr_workload_stream_cache(run->stream, y->cache));
		}
	}
	cr_assert_eq(n, 0, "%s", err.msg);
	cr_expect_eq(at, run->nr);
}

static void round_trip(const char *load)
{
	struct kmr_source *source;
	struct file text, yaml;
	struct run run;

	run_text(&run, load, NULL);
	cr_expect_gt(run.nr, 5u);
	write_text(&run, &text);
	source = open_source(&text);
	expect_events(source, &run);
	cr_expect(kmr_source_info(source)->made_up);
	kmr_source_close(source);
	kmr_source_add_reader(&kmr_workload_reader);
	write_file(&yaml, load);
	source = open_source(&yaml);
	expect_events(source, &run);
	cr_expect(kmr_source_info(source)->made_up);
	kmr_source_close(source);
	cr_expect_eq(unlink(text.path) | unlink(yaml.path), 0);
	run_done(&run);
}

Test(text, round_trip)
{
	round_trip(LOAD);
}

Test(text, round_trip_of_policies)
{
	round_trip(
		"workload: test\nmachine: \"x86_64:ram=4G,nodes=4,cpus=4\"\n"
		"duration: 20ms\nactors:\n"
		"  - {name: a, policy: {interleave: [0, 2]}, every: 1ms, lifetime: 2ms,"
		" pages: {order: 1}}\n"
		"  - {name: b, policy: {bind: 1-3}, every: 1ms, lifetime: 2ms, pages: {order: 0}}\n"
		"  - {name: c, policy: {preferred_many: [0, 3]}, every: 1ms, lifetime: 2ms,"
		" kmap: {}}\n"
		"  - {name: d, policy: {preferred: 3}, every: 1ms, lifetime: 2ms,"
		" pages: {order: 0}}\n");
}

Test(text, round_trip_of_32_bits)
{
	round_trip("workload: test\nmachine: \"i386:ram=512M\"\nduration: 100s\nactors:\n"
		   "  - {name: a, pages: {gfp: GFP_HIGHUSER}, every: 1ms, lifetime: 60s}\n"
		   "  - {name: b, kmalloc: {size: 8}, every: 1ms, lifetime: 60s}\n");
}

/* What no kernel has an event for, and nodes that are asked for. */
Test(text, round_trip_of_addresses)
{
	round_trip(
		"workload: test\nmachine: \"x86_64:ram=1G,nodes=2,cpus=4\"\nduration: 1s\nactors:\n"
		"  - {name: a, vmalloc: {size: {uniform: [1, 3G]}}, every: 3ms, lifetime: 60ms}\n"
		"  - {name: b, vmalloc: {size: 4K, node: 1, gfp: GFP_KERNEL}, every: 3ms, "
		"lifetime: 1ms}\n"
		"  - {name: c, kmap: {}, every: 1ms, lifetime: 60ms}\n"
		"  - {name: d, kmap: {local: true}, every: 1ms, lifetime: 1us}\n"
		"  - {name: e, pages: {order: 1, node: 0}, every: 1ms, lifetime: 9ms}\n");
}

/* The longest times and the largest numbers. */
Test(text, round_trip_of_146_years)
{
	round_trip("workload: test\nactors:\n"
		   "  - {name: a, start: 13000d, pages: {order: 15}, lifetime: 13000d, burst: "
		   "{size: 9}}\n");
}

/* Every flag and every pair of flags is read back as what it was. */
Test(text, flags)
{
	char text[1024];
	uint32_t got;

	for (unsigned int a = 0; a < 30; a++)
		for (unsigned int b = 0; b <= a; b++) {
			const uint32_t gfp = 1u << a | 1u << b;

			kmr_gfp_format(gfp, text, sizeof(text));
			cr_expect_eq(kmr_gfp_parse(text, strlen(text), 601, &got), 0, "%s", text);
			cr_expect_eq(got, gfp, "%s", text);
		}
}

/* A line as the kernel has it, but for the nanoseconds and the cache. */
Test(text, lines)
{
	struct kmr_error err = { "" };
	struct kmr_workload_text *t;
	const char *text;
	struct run run;
	size_t len;

	run_text(&run,
		 "workload: some load\nactors:\n"
		 "  - {name: rx, cpus: 3, context: softirq, pages: {order: 3, gfp: "
		 "GFP_ATOMIC|__GFP_COMP},"
		 " lifetime: 3661s}\n"
		 "  - {name: two, start: 1.5ms, cache: {name: c, size: 60}, lifetime: 4s}\n",
		 NULL);
	cr_assert_eq(kmr_workload_text_open(&t, run.workload, run.stream, &err), 0);
	text = kmr_workload_text_head(t, &len);
	cr_expect_eq(memcmp(text,
			    "# tracer: nop\n#\n# kmreplay: made up by the workload some load:", 62),
		     0);
	text = kmr_workload_text_events(t, run.events, run.nr, &len);
	cr_expect_eq(len,
		     strlen("              rx-1000    [003] ..s..     0.000000000: mm_page_alloc: "
			    "page=ffffea0000040000"
			    " pfn=0x1000 order=3 migratetype=0 gfp_flags=GFP_ATOMIC|__GFP_COMP\n"
			    "             two-1001    [000] .....     0.001500000: "
			    "kmem_cache_alloc: call_site=two+0x0"
			    " ptr=ffff888100000000 bytes_req=60 bytes_alloc=64 "
			    "gfp_flags=GFP_KERNEL node=-1"
			    " accounted=false name=c\n"
			    "             two-1001    [000] .....     4.001500000: "
			    "kmem_cache_free: call_site=two+0x0"
			    " ptr=ffff888100000000 name=c\n"
			    "              rx-1000    [003] ..s..  3661.000000000: mm_page_free: "
			    "page=ffffea0000040000"
			    " pfn=0x1000 order=3\n"));
	cr_expect_eq(memcmp(text,
			    "              rx-1000    [003] ..s..     0.000000000: mm_page_alloc: "
			    "page=ffffea0000040000"
			    " pfn=0x1000 order=3 migratetype=0 gfp_flags=GFP_ATOMIC|__GFP_COMP\n"
			    "             two-1001    [000] .....     0.001500000: "
			    "kmem_cache_alloc: call_site=two+0x0"
			    " ptr=ffff888100000000 bytes_req=60 bytes_alloc=64 "
			    "gfp_flags=GFP_KERNEL node=-1"
			    " accounted=false name=c\n",
			    300),
		     0, "%.*s", (int)len, text);
	kmr_workload_text_close(t);
	run_done(&run);
}

/* What a source says of a workload and of its text. */
Test(text, info)
{
	const struct kmr_trace_info *i;
	struct kmr_source *source;
	struct file yaml, text;
	struct run run;

	kmr_source_add_reader(&kmr_workload_reader);
	write_file(&yaml, "# what this is\n\n---\n" LOAD);
	run_file(&run, yaml.path, NULL);
	write_text(&run, &text);
	source = open_source(&yaml);
	i = kmr_source_info(source);
	cr_expect_str_eq(i->format, "workload");
	cr_expect_str_eq(i->compression, "none");
	cr_expect_str_eq(i->machine, "x86_64:ram=1G,nodes=2,cpus=4");
	cr_expect_eq(i->bytes, strlen("# what this is\n\n---\n" LOAD));
	cr_expect_eq(i->lines, 15u);
	cr_expect_eq(i->pointer_bits, 64u);
	expect_events(source, &run);
	cr_expect_eq(i->events, run.nr);
	cr_expect_eq(i->by_type[KMR_EV_KMALLOC], count_type(&run, KMR_EV_KMALLOC));
	cr_expect_eq(i->first_time, run.events[0].time);
	cr_expect_eq(i->last_time, run.events[run.nr - 1].time);
	cr_expect_eq(i->nr_cpus, 4u);
	cr_expect_gt(i->max_pfn, 4096u);
	cr_expect(i->has_gfp && i->has_context);
	cr_expect_eq(i->backwards + i->malformed + i->foreign, 0u);
	kmr_source_close(source);
	source = open_source(&text);
	i = kmr_source_info(source);
	/* known before the first event is read */
	cr_expect(i->made_up);
	cr_expect_str_eq(i->machine, "x86_64:ram=1G,nodes=2,cpus=4");
	cr_expect_str_eq(i->format, "ftrace");
	kmr_source_close(source);
	cr_expect_eq(unlink(text.path) | unlink(yaml.path), 0);
	run_done(&run);
}

static void refuse(const char *bytes, const char *says)
{
	struct kmr_error err = { "" };
	struct kmr_source *source;
	struct file file;
	char message[256];

	write_file(&file, bytes);
	cr_expect_eq(kmr_source_open(&source, file.path, NULL, &err), -1, "%s", bytes);
	(void)snprintf(message, sizeof(message), "%s%s", file.path, says);
	cr_expect_str_eq(err.msg, message);
	cr_expect_eq(unlink(file.path), 0);
}

Test(text, refused)
{
	kmr_source_add_reader(&kmr_workload_reader);
	refuse("workload: x\n", ":1:1: a workload lacks the key 'actors'");
	refuse("# a comment\n\n  \n---\nworkload: x\nactor: []\n",
	       ":6:1: a workload has no key 'actor'; did you mean 'actors'?");
	refuse("machine: x\n", ": is a machine, not a trace or a workload; --machine takes it");
	refuse("# y\nactors: []\nworkload: x\n",
	       ": looks like YAML but begins with 'actors:'; a workload's first key is workload:");
	refuse("prose, not keys\nworkload: x\n",
	       ": not an ftrace/perf trace: line 1 is 'prose, not keys'; give the output of trace, "
	       "trace_pipe, trace-cmd report or perf script");
}

Test(text, too_large)
{
	const size_t size = ((size_t)4 << 20) + 10;
	char *text = malloc(size + 1);

	cr_assert_not_null(text);
	kmr_source_add_reader(&kmr_workload_reader);
	memset(text, '#', size);
	memcpy(text, "workload: x\n", 12);
	text[size] = '\0';
	refuse(text, ": more than 4 MiB; it takes a file of that at most");
	free(text);
}

/* A real trace may say what it likes in comments behind its events; they are taken, and no more. */
Test(text, comments_of_a_trace)
{
	struct kmr_source *source;
	struct file file;

	write_file(&file,
		   "# tracer: nop\n# kmreplay: machine z80\n# kmreplay: machines\n"
		   "  a-1  [000] .....  1.000001: mm_page_free: page=00000001 pfn=0x1 order=0\n");
	source = open_source(&file);
	cr_expect_not(kmr_source_info(source)->made_up);
	cr_expect_str_eq(kmr_source_info(source)->machine, "z80");
	kmr_source_close(source);
	cr_expect_eq(unlink(file.path), 0);
}
