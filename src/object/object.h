/* SPDX-License-Identifier: GPL-2.0-only */
/* What the object backends share, and their list for the registry. */
#ifndef KMR_OBJECT_OBJECT_H
#define KMR_OBJECT_OBJECT_H

#include "kmreplay/object.h"

/*
 * What a frame's number is (base/framemap.h), as struct page tells in the kernel: 0 (no object's), a
 * slab's number from 1 on, or KMR_FRAME_LARGE | order for the first frame of a kmalloc() that was
 * served with pages.
 */
#define KMR_FRAME_LARGE UINT32_C(0x80000000)

extern const struct kmr_object_ops kmr_slub, kmr_slab, kmr_slob;

#endif
