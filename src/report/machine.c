// SPDX-License-Identifier: GPL-2.0-only
#include "report/machine.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "report/machine_sections.h"
#include "report/units.h"

static const struct kmr_machine_section *const sections[] = {
	&kmr_section_zones,  &kmr_section_memblock,  &kmr_section_lsmem,
	&kmr_section_nodes,  &kmr_section_zonelists, &kmr_section_watermarks,
	&kmr_section_memmap, &kmr_section_addresses, &kmr_section_limits,
};

static int section_of(const char *name, size_t len)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(sections); i++)
		if (strlen(sections[i]->name) == len && !memcmp(sections[i]->name, name, len))
			return (int)i;
	return -1;
}

static int no_section(const char *name, size_t len, struct kmr_error *err)
{
	char known[128] = "";

	for (unsigned int i = 0; i < ARRAY_SIZE(sections); i++)
		(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			       i ? ", " : "", sections[i]->name);
	return kmr_fail(err, "no section '%.*s'; there are %s", len < 40 ? (int)len : 40, name,
			known);
}

int kmr_machine_sections(const char *names, unsigned int *set, struct kmr_error *err)
{
	*set = 0;
	for (;;) {
		const size_t len = strcspn(names, ",");
		const int i = section_of(names, len);

		if (i < 0)
			return no_section(names, len, err);
		*set |= 1u << i;
		if (!names[len])
			return 0;
		names += len + 1;
	}
}

/* In pages. */
static void totals(const struct kmr_machine *m, uint64_t *present, uint64_t *managed)
{
	*present = *managed = 0;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		*present += m->zones[i].present;
		*managed += m->zones[i].managed;
	}
}

static void print_head(const struct kmr_machine *m, const char *from, FILE *out)
{
	char page[KMR_UNITS_SIZE], all[KMR_UNITS_SIZE], ours[KMR_UNITS_SIZE];
	uint64_t present, managed;

	totals(m, &present, &managed);
	(void)fprintf(out, "machine  %s\n", from);
	(void)fprintf(out, "         %s, %u node%s, %u CPU%s, pages of %s\n", m->arch, m->nr_nodes,
		      m->nr_nodes == 1 ? "" : "s", m->nr_cpus, m->nr_cpus == 1 ? "" : "s",
		      kmr_units_bytes(page, kmr_bytes_of(m, 1)));
	(void)fprintf(out, "         %s present, %s of it managed by the page allocator\n",
		      kmr_units_bytes(all, kmr_bytes_of(m, present)),
		      kmr_units_bytes(ours, kmr_bytes_of(m, managed)));
}

int kmr_machine_print(const struct kmr_machine *m, const char *from, unsigned int set, FILE *out)
{
	print_head(m, from, out);
	for (unsigned int i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!(set >> i & 1))
			continue;
		(void)fprintf(out, "\n[%s]\n", sections[i]->name);
		if (sections[i]->text(m, out))
			return -1;
	}
	return ferror(out) ? -1 : 0;
}

int kmr_machine_print_json(const struct kmr_machine *m, const char *from, unsigned int set,
			   FILE *out)
{
	uint64_t present, managed;
	struct kmr_json j;
	int ret = 0;

	totals(m, &present, &managed);
	kmr_json_init(&j, out);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "machine", from);
	kmr_json_string(&j, "arch", m->arch);
	kmr_json_uint(&j, "node_count", m->nr_nodes);
	kmr_json_uint(&j, "cpu_count", m->nr_cpus);
	kmr_json_uint(&j, "page_bytes", kmr_bytes_of(m, 1));
	kmr_json_uint(&j, "present_pages", present);
	kmr_json_uint(&j, "managed_pages", managed);
	for (unsigned int i = 0; !ret && i < ARRAY_SIZE(sections); i++) {
		if (!(set >> i & 1))
			continue;
		kmr_json_object(&j, sections[i]->name);
		ret = sections[i]->json(m, &j);
		kmr_json_end_object(&j);
	}
	kmr_json_end_object(&j);
	return ret || ferror(out) ? -1 : 0;
}
