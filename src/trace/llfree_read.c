// SPDX-License-Identifier: GPL-2.0-only
/* LLFree's traces as events: CPUs merged by time, the lower number first where times are equal. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ptrmap.h"
#include "kmreplay/gfp.h"
#include "trace/binary.h"
#include "trace/gfp_bits.h"
#include "trace/llfree.h"

/* A CPU's place in the file. */
struct cpu {
	uint32_t number;
	uint32_t page; /* it is in, from 1; 0: no more */
	uint32_t entry; /* in the page */
	uint64_t time; /* of that entry */
	uint8_t bytes[LLFREE_PAGE];
};

struct llfree_reader {
	struct binary_input *in;
	uint32_t *next; /* by page: the next one of its CPU; 0: none */
	uint32_t nr_pages; /* the header's page among them */
	struct cpu **cpus; /* those with entries, the next one first: a heap */
	size_t nr_cpus;
	struct kmr_ptrmap tasks; /* pid + 1 to id + 1 */
	uint64_t records;
};

static bool all_zero(const char *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* There is no magic: a page of three small numbers and zeroes, then a page of one of its CPUs. */
static bool recognise(const char *beginning, size_t len)
{
	const uint8_t *p = (const uint8_t *)beginning;

	if (len < LLFREE_PAGE || !llfree_get32(p) || !llfree_get32(p + 4) ||
	    llfree_get32(p + 4) > LLFREE_MAX_CPUS || llfree_get32(p + 8) >> LLFREE_PFN_BITS ||
	    !all_zero(beginning + 12, LLFREE_PAGE - 12))
		return false;
	return len < LLFREE_PAGE + 4 || llfree_get32(p + LLFREE_PAGE) < llfree_get32(p + 4);
}

static bool before(const struct cpu *a, const struct cpu *b)
{
	return a->time != b->time ? a->time < b->time : a->number < b->number;
}

static void sift_down(struct llfree_reader *r, size_t at)
{
	struct cpu *moving = r->cpus[at];

	for (size_t child; (child = 2 * at + 1) < r->nr_cpus; at = child) {
		if (child + 1 < r->nr_cpus && before(r->cpus[child + 1], r->cpus[child]))
			child++;
		if (!before(r->cpus[child], moving))
			break;
		r->cpus[at] = r->cpus[child];
	}
	r->cpus[at] = moving;
}

/* To the next entry at or behind the CPU's place; its page is 0 when there is none. */
static int settle(struct llfree_reader *r, struct cpu *cpu, bool loaded, struct kmr_error *err)
{
	for (; cpu->page; cpu->page = r->next[cpu->page], cpu->entry = 0, loaded = false) {
		struct llfree_entry e;

		if (!loaded && kmr_randread_all(&r->in->bytes, (uint64_t)cpu->page * LLFREE_PAGE,
						cpu->bytes, LLFREE_PAGE, "a page", err))
			return -1;
		if (cpu->entry == LLFREE_ENTRIES)
			continue;
		e = llfree_get(cpu->bytes + LLFREE_FIRST + (size_t)cpu->entry * LLFREE_ENTRY);
		if (!e.pfn)
			continue;
		cpu->time = e.time;
		return 0;
	}
	return 0;
}

static int add_cpu(struct llfree_reader *r, uint32_t number, uint32_t page, struct kmr_error *err)
{
	struct cpu *cpu = malloc(sizeof(*cpu));

	if (!cpu)
		return kmr_fail_nomem(err, "a CPU's page");
	cpu->number = number;
	cpu->page = page;
	cpu->entry = 0;
	if (settle(r, cpu, false, err) || !cpu->page) {
		const int ret = cpu->page ? -1 : 0;

		free(cpu);
		return ret;
	}
	r->cpus[r->nr_cpus++] = cpu;
	return 0;
}

/* Which page follows which; @first and @last by CPU, zeroed. */
static int link_pages(struct llfree_reader *r, uint32_t cores, uint32_t *first, uint32_t *last,
		      struct kmr_error *err)
{
	for (uint32_t page = 1; page < r->nr_pages; page++) {
		const uint64_t at = (uint64_t)page * LLFREE_PAGE;
		uint8_t bytes[4];
		uint32_t cpu;

		if (kmr_randread_all(&r->in->bytes, at, bytes, sizeof(bytes), "a page", err))
			return -1;
		cpu = llfree_get32(bytes);
		if (cpu >= cores)
			return kmr_fail(
				err,
				"%s: the page at byte %llu is of CPU %u, but the header says "
				"that there are %u; the file is damaged",
				kmr_randread_name(&r->in->bytes), (unsigned long long)at, cpu,
				cores);
		if (last[cpu])
			r->next[last[cpu]] = page;
		else
			first[cpu] = page;
		last[cpu] = page;
	}
	return 0;
}

static int find_cpus(struct llfree_reader *r, uint32_t cores, struct kmr_error *err)
{
	uint32_t *first = calloc((size_t)cores * 2, sizeof(*first));
	int ret;

	r->next = calloc(r->nr_pages, sizeof(*r->next));
	r->cpus = calloc(cores, sizeof(struct cpu *));
	if (!first || !r->next || !r->cpus) {
		free(first);
		return kmr_fail_nomem(err, "a trace's pages");
	}
	ret = link_pages(r, cores, first, first + cores, err);
	for (uint32_t cpu = 0; !ret && cpu < cores; cpu++)
		if (first[cpu])
			ret = add_cpu(r, cpu, first[cpu], err);
	free(first);
	for (size_t i = r->nr_cpus / 2; i-- > 0;)
		sift_down(r, i);
	return ret;
}

static int llfree_open(void **out, struct binary_input *in, struct kmr_error *err)
{
	struct llfree_reader *r = calloc(1, sizeof(*r));
	const uint64_t pages = in->bytes.size / LLFREE_PAGE;
	uint8_t head[12];

	*out = r;
	if (!r)
		return kmr_fail_nomem(err, "a trace");
	r->in = in;
	in->info->format = "LLFree trace";
	in->info->bytes = in->bytes.size;
	in->info->input_size = in->bytes.size;
	(void)snprintf(in->info->kernel, sizeof(in->info->kernel), "unknown");
	if (kmr_randread_all(&in->bytes, 0, head, sizeof(head), "the header", err))
		return -1;
	if (pages > UINT32_MAX)
		return kmr_fail(err, "%s: is larger than the format allows",
				kmr_randread_name(&in->bytes));
	r->nr_pages = (uint32_t)pages;
	in->info->truncated = in->bytes.size % LLFREE_PAGE || llfree_get32(head) > pages - 1;
	return find_cpus(r, llfree_get32(head + 4), err);
}

static int set_task(struct llfree_reader *r, uint32_t pid, struct kmr_event *ev,
		    struct kmr_error *err)
{
	const uint64_t key = (uint64_t)pid + 1;
	uint32_t id = kmr_ptrmap_get(&r->tasks, key);
	char task[32];

	if (id) {
		ev->task = (uint16_t)(id - 1);
		return 0;
	}
	/* as the kernel prints tasks whose name it does not know */
	(void)snprintf(task, sizeof(task), "%s-%" PRIu32, pid ? "<...>" : "<idle>", pid);
	if (kmr_strtab_intern(&r->in->text->tasks, task, strlen(task), &id))
		return kmr_fail_nomem(err, "tasks");
	ev->task = id ? (uint16_t)id : UINT16_MAX;
	if (r->tasks.count <= UINT16_MAX && kmr_ptrmap_put(&r->tasks, key, (uint32_t)ev->task + 1))
		return kmr_fail_nomem(err, "tasks");
	return 0;
}

static int take_entry(struct llfree_reader *r, const struct cpu *cpu, struct kmr_event *ev,
		      struct kmr_error *err)
{
	const unsigned int version = r->in->options->version;
	const struct llfree_entry e =
		llfree_get(cpu->bytes + LLFREE_FIRST + (size_t)cpu->entry * LLFREE_ENTRY);

	memset(ev, 0, sizeof(*ev));
	ev->type = e.alloc ? KMR_EV_PAGE_ALLOC : KMR_EV_PAGE_FREE;
	ev->time = e.time * 1000;
	ev->addr = e.pfn;
	ev->cpu = (uint16_t)cpu->number;
	ev->node = -1;
	ev->page.order = e.order;
	ev->page.migratetype = KMR_MIGRATE_UNKNOWN;
	if (e.alloc) {
		if (kmr_gfp_from_bits(e.gfp & ~LLFREE_PAGE_CACHE, version ? version : LLFREE_KERNEL,
				      &ev->gfp))
			ev->flags |= KMR_EVF_GFP_KNOWN;
		ev->page.migratetype = (uint8_t)kmr_gfp_migratetype(ev->gfp);
		r->in->info->has_gfp = true;
	}
	return set_task(r, e.pid, ev, err);
}

static ssize_t llfree_read(void *reader, struct kmr_event *events, size_t count,
			   struct kmr_error *err)
{
	struct llfree_reader *r = reader;
	size_t n = 0;

	for (; n < count && r->nr_cpus; n++) {
		struct cpu *cpu = r->cpus[0];

		if (take_entry(r, cpu, &events[n], err))
			return -1;
		r->records++;
		cpu->entry++;
		if (settle(r, cpu, true, err))
			return -1;
		if (!cpu->page) {
			free(cpu);
			r->cpus[0] = r->cpus[--r->nr_cpus];
		}
		if (r->nr_cpus)
			sift_down(r, 0);
	}
	r->in->info->lines = r->records;
	/* the pages' heads belong to nobody: they are few */
	r->in->info->input_read = r->records * LLFREE_ENTRY;
	return (ssize_t)n;
}

static void llfree_close(void *reader)
{
	struct llfree_reader *r = reader;

	for (size_t i = 0; i < r->nr_cpus; i++)
		free(r->cpus[i]);
	free(r->cpus);
	free(r->next);
	kmr_ptrmap_fini(&r->tasks);
	free(r);
}

const struct binary_format binary_llfree = { recognise, llfree_open, llfree_read, llfree_close };
