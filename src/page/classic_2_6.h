/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the model of Linux 2.6.24 offer one another: classic_2_6.c, classic_mobility.c,
 * classic_huge.c
 */
#ifndef KMR_PAGE_CLASSIC_2_6_H
#define KMR_PAGE_CLASSIC_2_6_H

#include "page/classic.h"

/* Takes a block from the free lists, falling back to other types: __rmqueue(). */
uint32_t kmr_26_rmqueue(struct kmr_page_backend *b, struct kmr_classic_zone *z, unsigned int order,
			unsigned int migratetype);
kmr_pfn_t kmr_26_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req);
/* classic_huge.c; struct kmr_page_ops.set_huge_pages */
uint64_t kmr_26_set_huge_pages(struct kmr_page_backend *b, uint64_t nr, int node, unsigned int cpu);
/*
 * Gives the first movable pageblocks of every zone, as many as hold its min mark, to
 * MIGRATE_RESERVE: setup_zone_migrate_reserve(), which runs at boot and whenever min_free_kbytes is
 * written.
 */
void kmr_26_setup_reserve(struct kmr_page_backend *b);

#endif
