/* SPDX-License-Identifier: GPL-2.0-only */
/* The model's object allocator against the kernel's, record by record. */
#ifndef KMREPLAY_REPLAY_COMPARE_OBJECTS_H
#define KMREPLAY_REPLAY_COMPARE_OBJECTS_H

#include "kmreplay/object.h"
#include "kmreplay/verify.h"

int kmr_compare_objects(const struct kmr_object_ops *ops, const struct kmr_object_backend *b,
			const struct kmr_snapshot *kernel, struct kmr_object_result *result,
			struct kmr_error *err);

#endif
