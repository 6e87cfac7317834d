// SPDX-License-Identifier: GPL-2.0-only
/* Memory policies of actors: whose turn it is, which nodes go with a request, and who goes without. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "support.h"

/* One actor with @policy on four nodes makes @limit requests of order 0 and @more. */
#define LOAD(machine, policy, limit, more)                                                   \
	"workload: test\nmachine: \"" machine "\"\nactors:\n  - {name: one, policy: " policy \
	", every: 1us, limit: " limit ", lifetime: forever, " more "}\n"
#define FOUR  "x86_64:ram=4G,nodes=4,cpus=4"
#define PAGES "pages: {order: 0}"

/* The nodes of the requests, a digit each, '-' for any; all have @policy. */
static void expect_nodes(const char *load, enum kmr_policy policy, const char *expected)
{
	char got[64] = "";
	struct run run;

	run_text(&run, load, NULL);
	for (size_t i = 0; i < run.nr && i < sizeof(got) - 1; i++) {
		const struct kmr_event *ev = &run.events[i];

		got[i] = (char)(ev->node < 0 ? '-' : '0' + ev->node);
		cr_expect_eq(ev->flags & KMR_EVF_POLICY, policy, "%s: request %zu", load, i);
	}
	cr_expect_str_eq(got, expected, "%s: %s", load, got);
	run_done(&run);
}

/* interleave_nodes(): from the lowest, around and around */
Test(policy, interleave)
{
	expect_nodes(LOAD(FOUR, "{interleave: 0-3}", "10", PAGES), KMR_POLICY_INTERLEAVE,
		     "0123012301");
	expect_nodes(LOAD(FOUR, "{interleave: [3, 1]}", "5", PAGES), KMR_POLICY_INTERLEAVE,
		     "13131");
	expect_nodes(LOAD(FOUR, "{interleave: 2}", "3", PAGES), KMR_POLICY_INTERLEAVE, "222");
}

/* weighted_interleave_nodes(): so many in a row, then the next */
Test(policy, weighted_interleave)
{
	expect_nodes(LOAD(FOUR, "{weighted_interleave: {nodes: [0, 2, 3], weights: [3, 1, 2]}}",
			  "13", PAGES),
		     KMR_POLICY_INTERLEAVE, "0002330002330");
	expect_nodes(
		LOAD(FOUR, "{weighted_interleave: {nodes: [0-1, 3], weights: [2, 1]}}", "6", PAGES),
		KMR_POLICY_INTERLEAVE, "001130");
}

Test(policy, preferred_is_a_node)
{
	expect_nodes(LOAD(FOUR, "{preferred: 2}", "3", PAGES), KMR_POLICY_NONE, "222");
}

/* Each task has its own counter. */
Test(policy, interleave_by_task)
{
	unsigned int seen[2] = { 0, 0 };
	struct run run;

	run_text(&run,
		 "workload: test\nmachine: \"" FOUR "\"\nduration: 1ms\nactors:\n  - {name: one, "
		 "count: 2, policy: {interleave: 0-3}, every: 1us, lifetime: forever, " PAGES "}\n",
		 NULL);
	cr_assert_gt(run.nr, 1000);
	for (size_t i = 0; i < run.nr; i++) {
		const unsigned int task = run.events[i].task - 1u;

		cr_assert_lt(task, 2);
		cr_assert_eq(run.events[i].node, seen[task]++ % 4);
	}
	run_done(&run);
}

static void expect_mask(const char *load, enum kmr_policy policy, uint32_t nodes)
{
	struct run run;

	run_text(&run, load, NULL);
	cr_assert_eq(run.nr, 2);
	for (size_t i = 0; i < run.nr; i++) {
		cr_expect_eq(run.events[i].flags & KMR_EVF_POLICY, policy);
		cr_expect_eq(run.events[i].page.nodes, nodes);
		cr_expect_eq(run.events[i].node, -1);
	}
	run_done(&run);
}

Test(policy, nodes_go_with_the_request)
{
	expect_mask(LOAD(FOUR, "{bind: [0, 2-3]}", "2", PAGES), KMR_POLICY_BIND, 0xd);
	expect_mask(LOAD(FOUR, "{preferred_many: [1, 3]}", "2", PAGES), KMR_POLICY_PREFERRED_MANY,
		    0xa);
}

/* Node 2 of that machine has no memory: mpol_set_nodemask() */
Test(policy, nodes_without_memory)
{
	static const char machine[] = KMR_SOURCE_ROOT "/traces/machines/x86_64-numa-4.yaml";
	struct kmr_workload *w = NULL;
	struct kmr_error err = { "" };
	char text[1024];

	(void)snprintf(text, sizeof(text), LOAD("%s", "{interleave: 1-3}", "4", PAGES), machine);
	expect_nodes(text, KMR_POLICY_INTERLEAVE, "1313");
	(void)snprintf(text, sizeof(text), LOAD("%s", "{bind: 2}", "2", PAGES), machine);
	cr_assert_eq(kmr_workload_parse(&w, "load.yaml", text, strlen(text), &err), -1);
	cr_expect_str_eq(err.msg, "load.yaml:4:32: policy: none of these nodes has memory");
}

/* alloc_pages_node(), __GFP_THISNODE and what is no page of the task's own. */
Test(policy, who_goes_without)
{
	size_t interleaved = 0;
	struct run run;

	run_text(&run,
		 LOAD(FOUR, "{interleave: 0-3}", "400",
		      "mix: [{weight: 1, pages: {order: 0}}, {weight: 1, pages: {node: 1}},"
		      " {weight: 1, pages: {gfp: GFP_KERNEL|__GFP_THISNODE}},"
		      " {weight: 1, kmalloc: {size: 64}}, {weight: 1, vmalloc: {size: 8K}},"
		      " {weight: 1, kmap: {}}]"),
		 NULL);
	for (size_t i = 0; i < run.nr; i++) {
		const struct kmr_event *ev = &run.events[i];
		const bool governed = ev->type == KMR_EV_PAGE_ALLOC && ev->flags & KMR_EVF_POLICY;

		if (!governed) {
			cr_expect(ev->node == -1 || ev->node == 1);
			continue;
		}
		cr_expect_not(ev->gfp & KMR_GFP_THISNODE);
		cr_expect_eq(ev->node, (int)(interleaved++ % 4));
	}
	/* a third of 400 */
	cr_expect_gt(interleaved, 90);
	cr_expect_lt(interleaved, 180);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_ALLOC) > interleaved + 60, true);
	run_done(&run);
}
