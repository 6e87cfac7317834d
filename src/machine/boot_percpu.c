// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first chunk of the per-CPU allocator: copies of the kernel's static per-CPU variables and
 * room for dynamic ones, a unit for each CPU, a group of units for each node (mm/percpu.c:
 * pcpu_embed_first_chunk(), pcpu_build_alloc_info(), pcpu_setup_first_chunk()).
 */
#include "machine/boot.h"

#define MODULE_RESERVE	(UINT64_C(8) << 10) /* PERCPU_MODULE_RESERVE */
#define DYNAMIC_RESERVE (UINT64_C(28) << 10) /* PERCPU_DYNAMIC_RESERVE of 64 bits */
#define DYNAMIC_32	(UINT64_C(20) << 10)
#define MIN_UNIT	(UINT64_C(32) << 10) /* PCPU_MIN_UNIT_SIZE */
#define MIN_ALLOC	4 /* PCPU_MIN_ALLOC_SIZE */
#define MIN_ABOVE	(UINT64_C(16) << 20) /* above the DMA zone, if it can be helped */
#define BLOCK_MD	32 /* sizeof(struct pcpu_block_md) */
#define SLOT_BASE	5 /* PCPU_SLOT_BASE_SHIFT */

struct first_chunk {
	struct kmr_boot *b;
	uint64_t atom;
	uint64_t size; /* of a unit that is used */
	uint64_t dynamic; /* of that, behind what is reserved for modules */
	uint64_t unit; /* of a unit, with what is wasted behind it */
	uint64_t units; /* in one allocation */
	unsigned int nr_groups;
	uint16_t group_node[KMR_MAX_NODES];
	unsigned int group_cpus[KMR_MAX_NODES];
};

static uint64_t up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static uint64_t bits_to_longs(const struct kmr_boot *b, uint64_t bits)
{
	return up(bits, 8 * b->profile.long_bytes) / 8;
}

/* CPUs of one node are one group, in the order of their first CPUs. */
static void group_cpus(struct first_chunk *f)
{
	const struct kmr_machine *m = f->b->m;

	for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++) {
		unsigned int g = 0;

		while (g < f->nr_groups && f->group_node[g] != m->cpu_node[cpu])
			g++;
		if (g == f->nr_groups)
			f->group_node[f->nr_groups++] = m->cpu_node[cpu];
		f->group_cpus[g]++;
	}
}

/* Whether an allocation can be cut into @units of whole pages. */
static bool divides(const struct first_chunk *f, uint64_t alloc, uint64_t units)
{
	return !(alloc % units) && !(alloc / units % f->b->page);
}

/* The number of units an allocation: the fewest allocations that waste no more than a third. */
static uint64_t best_units(const struct first_chunk *f, uint64_t alloc, uint64_t most)
{
	uint64_t best = most, last_allocs = UINT64_MAX;

	for (uint64_t units = most; units; units--) {
		uint64_t allocs = 0, wasted = 0;

		if (!divides(f, alloc, units))
			continue;
		for (unsigned int g = 0; g < f->nr_groups; g++) {
			uint64_t n = (f->group_cpus[g] + units - 1) / units;

			allocs += n;
			wasted += n * units - f->group_cpus[g];
		}
		if (wasted > f->b->m->nr_cpus / 3)
			continue;
		if (allocs > last_allocs)
			break;
		last_allocs = allocs;
		best = units;
	}
	return best;
}

static void size_units(struct first_chunk *f)
{
	const struct kmr_boot_profile *p = &f->b->profile;
	uint64_t dynamic = (p->long_bytes == 8 ? DYNAMIC_RESERVE : DYNAMIC_32) + MODULE_RESERVE -
			   p->percpu_reserved;
	uint64_t min_unit, alloc, most;

	f->size = up(p->percpu_static + p->percpu_reserved + dynamic, f->b->page);
	f->dynamic = f->size - p->percpu_static - p->percpu_reserved;
	min_unit = f->size > MIN_UNIT ? f->size : MIN_UNIT;
	alloc = up(min_unit, f->atom);
	for (most = alloc / min_unit; !divides(f, alloc, most); most--)
		;
	f->units = best_units(f, alloc, most);
	f->unit = alloc / f->units;
}

/* A group's units, in whole allocations. */
static uint64_t group_units(const struct first_chunk *f, unsigned int g)
{
	return (f->group_cpus[g] + f->units - 1) / f->units * f->units;
}

static void take_units(struct first_chunk *f)
{
	struct kmr_memblock *mb = &f->b->mb;
	uint64_t at[KMR_MAX_NODES];
	unsigned int g;

	for (g = 0; g < f->nr_groups; g++)
		at[g] = kmr_boot_take_from(
			f->b, &(struct kmr_memblock_request){ .size = group_units(f, g) * f->unit,
							      .align = f->atom,
							      .min = MIN_ABOVE,
							      .node = f->group_node[g],
							      .what = "per-CPU areas" });
	for (g = 0; g < f->nr_groups; g++) {
		for (uint64_t u = 0; u < group_units(f, g) && at[g] != KMR_MEMBLOCK_NONE; u++) {
			uint64_t start = at[g] + u * f->unit;
			uint64_t used = u < f->group_cpus[g] ? f->size : 0;

			kmr_memblock_free(mb, start + used, start + f->unit);
		}
	}
}

static void take(struct first_chunk *f, uint64_t size)
{
	(void)kmr_boot_take(f->b, "per-CPU bookkeeping", size, f->b->profile.cache_line);
}

/* pcpu_alloc_first_chunk(): the chunk that has @size bytes behind @start within a unit */
static void take_chunk(struct first_chunk *f, uint64_t start, uint64_t size)
{
	const struct kmr_boot *b = f->b;
	uint64_t region = up(start % b->page + size, b->page), bits = region / MIN_ALLOC;

	take(f, b->profile.pcpu_chunk + bits_to_longs(b, region / b->page));
	take(f, bits_to_longs(b, bits));
	take(f, bits_to_longs(b, bits + 1));
	take(f, region / b->page * BLOCK_MD);
}

/* pcpu_setup_first_chunk() */
static void take_bookkeeping(struct first_chunk *f)
{
	const struct kmr_boot_profile *p = &f->b->profile;
	const unsigned int cpus = f->b->m->nr_cpus;
	/* __pcpu_size_to_slot(), and slots for chunks set aside, free, to be depopulated */
	unsigned int slots = 64u - (unsigned int)__builtin_clzll(f->unit) - SLOT_BASE + 2 + 4;

	take(f, f->nr_groups * p->long_bytes);
	take(f, f->nr_groups * p->long_bytes);
	take(f, cpus * 4);
	take(f, cpus * p->long_bytes);
	take(f, slots * 2 * p->long_bytes);
	if (p->percpu_reserved)
		take_chunk(f, p->percpu_static, p->percpu_reserved);
	take_chunk(f, p->percpu_static + p->percpu_reserved, f->dynamic);
}

void kmr_boot_percpu(struct kmr_boot *b, uint64_t atom)
{
	struct first_chunk f = { .b = b, .atom = atom };
	uint64_t info, areas, page = b->page;

	group_cpus(&f);
	size_units(&f);
	/* what the set-up itself needs; more than a page only with hundreds of CPUs */
	info = kmr_boot_take(b, "per-CPU set-up", page, page);
	areas = kmr_boot_take(b, "per-CPU set-up", page, b->profile.cache_line);
	take_units(&f);
	take_bookkeeping(&f);
	if (info != KMR_MEMBLOCK_NONE)
		kmr_memblock_free(&b->mb, info, info + page);
	if (areas != KMR_MEMBLOCK_NONE)
		kmr_memblock_free(&b->mb, areas, areas + page);
}
