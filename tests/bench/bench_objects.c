// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the models of object allocators are, and what they cost: operations per second in CPU
 * time over several caches and kmalloc(), from 1e5 and 1e6 live objects on, freed the last one
 * first, the first one first, or any, and the bytes that a model itself takes for each of 1e6
 * objects.  Pages come from a stack of frames; what is asked for is drawn beforehand.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "kmreplay/object.h"

#define NR_CPUS	   4u
#define NR_FRAMES  (1u << 20)
#define NR_ORDERS  11u
#define NR_OPS	   4000000u
#define NR_WALKED  250000u /* of those, where a heap is searched for each */
#define RUN	   16u /* of allocations, then of frees: what one system call takes and gives back */
#define NR_SIZES   7u
#define ANY_KIND   UINT32_MAX
#define KIND_FREES 3u

static const uint32_t sizes[NR_SIZES] = { 32, 64, 104, 128, 192, 600, 1080 };
/* how many in 16 are of which size: what is small is frequent */
static const uint8_t mix[16] = { 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 6 };

struct pages {
	uint32_t next;
	uint32_t *spare[NR_ORDERS];
	uint32_t nr_spare[NR_ORDERS];
};

/*
 * An object in use: its address, below 2^32, whose lowest 3 bits are 0, and its cache, NR_SIZES being
 * kmalloc().  Small, so that it is the model that is measured.
 */
typedef uint32_t live_t;

struct bench {
	struct kmr_machine machine;
	struct pages pages;
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
	unsigned int caches[NR_SIZES];
	live_t *live; /* a ring */
	uint32_t mask, first, nr;
	uint32_t *draws;
	bool failed;
};

enum order {
	LAST,
	FIRST,
	ANY
};

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long long size = 0, n = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lld %lld", &size, &n) != 2)
		n = 0;
	(void)fclose(f);
	return n * sysconf(_SC_PAGESIZE);
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static kmr_pfn_t give(void *ctx, const struct kmr_page_request *req)
{
	struct pages *p = ctx;
	const uint32_t n = 1u << req->order;
	uint32_t pfn;

	if (p->nr_spare[req->order])
		return p->spare[req->order][--p->nr_spare[req->order]];
	pfn = (p->next + n - 1) & ~(n - 1);
	if (pfn + n > NR_FRAMES)
		return KMR_NO_PFN;
	p->next = pfn + n;
	return pfn;
}

static void take_back(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	struct pages *p = ctx;

	(void)cpu;
	(void)rcu;
	p->spare[order][p->nr_spare[order]++] = pfn;
}

static void describe(struct kmr_machine *m)
{
	memset(m, 0, sizeof(*m));
	m->page_shift = 12;
	m->nr_orders = NR_ORDERS;
	m->pageblock_order = 9;
	m->nr_nodes = 1;
	m->nr_cpus = NR_CPUS;
	m->nr_zones = 1;
	m->distance[0][0] = 10;
	m->has_type[KMR_ZONE_NORMAL] = true;
	m->zones[0].type = KMR_ZONE_NORMAL;
	m->zones[0].start_pfn = 1;
	m->zones[0].spanned = NR_FRAMES - 1;
	m->zones[0].present = NR_FRAMES - 1;
	m->zones[0].managed = NR_FRAMES - 1;
}

static int make_caches(struct bench *b, struct kmr_error *err)
{
	if (b->ops->kmalloc_init(b->b, err))
		return -1;
	for (unsigned int i = 0; i < NR_SIZES; i++) {
		struct kmr_cache_spec spec;
		char name[16];
		int cache;

		memset(&spec, 0xff, sizeof(spec));
		(void)snprintf(name, sizeof(name), "bench-%u", sizes[i]);
		spec.name = name;
		spec.object_size = sizes[i];
		spec.flags = 0;
		cache = b->ops->cache_create(b->b, &spec, err);
		if (cache < 0)
			return -1;
		b->caches[i] = (unsigned int)cache;
	}
	return 0;
}

static int begin(struct bench *b, const struct kmr_object_ops *ops, uint32_t live)
{
	struct kmr_object_config config = { .machine = &b->machine,
					    .version = 601,
					    .pointer_bytes = 8,
					    .pages = { &b->pages, give, take_back } };
	struct kmr_error err = { "" };
	uint64_t rng = 1;

	memset(b, 0, sizeof(*b));
	describe(&b->machine);
	b->ops = ops;
	b->pages.next = 1;
	b->mask = 1;
	while (b->mask < 2 * live)
		b->mask *= 2;
	b->live = calloc(b->mask, sizeof(*b->live));
	b->mask--;
	b->draws = malloc(NR_OPS * sizeof(*b->draws));
	for (unsigned int i = 0; i < NR_ORDERS; i++)
		b->pages.spare[i] = calloc(NR_FRAMES >> i, sizeof(uint32_t));
	for (uint32_t i = 0; b->draws && i < NR_OPS; i++)
		b->draws[i] = (uint32_t)(next_random(&rng) >> 32);
	/* written to, so that they do not count as the model's */
	for (uint32_t i = 0; b->live && i <= b->mask; i++)
		b->live[i] = i;
	for (unsigned int i = 0; i < NR_ORDERS; i++)
		for (uint32_t n = 0; n < NR_FRAMES >> i; n++)
			b->pages.spare[i][n] = n | 1u;
	b->b = b->draws && b->live ? ops->create(&config, NULL, &err) : NULL;
	if (b->b && !make_caches(b, &err))
		return 0;
	(void)fprintf(stderr, "%s: %s\n", ops->name, err.msg);
	return -1;
}

static void end(struct bench *b)
{
	if (b->b)
		b->ops->destroy(b->b);
	for (unsigned int i = 0; i < NR_ORDERS; i++)
		free(b->pages.spare[i]);
	free(b->live);
	free(b->draws);
}

static void allocate(struct bench *b, uint32_t draw)
{
	const struct kmr_object_request req = { 1 + (draw >> 8 & 1023), KMR_GFP_KERNEL, -1,
						(uint16_t)(draw >> 24 & (NR_CPUS - 1)) };
	kmr_obj_t obj;
	uint32_t cache;

	/* one in four of kmalloc(), those smaller than the rest on average */
	cache = draw >> 4 & 3 ? mix[draw & 15] : NR_SIZES;
	obj = cache == NR_SIZES ? b->ops->kmalloc(b->b, &req)
				: b->ops->alloc(b->b, b->caches[cache], &req);
	b->failed |= obj & 7 || obj > UINT32_MAX;
	b->live[(b->first + b->nr++) & b->mask] = (live_t)obj | cache;
}

static void release(struct bench *b, enum order order, uint32_t draw)
{
	live_t *l = &b->live[(b->first + b->nr - 1) & b->mask];
	const unsigned int cpu = draw >> 24 & (NR_CPUS - 1);
	uint32_t cache;
	kmr_obj_t obj;
	int ret;

	if (order == FIRST)
		l = &b->live[b->first++ & b->mask];
	else if (order == ANY)
		l = &b->live[(b->first + (uint32_t)((uint64_t)draw * b->nr >> 32)) & b->mask];
	cache = *l & 7;
	obj = *l & ~7u;
	ret = cache == NR_SIZES ? b->ops->kfree(b->b, obj, cpu)
				: b->ops->free(b->b, b->caches[cache], obj, cpu);
	b->failed |= ret != 0;
	b->nr--;
	/* the hole is filled with the last one */
	if (order == ANY)
		*l = b->live[(b->first + b->nr) & b->mask];
}

/* Turns of allocations and frees; @order ANY_KIND: each turn frees in another way. */
static double churn(struct bench *b, uint32_t order)
{
	const uint32_t ops = b->ops->heap ? NR_WALKED : NR_OPS;
	const double start = now();

	for (uint32_t i = 0; i + 2 * RUN <= ops; i += 2 * RUN) {
		const enum order o = order == ANY_KIND ? i / (2 * RUN) % KIND_FREES : order;

		for (uint32_t n = 0; n < RUN; n++)
			allocate(b, b->draws[i + n]);
		for (uint32_t n = RUN; n < 2 * RUN; n++)
			release(b, o, b->draws[i + n]);
	}
	return ops / (now() - start) / 1e6;
}

static int bench(const struct kmr_object_ops *ops, uint32_t live)
{
	static struct bench b;
	double took, rates[KIND_FREES + 1];
	long long bytes;

	if (begin(&b, ops, live)) {
		end(&b);
		return -1;
	}
	bytes = resident();
	took = now();
	while (b.nr < live)
		allocate(&b, b.draws[b.nr]);
	took = now() - took;
	bytes = resident() - bytes;
	for (uint32_t o = 0; o < KIND_FREES; o++)
		rates[o] = churn(&b, o);
	rates[KIND_FREES] = churn(&b, ANY_KIND);
	printf("  %u live: growing %.1f, last in first out %.1f, first in first out %.1f, any "
	       "%.1f, "
	       "mixed %.1f million/s; %.1f bytes an object\n",
	       live, live / took / 1e6, rates[LAST], rates[FIRST], rates[ANY], rates[KIND_FREES],
	       (double)bytes / live);
	if (b.failed)
		(void)fprintf(stderr, "%s: an operation failed\n", ops->name);
	end(&b);
	return b.failed ? -1 : 0;
}

/* Each in a process of its own, so that none gets memory that another one gave back. */
static int bench_apart(const struct kmr_object_ops *ops, uint32_t live)
{
	int status = 1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (!pid) {
		status = bench(ops, live) ? 1 : 0;
		(void)fflush(stdout);
		_exit(status);
	}
	return pid < 0 || waitpid(pid, &status, 0) < 0 || status ? -1 : 0;
}

int main(void)
{
	static const uint32_t live[] = { 100000, 1000000 };
	const struct kmr_object_ops *ops;
	int status = 0;

	for (unsigned int i = 0; (ops = kmr_object_backend_at(i)); i++) {
		printf("%s\n", ops->name);
		/* SLOB's lists of pages grow with what lives, and so does each search */
		for (size_t n = 0; n < (ops->heap ? 1 : ARRAY_SIZE(live)); n++)
			if (bench_apart(ops, live[n]))
				status = 1;
	}
	return status;
}
