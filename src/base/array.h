/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays: how many entries they have, and how those grow that entries are appended to. */
#ifndef KMR_BASE_ARRAY_H
#define KMR_BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Room for one entry more in @array, which has @nr entries of @size bytes and room for *@cap: the
 * array, moved when it had to grow.  NULL: no memory, and @array is as it was.  The capacity is
 * doubled, so that appending costs the same however long the array gets.
 */
static inline void *kmr_grow(void *array, size_t nr, size_t *cap, size_t size)
{
	const size_t more = *cap ? *cap * 2 : 64;
	void *grown;

	if (nr < *cap)
		return array;
	if (*cap > SIZE_MAX / 2 || more > SIZE_MAX / size)
		return NULL;
	grown = realloc(array, more * size);
	if (grown)
		*cap = more;
	return grown;
}

#endif
