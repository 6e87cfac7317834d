/* SPDX-License-Identifier: GPL-2.0-only */
/* Decoded GFP texts: a trace has a few dozen different ones, a million times each. */
#ifndef KMR_TRACE_GFP_CACHE_H
#define KMR_TRACE_GFP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GFP_CACHE_SLOTS 128
#define GFP_CACHE_TEXT	240

struct gfp_cache_slot {
	uint32_t gfp;
	bool known;
	uint16_t len;
	char text[GFP_CACHE_TEXT];
};

struct gfp_cache {
	unsigned int version; /* whose numbers, as in gfp.h */
	struct gfp_cache_slot slots[GFP_CACHE_SLOTS];
};

void gfp_cache_init(struct gfp_cache *cache, unsigned int version);

/* @text lies in a line (scan.h).  Returns whether all of it is known. */
bool gfp_cache_parse(struct gfp_cache *cache, const char *text, size_t len, uint32_t *gfp);

#endif
