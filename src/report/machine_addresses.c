// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's virtual addresses, from the top down as i386's mem_init() printed them until 5.8. */
#include <inttypes.h>

#include "kmreplay/addrspace.h"
#include "report/machine_sections.h"
#include "report/units.h"

static void print_area(const struct kmr_address_area *a, int digits, FILE *out)
{
	char size[KMR_UNITS_SIZE];

	/* the end as an address, as the kernel prints it: 0 behind the very last byte */
	(void)fprintf(out, "%14s : 0x%0*" PRIx64 " - 0x%0*" PRIx64 "   (%9s%s)\n", a->name, digits,
		      a->first, digits, (a->last + 1) & (digits == 8 ? UINT32_MAX : UINT64_MAX),
		      kmr_units_bytes(size, a->last - a->first + 1), a->inside ? ", in it" : "");
}

static int addresses_text(const struct kmr_machine *m, FILE *out)
{
	struct kmr_address_area areas[KMR_MAX_ADDRESS_AREAS];
	const unsigned int all = kmr_address_areas(m, areas, KMR_MAX_ADDRESS_AREAS);
	unsigned int nr = all;
	struct kmr_address_space as;
	struct kmr_error err;
	char size[KMR_UNITS_SIZE];

	if (kmr_address_space(m, &as, &err)) {
		(void)fprintf(out, "%s\n", err.msg);
		return 0;
	}
	(void)fprintf(out, "virtual kernel memory layout:\n");
	while (nr-- > 0) {
		if (areas[nr].inside)
			continue;
		print_area(&areas[nr], (int)as.pointer_bytes * 2, out);
		for (unsigned int i = nr + 1; i < all && areas[i].inside; i++)
			print_area(&areas[i], (int)as.pointer_bytes * 2, out);
	}
	(void)fprintf(out, "page frames %" PRIu64 " to %" PRIu64 " are mapped directly\n",
		      as.direct_pfn, as.direct_end_pfn ? as.direct_end_pfn - 1 : 0);
	(void)fprintf(out, "a page of page table entries maps %s\n",
		      kmr_units_bytes(size, as.table_bytes));
	if (as.pkmap_slots)
		(void)fprintf(out, "%u slots for kmap(), %u a CPU for kmap_local_page()\n",
			      as.pkmap_slots, as.kmap_local_slots);
	return 0;
}

static void json_address(struct kmr_json *j, const char *key, uint64_t address)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, address);
	kmr_json_string(j, key, text);
}

static int addresses_json(const struct kmr_machine *m, struct kmr_json *j)
{
	struct kmr_address_area areas[KMR_MAX_ADDRESS_AREAS];
	const unsigned int nr = kmr_address_areas(m, areas, KMR_MAX_ADDRESS_AREAS);
	struct kmr_address_space as;
	struct kmr_error err;

	kmr_json_array(j, "areas");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", areas[i].name);
		kmr_json_string(j, "what", areas[i].what);
		json_address(j, "first", areas[i].first);
		json_address(j, "last", areas[i].last);
		kmr_json_uint(j, "bytes", areas[i].last - areas[i].first + 1);
		kmr_json_bool(j, "inside", areas[i].inside);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	if (kmr_address_space(m, &as, &err))
		return 0;
	kmr_json_uint(j, "direct_start_pfn", as.direct_pfn);
	kmr_json_uint(j, "direct_end_pfn", as.direct_end_pfn);
	kmr_json_uint(j, "table_bytes", as.table_bytes);
	kmr_json_uint(j, "pkmap_slots", as.pkmap_slots);
	kmr_json_uint(j, "kmap_local_slots", as.kmap_local_slots);
	return 0;
}

const struct kmr_machine_section kmr_section_addresses = { "addresses", addresses_text,
							   addresses_json };
