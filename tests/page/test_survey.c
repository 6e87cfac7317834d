// SPDX-License-Identifier: GPL-2.0-only
/*
 * Surveys held against a count of all frames one by one, after random requests and frees; what runs,
 * strips and ages are where they can be told by hand.
 */
#include "kmreplay/survey.h"
#include "page/contig.h"
#include "support.h"

#define FRAMES 16384u

enum state {
	NOTHING, /* does not exist, or nobody's */
	FREE,
	MOVABLE,
	UNMOVABLE,
};

static struct kmr_survey *make_survey(const struct rig *r)
{
	struct kmr_survey *s;
	struct kmr_error err;

	cr_assert_eq(kmr_survey_create(&s, &r->m, &err), 0, "%s", err.msg);
	return s;
}

static bool is_ram(const struct kmr_machine *m, uint32_t pfn)
{
	for (unsigned int i = 0; i < m->nr_ram; i++)
		if (pfn >= m->ram[i].start_pfn && pfn < m->ram[i].end_pfn)
			return true;
	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		if (pfn >= m->hotplug[i].start_pfn && pfn < m->hotplug[i].end_pfn)
			return true;
	return !m->nr_ram;
}

/* @movable: frames that a request for movable memory was given. */
static enum state state_of(const struct rig *r, const bool *movable, unsigned int zone,
			   uint32_t pfn)
{
	const struct kmr_frame_info info = rig_where(r, pfn);

	if (info.zone != (int)zone || !is_ram(&r->m, pfn))
		return NOTHING;
	if (info.place == KMR_FRAME_BUDDY || info.place == KMR_FRAME_PCP)
		return FREE;
	return movable[pfn] ? MOVABLE : UNMOVABLE;
}

static unsigned int log2_of(uint64_t v)
{
	unsigned int l = 0;

	while (v >>= 1)
		l++;
	return l;
}

/* One pageblock of a zone, frame by frame. */
static void count_block(const struct rig *r, const bool *movable, unsigned int zone, uint32_t first,
			struct kmr_zone_survey *out)
{
	const uint32_t frames = 1u << r->m.pageblock_order;
	uint32_t n[4] = { 0 };

	for (uint32_t pfn = first; pfn < first + frames; pfn++)
		n[state_of(r, movable, zone, pfn)]++;
	if (n[NOTHING] == frames)
		return;
	if (n[MOVABLE] && n[UNMOVABLE])
		out->mixed++;
	else if (n[MOVABLE])
		out->movable++;
	else if (n[UNMOVABLE])
		out->unmovable++;
	else
		out->empty++;
	if (n[UNMOVABLE])
		out->unmovable_blocks[log2_of(n[UNMOVABLE])]++;
	else if (n[NOTHING])
		out->cut++;
	out->movable_pages += n[MOVABLE];
	out->unmovable_pages += n[UNMOVABLE];
}

static void count_zone(const struct rig *r, const bool *movable, unsigned int zone,
		       struct kmr_zone_survey *out)
{
	uint64_t length = 0;

	memset(out, 0, sizeof(*out));
	for (uint32_t pfn = 0; pfn <= FRAMES; pfn++) {
		if (pfn < FRAMES && state_of(r, movable, zone, pfn) == FREE) {
			length++;
			continue;
		}
		if (length) {
			out->runs[log2_of(length)]++;
			out->run_pages[log2_of(length)] += length;
		}
		length = 0;
	}
	for (uint32_t pfn = 0; pfn < FRAMES; pfn += 1u << r->m.pageblock_order)
		count_block(r, movable, zone, pfn, out);
}

static void compare_zones(const struct rig *r, struct kmr_survey *s, const bool *movable,
			  const char *what)
{
	for (unsigned int zone = 0; zone < r->m.nr_zones; zone++) {
		struct kmr_zone_survey got = kmr_survey_zones(s)[zone], expected;

		count_zone(r, movable, zone, &expected);
		got.mixed_age = 0;
		got.passed_over = 0;
		cr_assert_eq(got.movable_pages, expected.movable_pages, "%s zone %u", what, zone);
		cr_assert_eq(got.unmovable_pages, expected.unmovable_pages, "%s zone %u", what,
			     zone);
		cr_assert_eq(memcmp(&got, &expected, sizeof(got)), 0, "%s zone %u", what, zone);
	}
}

static void compare_strips(const struct rig *r, struct kmr_survey *s, const bool *movable)
{
	const struct kmr_strip_state *states = kmr_survey_strip_states(s);
	const struct kmr_strip *strips;
	const unsigned int nr = kmr_survey_strips(s, &strips);

	for (unsigned int i = 0; i < nr; i++) {
		uint32_t n[4] = { 0 };

		for (uint64_t pfn = strips[i].start_pfn;
		     strips[i].zone >= 0 && pfn < strips[i].start_pfn + strips[i].pages; pfn++)
			n[state_of(r, movable, (unsigned int)strips[i].zone, (uint32_t)pfn)]++;
		cr_assert_eq(states[i].free, n[FREE], "strip %u", i);
		cr_assert_eq(states[i].movable, n[MOVABLE], "strip %u", i);
		cr_assert_eq(states[i].unmovable, n[UNMOVABLE], "strip %u", i);
	}
}

/* What the test has in its hands. */
struct held {
	kmr_pfn_t pfn;
	unsigned int order;
};

static void mark(bool *movable, kmr_pfn_t pfn, unsigned int order, bool is)
{
	for (uint32_t i = 0; i < 1u << order; i++)
		movable[pfn + i] = is;
}

/* Requests and frees at random, and a survey after some of them. */
static void churn(const struct rig *r, struct kmr_survey *s, bool *movable, uint64_t seed,
		  unsigned int steps)
{
	static struct held held[FRAMES];
	unsigned int nr = 0;

	for (unsigned int i = 0; i < steps; i++) {
		const uint32_t gfp =
			below(&seed, 3) ? GFP_MOVABLE_REQ | KMR_GFP_HIGHMEM : KMR_GFP_KERNEL;
		const unsigned int order = below(&seed, 5) ? 0 : below(&seed, 6);

		if (nr && below(&seed, 100) < (i / 400 % 2 ? 60u : 35u)) {
			const unsigned int k = below(&seed, nr);

			mark(movable, held[k].pfn, held[k].order, false);
			rig_free(r, held[k].pfn, held[k].order);
			held[k] = held[--nr];
		} else {
			const kmr_pfn_t pfn = rig_alloc(r, order, gfp);

			if (pfn == KMR_NO_PFN)
				continue;
			held[nr++] = (struct held){ pfn, order };
			mark(movable, pfn, order, gfp & KMR_GFP_MOVABLE);
		}
		if (below(&seed, 16))
			continue;
		r->ops->survey(r->b, s, i);
		if (below(&seed, 8))
			continue;
		compare_zones(r, s, movable, r->ops->name);
		compare_strips(r, s, movable);
	}
}

/* Zones that begin and end within a pageblock, holes, what boot kept. */
static void odd_machine(struct kmr_machine *m, unsigned int pageblock_order)
{
	bare_machine(m, pageblock_order);
	(void)add_zone(m, KMR_ZONE_DMA, 0, 1, 3000 - 1);
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 3000, 9000);
	(void)add_zone(m, KMR_ZONE_MOVABLE, 0, 12000, FRAMES - 12000 - 5);
	m->nr_ram = 3;
	m->ram[0] = (struct kmr_ram_range){ 1, 160 };
	m->ram[1] = (struct kmr_ram_range){ 256, 7001 };
	m->ram[2] = (struct kmr_ram_range){ 7690, FRAMES - 5 };
	kmr_machine_set_limits(m);
	for (unsigned int i = 0; i < m->nr_zones; i++)
		memset(m->zones[i].reserve, 0, sizeof(m->zones[i].reserve));
}

/* All of RAM but each 97th page and some that boot keeps. */
static void seed_odd(const struct rig *r)
{
	for (uint32_t pfn = 1; pfn < FRAMES; pfn++)
		if (rig_where(r, pfn).zone >= 0 && is_ram(&r->m, pfn) && pfn % 97 &&
		    (pfn < 4000 || pfn > 4600))
			rig_free(r, pfn, 0);
	r->ops->drain(r->b, -1);
}

static const char *const backends[] = { "linux-6.1", "linux-6.12", "linux-5.15", "linux-2.6.24",
					"linux-2.4" };

Test(page_survey, is_what_the_frames_are)
{
	static const unsigned int orders[] = { 9, 10, 6, 4, 1 };

	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
		for (size_t k = 0; k < sizeof(orders) / sizeof(orders[0]); k++) {
			static bool movable[FRAMES];
			struct kmr_survey *s;
			struct rig r;

			memset(movable, 0, sizeof(movable));
			odd_machine(&r.m, orders[k]);
			rig_create_as(&r, backends[i]);
			seed_odd(&r);
			s = make_survey(&r);
			churn(&r, s, movable, 1000 * i + k, 6000);
			kmr_survey_destroy(s);
			rig_destroy(&r);
		}
}

static const struct kmr_zone_survey *survey_now(const struct rig *r, struct kmr_survey *s,
						uint64_t now)
{
	r->ops->survey(r->b, s, now);
	return kmr_survey_zones(s);
}

/* A run does not care for alignment, nor where blocks and pageblocks end. */
Test(page_survey, runs_go_over_pageblocks)
{
	const struct kmr_zone_survey *z;
	struct kmr_survey *s;
	struct rig r;

	(void)rig_normal(&r, 0, 4096);
	s = make_survey(&r);
	z = survey_now(&r, s, 0);
	cr_expect_eq(z->unmovable, 8);
	cr_expect_eq(z->unmovable_pages, 4096);
	cr_expect_eq(z->unmovable_blocks[9], 8);
	for (uint32_t pfn = 511; pfn < 511 + 514; pfn++)
		rig_seed(&r, pfn, 0, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 4095, 0, KMR_MIGRATE_MOVABLE);
	z = survey_now(&r, s, 0);
	/* 511, all of 512 to 1023, 1024; and 4095 */
	cr_expect_eq(z->runs[9], 1);
	cr_expect_eq(z->run_pages[9], 514);
	cr_expect_eq(z->runs[0], 1);
	cr_expect_eq(z->empty, 1);
	cr_expect_eq(z->unmovable, 7);
	cr_expect_eq(z->unmovable_blocks[8], 3, "511 in three of them");
	cr_expect_eq(z->cut, 0);
	kmr_survey_destroy(s);
	rig_destroy(&r);
}

Test(page_survey, pages_on_cpu_lists_are_free)
{
	const struct kmr_zone_survey *z;
	struct kmr_survey *s;
	struct rig r;
	kmr_pfn_t pfn;

	(void)rig_normal(&r, 0, 1024);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	s = make_survey(&r);
	pfn = rig_alloc(&r, 0, GFP_MOVABLE_REQ);
	cr_assert_neq(pfn, KMR_NO_PFN);
	cr_assert_gt(r.ops->pcp_count(r.b, 0, 0), 0);
	z = survey_now(&r, s, 0);
	cr_expect_eq(z->movable_pages, 1);
	cr_expect_eq(z->unmovable_pages, 0);
	cr_expect_eq(z->movable, 1);
	cr_expect_eq(z->empty, 1);
	kmr_survey_destroy(s);
	rig_destroy(&r);
}

/* What is all alike is not kept as bits: each way there and back. */
Test(page_survey, pageblocks_of_one_kind)
{
	static const uint32_t gfps[] = { GFP_MOVABLE_REQ, KMR_GFP_KERNEL };
	const struct kmr_zone_survey *z;
	struct kmr_survey *s;
	struct rig r;

	(void)rig_normal(&r, 0, 512);
	rig_seed(&r, 0, 9, KMR_MIGRATE_MOVABLE);
	s = make_survey(&r);
	for (size_t i = 0; i < 6; i++) {
		const bool movable = i % 2 == 0;

		cr_expect_eq(survey_now(&r, s, 0)->empty, 1);
		cr_assert_eq(rig_alloc(&r, 9, gfps[i % 2]), 0);
		z = survey_now(&r, s, 0);
		cr_expect_eq(z->movable_pages, movable ? 512 : 0);
		cr_expect_eq(z->unmovable_pages, movable ? 0 : 512);
		cr_expect_eq(z->runs[9], 0);
		r.ops->split(r.b, 0, 9);
		rig_free(&r, 256, 8);
		z = survey_now(&r, s, 0);
		cr_expect_eq(z->movable_pages, movable ? 256 : 0);
		cr_expect_eq(z->unmovable_pages, movable ? 0 : 256);
		cr_expect_eq(z->runs[8], 1);
		rig_free(&r, 0, 8);
		z = survey_now(&r, s, 0);
		cr_expect_eq(z->movable_pages + z->unmovable_pages, 0);
		cr_expect_eq(z->runs[9], 1);
		cr_expect_eq(z->runs[8], 0);
	}
	kmr_survey_destroy(s);
	rig_destroy(&r);
}

/* The time since a survey first found both kinds in a pageblock. */
Test(page_survey, mixed_age)
{
	struct kmr_survey *s;
	struct rig r;
	kmr_pfn_t pfn, other, more;

	(void)rig_normal(&r, 0, 512);
	rig_seed(&r, 0, 9, KMR_MIGRATE_MOVABLE);
	s = make_survey(&r);
	pfn = rig_alloc(&r, 0, GFP_MOVABLE_REQ);
	cr_expect_eq(survey_now(&r, s, 1000)->mixed_age, 0);
	other = rig_alloc(&r, 0, KMR_GFP_KERNEL);
	cr_assert_neq(other, KMR_NO_PFN);
	cr_expect_eq(survey_now(&r, s, 1300)->mixed, 1);
	cr_expect_eq(survey_now(&r, s, 1300)->mixed_age, 0, "from when it was seen");
	cr_expect_eq(survey_now(&r, s, 1350)->mixed_age, 50);
	cr_expect_eq(survey_now(&r, s, 1200)->mixed_age, 50, "time does not go back");
	more = rig_alloc(&r, 3, KMR_GFP_KERNEL);
	cr_assert_neq(more, KMR_NO_PFN);
	cr_expect_eq(survey_now(&r, s, 1400)->mixed_age, 100, "it has been mixed all the time");
	rig_free(&r, other, 0);
	rig_free(&r, more, 3);
	cr_expect_eq(survey_now(&r, s, 1500)->mixed_age, 0);
	cr_expect_eq(survey_now(&r, s, 1500)->movable, 1);
	cr_assert_neq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	(void)survey_now(&r, s, 1600);
	cr_expect_eq(survey_now(&r, s, 1601)->mixed_age, 1, "it begins anew");
	rig_free(&r, pfn, 0);
	rig_destroy(&r);
	kmr_survey_destroy(s);
}

/* Steps of 512 frames from the zone's first one, and the pageblocks that it has a part of. */
Test(page_survey, last_pageblock)
{
	static const struct {
		uint64_t start, spanned, passed;
	} cases[] = {
		{ 0, 1024, 0 },
		{ 500, 1048, 1 + KMR_MIGRATE_MOVABLE },
		{ 500, 1024, 1 + KMR_MIGRATE_MOVABLE },
		{ 500, 1025, 0 },
		{ 500, 524, 0 },
		{ 1, 4095, 0 },
		{ 511, 2, 1 + KMR_MIGRATE_MOVABLE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_survey *s;
		struct rig r;

		(void)rig_normal(&r, cases[i].start, cases[i].spanned);
		for (uint64_t pfn = cases[i].start;; pfn = (pfn & ~UINT64_C(511)) + 512) {
			if (pfn >= cases[i].start + cases[i].spanned)
				break;
			r.ops->set_pageblock(r.b, (kmr_pfn_t)pfn, KMR_MIGRATE_MOVABLE);
		}
		s = make_survey(&r);
		cr_expect_eq(survey_now(&r, s, 0)->passed_over, cases[i].passed, "%zu", i);
		kmr_survey_destroy(s);
		rig_destroy(&r);
	}
}

/* At most 256 of equal size, whole pageblocks, none over a zone's end. */
Test(page_survey, strips)
{
	const struct kmr_strip *strips;
	struct kmr_survey *s;
	struct rig r;
	unsigned int nr;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 1, 4095);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 1048576 - 4096 - 100);
	rig_create(&r);
	s = make_survey(&r);
	nr = kmr_survey_strips(s, &strips);
	/* 8 + 2040 pageblocks: eight in a strip make 1 + 255, seven would be 294 */
	cr_assert_eq(nr, 256);
	cr_expect_eq(strips[0].start_pfn, 1);
	cr_expect_eq(strips[0].pages, 4095);
	cr_expect_eq(strips[1].start_pfn, 4096);
	cr_expect_eq(strips[1].zone, 1);
	cr_expect_eq(strips[2].start_pfn, 8192);
	cr_expect_eq(strips[255].start_pfn + strips[255].pages, 1048576 - 100);
	(void)survey_now(&r, s, 0);
	cr_expect_eq(kmr_survey_strip_states(s)[255].unmovable, strips[255].pages);
	cr_expect_eq(kmr_survey_strip_states(s)[255].migratetype, rig_where(&r, 1000000).pageblock);
	r.ops->set_pageblock(r.b, 4096, KMR_MIGRATE_RECLAIMABLE);
	(void)survey_now(&r, s, 0);
	cr_expect_eq(kmr_survey_strip_states(s)[1].migratetype, KMR_MIGRATE_MOVABLE);
	for (uint32_t pfn = 4096 + 512; pfn < 4096 + 5 * 512; pfn += 512)
		r.ops->set_pageblock(r.b, pfn, KMR_MIGRATE_RECLAIMABLE);
	(void)survey_now(&r, s, 0);
	cr_expect_eq(kmr_survey_strip_states(s)[1].migratetype, KMR_MIGRATE_RECLAIMABLE,
		     "five of eight");
	kmr_survey_destroy(s);
	rig_destroy(&r);
}

/* Twice the memory, half as often. */
Test(page_survey, large_machines_are_surveyed_seldom)
{
	static const struct {
		uint64_t frames, every;
	} cases[] = {
		{ 1u << 20, 1 }, { 1u << 22, 1 },  { (1u << 22) + 1, 2 },
		{ 1u << 23, 2 }, { 1u << 28, 64 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_survey *s;
		struct rig r;

		bare_machine(&r.m, 9);
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, cases[i].frames);
		s = make_survey(&r);
		cr_expect_eq(kmr_survey_every(s), cases[i].every);
		kmr_survey_destroy(s);
	}
}

/* Memory that comes belongs to the zone that has it, and is none when it goes. */
Test(page_survey, memory_comes_and_goes)
{
	const struct kmr_memory_block block = { 8192, 4096, KMR_ZONE_MOVABLE, -1 };
	static bool movable[FRAMES];
	const struct kmr_strip *strips;
	struct kmr_survey *s;
	unsigned int nr;
	kmr_pfn_t busy;
	struct rig r;

	bare_machine(&r.m, 9);
	(void)snprintf(r.m.arch, sizeof(r.m.arch), "x86_64");
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	(void)add_zone(&r.m, KMR_ZONE_MOVABLE, 0, 0, 0);
	r.m.section_pages = 4096;
	r.m.nr_ram = 1;
	r.m.ram[0] = (struct kmr_ram_range){ 0, 8192 };
	r.m.nr_hotplug = 1;
	r.m.hotplug[0] = (struct kmr_ram_range){ 8192, FRAMES };
	kmr_machine_set_limits(&r.m);
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < 8192; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	s = make_survey(&r);
	nr = kmr_survey_strips(s, &strips);
	cr_assert_eq(nr, 32);
	for (unsigned int i = 0; i < 6; i++) {
		r.ops->survey(r.b, s, i);
		compare_zones(&r, s, movable, "boot");
		compare_strips(&r, s, movable);
		cr_expect_eq(kmr_survey_zones(s)[1].empty, i % 2 ? 8 : 0);
		cr_expect_eq(strips[16].zone, i ? 1 : -1);
		cr_expect_eq(strips[31].zone, -1);
		if (i % 2)
			cr_assert_eq(r.ops->offline(r.b, 8192, 4096, 0, &busy), KMR_RANGE_DONE);
		else
			cr_assert_eq(r.ops->online(r.b, &block, 0), KMR_RANGE_DONE);
	}
	kmr_survey_destroy(s);
	rig_destroy(&r);
}
