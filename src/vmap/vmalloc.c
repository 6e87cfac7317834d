// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmalloc(), vmap(), vm_map_ram(): an area, and for the first its pages, one by one.
 * mm/vmalloc.c: __vmalloc_node_range(), __vmalloc_area_node(), __vunmap(), vm_map_ram().
 */
#include "kmreplay/gfp.h"
#include "vmap/vmap.h"

#define NO_ARRAY UINT64_MAX
_Static_assert(KMR_NO_ADDR == NO_ARRAY && KMR_NO_OBJ == NO_ARRAY, "an array is one or the other");

#define BULK_PAGES 100 /* vm_area_alloc_pages() */

/* GFP_RECLAIM_MASK in mm/internal.h: what a request's own objects take over of its flags */
#define RECLAIM_MASK                                                                   \
	(KMR_GFP_RECLAIM | KMR_GFP_HIGH | KMR_GFP_IO | KMR_GFP_FS | KMR_GFP_NOWARN |   \
	 KMR_GFP_RETRY_MAYFAIL | KMR_GFP_NOFAIL | KMR_GFP_NORETRY | KMR_GFP_MEMALLOC | \
	 KMR_GFP_NOMEMALLOC | KMR_GFP_ATOMIC | KMR_GFP_NOLOCKDEP)

/* struct vm_struct; a word more since 6.3, for the size that was asked for */
static uint32_t vm_bytes(const struct kmr_vmap_backend *b)
{
	return b->space.pointer_bytes * (8 + b->rules->area_flags);
}

static uint64_t array_bytes(const struct kmr_vmap_backend *b, uint64_t pages)
{
	return pages * b->space.pointer_bytes;
}

static uint64_t pages_of(const struct kmr_vmap_backend *b, uint64_t bytes)
{
	return (bytes >> b->space.page_shift) + ((bytes & (b->page_bytes - 1)) != 0);
}

/* False: nothing that could be had. */
static bool make_want(const struct kmr_vmap_backend *b, const struct kmr_vmap_request *req,
		      uint64_t size, uint8_t kind, struct vmap_want *want)
{
	const bool anywhere = !req->start && !req->end;

	*want = (struct vmap_want){
		.size = size,
		.align = req->align > b->page_bytes ? req->align : b->page_bytes,
		.start = anywhere ? b->space.vmalloc_start : req->start,
		.end = anywhere ? b->space.vmalloc_end : req->end,
		.gfp = req->gfp & RECLAIM_MASK,
		.node = req->node,
		.cpu = req->cpu < b->c.machine->nr_cpus ? req->cpu : 0,
		.kind = kind,
	};
	return size && !(want->align & (want->align - 1)) && want->start < want->end &&
	       want->end <= b->space_end;
}

/* __get_vm_area_node(): with a guard page behind it; 0: no room or no memory */
static uint32_t get_vm_area(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req,
			    uint8_t kind)
{
	const uint64_t pages = pages_of(b, req->bytes);
	struct vmap_want want;
	kmr_obj_t vm;
	uint32_t n;

	/* not even all of memory would do: __vmalloc_node_range(), vmap() */
	if (pages > b->total_pages ||
	    !make_want(b, req, pages ? (pages + 1) * b->page_bytes : 0, kind, &want)) {
		b->work.no_room++;
		return 0;
	}
	vm = kmr_vmap_object_new(b, vm_bytes(b), want.gfp, want.node, want.cpu);
	if (vm == KMR_NO_OBJ) {
		b->work.no_pages++;
		return 0;
	}
	n = kmr_vmap_take_area(b, &want);
	if (!n) {
		kmr_vmap_object_free(b, vm, vm_bytes(b), want.cpu);
		return 0;
	}
	kmr_vmap_area(b, n)->vm = vm;
	return n;
}

/* The pages of an area go back, the first one first; the chunks they were noted in as well. */
static void free_pages(struct kmr_vmap_backend *b, uint32_t chunk, uint32_t pages, unsigned int cpu)
{
	b->pages -= pages;
	b->work.page_frees += pages;
	while (chunk) {
		const struct vmap_chunk *c = kmr_pool_at(&b->chunks, chunk);
		const uint32_t next = c->next;

		for (unsigned int i = 0; i < VMAP_CHUNK_FRAMES && pages; i++, pages--)
			b->c.memory.page_free(b->c.memory.ctx, c->frames[i], cpu);
		kmr_pool_put(&b->chunks, chunk);
		chunk = next;
	}
}

static void free_array(struct kmr_vmap_backend *b, const struct vmap_area *a, unsigned int cpu)
{
	const uint64_t bytes = array_bytes(b, a->nr_pages);

	if (a->array == NO_ARRAY)
		return;
	/* an array's own array is a 512th, at most, so this ends */
	if (a->array_is_area)
		(void)kmr_vmap_free(b, a->array, cpu);
	else
		kmr_vmap_object_free(b, a->array, (uint32_t)bytes, cpu);
}

/* vfree(), vunmap(): addresses wait for a purge, memory goes back at once */
static void drop_area(struct kmr_vmap_backend *b, uint32_t n, uint32_t got, unsigned int cpu)
{
	const struct vmap_area a = *kmr_vmap_area(b, n);

	kmr_vmap_give_area(b, n, cpu);
	if (a.kind == VMAP_VMALLOC) {
		free_pages(b, a.pages, got, cpu);
		free_array(b, &a, cpu);
	}
	kmr_vmap_object_free(b, a.vm, vm_bytes(b), cpu);
}

/* The array of pointers to pages, which beyond a page is an area of its own. */
static int get_array(struct kmr_vmap_backend *b, uint32_t n, const struct kmr_vmap_request *req)
{
	const uint64_t bytes = array_bytes(b, kmr_vmap_area(b, n)->nr_pages);
	struct kmr_vmap_request nested = { .bytes = bytes, .node = req->node, .cpu = req->cpu };
	const bool area = bytes > b->page_bytes;
	uint64_t array;

	nested.gfp = (req->gfp & RECLAIM_MASK) | KMR_GFP_ZERO;
	/* recursion ends: each is a 512th, at most, of the one before */
	if (area)
		array = kmr_vmap_alloc(b, &nested);
	else
		array = kmr_vmap_object_new(b, (uint32_t)bytes, nested.gfp, req->node, req->cpu);
	if (array == NO_ARRAY)
		return -1;
	kmr_vmap_area(b, n)->array = array;
	kmr_vmap_area(b, n)->array_is_area = area;
	return 0;
}

/* Notes the frame that is number @at of the area; -1: no memory. */
static int note_frame(struct kmr_vmap_backend *b, uint32_t n, uint32_t *chunk, uint32_t at,
		      kmr_pfn_t pfn)
{
	struct vmap_chunk *c;

	if (at % VMAP_CHUNK_FRAMES == 0) {
		const uint32_t more = kmr_pool_get(&b->chunks);

		if (!more)
			return -1;
		if (at)
			((struct vmap_chunk *)kmr_pool_at(&b->chunks, *chunk))->next = more;
		else
			kmr_vmap_area(b, n)->pages = more;
		*chunk = more;
	}
	c = kmr_pool_at(&b->chunks, *chunk);
	c->frames[at % VMAP_CHUNK_FRAMES] = pfn;
	return 0;
}

/* Pages of order 0; how many there were. */
static uint32_t get_pages(struct kmr_vmap_backend *b, uint32_t n,
			  const struct kmr_vmap_request *req)
{
	const uint32_t pages = kmr_vmap_area(b, n)->nr_pages;
	struct kmr_page_request page = { .gfp = req->gfp | KMR_GFP_NOWARN, .cpu = req->cpu };
	uint32_t got, chunk = 0;

	if (!(page.gfp & (KMR_GFP_DMA | KMR_GFP_DMA32)))
		page.gfp |= KMR_GFP_HIGHMEM;
	page.node = (uint8_t)(req->node >= 0 ? req->node : b->c.machine->cpu_node[req->cpu]);
	for (got = 0; got < pages; got++) {
		const kmr_pfn_t pfn = b->c.memory.page_alloc(b->c.memory.ctx, &page);

		if (pfn == KMR_NO_PFN)
			break;
		if (note_frame(b, n, &chunk, got, pfn)) {
			b->c.memory.page_free(b->c.memory.ctx, pfn, req->cpu);
			break;
		}
	}
	if (b->rules->bulk)
		b->work.bulk_calls += (pages + BULK_PAGES - 1) / BULK_PAGES;
	b->work.page_allocs += got;
	b->pages += got;
	return got;
}

/* __vmalloc_area_node(); -1: no memory, and what there was of it has gone back */
static int fill(struct kmr_vmap_backend *b, uint32_t n, const struct kmr_vmap_request *req)
{
	const struct vmap_area *a = kmr_vmap_area(b, n);
	const uint64_t start = a->start, end = a->end - b->page_bytes;
	uint32_t got = 0;

	if (!get_array(b, n, req)) {
		got = get_pages(b, n, req);
		if (got == kmr_vmap_area(b, n)->nr_pages &&
		    !kmr_vmap_tables(b, start, end, req->node, req->cpu))
			return 0;
	}
	b->work.no_pages++;
	drop_area(b, n, got, req->cpu);
	return -1;
}

/* From a CPU and a node that there are. */
static struct kmr_vmap_request sane(const struct kmr_vmap_backend *b,
				    const struct kmr_vmap_request *req)
{
	struct kmr_vmap_request r = *req;

	if (r.cpu >= b->c.machine->nr_cpus)
		r.cpu = 0;
	if (r.node < -1 || r.node >= (int)b->c.machine->nr_nodes)
		r.node = -1;
	return r;
}

uint64_t kmr_vmap_alloc(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req)
{
	const struct kmr_vmap_request r = sane(b, req);
	const uint32_t n = get_vm_area(b, &r, VMAP_VMALLOC);

	if (!n)
		return KMR_NO_ADDR;
	kmr_vmap_area(b, n)->nr_pages = (uint32_t)pages_of(b, r.bytes);
	if (fill(b, n, &r))
		return KMR_NO_ADDR;
	b->work.allocs++;
	return kmr_vmap_area(b, n)->start;
}

/* The area of @kind in use that begins at @addr; 0, counted: there is none. */
static uint32_t find_kind(struct kmr_vmap_backend *b, uint64_t addr, uint8_t kind)
{
	const uint32_t n = kmr_vmap_begins_at(b, addr);

	if (n && kmr_vmap_area(b, n)->kind == kind)
		return n;
	b->work.bad_frees++;
	return 0;
}

int kmr_vmap_free(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu)
{
	const uint32_t n = find_kind(b, addr, VMAP_VMALLOC);

	if (!n)
		return -1;
	b->work.frees++;
	drop_area(b, n, kmr_vmap_area(b, n)->nr_pages, cpu);
	return 0;
}

uint64_t kmr_vmap_map(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req)
{
	const struct kmr_vmap_request r = sane(b, req);
	const uint32_t n = get_vm_area(b, &r, VMAP_MAPPED);
	const struct vmap_area *a;

	if (!n)
		return KMR_NO_ADDR;
	a = kmr_vmap_area(b, n);
	if (kmr_vmap_tables(b, a->start, a->end - b->page_bytes, r.node, r.cpu)) {
		b->work.no_pages++;
		drop_area(b, n, 0, r.cpu);
		return KMR_NO_ADDR;
	}
	b->work.maps++;
	return kmr_vmap_area(b, n)->start;
}

int kmr_vmap_unmap(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu)
{
	const uint32_t n = find_kind(b, addr, VMAP_MAPPED);

	if (!n)
		return -1;
	b->work.unmaps++;
	drop_area(b, n, 0, cpu);
	return 0;
}

/* get_order(): small maps are powers of two */
static uint32_t block_share(uint32_t pages)
{
	return pages > 1 ? 1u << (32 - __builtin_clz(pages - 1)) : 1;
}

static bool range_want(const struct kmr_vmap_backend *b, const struct kmr_vmap_request *req,
		       uint8_t kind, bool bare, struct vmap_want *want)
{
	if (req->bytes & (b->page_bytes - 1) || !make_want(b, req, req->bytes, kind, want))
		return false;
	want->bare = bare;
	return true;
}

static uint64_t take_range(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req,
			   uint8_t kind, bool bare)
{
	struct vmap_want want;
	uint32_t n;

	if (!range_want(b, req, kind, bare, &want)) {
		b->work.no_room++;
		return KMR_NO_ADDR;
	}
	n = kmr_vmap_take_area(b, &want);
	return n ? kmr_vmap_area(b, n)->start : KMR_NO_ADDR;
}

static uint64_t ram_addresses(struct kmr_vmap_backend *b, uint32_t pages, int node,
			      unsigned int cpu)
{
	const struct kmr_vmap_request req = {
		.bytes = pages * b->page_bytes,
		.gfp = KMR_GFP_KERNEL,
		.node = (int16_t)node,
		.cpu = (uint16_t)cpu,
	};

	if (pages <= b->max_ram_pages)
		return kmr_vmap_block_alloc(b, block_share(pages), node, cpu);
	return take_range(b, &req, VMAP_RAM, false);
}

uint64_t kmr_vmap_map_ram(struct kmr_vmap_backend *b, uint32_t pages, int node, unsigned int cpu)
{
	uint64_t addr;

	if (cpu >= b->c.machine->nr_cpus)
		cpu = 0;
	if (node < -1 || node >= (int)b->c.machine->nr_nodes)
		node = -1;
	if (!pages) {
		b->work.no_room++;
		return KMR_NO_ADDR;
	}
	addr = ram_addresses(b, pages, node, cpu);
	if (addr == KMR_NO_ADDR)
		return addr;
	b->work.ram_maps++;
	if (!kmr_vmap_tables(b, addr, addr + pages * b->page_bytes, node, cpu))
		return addr;
	b->work.no_pages++;
	(void)kmr_vmap_unmap_ram(b, addr, pages, cpu);
	return KMR_NO_ADDR;
}

static int unmap_ram(struct kmr_vmap_backend *b, uint64_t addr, uint32_t pages, unsigned int cpu)
{
	const uint32_t n = kmr_vmap_tree_find(&b->busy, addr);
	const struct vmap_area *a = n ? kmr_vmap_area(b, n) : NULL;

	if (!a || a->lazy || !pages || addr & (b->page_bytes - 1))
		return -1;
	if (a->kind == VMAP_BLOCK && pages <= b->max_ram_pages)
		return kmr_vmap_block_release(b, n, addr, block_share(pages), cpu);
	if (a->kind != VMAP_RAM || a->start != addr || kmr_vmap_pages(b, a) != pages)
		return -1;
	kmr_vmap_give_area(b, n, cpu);
	return 0;
}

int kmr_vmap_unmap_ram(struct kmr_vmap_backend *b, uint64_t addr, uint32_t pages, unsigned int cpu)
{
	if (unmap_ram(b, addr, pages, cpu)) {
		b->work.bad_frees++;
		return -1;
	}
	b->work.ram_unmaps++;
	return 0;
}

uint64_t kmr_vmap_take(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req)
{
	const struct kmr_vmap_request r = sane(b, req);

	return take_range(b, &r, VMAP_RANGE, true);
}

int kmr_vmap_give(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu)
{
	const uint32_t n = find_kind(b, addr, VMAP_RANGE);

	if (!n)
		return -1;
	kmr_vmap_give_area(b, n, cpu);
	return 0;
}

void kmr_vmap_untake(struct kmr_vmap_backend *b, uint64_t addr)
{
	const uint32_t n = kmr_vmap_begins_at(b, addr);

	if (!n || kmr_vmap_area(b, n)->kind != VMAP_RANGE)
		return;
	b->work.areas--;
	b->model->untake(b, n);
}

int kmr_vmap_take_at(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req, uint64_t addr)
{
	const struct kmr_vmap_request r = sane(b, req);
	struct vmap_want want;
	uint32_t n;

	if (!range_want(b, &r, VMAP_RANGE, true, &want) || addr & (b->page_bytes - 1) ||
	    addr > b->space_end || want.size > b->space_end - addr)
		return -1;
	n = b->model->take_at(b, &want, addr);
	if (!n)
		return -1;
	kmr_vmap_area(b, n)->kind = want.kind;
	b->work.areas++;
	return 0;
}
