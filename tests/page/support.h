/* SPDX-License-Identifier: GPL-2.0-only */
/* The machines of rig.h with the engine of linux-6.1 and its like. */
#ifndef KMR_TESTS_PAGE_SUPPORT_H
#define KMR_TESTS_PAGE_SUPPORT_H

#include "page/linux.h"

#include "rig.h"

/* What rig_create() makes, from here on in the process of a test. */
static const char *rig_backend = "linux-6.1";

static inline void rig_create(struct rig *r)
{
	rig_create_as(r, rig_backend);
}

static inline void rig_preset(struct rig *r, const char *spec)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_machine_preset(&r->m, spec, &err), 0, "%s", err.msg);
	rig_create(r);
}

/* One Normal zone [start, start + spanned), pageblocks of 512 frames, no reserves. */
static inline struct kmr_zone *rig_normal(struct rig *r, uint64_t start, uint64_t spanned)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, start, spanned);
	rig_create(r);
	return &r->b->zones[0];
}

#endif
