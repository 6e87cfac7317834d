/* SPDX-License-Identifier: GPL-2.0-only */
/* Two snapshots side by side: which lists and pageblocks are identical, and what differs first. */
#ifndef KMREPLAY_REPLAY_COMPARE_H
#define KMREPLAY_REPLAY_COMPARE_H

#include "kmreplay/snapshot.h"
#include "kmreplay/verify.h"

/*
 * Fills in the lists_, pcp_ and pageblocks_ counts and first_difference of @r.  Lists are
 * identical when they hold the same blocks in the same order.  Both are of the same zones.
 */
void kmr_compare_snapshots(const struct kmr_snapshot *model, const struct kmr_snapshot *kernel,
			   struct kmr_verify_result *r);

#endif
