// SPDX-License-Identifier: GPL-2.0-only
/*
 * Surveys work on the bit maps of frames.  Most pageblocks are as they were the time before, so a
 * copy of the bits is kept and a pageblock that equals its copy is left alone: its part of the
 * zone's and the strip's sums stands.  One whose frames are all alike needs no copy, its kind says
 * what its bits are; so a machine that is mostly free costs no memory but its pageblocks.
 *
 * Runs of free frames within a pageblock are among those sums; runs that reach a pageblock's edges
 * are put together by a walk over all pageblocks, of which each keeps how far it is free from its
 * beginning and from its end.
 */
#include "page/survey.h"

#include <string.h>

#include "page/survey_internal.h"

static unsigned int log2_of(uint64_t v)
{
	return 63u - (unsigned int)__builtin_clzll(v);
}

/* The copy's words hold nothing of another pageblock or zone. */
static bool has_own_words(const struct kmr_survey *s, const struct kmr_survey_block *blk)
{
	return s->order >= 6 && blk->frames == 1u << s->order;
}

/* A run of free frames, from where it began in a pageblock of @frames; @sign: 1 or -1. */
static void end_run(struct kmr_surveyed_zone *z, struct kmr_survey_block *blk, uint32_t begin,
		    uint32_t end, uint32_t frames, uint64_t sign)
{
	const uint32_t length = end - begin;

	if (!length)
		return;
	if (begin && end < frames) {
		z->inner.runs[log2_of(length)] += sign;
		z->inner.run_pages[log2_of(length)] += sign * length;
		return;
	}
	if (!begin)
		blk->prefix = (uint16_t)length;
	if (end == frames)
		blk->suffix = (uint16_t)length;
}

/* Runs of free frames in the pageblock whose bits are at @words, those within it into the zone. */
static void find_runs(const struct kmr_survey *s, struct kmr_surveyed_zone *z,
		      struct kmr_survey_block *blk, const struct kmr_frame_bits *words,
		      uint64_t sign)
{
	const uint32_t frames = 1u << s->order;
	uint32_t begin = 0; /* of the run going on */
	bool in_run = false;

	blk->prefix = 0;
	blk->suffix = 0;
	for (unsigned int w = 0; w < kmr_survey_words(s); w++) {
		const uint32_t base = w * 64;
		uint64_t edges = words[w].free;

		/* bit i: frame i is not as the one before it */
		edges ^= edges << 1 | in_run;
		while (edges) {
			const uint32_t at = base + (uint32_t)__builtin_ctzll(edges);

			edges &= edges - 1;
			if (at >= frames)
				break;
			if (in_run)
				end_run(z, blk, begin, at, frames, sign);
			else
				begin = at;
			in_run = !in_run;
		}
	}
	if (in_run)
		end_run(z, blk, begin, frames, frames, sign);
}

/* The strip that has pageblock @k of a zone. */
static unsigned int strip_of(const struct kmr_survey *s, unsigned int zone, uint32_t k)
{
	const uint64_t pfn = (uint64_t)k << s->order;
	unsigned int i;

	if (k - s->zone_block[zone] < s->zone_blocks[zone])
		return s->first_strip[zone] + (k - s->zone_block[zone]) / s->strip_blocks;
	for (i = s->nr_zone_strips; i < s->nr_strips; i++)
		if (pfn - s->strips[i].start_pfn < s->strips[i].pages)
			return i;
	return 0;
}

/* Takes the pageblock's part of all sums away (@sign -1), or adds it. */
static void account(struct kmr_survey *s, unsigned int zone, uint32_t k,
		    const struct kmr_survey_block *blk, uint64_t sign)
{
	struct kmr_surveyed_zone *z = &s->zones[zone];
	const uint32_t unmovable = (uint32_t)blk->frames - blk->free - blk->movable;
	const unsigned int strip = strip_of(s, zone, k);
	struct kmr_strip_state *state = &s->states[strip];

	if (blk->free == blk->frames)
		z->inner.empty += sign;
	else if (!unmovable)
		z->inner.movable += sign;
	else if (!blk->movable)
		z->inner.unmovable += sign;
	else
		z->inner.mixed += sign;
	if (blk->movable && unmovable)
		z->mixed_since += sign * blk->since;
	if (unmovable)
		z->inner.unmovable_blocks[log2_of(unmovable)] += sign;
	else if (blk->frames < 1u << s->order)
		z->inner.cut += sign;
	z->inner.movable_pages += sign * blk->movable;
	z->inner.unmovable_pages += sign * unmovable;
	state->free += (uint32_t)sign * blk->free;
	state->movable += (uint32_t)sign * blk->movable;
	state->unmovable += (uint32_t)sign * unmovable;
	s->types[strip][blk->type] += (uint32_t)sign;
	if (strip >= s->nr_zone_strips)
		s->strips[strip].zone = (int)zone;
}

/* The bits of pageblock @k as they are now into @words, those of other frames 0. */
static void read_masked(const struct kmr_survey *s, const struct kmr_surveyed_zone *z, uint32_t k,
			const struct kmr_frame_bits *bits, struct kmr_frame_bits *words)
{
	const uint64_t pfn = (uint64_t)k << s->order, first = pfn & ~UINT64_C(63);

	for (unsigned int w = 0; w < kmr_survey_words(s); w++) {
		const uint64_t mask = kmr_survey_mask(s, z, k, first + w * 64u);

		words[w].free = (bits[(first >> 6) + w].free & mask) >> (pfn - first);
		words[w].movable = (bits[(first >> 6) + w].movable & mask) >> (pfn - first);
	}
}

/* The copy of a pageblock that shares words with others becomes @words. */
static void write_masked(struct kmr_survey *s, const struct kmr_surveyed_zone *z, uint32_t k,
			 const struct kmr_frame_bits *words)
{
	const uint64_t pfn = (uint64_t)k << s->order, first = pfn & ~UINT64_C(63);

	for (unsigned int w = 0; w < kmr_survey_words(s); w++) {
		const uint64_t mask = kmr_survey_mask(s, z, k, first + w * 64u);
		struct kmr_frame_bits *to = &s->copy[(first >> 6) + w];

		to->free = (to->free & ~mask) | words[w].free << (pfn - first);
		to->movable = (to->movable & ~mask) | words[w].movable << (pfn - first);
	}
}

/* All words are @free and @movable. */
static bool all_are(const struct kmr_frame_bits *words, unsigned int count, uint64_t free,
		    uint64_t movable)
{
	uint64_t other = 0;

	for (unsigned int w = 0; w < count; w++)
		other |= (words[w].free ^ free) | (words[w].movable ^ movable);
	return !other;
}

static bool is_as_before(const struct kmr_survey *s, const struct kmr_survey_block *blk,
			 const struct kmr_frame_bits *words, size_t at)
{
	const uint64_t ones = ~UINT64_C(0);

	switch ((enum kmr_survey_kind)blk->kind) {
	case KMR_KIND_COPIED:
		return !memcmp(words, s->copy + at, kmr_survey_words(s) * sizeof(*words));
	case KMR_KIND_FREE:
		return all_are(words, kmr_survey_words(s), ones, 0);
	case KMR_KIND_MOVABLE:
		return all_are(words, kmr_survey_words(s), 0, ones);
	case KMR_KIND_UNMOVABLE:
		return all_are(words, kmr_survey_words(s), 0, 0);
	default:
		return false;
	}
}

static void count_words(const struct kmr_survey *s, struct kmr_survey_block *blk,
			const struct kmr_frame_bits *words)
{
	uint32_t free_frames = 0, movable = 0;

	for (unsigned int w = 0; w < kmr_survey_words(s); w++) {
		free_frames += (uint32_t)__builtin_popcountll(words[w].free);
		movable += (uint32_t)__builtin_popcountll(words[w].movable);
	}
	blk->free = (uint16_t)free_frames;
	blk->movable = (uint16_t)movable;
}

static enum kmr_survey_kind kind_of(const struct kmr_survey *s, const struct kmr_survey_block *blk)
{
	if (!has_own_words(s, blk))
		return KMR_KIND_COPIED;
	if (blk->free == blk->frames)
		return KMR_KIND_FREE;
	if (blk->movable == blk->frames)
		return KMR_KIND_MOVABLE;
	return blk->free || blk->movable ? KMR_KIND_COPIED : KMR_KIND_UNMOVABLE;
}

/* What the pageblock was is taken out of the sums; @before: its bits then. */
static void take_out(struct kmr_survey *s, unsigned int zone, uint32_t k,
		     struct kmr_survey_block *blk, const struct kmr_frame_bits *before)
{
	if (blk->kind == KMR_KIND_ABSENT)
		return;
	if (blk->kind == KMR_KIND_COPIED)
		find_runs(s, &s->zones[zone], blk, before, UINT64_MAX);
	account(s, zone, k, blk, UINT64_MAX);
}

/* What the pageblock is, by its bits @words, goes into the sums; @was_mixed: before. */
static void put_in(struct kmr_survey *s, unsigned int zone, uint32_t k,
		   struct kmr_survey_block *blk, const struct kmr_frame_bits *words,
		   unsigned int type, bool was_mixed)
{
	bool mixed;

	count_words(s, blk, words);
	blk->type = (uint8_t)type;
	blk->kind = (uint8_t)kind_of(s, blk);
	find_runs(s, &s->zones[zone], blk, words, 1);
	mixed = blk->movable && blk->free + blk->movable < blk->frames;
	if (mixed && !was_mixed)
		blk->since = s->now;
	account(s, zone, k, blk, 1);
}

static bool is_mixed(const struct kmr_survey_block *blk)
{
	return blk->kind != KMR_KIND_ABSENT && blk->movable &&
	       blk->free + blk->movable < blk->frames;
}

/* Pageblock @k, whose words in the maps are its own. */
static void survey_whole(struct kmr_survey *s, unsigned int zone, uint32_t k,
			 struct kmr_survey_block *blk, const struct kmr_frame_bits *bits,
			 unsigned int type)
{
	const size_t at = (size_t)k << (s->order - 6);
	const bool was_mixed = is_mixed(blk);

	if (blk->type == type && is_as_before(s, blk, bits + at, at))
		return;
	take_out(s, zone, k, blk, s->copy + at);
	put_in(s, zone, k, blk, bits + at, type, was_mixed);
	if (blk->kind == KMR_KIND_COPIED)
		memcpy(s->copy + at, bits + at, kmr_survey_words(s) * sizeof(*bits));
}

/* One of which parts are missing, or that shares its words with others. */
static void survey_part(struct kmr_survey *s, unsigned int zone, uint32_t k,
			struct kmr_survey_block *blk, const struct kmr_frame_bits *bits,
			unsigned int type)
{
	struct kmr_frame_bits words[KMR_SURVEY_WORDS] = { { 0, 0 } };
	struct kmr_frame_bits before[KMR_SURVEY_WORDS] = { { 0, 0 } };
	const struct kmr_surveyed_zone *z = &s->zones[zone];
	const bool was_mixed = is_mixed(blk);

	read_masked(s, z, k, bits, words);
	read_masked(s, z, k, s->copy, before);
	if (blk->kind != KMR_KIND_ABSENT && blk->type == type &&
	    !memcmp(words, before, kmr_survey_words(s) * sizeof(*words)))
		return;
	take_out(s, zone, k, blk, before);
	put_in(s, zone, k, blk, words, type, was_mixed);
	write_masked(s, z, k, words);
}

/* The pageblock is no longer the zone's. */
static void forget(struct kmr_survey *s, unsigned int zone, uint32_t k,
		   struct kmr_survey_block *blk)
{
	struct kmr_frame_bits before[KMR_SURVEY_WORDS] = { { 0, 0 } };

	if (blk->kind == KMR_KIND_ABSENT)
		return;
	read_masked(s, &s->zones[zone], k, s->copy, before);
	take_out(s, zone, k, blk, before);
	blk->kind = KMR_KIND_ABSENT;
	blk->prefix = 0;
	blk->suffix = 0;
	blk->free = 0;
}

static bool zone_has(const struct kmr_survey *s, unsigned int zone, uint32_t k,
		     const struct kmr_survey_view *view)
{
	const uint64_t pfn = (uint64_t)k << s->order, start = s->machine->zones[zone].start_pfn;

	if (k - view->first_block >= view->nr_blocks)
		return false;
	/* a zone may begin within its first pageblock */
	return !view->has ||
	       view->has(view->ctx, zone, (uint32_t)(start >> s->order == k ? start : pfn));
}

/* A run of free frames over pageblocks' edges is over. */
static void end_long_run(struct kmr_zone_survey *out, uint64_t length)
{
	if (!length)
		return;
	out->runs[log2_of(length)]++;
	out->run_pages[log2_of(length)] += length;
}

/* Puts runs together that reach the edges of pageblocks. */
static void join_runs(const struct kmr_survey *s, const struct kmr_surveyed_zone *z,
		      struct kmr_zone_survey *out)
{
	const uint32_t frames = 1u << s->order;
	uint64_t length = 0;

	for (uint32_t i = 0; i < z->nr_blocks; i++) {
		const struct kmr_survey_block *blk = &z->blocks[i];

		if (blk->kind == KMR_KIND_ABSENT || blk->prefix < frames) {
			end_long_run(out,
				     length + (blk->kind == KMR_KIND_ABSENT ? 0 : blk->prefix));
			length = blk->kind == KMR_KIND_ABSENT ? 0 : blk->suffix;
			continue;
		}
		length += frames;
	}
	end_long_run(out, length);
}

void kmr_survey_begin(struct kmr_survey *s, uint64_t now)
{
	if (!s->begun)
		s->first = now;
	s->begun = true;
	/* time in a trace can go back */
	if (now > s->first && now - s->first > s->now)
		s->now = now - s->first;
}

static uint64_t passed_over(const struct kmr_survey *s, const struct kmr_survey_view *view)
{
	const uint64_t step = UINT64_C(1) << s->order;
	const uint64_t steps = (view->end - view->start + step - 1) >> s->order;

	if (steps >= view->nr_blocks)
		return 0;
	return 1u + (view->types ? view->types[view->nr_blocks - 1] : KMR_MIGRATE_UNMOVABLE);
}

void kmr_survey_zone(struct kmr_survey *s, unsigned int zone, const struct kmr_survey_view *view)
{
	struct kmr_surveyed_zone *z = &s->zones[zone];
	struct kmr_zone_survey *out = &s->out[zone];

	for (uint32_t i = 0; i < z->nr_blocks; i++) {
		const uint32_t k = z->first_block + i;
		struct kmr_survey_block *blk = &z->blocks[i];
		unsigned int type = KMR_MIGRATE_UNMOVABLE;

		if (!blk->frames)
			continue;
		if (!zone_has(s, zone, k, view)) {
			forget(s, zone, k, blk);
			continue;
		}
		if (view->types && view->types[k - view->first_block] < KMR_MIGRATE_TYPES)
			type = view->types[k - view->first_block];
		if (has_own_words(s, blk))
			survey_whole(s, zone, k, blk, view->bits, type);
		else
			survey_part(s, zone, k, blk, view->bits, type);
	}
	*out = z->inner;
	join_runs(s, z, out);
	out->passed_over = passed_over(s, view);
	out->mixed_age = z->inner.mixed * s->now - z->mixed_since;
}

void kmr_survey_end(struct kmr_survey *s)
{
	for (unsigned int i = 0; i < s->nr_strips; i++) {
		unsigned int most = 0;

		for (unsigned int t = 1; t < KMR_MIGRATE_TYPES; t++)
			if (s->types[i][t] > s->types[i][most])
				most = t;
		s->states[i].migratetype = most;
	}
}
