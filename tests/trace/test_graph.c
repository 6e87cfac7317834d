// SPDX-License-Identifier: GPL-2.0-only
/* Traces of the function_graph tracer: every shape of a line, and the events within. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feed.h"
#include "kmreplay/gfp.h"

#define MAX_CALLS 64

struct calls {
	size_t count;
	struct kmr_graph_line line[MAX_CALLS];
	char function[MAX_CALLS][64];
	uint8_t event[MAX_CALLS]; /* its type */
};

static bool note(void *ctx, const struct kmr_graph_line *line)
{
	struct calls *c = ctx;

	if (c->count == MAX_CALLS)
		return false;
	c->line[c->count] = *line;
	(void)snprintf(c->function[c->count], sizeof(c->function[0]), "%.*s",
		       (int)line->function_len, line->function ? line->function : "");
	if (line->event)
		c->event[c->count] = line->event->type;
	c->count++;
	return true;
}

static struct calls calls;
static struct feed fed;

static void read_graph(const char *text)
{
	const struct kmr_graph_sink sink = { note, &calls };
	const struct kmr_source_options options = { .graph = &sink };

	memset(&calls, 0, sizeof(calls));
	feed_bytes(&fed, text, strlen(text), &options);
	cr_assert_eq(fed.status, 0, "%s", fed.err.msg);
}

#define GRAPH "# tracer: function_graph\n"
#define ALLOC                                                                              \
	"mm_page_alloc: page=ffffea0000040000 pfn=0x1000 order=2 migratetype=0 gfp_flags=" \
	"GFP_KERNEL|__GFP_COMP"

struct shape {
	const char *line;
	enum kmr_graph_kind kind;
	uint16_t cpu;
	const char *function;
	unsigned int depth;
	bool measured;
	uint64_t duration;
};

/* kernel/trace/trace_functions_graph.c: print_graph_prologue(), print_graph_duration() */
static const struct shape shapes[] = {
	{ " 0)               |  __alloc_pages() {", KMR_GRAPH_ENTER, 0, "__alloc_pages", 0, false,
	  0 },
	{ " 0)   0.523 us    |    kfree();", KMR_GRAPH_LEAF, 0, "kfree", 1, true, 523 },
	{ " 12) + 12.345 us   |      kfree();", KMR_GRAPH_LEAF, 12, "kfree", 2, true, 12345 },
	{ " 0) ! 123.456 us  |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 123456 },
	{ " 0) # 1234.567 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 1234567 },
	/* print_graph_duration() leaves out digits behind the point: 7 in all */
	{ " 0) * 12345.67 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 12345670 },
	{ " 0) @ 123456.7 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 123456700 },
	{ " 0) $ 1234567 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 1234567000 },
	{ " 0) $ 12345678 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 12345678000 },
	/* nofuncgraph-overhead */
	{ " 0)   12345.67 us |  }", KMR_GRAPH_EXIT, 0, "", 0, true, 12345670 },
	/* funcgraph-tail, an entry that was lost, modules, return values of 6.5 and later */
	{ " 0)   0.100 us    |    } /* kfree */", KMR_GRAPH_EXIT, 0, "kfree", 1, true, 100 },
	{ " 0)   0.100 us    |    } /* ext4_free [ext4] */", KMR_GRAPH_EXIT, 0, "ext4_free [ext4]",
	  1, true, 100 },
	{ " 0)   0.100 us    |  ext4_free [ext4]();", KMR_GRAPH_LEAF, 0, "ext4_free [ext4]", 0,
	  true, 100 },
	{ " 0)   0.100 us    |  kfree(); /* = 0x0 */", KMR_GRAPH_LEAF, 0, "kfree", 0, true, 100 },
	{ " 0)   0.100 us    |  } /* kfree = -12 */", KMR_GRAPH_EXIT, 0, "kfree", 0, true, 100 },
	/* funcgraph-args of 6.15 and later */
	{ " 0)   0.100 us    |  kfree(object=0xff (1) {);", KMR_GRAPH_LEAF, 0, "kfree", 0, true,
	  100 },
	/* funcgraph-proc, -abstime, latency-format, all of them, without the CPU */
	{ " 1)   bash-123    |   0.523 us    |  kfree();", KMR_GRAPH_LEAF, 1, "kfree", 0, true,
	  523 },
	{ "   20.067457 |   1)   0.523 us    |  kfree();", KMR_GRAPH_LEAF, 1, "kfree", 0, true,
	  523 },
	{ "   20.067457 |   1)   bash-123   |  d..1. |   0.523 us    |    kfree();", KMR_GRAPH_LEAF,
	  1, "kfree", 1, true, 523 },
	{ "       12 us |   1)   bash-123   |               |  kfree() {", KMR_GRAPH_ENTER, 1,
	  "kfree", 0, false, 0 },
	{ "   20.067457 |   bash-123   |   0.523 us    |  kfree();", KMR_GRAPH_LEAF, 0, "kfree", 0,
	  true, 523 },
	/* nofuncgraph-duration */
	{ " 1)  kfree() {", KMR_GRAPH_ENTER, 1, "kfree", 0, false, 0 },
	{ " 1)  }", KMR_GRAPH_EXIT, 1, "", 0, false, 0 },
	/* interrupts and switches, of today and of 2.6.30 */
	{ " 1)   ==========> |", KMR_GRAPH_IRQ_ENTER, 1, "", 0, false, 0 },
	{ "   20.067457 |   1)   bash-123   |   <========== |", KMR_GRAPH_IRQ_EXIT, 1, "", 0, false,
	  0 },
	{ " 1)   bash-123     =>    sh-124   ", KMR_GRAPH_SWITCH, 1, "", 0, false, 0 },
	{ " | 1)  migration/0--1  =>  sshd-1755", KMR_GRAPH_SWITCH, 1, "", 0, false, 0 },
};

Test(graph, shapes)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];
		char text[256];

		(void)snprintf(text, sizeof(text), GRAPH "%s\n", s->line);
		read_graph(text);
		cr_expect_eq(calls.count, 1, "%s", s->line);
		cr_expect_eq(calls.line[0].kind, s->kind, "%s", s->line);
		cr_expect_eq(calls.line[0].cpu, s->cpu, "%s", s->line);
		cr_expect_str_eq(calls.function[0], s->function, "%s", s->line);
		cr_expect_eq(calls.line[0].depth, s->depth, "%s", s->line);
		cr_expect_eq(calls.line[0].measured, s->measured, "%s", s->line);
		cr_expect_eq(calls.line[0].duration, s->duration, "%s: %" PRIu64, s->line,
			     calls.line[0].duration);
		cr_expect_str_eq(fed.info->format, "function_graph", "%s", s->line);
		feed_done(&fed);
	}
}

/* Lines that only look alike are none, and a trace of another kind stays what it was. */
Test(graph, others)
{
	static const char *const others[] = {
		" 0)   0.523 us    |  no call",
		" 0)   0.523 ns    |  kfree();",
		" 70000)   0.523 us    |  kfree();",
		" 0)   18446744073709551615 us |  kfree();",
		" 0)   a-1 |   b-2 |   0.523 us    |  kfree();",
		" 0)   0.523 us    |  kfree()",
		" 0)   0.523 us    |  kfree(",
		" 0)   0.523 us    |  } kfree",
		" 0)   bash-123     =>    sh",
		"",
		" 0)",
		" ------------------------------------------",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), GRAPH "%s\n", others[i]);
		read_graph(text);
		cr_expect_eq(calls.count, 0, "%s", others[i]);
		cr_expect_eq(fed.count, 0, "%s", others[i]);
		feed_done(&fed);
	}
	feed_text(&fed, "1) first, do this\n2) then kfree();\n");
	cr_assert_eq(fed.status, -1);
	feed_done(&fed);
}

static const char nested[] = GRAPH
	"   20.067457 |   0)   bash-123   |               |  kmem_cache_alloc() {\n"
	"   20.067458 |   0)   bash-123   |               |    __alloc_pages() {\n"
	"   20.067458 |   0)   bash-123   |               |      /* " ALLOC " */\n"
	"   20.067459 |   0)   bash-123   |   0.523 us    |    }\n"
	"   20.067460 |   0)   bash-123   |               |    /* kmem_cache_free: "
	"call_site=f+0x1/0x2 "
	"ptr=ffff888001000000 name=names_cache */\n"
	"   20.067460 |   0)   bash-123   | + 12.300 us   |  }\n"
	" ------------------------------------------\n"
	" 0)   bash-123     =>    sh-124   \n"
	" ------------------------------------------\n"
	"\n"
	"CPU:0 [LOST 12 EVENTS]\n"
	"   20.067471 |   0)    sh-124    |               |  /* kmsnap: 7 */\n"
	"   20.067472 |   0)    sh-124    |               |  /* sched_wakeup: comm=a pid=1 */\n";

Test(graph, events)
{
	static const uint8_t kinds[] = { KMR_GRAPH_ENTER,  KMR_GRAPH_ENTER, KMR_GRAPH_EVENT,
					 KMR_GRAPH_EXIT,   KMR_GRAPH_EVENT, KMR_GRAPH_EXIT,
					 KMR_GRAPH_SWITCH, KMR_GRAPH_EVENT, KMR_GRAPH_EVENT };

	read_graph(nested);
	cr_assert_eq(calls.count, sizeof(kinds));
	for (size_t i = 0; i < sizeof(kinds); i++)
		cr_expect_eq(calls.line[i].kind, kinds[i], "%zu", i);
	cr_assert_eq(fed.count, 4);
	cr_assert_eq(fed.events[0].type, KMR_EV_PAGE_ALLOC);
	cr_assert_eq(fed.events[0].addr, 0x1000);
	cr_assert_eq(fed.events[0].page.order, 2);
	cr_assert_eq(fed.events[0].time, UINT64_C(20067458000));
	cr_assert(fed.events[0].flags & KMR_EVF_GFP_KNOWN);
	cr_assert_str_eq(kmr_source_task(fed.source, fed.events[0].task), "bash-123");
	cr_assert_eq(fed.events[1].type, KMR_EV_CACHE_FREE);
	cr_assert_str_eq(kmr_source_cache(fed.source, fed.events[1].cache), "names_cache");
	cr_assert_eq(fed.events[2].type, KMR_EV_LOST);
	cr_assert_eq(fed.events[2].addr, 12);
	cr_assert_eq(fed.events[2].time, UINT64_C(20067460000));
	cr_assert_eq(fed.events[3].type, KMR_EV_MARK);
	cr_assert_eq(fed.events[3].addr, 7);
	cr_assert_str_eq(kmr_source_task(fed.source, fed.events[3].task), "sh-124");
	cr_assert_eq(fed.info->foreign, 1);
	cr_assert_eq(fed.info->malformed, 0);
	cr_assert_not(fed.info->timeless);
	feed_done(&fed);
}

/* Without times the clock is what calls took that nobody called; tasks are those of switches. */
Test(graph, no_times)
{
	read_graph(
		" 0)               |  __alloc_pages() {\n"
		" 0)               |    /* " ALLOC " */\n"
		" 0)   0.100 us    |    inner();\n"
		" 0)   1.500 us    |  }\n"
		" ------------------------------------------\n"
		" 0)   bash-123     =>    sh-124   \n"
		" ------------------------------------------\n\n"
		" 0)               |  __free_pages() {\n"
		" 0)               |    /* mm_page_free: page=ffffea0000040000 pfn=0x1000 order=2 "
		"*/\n"
		" 0)   0.250 us    |  }\n"
		" 0)               |  /* kmsnap: 1 */\n");
	cr_assert_str_eq(fed.info->format, "function_graph");
	cr_assert_eq(fed.count, 3);
	cr_assert(fed.info->timeless);
	cr_assert_eq(fed.events[0].time, 0);
	cr_assert_eq(fed.events[0].task, 0);
	cr_assert_eq(fed.events[1].time, 1500);
	cr_assert_str_eq(kmr_source_task(fed.source, fed.events[1].task), "sh-124");
	cr_assert_eq(fed.events[2].time, 1750);
	feed_done(&fed);
}

/* latency-format has the context that an event ran in. */
Test(graph, context)
{
	read_graph(GRAPH "   20.067457 |   3)   bash-123   |  d.h1. |               |  /* " ALLOC
			 " */\n");
	cr_assert_eq(fed.count, 1);
	cr_assert_eq(fed.events[0].flags & (KMR_EVF_CONTEXT | KMR_EVF_CONTEXT_KNOWN),
		     KMR_CTX_HARDIRQ | KMR_EVF_CONTEXT_KNOWN);
	cr_assert(fed.info->has_context);
	feed_done(&fed);
}

/* An event of ours that cannot be read is malformed, as in other traces; a cut one, too. */
Test(graph, malformed)
{
	read_graph(GRAPH
		   " 0)               |  /* mm_page_alloc: page=0 order=2 */\n"
		   " 0)               |  /* kmem_cache_free: call_site=f+0x1/0x2 ptr=ffff8880");
	cr_expect_eq(fed.count, 0, "%zu", fed.count);
	cr_expect_eq(fed.info->malformed, 2, "%" PRIu64, fed.info->malformed);
	cr_expect(fed.info->truncated);
	cr_expect_str_eq(fed.info->first_malformed[0].reason, "no pfn=", "%s",
			 fed.info->first_malformed[0].reason);
	feed_done(&fed);
}

static bool refuse(void *ctx, const struct kmr_graph_line *line)
{
	(void)ctx;
	return line->kind != KMR_GRAPH_EXIT;
}

Test(graph, sink_without_memory)
{
	const struct kmr_graph_sink sink = { refuse, NULL };
	const struct kmr_source_options options = { .graph = &sink };

	feed_bytes(&fed, nested, sizeof(nested) - 1, &options);
	cr_assert_eq(fed.status, -1);
	cr_assert_str_eq(fed.err.msg, "out of memory for the calls of a trace");
	feed_done(&fed);
}
