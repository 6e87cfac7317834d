// SPDX-License-Identifier: GPL-2.0-only
/* A machine's description in YAML, from its own /proc files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/facts.h"

/* Text between double quotes. */
static void put_text(FILE *f, const char *text)
{
	(void)fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', f);
		(void)fputc(*text, f);
	}
	(void)fputc('"', f);
}

static uint64_t page_size(const struct kmr_facts *facts)
{
	return facts->arch == KMR_ARCH_ALPHA ? 8192 : 4096;
}

static void put_kernel(FILE *f, const struct kmr_facts *facts)
{
	if (facts->release[0])
		(void)fprintf(f, "# Linux %s\n", facts->release);
	(void)fputs("machine: ", f);
	put_text(f, facts->name);
	(void)fprintf(f, "\narch: %s\nkernel: %s\n", kmr_arch_names[facts->arch],
		      kmr_kernel_names[facts->kernel]);
	(void)fprintf(f, "cpus: %u\n", facts->nr_cpus ? facts->nr_cpus : 1);
	if (facts->pageblock_order > 0)
		(void)fprintf(f, "pageblock_order: %d\n", facts->pageblock_order);
	(void)fprintf(f, "thp: %s\n", facts->thp ? "true" : "false");
	if (facts->pae && facts->arch == KMR_ARCH_I386)
		(void)fputs("pae: true\n", f);
	if (facts->no_gbpages && facts->arch == KMR_ARCH_X86_64)
		(void)fputs("gbpages: false\n", f);
	/* it decides where high memory begins */
	if (facts->max_cpus && facts->arch == KMR_ARCH_I386)
		(void)fprintf(f, "build: {max_cpus: %u}\n", facts->max_cpus);
}

/* Where the node ends that has frame @pfn, and which it is. */
static uint64_t node_end(const struct kmr_facts *facts, uint64_t pfn, unsigned int *node)
{
	uint64_t end = UINT64_MAX, best = 0;

	*node = 0;
	for (unsigned int n = 0; n < facts->nr_nodes; n++) {
		if (!facts->has_node[n])
			continue;
		if (facts->node_pfn[n] <= pfn && facts->node_pfn[n] >= best) {
			best = facts->node_pfn[n];
			*node = n;
		}
		if (facts->node_pfn[n] > pfn && facts->node_pfn[n] < end)
			end = facts->node_pfn[n];
	}
	return end;
}

/* A range of RAM, cut where another node begins. */
static void put_ram(FILE *f, const struct kmr_facts *facts, const struct kmr_iomem_range *r)
{
	const uint64_t page = page_size(facts);
	uint64_t start = r->start;

	while (start <= r->last) {
		unsigned int node;
		uint64_t end = node_end(facts, (start + page - 1) / page, &node);
		uint64_t last = r->last;

		if (end < UINT64_MAX / page && end * page - 1 < last)
			last = end * page - 1;
		(void)fprintf(f, "  - {start: 0x%08" PRIx64 ", end: 0x%08" PRIx64, start, last);
		if (facts->nr_nodes > 1)
			(void)fprintf(f, ", node: %u", node);
		(void)fputs("}\n", f);
		start = last + 1;
	}
}

static bool is_ram(const struct kmr_iomem_range *r)
{
	return !r->inside && !strcmp(r->what, "System RAM");
}

/* The kernel's image, and what the firmware's map has beside RAM (e820_type_to_string()). */
static bool is_reserved(const struct kmr_iomem_range *r)
{
	static const char *const firmware[] = {
		"Reserved",	   "ACPI Tables",	"ACPI Non-volatile Storage",
		"Unusable memory", "Persistent Memory", "Persistent Memory (legacy)",
		"Soft Reserved",   "Unknown E820 type",
	};

	if (r->inside)
		return !strncmp(r->what, "Kernel ", 7);
	for (size_t i = 0; i < ARRAY_SIZE(firmware); i++)
		if (!strcmp(r->what, firmware[i]))
			return true;
	return false;
}

static void put_memory(FILE *f, const struct kmr_facts *facts)
{
	bool any = false;

	(void)fputs("memory:\n", f);
	for (unsigned int i = 0; i < facts->nr_ranges; i++)
		if (is_ram(&facts->ranges[i]))
			put_ram(f, facts, &facts->ranges[i]);
	for (unsigned int i = 0; i < facts->nr_ranges; i++) {
		const struct kmr_iomem_range *r = &facts->ranges[i];

		if (!is_reserved(r))
			continue;
		if (!any)
			(void)fputs("reserved:\n", f);
		any = true;
		(void)fprintf(f,
			      "  - {start: 0x%08" PRIx64 ", end: 0x%08" PRIx64 ", what: ", r->start,
			      r->last);
		put_text(f, r->what);
		(void)fputs("}\n", f);
	}
}

static void put_nodes(FILE *f, const struct kmr_facts *facts)
{
	if (facts->nr_nodes < 2)
		return;
	(void)fputs("nodes:\n", f);
	for (unsigned int n = 0; n < facts->nr_nodes; n++) {
		bool first = true;

		/* /proc does not tell which CPUs are whose: equal runs, in order */
		(void)fputs("  - {cpus: [", f);
		for (unsigned int c = 0; c < facts->nr_cpus; c++)
			if (c * facts->nr_nodes / facts->nr_cpus == n) {
				(void)fprintf(f, "%s%u", first ? "" : ", ", c);
				first = false;
			}
		(void)fputs("]", f);
		for (unsigned int to = 0; facts->has_distance && to < facts->nr_nodes; to++)
			(void)fprintf(f, "%s%u", to ? ", " : ", distance: [",
				      facts->distance[n][to]);
		(void)fputs(facts->has_distance ? "]}\n" : "}\n", f);
	}
}

static void put_boot(FILE *f, const struct kmr_facts *facts)
{
	if (!facts->command_line[0])
		return;
	(void)fputs("boot:\n  command_line: ", f);
	put_text(f, facts->command_line);
	(void)fputc('\n', f);
	/* parameters that this kernel is built to know nothing of */
	if (facts->no_cma && strstr(facts->command_line, "cma="))
		(void)fputs("  cma: []\n", f);
	if (facts->no_hugetlb && strstr(facts->command_line, "hugepages="))
		(void)fputs("  hugepages: 0\n", f);
}

int kmr_machine_write_yaml(FILE *f, const char *dir, struct kmr_error *err)
{
	struct kmr_facts *facts = malloc(sizeof(*facts));
	int ret;

	if (!facts)
		return kmr_fail_nomem(err, "a machine's description");
	ret = kmr_facts_read(facts, dir, err);
	if (!ret) {
		put_kernel(f, facts);
		put_memory(f, facts);
		put_nodes(f, facts);
		put_boot(f, facts);
		if (ferror(f))
			ret = kmr_fail(err, "%s: the description can't be written", dir);
	}
	free(facts);
	return ret;
}
