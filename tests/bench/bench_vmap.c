// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the vmap backends are: CPU time for a vmalloc() and its vfree(), with 1000 and 20000 areas
 * live of 1 to 16 pages, freed in any order; the same for addresses alone, and for small maps.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kmreplay/gfp.h"
#include "kmreplay/vmap.h"

#define NR_PAIRS  100000u
#define NR_FRAMES (1u << 21)

struct bench {
	struct kmr_machine machine;
	const struct kmr_vmap_ops *ops;
	struct kmr_vmap_backend *b;
	kmr_pfn_t *spare;
	uint32_t nr_spare, next;
	uint64_t *live;
	uint64_t rng;
};

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint32_t draw(struct bench *b, uint32_t n)
{
	b->rng ^= b->rng << 13;
	b->rng ^= b->rng >> 7;
	b->rng ^= b->rng << 17;
	return (uint32_t)(b->rng >> 33) % n;
}

static kmr_pfn_t give_page(void *ctx, const struct kmr_page_request *req)
{
	struct bench *b = ctx;

	(void)req;
	if (b->nr_spare)
		return b->spare[--b->nr_spare];
	return b->next < NR_FRAMES ? b->next++ : KMR_NO_PFN;
}

static void take_page(void *ctx, kmr_pfn_t pfn, unsigned int cpu)
{
	struct bench *b = ctx;

	(void)cpu;
	b->spare[b->nr_spare++] = pfn;
}

static int open_bench(struct bench *b, const struct kmr_vmap_ops *ops, uint32_t live)
{
	struct kmr_vmap_config config = { .version = 612,
					  .memory = { b, give_page, take_page, NULL, NULL } };
	struct kmr_error err = { "" };

	memset(b, 0, sizeof(*b));
	b->rng = UINT64_C(88172645463325252);
	b->next = 1;
	b->ops = ops;
	b->spare = calloc(NR_FRAMES, sizeof(*b->spare));
	b->live = calloc(live, sizeof(*b->live));
	if (!b->spare || !b->live || kmr_machine_preset(&b->machine, "x86_64:ram=16G,cpus=4", &err))
		return -1;
	config.machine = &b->machine;
	b->b = ops->create(&config, NULL, &err);
	return b->b ? 0 : -1;
}

static void close_bench(struct bench *b)
{
	if (b->b)
		b->ops->destroy(b->b);
	free(b->spare);
	free(b->live);
}

static struct kmr_vmap_request request(struct bench *b)
{
	const struct kmr_vmap_request req = {
		.bytes = (uint64_t)(1 + draw(b, 16)) << 12,
		.gfp = KMR_GFP_KERNEL,
		.node = -1,
		.cpu = (uint16_t)draw(b, 4),
	};

	return req;
}

/* One freed and another allocated, NR_PAIRS times; ns a pair. */
static double pairs(struct bench *b, uint32_t live, bool pages)
{
	const struct kmr_vmap_ops *ops = b->ops;
	double start;

	for (uint32_t i = 0; i < live; i++) {
		const struct kmr_vmap_request req = request(b);

		b->live[i] = pages ? ops->alloc(b->b, &req) : ops->take(b->b, &req);
	}
	start = now();
	for (uint32_t i = 0; i < NR_PAIRS; i++) {
		const uint32_t at = draw(b, live);
		const struct kmr_vmap_request req = request(b);

		(void)(pages ? ops->free : ops->give)(b->b, b->live[at], req.cpu);
		b->live[at] = pages ? ops->alloc(b->b, &req) : ops->take(b->b, &req);
	}
	return (now() - start) * 1e9 / NR_PAIRS;
}

static double small_maps(struct bench *b)
{
	double start;

	start = now();
	for (uint32_t i = 0; i < NR_PAIRS; i++) {
		const unsigned int cpu = draw(b, 4);
		const uint64_t addr = b->ops->map_ram(b->b, 1 + i % 8, -1, cpu);

		(void)b->ops->unmap_ram(b->b, addr, 1 + i % 8, cpu);
	}
	return (now() - start) * 1e9 / NR_PAIRS;
}

static int run(const struct kmr_vmap_ops *ops, uint32_t live)
{
	struct bench b;
	double with_pages = 0, addresses = 0, maps = 0;
	int ret;

	ret = open_bench(&b, ops, live);
	if (!ret)
		with_pages = pairs(&b, live, true);
	close_bench(&b);
	if (!ret)
		ret = open_bench(&b, ops, live);
	if (!ret) {
		addresses = pairs(&b, live, false);
		maps = small_maps(&b);
		close_bench(&b);
		printf("%-10s %8u areas: vmalloc+vfree %7.0f ns, addresses alone %7.0f ns, "
		       "vm_map_ram+vm_unmap_ram %5.0f ns\n",
		       ops->name, live, with_pages, addresses, maps);
		(void)fflush(stdout);
	}
	return ret;
}

int main(void)
{
	static const uint32_t live[] = { 1000, 20000 };

	for (unsigned int i = 0; kmr_vmap_backend_at(i); i++)
		for (size_t k = 0; k < sizeof(live) / sizeof(live[0]); k++)
			if (run(kmr_vmap_backend_at(i), live[k]))
				return 1;
	return 0;
}
