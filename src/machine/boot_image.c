// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's image: where it lies, and what of it is free once boot is over.  /proc/iomem tells
 * the ends of its parts; __init sections and the table of SMP locks lie in front of bss.
 */
#include <string.h>

#include "base/array.h"
#include "machine/boot.h"

#define MIB (UINT64_C(1) << 20)

static uint64_t up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static void reserve(struct kmr_boot *b, uint64_t start, uint64_t end, const char *what,
		    uint8_t kind)
{
	if (start < end)
		kmr_memblock_reserve(&b->mb, start, end, what, kind);
}

/* What the machine's file says of the image goes before what the profile says. */
static void find_image(struct kmr_boot *b)
{
	struct kmr_boot_profile *p = &b->profile;
	const struct {
		const char *what;
		uint64_t *start, *end;
	} parts[] = {
		{ "Kernel code", &p->text, &p->text_end },
		{ "Kernel rodata", &p->rodata, &p->rodata_end },
		{ "Kernel data", &p->data, &p->data_end },
		{ "Kernel bss", &p->bss, &p->bss_end },
	};
	bool said = false;

	for (unsigned int i = 0; i < b->spec->nr_reserved; i++)
		said |= !strcmp(b->spec->reserved[i].what, parts[0].what);
	if (!said)
		return;
	/* a part that is not told apart is empty, and lies where the one before it ends */
	for (size_t k = 0; k < ARRAY_SIZE(parts); k++) {
		*parts[k].start = *parts[k].end = k ? *parts[k - 1].end : 0;
		for (unsigned int i = 0; i < b->spec->nr_reserved; i++) {
			const struct kmr_spec_range *r = &b->spec->reserved[i];

			if (strcmp(r->what, parts[k].what))
				continue;
			*parts[k].start = r->start;
			*parts[k].end = r->end;
		}
	}
}

/* The preset's kernel= makes the image larger at its end, or smaller, in the end from its start. */
static void resize_image(struct kmr_boot *b)
{
	struct kmr_boot_profile *p = &b->profile;
	uint64_t pages = b->spec->build.kernel, more, less;

	if (pages == KMR_NOT_SAID || pages == p->kernel)
		return;
	if (pages > p->kernel) {
		more = pages - p->kernel;
		/* beyond any memory, which is what matters then */
		p->bss_end =
			more < UINT64_C(1) << 48 ? p->bss_end + more * b->page : UINT64_MAX / 2;
		return;
	}
	less = (p->kernel - pages) * b->page;
	if (less > p->bss_end - p->bss) {
		less -= p->bss_end - p->bss;
		p->bss_end = p->bss;
		p->text += less < p->text_end - p->text ? less : p->text_end - p->text;
	} else {
		p->bss_end -= less;
	}
}

/* What lies between data and bss: some tables, __init sections, the SMP locks. */
static void reserve_init(struct kmr_boot *b)
{
	const struct kmr_boot_profile *p = &b->profile;
	const uint64_t data_end = up(p->data_end, b->page), gap = p->bss - data_end;
	const bool smp_locks = b->spec->arch <= KMR_ARCH_X86_64;
	uint64_t locks, init = p->init;

	if (p->bss <= data_end)
		return;
	locks = smp_locks && p->smp_locks < gap ? p->smp_locks : 0;
	/* i386 has one page more in between, .vvar; x86-64 has tables of its unwinder */
	if (init == KMR_NOT_SAID)
		init = gap - locks > b->page ? gap - locks - b->page : 0;
	if (init > gap - locks)
		init = gap - locks;
	reserve(b, p->bss - locks - init, p->bss - locks, "Kernel init", KMR_RESERVED_INIT);
	reserve(b, p->bss - locks, p->bss, KMR_RESERVED_SMP_LOCKS, KMR_RESERVED_INIT);
	reserve(b, data_end, p->bss, "Kernel data", KMR_RESERVED_KEPT);
}

/* arch/x86/mm/init_64.c: mark_rodata_ro() frees what pads parts to large pages */
static void reserve_gaps(struct kmr_boot *b)
{
	const struct kmr_boot_profile *p = &b->profile;
	const uint8_t kind =
		b->spec->arch == KMR_ARCH_X86_64 ? KMR_RESERVED_INIT : KMR_RESERVED_KEPT;

	reserve(b, up(p->text_end, b->page), p->rodata, "text/rodata gap", kind);
	reserve(b, up(p->rodata_end, b->page), p->data, "rodata/data gap", kind);
}

/* i386: tables that map the image, its brk and what follows, and the direct map's first ones */
static uint64_t i386_brk(const struct kmr_boot *b)
{
	/* arch/x86/kernel/{setup,head_32}.S: RESERVE_BRK() of tables and DMI, MAPPING_BEYOND_END */
	const uint64_t table = b->spec->pae ? 2 * MIB : 4 * MIB;
	const uint64_t reserve = b->spec->pae ? 0x216000 : 0x116000;
	const uint64_t beyond = b->spec->pae ? 2 * MIB : MIB;
	uint64_t end = up(b->profile.bss_end, b->page) + reserve + beyond;

	return ((end + table - 1) / table + 6) * b->page;
}

static void settle_brk(struct kmr_boot *b)
{
	if (b->spec->build.brk != KMR_NOT_SAID)
		b->profile.brk = up(b->spec->build.brk, b->page);
	else if (b->profile.brk == KMR_NOT_SAID)
		b->profile.brk = i386_brk(b);
}

void kmr_boot_reserve_image(struct kmr_boot *b)
{
	struct kmr_boot_profile *p = &b->profile;

	find_image(b);
	resize_image(b);
	settle_brk(b);
	/* parts that the machine's file calls init go before what is known of others */
	for (unsigned int i = 0; i < b->spec->nr_reserved; i++) {
		const struct kmr_spec_range *r = &b->spec->reserved[i];

		if (r->init)
			reserve(b, r->start, r->end, r->what, KMR_RESERVED_INIT);
	}
	reserve(b, p->text, up(p->text_end, b->page), "Kernel code", KMR_RESERVED_KEPT);
	reserve(b, p->rodata, up(p->rodata_end, b->page), "Kernel rodata", KMR_RESERVED_KEPT);
	reserve(b, p->data, up(p->data_end, b->page), "Kernel data", KMR_RESERVED_KEPT);
	reserve(b, p->bss, up(p->bss_end, b->page), "Kernel bss", KMR_RESERVED_KEPT);
	reserve_init(b);
	reserve_gaps(b);
	for (unsigned int i = 0; i < b->spec->nr_reserved; i++) {
		const struct kmr_spec_range *r = &b->spec->reserved[i];

		reserve(b, r->start, r->end, r->what, KMR_RESERVED_KEPT);
	}
	reserve(b, up(p->bss_end, b->page), up(p->bss_end, b->page) + p->brk, "brk",
		KMR_RESERVED_KEPT);
}
