/* SPDX-License-Identifier: GPL-2.0-only */
/* Which kernels can have written a trace, by the events and fields in it. */
#ifndef KMR_TRACE_HINT_H
#define KMR_TRACE_HINT_H

#include <stddef.h>
#include <stdint.h>

/* "6.2 or later", "5.12 to 6.0", "before 5.14", "unknown"; @seen is decode.h's SEEN_*. */
void hint_kernel(uint32_t seen, char *buf, size_t size);

/* A version to read numbers by, major * 100 + minor; 0 when nothing is known. */
unsigned int hint_version(uint32_t seen);

#endif
