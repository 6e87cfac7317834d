/* SPDX-License-Identifier: GPL-2.0-only */
/* The objects that there are when a replay begins. */
#ifndef KMREPLAY_REPLAY_OBJECT_START_H
#define KMREPLAY_REPLAY_OBJECT_START_H

#include "replay/object_engine.h"

/*
 * Objects that the trace allocates and frees come and go once.  @older: those that it frees and never
 * allocated are made first.
 */
int kmr_oe_warm_up(struct kmr_object_engine *oe, bool older);

/* Brings a new backend into the start state. */
int kmr_oe_start(struct kmr_object_engine *oe, struct kmr_error *err);

#endif
