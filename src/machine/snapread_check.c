// SPDX-License-Identifier: GPL-2.0-only
/* What has to hold across a snapshot's records once all of them are read. */
#include <inttypes.h>

#include "machine/snapread.h"

static int missing(const struct kmr_snapread *r, const struct kmr_zone_spec *z, const char *what,
		   struct kmr_error *err)
{
	return kmr_fail(err, "%s: node %u, zone %s: no %s record: the file is incomplete", r->path,
			z->node, kmr_zone_name(z->type), what);
}

static int check_zones(const struct kmr_snapread *r, struct kmr_error *err)
{
	const struct kmr_machine *m = &r->snap->machine;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		if (!r->zones[i].taken)
			return missing(r, z, "pb", err);
		if (r->zones[i].nr_reserves < KMR_ARCH_ZONE_TYPES)
			return missing(r, z, "lowmem", err);
		if (r->zones[i].nr_pcps != m->nr_cpus)
			return missing(r, z, "pcp", err);
	}
	return 0;
}

static int check_pcps(const struct kmr_snapread *r, struct kmr_error *err)
{
	const struct kmr_snapshot *s = r->snap;
	size_t i;

	for (i = 0; i < s->nr_pcps; i++)
		if (s->pcps[i].count != r->pcps[i].pages)
			return kmr_fail(err,
					"%s:%" PRIu64 ": count %u, but the lists of cpu %u hold "
					"%" PRIu64 " pages",
					r->path, r->pcps[i].line, s->pcps[i].count, s->pcps[i].cpu,
					r->pcps[i].pages);
	return 0;
}

int kmr_snapread_check(const struct kmr_snapread *r, struct kmr_error *err)
{
	if (!r->snap->machine.nr_zones)
		return kmr_fail(err, "%s: no zone record: the file is incomplete", r->path);
	if (!r->snap->machine.nr_cpus)
		return missing(r, &r->snap->machine.zones[0], "pcp", err);
	if (check_zones(r, err) < 0)
		return -1;
	if (check_pcps(r, err) < 0)
		return -1;
	return kmr_snapread_check_objects(r, err);
}
