// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a machine: one that holds together, the same one twice, or a message. */
#include <string.h>

#include "fuzz.h"
#include "fuzz_message.h"
#include "kmreplay/machine.h"

static void check_shape(const struct kmr_machine *m)
{
	MUST(m->page_shift >= 12 && m->page_shift <= 16);
	MUST(m->nr_orders > 0 && m->nr_orders <= KMR_MAX_ORDERS);
	MUST(m->pageblock_order < m->nr_orders);
	MUST(m->nr_nodes > 0 && m->nr_nodes <= KMR_MAX_NODES);
	MUST(m->nr_cpus > 0 && m->nr_cpus <= KMR_MAX_CPUS);
	MUST(m->nr_zones > 0 && m->nr_zones <= KMR_MAX_ZONES);
	MUST(m->nr_cma <= KMR_MAX_CMA);
	for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++)
		MUST(m->cpu_node[cpu] < m->nr_nodes);
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		MUST(m->distance[node][node] == 10);
}

static void check_ranges(const struct kmr_ram_range *range, unsigned int nr)
{
	MUST(nr <= KMR_MAX_RAM_RANGES);
	for (unsigned int i = 0; i < nr; i++) {
		MUST(range[i].start_pfn < range[i].end_pfn);
		MUST(!i || range[i].start_pfn >= range[i - 1].end_pfn);
	}
}

static void check_reserved(const struct kmr_machine *m)
{
	MUST(m->nr_reserved <= KMR_MAX_RESERVED);
	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];

		MUST(r->start_pfn < r->end_pfn);
		MUST(!i || r->start_pfn >= r[-1].end_pfn);
		MUST(memchr(r->what, '\0', sizeof(r->what)));
	}
}

static void check_zones(const struct kmr_machine *m)
{
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		MUST(z->node < m->nr_nodes && z->type < KMR_ZONE_NR_TYPES);
		MUST(z->managed <= z->present && z->present <= z->spanned);
		MUST(z->init_pages <= z->managed);
		MUST(z->start_pfn + z->spanned >= z->start_pfn);
		MUST(z->wmark_min <= z->wmark_low && z->wmark_low <= z->wmark_high);
		MUST(!i || z->node > z[-1].node || (z->node == z[-1].node && z->type > z[-1].type));
	}
}

/* No zone twice, none above what is asked for. */
static void check_zonelist(const struct kmr_machine *m, unsigned int node,
			   enum kmr_zone_type highest)
{
	uint16_t list[KMR_MAX_ZONES];
	bool seen[KMR_MAX_ZONES] = { false };
	const unsigned int nr = kmr_machine_zonelist(m, node, highest, list);

	MUST(nr <= m->nr_zones);
	for (unsigned int i = 0; i < nr; i++) {
		MUST(list[i] < m->nr_zones && !seen[list[i]]);
		MUST(m->zones[list[i]].type <= highest);
		seen[list[i]] = true;
	}
}

static void check_machine(const struct kmr_machine *m)
{
	check_shape(m);
	check_ranges(m->ram, m->nr_ram);
	check_ranges(m->hotplug, m->nr_hotplug);
	check_reserved(m);
	check_zones(m);
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		for (unsigned int type = 0; type < KMR_ZONE_NR_TYPES; type++)
			check_zonelist(m, node, (enum kmr_zone_type)type);
	for (unsigned int i = 0; i < m->nr_ram; i++)
		MUST(m->ram[i].end_pfn <= kmr_machine_end_pfn(m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* too large for a stack; what was there before must not show in what comes out */
	static struct kmr_machine m, again;
	struct kmr_error err = { "" };

	memset(&m, 0, sizeof(m));
	if (kmr_machine_parse_yaml(&m, FUZZ_NAME, (const char *)data, size, &err)) {
		check_message(&err);
		return 0;
	}
	check_machine(&m);
	MUST(!kmr_machine_parse_yaml(&again, FUZZ_NAME, (const char *)data, size, &err));
	MUST(!memcmp(m.zones, again.zones, m.nr_zones * sizeof(m.zones[0])));
	MUST(m.nr_reserved == again.nr_reserved);
	MUST(!memcmp(m.reserved, again.reserved, m.nr_reserved * sizeof(m.reserved[0])));
	return 0;
}
