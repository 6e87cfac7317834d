// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM where QEMU's machines have it, when a machine says how much and not where.  A PC's is that of
 * "pc" with SeaBIOS: RAM below 4 GiB ends at 3 GiB at the latest, for the PCI hole, once there are
 * 3.5 GiB in all; the rest lies from 4 GiB on.  Nodes have equal shares in that order.
 */
#include <inttypes.h>

#include "machine/boot.h"

#define MIB	  (UINT64_C(1) << 20)
#define GIB	  (UINT64_C(1) << 30)
#define TIB	  (UINT64_C(1) << 40)
#define PAGE	  UINT64_C(4096) /* the first belongs to the firmware */
#define EBDA	  UINT64_C(0x9fc00)
#define HOLE	  (3 * GIB)
#define HOLE_RAM  (3584 * MIB) /* with so much RAM, the hole begins at 3 GiB */
#define ABOVE	  (4 * GIB)
#define ACPI	  UINT64_C(0x26000) /* SeaBIOS keeps the end of low RAM for its tables */
#define ARM64_RAM GIB /* QEMU's "virt" */

/* RAM ranges of a layout, and where the next byte of RAM goes. */
struct piece {
	uint64_t start, size;
	uint64_t keep; /* of the end, for firmware */
};

/* Amounts that will do; of 64 GiB with PAE the last is beyond what it reaches, for the hole. */
static void ram_limits(const struct kmr_spec *spec, uint64_t *least, uint64_t *most)
{
	switch (spec->arch) {
	case KMR_ARCH_I386:
		*least = 32 * MIB;
		*most = spec->pae ? 64 * GIB : HOLE_RAM - MIB;
		break;
	case KMR_ARCH_X86_64:
		*least = 64 * MIB;
		*most = 4 * TIB;
		break;
	default:
		*least = 64 * MIB;
		*most = 4 * TIB;
	}
}

static void add(struct kmr_spec *spec, uint64_t start, uint64_t end, unsigned int node)
{
	struct kmr_spec_range *last = spec->nr_memory ? &spec->memory[spec->nr_memory - 1] : NULL;

	if (start < end && (!last || last->end <= start))
		spec->memory[spec->nr_memory++] = (struct kmr_spec_range){ .start = start,
									   .end = end,
									   .node = (uint16_t)node };
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Bytes @from to @to of RAM, counted through the pieces, are on @node. */
static void add_share(struct kmr_spec *spec, const struct piece *pieces, unsigned int nr,
		      uint64_t from, uint64_t to, unsigned int node)
{
	uint64_t before = 0;

	for (unsigned int i = 0; i < nr; i++) {
		const struct piece *p = &pieces[i];
		uint64_t start = p->start + max(from, before) - before;
		uint64_t end = p->start + min(to, before + p->size) - before;

		if (max(from, before) < min(to, before + p->size))
			add(spec, start, min(end, p->start + p->size - p->keep), node);
		before += p->size;
	}
}

int kmr_boot_lay_out(struct kmr_spec *spec, const char *where, struct kmr_error *err)
{
	const bool pc = spec->arch <= KMR_ARCH_X86_64;
	const uint64_t ram = spec->ram, each = ram / spec->nr_nodes & ~(MIB - 1);
	const uint64_t low = !pc || ram < HOLE_RAM ? ram : HOLE;
	const uint64_t base = spec->arch == KMR_ARCH_ARM64 ? ARM64_RAM : 0;
	/* a PC has a hole from the BIOS's data to 1 MiB, whose RAM the firmware uses */
	const struct piece pieces[] = {
		{ base, pc ? MIB : 0, pc ? MIB - EBDA : 0 },
		{ base + (pc ? MIB : 0), low - (pc ? MIB : 0), pc ? ACPI : 0 },
		{ ABOVE, ram - low, 0 },
	};
	uint64_t least, most;

	ram_limits(spec, &least, &most);
	if (ram < least || ram > most)
		return kmr_boot_fail(
			spec, where, "ram", NULL, err,
			"ram=%" PRIu64 "M is too %s: from %" PRIu64 "M to %" PRIu64 "M will do",
			ram / MIB, ram < least ? "small" : "large", least / MIB, most / MIB);
	if (ram % MIB)
		return kmr_boot_fail(spec, where, "ram", NULL, err,
				     "ram=%" PRIu64 " is no whole number of MiB", ram);
	if (ram / spec->nr_nodes < least)
		return kmr_boot_fail(spec, where, "ram", NULL, err,
				     "ram=%" PRIu64 "M on nodes=%u leaves each less than "
				     "%" PRIu64 "M: too small",
				     ram / MIB, spec->nr_nodes, least / MIB);
	spec->nr_memory = 0;
	for (unsigned int n = 0; n < spec->nr_nodes; n++) {
		uint64_t from = n * each, to = n + 1 == spec->nr_nodes ? ram : from + each;

		add_share(spec, pieces, 3, from, to, n);
	}
	/* the first page is no RAM to the firmware's map either */
	if (pc && spec->memory[0].start < PAGE)
		spec->memory[0].start = PAGE;
	return 0;
}
