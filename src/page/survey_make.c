// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a survey looks at: which frames of which pageblocks exist, and the strips that physical
 * memory is cut into.
 */
#include <stdlib.h>

#include "page/survey_internal.h"

/* Frames @from to @to - 1, as far as they lie in the word that begins at frame @base. */
static uint64_t word_mask(uint64_t base, uint64_t from, uint64_t to)
{
	uint64_t mask = ~UINT64_C(0);

	if (to <= base || from >= base + 64)
		return 0;
	if (from > base)
		mask &= ~UINT64_C(0) << (from - base);
	if (to < base + 64)
		mask &= ~UINT64_C(0) >> (base + 64 - to);
	return mask;
}

/* Frames of the word at @base that exist. */
static uint64_t ram_mask(const struct kmr_machine *m, uint64_t base)
{
	uint64_t mask = 0;

	if (!m->nr_ram)
		return ~UINT64_C(0);
	for (unsigned int i = 0; i < m->nr_ram; i++)
		mask |= word_mask(base, m->ram[i].start_pfn, m->ram[i].end_pfn);
	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		mask |= word_mask(base, m->hotplug[i].start_pfn, m->hotplug[i].end_pfn);
	return mask;
}

uint64_t kmr_survey_mask(const struct kmr_survey *s, const struct kmr_surveyed_zone *z, uint32_t k,
			 uint64_t base)
{
	const uint64_t begin = (uint64_t)k << s->order, end = begin + (UINT64_C(1) << s->order);
	const uint64_t from = begin > z->start ? begin : z->start;

	return word_mask(base, from, end < z->end ? end : z->end) & ram_mask(s->machine, base);
}

/* All of the frames from @from to @to - 1 exist. */
static bool is_ram(const struct kmr_machine *m, uint64_t from, uint64_t to)
{
	for (unsigned int i = 0; i < m->nr_ram; i++)
		if (from >= m->ram[i].start_pfn && to <= m->ram[i].end_pfn)
			return true;
	return !m->nr_ram;
}

static uint32_t count_frames(const struct kmr_survey *s, const struct kmr_surveyed_zone *z,
			     uint32_t k)
{
	const uint64_t begin = (uint64_t)k << s->order, end = begin + (UINT64_C(1) << s->order);
	const uint64_t first = begin & ~UINT64_C(63);
	uint32_t frames = 0;

	if (begin >= z->start && end <= z->end && is_ram(s->machine, begin, end))
		return 1u << s->order;
	for (unsigned int w = 0; w < kmr_survey_words(s); w++)
		frames += (uint32_t)__builtin_popcountll(kmr_survey_mask(s, z, k, first + w * 64u));
	return frames;
}

/* The frames that a zone has, or can come to have. */
static void set_extent(struct kmr_survey *s, unsigned int zone)
{
	const struct kmr_machine *m = s->machine;
	struct kmr_surveyed_zone *z = &s->zones[zone];
	uint64_t start = m->zones[zone].start_pfn, end = start + m->zones[zone].spanned;

	for (unsigned int i = 0; i < m->nr_hotplug; i++) {
		if (start == end)
			start = end = m->hotplug[i].start_pfn;
		start = start < m->hotplug[i].start_pfn ? start : m->hotplug[i].start_pfn;
		end = end > m->hotplug[i].end_pfn ? end : m->hotplug[i].end_pfn;
	}
	z->start = (uint32_t)start;
	z->end = (uint32_t)end;
	if (start == end)
		return;
	z->first_block = (uint32_t)(start >> s->order);
	z->nr_blocks = (uint32_t)((end - 1) >> s->order) - z->first_block + 1;
}

/* Blocks of @per_strip pageblocks that so many are cut into. */
static uint64_t strips_of(uint64_t blocks, uint64_t per_strip)
{
	return (blocks + per_strip - 1) / per_strip;
}

static uint64_t blocks_in(const struct kmr_survey *s, uint64_t start, uint64_t end)
{
	return start == end ? 0 : ((end - 1) >> s->order) - (start >> s->order) + 1;
}

static uint64_t all_strips(const struct kmr_survey *s, uint64_t per_strip)
{
	const struct kmr_machine *m = s->machine;
	uint64_t nr = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		nr += strips_of(blocks_in(s, m->zones[i].start_pfn,
					  m->zones[i].start_pfn + m->zones[i].spanned),
				per_strip);
	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		nr += strips_of(blocks_in(s, m->hotplug[i].start_pfn, m->hotplug[i].end_pfn),
				per_strip);
	return nr;
}

static void add_strips(struct kmr_survey *s, int zone, uint64_t start, uint64_t end)
{
	const uint64_t size = (uint64_t)s->strip_blocks << s->order;
	uint64_t next;

	for (uint64_t pfn = start; pfn < end && s->nr_strips < KMR_MAX_STRIPS; pfn = next) {
		next = pfn == start ? (pfn >> s->order << s->order) + size : pfn + size;
		next = next < end ? next : end;
		s->strips[s->nr_strips++] = (struct kmr_strip){ pfn, next - pfn, zone };
	}
}

/* The fewest pageblocks a strip with which there are not too many. */
static void make_strips(struct kmr_survey *s)
{
	const struct kmr_machine *m = s->machine;
	uint64_t low = 1, high = UINT32_MAX;

	while (low < high) {
		const uint64_t middle = (low + high) / 2;

		if (all_strips(s, middle) > KMR_STRIPS)
			low = middle + 1;
		else
			high = middle;
	}
	s->strip_blocks = (uint32_t)low;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const uint64_t start = m->zones[i].start_pfn, end = start + m->zones[i].spanned;

		s->first_strip[i] = s->nr_strips;
		s->zone_block[i] = (uint32_t)(start >> s->order);
		s->zone_blocks[i] = (uint32_t)blocks_in(s, start, end);
		add_strips(s, (int)i, start, end);
	}
	s->nr_zone_strips = s->nr_strips;
	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		add_strips(s, -1, m->hotplug[i].start_pfn, m->hotplug[i].end_pfn);
}

static int make_blocks(struct kmr_survey *s)
{
	struct kmr_survey_block *blk;
	size_t nr = 0;

	for (unsigned int i = 0; i < s->nr_zones; i++) {
		set_extent(s, i);
		nr += s->zones[i].nr_blocks;
	}
	s->blocks = calloc(nr + 1, sizeof(*s->blocks));
	if (!s->blocks)
		return -1;
	blk = s->blocks;
	for (unsigned int i = 0; i < s->nr_zones; i++) {
		struct kmr_surveyed_zone *z = &s->zones[i];

		z->blocks = blk;
		for (uint32_t k = 0; k < z->nr_blocks; k++)
			blk++->frames = (uint16_t)count_frames(s, z, z->first_block + k);
	}
	return 0;
}

/* Twice as seldom for each doubling of the machine's size. */
static uint64_t how_often(uint64_t frames)
{
	uint64_t every = 1;

	while (frames > KMR_SURVEY_EACH_MOST * every)
		every *= 2;
	return every;
}

int kmr_survey_create(struct kmr_survey **survey, const struct kmr_machine *machine,
		      struct kmr_error *err)
{
	const uint64_t frames = kmr_machine_end_pfn(machine);
	struct kmr_survey *s = calloc(1, sizeof(*s));
	uint64_t present = 0;

	*survey = NULL;
	if (!s)
		return kmr_fail_nomem(err, "surveys");
	s->order = machine->pageblock_order;
	s->nr_zones = machine->nr_zones;
	s->machine = malloc(sizeof(*s->machine));
	s->zones = calloc(s->nr_zones + 1u, sizeof(*s->zones));
	s->out = calloc(s->nr_zones + 1u, sizeof(*s->out));
	/* whole pageblocks; never written where frames are all alike */
	s->copy = calloc(((frames >> s->order) + 1) * kmr_survey_words(s) + 1, sizeof(*s->copy));
	if (s->machine)
		*s->machine = *machine;
	if (!s->machine || !s->zones || !s->out || !s->copy || make_blocks(s)) {
		kmr_survey_destroy(s);
		return kmr_fail_nomem(err, "surveys");
	}
	make_strips(s);
	for (unsigned int i = 0; i < s->nr_zones; i++)
		present += machine->zones[i].present;
	s->every = how_often(present);
	*survey = s;
	return 0;
}

void kmr_survey_destroy(struct kmr_survey *survey)
{
	if (!survey)
		return;
	free(survey->machine);
	free(survey->zones);
	free(survey->blocks);
	free(survey->copy);
	free(survey->out);
	free(survey);
}

uint64_t kmr_survey_every(const struct kmr_survey *survey)
{
	return survey->every;
}

const struct kmr_zone_survey *kmr_survey_zones(const struct kmr_survey *survey)
{
	return survey->out;
}

unsigned int kmr_survey_strips(const struct kmr_survey *survey, const struct kmr_strip **strips)
{
	*strips = survey->strips;
	return survey->nr_strips;
}

const struct kmr_strip_state *kmr_survey_strip_states(const struct kmr_survey *survey)
{
	return survey->states;
}
