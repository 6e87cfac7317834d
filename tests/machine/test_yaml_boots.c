// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines in YAML against what kernels printed that were booted on just such machines, in QEMU:
 * /proc/zoneinfo, and "Memory: ... available" of the kernel's log.  The kernels are those of the
 * captures; memory, nodes, CPUs and boot parameters are not.
 */
#include "support.h"

#define CMDLINE                                                                              \
	"console=ttyS0 root=/dev/vda rw init=/kmrig/mini no_hash_pointers nokaslr panic=-1 " \
	"trace_buf_size=64M memblock=debug "

static const struct boot {
	const char *name, *text;
	uint64_t available; /* KiB */
	/*
	 * Of each zone with memory: node, name, first frame, frames spanned, present and managed,
	 * watermarks min, low and high, lowmem reserves by zone type, and for the per-CPU lists
	 * high, which 6.12 had tuned by then (0), and batch
	 */
	const char *zones;
} boots[] = {
	{ "i386-1280-2",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 1280M\n"
	  "cpus: 2\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  1288868,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 0 847 1243 1243, 118 1\n"
	  "0 Normal 4096 222206 222206 217173, 10782 13477 16172, 0 0 0 3166 3166, 6738 63\n"
	  "0 HighMem 226302 101340 101340 101340, 98 1356 2614, 0 0 0 0 0, 678 31\n" },
	{ "i386-3500-4",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 3500M\n"
	  "cpus: 4\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  3544148,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 0 830 3446 3446, 59 1\n"
	  "0 Normal 4096 222206 222206 212673, 10558 13197 15836, 0 0 0 20926 20926, 3299 63\n"
	  "0 HighMem 226302 669660 669660 669660, 128 8444 16760, 0 0 0 0 0, 2111 63\n" },
	{ "i386-mem",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 1280M\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "mem=512M\"\n",
	  509236,
	  "0 DMA 1 4095 3998 3840, 21 26 31, 0 0 482 482 482, 26 1\n"
	  "0 Normal 4096 126976 126976 123605, 691 863 1035, 0 0 0 0 0, 863 31\n" },
	{ "i386-kc",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 1280M\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "kernelcore=512M cma_=32M\"\n",
	  1288988,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 0 847 847 1243, 237 1\n"
	  "0 Normal 4096 222206 222206 217203, 10784 13480 16176, 0 0 0 0 3166, 13480 63\n"
	  "0 HighMem 226302 2 2 2, 32 32 32, 0 0 0 0 0, 32 1\n"
	  "0 Movable 226304 101338 101338 101338, 98 1356 2614, 0 0 0 0 0, 1356 31\n" },
	{ "i386-mc",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 1280M\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "movablecore=30% hugepages=10\"\n",
	  1288988,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 0 847 859 1243, 237 1\n"
	  "0 Normal 4096 222206 222206 217203, 10784 13480 16176, 0 0 0 96 3166, 13480 63\n"
	  "0 HighMem 226302 3074 3074 3074, 32 70 108, 0 0 0 0 0, 70 1\n"
	  "0 Movable 229376 98266 98266 98266, 95 1315 2535, 0 0 0 0 0, 1315 31\n" },
	{ "i386-vm",
	  "machine: m\n"
	  "arch: i386\n"
	  "kernel: 6.1\n"
	  "ram: 1280M\n"
	  "cpus: 3\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "vmalloc=256M\"\n",
	  1288748,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 0 711 1243 1243, 79 1\n"
	  "0 Normal 4096 187390 187390 182327, 9046 11307 13568, 0 0 0 4254 4254, 3769 63\n"
	  "0 HighMem 191486 136156 136156 136156, 128 1818 3508, 0 0 0 0 0, 606 31\n" },
	{ "x61-6g2n",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "ram: 6G\n"
	  "cpus: 4\n"
	  "nodes: [{cpus: [0-1], distance: [10, 21]}, {cpus: [2,3], distance: [21,10]}]\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  6106012,
	  "0 DMA 1 4095 3998 3840, 85 106 127, 0 2925 2925 2925 2925, 53 1\n"
	  "0 DMA32 4096 782298 782298 749740, 16577 20721 24865, 0 0 0 0 0, 10360 63\n"
	  "1 Normal 1048576 786432 786432 773828, 17129 21411 25693, 0 0 0 0 0, 10705 63\n" },
	{ "x61-2g-cma",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "ram: 2G\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "cma=64M hugepages=16\"\n",
	  1975596,
	  "0 DMA 1 4095 3998 3840, 169 211 253, 0 1978 1978 1978 1978, 211 1\n"
	  "0 DMA32 4096 520154 520154 507348, 22358 27947 33536, 0 0 0 0 0, 27947 63\n" },
	{ "x61-2g-kc",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "ram: 2G\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "kernelcore=1G sysctl.vm.min_free_kbytes=20000\"\n",
	  2041132,
	  "0 DMA 1 4095 3998 3840, 37 46 55, 0 994 994 994 1978, 46 1\n"
	  "0 DMA32 4096 259072 259072 255299, 2497 3121 3745, 0 0 0 0 984, 3121 63\n"
	  "0 Movable 263168 261082 261082 252049, 2465 3081 3697, 0 0 0 0 0, 3081 63\n" },
	{ "x61-4g3n",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "cpus: 3\n"
	  "memory:\n"
	  "  - {start: 0x1000, end: 0x9fbff}\n"
	  "  - {start: 0x100000, end: 0x7fffffff}\n"
	  "  - {start: 0x80000000, end: 0xbffd9fff, node: 2}\n"
	  "  - {start: 0x100000000, end: 0x13fffffff, node: 1}\n"
	  "nodes: [{cpus: [0,1]}, {cpus: [2]}, {}]\n"
	  "boot: {command_line: \"" CMDLINE "movable_node\"}\n",
	  4041820,
	  "0 DMA 1 4095 3998 3840, 171 213 255, 0 1981 1981 1981 1981, 106 1\n"
	  "0 DMA32 4096 520192 520192 508114, 22617 28271 33925, 0 0 0 0 0, 14135 63\n"
	  "1 Normal 1048576 262144 262144 257786, 11493 14366 17239, 0 0 0 0 0, 14366 63\n"
	  "2 DMA32 524288 262106 262106 241620, 10773 13466 16159, 0 0 0 0 0, 4488 63\n" },
	{ "x61-3gml",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "cpus: 3\n"
	  "memory:\n"
	  "  - {start: 0x1000, end: 0x9fbff}\n"
	  "  - {start: 0x100000, end: 0x3fffffff}\n"
	  "  - {start: 0x40000000, end: 0xbffd9fff, node: 2}\n"
	  "nodes: [{cpus: [0]}, {cpus: [1]}, {cpus: [2]}]\n"
	  "boot: {command_line: \"" CMDLINE "kernelcore=1G\"}\n",
	  3075940,
	  "0 DMA 1 4095 3998 3840, 64 80 96, 0 482 482 482 973, 80 1\n"
	  "0 DMA32 4096 128000 128000 124227, 2065 2581 3097, 0 0 0 0 491, 2581 31\n"
	  "0 Movable 132096 130048 130048 125891, 2107 2633 3159, 0 0 0 0 0, 2633 31\n"
	  "2 DMA32 262144 131072 131072 131072, 2193 2741 3289, 0 0 0 0 1503, 2741 31\n"
	  "2 Movable 393216 393178 393178 384860, 6441 8051 9661, 0 0 0 0 0, 8051 63\n" },
	{ "x61-20g",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "ram: 20G\n"
	  "cpus: 2\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  20507980,
	  "0 DMA 1 4095 3998 3840, 25 31 37, 0 2973 20012 20012 20012, 15 1\n"
	  "0 DMA32 4096 1044480 782298 762141, 5017 6271 7525, 0 0 17038 17038 17038, 3135 63\n"
	  "0 Normal 1048576 4456448 4456448 4361919, 28748 35935 43122, 0 0 0 0 0, 17967 63\n" },
	{ "x61-6gno1g",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.1\n"
	  "ram: 6G\n"
	  "cpus: 1\n"
	  "gbpages: false\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  6094368,
	  "0 DMA 1 4095 3998 3840, 85 106 127, 0 2973 5936 5936 5936, 106 1\n"
	  "0 DMA32 4096 1044480 782298 762141, 16884 21105 25326, 0 0 2962 2962 2962, 21105 63\n"
	  "0 Normal 1048576 786432 786432 758516, 16822 21027 25232, 0 0 0 0 0, 21027 63\n" },
	{ "x612-8g",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 8G\n"
	  "cpus: 8\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  7608768,
	  "0 DMA 1 4095 3998 3840, 31 38 45, 0 2971 7949 7949 7949, 0 1\n"
	  "0 DMA32 4096 1044480 782298 761602, 6304 7880 9456, 0 0 4977 4977 4977, 0 63\n"
	  "0 Normal 1048576 1310720 1310720 1274233, 10559 13198 15837, 0 0 0 0 0, 0 63\n" },
	{ "x612-5g-cma",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 5G\n"
	  "cpus: 2\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "cma=64M\"\n",
	  4851960,
	  "0 DMA 1 4095 3998 3840, 51 63 75, 0 2971 4926 4926 4926, 0 1\n"
	  "0 DMA32 4096 1044480 782298 761602, 10161 12701 15241, 0 0 1954 1954 1954, 0 63\n"
	  "0 Normal 1048576 524288 524288 500413, 6683 8353 10023, 0 0 0 0 0, 0 63\n" },
	{ "x612-2g-mc",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 2G\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "movablecore=40%\"\n",
	  1969244,
	  "0 DMA 1 4095 3998 3840, 139 173 207, 0 1192 1192 1192 1976, 0 1\n"
	  "0 DMA32 4096 310272 310272 305960, 11124 13905 16686, 0 0 0 0 784, 0 63\n"
	  "0 Movable 314368 209882 209882 200848, 128 1958 3788, 0 0 0 0 0, 0 63\n" },
	{ "x612-2g-mem",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 2G\n"
	  "cpus: 1\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "mem=1000M\"\n",
	  914164,
	  "0 DMA 1 4095 3998 3840, 175 218 261, 0 946 946 946 946, 0 1\n"
	  "0 DMA32 4096 251904 251904 243038, 11088 13860 16632, 0 0 0 0 0, 0 63\n" },
	{ "x612-1300m",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 1300M\n"
	  "cpus: 3\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  1076000,
	  "0 DMA 1 4095 3998 3840, 134 167 200, 0 1238 1238 1238 1238, 0 1\n"
	  "0 DMA32 4096 328666 328666 317772, 11129 13911 16693, 0 0 0 0 0, 0 63\n" },
	{ "x612-3gml",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "cpus: 3\n"
	  "memory:\n"
	  "  - {start: 0x1000, end: 0x9fbff}\n"
	  "  - {start: 0x100000, end: 0x3fffffff}\n"
	  "  - {start: 0x40000000, end: 0xbffd9fff, node: 2}\n"
	  "nodes: [{cpus: [0]}, {cpus: [1]}, {cpus: [2]}]\n"
	  "boot: {command_line: \"" CMDLINE "kernelcore=1G\"}\n",
	  2857160,
	  "0 DMA 1 4095 3998 3840, 190 237 284, 0 480 480 480 971, 0 1\n"
	  "0 DMA32 4096 128000 128000 123688, 6107 7633 9159, 0 0 0 0 491, 0 31\n"
	  "0 Movable 132096 130048 130048 125890, 122 1686 3250, 0 0 0 0 0, 0 31\n"
	  "2 DMA32 262144 131072 131072 131072, 6514 8142 9770, 0 0 0 0 1503, 0 31\n"
	  "2 Movable 393216 393178 393178 384856, 128 4910 9692, 0 0 0 0 0, 0 63\n" },
	{ "x612-256m",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "ram: 256M\n"
	  "cpus: 2\n"
	  "boot:\n"
	  "  command_line: \"" CMDLINE "\"\n",
	  99144,
	  "0 DMA 1 4095 3998 3840, 31 38 45, 0 214 214 214 214, 0 1\n"
	  "0 DMA32 4096 61402 61402 55842, 453 566 679, 0 0 0 0 0, 0 15\n" },
	{ "x612-2ghot",
	  "machine: m\n"
	  "arch: x86_64\n"
	  "kernel: 6.12\n"
	  "cpus: 2\n"
	  "memory:\n"
	  "  - {start: 0x1000, end: 0x9fbff}\n"
	  "  - {start: 0x100000, end: 0x7ffd9fff}\n"
	  "  - {start: 0x100000000, size: 6G, type: hotplug}\n"
	  "boot: {command_line: \"" CMDLINE "\"}\n",
	  1830152,
	  "0 DMA 1 4095 3998 3840, 87 108 129, 0 1911 1911 1911 1911, 0 1\n"
	  "0 DMA32 4096 520154 520154 490178, 11176 13970 16764, 0 0 0 0 0, 0 63\n" },
};

/* What a line of zones says, into @k; its length, 0 at the end. */
static size_t read_zone(const char *line, struct kmr_zone_spec *k)
{
	unsigned long long v[9], reserve[KMR_ZONE_NR_TYPES];
	unsigned int high, batch;
	char name[16];
	int len = 0;

	if (!*line)
		return 0;
	cr_assert_eq(
		sscanf(line,
		       "%llu %15s %llu %llu %llu %llu, %llu %llu %llu, %llu %llu %llu %llu %llu, "
		       "%u %u%n",
		       &v[0], name, &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &reserve[0],
		       &reserve[1], &reserve[2], &reserve[3], &reserve[4], &high, &batch, &len),
		16, "%s", line);
	*k = (struct kmr_zone_spec){ .node = (uint16_t)v[0],
				     .type = (uint8_t)kmr_zone_by_name(name),
				     .start_pfn = v[1],
				     .spanned = v[2],
				     .present = v[3],
				     .managed = v[4],
				     .wmark_min = v[5],
				     .wmark_low = v[6],
				     .wmark_high = v[7],
				     .pcp_high = high,
				     .pcp_batch = batch };
	for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++)
		k->reserve[t] = reserve[t];
	return (size_t)len + 1;
}

static void compare_zone(const char *what, const struct kmr_zone_spec *p,
			 const struct kmr_zone_spec *k)
{
	KMR_CHECK(node);
	KMR_CHECK(type);
	KMR_CHECK(start_pfn);
	KMR_CHECK(spanned);
	KMR_CHECK(present);
	KMR_CHECK(managed);
	KMR_CHECK(wmark_min);
	KMR_CHECK(wmark_low);
	KMR_CHECK(wmark_high);
	KMR_CHECK(pcp_batch);
	if (k->pcp_high)
		KMR_CHECK(pcp_high);
	for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++)
		KMR_CHECK(reserve[t]);
}

Test(yaml_boots, zones_are_the_kernel_s)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		const struct boot *b = &boots[i];
		const char *line = b->zones;
		struct kmr_zone_spec k;

		cr_assert_eq(kmr_machine_parse_yaml(m, b->name, b->text, strlen(b->text), &err), 0,
			     "%s", err.msg);
		for (unsigned int z = 0; z < m->nr_zones; z++) {
			size_t len;

			if (!m->zones[z].present)
				continue;
			len = read_zone(line, &k);
			cr_assert_neq(len, 0, "%s: more zones than the kernel has", b->name);
			compare_zone(b->name, &m->zones[z], &k);
			line += len;
		}
		cr_expect_eq(*line, '\0', "%s: the kernel has more zones", b->name);
	}
	free(m);
}

/*
 * What is free when the kernel says how much is available: nothing yet of what it frees later, nor
 * of CMA's.  (6.12 says it when it has allocated already.)
 */
Test(yaml_boots, available_memory_is_the_kernel_s)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		const struct boot *b = &boots[i];
		uint64_t pages = 0;

		cr_assert_eq(kmr_machine_parse_yaml(m, b->name, b->text, strlen(b->text), &err), 0,
			     "%s", err.msg);
		if (strcmp(m->kernel, "6.1") != 0)
			continue;
		for (unsigned int z = 0; z < m->nr_zones; z++)
			pages += m->zones[z].managed;
		for (unsigned int r = 0; r < m->nr_reserved; r++)
			if (m->reserved[r].kind != KMR_RESERVED_KEPT)
				pages -= m->reserved[r].end_pfn - m->reserved[r].start_pfn;
		/* preallocate_vmalloc_pages() has just taken a table for each 512 GiB of 32 TiB */
		pages -= strcmp(m->arch, "x86_64") ? 0 : 64;
		cr_expect_eq(pages * 4, b->available, "%s: %llu KiB, the kernel had %llu", b->name,
			     (unsigned long long)pages * 4, (unsigned long long)b->available);
	}
	free(m);
}
