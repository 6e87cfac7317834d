// SPDX-License-Identifier: GPL-2.0-only
/* Events as LLFree's trace pages. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "kmreplay/convert.h"
#include "kmreplay/gfp.h"
#include "trace/gfp_bits.h"
#include "trace/llfree.h"

struct cpu_page {
	uint32_t used; /* entries */
	uint8_t bytes[LLFREE_PAGE];
};

struct kmr_llfree_writer {
	struct kmr_outfile out;
	FILE *file;
	char *path; /* for messages */
	struct cpu_page *cpus[LLFREE_MAX_CPUS]; /* NULL: nothing of it yet */
	uint32_t pages, cores, max_pfn;
	uint64_t base; /* microseconds that are taken off all times */
	uint64_t last_time; /* microseconds, of the last entry */
	uint32_t last_cpu;
	struct kmr_llfree_notes notes;
};

static int write_page(struct kmr_llfree_writer *w, const uint8_t *bytes, struct kmr_error *err)
{
	if (fwrite(bytes, 1, LLFREE_PAGE, w->file) != LLFREE_PAGE)
		return kmr_fail_errno(err, errno, "%s: cannot write", w->path);
	return 0;
}

int kmr_llfree_open(struct kmr_llfree_writer **out, const char *path, struct kmr_error *err)
{
	static const uint8_t head[LLFREE_PAGE];
	struct kmr_llfree_writer *w = calloc(1, sizeof(*w));

	*out = w;
	if (!w)
		return kmr_fail_nomem(err, "a trace to write");
	w->path = strdup(path);
	if (!w->path)
		return kmr_fail_nomem(err, "a trace to write");
	if (kmr_outfile_create(&w->out, path, "LLFree trace", err))
		return -1;
	w->file = fopen(w->out.temp, "r+b");
	if (!w->file)
		return kmr_fail_errno(err, errno, "%s: cannot write", path);
	/* what the header says is known at the end */
	return write_page(w, head, err);
}

/* The page that a CPU's next entry goes to. */
static struct cpu_page *page_of(struct kmr_llfree_writer *w, uint32_t cpu, struct kmr_error *err)
{
	struct cpu_page *page = w->cpus[cpu];

	if (!page) {
		page = w->cpus[cpu] = calloc(1, sizeof(*page));
		if (!page) {
			(void)kmr_fail_nomem(err, "a CPU's page");
			return NULL;
		}
		llfree_put32(page->bytes, cpu);
	}
	if (page->used < LLFREE_ENTRIES)
		return page;
	if (write_page(w, page->bytes, err))
		return NULL;
	w->pages++;
	memset(page->bytes + LLFREE_FIRST, 0, LLFREE_PAGE - LLFREE_FIRST);
	page->used = 0;
	return page;
}

static uint32_t pid_of(const char *task)
{
	const char *dash = strrchr(task, '-');
	const unsigned long long pid = dash ? strtoull(dash + 1, NULL, 10) : 0;

	return pid <= UINT32_MAX ? (uint32_t)pid : 0;
}

/* What the entry tells less than the event. */
static void note(struct kmr_llfree_writer *w, const struct kmr_event *ev)
{
	const uint64_t time = ev->time / 1000;

	w->notes.fractions += ev->time % 1000 != 0;
	w->notes.contexts += (ev->flags & KMR_EVF_CONTEXT) != 0;
	if (ev->type == KMR_EV_PAGE_ALLOC) {
		w->notes.nodes += ev->node >= 0;
		w->notes.migratetypes += ev->page.migratetype != KMR_MIGRATE_UNKNOWN &&
					 ev->page.migratetype != kmr_gfp_migratetype(ev->gfp);
	}
	/* of different CPUs' entries only the time tells which came first */
	w->notes.reordered += w->notes.entries && (time < w->last_time ||
						   (time == w->last_time && ev->cpu < w->last_cpu));
	w->last_time = time;
	w->last_cpu = ev->cpu;
}

static int check_room(const struct kmr_llfree_writer *w, const struct kmr_event *ev,
		      struct kmr_error *err)
{
	if (ev->addr >> LLFREE_PFN_BITS)
		return kmr_fail(err,
				"%s: frame %" PRIu64 " does not fit: the format has 24 bits, which "
				"is 64 GiB",
				w->path, ev->addr);
	if (ev->time / 1000 < w->base || (ev->time / 1000 - w->base) >> LLFREE_TIME_BITS)
		return kmr_fail(err,
				"%s: the time %" PRIu64
				" s does not fit: the format has 38 bits of "
				"microseconds, which is 76 hours",
				w->path, ev->time / 1000000000);
	if (ev->page.order > LLFREE_MAX_ORDER)
		return kmr_fail(err, "%s: order %u does not fit: the format has 4 bits", w->path,
				ev->page.order);
	if (ev->cpu >= LLFREE_MAX_CPUS)
		return kmr_fail(err, "%s: CPU %u is beyond the %u that are written", w->path,
				ev->cpu, LLFREE_MAX_CPUS);
	return 0;
}

static int write_event(struct kmr_llfree_writer *w, const struct kmr_event *ev, const char *task,
		       struct kmr_error *err)
{
	struct llfree_entry e = { .alloc = ev->type == KMR_EV_PAGE_ALLOC };
	struct cpu_page *page;
	uint32_t left = 0;

	/* a machine that was up for long: whole seconds before the first event are left out */
	if (!w->notes.entries && ev->time / 1000 >> LLFREE_TIME_BITS)
		w->notes.seconds_off = ev->time / 1000000000;
	w->base = w->notes.seconds_off * 1000000;
	if (check_room(w, ev, err))
		return -1;
	page = page_of(w, ev->cpu, err);
	if (!page)
		return -1;
	note(w, ev);
	e.time = ev->time / 1000 - w->base;
	e.pfn = (uint32_t)ev->addr;
	e.order = ev->page.order;
	e.pid = pid_of(task);
	if (e.alloc)
		e.gfp = (uint32_t)kmr_gfp_to_bits(ev->gfp, LLFREE_KERNEL, &left);
	w->notes.flags += left != 0;
	llfree_put(page->bytes + LLFREE_FIRST + (size_t)page->used++ * LLFREE_ENTRY, &e);
	if (ev->cpu >= w->cores)
		w->cores = (uint32_t)ev->cpu + 1;
	if (e.pfn + (1u << e.order) - 1 > w->max_pfn)
		w->max_pfn = e.pfn + (1u << e.order) - 1;
	w->notes.entries++;
	return 0;
}

int kmr_llfree_write(struct kmr_llfree_writer *w, const struct kmr_event *ev, const char *task,
		     struct kmr_error *err)
{
	switch (ev->type) {
	case KMR_EV_LOST:
		w->notes.lost += ev->addr;
		w->notes.gaps++;
		return 0;
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
		break;
	default:
		w->notes.others++;
		return 0;
	}
	if (ev->addr == KMR_EV_NO_PFN) {
		w->notes.failed++;
		return 0;
	}
	if (!ev->addr) {
		w->notes.frame_zero++;
		return 0;
	}
	return write_event(w, ev, task, err);
}

int kmr_llfree_finish(struct kmr_llfree_writer *w, struct kmr_llfree_notes *notes,
		      struct kmr_error *err)
{
	uint8_t head[LLFREE_PAGE] = { 0 };

	if (!w->notes.entries)
		return kmr_fail(err, "%s: there is no page event to write", w->path);
	for (uint32_t cpu = 0; cpu < w->cores; cpu++) {
		if (!w->cpus[cpu] || !w->cpus[cpu]->used)
			continue;
		if (write_page(w, w->cpus[cpu]->bytes, err))
			return -1;
		w->pages++;
	}
	llfree_put32(head, w->pages);
	llfree_put32(head + 4, w->cores);
	llfree_put32(head + 8, w->max_pfn);
	if (fseek(w->file, 0, SEEK_SET))
		return kmr_fail_errno(err, errno, "%s: cannot write", w->path);
	if (write_page(w, head, err))
		return -1;
	if (fflush(w->file))
		return kmr_fail_errno(err, errno, "%s: cannot write", w->path);
	*notes = w->notes;
	return kmr_outfile_commit(&w->out, err);
}

void kmr_llfree_close(struct kmr_llfree_writer *w)
{
	if (!w)
		return;
	if (w->file)
		(void)fclose(w->file);
	kmr_outfile_release(&w->out);
	for (uint32_t cpu = 0; cpu < LLFREE_MAX_CPUS; cpu++)
		free(w->cpus[cpu]);
	free(w->path);
	free(w);
}
