// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of huge pages: blocks asked for like any other, node by node in turn, kept unused for
 * those who map them, which no trace tells of.  Behaviour: set_max_huge_pages(),
 * alloc_pool_huge_page(), remove_pool_huge_page(), alloc_and_dissolve_huge_page(),
 * dissolve_free_huge_page() in mm/hugetlb.c.
 */
#include <string.h>

#include "page/contig.h"

void kmr_huge_init(struct kmr_huge_pool *pool, const struct kmr_machine *m)
{
	pool->order = m->huge_order ? m->huge_order : m->pageblock_order;
	/* hugepage_movable_supported(): x86 migrates them in 64-bit mode only, alpha has none */
	pool->gfp = !strcmp(m->arch, "i386") || !strcmp(m->arch, "alpha") ? KMR_GFP_HIGHUSER
									  : KMR_GFP_HIGHUSER_MOV;
	for (unsigned int node = 0; node < KMR_MAX_NODES; node++)
		kmr_list_init(&pool->lists[node]);
}

static void tell(const struct kmr_page_backend *b, uint32_t pfn, bool kept)
{
	if (b->observer && b->observer->kept)
		b->observer->kept(b->observer->ctx, pfn, b->contig->huge.order, kept);
}

static uint32_t alloc_huge_page(struct kmr_page_backend *b, unsigned int node, unsigned int cpu)
{
	const struct kmr_huge_pool *pool = &b->contig->huge;
	const struct kmr_page_request req = {
		.gfp = pool->gfp | KMR_GFP_THISNODE | KMR_GFP_COMP | KMR_GFP_NOWARN |
		       KMR_GFP_RETRY_MAYFAIL,
		.order = (uint8_t)pool->order,
		.node = (uint8_t)node,
		.cpu = (uint16_t)cpu,
	};
	const uint32_t pfn = kmr_linux_alloc(b, &req);

	if (pfn == KMR_NO_PFN)
		b->contig->work.huge_failures++;
	return pfn;
}

static void enqueue(struct kmr_page_backend *b, uint32_t pfn)
{
	struct kmr_huge_pool *pool = &b->contig->huge;
	const unsigned int node = kmr_zone_of(b, pfn)->node;

	kmr_frame(b, pfn)->state = KMR_FS_HUGE;
	kmr_frame(b, pfn)->order = (uint8_t)pool->order;
	kmr_list_add(&b->frames, &pool->lists[node], pfn);
	pool->nr++;
	pool->nr_node[node]++;
	b->contig->work.huge_allocs++;
	tell(b, pfn, true);
}

/* Its frames are used and nobody's. */
static void dequeue(struct kmr_page_backend *b, uint32_t pfn)
{
	struct kmr_huge_pool *pool = &b->contig->huge;
	const unsigned int node = kmr_zone_of(b, pfn)->node;

	kmr_list_del(&b->frames, &pool->lists[node], pfn);
	kmr_frame(b, pfn)->state = KMR_FS_USED;
	pool->nr--;
	pool->nr_node[node]--;
	b->contig->work.huge_frees++;
	tell(b, pfn, false);
}

/* Nodes to take turns: those with memory, or just the one asked for. */
struct nodes {
	const struct kmr_page_backend *b;
	int only; /* -1: any */
};

static bool allowed(const struct nodes *n, unsigned int node)
{
	if (n->only >= 0)
		return node == (unsigned int)n->only;
	for (unsigned int i = 0; i < n->b->nr_zones; i++)
		if (n->b->zones[i].node == node && n->b->zones[i].managed)
			return true;
	return false;
}

/* The first allowed node from @node on, around the end: next_node_in(). */
static unsigned int node_from(const struct nodes *n, unsigned int node)
{
	for (unsigned int i = 0; i < n->b->nr_nodes; i++)
		if (allowed(n, (node + i) % n->b->nr_nodes))
			return (node + i) % n->b->nr_nodes;
	return 0;
}

/* Whose turn it is; it is the next one's then. */
static unsigned int take_turn(const struct nodes *n, unsigned int *turn)
{
	const unsigned int node = node_from(n, *turn);

	*turn = node_from(n, node + 1);
	return node;
}

static unsigned int count_nodes(const struct nodes *n)
{
	unsigned int count = 0;

	for (unsigned int node = 0; node < n->b->nr_nodes; node++)
		count += allowed(n, node);
	return count;
}

/* alloc_pool_huge_page() */
static bool grow(struct kmr_page_backend *b, const struct nodes *n, unsigned int cpu)
{
	for (unsigned int left = count_nodes(n); left; left--) {
		const uint32_t pfn =
			alloc_huge_page(b, take_turn(n, &b->contig->huge.next_alloc), cpu);

		if (pfn != KMR_NO_PFN) {
			enqueue(b, pfn);
			return true;
		}
	}
	return false;
}

/* remove_pool_huge_page() */
static uint32_t remove_one(struct kmr_page_backend *b, const struct nodes *n)
{
	struct kmr_huge_pool *pool = &b->contig->huge;

	for (unsigned int left = count_nodes(n); left; left--) {
		const uint32_t pfn = pool->lists[take_turn(n, &pool->next_free)].head;

		if (pfn != KMR_NO_PFN) {
			dequeue(b, pfn);
			return pfn;
		}
	}
	return KMR_NO_PFN;
}

static bool is_highmem(const struct kmr_page_backend *b, uint32_t pfn)
{
	const struct kmr_zone *z = kmr_zone_of(b, pfn);

	return z->type == KMR_ZONE_HIGHMEM ||
	       (z->type == KMR_ZONE_MOVABLE && b->has_type[KMR_ZONE_HIGHMEM]);
}

static void free_removed(struct kmr_page_backend *b, struct kmr_list *removed, unsigned int cpu)
{
	while (!kmr_list_empty(removed)) {
		const uint32_t pfn = removed->head;

		kmr_list_del(&b->frames, removed, pfn);
		(void)kmr_linux_free(b, pfn, b->contig->huge.order, cpu);
	}
}

/* Where there is highmem, what lies below it goes first: try_to_free_low(). */
static void free_low(struct kmr_page_backend *b, const struct nodes *n, uint64_t count,
		     struct kmr_list *removed)
{
	const struct kmr_huge_pool *pool = &b->contig->huge;

	for (unsigned int node = 0; node < b->nr_nodes && b->has_type[KMR_ZONE_HIGHMEM]; node++) {
		uint32_t next;

		if (!allowed(n, node))
			continue;
		for (uint32_t pfn = pool->lists[node].head; pfn != KMR_NO_PFN; pfn = next) {
			next = kmr_frame(b, pfn)->next;
			if (count >= pool->nr)
				return;
			if (is_highmem(b, pfn))
				continue;
			dequeue(b, pfn);
			kmr_list_add(&b->frames, removed, pfn);
		}
	}
}

uint64_t kmr_linux_set_huge_pages(struct kmr_page_backend *b, uint64_t nr, int node,
				  unsigned int cpu)
{
	struct kmr_huge_pool *pool = &b->contig->huge;
	const struct nodes n = { b, node };
	struct kmr_list removed;

	if (node >= (int)b->nr_nodes || cpu >= b->nr_cpus)
		return pool->nr;
	if (node >= 0) {
		const uint64_t others = pool->nr - pool->nr_node[node];

		nr = nr > UINT64_MAX - others ? UINT64_MAX : nr + others;
	}
	while (nr > pool->nr && grow(b, &n, cpu))
		;
	kmr_list_init(&removed);
	free_low(b, &n, nr, &removed);
	free_removed(b, &removed, cpu);
	while (nr < pool->nr) {
		const uint32_t pfn = remove_one(b, &n);

		if (pfn == KMR_NO_PFN)
			break;
		kmr_list_add(&b->frames, &removed, pfn);
	}
	free_removed(b, &removed, cpu);
	return node < 0 ? pool->nr : pool->nr_node[node];
}

int kmr_huge_replace(struct kmr_page_backend *b, uint32_t pfn, unsigned int cpu)
{
	const uint32_t other = alloc_huge_page(b, kmr_zone_of(b, pfn)->node, cpu);

	if (other == KMR_NO_PFN)
		return -1;
	dequeue(b, pfn);
	enqueue(b, other);
	b->contig->work.huge_replaced++;
	(void)kmr_linux_free(b, pfn, b->contig->huge.order, cpu);
	return 0;
}

void kmr_huge_dissolve(struct kmr_page_backend *b, uint32_t pfn, unsigned int cpu)
{
	dequeue(b, pfn);
	b->contig->work.huge_dissolved++;
	(void)kmr_linux_free(b, pfn, b->contig->huge.order, cpu);
}

int kmr_huge_check(const struct kmr_page_backend *b, struct kmr_error *err)
{
	const struct kmr_huge_pool *pool = &b->contig->huge;
	uint64_t nr = 0;

	for (unsigned int node = 0; node < b->nr_nodes; node++) {
		uint64_t on_node = 0;

		for (uint32_t pfn = pool->lists[node].head; pfn != KMR_NO_PFN;
		     pfn = kmr_frame(b, pfn)->next, on_node++)
			if (on_node >= pool->nr || pfn >= b->nr_frames ||
			    kmr_frame(b, pfn)->state != KMR_FS_HUGE ||
			    kmr_frame(b, pfn)->order != pool->order ||
			    !kmr_bits_all_used(b->bits, pfn, pool->order))
				return kmr_fail(err,
						"node %u: frame %u in the pool of huge pages is "
						"not one, or its list has no end",
						node, pfn);
		if (on_node != pool->nr_node[node])
			return kmr_fail(err, "node %u: %llu huge pages, counted %llu", node,
					(unsigned long long)on_node,
					(unsigned long long)pool->nr_node[node]);
		nr += on_node;
	}
	if (nr != pool->nr)
		return kmr_fail(err, "%llu huge pages on all nodes, counted %llu",
				(unsigned long long)nr, (unsigned long long)pool->nr);
	return 0;
}
