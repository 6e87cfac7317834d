/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KMR_BASE_ALIGN_H
#define KMR_BASE_ALIGN_H

#include <stdint.h>

/* The multiple of @align, a power of two, that is next to or at @v; 32 bits of it. */
static inline uint32_t kmr_align_up(uint64_t v, uint64_t align)
{
	return (uint32_t)((v + align - 1) & ~(align - 1));
}

#endif
