// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cannot be told from a machine but only from a kernel's build.  The images are those of the
 * kernels whose captures the project's models are held against: small configurations, SMP,
 * without hugetlbfs.  Sizes of structures are those of these builds, too.
 */
#include "base/array.h"
#include "machine/boot.h"

#define KIB UINT64_C(1024)

static const struct kmr_boot_profile i386_6_1 = {
	.text = 0x1000000,
	.text_end = 0x15e32a8,
	.rodata = 0x15e4000,
	.rodata_end = 0x1764000,
	.data = 0x1764000,
	.data_end = 0x184c4e0,
	.bss = 0x18d6000,
	.bss_end = 0x1927000,
	.init = KMR_NOT_SAID,
	.smp_locks = 24 * KIB,
	.brk = KMR_NOT_SAID,
	.percpu_static = 92756,
	.pcpu_chunk = 88,
	.long_bytes = 4,
	.cache_line = 32,
	.struct_page = 32,
	.resource = 32,
	.mem_section = 16,
	.section_usage = 24,
	.swiotlb_area = 16,
	.kernel = 2221,
};

static const struct kmr_boot_profile i386_6_12 = {
	.text = 0x1000000,
	.text_end = 0x163de50,
	.rodata = 0x163e000,
	.rodata_end = 0x17e9000,
	.data = 0x17e9000,
	.data_end = 0x18ecba0,
	.bss = 0x199b000,
	.bss_end = 0x19ef000,
	.init = KMR_NOT_SAID,
	.smp_locks = 28 * KIB,
	.brk = KMR_NOT_SAID,
	.percpu_static = 98380,
	.pcpu_chunk = 128,
	.long_bytes = 4,
	.cache_line = 32,
	.struct_page = 32,
	.resource = 32,
	.mem_section = 16,
	.section_usage = 24,
	.swiotlb_area = 16,
	.kernel = 2385,
};

static const struct kmr_boot_profile x86_64_6_1 = {
	.text = 0x1000000,
	.text_end = 0x1801300,
	.rodata = 0x1a00000,
	.rodata_end = 0x1bc4000,
	.data = 0x1c00000,
	.data_end = 0x1d56880,
	.bss = 0x20ca000,
	.bss_end = 0x2200000,
	.init = 1056 * KIB,
	.smp_locks = 28 * KIB,
	.brk = 24 * KIB,
	.percpu_static = 172648,
	.percpu_reserved = 8 * KIB,
	.pcpu_chunk = 136,
	.long_bytes = 8,
	.cache_line = 64,
	.struct_page = 64,
	.resource = 64,
	.pgdat = 17472,
	.pgdat_align = 4096,
	.mem_section = 32,
	.section_usage = 24,
	.swiotlb_area = 16,
	.hpet = true,
	.kernel = 3792,
};

static const struct kmr_boot_profile x86_64_6_12 = {
	.text = 0x1000000,
	.text_end = 0x1a00000,
	.rodata = 0x1a00000,
	.rodata_end = 0x1c05000,
	.data = 0x1e00000,
	.data_end = 0x1f6fa80,
	.bss = 0x2344000,
	.bss_end = 0x2400000,
	.init = 1200 * KIB,
	.smp_locks = 28 * KIB,
	.brk = 24 * KIB,
	.percpu_static = 183384,
	.percpu_reserved = 8 * KIB,
	.pcpu_chunk = 192,
	.long_bytes = 8,
	.cache_line = 64,
	.struct_page = 64,
	.resource = 64,
	.pgdat = 17472,
	.pgdat_align = 64,
	.mem_section = 32,
	.section_usage = 24,
	.swiotlb_area = 16,
	.hpet = true,
	.kernel = 4332,
};

/* No such kernel was looked at: a plausible image, and 64-bit structures. */
static const struct kmr_boot_profile other_64 = {
	.text = 0,
	.text_end = 0xa00000,
	.rodata = 0xa00000,
	.rodata_end = 0xd00000,
	.data = 0xe80000,
	.data_end = 0x1000000,
	.bss = 0x1000000,
	.bss_end = 0x1080000,
	.init = 0,
	.percpu_static = 96 * KIB,
	.percpu_reserved = 8 * KIB,
	.pcpu_chunk = 192,
	.long_bytes = 8,
	.cache_line = 64,
	.struct_page = 64,
	.resource = 64,
	.pgdat = 17472,
	.pgdat_align = 64,
	.mem_section = 16,
	.section_usage = 24,
	.swiotlb_area = 16,
	.kernel = 0,
};

const struct kmr_boot_profile *kmr_boot_profile(enum kmr_arch arch, enum kmr_kernel kernel)
{
	switch (arch) {
	case KMR_ARCH_I386:
		return kernel == KMR_KERNEL_6_1 ? &i386_6_1 : &i386_6_12;
	case KMR_ARCH_X86_64:
		return kernel == KMR_KERNEL_6_1 ? &x86_64_6_1 : &x86_64_6_12;
	default:
		return &other_64;
	}
}
