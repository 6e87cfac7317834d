// SPDX-License-Identifier: GPL-2.0-only
/* Presets against the figures of captured kernels, and what they say when asked for nonsense. */
#include "support.h"

Test(preset, equals_zoneinfo_of_every_capture)
{
	struct kmr_machine *p = new_machine(), *k = new_machine();
	struct kmr_error err;
	char dir[512];
	size_t i;

	need_captures();
	for (i = 0; i < NR_CAPTURES; i++) {
		const struct capture *c = &captures[i];

		snprintf(dir, sizeof(dir), "%s/%s", CAPTURES, c->name);
		cr_assert_eq(kmr_machine_from_proc(k, dir, &err), 0, "%s", err.msg);
		cr_assert_eq(kmr_machine_preset(p, c->preset, &err), 0, "%s", err.msg);
		compare_zones(c->name, p, k);
		cr_expect_str_eq(p->arch, k->arch);
		cr_expect_eq(p->pageblock_order, k->pageblock_order, "%s", c->name);
		cr_expect_eq(p->nr_nodes, k->nr_nodes);
		cr_expect_eq(p->nr_cpus, k->nr_cpus);
		cr_expect_arr_eq(p->cpu_node, k->cpu_node, sizeof(p->cpu_node));
		cr_expect_arr_eq(p->has_type, k->has_type, sizeof(p->has_type));
		cr_expect_eq(p->nr_ram, k->nr_ram, "%s", c->name);
		cr_expect_arr_eq(p->ram, k->ram, sizeof(p->ram), "%s: iomem differs", c->name);
	}
	free(p);
	free(k);
}

/* The same, without files: the i386 capture's zoneinfo as it was printed. */
Test(preset, i386_default)
{
	static const struct kmr_zone_spec expect[] = {
		{ .type = KMR_ZONE_DMA,
		  .start_pfn = 1,
		  .spanned = 4095,
		  .present = 3998,
		  .managed = 3840,
		  .wmark_min = 190,
		  .wmark_low = 237,
		  .wmark_high = 284,
		  .reserve = { 0, 0, 847, 1243, 1243 },
		  .pcp_high = 237,
		  .pcp_batch = 1,
		  .stat_threshold = 2 },
		{ .type = KMR_ZONE_NORMAL,
		  .start_pfn = 4096,
		  .spanned = 222206,
		  .present = 222206,
		  .managed = 217203,
		  .wmark_min = 10784,
		  .wmark_low = 13480,
		  .wmark_high = 16176,
		  .reserve = { 0, 0, 0, 3166, 3166 },
		  .pcp_high = 13480,
		  .pcp_batch = 63,
		  .stat_threshold = 8 },
		{ .type = KMR_ZONE_HIGHMEM,
		  .start_pfn = 226302,
		  .spanned = 101340,
		  .present = 101340,
		  .managed = 101340,
		  .wmark_min = 98,
		  .wmark_low = 1356,
		  .wmark_high = 2614,
		  .pcp_high = 1356,
		  .pcp_batch = 31,
		  .stat_threshold = 6 },
	};
	struct kmr_machine *p = new_machine(), *k = new_machine();
	struct kmr_error err;

	k->nr_zones = 3;
	memcpy(k->zones, expect, sizeof(expect));
	cr_assert_eq(kmr_machine_preset(p, "i386", &err), 0, "%s", err.msg);
	compare_zones("i386", p, k);
	cr_expect_eq(p->min_free_kbytes, 43900);
	cr_expect_str_eq(p->name, "i386");
	cr_expect_eq(p->nr_orders, 11);
	cr_expect_eq(p->page_shift, 12);
	free(p);
	free(k);
}

/* Limits depend on nothing but sizes: wiped and computed again, they come out the same. */
Test(preset, limits_from_sizes_alone)
{
	struct kmr_machine *a = new_machine(), *b = new_machine();
	struct kmr_error err;
	unsigned int i;

	cr_assert_eq(kmr_machine_preset(a, "x86_64:ram=6G,nodes=2,cpus=4", &err), 0);
	memcpy(b, a, sizeof(*a));
	for (i = 0; i < b->nr_zones; i++) {
		struct kmr_zone_spec *z = &b->zones[i];

		*z = (struct kmr_zone_spec){ .node = z->node,
					     .type = z->type,
					     .start_pfn = z->start_pfn,
					     .spanned = z->spanned,
					     .present = z->present,
					     .managed = z->managed,
					     .init_pages = z->init_pages };
		z->wmark_high = 12345;
	}
	b->min_free_kbytes = 0;
	kmr_machine_set_limits(b);
	compare_zones("recomputed", b, a);
	cr_expect_eq(b->min_free_kbytes, a->min_free_kbytes);
	free(a);
	free(b);
}

/* One node with memory on both sides of the PCI hole: DMA32 spans the hole, as on real PCs. */
Test(preset, hole_below_4g)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=6G", &err), 0, "%s", err.msg);
	cr_assert_eq(m->nr_zones, 3);
	cr_expect_eq(m->zones[1].type, KMR_ZONE_DMA32);
	cr_expect_eq(m->zones[1].spanned, 1048576 - 4096);
	cr_expect_eq(m->zones[1].present, 782298);
	cr_expect_eq(m->zones[2].start_pfn, 1048576);
	cr_expect_eq(m->zones[2].present, 786432);
	/* swiotlb's 64 MiB and the kernel lie below 4 GiB, the map of frames above */
	cr_expect_eq(m->zones[1].managed, 782298u - 16384 - 3773);
	cr_expect_lt(m->zones[2].managed, 786432u - 24576);

	/* 3 GiB and a half is where QEMU starts to leave the hole */
	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=3583M", &err), 0, "%s", err.msg);
	cr_expect_eq(m->nr_zones, 2);
	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=3584M", &err), 0, "%s", err.msg);
	cr_assert_eq(m->nr_zones, 3);
	cr_expect_eq(m->zones[2].present, 131072);
	free(m);
}

/* A node's share may be cut by the hole, and zones of one type may lie on several nodes. */
Test(preset, nodes_share_ram)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	uint64_t present = 0;
	unsigned int i;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G,nodes=2,cpus=3", &err), 0, "%s", err.msg);
	cr_assert_eq(m->nr_zones, 4);
	cr_expect_eq(m->zones[2].node, 0);
	cr_expect_eq(m->zones[2].start_pfn, 1048576);
	cr_expect_eq(m->zones[2].present, 262144);
	cr_expect_eq(m->zones[3].node, 1);
	cr_expect_eq(m->zones[3].start_pfn, 1048576 + 262144);
	for (i = 0; i < m->nr_zones; i++)
		present += m->zones[i].present;
	/* page 0, the hole below 1 MiB, and the firmware's 38 pages are not there */
	cr_expect_eq(present, (8u << 18) - 1 - 97 - 38);
	cr_expect_eq(m->cpu_node[0], 0);
	cr_expect_eq(m->cpu_node[1], 0);
	cr_expect_eq(m->cpu_node[2], 1);
	free(m);
}

/* Over the whole range of sizes no zone manages more than it has, and limits keep their order. */
Test(preset, sane_at_all_sizes)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	char spec[64];
	unsigned int mib, i;

	for (mib = 64; mib <= 4u << 20; mib += mib / 7) {
		snprintf(spec, sizeof(spec), "x86_64:ram=%uM,cpus=2", mib);
		cr_assert_eq(kmr_machine_preset(m, spec, &err), 0, "%s", err.msg);
		for (i = 0; i < m->nr_zones; i++) {
			const struct kmr_zone_spec *z = &m->zones[i];

			cr_expect_leq(z->managed, z->present, "%s", spec);
			cr_expect_leq(z->present, z->spanned, "%s", spec);
			cr_expect_gt(z->wmark_low, z->wmark_min, "%s", spec);
			cr_expect_lt(z->wmark_high, z->managed, "%s", spec);
		}
	}
	for (mib = 32; mib < 3584; mib += 37) {
		snprintf(spec, sizeof(spec), "i386:ram=%uM", mib);
		cr_assert_eq(kmr_machine_preset(m, spec, &err), 0, "%s", err.msg);
	}
	free(m);
}

Test(preset, huge_pages_raise_the_watermarks)
{
	struct kmr_machine *on = new_machine(), *off = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(on, "i386:thp=on", &err), 0);
	cr_assert_eq(kmr_machine_preset(off, "i386:thp=off", &err), 0);
	cr_expect_eq(on->min_free_kbytes, 43900);
	/* the root of 16 times (3840 + 217203 - 132) pages in KiB */
	cr_expect_eq(off->min_free_kbytes, 3760);
	/* below 512 MiB they make no difference */
	cr_assert_eq(kmr_machine_preset(on, "i386:ram=512M", &err), 0);
	cr_assert_eq(kmr_machine_preset(off, "i386:ram=512M,thp=off", &err), 0);
	cr_expect_eq(on->min_free_kbytes, off->min_free_kbytes);
	free(on);
	free(off);
}

Test(preset, pageblock_order_is_a_key)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:pageblock=9", &err), 0, "%s", err.msg);
	cr_expect_eq(m->pageblock_order, 9);
	/* half the pageblock, half of what huge pages ask for: two zones, 11 blocks each */
	cr_expect_eq(m->min_free_kbytes, 512 * 2 * 11 * 4);
	free(m);
}

Test(preset, errors)
{
	static const struct {
		const char *spec, *message;
	} cases[] = {
		{ "sparc",
		  "machine \"sparc\": no such preset; there are i386, i386-pae, x86_64, arm64 and "
		  "alpha" },
		{ "", "machine \"\": no such preset; there are i386, i386-pae, x86_64, arm64 and "
		      "alpha" },
		{ "i386:", "machine i386: \"\" is no key=value, such as ram=1280M" },
		{ "i386:ram", "machine i386: \"ram\" is no key=value, such as ram=1280M" },
		{ "i386:ram=64M,", "machine i386: \"\" is no key=value, such as ram=1280M" },
		{ "i386:rom=1M",
		  "machine i386: unknown key rom: it takes ram, nodes, distance, cpus, "
		  "thp, version, pageblock and kernel" },
		{ "i386:=1M",
		  "machine i386: unknown key \"\": it takes ram, nodes, distance, cpus, thp, "
		  "version, pageblock and kernel" },
		{ "i386:ram=", "machine i386: ram= is no size: a number of bytes, or one with K, "
			       "M, G or T" },
		{ "i386:ram=12Q", "machine i386: ram=12Q is no size: a number of bytes, or one "
				  "with K, M, G or T" },
		{ "i386:ram=-1M", "machine i386: ram=-1M is no size: a number of bytes, or one "
				  "with K, M, G or T" },
		{ "i386:ram=99999999999999999999",
		  "machine i386: ram=99999999999999999999 is no size: a number of bytes, or one "
		  "with K, M, G or T" },
		{ "x86_64:ram=99999999999T", "machine x86_64: ram=99999999999T is no size: a "
					     "number of bytes, or one with K, M, G or T" },
		{ "i386:ram=16M", "machine i386: ram=16M is too small: from 32M to 3583M will do" },
		{ "i386:ram=4G",
		  "machine i386: ram=4096M is too large: from 32M to 3583M will do" },
		{ "x86_64:ram=5T",
		  "machine x86_64: ram=5242880M is too large: from 64M to 4194304M will do" },
		{ "i386:ram=67108865", "machine i386: ram=67108865 is no whole number of MiB" },
		{ "i386:nodes=2", "machine i386: nodes=2 is no number from 1 to 1" },
		{ "x86_64:nodes=0", "machine x86_64: nodes=0 is no number from 1 to 64" },
		{ "x86_64:nodes=65", "machine x86_64: nodes=65 is no number from 1 to 64" },
		{ "x86_64:cpus=x", "machine x86_64: cpus=x is no number from 1 to 1024" },
		{ "x86_64:cpus=2.", "machine x86_64: cpus=2. is no number from 1 to 1024" },
		{ "x86_64:ram=256M,nodes=5", "machine x86_64: ram=256M on nodes=5 leaves each less "
					     "than 64M: too small" },
		{ "x86_64:thp=yes", "machine x86_64: thp=yes is neither on nor off" },
		{ "x86_64:pageblock=11", "machine x86_64: pageblock=11 is no number from 1 to 10" },
		{ "i386:version=5.10",
		  "machine i386: version=5.10 is not known: one of 6.1, 6.12" },
		{ "x86_64:nodes=2,distance=10",
		  "machine x86_64: distance=10 is no number from 11 to 255" },
		{ "x86_64:version=5", "machine x86_64: version=5 is not known: one of 6.1, 6.12" },
		{ "i386:ram=64M,kernel=60M", "machine i386: ram=64M is too small for a kernel of "
					     "61440 KiB and what it takes at boot" },
		{ "i386:kernel=16000000T", "machine i386: ram=1280M is too small for a kernel of "
					   "17179869184000000 KiB and what it takes at boot" },
	};
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(kmr_machine_preset(m, cases[i].spec, &err), -1, "%s", cases[i].spec);
		cr_expect_str_eq(err.msg, cases[i].message);
	}
	cr_expect_eq(kmr_machine_preset(
			     m, "x86_64:ram=1G,ram=1G,ram=1G,ram=1G,ram=1G,ram=1G,ram=1G,ram=1024M",
			     &err),
		     -1);
	cr_expect_not_null(strstr(err.msg, "longer than 63 characters"));
	free(m);
}

Test(preset, list)
{
	const char *name, *description;
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	unsigned int n = 0;

	for (; kmr_machine_preset_info(n, &name, &description); n++) {
		cr_expect_eq(kmr_machine_preset(m, name, &err), 0, "%s", err.msg);
		cr_expect_not_null(strstr(description, "ram="));
	}
	cr_expect_eq(n, 5);
	free(m);
}
