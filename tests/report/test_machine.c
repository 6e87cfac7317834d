// SPDX-License-Identifier: GPL-2.0-only
/* Sections of a machine that presets do not have: reserved ranges, CMA, hot-plug, many nodes. */
#include "report/machine.h"
#include "report/machine_sections.h"
#include "written.h"

#define MIB	   ((uint64_t)1 << 20)
#define PFN(bytes) ((bytes) >> 12)

static struct kmr_machine *preset(const char *spec)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_error err;

	cr_assert(m);
	cr_assert_eq(kmr_machine_preset(m, spec, &err), 0, "%s", err.msg);
	m->nr_reserved = 0;
	return m;
}

static void reserve(struct kmr_machine *m, uint64_t start, uint64_t end,
		    enum kmr_reserved_kind kind, const char *what)
{
	struct kmr_reserved_range *r = &m->reserved[m->nr_reserved++];

	*r = (struct kmr_reserved_range){ PFN(start), PFN(end), (uint8_t)kind, "" };
	snprintf(r->what, sizeof(r->what), "%s", what);
}

/* What a section prints; to be freed. */
static char *section(const struct kmr_machine_section *s, const struct kmr_machine *m)
{
	FILE *out = tmpfile();

	cr_assert(out);
	cr_assert_eq(s->text(m, out), 0);
	return written(out);
}

static void expect_section(const struct kmr_machine_section *s, const struct kmr_machine *m,
			   const char *expected)
{
	char *text = section(s, m);

	cr_expect_str_eq(text, expected, "written:\n%s\nexpected:\n%s", text, expected);
	free(text);
}

/* As memblock_dump_all() has it, but for flags; what lies in a region goes behind it. */
Test(machine, reserved)
{
	struct kmr_machine *m = preset("i386:ram=64M");

	reserve(m, 16 * MIB, 24 * MIB, KMR_RESERVED_KEPT, "Kernel code");
	reserve(m, 24 * MIB, 25 * MIB, KMR_RESERVED_INIT, "a ramdisk with a long name");
	expect_section(&kmr_section_memblock, m,
		       "MEMBLOCK configuration:\n"
		       " memory size = 0x03f78000 reserved size = 0x00900000\n"
		       " memory.cnt  = 0x2\n"
		       " memory[0x0]\t[0x00001000-0x0009efff], 0x0009e000 bytes on node 0\n"
		       " memory[0x1]\t[0x00100000-0x03fd9fff], 0x03eda000 bytes on node 0\n"
		       " reserved.cnt  = 0x2\n"
		       " reserved[0x0]\t[0x01000000-0x017fffff], 0x00800000 bytes, Kernel code\n"
		       " reserved[0x1]\t[0x01800000-0x018fffff], 0x00100000 bytes\n"
		       "\t\ta ramdisk with a long name (init)\n");
	free(m);
}

/* Ranges of one use are one row; the largest first, and of equal ones what is kept. */
Test(machine, boot_memory_by_use)
{
	struct kmr_machine *m = preset("i386:ram=64M");
	char *text;

	reserve(m, 1 * MIB, 2 * MIB, KMR_RESERVED_INIT, "initrd");
	reserve(m, 2 * MIB, 3 * MIB, KMR_RESERVED_KEPT, "mem_map");
	reserve(m, 4 * MIB, 5 * MIB, KMR_RESERVED_KEPT, "mem_map");
	reserve(m, 8 * MIB, 9 * MIB, KMR_RESERVED_KEPT, "initrd");
	reserve(m, 16 * MIB, 32 * MIB, KMR_RESERVED_CMA, "reserved");
	text = section(&kmr_section_memmap, m);
	cr_expect(strstr(text, "\nreserved                   1  4,096     16 MiB  25.2093 %  "
			       "lent to movable pages\n"
			       "mem_map                    2    512      2 MiB   3.1512 %  kept\n"
			       "initrd                     1    256      1 MiB   1.5756 %  kept\n"
			       "initrd                     1    256      1 MiB   1.5756 %  freed "
			       "after boot\n"),
		  "%s", text);
	free(text);
	free(m);
}

Test(machine, cma_huge_and_hotplug)
{
	struct kmr_machine *m = preset("x86_64:ram=6G,nodes=2,cpus=2");
	char *text;

	m->nr_cma = 1;
	m->cma[0] = (struct kmr_cma_area){ "camera", PFN(64 * MIB), PFN(16 * MIB), 2 };
	m->nr_hotplug = 1;
	m->hotplug[0] = (struct kmr_ram_range){ PFN(8192 * MIB), PFN(9216 * MIB) };
	m->huge_order = 9;
	m->huge_pages[0] = 3;
	text = section(&kmr_section_limits, m);
	cr_expect(
		strstr(text,
		       "huge pages       2 MiB, 1 GiB; transparent yes\n"
		       "                 node 0: 3 of 2 MiB from boot on\n"
		       "                 node 1: 0 of 2 MiB from boot on\n"
		       "kmap()           no limit: all memory is mapped\n"
		       "CMA areas\n"
		       "  camera         [mem 0x04000000-0x04ffffff]  16 MiB, in units of order 2\n"
		       "hot-pluggable\n"
		       "                 [mem 0x200000000-0x23fffffff]  1 GiB\n"),
		"%s", text);
	free(text);
	text = section(&kmr_section_lsmem, m);
	cr_expect(strstr(text, "\n0x200000000-0x23fffffff     1 GiB  offline        yes  64-71"
			       "     -  none\n"),
		  "%s", text);
	cr_expect(strstr(text, "Total offline memory:      1 GiB\n"), "%s", text);
	free(text);
	/* the area is in DMA32, and zoneinfo counts it there */
	text = section(&kmr_section_watermarks, m);
	cr_expect(strstr(text, "cma      4096"), "%s", text);
	free(text);
	free(m);
}

/* A node that has CPUs only. */
Test(machine, memoryless_node)
{
	struct kmr_machine *m = preset("x86_64:ram=2G,cpus=2");
	char *text;

	m->nr_nodes = 2;
	m->cpu_node[1] = 1;
	m->distance[0][1] = m->distance[1][0] = 20;
	m->distance[1][1] = 10;
	text = section(&kmr_section_zones, m);
	cr_expect(strstr(text, "\nInitmem setup node 1 as memoryless\n"), "%s", text);
	free(text);
	text = section(&kmr_section_zonelists, m);
	cr_expect(strstr(text, "Fallback order for Node 1: 1 0\nBuilt 2 zonelists"), "%s", text);
	cr_expect(strstr(text, "\n   1  GFP_KERNEL            0:DMA32 0:DMA\n"), "%s", text);
	free(text);
	/* 6.12 leaves itself out, and without a CPU it is not online */
	snprintf(m->kernel, sizeof(m->kernel), "6.12");
	m->cpu_node[1] = 0;
	text = section(&kmr_section_zonelists, m);
	cr_expect(strstr(text, "Fallback order for Node 1: 0\nBuilt 1 zonelists"), "%s", text);
	free(text);
	m->cpu_node[1] = 1;
	text = section(&kmr_section_nodes, m);
	cr_expect(strstr(text, "node 1 cpus: 1\nnode 1 size: 0 MB\nnode 1 free: 0 MB\n"), "%s",
		  text);
	free(text);
	free(m);
}

/* The zone starts above what the kernel keeps on each node. */
Test(machine, movable_zone)
{
	struct kmr_machine *m = preset("x86_64:ram=6G,nodes=2");
	char *text;

	m->zones[2].type = KMR_ZONE_MOVABLE;
	text = section(&kmr_section_zones, m);
	cr_expect(strstr(text, "Movable zone start for each node\n  Node 1: 0x0000000100000000\n"),
		  "%s", text);
	free(text);
	free(m);
}

static size_t widest(const char *text)
{
	size_t most = 0, columns = 0;

	for (; *text; text++) {
		columns = *text == '\n' ? 0 : *text == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
		most = columns > most ? columns : most;
	}
	return most;
}

/* Whatever the machine, nothing goes beyond the 80th column, and no list is cut. */
Test(machine, eighty_columns)
{
	static const char *const specs[] = { "i386:ram=64M", "i386:ram=3500M,cpus=64",
					     "x86_64:ram=4T,nodes=64,cpus=1024",
					     "x86_64:ram=300G,nodes=19,cpus=200" };

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct kmr_machine *m = preset(specs[i]);
		FILE *out = tmpfile();
		char *text;

		reserve(m, 16 * MIB, 17 * MIB, KMR_RESERVED_KEPT, "thirty characters are the most");
		cr_assert_eq(kmr_machine_print(m, specs[i], KMR_ALL_SECTIONS, out), 0);
		text = written(out);
		cr_expect_leq(widest(text), 80, "%s: %zu columns", specs[i], widest(text));
		free(text);
		free(m);
	}
}

/* Of 64 nodes each one's list ends with the last zone of the last of them, DMA of node 0. */
Test(machine, long_zonelists)
{
	struct kmr_machine *m = preset("x86_64:ram=4T,nodes=64,cpus=64");
	char *text = section(&kmr_section_zonelists, m);
	unsigned int words = 0;

	for (const char *p = strstr(text, "zonelist\n"); (p = strstr(p, ":Normal")); p++)
		words++;
	/* node 0 has Normal as well: its 3 GiB below 4 GiB are not all; two lists a node */
	cr_expect_eq(words, 2 * 64 * 64);
	free(text);
	text = section(&kmr_section_nodes, m);
	cr_expect(strstr(text, "\n  63:"), "%s", text);
	free(text);
	free(m);
}

Test(machine, sections_by_name)
{
	struct kmr_error err;
	unsigned int set;

	cr_assert_eq(kmr_machine_sections("zones", &set, &err), 0);
	cr_expect_eq(set, 1);
	cr_assert_eq(kmr_machine_sections("limits,zones,limits", &set, &err), 0);
	cr_expect_eq(set, 1 | 1 << 8);
	cr_expect_eq(kmr_machine_sections("", &set, &err), -1);
	cr_expect_eq(kmr_machine_sections("zones,", &set, &err), -1);
	cr_expect_eq(kmr_machine_sections("zone", &set, &err), -1);
	cr_expect_str_eq(err.msg, "no section 'zone'; there are zones, memblock, lsmem, nodes, "
				  "zonelists, watermarks, memmap, addresses, limits");
}

/* On architectures whose addresses nobody has told, the rest is still printed. */
Test(machine, unknown_addresses)
{
	struct kmr_machine *m = preset("x86_64:ram=2G");
	char *text;

	snprintf(m->arch, sizeof(m->arch), "riscv");
	text = section(&kmr_section_addresses, m);
	cr_expect(strstr(text, "not known on riscv"), "%s", text);
	free(text);
	text = section(&kmr_section_limits, m);
	cr_expect(strstr(text, "\nvmalloc() "), "%s", text);
	cr_expect(strstr(text, "  not known\n"), "%s", text);
	free(text);
	free(m);
}
