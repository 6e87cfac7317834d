// SPDX-License-Identifier: GPL-2.0-only
/* The cache of decoded GFP texts: direct-mapped by length and both ends of the text. */
#include "trace/gfp_cache.h"

#include <string.h>

#include "kmreplay/gfp.h"

void gfp_cache_init(struct gfp_cache *cache, unsigned int version)
{
	memset(cache, 0, sizeof(*cache));
	cache->version = version;
}

static uint32_t slot_of(const char *text, size_t len)
{
	uint64_t first;
	uint64_t last;
	uint64_t h;

	/* eight bytes from the start reach into the padding at worst, and are cut to the text */
	memcpy(&first, text, sizeof(first));
	if (len < 8) {
		first &= (UINT64_C(1) << (len * 8)) - 1;
		last = first;
	} else {
		memcpy(&last, text + len - 8, sizeof(last));
	}
	h = (first ^ (last << 7 | last >> 57) ^ len) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 57) % GFP_CACHE_SLOTS;
}

bool gfp_cache_parse(struct gfp_cache *cache, const char *text, size_t len, uint32_t *gfp)
{
	struct gfp_cache_slot *slot;

	if (len == 0 || len > GFP_CACHE_TEXT)
		return kmr_gfp_parse(text, len, cache->version, gfp) == 0;
	slot = &cache->slots[slot_of(text, len)];
	if (slot->len != len || memcmp(slot->text, text, len) != 0) {
		slot->known = kmr_gfp_parse(text, len, cache->version, &slot->gfp) == 0;
		slot->len = (uint16_t)len;
		memcpy(slot->text, text, len);
	}
	*gfp = slot->gfp;
	return slot->known;
}
