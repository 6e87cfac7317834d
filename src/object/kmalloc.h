/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The size classes of kmalloc() that SLUB and SLAB have: which cache a request goes to, and which
 * caches there are (mm/slab_common.c: kmalloc_info[], kmalloc_slab(), create_kmalloc_caches();
 * include/linux/slab.h: kmalloc_type()).
 */
#ifndef KMR_OBJECT_KMALLOC_H
#define KMR_OBJECT_KMALLOC_H

#include <stdint.h>

#include "kmreplay/object.h"

enum kmr_kmalloc_type {
	KMR_KMALLOC_NORMAL, /* "kmalloc-N" */
	KMR_KMALLOC_CGROUP, /* "kmalloc-cg-N": accounted, when the kernel has memory cgroups */
	KMR_KMALLOC_RECLAIM, /* "kmalloc-rcl-N" */
	KMR_KMALLOC_DMA, /* "dma-kmalloc-N" */
	KMR_KMALLOC_TYPES,
};

#define KMR_KMALLOC_SIZES 13u /* 8 to 8192 by powers of two, 96, 192 */

struct kmr_kmalloc {
	int32_t cache[KMR_KMALLOC_TYPES][KMR_KMALLOC_SIZES]; /* -1: there is none */
	uint32_t min, max; /* bytes: the smallest class; beyond the largest it takes pages */
};

/* @min: the smallest class, 8 for SLUB, 32 for SLAB; @page_size sets the largest, two pages. */
void kmr_kmalloc_reset(struct kmr_kmalloc *k, uint32_t min, uint32_t page_size);

/* Cache number @cache is called @name: when that is a size class's, it is known as such from now. */
void kmr_kmalloc_note(struct kmr_kmalloc *k, const char *name, unsigned int cache);

/*
 * The cache for a request of @bytes, from 1 on; -1: it takes pages (or its class does not exist).
 * Where the type asked for has no caches, the plain ones serve, as kernels built without do it.
 */
int kmr_kmalloc_find(const struct kmr_kmalloc *k, uint32_t bytes, uint32_t gfp);

/*
 * The specifications of all classes that are not known yet, through @create, which returns -1 on
 * failure.  Accounted ones are made for 6.12, whose captures' kernels have them, and not for 6.1.
 * (Which of the two a kernel has depends on how it was built; a snapshot tells.)
 */
int kmr_kmalloc_create(struct kmr_kmalloc *k, unsigned int version,
		       int (*create)(struct kmr_object_backend *b,
				     const struct kmr_cache_spec *spec, struct kmr_error *err),
		       struct kmr_object_backend *b, struct kmr_error *err);

/* Order of a kmalloc() that takes pages: get_order(). */
unsigned int kmr_bytes_order(uint64_t bytes, unsigned int page_shift);

#endif
