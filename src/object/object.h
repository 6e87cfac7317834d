/* SPDX-License-Identifier: GPL-2.0-only */
/* The built-in object backends, for the registry. */
#ifndef KMR_OBJECT_OBJECT_H
#define KMR_OBJECT_OBJECT_H

#include "kmreplay/object.h"

extern const struct kmr_object_ops kmr_slub, kmr_slab, kmr_slob;

#endif
