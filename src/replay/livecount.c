// SPDX-License-Identifier: GPL-2.0-only
#include "replay/livecount.h"

#include <assert.h>
#include <stdlib.h>

#define CHUNK_BITS   12u
#define CHUNK_FRAMES (1u << CHUNK_BITS)
#define NR_CHUNKS    (UINT64_C(1) << (32 - CHUNK_BITS))

static uint32_t *chunk_of(const struct kmr_livecount *lc, uint64_t frame)
{
	return lc->chunks && frame <= UINT32_MAX ? lc->chunks[frame >> CHUNK_BITS] : NULL;
}

void kmr_livecount_free(struct kmr_livecount *lc)
{
	for (uint64_t i = 0; i < lc->end; i++)
		free(lc->chunks[i]);
	free(lc->chunks);
	lc->chunks = NULL;
	lc->end = 0;
}

static uint32_t *make_chunk(struct kmr_livecount *lc, uint64_t frame)
{
	const uint64_t i = frame >> CHUNK_BITS;

	/* 8 MiB of which the system gives what is touched */
	if (!lc->chunks)
		lc->chunks = calloc(NR_CHUNKS, sizeof(*lc->chunks));
	if (!lc->chunks)
		return NULL;
	lc->chunks[i] = calloc(CHUNK_FRAMES, sizeof(uint32_t));
	if (lc->end <= i)
		lc->end = i + 1;
	return lc->chunks[i];
}

int kmr_livecount_add(struct kmr_livecount *lc, uint64_t frame)
{
	uint32_t *chunk = chunk_of(lc, frame);

	if (frame > UINT32_MAX)
		return 0;
	if (!chunk)
		chunk = make_chunk(lc, frame);
	if (!chunk)
		return -1;
	chunk[frame % CHUNK_FRAMES]++;
	return 0;
}

void kmr_livecount_sub(struct kmr_livecount *lc, uint64_t frame)
{
	uint32_t *chunk = chunk_of(lc, frame);

	if (!chunk)
		return;
	assert(chunk[frame % CHUNK_FRAMES]);
	chunk[frame % CHUNK_FRAMES]--;
}

uint32_t kmr_livecount_get(const struct kmr_livecount *lc, uint64_t frame)
{
	const uint32_t *chunk = chunk_of(lc, frame);

	return chunk ? chunk[frame % CHUNK_FRAMES] : 0;
}
