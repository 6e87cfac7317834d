/* SPDX-License-Identifier: GPL-2.0-only */
/* Machines and workloads that are shipped, by name. */
#ifndef KMR_TESTS_SHIPPED_SUPPORT_H
#define KMR_TESTS_SHIPPED_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/machine.h"

#define MACHINES KMR_SOURCE_ROOT "/traces/machines/"
#define LOADS	 KMR_SOURCE_ROOT "/traces/loads/"

#define KIB UINT64_C(1024)
#define MIB (KIB << 10)
#define GIB (KIB << 20)

/* traces/machines/@name.yaml, booted; the caller frees it. */
static inline struct kmr_machine *shipped_machine(const char *name)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_error err = { "" };
	char path[512];

	cr_assert(m);
	snprintf(path, sizeof(path), MACHINES "%s.yaml", name);
	cr_assert_eq(kmr_machine_open(m, path, NULL, NULL, 0, &err), 0, "%s", err.msg);
	return m;
}

/* The index of the zone of @type on @node. */
static inline unsigned int zone_index(const struct kmr_machine *m, unsigned int node,
				      enum kmr_zone_type type)
{
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].node == node && m->zones[i].type == (uint8_t)type)
			return i;
	cr_assert_fail("%s: node %u has no zone %s", m->name, node, kmr_zone_name(type));
	return 0;
}

static inline const struct kmr_zone_spec *zone_of(const struct kmr_machine *m, unsigned int node,
						  enum kmr_zone_type type)
{
	return &m->zones[zone_index(m, node, type)];
}

#endif
