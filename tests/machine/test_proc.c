// SPDX-License-Identifier: GPL-2.0-only
/* Machines and counts of free blocks from /proc dumps. */
#include "kmreplay/procinfo.h"
#include "kmreplay/snapshot.h"
#include "support.h"

#define ZONE_STATS "      nr_free_pages 1\n"

static const char zoneinfo[] = "Node 0, zone      DMA\n"
			       "  per-node stats\n"
			       "      nr_inactive_anon 32\n"
			       "  pages free     500\n"
			       "        boost    4\n"
			       "        min      14\n"
			       "        low      16\n"
			       "        high     18\n"
			       "        spanned  1023\n"
			       "        present  1000\n"
			       "        managed  900\n"
			       "        cma      0\n"
			       "        protection: (0, 3, 3, 3)\n" ZONE_STATS "  pagesets\n"
			       "    cpu: 0\n"
			       "              count: 7\n"
			       "              high:  12\n"
			       "              batch: 1\n"
			       "  vm stats threshold: 2\n"
			       "    cpu: 1\n"
			       "              count: 8\n"
			       "              high:  12\n"
			       "              batch: 1\n"
			       "  vm stats threshold: 2\n"
			       "  node_unreclaimable:  0\n"
			       "  start_pfn:           1\n"
			       "Node 0, zone    DMA32\n"
			       "  pages free     0\n"
			       "        min      0\n"
			       "        present  0\n"
			       "        protection: (0, 0, 0, 0)\n"
			       "Node 0, zone   Normal\n"
			       "Node 0, zone  Movable\n"
			       "  pages free     0\n"
			       "        min      32\n";

static const char buddyinfo[] =
	"Node 0, zone      DMA      1      0      2      0      0      0      0      0      0      "
	"1      0 \n";

static const char pagetypeinfo[] =
	"Page block order: 9\n"
	"Pages per block:  512\n"
	"\n"
	"Free pages count per migrate type at order       0      1      2      3      4      5     "
	" "
	"6      7      8      9     10 \n"
	"Node    0, zone      DMA, type    Unmovable      1      0      0      0      0      0     "
	" "
	"0      0      0      0      0 \n"
	"Node    0, zone      DMA, type      Movable      0      0 >100000      0      0      0    "
	" "
	" 0      0      0      1      0 \n"
	"\n"
	"Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n"
	"Node 0, zone      DMA            1            0            0            0            2 \n";

struct fixture {
	struct tmp tmp;
	struct kmr_machine *m;
	struct kmr_procinfo info;
	struct kmr_error err;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	tmp_begin(&f->tmp);
	f->m = new_machine();
}

static void end(struct fixture *f)
{
	static const char *const names[] = { "zoneinfo", "buddyinfo", "pagetypeinfo",  "distance",
					     "iomem",	 "meminfo",   "zoneinfo.after" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tmp_remove(&f->tmp, names[i]);
	tmp_end(&f->tmp);
	free(f->m);
}

static void write_text(struct fixture *f, const char *name, const char *text)
{
	tmp_write(&f->tmp, name, text, strlen(text));
}

Test(proc, small_zoneinfo)
{
	struct fixture f;
	const struct kmr_zone_spec *z;

	begin(&f);
	write_text(&f, "zoneinfo.after", zoneinfo);
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	cr_assert_eq(f.m->nr_zones, 1);
	z = &f.m->zones[0];
	cr_expect_str_eq(f.m->arch, "x86_64");
	cr_expect_eq(f.m->nr_cpus, 2);
	cr_expect_eq(f.m->nr_nodes, 1);
	cr_expect_eq(f.m->pageblock_order, 9);
	cr_expect_eq(f.m->nr_ram, 0);
	cr_expect(f.m->thp);
	/* printed watermarks include the boost */
	cr_expect_eq(z->wmark_min, 10);
	cr_expect_eq(z->wmark_low, 12);
	cr_expect_eq(z->wmark_high, 14);
	cr_expect_eq(z->boost, 4);
	cr_expect_eq(z->reserve[KMR_ZONE_DMA], 0);
	cr_expect_eq(z->reserve[KMR_ZONE_DMA32], 3);
	cr_expect_eq(z->pcp_high, 12);
	cr_expect_eq(f.m->min_free_kbytes, 40);
	cr_expect_eq(f.m->ram_pages, 1000);
	end(&f);
}

Test(proc, files_beside)
{
	struct fixture f;

	begin(&f);
	write_text(&f, "zoneinfo", zoneinfo);
	write_text(&f, "meminfo", "MemTotal: 1 kB\n");
	write_text(&f, "pagetypeinfo", "Page block order: 10\n");
	write_text(&f, "iomem",
		   "00000000-00000fff : Reserved\n00001000-003ff7ff : System RAM\n"
		   "  00001000-00001fff : Kernel code\n");
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	cr_expect_not(f.m->thp, "no AnonHugePages line, no huge pages");
	cr_expect_eq(f.m->pageblock_order, 10);
	cr_assert_eq(f.m->nr_ram, 1);
	cr_expect_eq(f.m->ram[0].start_pfn, 1);
	cr_expect_eq(f.m->ram[0].end_pfn, 1023, "the last page is not whole");
	/* what a reader without privilege sees of iomem says nothing */
	write_text(&f, "iomem", "00000000-00000000 : System RAM\n");
	write_text(&f, "meminfo", "AnonHugePages: 0 kB\n");
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	cr_expect_eq(f.m->nr_ram, 0);
	cr_expect(f.m->thp);
	end(&f);
}

/* From 6.7 on, high is tuned: the machine has what the kernel began with. */
Test(proc, tuned_high)
{
	struct fixture f;
	char *text;

	begin(&f);
	text = edited(zoneinfo, "high:  12", "high:  0");
	write_text(&f, "zoneinfo", text);
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	cr_expect_eq(f.m->zones[0].pcp_high, 6, "low by two CPUs");
	free(text);
	end(&f);
}

Test(proc, zoneinfo_errors)
{
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
		{ "Node 0, zone      DMA\n", "",
		  ":1: Node N, zone NAME expected, found \"per-node" },
		{ "Node 0, zone      DMA\n", "Node x, zone DMA\n",
		  ":1: Node N, zone NAME expected, found \"Node x, zone DMA\"" },
		{ "zone      DMA\n", "zone Foo\n", "node 0, zone Foo: has memory, but its type" },
		{ "Node 0, zone      DMA\n", "Node 64, zone DMA\n", "beyond the 64th" },
		{ "managed  900", "managed  9x0", ":11: a number expected, found \"9x0\"" },
		{ "managed  900", "managed  x", ":11: a number expected, found \"x\"" },
		{ "managed  900", "managed  99999999999999999999", ":11: a number expected" },
		{ "managed  900", "managed  1001", "managed, present and spanned contradict" },
		{ "low      16", "low      6", "watermarks are not in order" },
		{ "start_pfn:           1\n", "start_pfn:           4294967295\n", "2^32" },
		{ "  start_pfn:           1\n", "", "no start_pfn" },
		{ "protection: (0, 3, 3, 3)", "protection: 0, 3",
		  ":13: ( expected, found \"0, 3\"" },
		{ "protection: (0, 3, 3, 3)", "protection: (0; 3)", ":13: a comma expected" },
		{ "protection: (0, 3, 3, 3)", "protection: (0, )",
		  ":13: a list of up to 8 numbers" },
		{ "protection: (0, 3, 3, 3)", "protection: (0, 3, 3)",
		  "node 0, zone DMA: protection lists 3 zones, but a node has 4" },
		{ "cpu: 1\n", "cpu: 3\n", ":21: cpu 3 where cpu 1 should follow" },
		{ "min      32\n", "min      32", ": the last line is cut off" },
	};
	struct fixture f;
	size_t i;

	begin(&f);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = edited(zoneinfo, cases[i].from, cases[i].to);

		write_text(&f, "zoneinfo", text);
		cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1, "%s", cases[i].to);
		cr_expect_not_null(strstr(f.err.msg, cases[i].message), "\"%s\" is not in \"%s\"",
				   cases[i].message, f.err.msg);
		free(text);
	}
	write_text(&f, "zoneinfo", "");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "empty: a copy of /proc/zoneinfo expected"));
	write_text(&f, "zoneinfo", "Node 0, zone DMA\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "no zone with memory"));
	end(&f);
}

Test(proc, directory_errors)
{
	struct fixture f;

	begin(&f);
	cr_expect_eq(kmr_machine_from_proc(f.m, "/nonexistent", &f.err), -1);
	cr_expect_str_eq(f.err.msg, "/nonexistent: no directory of /proc dumps");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "no zoneinfo, zoneinfo.before or zoneinfo.after"));
	write_text(&f, "zoneinfo", zoneinfo);
	write_text(&f, "distance", "10 20\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	write_text(&f, "distance", "10\n10\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "distance:2: distances of more than 1 nodes"));
	write_text(&f, "distance", "\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "distances of 0 nodes, but the machine has 1"));
	write_text(&f, "distance", "9\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "distance:1: not 1 distances from 10 to 255"));
	write_text(&f, "distance", "10\n");
	write_text(&f, "iomem", "xyz : System RAM\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "iomem:1: not a range of addresses: xyz"));
	write_text(&f, "iomem", "");
	write_text(&f, "pagetypeinfo", "Page block order: 11\n");
	cr_expect_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), -1);
	cr_expect_not_null(strstr(f.err.msg, "pagetypeinfo:1: \"Page block order: 10\" or less"));
	end(&f);
}

Test(proc, counts)
{
	struct fixture f;
	const struct kmr_procinfo_zone *z;

	begin(&f);
	write_text(&f, "zoneinfo", zoneinfo);
	write_text(&f, "buddyinfo", buddyinfo);
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	cr_assert_eq(kmr_procinfo_read(&f.info, f.m, f.tmp.dir, "", &f.err), 0, "%s", f.err.msg);
	cr_expect_not(f.info.has_types);
	cr_expect(f.info.has_zoneinfo);
	cr_expect_eq(f.info.nr_orders, 11);
	z = &f.info.zones[0];
	cr_expect_eq(z->nr_free[2], 2);
	cr_expect_eq(z->nr_free[9], 1);
	cr_expect_eq(z->free_pages, 500);
	cr_expect_eq(z->pcp_pages, 15);
	cr_expect_eq(z->nr_cpus, 2);
	cr_expect_eq(z->pcp_count[1], 8);
	kmr_procinfo_free(&f.info);

	write_text(&f, "pagetypeinfo", pagetypeinfo);
	cr_assert_eq(kmr_procinfo_read(&f.info, f.m, f.tmp.dir, "", &f.err), 0, "%s", f.err.msg);
	z = &f.info.zones[0];
	cr_expect(f.info.has_types);
	cr_expect_eq(z->nr_free_type[0][KMR_MIGRATE_UNMOVABLE], 1);
	cr_expect_eq(z->nr_free_type[2][KMR_MIGRATE_MOVABLE], 100000);
	cr_expect(z->capped[2][KMR_MIGRATE_MOVABLE]);
	cr_expect_not(z->capped[9][KMR_MIGRATE_MOVABLE]);
	cr_expect_eq(z->pageblocks[KMR_MIGRATE_UNMOVABLE], 1);
	/* a kernel without CMA has isolate where CMA would be: the names count */
	cr_expect_eq(z->pageblocks[KMR_MIGRATE_ISOLATE], 2);
	cr_expect_eq(z->pageblocks[KMR_MIGRATE_CMA], 0);
	kmr_procinfo_free(&f.info);

	tmp_remove(&f.tmp, "zoneinfo");
	cr_assert_eq(kmr_procinfo_read(&f.info, f.m, f.tmp.dir, "", &f.err), 0, "%s", f.err.msg);
	cr_expect_not(f.info.has_zoneinfo);
	kmr_procinfo_free(&f.info);
	end(&f);
}

static void expect_counts_error(struct fixture *f, const char *message)
{
	cr_expect_eq(kmr_procinfo_read(&f->info, f->m, f->tmp.dir, "", &f->err), -1, "%s", message);
	cr_expect_not_null(strstr(f->err.msg, message), "\"%s\" is not in \"%s\"", message,
			   f->err.msg);
	kmr_procinfo_free(&f->info);
}

Test(proc, count_errors)
{
	static const struct {
		const char *from, *to, *message;
	} buddy[] = {
		{ "Node 0", "Mode 0", "buddyinfo:1: Node N, zone NAME expected, found \"Mode 0" },
		{ "DMA", "Normal", "has no zone Normal on node 0" },
		{ "Node 0", "Node 1", "has no zone DMA on node 1" },
		{ "  2  ", "  2x  ", "buddyinfo:1: a count of blocks expected, found \"x" },
		{ "0 \n", "0  1 1 1 1 1 1 1 1\n", "buddyinfo:1: the end of the line expected" },
		{ "\n", "", "buddyinfo:1: a newline: the file is truncated; expected" },
		{ "\n", "\nNode 0, zone DMA 1\n", "buddyinfo:2: zone DMA of node 0 comes twice" },
	}, types[] = {
		{ "Unmovable ", "Immovable ", "pagetypeinfo:5: a migratetype expected" },
		{ ">100000", ">>00000", "pagetypeinfo:6: a count of blocks expected" },
		{ "Isolate", "Isolated", "pagetypeinfo:8: a migratetype expected" },
		{ "            2 \n", "\n", "pagetypeinfo:9: a count for each migratetype" },
		{ "Number of blocks type", "Number of mixed blocks",
		  "pagetypeinfo:9: \"Number of blocks type\" before this line expected" },
		{ "0      1      0 \n\n", "0      1 \n\n", "pagetypeinfo:6: as many orders as" },
		{ "Node 0, zone      DMA            1", "\n", "pagetypeinfo:10: Node N, zone NAME" },
	};
	struct fixture f;
	char *text;
	size_t i;

	begin(&f);
	write_text(&f, "zoneinfo", zoneinfo);
	cr_assert_eq(kmr_machine_from_proc(f.m, f.tmp.dir, &f.err), 0, "%s", f.err.msg);
	expect_counts_error(&f, ": no buddyinfo there");
	write_text(&f, "buddyinfo", "");
	expect_counts_error(&f, "buddyinfo: nothing about zone DMA of node 0");
	for (i = 0; i < sizeof(buddy) / sizeof(buddy[0]); i++) {
		text = edited(buddyinfo, buddy[i].from, buddy[i].to);
		write_text(&f, "buddyinfo", text);
		expect_counts_error(&f, buddy[i].message);
		free(text);
	}
	write_text(&f, "buddyinfo", buddyinfo);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		text = edited(pagetypeinfo, types[i].from, types[i].to);
		write_text(&f, "pagetypeinfo", text);
		expect_counts_error(&f, types[i].message);
		free(text);
	}
	end(&f);
}

/* The dumps were taken just outside the snapshots: apart, but never by more than activity. */
Test(proc, counts_of_captures)
{
	struct kmr_machine *m = new_machine();
	struct kmr_procinfo info;
	struct kmr_error err;
	char dir[512];
	size_t i;
	unsigned int z, o, t;

	need_captures();
	for (i = 0; i < 2 * NR_CAPTURES; i++) {
		snprintf(dir, sizeof(dir), "%s/%s", CAPTURES, captures[i / 2].name);
		cr_assert_eq(kmr_machine_from_proc(m, dir, &err), 0, "%s", err.msg);
		cr_assert_eq(kmr_procinfo_read(&info, m, dir, i % 2 ? ".after" : ".before", &err),
			     0, "%s", err.msg);
		cr_expect(info.has_types && info.has_zoneinfo && info.nr_orders == 11);
		for (z = 0; z < info.nr_zones; z++) {
			const struct kmr_procinfo_zone *pz = &info.zones[z];
			uint64_t free = 0, blocks = 0, typed = 0;

			for (o = 0; o < info.nr_orders; o++)
				free += pz->nr_free[o] << o;
			for (t = 0; t < KMR_MIGRATE_TYPES; t++) {
				blocks += pz->pageblocks[t];
				for (o = 0; o < info.nr_orders; o++)
					typed += pz->nr_free_type[o][t] << o;
			}
			/* the three files are read one after the other, by a shell that runs */
			cr_expect_lt(llabs((long long)free - (long long)pz->free_pages), 4096,
				     "%s zone %u: %llu %llu", dir, z, (unsigned long long)free,
				     (unsigned long long)pz->free_pages);
			cr_expect_lt(llabs((long long)free - (long long)typed), 4096);
			cr_expect_leq(blocks << m->pageblock_order,
				      m->zones[z].spanned + (2u << m->pageblock_order));
			cr_expect_eq(pz->nr_cpus, m->nr_cpus);
		}
		kmr_procinfo_free(&info);
	}
	free(m);
}

/* Two independent readers of two formats, one machine. */
Test(proc, equals_the_snapshots_machine)
{
	struct kmr_machine *m = new_machine();
	struct kmr_snapshot *s = calloc(1, sizeof(*s));
	struct kmr_error err;
	char path[512];
	size_t i;

	need_captures();
	for (i = 0; i < NR_CAPTURES; i++) {
		snprintf(path, sizeof(path), "%s/%s/state", CAPTURES, captures[i].name);
		cr_assert_eq(kmr_machine_from_proc(m, path, &err), 0, "%s", err.msg);
		snprintf(path, sizeof(path), "%s/%s/state/kmsnap.before.zst", CAPTURES,
			 captures[i].name);
		cr_assert_eq(kmr_snapshot_read(s, path, &err), 0, "%s", err.msg);
		compare_zones(captures[i].name, m, &s->machine);
		cr_expect_str_eq(m->arch, s->machine.arch);
		cr_expect_eq(m->nr_orders, s->machine.nr_orders);
		cr_expect_eq(m->pageblock_order, s->machine.pageblock_order);
		cr_expect_eq(m->thp, s->machine.thp);
		cr_expect_eq(m->ram_pages, s->machine.ram_pages);
		cr_expect_eq(m->min_free_kbytes, s->machine.min_free_kbytes);
		cr_expect_eq(m->nr_nodes, s->machine.nr_nodes);
		cr_expect_eq(m->nr_cpus, s->machine.nr_cpus);
		cr_expect_eq(m->nr_ram, s->machine.nr_ram);
		cr_expect_arr_eq(m->has_type, s->machine.has_type, sizeof(m->has_type));
		cr_expect_arr_eq(m->cpu_node, s->machine.cpu_node, sizeof(m->cpu_node));
		cr_expect_arr_eq(m->distance, s->machine.distance, sizeof(m->distance));
		cr_expect_arr_eq(m->ram, s->machine.ram, sizeof(m->ram));
		kmr_snapshot_free(s);
	}
	free(s);
	free(m);
}
