/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the direct map of a traced kernel begins. */
#ifndef KMREPLAY_REPLAY_BASEMAP_H
#define KMREPLAY_REPLAY_BASEMAP_H

#include "replay/tape.h"

/*
 * An object that is allocated right after a page, by the same task, often lies in it; the distance
 * between the two is then where page frame 0 is mapped.  True when far
 * more of them than chance allows agree on one address, a multiple of 4 MiB (a large page of any
 * machine): pointers are real then.
 */
bool kmr_find_base(const struct kmr_tape *t, uint64_t *base);

#endif
