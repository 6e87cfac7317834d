/* SPDX-License-Identifier: GPL-2.0-only */
/* What lives in a workload and will be freed: all that its free needs, 24 bytes. */
#ifndef KMR_WORKLOAD_LIVE_H
#define KMR_WORKLOAD_LIVE_H

#include <stdint.h>

struct load_live {
	uint64_t time; /* ns: when it is freed, if that is known */
	uint32_t name; /* of its frame or pointer, see names.h */
	uint32_t units; /* pages for those that ask for pages, else bytes */
	uint16_t task; /* number of who allocated it */
	uint16_t cpu; /* where it is freed */
	uint8_t request; /* number in its actor's mix */
	uint8_t order;
};

_Static_assert(sizeof(struct load_live) == 24, "what lives takes 24 bytes");

#endif
