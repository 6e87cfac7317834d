/* SPDX-License-Identifier: GPL-2.0-only */
/* The objects that there are when a replay begins. */
#ifndef KMREPLAY_REPLAY_OBJECT_START_H
#define KMREPLAY_REPLAY_OBJECT_START_H

#include "replay/object_engine.h"

/* Brings a new backend into the start state. */
int kmr_oe_start(struct kmr_object_engine *oe, struct kmr_error *err);

#endif
