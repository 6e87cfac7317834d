// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots: those of the captures, a small one in full, and every way in which one is wrong. */
#include <zstd.h>

#include "kmreplay/event.h"
#include "kmreplay/snapshot.h"
#include "support.h"

static const char small[] =
	"kmsnap 3 pageblock_order 9 max_order 11 migratetypes 6 pages 1800\n"
	"zone 0 DMA start_pfn 1 spanned 1023 present 1000 managed 900 min 10 low 12 high 14 boost "
	"5 highatomic 0 free 6\n"
	"lowmem 0 DMA 0 5 5 5\n"
	"pb 0 DMA 9 0-\n"
	"pcp 0 DMA 0 count 4 high 12 batch 1 free_factor 2\n"
	"stat 0 DMA 0 -1\n"
	"pcplist 0 DMA 0 1 7 3\n"
	"pcplist 0 DMA 0 4 10\n"
	"free 0 DMA 0 0 101\n"
	"free 0 DMA 2 1 512\n"
	"zone 1 DMA32 start_pfn 1024 spanned 1000 present 1000 managed 900 min 10 low 12 high 14 "
	"boost 0 highatomic 512 free 0\n"
	"lowmem 1 DMA32 0 0 0 0\n"
	"pb 1 DMA32 9 23\n"
	"pcp 1 DMA32 0 count 0 high 13 batch 1 free_factor 0\n"
	"stat 1 DMA32 0 0\n"
	"cache kmalloc-64 object_size 64 size 64 align 64 objs 64 order 0\n"
	"slabpage 200 3 kmalloc-64\n"
	"slabpage 1030 0 task struct\n";

static struct kmr_snapshot *new_snapshot(void)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));

	cr_assert_not_null(s);
	return s;
}

Test(snapshot, small)
{
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;
	struct tmp t;

	tmp_begin(&t);
	tmp_write(&t, "snap", small, strlen(small));
	cr_expect(kmr_snapshot_probe(t.path));
	cr_assert_eq(kmr_snapshot_read(s, t.path, &err), 0, "%s", err.msg);
	cr_expect_eq(s->seq, 3);
	cr_expect_eq(s->version, 601);
	cr_expect_eq(s->machine.nr_zones, 2);
	cr_expect_eq(s->machine.nr_nodes, 2);
	cr_expect_eq(s->machine.nr_cpus, 1);
	cr_expect_eq(s->machine.nr_orders, 11);
	cr_expect_eq(s->machine.pageblock_order, 9);
	cr_expect_eq(s->machine.distance[0][1], 20);
	cr_expect_str_eq(s->machine.arch, "x86_64");
	cr_expect_eq(s->machine.zones[0].boost, 5);
	cr_expect_eq(s->machine.zones[0].reserve[KMR_ZONE_NORMAL], 5);
	cr_expect_eq(s->machine.zones[1].pcp_high, 13);
	cr_expect_eq(s->zones[0].free, 6);
	cr_expect_eq(s->zones[1].highatomic, 512);
	cr_expect_eq(s->zones[1].first_block, 2);
	cr_expect_eq(s->zones[1].nr_blocks, 2);
	cr_assert_eq(s->nr_pageblocks, 4);
	cr_expect_eq(s->pageblocks[1], KMR_MIGRATE_UNKNOWN);
	cr_expect_eq(s->pageblocks[3], KMR_MIGRATE_HIGHATOMIC);
	cr_assert_eq(s->nr_pcps, 2);
	cr_expect_eq(s->pcps[0].free_factor, 2);
	cr_expect_eq(s->pcps[0].stat_diff, -1);
	cr_assert_eq(s->nr_pcp_lists, 2);
	cr_expect_eq(s->pcp_lists[0].count, 2);
	cr_expect_eq(s->pfns[s->pcp_lists[0].first], 7, "head first");
	cr_expect_eq(s->pcp_lists[1].index, 4);
	cr_assert_eq(s->nr_free_lists, 2);
	cr_expect_eq(s->free_lists[1].index, 2);
	cr_expect_eq(s->free_lists[1].migratetype, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(s->pfns[s->free_lists[1].first], 512);
	cr_assert_eq(s->nr_slabs, 2);
	cr_expect_eq(s->slabs[0].pfn, 200);
	cr_expect_eq(s->slabs[0].order, 3);
	kmr_snapshot_free(s);
	cr_expect_null(s->pfns);
	tmp_remove(&t, "snap");
	tmp_end(&t);
	free(s);
}

Test(snapshot, errors)
{
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
		{ "kmsnap 3", "kmsnap x", ":1: the snapshot's number expected, found \"x" },
		{ "kmsnap 3", "kmsnip 3",
		  "no snapshot: its first line should begin with \"kmsnap\"" },
		{ "pageblock_order 9", "pageblock 9", ":1: pageblock_order expected" },
		{ "pageblock_order 9", "pageblock_order 12",
		  ":1: pageblock_order below max_order" },
		{ "max_order 11", "max_order 17", ":1: max_order expected, found \"17" },
		{ "migratetypes 6", "migratetypes 7", ":1: migratetypes expected, found \"7" },
		{ "pages 1800\n", "pages 1800 more\n", ":1: the end of the line expected" },
		/* bad digits and numbers */
		{ "0 1 7 3", "0 1 7 3x", ":7: a pfn expected, found \"3x\"" },
		{ "0 1 7 3", "0 1 7  3", ":7: a pfn expected, found \" 3\"" },
		{ "0 1 7 3\n", "0 1 7 3 \n", ":7: a pfn expected, found \"\"" },
		{ "0 1 7 3", "0 1 -7 3", ":7: a pfn expected, found \"-7 3\"" },
		{ "0 1 7 3", "0 1 4294967295 3", ":7: a pfn expected" },
		{ "0 1 7 3", "0 1 7 99999999999999999999999", ":7: a pfn expected, found \"9999" },
		{ "present 1000", "present 99999999999", ":2: a number of pages expected" },
		{ "lowmem 0 DMA 0 5", "lowmem 0 DMA 0 y", ":3: a number of pages expected" },
		{ "DMA 9 0-", "DMA 9 06", ":4: a migratetype's digit or - expected, found \"6\"" },
		{ "DMA 9 0-", "DMA 8 0-", ":4: pageblock order 8, but 9 in the first line" },
		{ "DMA 9 0-", "DMA 9 0-1", ":4: 3 pageblocks, but node 0, zone DMA has 2" },
		{ "count 4 high", "count high", ":5: a number expected, found \"high 12" },
		{ "stat 0 DMA 0 -1", "stat 0 DMA 0 -129", ":6: a number down to -128 expected" },
		{ "stat 0 DMA 0 -1", "stat 0 DMA 0 200", ":6: a difference expected" },
		{ "stat 0 DMA 0 -1", "stat 0 DMA 0 -1 1", ":6: the end of the line expected" },
		/* frames where they cannot be */
		{ "0 1 7 3", "0 1 7 1024",
		  ":7: block of order 0 at pfn 1024 does not lie in its zone (node 0, zone DMA)" },
		{ "0 1 7 3", "0 1 7 0", ":7: block of order 0 at pfn 0 does not lie in its zone" },
		{ "2 1 512", "10 1 0", ":10: block of order 10 at pfn 0 does not lie in its zone" },
		{ "2 1 512", "2 1 513",
		  ":10: block of order 2 at pfn 513 is not aligned to its order" },
		{ "0 0 101", "0 0 101 101",
		  ":9: block of order 0 at pfn 101 has frames that are on "
		  "a list already" },
		{ "0 0 101", "0 0 11",
		  ":9: block of order 0 at pfn 11 has frames that are on a list" },
		{ "0 0 101", "0 0 515",
		  ":10: block of order 2 at pfn 512 has frames that are on a" },
		{ "slabpage 200 3", "slabpage 96 3", ":17: block of order 3 at pfn 96 has frames" },
		{ "slabpage 200 3", "slabpage 201 3",
		  ":17: block of order 3 at pfn 201 is not al" },
		{ "slabpage 200 3", "slabpage 3000 0", ":17: slab page 3000 lies in no zone" },
		{ "slabpage 200 3", "slabpage 1031 0", ":18: slab page 1030 is not after the one" },
		{ "slabpage 200 3 kmalloc-64", "slabpage 200 3", ":17: a cache's name expected" },
		{ "slabpage 200 3", "slabpage 200 11", ":17: an order expected, found \"11" },
		/* records that do not fit together */
		{ "free 0 DMA 0", "free 0 DMA32 0",
		  ":9: no zone record of node 0, zone DMA32 before" },
		{ "free 0 DMA 0", "free 0 Foo 0",
		  ":9: DMA, DMA32, Normal, HighMem or Movable expec" },
		{ "free 0 DMA 0", "free 64 DMA 0", ":9: a node below 64 expected, found \"64" },
		{ "DMA 0 0 101", "DMA 11 0 101", ":9: an order expected, found \"11" },
		{ "DMA 0 0 101", "DMA 0 6 101", ":9: a migratetype expected, found \"6" },
		{ "DMA 2 1 512", "DMA 0 0 512",
		  ":10: second free list of order 0 and migratetype 0" },
		{ "DMA 0 4 10", "DMA 0 14 10", ":8: a list index expected, found \"14" },
		{ "DMA 0 4 10", "DMA 0 1 10", ":8: second list 1 of this CPU" },
		{ "DMA 0 4 10", "DMA 1 4 10", ":8: no pcp record of cpu 1 in this zone before it" },
		{ "pcp 0 DMA 0", "pcp 0 DMA 1",
		  ":5: pcp record of cpu 1, but cpu 0 should follow" },
		{ "high 12 batch 1", "high 12", ":5: count, high and batch expected" },
		{ "count 4 high", "count 5 high",
		  ":5: count 5, but the lists of cpu 0 hold 4 pages" },
		{ "pcplist 0 DMA 0 4 10\n", "",
		  ":5: count 4, but the lists of cpu 0 hold 2 pages" },
		{ "pb 0 DMA 9 0-\n", "", ":6: no pb record of node 0, zone DMA before it" },
		{ "pb 1 DMA32 9 23\n", "", ":17: no pb record of node 1, zone DMA32 before it" },
		{ "lowmem 1 DMA32 0 0 0 0\n", "",
		  "node 1, zone DMA32: no lowmem record: the file is" },
		{ "lowmem 1 DMA32 0 0 0 0", "lowmem 0 DMA 0 0 0 0",
		  ":12: one lowmem record a zone" },
		{ "pb 1 DMA32 9 23", "pb 0 DMA 9 23", ":13: second pb record of node 0, zone DMA" },
		{ "pcp 1 DMA32 0 count 0 high 13 batch 1 free_factor 0\nstat 1 DMA32 0 0\n", "",
		  "node 1, zone DMA32: no pcp record" },
		{ "zone 1 DMA32", "zone 0 DMA",
		  ":11: node 0, zone DMA: second record of this zone" },
		{ "zone 0 DMA start", "zone 2 DMA start",
		  ":3: no zone record of node 0, zone DMA" },
		{ " free 6\n", "\n",
		  ":2: start_pfn, spanned, present, managed, min, low, high and" },
		{ "spanned 1023", "spanned 999",
		  ":2: node 0, zone DMA: spanned, present and managed" },
		{ "start_pfn 1 ", "start_pfn 4294967295 ",
		  ":2: node 0, zone DMA: the zone ends beyond" },
		{ "low 12", "low 9", ":2: node 0, zone DMA: watermarks are not in order" },
		{ "cache kmalloc", "cash kmalloc",
		  ":16: a record's name (zone, pb, pcp, free, ...) e" },
		{ "task struct\n", "task struct",
		  ":18: the last line is cut off: the file is trunc" },
		{ "boost 5", "\x01oost 5", NULL }, /* a field of a later kernel is passed over */
		{ "cache kmalloc", "\x1b[1m",
		  ":16: a record's name (zone, pb, pcp, free, ...) "
		  "expected, found \"?[1m" },
	};
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;
	struct tmp t;
	size_t i;

	tmp_begin(&t);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = edited(small, cases[i].from, cases[i].to);
		int ret;

		tmp_write(&t, "snap", text, strlen(text));
		err.msg[0] = '\0';
		ret = kmr_snapshot_read(s, t.path, &err);
		cr_expect_eq(ret, cases[i].message ? -1 : 0, "%s -> %s: %s", cases[i].from,
			     cases[i].to, err.msg);
		if (cases[i].message)
			cr_expect_not_null(strstr(err.msg, cases[i].message),
					   "\"%s\" is not in \"%s\"", cases[i].message, err.msg);
		kmr_snapshot_free(s);
		free(text);
	}
	tmp_remove(&t, "snap");
	tmp_end(&t);
	free(s);
}

static void expect_error(struct kmr_snapshot *s, const char *path, const char *message)
{
	struct kmr_error err;

	cr_expect_eq(kmr_snapshot_read(s, path, &err), -1, "%s", message);
	cr_expect_not_null(strstr(err.msg, message), "\"%s\" is not in \"%s\"", message, err.msg);
	cr_expect_eq(strncmp(err.msg, path, strlen(path)), 0, "%s", err.msg);
	kmr_snapshot_free(s);
}

Test(snapshot, files_that_are_none)
{
	struct kmr_snapshot *s = new_snapshot();
	static const char binary[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	char *zero;
	struct tmp t;

	tmp_begin(&t);
	tmp_write(&t, "snap", "", 0);
	cr_expect_not(kmr_snapshot_probe(t.path));
	expect_error(s, t.path, ": empty: a snapshot expected");
	tmp_write(&t, "snap", binary, sizeof(binary));
	cr_expect_not(kmr_snapshot_probe(t.path));
	expect_error(s, t.path,
		     ": no snapshot: its first line should begin with \"kmsnap\", but "
		     "begins with \"?PNG?\"");
	tmp_write(&t, "snap", "kmsnap 1", 8);
	expect_error(s, t.path, ":1: pageblock_order expected, found \"\"");
	tmp_write(&t, "snap", small, strcspn(small, "\n") + 1);
	expect_error(s, t.path, ": no zone record: the file is incomplete");
	/* a zero byte within a line would hide what follows */
	zero = strdup(small);
	*strstr(zero, "103") = '\0';
	tmp_write(&t, "snap", zero, strlen(small));
	expect_error(s, t.path, ":18: a zero byte: not a text file");
	free(zero);
	tmp_remove(&t, "snap");
	cr_expect_not(kmr_snapshot_probe(t.dir));
	expect_error(s, t.dir, ": is a directory, not a text file");
	snprintf(t.path, sizeof(t.path), "%s/none", t.dir);
	cr_expect_not(kmr_snapshot_probe(t.path));
	expect_error(s, t.path, ": cannot open: No such file or directory");
	tmp_end(&t);
	free(s);
}

Test(snapshot, compressed)
{
	struct kmr_snapshot *s = new_snapshot();
	size_t cap = ZSTD_compressBound(sizeof(small)), size;
	char *z = malloc(cap), message[64];
	struct kmr_error err;
	struct tmp t;

	cr_assert_not_null(z);
	tmp_begin(&t);
	size = ZSTD_compress(z, cap, small, sizeof(small) - 1, 3);
	cr_assert_not(ZSTD_isError(size));
	tmp_write(&t, "snap", z, size);
	cr_expect(kmr_snapshot_probe(t.path));
	cr_expect_eq(kmr_snapshot_read(s, t.path, &err), 0, "%s", err.msg);
	cr_expect_eq(s->nr_slabs, 2);
	kmr_snapshot_free(s);
	tmp_write(&t, "snap", z, size - 10);
	snprintf(message, sizeof(message), ": zstd frame cut off at byte %zu; ", size - 10);
	expect_error(s, t.path, message);
	tmp_write(&t, "snap", z, 6);
	expect_error(s, t.path, ": zstd frame cut off at byte 6; the file is not whole");
	z[5] ^= 0x5a;
	z[8] ^= 0x5a;
	z[20] ^= 0x5a;
	tmp_write(&t, "snap", z, size);
	expect_error(s, t.path, ": corrupt zstd frame near byte ");
	tmp_remove(&t, "snap");
	tmp_end(&t);
	free(z);
	free(s);
}

/* A kernel without CMA counts five types: its fourth is isolate. */
Test(snapshot, kernel_without_cma)
{
	struct kmr_snapshot *s = new_snapshot();
	char *text = edited(small, "migratetypes 6", "migratetypes 5");
	char *text2 = edited(text, "DMA32 9 23", "DMA32 9 24");
	struct kmr_error err;
	struct tmp t;

	tmp_begin(&t);
	tmp_write(&t, "snap", text2, strlen(text2));
	cr_assert_eq(kmr_snapshot_read(s, t.path, &err), 0, "%s", err.msg);
	cr_expect_eq(s->pageblocks[3], KMR_MIGRATE_ISOLATE);
	kmr_snapshot_free(s);
	tmp_remove(&t, "snap");
	tmp_end(&t);
	free(text);
	free(text2);
	free(s);
}

/* NR_FREE_PAGES and the CPUs' unfolded share of it are what the free lists hold. */
static void expect_balance(const struct kmr_snapshot *s, const char *path)
{
	unsigned int z;
	size_t i;

	for (z = 0; z < s->machine.nr_zones; z++) {
		int64_t listed = 0, counted = (int64_t)s->zones[z].free;

		for (i = 0; i < s->nr_free_lists; i++)
			if (s->free_lists[i].zone == z)
				listed += (int64_t)s->free_lists[i].count << s->free_lists[i].index;
		for (i = 0; i < s->nr_pcps; i++)
			if (s->pcps[i].zone == z)
				counted += s->pcps[i].stat_diff;
		cr_expect_eq(listed, counted, "%s zone %u: %lld on lists, %lld counted", path, z,
			     (long long)listed, (long long)counted);
	}
}

Test(snapshot, captures)
{
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;
	char path[512];
	size_t i;

	need_captures();
	for (i = 0; i < 2 * NR_CAPTURES; i++) {
		const char *name = captures[i / 2].name;

		snprintf(path, sizeof(path), "%s/%s/state/kmsnap.%s.zst", CAPTURES, name,
			 i % 2 ? "after" : "before");
		cr_expect(kmr_snapshot_probe(path));
		cr_assert_eq(kmr_snapshot_read(s, path, &err), 0, "%s", err.msg);
		cr_expect_eq(s->seq, 1 + i % 2);
		cr_expect_eq(s->version, strstr(name, "6.12") ? 612 : 601, "%s", path);
		cr_expect_str_eq(s->machine.arch, *name == 'i' ? "i386" : "x86_64", "%s", path);
		cr_expect_gt(s->nr_slabs, 1000);
		expect_balance(s, path);
		kmr_snapshot_free(s);
	}
	free(s);
}

/* Lists of many MB on one line: 2^22 frames, every other one free. */
Test(snapshot, long_line)
{
	const uint32_t frames = 1u << 22;
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;
	struct tmp t;
	uint32_t pfn;
	FILE *f;

	tmp_begin(&t);
	tmp_write(&t, "snap", "", 0);
	f = fopen(t.path, "w");
	cr_assert_not_null(f);
	fprintf(f,
		"kmsnap 1 pageblock_order 10 max_order 11 migratetypes 6 pages 1\n"
		"zone 0 Normal start_pfn 0 spanned %u present %u managed %u min 1 low 2 high 3 "
		"free %u\nlowmem 0 Normal 0 0 0 0\npb 0 Normal 10 ",
		frames, frames, frames, frames / 2);
	for (pfn = 0; pfn < frames; pfn += 1024)
		fputc('1', f);
	fputs("\npcp 0 Normal 0 count 0 high 1 batch 1\nfree 0 Normal 0 1", f);
	for (pfn = 0; pfn < frames; pfn += 2)
		fprintf(f, " %u", pfn);
	fputc('\n', f);
	fclose(f);
	cr_assert_eq(kmr_snapshot_read(s, t.path, &err), 0, "%s", err.msg);
	cr_expect_eq(s->free_lists[0].count, frames / 2);
	cr_expect_eq(s->pfns[s->nr_pfns - 1], frames - 2);
	kmr_snapshot_free(s);
	tmp_remove(&t, "snap");
	tmp_end(&t);
	free(s);
}
