// SPDX-License-Identifier: GPL-2.0-only
/* What a workload's file says, and every way in which one is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/gfp.h"
#include "support.h"
#include "workload/spec.h"

#define REFUSED	 KMR_SOURCE_ROOT "/tests/workload/refused.txt"
#define SNAPSHOT KMR_SOURCE_ROOT "/traces/i386-slub-compile/state/kmsnap.before.zst"

static void refuse(const char *text, size_t len, const char *message)
{
	struct kmr_error err = { "" };
	struct kmr_workload *w = (struct kmr_workload *)&err;

	cr_assert_eq(kmr_workload_parse(&w, "load.yaml", text, len, &err), -1, "taken: %.*s",
		     (int)len, text);
	cr_expect_str_eq(err.msg, message);
	cr_assert_null(w);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, (size_t)1 << 20);

	cr_assert(f && text);
	*len = fread(text, 1, ((size_t)1 << 20) - 1, f);
	cr_assert(feof(f) && !fclose(f));
	return text;
}

/* "== message" and the file, again and again. */
Test(read, refused)
{
	size_t len;
	char *text = read_file(REFUSED, &len), *at = strstr(text, "\n== ");
	unsigned int n = 0;

	while (at) {
		char *message = at + 4, *file = strchr(message, '\n') + 1;
		char *next = strstr(file, "\n== ");

		file[-1] = '\0';
		refuse(file, (size_t)((next ? next + 1 : text + len) - file), message);
		at = next;
		n++;
	}
	cr_expect_geq(n, 150u);
	free(text);
}

Test(read, an_empty_file)
{
	refuse("", 0, "load.yaml:1:1: nothing but comments and blanks; keys and values would do");
}

Test(read, a_file_that_is_not_there)
{
	struct kmr_error err = { "" };
	struct kmr_workload *w;

	cr_expect_eq(kmr_workload_read(&w, "/nonexistent/load.yaml", &err), -1);
	cr_expect_str_eq(err.msg, "/nonexistent/load.yaml: cannot open: No such file or directory");
	cr_expect_null(w);
}

Test(read, the_least)
{
	struct kmr_workload *w = parse(ACTOR("    pages: {}\n    lifetime: forever\n"));
	const struct load_actor *a = w->actors;

	cr_expect_str_eq(kmr_workload_name(w), "test");
	cr_expect_null(kmr_workload_machine(w));
	cr_expect_eq(w->seed, 1u);
	cr_expect_eq(w->duration, LOAD_FOREVER);
	cr_expect_eq(w->page_shift, 12u);
	cr_expect_eq(w->pointer_bits, 64u);
	cr_expect_eq(w->nr_tasks, 1u);
	cr_expect_eq(a->nr_cpus, 1u);
	cr_expect_eq(a->cpus[0], 0u);
	cr_expect_eq(a->requests[0].node, -1);
	cr_expect(a->once);
	cr_expect_eq(a->context, KMR_CTX_TASK);
	cr_expect_eq(a->requests[0].kind, LOAD_PAGES);
	cr_expect_eq(a->requests[0].amount.constant, 0u);
	cr_expect_eq(a->requests[0].gfp, (uint32_t)KMR_GFP_KERNEL);
	cr_expect_eq(a->lifetimes[0].release, LOAD_NEVER);
	kmr_workload_free(w);
}

Test(read, times_and_places)
{
	struct kmr_workload *w = parse("workload: test\n"
				       "description: what for\n"
				       "machine: \"x86_64:ram=1G,nodes=2,cpus=4\"\n"
				       "seed: 0x10\n"
				       "phases:\n"
				       "  - {name: a, duration: 1s}\n"
				       "  - {name: b, duration: 2s}\n"
				       "  - {name: c, duration: 500ms}\n"
				       "  - {name: d, duration: 1min}\n"
				       "actors:\n"
				       "  - name: one\n"
				       "    count: 3\n"
				       "    cpus: [0, 2-3]\n"
				       "    phases: [d, a, b]\n"
				       "    pages: {}\n"
				       "    lifetime: 0\n"
				       "  - name: two\n"
				       "    count: 2\n"
				       "    node: 1\n"
				       "    start: 1s\n"
				       "    stop: 3s\n"
				       "    free_cpu: any\n"
				       "    context: softirq\n"
				       "    pages: {}\n"
				       "    lifetime: 1.5us\n"
				       "  - name: three\n"
				       "    start: 2s\n"
				       "    free_cpu: [1]\n"
				       "    pages: {}\n"
				       "    lifetime: forever\n");
	const struct load_actor *a = w->actors;

	cr_expect_str_eq(kmr_workload_machine(w), "x86_64:ram=1G,nodes=2,cpus=4");
	cr_expect_eq(w->seed, 16u);
	cr_expect_eq(w->duration, UINT64_C(63500000000));
	cr_expect_eq(w->nr_tasks, 6u);
	cr_expect_eq(a[0].nr_cpus, 3u);
	cr_expect_eq(a[0].cpus[1], 2u);
	/* a and b follow each other */
	cr_assert_eq(a[0].nr_spans, 2u);
	cr_expect_eq(a[0].spans[0].start, 0u);
	cr_expect_eq(a[0].spans[0].end, UINT64_C(3000000000));
	cr_expect_eq(a[0].spans[1].start, UINT64_C(3500000000));
	cr_expect_eq(a[0].spans[1].end, UINT64_C(63500000000));
	cr_expect_eq(a[1].first_task, 3u);
	cr_expect_eq(a[1].requests[0].node, -1);
	cr_expect_eq(a[1].nr_cpus, 2u);
	cr_expect_eq(a[1].spans[0].start, UINT64_C(1000000000));
	cr_expect_eq(a[1].spans[0].end, UINT64_C(3000000000));
	cr_expect_eq(a[1].nr_free_cpus, 4u);
	cr_expect_eq(a[1].context, KMR_CTX_SOFTIRQ);
	cr_expect_eq(a[1].lifetimes[0].after.constant, 1500u);
	cr_expect_eq(a[2].spans[0].end, LOAD_FOREVER);
	cr_expect_eq(a[2].nr_free_cpus, 1u);
	cr_expect_eq(a[2].free_cpus[0], 1u);
	kmr_workload_free(w);
}

Test(read, requests)
{
	struct kmr_workload *w = parse(
		"workload: test\n"
		"machine: \"i386:ram=512M\"\n"
		"actors:\n"
		"  - name: kworker/0:1\n"
		"    lifetime: 1s\n"
		"    mix:\n"
		"      - {weight: 1, pages: {order: 3, gfp: GFP_ATOMIC|__GFP_COMP}}\n"
		"      - {weight: 1, pages: {size: 2560K}}\n"
		"      - {weight: 1, kmalloc: {size: 100}, site: a+0x10/0x20, lifetime: forever}\n"
		"      - {weight: 1, kmalloc: {size: 100}, site: 'a+0x10/0x20 [mod]'}\n"
		"      - {weight: 1, cache: {name: dentry, size: 132, align: 64, gfp: GFP_NOFS}}\n"
		"      - {weight: 1, vmalloc: {size: 1M}, lifetime: {keep: 7}}\n"
		"      - {weight: 1, kmap: {}}\n"
		"      - {weight: 1, kmap: {local: true, gfp: GFP_KERNEL}}\n"
		"      - {weight: 1, cma: {area: default, pages: 640}}\n"
		"      - {weight: 1, hotplug: {start: 1G, size: 128M, zone: Movable}}\n"
		"      - {weight: 1, hotplug: {start: 1G, size: 128M}}\n"
		"      - {weight: 1, hugepages: {pages: 20}}\n");
	const struct load_actor *a = w->actors;
	const struct load_request *r = a->requests;

	cr_expect_eq(w->pointer_bits, 32u);
	cr_assert_eq(a->nr_requests, 12u);
	cr_expect_eq(r[0].amount.constant, 3u);
	cr_expect_eq(r[0].gfp, (uint32_t)(KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM |
					  KMR_GFP_COMP));
	cr_expect_str_eq(r[0].site, "");
	/* 2.5 MiB take a block of 4 MiB */
	cr_expect_eq(r[1].amount.constant, 10u);
	cr_expect_str_eq(r[2].site, "a+0x10");
	cr_expect_eq(a->lifetimes[r[2].lifetime].release, LOAD_NEVER);
	cr_expect_str_eq(r[3].site, "a+0x10 [mod]");
	cr_expect_eq(a->lifetimes[r[3].lifetime].release, LOAD_AFTER);
	cr_expect_eq(r[4].object_size, 132u);
	cr_expect_eq(r[4].size, 192u);
	/* a slash would end it */
	cr_expect_str_eq(r[4].site, "kworker_0:1+0x0");
	cr_expect_eq(r[5].gfp, (uint32_t)(KMR_GFP_KERNEL | KMR_GFP_HIGHMEM));
	cr_expect_eq(a->lifetimes[r[5].lifetime].keep, 7u);
	cr_expect_eq(r[6].gfp, (uint32_t)KMR_GFP_HIGHUSER);
	cr_expect_not(r[6].local);
	cr_expect(r[7].local);
	cr_expect_str_eq(r[8].name, "default");
	cr_expect_eq(r[9].start_pfn, 262144u);
	cr_expect_eq(r[9].pages, 32768u);
	cr_expect_eq(r[9].zone, (uint32_t)KMR_ZONE_MOVABLE);
	cr_expect_eq(r[10].zone, KMR_EV_ANY_ZONE);
	cr_expect_eq(a->lifetimes[r[11].lifetime].release, LOAD_NEVER);
	kmr_workload_free(w);
}

static struct kmr_workload *hold(const char *what)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "workload: test\n"
		       "machine: \"x86_64:ram=4G,nodes=2,cpus=2\"\n"
		       "duration: 1s\n"
		       "actors:\n"
		       "  - {name: one, every: 1ms, pages: {}, hold: {%s}}\n",
		       what);
	return parse(text);
}

/* Of zones as the machine has them, in whole bytes. */
Test(read, what_is_held)
{
	static struct kmr_machine m;
	uint64_t normal = 0, on_node = 0, all = 0;
	struct kmr_error err = { "" };
	struct kmr_workload *w;

	cr_assert_eq(kmr_machine_preset(&m, "x86_64:ram=4G,nodes=2,cpus=2", &err), 0);
	for (unsigned int i = 0; i < m.nr_zones; i++) {
		all += m.zones[i].managed;
		on_node += m.zones[i].node == 1 ? m.zones[i].managed : 0;
		normal += m.zones[i].type == KMR_ZONE_NORMAL ? m.zones[i].managed : 0;
	}
	cr_assert(normal && on_node && normal + on_node != all);
	w = hold("of: 80%, zone: Normal");
	cr_expect_eq(w->actors[0].lifetimes[0].keep, (normal << 12) * 4 / 5);
	cr_expect_eq(w->actors[0].lifetimes[0].order, LOAD_RANDOM);
	kmr_workload_free(w);
	w = hold("of: 0.5, node: 1, order: fifo");
	cr_expect_eq(w->actors[0].lifetimes[0].keep, on_node << 11);
	cr_expect_eq(w->actors[0].lifetimes[0].order, LOAD_FIFO);
	kmr_workload_free(w);
	w = hold("of: 1");
	cr_expect_eq(w->actors[0].lifetimes[0].keep, all << 12);
	kmr_workload_free(w);
	w = hold("bytes: 64M");
	cr_expect_eq(w->actors[0].lifetimes[0].keep, 64u << 20);
	kmr_workload_free(w);
}

Test(read, distributions)
{
	struct kmr_workload *w =
		parse(ACTOR("    kmalloc: {size: {histogram: [[64, 1], [4K, 3]], min: 8}}\n"
			    "    every: {exponential: {mean: 1ms}, max: 10ms}\n"
			    "    burst: {size: {table: [[1, 3], [100, 1]]}, every: 5us}\n"
			    "    lifetime: {pareto: {min: 1us, shape: 1.25, max: 1h}}\n"
			    "    limit: 10\n"));
	const struct load_actor *a = w->actors;

	cr_expect_eq(a->requests[0].amount.kind, LOAD_HISTOGRAM);
	cr_expect_eq(a->requests[0].amount.table.ranges[0].low, 8u);
	cr_expect_eq(a->requests[0].amount.table.ranges[0].high, 64u);
	cr_expect_eq(a->requests[0].amount.table.ranges[1].low, 65u);
	cr_expect_eq(a->requests[0].amount.table.ranges[1].high, 4096u);
	cr_expect_eq(a->every.exponential.mean, 1e6);
	cr_expect_eq(a->every.min, 1u);
	cr_expect_eq(a->every.max, 10000000u);
	cr_expect_eq(a->burst_size.table.ranges[1].low, 100u);
	cr_expect_eq(a->burst_size.table.ranges[1].high, 100u);
	cr_expect_eq(a->burst_every.constant, 5000u);
	cr_expect_eq(a->lifetimes[0].after.pareto.min, 1e3);
	cr_expect_eq(a->lifetimes[0].after.pareto.inverse_shape, 0.8);
	cr_expect_gt(a->lifetimes[0].after.pareto.rest, 0);
	kmr_workload_free(w);
}

/* A machine's file is looked for beside the workload's. */
Test(read, a_machine_beside_it)
{
	char dir[] = "/tmp/kmreplay-test-XXXXXX", path[64], link[64];
	struct kmr_error err = { "" };
	struct kmr_workload *w;
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/load.yaml", dir);
	(void)snprintf(link, sizeof(link), "%s/small", dir);
	cr_assert_eq(symlink(SNAPSHOT, link), 0);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_geq(fputs("workload: test\nmachine: small\nactors:\n"
			    "  - {name: one, pages: {}, lifetime: 1s, cpus: 0}\n",
			    f),
		      0);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(kmr_workload_read(&w, path, &err), 0, "%s", err.msg);
	cr_expect_str_eq(kmr_workload_machine(w), link);
	cr_expect_not(w->preset);
	cr_expect_eq(w->pointer_bits, 32u);
	kmr_workload_free(w);
	cr_expect_eq(unlink(path) | unlink(link) | rmdir(dir), 0);
}

/* As many of each as there may be are read in no time. */
Test(read, large, .timeout = 20)
{
	char *text = malloc((size_t)4 << 20);
	size_t len;
	struct kmr_workload *w;

	cr_assert_not_null(text);
	len = (size_t)sprintf(text, "workload: test\nactors:\n");
	for (unsigned int i = 0; i < 4096; i++)
		len += (size_t)sprintf(
			text + len, "  - {name: a%u, cache: {name: c%u, size: 64}, lifetime: 1s}\n",
			i, i);
	w = parse(text);
	cr_expect_eq(w->nr_actors, 4096u);
	kmr_workload_free(w);
	(void)sprintf(text + len, "  - {name: b, pages: {}, lifetime: 1s}\n");
	refuse(text, strlen(text), "load.yaml:3:3: actors: takes a list of 1 to 4096");
	len = (size_t)sprintf(text, ACTOR("    pages: {}\n    lifetime: {table: [[1ms, 1]"));
	for (unsigned int i = 1; i < 40000; i++)
		len += (size_t)sprintf(text + len, ", [%uus, %u]", i, i);
	(void)sprintf(text + len, "]}\n");
	w = parse(text);
	cr_expect_eq(w->actors[0].lifetimes[0].after.table.choice.nr, 40000u);
	kmr_workload_free(w);
	free(text);
}
