/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fragmentation indices of a zone as the kernel computes and rounds them: whole thousandths, so
 * that they can be compared digit by digit with debugfs's extfrag/unusable_index and
 * extfrag/extfrag_index.
 */
#ifndef KMREPLAY_FRAG_H
#define KMREPLAY_FRAG_H

#include <stdint.h>

/*
 * The part of free memory that lies in blocks too small for a request of @order: 0 none, 1000 all
 * of it, or nothing is free.  @nr_free holds the number of free blocks per order, @nr_orders of
 * them.  (mm/vmstat.c: unusable_free_index())
 */
int kmr_unusable_index(const uint64_t *nr_free, unsigned int nr_orders, unsigned int order);

/*
 * Why a request of @order would fail: towards 0 for lack of memory, towards 1000 because memory is
 * fragmented; -1000 when it would not fail, 0 when nothing is free.
 * (mm/vmstat.c: __fragmentation_index())
 */
int kmr_extfrag_index(const uint64_t *nr_free, unsigned int nr_orders, unsigned int order);

#endif
