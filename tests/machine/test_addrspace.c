// SPDX-License-Identifier: GPL-2.0-only
/* Areas of the kernel's address space, held against the documents and against captures. */
#include "support.h"

#include <inttypes.h>

#include "kmreplay/addrspace.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static void space_of(const char *preset, struct kmr_machine *m, struct kmr_address_space *as)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_machine_preset(m, preset, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_address_space(m, as, &err), 0, "%s", err.msg);
}

static const struct kmr_address_area *area_of(const struct kmr_machine *m, const char *name)
{
	static struct kmr_address_area areas[KMR_MAX_ADDRESS_AREAS];
	const unsigned int nr = kmr_address_areas(m, areas, KMR_MAX_ADDRESS_AREAS);

	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(areas[i].name, name))
			return &areas[i];
	return NULL;
}

/* Documentation/vm/highmem.rst: 1 GiB is the kernel's, 128 MiB of it are for vmalloc and the like. */
Test(addrspace, i386_by_the_book)
{
	struct kmr_address_space as;
	struct kmr_machine m;

	space_of("i386:ram=1280M", &m, &as);
	cr_expect_eq(as.direct_start, UINT64_C(0xc0000000));
	cr_expect_eq(4 * GIB - as.direct_start - KMR_I386_VMALLOC_RESERVE, 896 * MIB);
	cr_expect_eq(as.vmalloc_start - (as.direct_start + as.direct_end_pfn * 4 * KIB), 8 * MIB);
	/* the reserve counts from the end of the direct map */
	cr_expect_eq(as.vmalloc_end - (as.direct_start + as.direct_end_pfn * 4 * KIB), 128 * MIB);
	cr_expect_eq(as.vmalloc_end - as.vmalloc_start, 120 * MIB);
	/* what windows above it take makes less than 896 MiB of the direct map */
	cr_expect_eq(as.direct_end_pfn * 4 * KIB, 896 * MIB - (4 * GIB - as.vmalloc_end));
	cr_expect_eq(as.pkmap_slots, 1024);
	cr_expect_eq(as.pkmap_start, as.vmalloc_end + 2 * 4 * KIB);
	cr_expect_eq(as.pkmap_start % (4 * MIB), 0);
	cr_expect_eq(as.kmap_local_slots, 16);
	cr_expect_eq(as.table_bytes, 4 * MIB);
	cr_expect_eq(as.pointer_bytes, 4);
}

Test(addrspace, i386_with_pae)
{
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	struct kmr_machine m;

	cr_assert_eq(kmr_machine_preset(&m, "i386:ram=1280M", &err), 0);
	m.pae = true;
	m.nr_zones = 0; /* those were made without */
	cr_assert_eq(kmr_address_space(&m, &as, &err), 0, "%s", err.msg);
	cr_expect_eq(as.pkmap_slots, 512);
	cr_expect_eq(as.table_bytes, 2 * MIB);
	cr_expect_eq(as.pkmap_start % (2 * MIB), 0);
	/* four CPUs: fixmap and boot's 1025 addresses, 173 pages of CPU entry areas */
	cr_expect_eq(as.vmalloc_end, UINT64_C(0xff5fe000));
	cr_expect_eq(kmr_i386_maxmem_pfn(&m), (UINT64_C(0xff5fe000) - 0xc8000000) / 4096);
	/* both kinds of pkmap fill what one page of entries maps */
	cr_expect_eq(as.pkmap_slots * 4 * KIB, as.table_bytes);
}

Test(addrspace, i386_with_little_memory)
{
	struct kmr_address_space as;
	struct kmr_machine m;

	space_of("i386:ram=320M", &m, &as);
	/* all of it is low, and vmalloc has the rest */
	cr_expect_eq(as.direct_end_pfn, kmr_machine_end_pfn(&m));
	cr_expect_eq(as.vmalloc_end - as.vmalloc_start, 700560 * KIB);
}

Test(addrspace, i386_built_for_more_cpus)
{
	struct kmr_address_space few, more;
	struct kmr_machine m;

	space_of("i386:ram=1280M", &m, &few);
	cr_expect_eq(few.build_cpus, 4);
	cr_expect_eq(kmr_i386_maxmem_pfn(&m), 226302);
	space_of("i386:ram=1280M,cpus=5", &m, &more);
	cr_expect_eq(more.build_cpus, 8);
	/* four entry areas and 64 slots more do not fit below the next 4 MiB */
	cr_expect_eq(few.pkmap_start - more.pkmap_start, 4 * MIB);
	/* a dump of one CPU's machine with a kernel for eight: by where HighMem begins */
	m.nr_cpus = 1;
	cr_assert_eq(kmr_address_space(&m, &few, &(struct kmr_error){ "" }), 0);
	cr_expect_eq(few.build_cpus, 8);
	cr_expect_eq(few.vmalloc_end, more.vmalloc_end);
}

Test(addrspace, i386_vmalloc_parameter)
{
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	struct kmr_machine m;

	cr_assert_eq(kmr_machine_preset(&m, "i386:ram=1280M", &err), 0);
	m.nr_zones = 0;
	m.vmalloc_bytes = 256 * MIB;
	cr_assert_eq(kmr_address_space(&m, &as, &err), 0, "%s", err.msg);
	/* parse_vmalloc() adds the gap, so that this is what there is */
	cr_expect_eq(as.vmalloc_end - 0xc0000000 - kmr_i386_maxmem_pfn(&m) * 4 * KIB, 264 * MIB);
	m.vmalloc_bytes = 1024 * MIB;
	cr_expect_eq(kmr_i386_maxmem_pfn(&m), 0);
	cr_assert_eq(kmr_address_space(&m, &as, &err), -1);
	cr_expect_str_eq(err.msg, "machine i386:ram=1280M: vmalloc=1024M leaves less than 16M of "
				  "low memory; up to 987M will do");
	m.vmalloc_bytes = UINT64_MAX;
	cr_expect_eq(kmr_address_space(&m, &as, &err), -1);
	cr_expect_eq(kmr_address_areas(&m, &(struct kmr_address_area){ 0 }, 1), 0);
	m.vmalloc_bytes = 987 * MIB;
	cr_expect_eq(kmr_address_space(&m, &as, &err), 0, "%s", err.msg);
}

/* Documentation/x86/x86_64/mm.rst */
Test(addrspace, x86_64)
{
	static const struct {
		const char *name;
		uint64_t first, last;
	} known[] = {
		{ "guard", UINT64_C(0xffff800000000000), UINT64_C(0xffff87ffffffffff) },
		{ "ldt", UINT64_C(0xffff880000000000), UINT64_C(0xffff887fffffffff) },
		{ "lowmem", UINT64_C(0xffff888000000000), UINT64_C(0xffffc87fffffffff) },
		{ "vmalloc", UINT64_C(0xffffc90000000000), UINT64_C(0xffffe8ffffffffff) },
		{ "vmemmap", UINT64_C(0xffffea0000000000), UINT64_C(0xffffeaffffffffff) },
		{ "cpu_entry_area", UINT64_C(0xfffffe0000000000), UINT64_C(0xfffffe7fffffffff) },
		{ "espfix", UINT64_C(0xffffff0000000000), UINT64_C(0xffffff7fffffffff) },
		{ "efi", UINT64_C(0xffffffef00000000), UINT64_C(0xfffffffeffffffff) },
		{ "text", UINT64_C(0xffffffff80000000), UINT64_C(0xffffffff9fffffff) },
		{ "modules", UINT64_C(0xffffffffa0000000), UINT64_C(0xfffffffffeffffff) },
		{ "vsyscall", UINT64_C(0xffffffffff600000), UINT64_C(0xffffffffff600fff) },
	};
	struct kmr_address_space as;
	struct kmr_machine m;

	space_of("x86_64", &m, &as);
	cr_expect_eq(as.pkmap_slots, 0);
	cr_expect_eq(as.kmap_local_slots, 0);
	cr_expect_eq(as.table_bytes, 2 * MIB);
	cr_expect_eq(as.vmalloc_end, UINT64_C(0xffffe8ffffffffff), "as trace events print vend=");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct kmr_address_area *a = area_of(&m, known[i].name);

		cr_assert_not_null(a, "%s", known[i].name);
		cr_expect_eq(a->first, known[i].first, "%s: %" PRIx64, a->name, a->first);
		cr_expect_eq(a->last, known[i].last, "%s: %" PRIx64, a->name, a->last);
	}
}

static void like(struct kmr_machine *m, const char *arch, unsigned int page_shift)
{
	memset(m, 0, sizeof(*m));
	snprintf(m->arch, sizeof(m->arch), "%s", arch);
	snprintf(m->name, sizeof(m->name), "%s", arch);
	m->page_shift = page_shift;
	m->nr_cpus = 1;
	m->nr_zones = 1;
	m->zones[0].start_pfn = (UINT64_C(0x40000000) >> page_shift) + 1;
	m->zones[0].spanned = 1000;
}

/* Documentation/arm64/memory.rst */
Test(addrspace, arm64)
{
	struct kmr_address_space as;
	struct kmr_machine m;

	like(&m, "arm64", 12);
	cr_assert_eq(kmr_address_space(&m, &as, &(struct kmr_error){ "" }), 0);
	cr_expect_eq(as.direct_pfn, 0x40000);
	cr_expect_eq(as.direct_end_pfn, 0x40000 + 1001);
	cr_expect_eq(as.vmalloc_start, UINT64_C(0xffff800008000000));
	cr_expect_eq(as.vmalloc_end, UINT64_C(0xfffffbfff0000000));
	cr_expect_eq(as.table_bytes, 2 * MIB);
	cr_expect_eq(area_of(&m, "lowmem")->last - area_of(&m, "lowmem")->first + 1, 128 * TIB);
	cr_expect_eq(area_of(&m, "pci_io")->first, UINT64_C(0xfffffbfffe800000));
	cr_expect_eq(area_of(&m, "pci_io")->last, UINT64_C(0xfffffbffff7fffff));
	cr_expect_eq(area_of(&m, "vmemmap")->first, UINT64_C(0xfffffc0000000000));
	cr_expect_eq(area_of(&m, "vmemmap")->last, UINT64_C(0xfffffdffffffffff));
	like(&m, "arm64", 16);
	cr_assert_eq(kmr_address_space(&m, &as, &(struct kmr_error){ "" }), 0);
	cr_expect_eq(as.table_bytes, 512 * MIB);
}

Test(addrspace, alpha)
{
	struct kmr_address_space as;
	struct kmr_machine m;

	like(&m, "alpha", 13);
	cr_assert_eq(kmr_address_space(&m, &as, &(struct kmr_error){ "" }), 0);
	cr_expect_eq(as.vmalloc_start, UINT64_C(0xfffffffc00000000));
	cr_expect_eq(as.vmalloc_end - as.vmalloc_start, 8 * GIB);
	cr_expect_eq(as.table_bytes, 8 * MIB);
	cr_expect_eq(area_of(&m, "tables")->last, UINT64_MAX);
}

Test(addrspace, of_nothing_known)
{
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	struct kmr_machine m;

	like(&m, "vax", 9);
	cr_expect_eq(kmr_address_space(&m, &as, &err), -1);
	cr_expect_str_eq(err.msg, "machine vax: the kernel's address space is not known on vax; "
				  "i386, x86_64, arm64 and alpha are");
	cr_expect_null(area_of(&m, "vmalloc"));
}

/* Ascending, apart, but for those inside of the one before. */
Test(addrspace, areas_are_in_order)
{
	static const char *const presets[] = { "i386", "i386:ram=320M", "x86_64" };
	struct kmr_address_area a[KMR_MAX_ADDRESS_AREAS];
	struct kmr_error err = { "" };
	struct kmr_machine m;

	for (size_t p = 0; p < 5; p++) {
		uint64_t last = 0, outer_first = 0, outer_last = 0;
		unsigned int nr;

		if (p < 3)
			cr_assert_eq(kmr_machine_preset(&m, presets[p], &err), 0, "%s", err.msg);
		else
			like(&m, p == 3 ? "arm64" : "alpha", p == 3 ? 14 : 13);
		nr = kmr_address_areas(&m, a, KMR_MAX_ADDRESS_AREAS);
		cr_assert_gt(nr, 2);
		for (unsigned int i = 0; i < nr; i++) {
			cr_expect_lt(a[i].first, a[i].last, "%s", a[i].name);
			if (a[i].inside) {
				cr_expect(a[i].first >= outer_first && a[i].last <= outer_last,
					  "%s", a[i].name);
				continue;
			}
			cr_expect_gt(a[i].first, last, "%s", a[i].name);
			outer_first = a[i].first;
			outer_last = last = a[i].last;
		}
		/* fewer places than areas */
		cr_expect_eq(kmr_address_areas(&m, a, 2), 2);
	}
}

static uint64_t vmalloc_total(const char *path)
{
	char line[256];
	uint64_t kib = 0;
	FILE *f = fopen(path, "r");

	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmallocTotal: %" SCNu64, &kib) == 1)
			break;
	fclose(f);
	return kib;
}

Test(addrspace, captures)
{
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	struct kmr_machine m;
	char path[512], line[512];

	need_captures();
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		unsigned int areas = 0;
		uint64_t lowest = UINT64_MAX;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s/state", CAPTURES, captures[i].name);
		cr_assert_eq(kmr_machine_from_proc(&m, path, &err), 0, "%s", err.msg);
		cr_assert_eq(kmr_address_space(&m, &as, &err), 0, "%s", err.msg);
		snprintf(path, sizeof(path), "%s/%s/state/meminfo.before", CAPTURES,
			 captures[i].name);
		cr_expect_eq((as.vmalloc_end - as.vmalloc_start) / KIB, vmalloc_total(path), "%s",
			     path);
		snprintf(path, sizeof(path), "%s/%s/state/vmallocinfo.before", CAPTURES,
			 captures[i].name);
		f = fopen(path, "r");
		cr_assert_not_null(f);
		while (fgets(line, sizeof(line), f)) {
			uint64_t start, end;

			cr_assert_eq(sscanf(line, "0x%" SCNx64 "-0x%" SCNx64, &start, &end), 2);
			cr_expect(start >= as.vmalloc_start && end <= as.vmalloc_end, "%s: %s",
				  path, line);
			lowest = start < lowest ? start : lowest;
			areas++;
		}
		fclose(f);
		cr_expect_gt(areas, 10, "%s", path);
		/* the first ioremap() of boot got the lowest address there is */
		cr_expect_eq(lowest, as.vmalloc_start, "%s", path);
	}
}
