// SPDX-License-Identifier: GPL-2.0-only
/*
 * What boot hands over, against what real kernels had: a capture's free memory is part of what was
 * free after boot, block by block, and what is missing from it was allocated since.
 */
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "replay/seed.h"
#include "support.h"

struct booted {
	struct kmr_machine *m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
};

static void boot(struct booted *t)
{
	struct kmr_error err = { "" };

	/* free lists are alike in all versions */
	t->ops = kmr_page_backend_find("linux-6.1");
	cr_assert_not_null(t->ops);
	t->b = t->ops->create(t->m, NULL, &err);
	cr_assert_not_null(t->b, "%s", err.msg);
	kmr_seed_boot(t->m, t->ops, t->b);
	cr_assert_eq(t->ops->check(t->b, &err), 0, "%s", err.msg);
}

static void boot_file(struct booted *t, const char *file)
{
	char path[512];
	struct kmr_error err = { "" };

	t->m = calloc(1, sizeof(*t->m));
	cr_assert_not_null(t->m);
	snprintf(path, sizeof(path), "%s/traces/machines/%s.yaml", KMR_SOURCE_ROOT, file);
	cr_assert_eq(kmr_machine_from_yaml(t->m, path, &err), 0, "%s", err.msg);
	boot(t);
}

static void boot_text(struct booted *t, const char *text)
{
	struct kmr_error err = { "" };

	t->m = calloc(1, sizeof(*t->m));
	cr_assert_not_null(t->m);
	cr_assert_eq(kmr_machine_parse_yaml(t->m, "m.yaml", text, strlen(text), &err), 0, "%s",
		     err.msg);
	boot(t);
}

static void end(struct booted *t)
{
	t->ops->destroy(t->b);
	free(t->m);
}

/* Every frame that a zone manages is free, and no other. */
static void assert_all_free(const struct booted *t, const char *what)
{
	for (unsigned int z = 0; z < t->m->nr_zones; z++) {
		struct kmr_zone_state s;

		t->ops->zone_state(t->b, z, &s);
		cr_expect_eq(s.free_pages, t->m->zones[z].managed, "%s, zone %u", what, z);
		cr_expect_eq(s.pcp_pages, 0);
	}
}

/* Blocks of 2^@order frames that were free then are part of a free block that is no smaller. */
static uint64_t expect_free(const struct booted *t, const char *what,
			    const struct kmr_snapshot *snap, const struct kmr_snap_list *l,
			    unsigned int order)
{
	struct kmr_frame_info info;

	for (uint32_t k = 0; k < l->count; k++) {
		const uint32_t pfn = snap->pfns[l->first + k];

		t->ops->where(t->b, pfn, &info);
		cr_assert_eq(info.place, KMR_FRAME_BUDDY, "%s: frame %u", what, pfn);
		cr_assert_geq(info.order, order, "%s: frame %u", what, pfn);
	}
	return (uint64_t)l->count << order;
}

/* order_to_pindex(): three lists an order up to 3, then those of huge pages */
static unsigned int pcp_order(unsigned int index)
{
	return index < 12 ? index / 3 : 9;
}

static const struct {
	const char *capture, *file;
	/*
	 * Pages: handed over by boot; of these still free when the capture begins, per-CPU lists
	 * included.  The rest the kernel and its first programs have taken, 16384 or more of it a
	 * trace buffer of 64 MiB a CPU.
	 */
	uint32_t managed, left;
} captures[] = {
	{ "i386-slub-compile", "i386-slub", 322383, 289850 },
	{ "i386-slub-files", "i386-slub", 322383, 289850 },
	{ "i386-slab-compile", "i386-slab", 322390, 290077 },
	{ "i386-slab-files", "i386-slab", 322390, 290075 },
	{ "i386-slob-compile", "i386-slob", 322392, 289937 },
	{ "i386-slob-files", "i386-slob", 322392, 289941 },
	{ "i386-slub-smp2-shell", "i386-smp2", 322353, 272984 },
	{ "i386-slub-pressure", "i386-320M", 78639, 46219 },
	{ "i386-slub-reclaim", "i386-192M", 46175, 13781 },
	{ "x86_64-6.1-up-sqlite", "x86_64-6.1-2G", 511188, 476351 },
	{ "x86_64-6.12-up-shell", "x86_64-6.12-2G", 510648, 477414 },
	{ "x86_64-6.12-up-dat", "x86_64-6.12-2G", 510648, 477411 },
	{ "x86_64-6.12-numa-compile", "x86_64-6.12-numa", 1526862, 1438667 },
	{ "x86_64-6.12-numa-reclaim", "x86_64-6.12-numa-360M", 85885, 35641 },
};

Test(boot, captures_free_memory_was_free_after_boot)
{
	const size_t nr = sizeof(captures) / sizeof(captures[0]);
	struct kmr_snapshot *snap = calloc(1, sizeof(*snap));
	struct kmr_error err;

	cr_assert_not_null(snap);
	for (size_t i = 0; i < nr; i++) {
		const char *what = captures[i].capture;
		uint64_t managed = 0, left = 0;
		struct capture c;
		struct booted t;

		need_capture(&c, what);
		boot_file(&t, captures[i].file);
		assert_all_free(&t, what);
		cr_assert_eq(kmr_snapshot_read(snap, c.before, &err), 0, "%s", err.msg);
		for (unsigned int z = 0; z < t.m->nr_zones; z++)
			managed += t.m->zones[z].managed;
		for (size_t l = 0; l < snap->nr_free_lists; l++)
			left += expect_free(&t, what, snap, &snap->free_lists[l],
					    snap->free_lists[l].index);
		for (size_t l = 0; l < snap->nr_pcp_lists; l++)
			left += expect_free(&t, what, snap, &snap->pcp_lists[l],
					    pcp_order(snap->pcp_lists[l].index));
		cr_expect_eq(managed, captures[i].managed, "%s", what);
		cr_expect_eq(left, captures[i].left, "%s", what);
		kmr_snapshot_free(snap);
		memset(snap, 0, sizeof(*snap));
		end(&t);
	}
	free(snap);
}

/*
 * What kernels of 6.12 print that were made to call __show_mem() just after mem_init().  What is
 * freed later is not free yet.
 */
static const struct {
	const char *text, *lines;
} listed[] = {
	{ "machine: m\narch: i386\nkernel: 6.12\nram: 1280M\n",
	  "DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) "
	  "1*2048kB (U) 3*4096kB (M) = 15360kB\n"
	  "Normal: 4*4kB (M) 2*8kB (M) 0*16kB 1*32kB (M) 1*64kB (M) 0*128kB 0*256kB 0*512kB "
	  "1*1024kB (M) 1*2048kB (M) 211*4096kB (M) = 867456kB\n"
	  "HighMem: 0*4kB 2*8kB (UM) 0*16kB 1*32kB (M) 1*64kB (M) 0*128kB 1*256kB (M) "
	  "1*512kB (M) 1*1024kB (M) 1*2048kB (M) 98*4096kB (M) = 405360kB\n" },
	{ "machine: m\narch: i386\nkernel: 6.12\nram: 1280M\nboot: {kernelcore: 512M}\n",
	  "DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) "
	  "1*2048kB (U) 3*4096kB (M) = 15360kB\n"
	  "Normal: 4*4kB (M) 2*8kB (M) 0*16kB 1*32kB (M) 1*64kB (M) 0*128kB 0*256kB 0*512kB "
	  "1*1024kB (M) 1*2048kB (M) 211*4096kB (M) = 867456kB\n"
	  "HighMem: 0*4kB 1*8kB (U) 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB "
	  "0*2048kB 0*4096kB = 8kB\n"
	  "Movable: 0*4kB 1*8kB (M) 0*16kB 1*32kB (M) 1*64kB (M) 0*128kB 1*256kB (M) "
	  "1*512kB (M) 1*1024kB (M) 1*2048kB (M) 98*4096kB (M) = 405352kB\n" },
	{ "machine: m\narch: x86_64\nkernel: 6.12\nram: 2G\n",
	  "DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) "
	  "1*2048kB (M) 3*4096kB (M) = 15360kB\n"
	  "DMA32: 0*4kB 3*8kB (M) 1*16kB (M) 2*32kB (M) 1*64kB (M) 1*128kB (M) 4*256kB (UM) "
	  "4*512kB (UM) 3*1024kB (UM) 3*2048kB (UM) 491*4096kB (M) = 2023720kB\n" },
	{ "machine: m\narch: x86_64\nkernel: 6.12\nram: 2G\nboot: {cma: 64M}\n",
	  "DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) "
	  "1*2048kB (M) 3*4096kB (M) = 15360kB\n"
	  "DMA32: 0*4kB 3*8kB (M) 1*16kB (M) 2*32kB (M) 1*64kB (M) 1*128kB (M) 4*256kB (UM) "
	  "4*512kB (UM) 3*1024kB (UM) 3*2048kB (UM) 475*4096kB (M) = 1958184kB\n" },
	{ "machine: m\narch: x86_64\nkernel: 6.12\nram: 6G\n"
	  "nodes: [{cpus: [0, 1], distance: [10, 21]}, {cpus: [2, 3], distance: [21, 10]}]\n",
	  "DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) "
	  "1*2048kB (M) 3*4096kB (M) = 15360kB\n"
	  "DMA32: 0*4kB 4*8kB (M) 0*16kB 3*32kB (M) 2*64kB (M) 1*128kB (M) 5*256kB (UM) "
	  "5*512kB (UM) 3*1024kB (UM) 2*2048kB (UM) 728*4096kB (M) = 2993280kB\n"
	  "Normal: 0*4kB 2*8kB (M) 1*16kB (M) 3*32kB (M) 0*64kB 1*128kB (M) 2*256kB (M) "
	  "2*512kB (M) 1*1024kB (M) 0*2048kB 755*4096kB (M) = 3095296kB\n" },
};

/*
 * preallocate_vmalloc_pages() has taken 64 pages by then: the first of the first block of the
 * largest order, which all of becomes unmovable with them.
 */
static void take_vmalloc_tables(const struct booted *t, unsigned int z)
{
	const unsigned int order = t->m->nr_orders - 1;
	uint64_t pfn = t->m->zones[z].start_pfn;
	struct kmr_frame_info info;

	do {
		pfn = (pfn + (UINT64_C(1) << order)) & ~((UINT64_C(1) << order) - 1);
		t->ops->where(t->b, (kmr_pfn_t)pfn, &info);
	} while (info.place != KMR_FRAME_BUDDY || info.order != order);
	t->ops->take(t->b, (kmr_pfn_t)pfn, order, false);
	for (unsigned int o = 6; o < order; o++)
		cr_assert_eq(t->ops->seed_free(t->b, (kmr_pfn_t)(pfn + (UINT64_C(1) << o)), o,
					       KMR_MIGRATE_UNMOVABLE),
			     0);
}

/* A zone as show_free_areas() prints it. */
static void list_zone(const struct booted *t, unsigned int z, char *buf, size_t size)
{
	const unsigned int kib = 1u << (t->m->page_shift - 10);
	struct kmr_zone_state s;
	size_t n;

	t->ops->zone_state(t->b, z, &s);
	n = (size_t)snprintf(buf, size,
			     "%s: ", kmr_zone_name((enum kmr_zone_type)t->m->zones[z].type));
	for (unsigned int o = 0; o < t->m->nr_orders; o++) {
		char types[KMR_MIGRATE_TYPES + 1] = "";
		uint64_t blocks = 0;

		for (unsigned int k = 0, c = 0; k < KMR_MIGRATE_TYPES; k++) {
			blocks += s.nr_free[o][k];
			if (s.nr_free[o][k])
				types[c++] = "UMEHCI"[k];
		}
		n += (size_t)snprintf(buf + n, size - n, "%llu*%ukB ", (unsigned long long)blocks,
				      kib << o);
		if (blocks)
			n += (size_t)snprintf(buf + n, size - n, "(%s) ", types);
	}
	snprintf(buf + n, size - n, "= %llukB\n", (unsigned long long)s.free_pages * kib);
}

Test(boot, free_lists_are_the_kernel_s)
{
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
		struct booted t = { .m = calloc(1, sizeof(*t.m)) };
		struct kmr_error err = { "" };
		char got[2048];
		size_t n = 0;

		cr_assert_not_null(t.m);
		cr_assert_eq(kmr_machine_parse_yaml(t.m, "m.yaml", listed[i].text,
						    strlen(listed[i].text), &err),
			     0, "%s", err.msg);
		for (unsigned int r = 0; r < t.m->nr_reserved; r++)
			t.m->reserved[r].kind = KMR_RESERVED_KEPT;
		boot(&t);
		if (!strcmp(t.m->arch, "x86_64"))
			take_vmalloc_tables(&t, 1);
		for (unsigned int z = 0; z < t.m->nr_zones; z++) {
			list_zone(&t, z, got + n, sizeof(got) - n);
			n += strlen(got + n);
		}
		cr_expect_str_eq(got, listed[i].lines);
		end(&t);
	}
}

static unsigned int reserved_as(const struct kmr_machine *m, const char *what,
				const struct kmr_reserved_range **first)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (!strcmp(m->reserved[i].what, what) && !nr++)
			*first = &m->reserved[i];
	return nr;
}

Test(boot, cma_areas_are_lent_to_movable_memory)
{
	const uint64_t pages = 64 << 8;
	struct kmr_zone_state s;
	struct booted t;
	uint64_t in_cma = 0;

	boot_text(&t, "machine: m\narch: x86_64\nkernel: 6.12\nram: 2G\nboot: {cma: 64M}\n");
	assert_all_free(&t, "cma");
	cr_assert_eq(t.m->nr_cma, 1);
	cr_expect_str_eq(t.m->cma[0].name, "reserved");
	cr_expect_eq(t.m->cma[0].pages, pages);
	/* where a kernel of 2 GiB with cma=64M puts it: below the top, at a pageblock */
	cr_expect_eq(t.m->cma[0].start_pfn, 0x7be00);
	t.ops->zone_state(t.b, 1, &s);
	for (unsigned int o = 0; o < t.m->nr_orders; o++)
		in_cma += (uint64_t)s.nr_free[o][KMR_MIGRATE_CMA] << o;
	cr_expect_eq(in_cma, pages);
	cr_expect_eq(s.pageblocks[KMR_MIGRATE_CMA], 32);
	end(&t);
}

/* Above 4 GiB an area lies at the bottom, far from what the kernel allocates from the top. */
Test(boot, cma_area_above_4g)
{
	struct booted t;

	boot_text(&t,
		  "machine: m\narch: x86_64\nram: 5G\n"
		  "boot: {cma: [{size: 16M, name: a}, {size: 1M, base: 0x20000000, name: b}]}\n");
	assert_all_free(&t, "cma");
	cr_assert_eq(t.m->nr_cma, 2);
	cr_expect_eq(t.m->cma[0].start_pfn, 0x100000);
	cr_expect_eq(t.m->cma[1].start_pfn, 0x20000);
	/* a pageblock of 6.1 without hugetlbfs is 4 MiB, and an area a whole number of them */
	cr_expect_eq(t.m->cma[1].pages, 1024);
	end(&t);
}

/* What is freed late joins its neighbours; what is kept is free nowhere. */
Test(boot, image)
{
	const struct kmr_reserved_range *r = NULL;
	struct kmr_frame_info info;
	struct booted t;

	boot_text(&t, "machine: m\narch: x86_64\nkernel: 6.12\nram: 2G\n");
	cr_assert_eq(reserved_as(t.m, "Kernel init", &r), 1);
	cr_expect_eq(r->kind, KMR_RESERVED_INIT);
	cr_expect_eq((r->end_pfn - r->start_pfn) * 4, 1200);
	t.ops->where(t.b, (kmr_pfn_t)r->start_pfn, &info);
	cr_expect_eq(info.place, KMR_FRAME_BUDDY);
	/* with the SMP locks behind it: 0x2300 to 0x233f are one block */
	t.ops->where(t.b, (kmr_pfn_t)r->end_pfn, &info);
	cr_expect_eq(info.head, 0x2300);
	cr_expect_eq(info.order, 6);
	cr_assert_eq(reserved_as(t.m, "Kernel code", &r), 1);
	t.ops->where(t.b, (kmr_pfn_t)r->start_pfn, &info);
	cr_expect_eq(info.place, KMR_FRAME_USED);
	cr_expect_eq(info.pageblock, KMR_MIGRATE_MOVABLE);
	end(&t);
}

/* Machines without a memblock's places still start with their lowest frames in use. */
Test(boot, amount_alone)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct booted t = { .m = m };
	struct kmr_frame_info info;
	struct kmr_error err = { "" };

	cr_assert_not_null(m);
	cr_assert_eq(kmr_machine_preset(m, "i386:ram=64M", &err), 0, "%s", err.msg);
	m->nr_reserved = 0;
	boot(&t);
	assert_all_free(&t, "no places");
	t.ops->where(t.b, 4096, &info);
	cr_expect_eq(info.place, KMR_FRAME_USED);
	t.ops->where(t.b, 16000, &info);
	cr_expect_eq(info.place, KMR_FRAME_BUDDY);
	end(&t);
}
