// SPDX-License-Identifier: GPL-2.0-only
#include "page/numa.h"

#include <stdlib.h>
#include <string.h>

int kmr_numa_init(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	struct kmr_numa *n;

	if (m->nr_nodes < 2)
		return 0;
	n = calloc(1, sizeof(*n));
	b->numa = n;
	if (!n)
		return -1;
	n->zones = calloc(m->nr_zones, sizeof(*n->zones));
	n->traffic = calloc((size_t)m->nr_nodes * m->nr_nodes, sizeof(*n->traffic));
	return n->zones && n->traffic ? 0 : -1;
}

void kmr_numa_free(struct kmr_page_backend *b)
{
	if (!b->numa)
		return;
	free(b->numa->zones);
	free(b->numa->traffic);
	free(b->numa);
}

bool kmr_linux_numa(const struct kmr_page_backend *b, struct kmr_numa_report *report)
{
	const struct kmr_numa *n = b->numa;

	memset(report, 0, sizeof(*report));
	if (!n)
		return false;
	report->known = true;
	memcpy(report->zones, n->zones, b->nr_zones * sizeof(*n->zones));
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		memcpy(report->traffic[node], n->traffic + (size_t)node * b->nr_nodes,
		       b->nr_nodes * sizeof(*n->traffic));
	return true;
}

void kmr_linux_numa_restart(struct kmr_page_backend *b)
{
	struct kmr_numa *n = b->numa;

	if (!n)
		return;
	memset(n->zones, 0, b->nr_zones * sizeof(*n->zones));
	memset(n->traffic, 0, (size_t)b->nr_nodes * b->nr_nodes * sizeof(*n->traffic));
}
