// SPDX-License-Identifier: GPL-2.0-only
/*
 * Property tests: whatever is asked of the allocator in whatever order, every block it hands out
 * is free, aligned and inside a zone that the request allows, the counts add up to what was
 * seeded, its own invariants hold, and when all is given back all of it merges again.
 */
#include "replay/seed.h"
#include "support.h"

#define OPERATIONS   100000u
#define CHECK_PERIOD 2500u
#define MAX_LIVE     400000u

/* What a frame is to the test. */
enum {
	ABSENT,
	FREE,
	MINE
};

struct block {
	uint32_t pfn;
	uint8_t order;
	bool prepared;
};

struct walk {
	struct rig r;
	const char *name;
	bool engine; /* the backend is of linux.h */
	uint32_t nr_frames;
	uint64_t rng;
	uint8_t *shadow;
	struct block *live;
	uint32_t nr_live, nr_prepared;
	uint64_t seeded[KMR_MAX_ZONES];
	uint64_t mine[KMR_MAX_ZONES];
	uint64_t start_free[KMR_MAX_ZONES][KMR_MAX_ORDERS];
	bool types; /* pageblocks change their types on the way */
	bool growing;
	uint64_t now;
};

static int zone_of(const struct walk *w, uint32_t pfn)
{
	return kmr_machine_zone_of(&w->r.m, pfn);
}

static void blocks_by_order(const struct walk *w, unsigned int zone, uint64_t *by_order)
{
	struct kmr_zone_state state;

	w->r.ops->zone_state(w->r.b, zone, &state);
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++) {
		by_order[o] = 0;
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			by_order[o] += state.nr_free[o][t];
	}
}

static uint64_t nr_blocks(const struct walk *w, unsigned int zone)
{
	const struct kmr_zone_spec *z = &w->r.m.zones[zone];

	return ((z->start_pfn + z->spanned - 1) >> w->r.m.pageblock_order) -
	       (z->start_pfn >> w->r.m.pageblock_order) + 1;
}

/* Every free block is of the type of all of its pageblocks, where the version keeps it so. */
static void check_types(const struct walk *w)
{
	if (w->types || strcmp(w->r.ops->name, "linux-6.12") != 0)
		return;
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++) {
		const struct kmr_zone_spec *z = &w->r.m.zones[i];

		for (uint64_t pfn = z->start_pfn; pfn < z->start_pfn + z->spanned; pfn++) {
			const struct kmr_frame_info info = rig_where(&w->r, (kmr_pfn_t)pfn);

			if (info.place == KMR_FRAME_BUDDY)
				cr_assert_eq(info.migratetype, info.pageblock, "%s: frame %" PRIu64,
					     w->name, pfn);
		}
	}
}

/* What is on the free lists and per-CPU lists and in use is just what was seeded. */
static void check_counts(const struct walk *w)
{
	rig_check(&w->r);
	check_types(w);
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++) {
		struct kmr_zone_state state;
		uint64_t listed = 0, isolated = 0, pcp = 0, blocks = 0;

		w->r.ops->zone_state(w->r.b, i, &state);
		for (unsigned int o = 0; o < w->r.m.nr_orders; o++) {
			for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
				listed += (uint64_t)state.nr_free[o][t] << o;
			isolated += (uint64_t)state.nr_free[o][KMR_MIGRATE_ISOLATE] << o;
		}
		for (unsigned int c = 0; c < w->r.m.nr_cpus; c++)
			pcp += w->r.ops->pcp_count(w->r.b, i, c);
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			blocks += state.pageblocks[t];
		cr_assert_eq(state.free_pages + isolated, listed, "%s: zone %u", w->name, i);
		cr_assert_eq(state.pcp_pages, pcp, "%s: zone %u", w->name, i);
		cr_assert_eq(listed + pcp + w->mine[i], w->seeded[i],
			     "%s: zone %u: %" PRIu64 " listed, %" PRIu64 " on CPUs, %" PRIu64
			     " in use, seeded %" PRIu64,
			     w->name, i, listed, pcp, w->mine[i], w->seeded[i]);
		cr_assert_eq(blocks, nr_blocks(w, i));
		cr_assert_geq(state.wmark_low, state.wmark_min);
		cr_assert_geq(state.wmark_high, state.wmark_low);
	}
}

static void walk_begin(struct walk *w, uint64_t seed)
{
	const uint32_t frames = (uint32_t)kmr_machine_end_pfn(&w->r.m);

	w->nr_frames = frames;
	w->rng = seed;
	w->growing = true;
	w->shadow = calloc(frames, 1);
	w->live = malloc(MAX_LIVE * sizeof(*w->live));
	cr_assert(w->shadow && w->live);
	kmr_seed_boot(&w->r.m, w->r.ops, w->r.b);
	for (uint32_t pfn = 0; pfn < frames; pfn++) {
		const struct kmr_frame_info info = rig_where(&w->r, pfn);

		if (info.place != KMR_FRAME_BUDDY)
			continue;
		w->shadow[pfn] = FREE;
		w->seeded[info.zone]++;
	}
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++) {
		cr_assert_gt(w->seeded[i], 0, "%s: zone %u", w->name, i);
		blocks_by_order(w, i, w->start_free[i]);
	}
}

static void own(struct walk *w, uint32_t pfn, unsigned int order)
{
	struct block *l = &w->live[w->nr_live++];

	cr_assert_lt(w->nr_live, MAX_LIVE);
	l->pfn = pfn;
	l->order = (uint8_t)order;
	l->prepared = false;
	memset(&w->shadow[pfn], MINE, (size_t)1 << order);
	w->mine[zone_of(w, pfn)] += UINT64_C(1) << order;
}

static uint32_t random_gfp(struct walk *w)
{
	static const uint32_t bases[] = {
		KMR_GFP_KERNEL,	      KMR_GFP_USER,	   KMR_GFP_HIGHUSER,
		KMR_GFP_HIGHUSER_MOV, GFP_RECLAIMABLE_REQ, GFP_ATOMIC_REQ,
		GFP_NOWAIT_REQ,	      GFP_MOVABLE_REQ,	   0,
		KMR_GFP_HIGHUSER_MOV, KMR_GFP_KERNEL,
	};
	uint32_t gfp = bases[below(&w->rng, sizeof(bases) / sizeof(bases[0]))];

	switch (below(&w->rng, 16)) {
	case 0:
		gfp = (gfp & ~(uint32_t)KMR_GFP_HIGHMEM) | KMR_GFP_DMA;
		break;
	case 1:
		gfp = (gfp & ~(uint32_t)KMR_GFP_HIGHMEM) | KMR_GFP_DMA32;
		break;
	case 2:
		gfp |= KMR_GFP_THISNODE;
		break;
	case 3:
		gfp |= KMR_GFP_NOFAIL | KMR_GFP_RECLAIM;
		break;
	case 4:
		gfp |= KMR_GFP_MEMALLOC;
		break;
	case 5:
		gfp |= KMR_GFP_NOMEMALLOC | KMR_GFP_HIGH;
		break;
	default:
		break;
	}
	return gfp;
}

/* The highest zone type the flags allow, on a machine that has every type built in or not. */
static unsigned int highest_type(const struct kmr_machine *m, uint32_t gfp)
{
	if (gfp & KMR_GFP_DMA)
		return m->has_type[KMR_ZONE_DMA] ? KMR_ZONE_DMA : KMR_ZONE_NORMAL;
	if (gfp & KMR_GFP_DMA32)
		return m->has_type[KMR_ZONE_DMA32] ? KMR_ZONE_DMA32 : KMR_ZONE_NORMAL;
	if (!(gfp & KMR_GFP_HIGHMEM))
		return KMR_ZONE_NORMAL;
	return gfp & KMR_GFP_MOVABLE ? KMR_ZONE_MOVABLE : KMR_ZONE_HIGHMEM;
}

static struct kmr_page_request random_request(struct walk *w)
{
	static const uint8_t policies[] = { KMR_POLICY_INTERLEAVE, KMR_POLICY_BIND,
					    KMR_POLICY_PREFERRED_MANY };
	struct kmr_page_request req = { 0 };

	req.gfp = random_gfp(w);
	req.order =
		(uint8_t)(below(&w->rng, 4) ? below(&w->rng, 4) : below(&w->rng, w->r.m.nr_orders));
	req.node = (uint8_t)below(&w->rng, w->r.m.nr_nodes);
	req.cpu = (uint16_t)below(&w->rng, w->r.m.nr_cpus);
	if (w->r.m.nr_nodes > 1 && !below(&w->rng, 4)) {
		req.policy = policies[below(&w->rng, 3)];
		req.nodes = 1 + below(&w->rng, (1u << w->r.m.nr_nodes) - 1);
	}
	return req;
}

static void do_alloc(struct walk *w)
{
	const struct kmr_page_request req = random_request(w);
	const kmr_pfn_t pfn = w->r.ops->alloc(w->r.b, &req);
	const struct kmr_zone_spec *z;

	if (pfn == KMR_NO_PFN)
		return;
	cr_assert_eq(pfn & ((1u << req.order) - 1), 0, "%s: %u of order %u", w->name, pfn,
		     req.order);
	cr_assert_geq(zone_of(w, pfn), 0, "%s: frame %u is in no zone", w->name, pfn);
	cr_assert_eq(zone_of(w, pfn), zone_of(w, pfn + (1u << req.order) - 1));
	z = &w->r.m.zones[zone_of(w, pfn)];
	cr_assert_leq(z->type, highest_type(&w->r.m, req.gfp), "%s: gfp %#x got zone %s", w->name,
		      req.gfp, kmr_zone_name((enum kmr_zone_type)z->type));
	if (req.gfp & KMR_GFP_THISNODE)
		cr_assert_eq(z->node, req.node);
	for (uint32_t p = pfn; p < pfn + (1u << req.order); p++)
		cr_assert_eq(w->shadow[p], FREE, "%s: frame %u was handed out twice", w->name, p);
	if (!below(&w->rng, 20)) {
		w->r.ops->unalloc(w->r.b, &req, pfn);
		return;
	}
	own(w, pfn, req.order);
}

static void disown(struct walk *w, uint32_t i)
{
	const struct block l = w->live[i];

	memset(&w->shadow[l.pfn], FREE, (size_t)1 << l.order);
	w->mine[zone_of(w, l.pfn)] -= UINT64_C(1) << l.order;
	w->nr_prepared -= l.prepared;
	w->live[i] = w->live[--w->nr_live];
}

/* Perhaps cuts a block, keeping both halves, until the piece to free is left. */
static void cut_some(struct walk *w, uint32_t i)
{
	while (w->live[i].order && !below(&w->rng, 3)) {
		struct block *l = &w->live[i], *upper = &w->live[w->nr_live];

		if (w->nr_live == MAX_LIVE - 1)
			return;
		w->nr_live++;
		l->order--;
		*upper = *l;
		upper->pfn += 1u << l->order;
		if (below(&w->rng, 2)) {
			const struct block swap = *l;

			*l = *upper;
			*upper = swap;
		}
	}
}

static void do_free(struct walk *w)
{
	const unsigned int cpu = below(&w->rng, w->r.m.nr_cpus);
	uint32_t i;

	if (!w->nr_live)
		return;
	i = below(&w->rng, w->nr_live);
	if (!w->live[i].prepared && !below(&w->rng, 8))
		cut_some(w, i);
	if (!w->live[i].prepared && !w->live[i].order && !below(&w->rng, 4)) {
		w->r.ops->free_prepare(w->r.b, w->live[i].pfn);
		w->live[i].prepared = true;
		w->nr_prepared++;
		return;
	}
	if (w->live[i].prepared)
		cr_assert_eq(w->r.ops->free_commit(w->r.b, w->live[i].pfn, cpu), 0);
	else
		cr_assert_eq(w->r.ops->free(w->r.b, w->live[i].pfn, w->live[i].order, cpu), 0);
	disown(w, i);
}

/* What can't be freed is refused. */
static void do_bad_free(struct walk *w)
{
	const uint32_t pfn = below(&w->rng, w->nr_frames + 4096);
	const unsigned int order = below(&w->rng, w->r.m.nr_orders + 2);
	bool all_used = order < w->r.m.nr_orders && !(pfn & ((1u << order) - 1));

	for (uint32_t p = pfn; all_used && p < pfn + (1u << order); p++)
		all_used = zone_of(w, p) >= 0 && zone_of(w, p) == zone_of(w, pfn) &&
			   w->shadow[p] != FREE;
	if (!all_used)
		cr_assert_eq(w->r.ops->free(w->r.b, pfn, order, 0), -1, "%s: free %u/%u", w->name,
			     pfn, order);
}

/* Frames become used on the way, whatever they were on. */
static void do_take(struct walk *w)
{
	const uint32_t pfn = below(&w->rng, w->nr_frames);
	const unsigned int order = below(&w->rng, 6);

	w->r.ops->take(w->r.b, pfn, order, below(&w->rng, 2));
	for (uint32_t p = pfn; p < pfn + (1u << order) && p < w->nr_frames; p++)
		if (w->shadow[p] == FREE)
			own(w, p, 0);
}

/* Blocks of a type on per-CPU lists, wherever they are there; 4097: too many. */
static unsigned int find_percpu(const struct walk *w, unsigned int zone, unsigned int cpu,
				unsigned int order, unsigned int type, uint32_t *pfns)
{
	const struct kmr_zone_spec *z = &w->r.m.zones[zone];
	unsigned int n = 0;

	for (uint64_t pfn = z->start_pfn; pfn < z->start_pfn + z->spanned; pfn++) {
		struct kmr_frame_info info;

		if (w->shadow[pfn] != FREE)
			continue;
		info = rig_where(&w->r, (kmr_pfn_t)pfn);
		if (info.place != KMR_FRAME_PCP || info.cpu != cpu || info.head != pfn ||
		    info.order != order || info.migratetype != type)
			continue;
		if (n == 4096)
			return n + 1;
		pfns[n++] = (uint32_t)pfn;
	}
	return n;
}

static void do_pcp_take_all(struct walk *w)
{
	const unsigned int zone = below(&w->rng, w->r.m.nr_zones);
	const unsigned int cpu = below(&w->rng, w->r.m.nr_cpus);
	const unsigned int order = below(&w->rng, 4);
	const unsigned int type = below(&w->rng, KMR_MIGRATE_PCPTYPES);
	uint32_t pfns[4096];
	const unsigned int n =
		w->engine ? list_of(&w->r, &w->r.b->zones[zone].pcp[cpu].lists[3 * order + type],
				    pfns, 4096)
			  : find_percpu(w, zone, cpu, order, type, pfns);

	if (n > 4096)
		return;
	cr_assert_eq(w->r.ops->pcp_take_all(w->r.b, zone, cpu, order, type), n);
	for (unsigned int i = 0; i < n; i++)
		own(w, pfns[i], order);
}

/*
 * Gives the pageblocks of a block of the largest order another type.  What is free of it would
 * stay on the old type's lists, so that only those wholly in use change.
 */
static void do_set_type(struct walk *w)
{
	static const uint8_t types[] = { KMR_MIGRATE_CMA, KMR_MIGRATE_ISOLATE, KMR_MIGRATE_MOVABLE,
					 KMR_MIGRATE_UNMOVABLE, KMR_MIGRATE_HIGHATOMIC };
	const unsigned int type = types[below(&w->rng, 5)];
	const uint32_t size = 1u << (w->r.m.nr_orders - 1);
	const uint32_t start = below(&w->rng, w->nr_frames) & ~(size - 1);
	uint32_t end = start + size;

	if (!w->types || w->nr_prepared)
		return;
	if (end > w->nr_frames)
		end = w->nr_frames;
	for (uint32_t p = start; p < end; p++)
		if (w->shadow[p] == FREE)
			return;
	for (uint32_t p = start; p < end; p++)
		if (zone_of(w, p) >= 0)
			w->r.ops->set_pageblock(w->r.b, p, type);
}

static void do_odd(struct walk *w)
{
	const unsigned int cpu = below(&w->rng, w->r.m.nr_cpus);
	const unsigned int zone = below(&w->rng, w->r.m.nr_zones);

	switch (below(&w->rng, 9)) {
	case 0:
		w->r.ops->drain(w->r.b, (int)cpu);
		for (unsigned int i = 0; i < w->r.m.nr_zones; i++)
			cr_assert_eq(w->r.ops->pcp_count(w->r.b, i, cpu), 0);
		break;
	case 1:
		w->r.ops->pcp_lock(w->r.b, zone, cpu, true);
		break;
	case 2:
		w->r.ops->pcp_lock(w->r.b, zone, cpu, false);
		break;
	case 3:
		w->r.ops->kswapd(w->r.b, below(&w->rng, w->r.m.nr_nodes), below(&w->rng, 2));
		break;
	case 4:
		w->now += below(&w->rng, 40000000);
		w->r.ops->tick(w->r.b, w->now);
		break;
	case 5:
		do_take(w);
		break;
	case 6:
		do_pcp_take_all(w);
		break;
	case 7:
		do_set_type(w);
		break;
	default:
		do_bad_free(w);
		break;
	}
}

static void step(struct walk *w)
{
	const unsigned int dice = below(&w->rng, 100);

	if (dice < 3)
		do_odd(w);
	else if (dice < (w->growing ? 70u : 35u))
		do_alloc(w);
	else
		do_free(w);
}

static void free_everything(struct walk *w)
{
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++)
		for (unsigned int c = 0; c < w->r.m.nr_cpus; c++)
			w->r.ops->pcp_lock(w->r.b, i, c, false);
	while (w->nr_live) {
		const uint32_t i = below(&w->rng, w->nr_live);

		if (w->live[i].prepared)
			cr_assert_eq(w->r.ops->free_commit(w->r.b, w->live[i].pfn, 0), 0);
		else
			cr_assert_eq(w->r.ops->free(w->r.b, w->live[i].pfn, w->live[i].order, 0),
				     0);
		disown(w, i);
	}
	w->r.ops->drain(w->r.b, -1);
	check_counts(w);
}

/* Blocks of free memory are as large as they were at the start. */
static void check_merged(const struct walk *w)
{
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++) {
		uint64_t by_order[KMR_MAX_ORDERS];

		/* types that do not mix keep the largest blocks apart */
		if (w->engine && w->r.b->zones[i].odd_merges)
			continue;
		blocks_by_order(w, i, by_order);
		for (unsigned int o = 0; o < w->r.m.nr_orders; o++)
			cr_assert_eq(by_order[o], w->start_free[i][o],
				     "%s: zone %u has %" PRIu64 " blocks of order %u, had %" PRIu64,
				     w->name, i, by_order[o], o, w->start_free[i][o]);
	}
}

static void walk_end(struct walk *w)
{
	rig_destroy(&w->r);
	free(w->shadow);
	free(w->live);
}

static void walk(struct walk *w, uint64_t seed)
{
	walk_begin(w, seed);
	check_counts(w);
	for (unsigned int i = 1; i <= OPERATIONS; i++) {
		step(w);
		if (i % 7000 == 0)
			w->growing = below(&w->rng, 3) != 0;
		if (i % CHECK_PERIOD == 0)
			check_counts(w);
	}
	free_everything(w);
	check_merged(w);
	walk_end(w);
}

struct shape {
	const char *backend;
	const char *name; /* a preset, or one of the made-up machines below */
	uint64_t seed;
	bool types;
};

/* Zones that begin and end in the middle of pageblocks and of the largest blocks. */
static void ragged(struct kmr_machine *m)
{
	bare_machine(m, 9);
	m->nr_cpus = 3;
	m->has_type[KMR_ZONE_HIGHMEM] = true;
	(void)add_zone(m, KMR_ZONE_DMA, 0, 3, 1301);
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 1304, 9001);
	(void)add_zone(m, KMR_ZONE_HIGHMEM, 0, 10305, 4095);
	kmr_machine_set_limits(m);
}

/* Too small to group by mobility; three orders; pageblocks of the largest order. */
static void tiny(struct kmr_machine *m)
{
	bare_machine(m, 2);
	m->nr_orders = 3;
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 1, 22);
	m->zones[0].pcp_high = 7;
	m->zones[0].pcp_batch = 1;
}

/* Two nodes whose zones lie between one another's. */
static void interleaved(struct kmr_machine *m)
{
	bare_machine(m, 4);
	m->nr_orders = 8;
	m->nr_nodes = 2;
	m->nr_cpus = 2;
	m->cpu_node[1] = 1;
	m->has_type[KMR_ZONE_DMA32] = true;
	(void)add_zone(m, KMR_ZONE_DMA32, 0, 0, 777);
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 3000, 1500);
	(void)add_zone(m, KMR_ZONE_DMA32, 1, 777, 1001);
	(void)add_zone(m, KMR_ZONE_NORMAL, 1, 4500, 3210);
	kmr_machine_set_limits(m);
}

static void build(struct walk *w, const struct shape *shape)
{
	static const struct {
		const char *name;
		void (*build)(struct kmr_machine *m);
	} made_up[] = { { "ragged", ragged }, { "tiny", tiny }, { "interleaved", interleaved } };
	struct kmr_error err = { "" };

	w->name = shape->name;
	w->engine = strcmp(shape->backend, "linux-2.6.24") && strcmp(shape->backend, "linux-2.4");
	w->types = shape->types;
	for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++)
		if (!strcmp(made_up[i].name, shape->name)) {
			made_up[i].build(&w->r.m);
			rig_create_as(&w->r, shape->backend);
			return;
		}
	cr_assert_eq(kmr_machine_preset(&w->r.m, shape->name, &err), 0, "%s", err.msg);
	rig_create_as(&w->r, shape->backend);
}

static void walk_on(const char *backend, const char *machine, uint64_t seed, bool types)
{
	const struct shape shape = { backend, machine, seed, types };
	struct walk *w = calloc(1, sizeof(*w));

	cr_assert_not_null(w);
	build(w, &shape);
	walk(w, seed);
	free(w);
}

#define WALK_AS(backend, test, machine, seed, types)    \
	Test(page_random, test)                         \
	{                                               \
		walk_on(backend, machine, seed, types); \
	}
#define WALK(test, machine, seed, types) WALK_AS("linux-6.1", test, machine, seed, types)

WALK(i386_64m, "i386:ram=64M", 1, false)
WALK(i386_64m_types, "i386:ram=64M", 2, true)
WALK(i386_320m, "i386:ram=320M", 3, false)
WALK(i386_320m_types, "i386:ram=320M,cpus=4", 4, true)
WALK(i386_1280m, "i386:ram=1280M", 5, false)
WALK(i386_1280m_types, "i386:ram=1280M,cpus=2", 6, true)
WALK(x86_64, "x86_64:ram=2G", 7, false)
WALK(x86_64_types, "x86_64:ram=2G,pageblock=9", 8, true)
WALK(x86_64_nodes, "x86_64:ram=2G,nodes=2,cpus=4", 9, false)
WALK(x86_64_nodes_types, "x86_64:ram=6G,nodes=2,cpus=2", 10, true)
WALK(ragged_1, "ragged", 11, false)
WALK(ragged_2, "ragged", 13, false)
WALK(ragged_types, "ragged", 12, true)
WALK(tiny, "tiny", 14, false)
WALK(tiny_types, "tiny", 15, true)
WALK(interleaved_1, "interleaved", 16, false)
WALK(interleaved_2, "interleaved", 18, false)
WALK(interleaved_types, "interleaved", 17, true)

WALK_AS("linux-6.12", v6_12_i386, "i386:ram=320M,cpus=4", 51, false)
WALK_AS("linux-6.12", v6_12_i386_types, "i386:ram=1280M,cpus=2", 52, true)
WALK_AS("linux-6.12", v6_12_x86_64, "x86_64:ram=2G,pageblock=9", 53, false)
WALK_AS("linux-6.12", v6_12_x86_64_nodes, "x86_64:ram=6G,nodes=2,cpus=4", 54, false)
WALK_AS("linux-6.12", v6_12_ragged, "ragged", 55, false)
WALK_AS("linux-6.12", v6_12_ragged_types, "ragged", 56, true)
WALK_AS("linux-6.12", v6_12_tiny, "tiny", 57, false)
WALK_AS("linux-6.12", v6_12_interleaved, "interleaved", 58, false)
WALK_AS("linux-6.12", v6_12_interleaved_types, "interleaved", 59, true)

WALK_AS("linux-5.15", v5_15_i386, "i386:ram=320M,cpus=2", 21, false)
WALK_AS("linux-5.15", v5_15_i386_types, "i386:ram=1280M,cpus=2", 22, true)
WALK_AS("linux-5.15", v5_15_x86_64_nodes_types, "x86_64:ram=2G,nodes=2,cpus=2,pageblock=9", 23,
	true)
WALK_AS("linux-5.15", v5_15_ragged, "ragged", 24, false)
WALK_AS("linux-5.15", v5_15_interleaved, "interleaved", 25, true)

WALK_AS("linux-2.6.24", v2_6_i386, "i386:ram=64M,cpus=2", 31, false)
WALK_AS("linux-2.6.24", v2_6_i386_types, "i386:ram=320M", 32, true)
WALK_AS("linux-2.6.24", v2_6_ragged, "ragged", 33, false)
WALK_AS("linux-2.6.24", v2_6_ragged_types, "ragged", 34, true)
WALK_AS("linux-2.6.24", v2_6_tiny, "tiny", 35, false)
WALK_AS("linux-2.6.24", v2_6_interleaved, "interleaved", 36, false)
WALK_AS("linux-2.4", v2_4_i386, "i386:ram=320M,cpus=2", 41, false)
WALK_AS("linux-2.4", v2_4_ragged, "ragged", 42, false)
WALK_AS("linux-2.4", v2_4_ragged_types, "ragged", 43, true)
WALK_AS("linux-2.4", v2_4_tiny, "tiny", 44, false)
WALK_AS("linux-2.4", v2_4_interleaved, "interleaved", 45, false)

/* Two walks of one seed meet the same frames. */
Test(page_random, is_deterministic)
{
	uint64_t sum[2] = { 0, 0 };

	for (int round = 0; round < 2; round++) {
		struct walk *w = calloc(1, sizeof(*w));

		cr_assert_not_null(w);
		w->name = "i386";
		w->engine = true;
		rig_preset(&w->r, "i386:ram=320M,cpus=2");
		walk_begin(w, 42);
		for (unsigned int i = 0; i < 20000; i++) {
			step(w);
			if (w->nr_live)
				sum[round] = sum[round] * 31 + w->live[w->nr_live - 1].pfn;
		}
		walk_end(w);
		free(w);
	}
	cr_assert_eq(sum[0], sum[1]);
}
