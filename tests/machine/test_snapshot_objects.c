// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot's records of object allocators: small ones in full, every way in which one is wrong, what
 * caches' flags are learnt from, and bytes changed at random.
 */
#include "kmreplay/object.h"
#include "kmreplay/snapshot.h"
#include "support.h"

#define MACHINE(FLAGS_612)                                                                        \
	"kmsnap 3 pageblock_order 9 max_order 11 migratetypes 6 pages 1800\n"                     \
	"zone 0 Normal start_pfn 0 spanned 2048 present 2000 managed 1800 min 10 low 12 high 14 " \
	"boost 0 highatomic 0 free 0\n"                                                           \
	"lowmem 0 Normal 0 0 0 0\n"                                                               \
	"pb 0 Normal 9 0000\n"                                                                    \
	"pcp 0 Normal 0 count 0 high 13 batch 1 " FLAGS_612 "\n"                                  \
	"stat 0 Normal 0 0\n"

/* Lines 7 and on. */
static const char slub[] = MACHINE("free_factor 0") /* a page's slabs have 4 objects */
	"cache things object_size 1024 size 1024 offset 512 inuse 1024 align 8 objs 4 order 0 "
	"min_objs 4 min_order 0 min_partial 5 cpu_partial_slabs 3 flags 40020000\n"
	"cpuslab things 0 100 2 4 free 3 | 1 0\n"
	"cpupartial things 0 101 1 4 free 2 0 1\n"
	"cpupartial things 0 102 3 4 free 2\n"
	"partial things 0 103 0 4 free 0 3 2 1\n"
	"cache more object_size 60 size 64 offset 60 inuse 60 align 64 objs 64 order 0 min_objs 64 "
	"min_order 0 min_partial 5 cpu_partial_slabs 4 flags 400c0000\n"
	"cpuslab more 0 110 64 64 free |\n"
	"slabpage 100 0 things\n"
	"slabpage 101 0 things\n"
	"slabpage 102 0 things\n"
	"slabpage 103 0 things\n"
	"slabpage 104 0 things\n"
	"slabpage 110 0 more\n";

static const char slab[] = MACHINE("free_factor 0") /* 7: cache */
	"cache things object_size 1024 size 1024 align 8 objs 4 order 0 colour 0 colour_off 64 "
	"freelist_size 4 limit 6 batch 3 shared 0 flags 40020000\n"
	"ac things 0 2 6 3 1 100:1 101:3\n"
	"node things 0 total_slabs 4 free_slabs 1 free_objects 6 free_limit 9 colour_next 0 "
	"shared 1 101:2\n"
	"slab things 0 full 100 4 0 free\n"
	"slab things 0 partial 101 3 0 free 0\n"
	"slab things 0 partial 102 3 0 free 2\n"
	"slab things 0 free 103 0 0 free 0 2 1 3\n"
	"slabpage 100 0 things\n"
	"slabpage 101 0 things\n"
	"slabpage 102 0 things\n"
	"slabpage 103 0 things\n";

static const char slob[] = MACHINE("free_factor 0") /* 7: slob */
	"slob small 100 12 free 0:2 14:4 64:6\n"
	"slob medium 101 2048 free 0:2048\n"
	"slob large 102 1 free 2047:1\n"
	"slabpage 100 0 slob\n"
	"slabpage 101 0 slob\n"
	"slabpage 102 0 slob\n";

static struct kmr_snapshot *new_snapshot(void)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));

	cr_assert_not_null(s);
	return s;
}

static int read_text(struct kmr_snapshot *s, const char *text, struct kmr_error *err)
{
	struct tmp t;
	int ret;

	tmp_begin(&t);
	tmp_write(&t, "snap", text, strlen(text));
	err->msg[0] = '\0';
	ret = kmr_snapshot_read(s, t.path, err);
	tmp_remove(&t, "snap");
	tmp_end(&t);
	return ret;
}

static void expect_items(const struct kmr_snapshot *s, size_t record, const char *want)
{
	const struct kmr_snap_objects *o = &s->objects[record];
	char have[256] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < o->count; i++)
		len += (size_t)snprintf(have + len, sizeof(have) - len, "%s%llu:%u", i ? " " : "",
					(unsigned long long)(s->items[o->first + i] >> 32),
					(uint32_t)s->items[o->first + i]);
	cr_expect_str_eq(have, want, "record %zu: %s, expected %s", record, have, want);
}

Test(snapshot_objects, slub)
{
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;

	cr_assert_eq(read_text(s, slub, &err), 0, "%s", err.msg);
	cr_expect_str_eq(kmr_snapshot_allocator(s), "slub");
	cr_assert_eq(s->nr_caches, 2);
	cr_expect_str_eq(s->caches[0].name, "things");
	cr_expect_eq(s->caches[0].object_size, 1024);
	cr_expect_eq(s->caches[0].offset, 512);
	cr_expect_eq(s->caches[0].min_partial, 5);
	cr_expect_eq(s->caches[0].cpu_partial_slabs, 3);
	cr_expect_eq(s->caches[0].flags, KMR_CACHE_RECLAIM);
	cr_expect_eq(s->caches[1].flags, KMR_CACHE_RCU, "its layout is RCU's, no constructor's");
	cr_assert_eq(s->nr_objects, 5);
	cr_expect_eq(s->objects[0].kind, KMR_SNAP_CPU_SLAB);
	cr_expect_eq(s->objects[0].pfn, 100);
	cr_expect_eq(s->objects[0].inuse, 2);
	cr_expect_eq(s->objects[0].objects, 4);
	cr_expect_eq(s->objects[0].remote, 2);
	expect_items(s, 0, "0:3 0:1 0:0");
	cr_expect_eq(s->objects[2].kind, KMR_SNAP_CPU_PARTIAL);
	expect_items(s, 2, "0:2");
	cr_expect_eq(s->objects[3].kind, KMR_SNAP_NODE_PARTIAL);
	expect_items(s, 3, "0:0 0:3 0:2 0:1");
	cr_expect_eq(s->objects[4].cache, 1);
	cr_expect_eq(s->objects[4].count, 0);
	cr_assert_eq(s->nr_slabs, 6);
	cr_expect_eq(s->slabs[5].cache, 1);
	kmr_snapshot_free(s);
	free(s);
}

Test(snapshot_objects, slab)
{
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;

	cr_assert_eq(read_text(s, slab, &err), 0, "%s", err.msg);
	cr_expect_str_eq(kmr_snapshot_allocator(s), "slab");
	cr_assert_eq(s->nr_objects, 6);
	cr_expect_eq(s->objects[0].limit, 6);
	cr_expect_eq(s->objects[0].batch, 3);
	cr_expect_eq(s->objects[0].touched, 1);
	expect_items(s, 0, "100:1 101:3");
	cr_expect_eq(s->objects[1].total_slabs, 4);
	cr_expect_eq(s->objects[1].free_slabs, 1);
	cr_expect_eq(s->objects[1].free_objects, 6);
	cr_expect_eq(s->objects[1].free_limit, 9);
	expect_items(s, 1, "101:2");
	cr_expect_eq(s->objects[2].kind, KMR_SNAP_SLAB_FULL);
	cr_expect_eq(s->objects[4].kind, KMR_SNAP_SLAB_PARTIAL);
	cr_expect_eq(s->objects[5].kind, KMR_SNAP_SLAB_FREE);
	expect_items(s, 5, "0:0 0:2 0:1 0:3");
	kmr_snapshot_free(s);
	free(s);
}

Test(snapshot_objects, slob)
{
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;

	cr_assert_eq(read_text(s, slob, &err), 0, "%s", err.msg);
	cr_expect_str_eq(kmr_snapshot_allocator(s), "slob");
	cr_assert_eq(s->nr_objects, 3);
	cr_expect_eq(s->objects[0].kind, KMR_SNAP_SLOB_SMALL);
	cr_expect_eq(s->objects[0].cache, KMR_SNAP_NO_CACHE);
	cr_expect_eq(s->objects[0].inuse, 12);
	expect_items(s, 0, "0:2 14:4 64:6");
	cr_expect_eq(s->objects[2].kind, KMR_SNAP_SLOB_LARGE);
	kmr_snapshot_free(s);
	free(s);
}

struct damage {
	const char *from, *to, *message; /* NULL: it is all right */
};

static void try_all(const char *text, const struct damage *cases, size_t n)
{
	struct kmr_snapshot *s = new_snapshot();

	for (size_t i = 0; i < n; i++) {
		char *bad = edited(text, cases[i].from, cases[i].to);
		struct kmr_error err;

		cr_expect_eq(read_text(s, bad, &err), cases[i].message ? -1 : 0, "%s -> %s: %s",
			     cases[i].from, cases[i].to, err.msg);
		if (cases[i].message)
			cr_expect_not_null(strstr(err.msg, cases[i].message),
					   "\"%s\" is not in \"%s\"", cases[i].message, err.msg);
		kmr_snapshot_free(s);
		free(bad);
	}
	free(s);
}

#define TRY_ALL(text, cases) try_all(text, cases, sizeof(cases) / sizeof((cases)[0]))

Test(snapshot_objects, caches_that_are_wrong)
{
	static const struct damage cases[] = {
		{ " flags 40020000", "", NULL },
		{ " flags 40020000", " flags 4002000g",
		  ":7: flags as a hexadecimal number expected, found \"4002000g\"" },
		{ " flags 40020000", " flags ", ":7: flags as a hexadecimal number expected" },
		{ " flags 40020000", " flags -1", ":7: flags as a hexadecimal number expected" },
		{ " flags 40020000", " flags 140020000",
		  ":7: flags as a hexadecimal number expected, found \"140020000\"" },
		{ " flags 40020000", " flags", ":7: a size expected, found \"\"" },
		{ " flags 40020000", " later 3 flags 40020000", NULL },
		{ "cache things object_size 1024", "cache",
		  ":7: a size expected, found \"offset 512" },
		{ "cache things ",
		  "cache a-name-that-is-longer-than-any-cache-of-any-kernel-has-ever-had-one ",
		  ":7: a cache's name expected, found \"a-name" },
		{ " size 1024", " size 1x", ":7: a size expected, found \"1x" },
		{ " size 1024", " size 268435457", ":7: a size expected, found \"268435457" },
		{ " size 1024", " sise 1024",
		  ":7: object_size, size, align, objs and order expected" },
		{ " align 8", "", ":7: object_size, size, align, objs and order expected" },
		{ " align 8", " align 24", ":7: cache things: its alignment is no power of two" },
		{ " order 0", " order 11",
		  ":7: cache things: its order is beyond the page allocator's" },
		{ " order 0", " order 268435456",
		  ":7: cache things: its order is beyond the page allocator's" },
		{ " min_order 0", " min_order 1",
		  ":7: cache things: its order is beyond the page allocator's" },
		{ " size 1024", " size 0", ":7: cache things: its sizes contradict each other" },
		{ " size 1024", " size 1023", ":7: cache things: its sizes contradict each other" },
		{ " objs 4", " objs 0", ":7: cache things: its sizes contradict each other" },
		{ " objs 4", " objs 32768", ":7: cache things: its sizes contradict each other" },
		{ " objs 4", " objs 65",
		  ":7: cache things: its objects do not fit into its slabs" },
		{ "cache more", "cache things", ":12: second record of cache things" },
		{ "cache things", "cache thinks", ":8: no cache record of things before it" },
	};

	TRY_ALL(slub, cases);
}

Test(snapshot_objects, slub_records_that_are_wrong)
{
	static const struct damage cases[] = {
		{ "things 0 100 2 4 free 3 | 1 0", "things", ":8: a CPU expected" },
		{ "cpuslab things 0", "cpuslab none 0", ":8: no cache record of none before it" },
		{ "cpuslab things 0", "cpuslab things x", ":8: a CPU expected, found \"x" },
		{ "cpuslab things 0", "cpuslab things 99999", ":8: a CPU expected, found \"99999" },
		{ "partial things 0 103", "partial things 64 103",
		  ":11: a node expected, found \"64" },
		{ "0 100 2", "0 -1 2", ":8: a pfn expected, found \"-1" },
		{ "0 100 2", "0 4294967295 2", ":8: a pfn expected, found \"4294967295" },
		{ "100 2 4", "100 two 4", ":8: objects in use expected, found \"two" },
		{ "100 2 4", "100 2 32768", ":8: objects of the slab expected, found \"32768" },
		{ "100 2 4", "100 5 4", ":8: objects in use, no more than the slab has expected" },
		{ "100 2 4", "100 0 0", ":8: objects in use, no more than the slab has expected" },
		{ "4 free 3", "4 used 3", ":8: free expected, found \"used\"" },
		{ "4 free 3", "4 free 4",
		  ":8: an object's index below the number in its slab expected, found \"4" },
		{ "free 3 | 1 0", "free 3 1 0", ":8: | expected, found \"\"" },
		{ "free 3 | 1 0", "free 3 |1 0", ":8: | expected, found \"|1\"" },
		{ "free 3 | 1 0", "free 3 | 1 0 | 2", ":8: the end of the line expected" },
		{ "free 3 | 1 0", "free 3 | 1",
		  ":8: 2 of 4 objects in use, but 1 on the slab's list" },
		{ "free 2 0 1", "free 2 0", ":9: 1 of 4 objects in use, but 2 on the slab's list" },
		{ "free 2 0 1", "free 2 0 | 1", ":9: the end of the line expected" },
		{ "slabpage 101 0 things\n", "",
		  ": the slab at pfn 101 of cache things has no slabpage record" },
		{ "slabpage 101 0 things", "slabpage 101 0 more",
		  ": the slab at pfn 101 of cache things has no slabpage record" },
	};

	TRY_ALL(slub, cases);
}

Test(snapshot_objects, slab_records_that_are_wrong)
{
	static const struct damage cases[] = {
		{ "ac things 0 2", "ac things 0 x", ":8: objects held expected, found \"x" },
		{ "0 2 6 3 1", "0 2 y 3 1", ":8: a limit expected, found \"y" },
		{ "0 2 6 3 1", "0 2 6 z 1", ":8: a batch expected, found \"z" },
		{ "0 2 6 3 1", "0 2 6 3 2", ":8: 0 or 1 expected, found \"2" },
		{ "0 2 6 3 1", "0 3 6 3 1", ":8: 3 objects held of at most 6, but 2 follow" },
		{ "0 2 6 3 1", "0 2 1 3 1", ":8: 2 objects held of at most 1, but 2 follow" },
		{ "100:1 101:3", "100:1 101-3",
		  ":8: two numbers with a colon between them expected" },
		{ "100:1 101:3", "100:1 :3", ":8: two numbers with a colon between them expected" },
		{ "100:1 101:3", "100:1 101:", ":8: two numbers with a colon between them" },
		{ "100:1 101:3", "100:1 101:3,", ":8: two numbers with a colon between them" },
		{ "100:1 101:3", "100:1 101:4294967295", ":8: two numbers with a colon between" },
		{ "100:1 101:3", "100:1 101:4",
		  ": object 4 of the slab at pfn 101, but slabs of things have 4" },
		{ "100:1 101:3", "100:1 99:3",
		  ": the slab at pfn 99 of cache things has no slabpage record" },
		{ "node things 0", "node things 64", ":9: a node expected, found \"64" },
		{ "total_slabs 4", "total 4", ":9: total_slabs expected, found \"total\"" },
		{ "free_limit 9", "free_limit x", ":9: free_limit expected, found \"x" },
		{ "shared 1 101:2", "shared 2 101:2",
		  ":9: as many shared objects as the record says expected" },
		{ "shared 1 101:2", "shared 1 77:2",
		  ": the slab at pfn 77 of cache things has no slabpage record" },
		{ "things 0 full", "things 0 fool",
		  ":10: full, partial or free expected, found \"fool\"" },
		{ "full 100 4", "full 4294967295 4", ":10: a pfn expected" },
		{ "full 100 4", "full 100 5", ":10: objects in use expected, found \"5" },
		{ "full 100 4 0", "full 100 4 x", ":10: an offset expected, found \"x" },
		{ "4 0 free\n", "4 0 full\n", ":10: free expected, found \"full\"" },
		{ "4 0 free\n", "4 0 free 1\n", ":10: 4 of 4 objects in use, but 1 free" },
		{ "3 0 free 0", "3 0 free 4",
		  ":11: an object's index below the number in its slab expected" },
		{ "slabpage 103 0 things\n", "",
		  ": the slab at pfn 103 of cache things has no slabpage record" },
	};

	TRY_ALL(slab, cases);
}

Test(snapshot_objects, slob_records_that_are_wrong)
{
	static const struct damage cases[] = {
		{ "slob small", "slob tiny",
		  ":7: small, medium or large expected, found \"tiny\"" },
		{ "small 100", "small x", ":7: a pfn expected, found \"x" },
		{ "100 12", "100 32768", ":7: free units expected, found \"32768" },
		{ "12 free", "12 none", ":7: free expected, found \"none\"" },
		{ "100 12", "100 13", ":7: 13 free units, but 12 listed" },
		{ "14:4", "14:4294967294", ":7: 12 free units, but 4294967302 listed" },
		{ "14:4", "14", ":7: two numbers with a colon between them expected" },
		{ "slabpage 102 0 slob\n", "",
		  ": the slab at pfn 102 of cache SLOB has no slabpage record" },
	};

	TRY_ALL(slob, cases);
}

/* The bits that 6.12 gives reclaimable and accounted caches are those of kmalloc's. */
Test(snapshot_objects, flags_learnt)
{
	static const char layout[] = " object_size 64 size 64 offset 32 align 64 objs 64 order 0 "
				     "min_order 0 min_partial 5 flags ";
	static const struct {
		const char *name, *raw;
		uint32_t flags;
	} want[] = {
		{ "things", "28300", KMR_CACHE_RECLAIM | KMR_CACHE_RCU },
		{ "kmalloc-64", "21008", KMR_CACHE_KMALLOC },
		{ "kmalloc-rcl-64", "29008", KMR_CACHE_KMALLOC | KMR_CACHE_RECLAIM },
		{ "kmalloc-cg-64", "23008", KMR_CACHE_KMALLOC | KMR_CACHE_ACCOUNT },
		{ "dma-kmalloc-64", "20028", KMR_CACHE_KMALLOC | KMR_CACHE_DMA },
		{ "both", "a000", KMR_CACHE_RECLAIM | KMR_CACHE_ACCOUNT },
		{ "low", "40", KMR_CACHE_DMA32 },
		{ "none", "0", 0 },
	};
	struct kmr_snapshot *s = new_snapshot();
	struct kmr_error err;
	char text[4096];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "%s",
			       MACHINE("flags 0 high_min 1 high_max 2 free_count 0 "
				       "alloc_factor 0"));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "cache %s%s%s\n",
					want[i].name, layout, want[i].raw);
	cr_assert_eq(read_text(s, text, &err), 0, "%s", err.msg);
	cr_assert_eq(s->version, 612);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		cr_expect_eq(s->caches[i].flags, want[i].flags, "%s: %x, expected %x", want[i].name,
			     s->caches[i].flags, want[i].flags);
	kmr_snapshot_free(s);
	free(s);
}

Test(snapshot_objects, flags_of_real_caches)
{
	static const struct {
		const char *capture, *cache;
		uint32_t flags;
	} want[] = {
		{ "i386-slub-compile", "dentry", KMR_CACHE_RECLAIM },
		{ "i386-slub-compile", "anon_vma", KMR_CACHE_RCU },
		{ "i386-slub-compile", "sighand_cache", KMR_CACHE_RCU },
		{ "i386-slub-compile", "ext4_inode_cache", KMR_CACHE_RECLAIM | KMR_CACHE_CTOR },
		{ "i386-slub-compile", "kmalloc-64", KMR_CACHE_KMALLOC },
		{ "i386-slub-compile", "kmalloc-rcl-64", KMR_CACHE_KMALLOC | KMR_CACHE_RECLAIM },
		{ "i386-slub-compile", "dma-kmalloc-64", KMR_CACHE_KMALLOC | KMR_CACHE_DMA },
		{ "x86_64-6.12-up-shell", "dentry", KMR_CACHE_RECLAIM | KMR_CACHE_ACCOUNT },
		{ "x86_64-6.12-up-shell", "anon_vma", KMR_CACHE_RCU | KMR_CACHE_ACCOUNT },
		{ "x86_64-6.12-up-shell", "sighand_cache", KMR_CACHE_RCU | KMR_CACHE_ACCOUNT },
		{ "x86_64-6.12-up-shell", "ext4_inode_cache",
		  KMR_CACHE_RECLAIM | KMR_CACHE_ACCOUNT | KMR_CACHE_CTOR },
		{ "x86_64-6.12-up-shell", "ext4_groupinfo_4k", KMR_CACHE_RECLAIM },
		{ "x86_64-6.12-up-shell", "kmalloc-64", KMR_CACHE_KMALLOC },
		{ "x86_64-6.12-up-shell", "kmalloc-cg-64", KMR_CACHE_KMALLOC | KMR_CACHE_ACCOUNT },
		{ "x86_64-6.12-up-shell", "kmalloc-rcl-64", KMR_CACHE_KMALLOC | KMR_CACHE_RECLAIM },
		{ "x86_64-6.12-up-shell", "dma-kmalloc-64", KMR_CACHE_KMALLOC | KMR_CACHE_DMA },
		{ "i386-slab-compile", "dentry", KMR_CACHE_RECLAIM },
		{ "i386-slab-compile", "anon_vma", KMR_CACHE_RCU },
		{ "i386-slab-compile", "sighand_cache", KMR_CACHE_RCU },
		{ "i386-slab-compile", "ext4_inode_cache", KMR_CACHE_RECLAIM | KMR_CACHE_CTOR },
		{ "i386-slab-compile", "kmalloc-64", KMR_CACHE_KMALLOC },
		{ "i386-slab-compile", "dma-kmalloc-64", KMR_CACHE_KMALLOC | KMR_CACHE_DMA },
	};
	struct kmr_snapshot *s = new_snapshot();

	need_captures();
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct kmr_error err;
		char path[512];
		size_t c = 0;

		(void)snprintf(path, sizeof(path), "%s/%s/state/kmsnap.before.zst", CAPTURES,
			       want[i].capture);
		cr_assert_eq(kmr_snapshot_read(s, path, &err), 0, "%s", err.msg);
		while (c < s->nr_caches && strcmp(s->caches[c].name, want[i].cache))
			c++;
		cr_assert_lt(c, s->nr_caches, "%s: no %s", want[i].capture, want[i].cache);
		cr_expect_eq(s->caches[c].flags, want[i].flags, "%s, %s: %x, expected %x",
			     want[i].capture, want[i].cache, s->caches[c].flags, want[i].flags);
		kmr_snapshot_free(s);
	}
	free(s);
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static kmr_pfn_t no_pages(void *ctx, const struct kmr_page_request *req)
{
	(void)ctx;
	(void)req;
	return KMR_NO_PFN;
}

static void take_pages(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	(void)ctx;
	(void)pfn;
	(void)order;
	(void)cpu;
	(void)rcu;
}

/* What could be read is either refused by its allocator's model or a state that holds. */
static void load(const struct kmr_snapshot *s)
{
	const char *name = kmr_snapshot_allocator(s);
	const struct kmr_object_ops *ops = name ? kmr_object_backend_find(name) : NULL;
	const struct kmr_object_config config = { .machine = &s->machine,
						  .version = s->version,
						  .pointer_bytes = 4,
						  .pages = { NULL, no_pages, take_pages } };
	struct kmr_error err = { "" };
	struct kmr_object_backend *b;

	if (!ops)
		return;
	b = ops->create(&config, NULL, &err);
	cr_assert_not_null(b, "%s", err.msg);
	if (ops->load(b, s, &err))
		cr_assert_neq(err.msg[0], '\0');
	else
		cr_assert_eq(ops->check(b, &err), 0, "%s", err.msg);
	ops->destroy(b);
}

static void mutate(const char *text, uint64_t seed, unsigned int rounds)
{
	static const char likely[] = "0123456789 :|-\nfx";
	struct kmr_snapshot *s = new_snapshot();
	const size_t size = strlen(text), start = (size_t)(strstr(text, "stat 0") - text);
	unsigned int taken = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		char *bad = strdup(text);
		struct kmr_error err;

		cr_assert_not_null(bad);
		for (uint64_t n = 1 + next_random(&seed) % 3; n; n--) {
			const size_t at = start + next_random(&seed) % (size - start);
			const uint64_t r = next_random(&seed);

			bad[at] = r & 7 ? likely[(r >> 8) % (sizeof(likely) - 1)]
					: (char)(1 + (r >> 8) % 255);
		}
		if (read_text(s, bad, &err)) {
			cr_assert_neq(err.msg[0], '\0');
		} else {
			taken++;
			load(s);
		}
		kmr_snapshot_free(s);
		free(bad);
	}
	cr_expect_gt(taken, rounds / 100);
	cr_expect_lt(taken, rounds / 2);
	free(s);
}

Test(snapshot_objects, bytes_changed_at_random)
{
	mutate(slub, 1, 4000);
	mutate(slab, 2, 4000);
	mutate(slob, 3, 4000);
}
