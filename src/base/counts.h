/* SPDX-License-Identifier: GPL-2.0-only */
/* Structs that are nothing but 64-bit counts. */
#ifndef KMR_BASE_COUNTS_H
#define KMR_BASE_COUNTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Takes those at @less away from those at @counts, @size bytes of them. */
static inline void kmr_counts_subtract(void *counts, const void *less, size_t size)
{
	for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
		uint64_t a, b;

		memcpy(&a, (const char *)counts + at, sizeof(a));
		memcpy(&b, (const char *)less + at, sizeof(b));
		a -= b;
		memcpy((char *)counts + at, &a, sizeof(a));
	}
}

#endif
