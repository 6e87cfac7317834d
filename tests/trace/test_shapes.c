// SPDX-License-Identifier: GPL-2.0-only
/* One line in each shape that traces have, and the event that it must become. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feed.h"
#include "kmreplay/gfp.h"

struct shape {
	const char *line;
	const char *task;
	const char *site; /* NULL: not looked at */
	uint64_t time;
	uint64_t addr;
	uint16_t cpu;
	uint8_t type;
	uint8_t flags;
};

#define CTX(c) (KMR_EVF_CONTEXT_KNOWN | KMR_CTX_##c)
#define FREE   "mm_page_free: page=ffffea00001c1c00 pfn=0x7070 order=2"

static const struct shape shapes[] = {
	/* trace, trace_pipe: irq-info of five, four, six characters, and none */
	{ "            init-1       [000] d..1.    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1       [003] ..s..    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 3, KMR_EV_PAGE_FREE, CTX(SOFTIRQ) },
	{ "            init-1       [000] .Ns..    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(SOFTIRQ) },
	{ "            init-1     [127] d.h3    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 127, KMR_EV_PAGE_FREE, CTX(HARDIRQ) },
	{ "            init-1     [000] dNH3.1   20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(HARDIRQ) },
	{ "            init-1     [000] d.Z2.    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(NMI) },
	{ "            init-1     [000] bnz1e    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(NMI) },
	{ "            init-1     [000]    20.067457: " FREE, "init-1", NULL, 20067457000, 0x7070,
	  0, KMR_EV_PAGE_FREE, 0 },
	{ "init-1 [000] 20.067457: " FREE, "init-1", NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE,
	  0 },
	/* tgid */
	{ "            init-1       (      1) [001] d..1.    20.067457: " FREE, "init-1", NULL,
	  20067457000, 0x7070, 1, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1       (-------) [001] .....    20.067457: " FREE, "init-1", NULL,
	  20067457000, 0x7070, 1, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1     (-----) [001]    20.067457: " FREE, "init-1", NULL, 20067457000,
	  0x7070, 1, KMR_EV_PAGE_FREE, 0 },
	/* clocks: nanoseconds, a counter, other fractions */
	{ "            init-1       [000] .....    20.067457123: " FREE, "init-1", NULL,
	  20067457123, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1       [000] ..... 55979008688: " FREE, "init-1", NULL, 55979008688,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1     [000] 7: " FREE, "init-1", NULL, 7, 0x7070, 0, KMR_EV_PAGE_FREE,
	  0 },
	/* latency format: with every mark of a delay, and trace-cmd report -l */
	{ "    init-1       0d..1. 1234us : " FREE, "init-1", NULL, 1234000, 0x7070, 0,
	  KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "    init-1       0dNs.1    12us+: " FREE, "init-1", NULL, 12000, 0x7070, 0,
	  KMR_EV_PAGE_FREE, CTX(SOFTIRQ) },
	{ "    init-1      11d.h3    12us!: " FREE, "init-1", NULL, 12000, 0x7070, 11,
	  KMR_EV_PAGE_FREE, CTX(HARDIRQ) },
	{ "    init-1      11d.h3    12us#: " FREE, "init-1", NULL, 12000, 0x7070, 11,
	  KMR_EV_PAGE_FREE, CTX(HARDIRQ) },
	{ "    init-1      11d.h3    12us: " FREE, "init-1", NULL, 12000, 0x7070, 11,
	  KMR_EV_PAGE_FREE, CTX(HARDIRQ) },
	{ "    init-1       0d....    55.979009: " FREE, "init-1", NULL, 55979009000, 0x7070, 0,
	  KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1     [000] .....    12us+: " FREE, "init-1", NULL, 12000, 0x7070, 0,
	  KMR_EV_PAGE_FREE, CTX(TASK) },
	/* comms that hold what separates columns */
	{ " kworker/0:1-events-77      [000] .....    20.067457: " FREE, "kworker/0:1-events-77",
	  NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "        (sd-pam)-812     [000] .....    20.067457: " FREE, "(sd-pam)-812", NULL,
	  20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "     Web Content-4711    [000] .....    20.067457: " FREE, "Web Content-4711", NULL,
	  20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "       a [001] b-5       [000] .....    20.067457: " FREE, "a [001] b-5", NULL,
	  20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            x: y-5       [000] .....    20.067457: " FREE, "x: y-5", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            1: y-5       [000] .....    20.067457: " FREE, "1: y-5", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "              -1-5       [000] .....    20.067457: " FREE, "-1-5", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "          <idle>-0       [000] d.s2.    20.067457: " FREE, "<idle>-0", NULL, 20067457000,
	  0x7070, 0, KMR_EV_PAGE_FREE, CTX(SOFTIRQ) },
	{ "           <...>-4194303 [000] .....    20.067457: " FREE, "<...>-4194303", NULL,
	  20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "   a (1) [000] b-5       (      5) [001] .....    20.067457: " FREE, "a (1) [000] b-5",
	  NULL, 20067457000, 0x7070, 1, KMR_EV_PAGE_FREE, CTX(TASK) },
	/* trace-cmd report */
	{ "            init-1     [000]    20.067457: mm_page_free:         "
	  "page=0xffffea0000007070 "
	  "pfn=0x7070 order=2",
	  "init-1", NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, 0 },
	{ "            init-1     [000] d..1.    20.067457: mm_page_free:         pfn=0x7070 "
	  "order=2",
	  "init-1", NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, CTX(TASK) },
	{ "            init-1     [000]    20.067457: (+12)    mm_page_free:         pfn=0x7070 "
	  "order=2",
	  "init-1", NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, 0 },
	{ "            init-1     [000]    20.067457: kfree:                (foo+0x10) "
	  "call_site=foo+0x10 ptr=0xffff888007530000",
	  "init-1", "foo+0x10", 20067457000, 0xffff888007530000, 0, KMR_EV_KFREE, 0 },
	/* perf script */
	{ "            init     1 [002]    20.067457:      kmem:mm_page_free: "
	  "page=0xffffea00001c1c00 "
	  "pfn=28784 order=2",
	  "init-1", NULL, 20067457000, 0x7070, 2, KMR_EV_PAGE_FREE, 0 },
	{ "            init     1/17    [002]    20.067457: kmem:mm_page_free: pfn=0x7070 order=2",
	  "init-17", NULL, 20067457000, 0x7070, 2, KMR_EV_PAGE_FREE, 0 },
	{ "            init     1    20.067457: kmem:mm_page_free: pfn=0x7070 order=2", "init-1",
	  NULL, 20067457000, 0x7070, 0, KMR_EV_PAGE_FREE, 0 },
	{ "     Web Content  4711 [002]    20.067457123: kmem:mm_page_free: pfn=0x7070 order=2",
	  "Web Content-4711", NULL, 20067457123, 0x7070, 2, KMR_EV_PAGE_FREE, 0 },
	{ "kworker/0:1-eve    77 [002]    20.067457: kmem:mm_page_free: pfn=0x7070 order=2",
	  "kworker/0:1-eve-77", NULL, 20067457000, 0x7070, 2, KMR_EV_PAGE_FREE, 0 },
	{ "             :-1    -1 [002]    20.067457: kmem:mm_page_free: pfn=0x7070 order=2",
	  ":-1--1", NULL, 20067457000, 0x7070, 2, KMR_EV_PAGE_FREE, 0 },
	/* call sites */
	{ " a-1 [000] 1.000000: kfree: call_site=ffffffff8110a1b2 ptr=ffff888007530000", "a-1",
	  "ffffffff8110a1b2", 1000000000, 0xffff888007530000, 0, KMR_EV_KFREE, 0 },
	{ " a-1 [000] 1.000000: kfree: call_site=foo+0x1/0x2 [ext4] ptr=c5e81000", "a-1",
	  "foo+0x1 [ext4]", 1000000000, 0xc5e81000, 0, KMR_EV_KFREE, 0 },
	{ " a-1 [000] 1.000000: kfree: call_site=foo ptr=(null)", "a-1", "foo", 1000000000, 0, 0,
	  KMR_EV_KFREE, 0 },
	{ " a-1 [000] 1.000000: kfree: call_site=(foo+0x1/0x2) ptr=          (null)", "a-1",
	  "foo+0x1", 1000000000, 0, 0, KMR_EV_KFREE, 0 },
	{ " a-1 [000] 1.000000: kfree: call_site=__get_vm_area_node.constprop.0+0x64/0x140 "
	  "ptr=(nil)",
	  "a-1", "__get_vm_area_node.constprop.0+0x64", 1000000000, 0, 0, KMR_EV_KFREE, 0 },
	/* failed allocations */
	{ " a-1 [000] 1.000000: mm_page_alloc: page=(nil) pfn=0x0 order=9 migratetype=1 "
	  "gfp_flags=none",
	  "a-1", NULL, 1000000000, KMR_EV_NO_PFN, 0, KMR_EV_PAGE_ALLOC, KMR_EVF_GFP_KNOWN },
	{ " a-1 [000] 1.000000: mm_page_alloc: page=(null) pfn=0 order=9 migratetype=1 "
	  "gfp_flags=none",
	  "a-1", NULL, 1000000000, KMR_EV_NO_PFN, 0, KMR_EV_PAGE_ALLOC, KMR_EVF_GFP_KNOWN },
	{ " a-1 [000] 1.000000: mm_page_alloc: page=          (null) pfn=0 order=9 migratetype=1 "
	  "gfp_flags=none",
	  "a-1", NULL, 1000000000, KMR_EV_NO_PFN, 0, KMR_EV_PAGE_ALLOC, KMR_EVF_GFP_KNOWN },
	{ " a-1 [000] 1.000000: mm_page_alloc: page=00000000 pfn=0x0 order=9 migratetype=1 "
	  "gfp_flags=",
	  "a-1", NULL, 1000000000, KMR_EV_NO_PFN, 0, KMR_EV_PAGE_ALLOC, 0 },
	{ " a-1 [000] 1.000000: mm_page_alloc: pfn=0xffffffffffffffff order=9 migratetype=1 "
	  "gfp_flags=none",
	  "a-1", NULL, 1000000000, KMR_EV_NO_PFN, 0, KMR_EV_PAGE_ALLOC, KMR_EVF_GFP_KNOWN },
	{ " a-1 [000] 1.000000: mm_page_alloc: page=f6000000 pfn=0x0 order=0 migratetype=0 "
	  "gfp_flags=none",
	  "a-1", NULL, 1000000000, 0, 0, KMR_EV_PAGE_ALLOC, KMR_EVF_GFP_KNOWN },
	/* events of old kernels */
	{ " a-1 [000] 1.000000: mm_page_free_direct: page=ffffea00001c1c00 pfn=7 order=0", "a-1",
	  NULL, 1000000000, 7, 0, KMR_EV_PAGE_FREE, 0 },
	{ " a-1 [000] 1.000000: mm_pagevec_free: page=ffffea00001c1c00 pfn=7 order=0 cold=0", "a-1",
	  NULL, 1000000000, 7, 0, KMR_EV_PAGE_FREE_BATCHED, 0 },
	/* marks: trace, trace-cmd report, perf script, with the function's offset */
	{ "     migration/0-13      [000] d..1.    23.739686: take: kmsnap: 1", "migration/0-13",
	  NULL, 23739686000, 1, 0, KMR_EV_MARK, CTX(TASK) },
	{ "     migration/0-13      [000] d..1.    23.739686: take+0x12/0x40: kmsnap: 2",
	  "migration/0-13", NULL, 23739686000, 2, 0, KMR_EV_MARK, CTX(TASK) },
	{ "     migration/0-19    [000]    56.015214: bprint:               take: kmsnap: 1",
	  "migration/0-19", NULL, 56015214000, 1, 0, KMR_EV_MARK, 0 },
	{ "     migration/0    19 [000]    56.015214: ftrace:print: ip=0xffffffff8110a1b2 kmsnap: "
	  "3",
	  "migration/0-19", NULL, 56015214000, 3, 0, KMR_EV_MARK, 0 },
	/* lost events */
	{ "CPU:2 [LOST 12 EVENTS]", "", NULL, 0, 12, 2, KMR_EV_LOST, 0 },
	{ "CPU:2 [LOST EVENTS]", "", NULL, 0, 0, 2, KMR_EV_LOST, 0 },
	{ "CPU:2 [3 EVENTS DROPPED]", "", NULL, 0, 3, 2, KMR_EV_LOST, 0 },
	{ "            perf  1234 [003]    20.067457: PERF_RECORD_LOST lost 12", "perf-1234", NULL,
	  0, 12, 3, KMR_EV_LOST, 0 },
};

static void check_shape(const struct shape *shape, const char *line_end, const char *before)
{
	static struct feed feed;
	const struct kmr_event *ev;
	char text[2048];

	/* a header, so that a line alone without columns (LOST) is a trace all the same */
	(void)snprintf(text, sizeof(text), "# tracer: nop%s%s%s%s%s", line_end, before,
		       *before ? line_end : "", shape->line, line_end);
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s: %s", shape->line, feed.err.msg);
	cr_assert_eq(feed.info->malformed, 0, "%s: %s", shape->line,
		     feed.info->first_malformed[0].reason);
	cr_assert_eq(feed.count, *before ? 2 : 1, "%s: %zu events", shape->line, feed.count);
	ev = &feed.events[feed.count - 1];
	cr_expect_eq(ev->type, shape->type, "%s: type %u", shape->line, ev->type);
	if (shape->type != KMR_EV_LOST)
		cr_expect_eq(ev->time, shape->time, "%s: time %" PRIu64, shape->line, ev->time);
	cr_expect_eq(ev->addr, shape->addr, "%s: addr 0x%" PRIx64, shape->line, ev->addr);
	cr_expect_eq(ev->cpu, shape->cpu, "%s: cpu %u", shape->line, ev->cpu);
	cr_expect_eq(ev->flags, shape->flags, "%s: flags 0x%x", shape->line, ev->flags);
	cr_expect_str_eq(kmr_source_task(feed.source, ev->task), shape->task, "%s: task '%s'",
			 shape->line, kmr_source_task(feed.source, ev->task));
	if (shape->site)
		cr_expect_str_eq(kmr_source_site(feed.source, ev->site), shape->site,
				 "%s: site '%s'", shape->line,
				 kmr_source_site(feed.source, ev->site));
	feed_done(&feed);
}

#define NR_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

Test(shapes, each_line_becomes_its_event)
{
	for (size_t i = 0; i < NR_SHAPES; i++)
		check_shape(&shapes[i], "\n", "");
}

Test(shapes, carriage_returns_do_no_harm)
{
	for (size_t i = 0; i < NR_SHAPES; i++)
		check_shape(&shapes[i], "\r\n", "");
}

/* The columns seen before must not make a line of another shape something else. */
Test(shapes, columns_of_other_lines_do_not_stick)
{
	for (size_t i = 0; i < NR_SHAPES; i++) {
		check_shape(&shapes[i], "\n",
			    "            init-1       [000] d..1.    20.067457: " FREE);
		check_shape(&shapes[i], "\n", "            init-1     [000]    20.067457: " FREE);
		check_shape(&shapes[i], "\n", shapes[i].line);
	}
}
