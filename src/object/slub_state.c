// SPDX-License-Identifier: GPL-2.0-only
/* SLUB: snapshots in and out, and single objects and slabs for verify. */
#include <inttypes.h>
#include <string.h>

#include "object/slub.h"

#define MAX_DISTANCE 4096u /* objects that where() counts at most */

static int bad(struct kmr_error *err, const struct kmr_snapshot *snap, const struct slub_cache *c,
	       uint64_t pfn, const char *what)
{
	return kmr_fail(err, "%s: slab at pfn %" PRIu64 " of cache %s: %s", snap->machine.name, pfn,
			c->name, what);
}

static int load_caches(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		       struct kmr_error *err)
{
	for (size_t i = 0; i < snap->nr_caches; i++) {
		const struct kmr_snap_cache *c = &snap->caches[i];
		const struct kmr_cache_spec spec = {
			.name = c->name,
			.object_size = c->object_size,
			.align = c->align,
			.flags = c->flags,
			.size = c->size,
			.order = c->order,
			.min_partial = c->min_partial,
			.cpu_partial_slabs = c->cpu_partial_slabs,
			.limit = KMR_BY_RULE,
			.batch = KMR_BY_RULE,
			.shared = KMR_BY_RULE,
		};

		if (slub_cache_create(b, &spec, err) < 0)
			return -1;
		b->caches[i].offset = c->offset;
	}
	return 0;
}

/* Frames that the machine has, and no slab lies on. */
static bool frames_are_free(const struct kmr_object_backend *b, uint64_t pfn, unsigned int order)
{
	const uint64_t end = kmr_framemap_end(&b->frames);

	if (pfn >= end || (UINT64_C(1) << order) > end - pfn)
		return false;
	for (uint64_t p = pfn; p < pfn + (UINT64_C(1) << order); p++)
		if (kmr_framemap_get(&b->frames, p))
			return false;
	return true;
}

/* Every slab page, all objects in use for now. */
static int load_slabs(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		      struct kmr_error *err)
{
	for (size_t i = 0; i < snap->nr_slabs; i++) {
		const struct kmr_snap_slab *s = &snap->slabs[i];
		const struct slub_cache *c;
		unsigned int objects;

		if (s->cache == KMR_SNAP_NO_CACHE)
			continue;
		if (s->cache >= b->nr_caches)
			return kmr_fail(err, "%s: slab at pfn %" PRIu64 ": no such cache",
					snap->machine.name, s->pfn);
		c = &b->caches[s->cache];
		if (s->order != c->order && s->order != c->min_order)
			return bad(err, snap, c, s->pfn, "its order is not one of the cache's");
		if (!frames_are_free(b, s->pfn, s->order))
			return bad(err, snap, c, s->pfn, "its frames are another's, or none");
		objects = s->order == c->order ? c->objects : c->min_objects;
		if (!slub_place_slab(b, s->cache, (kmr_pfn_t)s->pfn, s->order, objects))
			return kmr_fail_nomem(err, "a slab");
	}
	return 0;
}

/* A list of free objects as the snapshot has it: its head, each taken from the used ones. */
static int load_freelist(struct slub_slab *s, const uint64_t *items, uint32_t count, uint16_t *head)
{
	uint16_t *link = head;

	for (uint32_t i = 0; i < count; i++) {
		const uint16_t index = (uint16_t)items[i];

		if (items[i] >= s->objects || s->links[index] != SLUB_USED)
			return -1;
		*link = index;
		link = &s->links[index];
		*link = SLUB_END;
	}
	return 0;
}

static int load_record(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		       const struct kmr_snap_objects *o, struct kmr_error *err)
{
	struct slub_cache *c = &b->caches[o->cache];
	const uint64_t *items = snap->items + o->first;
	const uint32_t number = kmr_framemap_get(&b->frames, o->pfn);
	const uint32_t own = o->kind == KMR_SNAP_CPU_SLAB ? o->remote : o->count;
	struct slub_slab *s;

	if (!number || slub_slab(b, number)->cache != o->cache)
		return bad(err, snap, c, o->pfn, "it is no slab of this cache");
	s = slub_slab(b, number);
	if (s->place != SLUB_FULL || s->pfn != o->pfn || s->objects != o->objects)
		return bad(err, snap, c, o->pfn, "it is on two lists, or of another size");
	if (own > o->count || o->count > s->objects || o->inuse != s->objects - own)
		return bad(err, snap, c, o->pfn, "its counts contradict each other");
	if (o->kind == KMR_SNAP_NODE_PARTIAL ? o->node != s->node : o->cpu >= b->c.machine->nr_cpus)
		return bad(err, snap, c, o->pfn, "it is on the list of a node or CPU not its own");
	if (o->kind == KMR_SNAP_CPU_SLAB) {
		struct slub_cpu *cpu = &c->cpus[o->cpu];

		if (cpu->slab)
			return bad(err, snap, c, o->pfn, "its CPU has another");
		if (load_freelist(s, items, o->count - own, &cpu->freelist) ||
		    load_freelist(s, items + o->count - own, own, &s->freelist))
			return bad(err, snap, c, o->pfn, "an object is free twice");
		cpu->slab = number;
		s->place = SLUB_CPU;
		s->cpu = o->cpu;
	} else {
		if (load_freelist(s, items, o->count, &s->freelist))
			return bad(err, snap, c, o->pfn, "an object is free twice");
		if (!o->count)
			return bad(err, snap, c, o->pfn, "it is partial and has no free object");
		if (o->kind == KMR_SNAP_NODE_PARTIAL)
			slub_add_partial(b, number, true);
		else
			s->place = SLUB_CPU_PARTIAL;
		s->cpu = o->cpu;
	}
	s->inuse = (uint16_t)o->inuse;
	c->live -= o->count;
	return 0;
}

/* CPU partial lists are built from the end, as each slab knows how long the list behind it is. */
static void load_cpu_partials(struct kmr_object_backend *b, const struct kmr_snapshot *snap)
{
	for (size_t i = snap->nr_objects; i-- > 0;) {
		const struct kmr_snap_objects *o = &snap->objects[i];

		if (o->kind == KMR_SNAP_CPU_PARTIAL)
			slub_put_cpu_partial(b, kmr_framemap_get(&b->frames, o->pfn), o->cpu,
					     false);
	}
}

int slub_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap, struct kmr_error *err)
{
	if (load_caches(b, snap, err) || load_slabs(b, snap, err))
		return -1;
	for (size_t i = 0; i < b->nr_caches; i++)
		b->caches[i].live = b->caches[i].nr_objects;
	for (size_t i = 0; i < snap->nr_objects; i++) {
		const struct kmr_snap_objects *o = &snap->objects[i];

		if (o->kind > KMR_SNAP_NODE_PARTIAL || o->cache >= b->nr_caches)
			return kmr_fail(err, "%s: not a snapshot of SLUB", snap->machine.name);
		if (load_record(b, snap, o, err))
			return -1;
	}
	load_cpu_partials(b, snap);
	return 0;
}

static int save_list(struct kmr_snapshot *snap, struct kmr_snap_objects *o,
		     const struct slub_slab *s, uint16_t head)
{
	for (uint16_t i = head; i != SLUB_END; i = s->links[i]) {
		if (kmr_snapshot_add_item(snap, i))
			return -1;
		o->count++;
	}
	return 0;
}

static struct kmr_snap_objects *save_slab(struct kmr_snapshot *snap, enum kmr_snap_kind kind,
					  const struct slub_slab *s)
{
	struct kmr_snap_objects *o = kmr_snapshot_add_objects(snap);

	if (!o)
		return NULL;
	o->kind = (uint8_t)kind;
	o->cache = s->cache;
	o->pfn = s->pfn;
	o->inuse = s->inuse;
	o->objects = s->objects;
	return o;
}

static int save_cpu(const struct kmr_object_backend *b, const struct slub_cache *cache,
		    unsigned int cpu, struct kmr_snapshot *snap)
{
	const struct slub_cpu *c = &cache->cpus[cpu];
	struct kmr_snap_objects *o;

	if (c->slab) {
		const struct slub_slab *s = slub_slab(b, c->slab);

		o = save_slab(snap, KMR_SNAP_CPU_SLAB, s);
		if (!o || save_list(snap, o, s, c->freelist))
			return -1;
		o->cpu = (uint16_t)cpu;
		o->remote = o->count;
		if (save_list(snap, o, s, s->freelist))
			return -1;
		o->remote = o->count - o->remote;
	}
	for (uint32_t i = c->partial; i; i = slub_slab(b, i)->next) {
		o = save_slab(snap, KMR_SNAP_CPU_PARTIAL, slub_slab(b, i));
		if (!o || save_list(snap, o, slub_slab(b, i), slub_slab(b, i)->freelist))
			return -1;
		o->cpu = (uint16_t)cpu;
	}
	return 0;
}

static int save_node(const struct kmr_object_backend *b, const struct slub_cache *cache,
		     unsigned int node, struct kmr_snapshot *snap)
{
	for (uint32_t i = cache->nodes[node].first; i; i = slub_slab(b, i)->next) {
		struct kmr_snap_objects *o =
			save_slab(snap, KMR_SNAP_NODE_PARTIAL, slub_slab(b, i));

		if (!o || save_list(snap, o, slub_slab(b, i), slub_slab(b, i)->freelist))
			return -1;
		o->node = (uint16_t)node;
	}
	return 0;
}

static int save_cache(const struct kmr_object_backend *b, const struct slub_cache *c,
		      struct kmr_snapshot *snap)
{
	struct kmr_snap_cache *out = kmr_snapshot_add_cache(snap);

	if (!out)
		return -1;
	memcpy(out->name, c->name, sizeof(out->name));
	out->object_size = c->object_size;
	out->size = c->size;
	out->align = c->align;
	out->objects = c->objects;
	out->order = c->order;
	out->flags = c->flags;
	out->offset = c->offset;
	out->min_objects = c->min_objects;
	out->min_order = c->min_order;
	out->min_partial = c->min_partial;
	out->cpu_partial_slabs = c->cpu_partial_slabs;
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++)
		if (save_cpu(b, c, cpu, snap))
			return -1;
	for (unsigned int node = 0; node < b->c.machine->nr_nodes; node++)
		if (save_node(b, c, node, snap))
			return -1;
	return 0;
}

/* Slab pages by pfn, as the kernel's walk over all frames finds them. */
static int save_slabs(const struct kmr_object_backend *b, struct kmr_snapshot *snap)
{
	const uint64_t end = kmr_framemap_end(&b->frames);

	for (uint64_t pfn = 0; pfn < end; pfn++) {
		const uint32_t number = kmr_framemap_get(&b->frames, pfn);
		struct kmr_snap_slab *out;

		if (!number || number & KMR_FRAME_LARGE)
			continue;
		out = kmr_snapshot_add_slab(snap);
		if (!out)
			return -1;
		out->pfn = pfn;
		out->order = slub_slab(b, number)->order;
		out->cache = slub_slab(b, number)->cache;
		pfn += (UINT64_C(1) << out->order) - 1;
	}
	return 0;
}

int slub_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap, struct kmr_error *err)
{
	for (size_t i = 0; i < b->nr_caches; i++)
		if (save_cache(b, &b->caches[i], snap))
			return kmr_fail_nomem(err, "a snapshot");
	return save_slabs(b, snap) ? kmr_fail_nomem(err, "a snapshot") : 0;
}

/* Objects before @index on a list, or all of them; *found: it is there. */
static uint32_t walk(const struct slub_slab *s, uint16_t head, unsigned int index, bool *found)
{
	uint32_t n = 0;

	for (uint16_t i = head; i != SLUB_END && !*found; i = s->links[i]) {
		*found = i == index;
		n += !*found;
	}
	return n;
}

/* The order in which load_from_cpu() and get_partial() would come to the slab. */
static uint32_t distance(const struct kmr_object_backend *b, const struct slub_cache *cache,
			 uint32_t number, unsigned int index, unsigned int cpu)
{
	const struct slub_cpu *c = &cache->cpus[cpu];
	const struct slub_slab *s;
	bool found = false;
	uint32_t n = 0;

	if (c->slab) {
		s = slub_slab(b, c->slab);
		found = false;
		n = walk(s, c->freelist, c->slab == number ? index : SLUB_USED, &found);
		if (!found)
			n += walk(s, s->freelist, c->slab == number ? index : SLUB_USED, &found);
	}
	for (uint32_t i = c->partial; i && !found && n <= MAX_DISTANCE; i = s->next) {
		s = slub_slab(b, i);
		n += walk(s, s->freelist, i == number ? index : SLUB_USED, &found);
	}
	s = slub_slab(b, number);
	if (!found && cache->nodes[s->node].first == number)
		n += walk(s, s->freelist, index, &found);
	return found && n <= MAX_DISTANCE ? n : UINT32_MAX;
}

void slub_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		unsigned int cpu, struct kmr_object_info *info)
{
	const struct slub_cache *c = &b->caches[cache];
	const struct slub_slab *s;
	bool held = false;
	unsigned int index;
	uint32_t number;

	memset(info, 0, sizeof(*info));
	info->distance = UINT32_MAX;
	info->slab = KMR_NO_PFN;
	number = slub_find(b, cache, obj, &index);
	if (!number)
		return;
	s = slub_slab(b, number);
	info->slab = s->pfn;
	info->cache = cache;
	info->place = KMR_OBJ_USED;
	if (s->links[index] == SLUB_USED)
		return;
	if (s->place == SLUB_CPU)
		(void)walk(s, c->cpus[s->cpu].freelist, index, &held);
	info->place = held ? KMR_OBJ_CPU : KMR_OBJ_SLAB;
	info->distance = distance(b, c, number, index, cpu);
}

/* Takes an object off a list; false: it is not on it. */
static bool unlink_object(struct slub_slab *s, uint16_t *link, unsigned int index)
{
	while (*link != SLUB_END) {
		if (*link == index) {
			*link = s->links[index];
			s->links[index] = SLUB_USED;
			return true;
		}
		link = &s->links[*link];
	}
	return false;
}

int slub_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes)
{
	struct slub_cache *c = &b->caches[cache];
	struct slub_slab *s;
	unsigned int index;
	uint32_t number;

	(void)bytes;
	number = slub_find(b, cache, obj, &index);
	if (!number)
		return -1;
	s = slub_slab(b, number);
	if (s->links[index] == SLUB_USED)
		return -1;
	c->live++;
	if (s->place == SLUB_CPU && unlink_object(s, &c->cpus[s->cpu].freelist, index))
		return 0;
	(void)unlink_object(s, &s->freelist, index);
	s->inuse++;
	if (s->freelist != SLUB_END)
		return 0;
	/* full: on no list any more */
	if (s->place == SLUB_NODE_PARTIAL)
		slub_remove_partial(b, number);
	else if (s->place == SLUB_CPU_PARTIAL)
		slub_remove_cpu_partial(b, number);
	return 0;
}

/* The CPU's slab is full as far as the kernel is concerned: it has left it. */
static uint32_t use_up(struct kmr_object_backend *b, struct slub_cache *cache, struct slub_cpu *c)
{
	const uint32_t number = c->slab;
	struct slub_slab *s = slub_slab(b, number);
	uint32_t n = 0;

	for (uint16_t i = c->freelist, next; i != SLUB_END; i = next, n++) {
		next = s->links[i];
		s->links[i] = SLUB_USED;
	}
	cache->live += n;
	c->freelist = SLUB_END;
	c->slab = 0;
	s->place = SLUB_FULL;
	if (s->freelist != SLUB_END)
		slub_add_partial(b, number, true);
	return n;
}

/* Objects come from the CPU's slab and from nowhere else. */
uint32_t slub_hold(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		   unsigned int cpu)
{
	struct slub_cache *cc = &b->caches[cache];
	struct slub_cpu *c = &cc->cpus[cpu];
	unsigned int index;
	const uint32_t number = slub_find(b, cache, obj, &index);
	uint32_t n = 0;
	struct slub_slab *s;

	if (!number || number == c->slab)
		return 0;
	s = slub_slab(b, number);
	if (s->place == SLUB_CPU)
		return 0;
	if (c->slab)
		n = use_up(b, cc, c);
	if (s->place == SLUB_NODE_PARTIAL)
		slub_remove_partial(b, number);
	else if (s->place == SLUB_CPU_PARTIAL)
		slub_remove_cpu_partial(b, number);
	slub_load_slab(b, c, number, cpu);
	return n;
}

void slub_unalloc(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, unsigned int cpu)
{
	struct slub_cache *c = &b->caches[cache];
	unsigned int index;
	const uint32_t number = slub_find(b, cache, obj, &index);
	struct slub_slab *s;

	if (!number || slub_slab(b, number)->links[index] != SLUB_USED)
		return;
	s = slub_slab(b, number);
	if (c->cpus[cpu].slab != number) {
		(void)slub_cache_free(b, cache, obj, cpu);
		return;
	}
	s->links[index] = c->cpus[cpu].freelist;
	c->cpus[cpu].freelist = (uint16_t)index;
	c->live--;
	c->allocs--;
	b->work.allocs--;
}

int slub_forget_slab(struct kmr_object_backend *b, kmr_pfn_t pfn)
{
	const uint32_t number = kmr_framemap_get(&b->frames, pfn);
	struct slub_slab *s;
	struct slub_cache *c;

	if (!number)
		return -1;
	if (number & KMR_FRAME_LARGE) {
		b->large_pages -= UINT64_C(1) << (number & ~KMR_FRAME_LARGE);
		return kmr_framemap_set(&b->frames, pfn, 0, 0);
	}
	s = slub_slab(b, number);
	c = &b->caches[s->cache];
	for (unsigned int i = 0; i < s->objects; i++)
		c->live -= s->links[i] == SLUB_USED;
	if (s->place == SLUB_NODE_PARTIAL)
		slub_remove_partial(b, number);
	else if (s->place == SLUB_CPU_PARTIAL)
		slub_remove_cpu_partial(b, number);
	else if (s->place == SLUB_CPU)
		c->cpus[s->cpu] = (struct slub_cpu){ .partial = c->cpus[s->cpu].partial,
						     .freelist = SLUB_END };
	slub_retire(b, number);
	return 0;
}

/* A slab of another node is on that one's list. */
static void place_at(struct kmr_object_backend *b, uint32_t number, kmr_pfn_t pfn)
{
	const int zone = kmr_machine_zone_of(b->c.machine, pfn);
	const uint8_t node = zone < 0 ? 0 : (uint8_t)b->c.machine->zones[zone].node;
	struct slub_slab *s = slub_slab(b, number);
	const bool partial = s->place == SLUB_NODE_PARTIAL;

	s->pfn = pfn;
	if (s->node == node)
		return;
	if (partial)
		slub_remove_partial(b, number);
	s->node = node;
	if (partial)
		slub_add_partial(b, number, true);
}

int slub_move_slab(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, from);
	const bool large = entry & KMR_FRAME_LARGE;
	const unsigned int order = large ? 0 : entry ? slub_slab(b, entry)->order : 0;
	const uint64_t end = kmr_framemap_end(&b->frames);

	if (!entry || (!large && slub_slab(b, entry)->pfn != from) || to >= end ||
	    (UINT64_C(1) << order) > end - to)
		return -1;
	(void)kmr_framemap_set(&b->frames, from, order, 0);
	/* what was there is not, as the kernel has just given out the pages */
	for (uint64_t p = to; p < to + (UINT64_C(1) << order); p++)
		while (kmr_framemap_get(&b->frames, p))
			(void)slub_forget_slab(b, (kmr_pfn_t)p);
	if (!large)
		place_at(b, entry, to);
	return kmr_framemap_set(&b->frames, to, order, entry);
}

int slub_adopt_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
		    unsigned int order, unsigned int cpu)
{
	const struct slub_cache *c = &b->caches[cache];
	struct slub_slab *s;
	uint32_t number;

	(void)cpu;
	if ((order != c->order && order != c->min_order) || !frames_are_free(b, pfn, order))
		return -1;
	number = slub_place_slab(b, cache, pfn, order,
				 order == c->order ? c->objects : c->min_objects);
	if (!number)
		return -1;
	s = slub_slab(b, number);
	for (unsigned int i = 0; i < s->objects; i++)
		s->links[i] = (uint16_t)(i + 1 < s->objects ? i + 1 : SLUB_END);
	s->freelist = 0;
	s->inuse = 0;
	slub_add_partial(b, number, true);
	return 0;
}
