// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages: mm_page_alloc and mm_page_free.  What one request got is a block; a request that is freed
 * in parts leaves blocks of smaller orders, as the buddy system would split it.
 */
#include "base/array.h"
#include "stat/internal.h"

#define MAX_ORDER (KMR_STAT_ORDERS - 1)

struct stat_block {
	uint32_t kind; /* index of stat_page.kind */
	uint32_t split; /* number in splits when it is a part of what was requested; 0: all of it */
	uint32_t row; /* number in the view by address, when there is one */
	uint16_t task; /* id */
	uint8_t order;
};

/* All that a request is told apart by, in 64 bits: 5 + 3 + 32 + 24. */
#define GFP_KNOWN (UINT64_C(1) << 31) /* canonical flags end below */

static uint64_t pack_kind(const struct kmr_event *ev)
{
	const uint64_t migratetype = ev->page.migratetype < KMR_MIGRATE_TYPES
					     ? ev->page.migratetype
					     : KMR_STAT_MIGRATETYPES - 1;
	const uint64_t gfp = ev->flags & KMR_EVF_GFP_KNOWN ? ev->gfp | GFP_KNOWN : 0;

	return (uint64_t)ev->page.order << 59 | migratetype << 56 | gfp << 24 | ev->site;
}

static unsigned int kind_order(uint64_t kind)
{
	return (unsigned int)(kind >> 59);
}

static unsigned int kind_migratetype(uint64_t kind)
{
	return (unsigned int)(kind >> 56 & 7);
}

static void unpack_kind(struct kmr_stat_row *row, uint64_t kind)
{
	const unsigned int migratetype = kind_migratetype(kind);

	row->id = (uint32_t)(kind & 0xffffff);
	row->gfp = (uint32_t)(kind >> 24 & (GFP_KNOWN - 1));
	row->gfp_known = kind >> 24 & GFP_KNOWN;
	row->order = (uint8_t)kind_order(kind);
	row->migratetype =
		(uint8_t)(migratetype < KMR_MIGRATE_TYPES ? migratetype : KMR_MIGRATE_UNKNOWN);
}

static int intern_kind(struct stat_page *page, const struct kmr_event *ev, uint32_t *at)
{
	const uint64_t kind = pack_kind(ev);
	const uint32_t number = stat_intern(&page->kinds, kind);
	uint64_t *kinds;

	if (!number)
		return -1;
	*at = number - 1;
	if (*at < page->nr_kinds)
		return 0;
	kinds = kmr_grow(page->kind, page->nr_kinds, &page->cap_kinds, sizeof(*kinds));
	if (!kinds)
		return -1;
	page->kind = kinds;
	kinds[page->nr_kinds++] = kind;
	return 0;
}

static uint64_t block_bytes(unsigned int order)
{
	return KMR_STAT_PAGE_BYTES << order;
}

static uint64_t *in_matrix(struct stat_page *page, const struct stat_block *block)
{
	const uint64_t kind = page->kind[block->kind];

	return &page->sum.by_order[kind_order(kind)][kind_migratetype(kind)];
}

static int frame_row(struct kmr_stat *stat, uint64_t pfn, struct stat_block *block)
{
	struct stat_rows *rows = &stat->views[KMR_STAT_PAGE_ALLOC];
	const uint64_t frame = stat_intern(&stat->page.frames, pfn);
	uint32_t number;

	if (!frame)
		return -1;
	number = stat_intern(&stat->page.frame_rows, frame << 32 | block->kind);
	if (!number || stat_rows_need(rows, number - 1))
		return -1;
	block->row = number - 1;
	rows->row[block->row].addr = pfn;
	unpack_kind(&rows->row[block->row], stat->page.kind[block->kind]);
	return 0;
}

static int need_rows(struct kmr_stat *stat, uint64_t pfn, struct stat_block *block)
{
	struct stat_rows *views = stat->views;

	if (stat_wants(stat, KMR_STAT_PAGE_CALLER) &&
	    stat_rows_need(&views[KMR_STAT_PAGE_CALLER], block->kind))
		return -1;
	if (stat_wants(stat, KMR_STAT_PAGE_TASK) &&
	    stat_rows_need(&views[KMR_STAT_PAGE_TASK], block->task))
		return -1;
	if (stat_wants(stat, KMR_STAT_PAGE_ALLOC))
		return frame_row(stat, pfn, block);
	return 0;
}

/* The rows that a block counts in; returns how many. */
static unsigned int rows_of(struct kmr_stat *stat, const struct stat_block *block,
			    struct kmr_stat_row *rows[3])
{
	struct stat_rows *views = stat->views;
	unsigned int n = 0;

	if (stat_wants(stat, KMR_STAT_PAGE_CALLER))
		rows[n++] = &views[KMR_STAT_PAGE_CALLER].row[block->kind];
	if (stat_wants(stat, KMR_STAT_PAGE_TASK))
		rows[n++] = &views[KMR_STAT_PAGE_TASK].row[block->task];
	if (stat_wants(stat, KMR_STAT_PAGE_ALLOC))
		rows[n++] = &views[KMR_STAT_PAGE_ALLOC].row[block->row];
	return n;
}

static void count_alloc(struct kmr_stat *stat, const struct stat_block *block)
{
	struct kmr_stat_row *rows[3];
	const unsigned int n = rows_of(stat, block, rows);

	++*in_matrix(&stat->page, block);
	for (unsigned int i = 0; i < n; i++) {
		rows[i]->hit++;
		rows[i]->bytes_alloc += block_bytes(block->order);
		rows[i]->bytes_req = rows[i]->bytes_alloc;
	}
}

/* @last: nothing is left of what the request got. */
static void count_free(struct kmr_stat *stat, const struct stat_block *block, bool last)
{
	struct kmr_stat_row *rows[3];
	const unsigned int n = rows_of(stat, block, rows);

	for (unsigned int i = 0; i < n; i++) {
		rows[i]->frees += last;
		rows[i]->bytes_freed += block_bytes(block->order);
	}
}

/* Takes what is no longer there out of what shows what is. */
static void count_gone(struct kmr_stat *stat, const struct stat_block *block, bool last)
{
	struct kmr_stat_row *rows[3];
	const unsigned int n = rows_of(stat, block, rows);

	*in_matrix(&stat->page, block) -= last;
	for (unsigned int i = 0; i < n; i++) {
		rows[i]->hit -= last;
		rows[i]->bytes_alloc -= block_bytes(block->order);
		rows[i]->bytes_req = rows[i]->bytes_alloc;
	}
}

/* One block less of a request; true when it was the last. */
static bool leave_split(struct stat_page *page, const struct stat_block *block)
{
	uint32_t *left;

	if (!block->split)
		return true;
	left = kmr_pool_at(&page->splits, block->split);
	if (--*left)
		return false;
	kmr_pool_put(&page->splits, block->split);
	return true;
}

/* A frame that is given out again: what was there has gone without a free. */
static void replaced(struct kmr_stat *stat, uint32_t at)
{
	const struct stat_block *block = kmr_pool_at(&stat->page.blocks, at);
	const bool last = leave_split(&stat->page, block);

	stat->page.sum.repeated_allocs++;
	if (stat->options.live)
		count_gone(stat, block, last);
	kmr_pool_put(&stat->page.blocks, at);
}

static int keep(struct stat_page *page, uint64_t pfn, const struct stat_block *block)
{
	const uint32_t at = kmr_pool_get(&page->blocks);

	if (!at || kmr_ptrmap_put(&page->live, pfn, at))
		return -1;
	*(struct stat_block *)kmr_pool_at(&page->blocks, at) = *block;
	return 0;
}

static int on_alloc(struct kmr_stat *stat, const struct kmr_event *ev)
{
	struct stat_block block = { .task = ev->task, .order = ev->page.order };
	struct kmr_stat_page *sum = &stat->page.sum;
	uint32_t before;

	sum->requests++;
	sum->bytes += block_bytes(ev->page.order);
	if (ev->addr == KMR_EV_NO_PFN) {
		sum->failures++;
		sum->bytes_failed += block_bytes(ev->page.order);
		return 0;
	}
	if (intern_kind(&stat->page, ev, &block.kind) || need_rows(stat, ev->addr, &block))
		return -1;
	before = kmr_ptrmap_get(&stat->page.live, ev->addr);
	if (before)
		replaced(stat, before);
	count_alloc(stat, &block);
	return keep(&stat->page, ev->addr, &block);
}

/* The first frame of the block that @pfn lies in; blocks are aligned to their size. */
static bool find_block(const struct stat_page *page, uint64_t pfn, uint64_t *first)
{
	*first = pfn;
	if (kmr_ptrmap_get(&page->live, pfn))
		return true;
	for (unsigned int order = 0; order < MAX_ORDER; order++) {
		const struct stat_block *block;
		uint32_t at;

		if (!(pfn >> order & 1))
			continue;
		*first &= ~(UINT64_C(1) << order);
		at = kmr_ptrmap_get(&page->live, *first);
		if (!at)
			continue;
		block = kmr_pool_at(&page->blocks, at);
		if (block->order > order)
			return true;
	}
	return false;
}

/* Halves the block at @first; each half is a block then. */
static int halve(struct stat_page *page, uint64_t first)
{
	struct stat_block *block = kmr_pool_at(&page->blocks, kmr_ptrmap_get(&page->live, first));
	struct stat_block half;

	if (!block->split) {
		block->split = kmr_pool_get(&page->splits);
		if (!block->split)
			return -1;
		*(uint32_t *)kmr_pool_at(&page->splits, block->split) = 1;
	}
	++*(uint32_t *)kmr_pool_at(&page->splits, block->split);
	block->order--;
	half = *block;
	return keep(page, first + (UINT64_C(1) << half.order), &half);
}

/* Splits the block at *@first until one of @order that holds @pfn is there; its frame in *@first. */
static int split_to(struct stat_page *page, uint64_t *first, uint64_t pfn, unsigned int order)
{
	const struct stat_block *block =
		kmr_pool_at(&page->blocks, kmr_ptrmap_get(&page->live, *first));
	unsigned int now = block->order;

	page->sum.partial_frees += now > order;
	while (now > order) {
		if (halve(page, *first))
			return -1;
		now--;
		if (pfn - *first >= UINT64_C(1) << now)
			*first += UINT64_C(1) << now;
	}
	return 0;
}

static void free_block(struct kmr_stat *stat, uint64_t first)
{
	struct stat_page *page = &stat->page;
	const uint32_t at = kmr_ptrmap_take(&page->live, first);
	const struct stat_block *block = kmr_pool_at(&page->blocks, at);
	const bool last = leave_split(page, block);

	page->sum.alloc_freed += last;
	page->sum.bytes_alloc_freed += block_bytes(block->order);
	if (stat->options.live)
		count_gone(stat, block, last);
	else
		count_free(stat, block, last);
	kmr_pool_put(&page->blocks, at);
}

static int on_free(struct kmr_stat *stat, const struct kmr_event *ev)
{
	struct kmr_stat_page *sum = &stat->page.sum;
	const unsigned int order = ev->page.order;
	const uint64_t freed_before = sum->bytes_alloc_freed;
	uint64_t first;

	sum->frees++;
	sum->bytes_freed += block_bytes(order);
	if (!find_block(&stat->page, ev->addr, &first)) {
		sum->free_only++;
		sum->bytes_free_only += block_bytes(order);
		return 0;
	}
	if (split_to(&stat->page, &first, ev->addr, order))
		return -1;
	free_block(stat, first);
	/* more was freed than the trace knows to be allocated there */
	sum->bytes_free_only += block_bytes(order) - (sum->bytes_alloc_freed - freed_before);
	return 0;
}

int stat_page_event(struct kmr_stat *stat, const struct kmr_event *ev)
{
	return ev->type == KMR_EV_PAGE_ALLOC ? on_alloc(stat, ev) : on_free(stat, ev);
}

void stat_page_finish(struct kmr_stat *stat, const struct kmr_source *source)
{
	struct stat_rows *callers = &stat->views[KMR_STAT_PAGE_CALLER];
	struct stat_rows *frames = &stat->views[KMR_STAT_PAGE_ALLOC];
	struct stat_rows *tasks = &stat->views[KMR_STAT_PAGE_TASK];
	struct kmr_stat_page *sum = &stat->page.sum;

	sum->alloc_only = sum->requests - sum->failures - sum->alloc_freed;
	sum->bytes_alloc_only = sum->bytes - sum->bytes_failed - sum->bytes_alloc_freed;
	for (size_t i = 0; i < callers->nr; i++)
		unpack_kind(&callers->row[i], stat->page.kind[i]);
	for (size_t i = 0; i < tasks->nr; i++)
		tasks->row[i].id = (uint32_t)i;
	stat_rows_compact(callers);
	stat_rows_compact(frames);
	stat_rows_compact(tasks);
	for (size_t i = 0; i < callers->nr; i++)
		callers->row[i].name = stat_site_name(source, callers->row[i].id);
	for (size_t i = 0; i < frames->nr; i++)
		frames->row[i].name = stat_site_name(source, frames->row[i].id);
	for (size_t i = 0; i < tasks->nr; i++)
		tasks->row[i].name = stat_task_name(source, tasks->row[i].id);
}

void stat_page_init(struct stat_page *page)
{
	kmr_pool_init(&page->blocks, sizeof(struct stat_block));
	kmr_pool_init(&page->splits, sizeof(uint32_t));
}

void stat_page_fini(struct stat_page *page)
{
	kmr_ptrmap_fini(&page->live);
	kmr_ptrmap_fini(&page->kinds);
	kmr_ptrmap_fini(&page->frames);
	kmr_ptrmap_fini(&page->frame_rows);
	kmr_pool_fini(&page->blocks);
	kmr_pool_fini(&page->splits);
	free(page->kind);
}
