// SPDX-License-Identifier: GPL-2.0-only
#include "replay/infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "replay/seed.h"

#define BATCH 4096

static void see(struct kmr_inferred *in, const struct kmr_event *ev, uint8_t what)
{
	const unsigned int order = ev->page.order < KMR_MAX_ORDERS ? ev->page.order : 0;

	for (uint64_t p = ev->addr; p - ev->addr < UINT64_C(1) << order; p++) {
		if (p >= KMR_INFER_MAX_PFN)
			return;
		if (in->first[p] != KMR_SEEN_NOT)
			continue;
		in->first[p] = what;
		if (what == KMR_SEEN_USED)
			in->used++;
		else
			in->free++;
		if (p >= in->nr_frames)
			in->nr_frames = p + 1;
	}
}

static void learn(struct kmr_inferred *in, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_REFILL:
	case KMR_EV_PAGE_DRAIN: /* it was on a per-CPU list */
		see(in, ev, KMR_SEEN_FREE);
		break;
	case KMR_EV_PAGE_FREE:
	case KMR_EV_PAGE_FREE_BATCHED:
		see(in, ev, KMR_SEEN_USED);
		break;
	default:
		break;
	}
}

int kmr_infer(struct kmr_inferred *in, const char *trace, const struct kmr_replay_options *o,
	      struct kmr_error *err)
{
	const struct kmr_source_options options = { .strict = o->strict };
	struct kmr_event *batch = malloc(BATCH * sizeof(*batch));
	struct kmr_source *src = NULL;
	ssize_t n = -1;

	memset(in, 0, sizeof(*in));
	/* untouched pages of it cost nothing */
	in->first = mmap(NULL, KMR_INFER_MAX_PFN, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (in->first == MAP_FAILED)
		in->first = NULL;
	if (!batch || !in->first) {
		free(batch);
		return kmr_fail_nomem(err, "what the trace tells of its start");
	}
	if (!kmr_source_open(&src, trace, &options, err))
		while ((n = kmr_source_read(src, batch, BATCH, err)) > 0) {
			for (ssize_t i = 0; i < n; i++)
				learn(in, &batch[i]);
			if (o->progress)
				o->progress(o->progress_ctx, kmr_source_info(src));
		}
	if (!n)
		in->trace = *kmr_source_info(src);
	kmr_source_close(src);
	free(batch);
	return n ? -1 : 0;
}

void kmr_inferred_free(struct kmr_inferred *in)
{
	if (in->first)
		(void)munmap(in->first, KMR_INFER_MAX_PFN);
	in->first = NULL;
}

void kmr_infer_preset(const struct kmr_inferred *in, char *spec, size_t size)
{
	const bool wide = in->trace.pointer_bits != 32;
	/* frames of RAM above 4 GiB begin there: below it, at most 3 GiB are RAM */
	const uint64_t hole = UINT64_C(1) << 18, above = UINT64_C(1) << 20;
	uint64_t pages = in->trace.max_pfn + 1, mib;

	if (wide && pages > above)
		pages -= hole;
	mib = (pages + 255) / 256;
	/* memory comes in whole modules; the highest frame in use is near the end */
	mib = mib <= 64 ? 64 : (mib + 63) / 64 * 64;
	(void)snprintf(spec, size, "%s:ram=%" PRIu64 "M,cpus=%u", wide ? "x86_64" : "i386", mib,
		       in->trace.nr_cpus ? in->trace.nr_cpus : 1);
}

/*
 * Frames that the trace does not name.  A kernel breaks up its largest blocks one after the other
 * and comes back to those first: what it has not broken up yet lies together in long runs of
 * blocks that a trace never touches.  So the longest run of a zone, and others nearly as long, are
 * taken to be free, and the rest of the zone to hold what was in use before the trace and after.
 * The kernel itself, its tables and its first page cache lie where its image does, from 16 MiB on
 * (CONFIG_PHYSICAL_START): a run that begins there is theirs, however long.
 */
#define KERNEL_START 4096 /* pfn */

struct untouched {
	const struct kmr_inferred *in;
	uint64_t block; /* frames of the largest order */
	uint64_t longest; /* run of a zone, blocks */
};

static bool touched(const struct untouched *u, uint64_t start, uint64_t end)
{
	for (uint64_t p = start; p < end && p < u->in->nr_frames; p++)
		if (u->in->first[p] != KMR_SEEN_NOT)
			return true;
	return false;
}

/* The end of the run of blocks, all touched or all not, that begins at @start. */
static uint64_t run_end(const struct untouched *u, uint64_t start, uint64_t end, bool *is_touched)
{
	uint64_t next = (start & ~(u->block - 1)) + u->block;

	*is_touched = touched(u, start, next < end ? next : end);
	while (next < end &&
	       touched(u, next, next + u->block < end ? next + u->block : end) == *is_touched)
		next += u->block;
	return next < end ? next : end;
}

/* The run at the start of a zone is the kernel's, unless it is all of the zone. */
static bool is_kernel(const struct kmr_machine *m, const struct kmr_zone_spec *z, uint64_t start,
		      uint64_t end)
{
	return z->start_pfn == KERNEL_START && start == kmr_boot_first_free(m, z) &&
	       end < z->start_pfn + z->spanned;
}

static uint64_t longest_run(const struct untouched *u, const struct kmr_machine *m,
			    const struct kmr_zone_spec *z, uint64_t start, uint64_t end)
{
	uint64_t longest = 0;

	while (start < end) {
		bool is_touched;
		const uint64_t next = run_end(u, start, end, &is_touched);

		if (!is_touched && !is_kernel(m, z, start, next) && next - start > longest)
			longest = next - start;
		start = next;
	}
	return longest;
}

/* Frees what the trace says was free in [start, end), and the rest of it if @others. */
static void seed_run(const struct kmr_inferred *in, const struct kmr_machine *m,
		     const struct kmr_page_ops *ops, struct kmr_page_backend *b, uint64_t start,
		     uint64_t end, bool others)
{
	uint64_t run = 0, pfn;

	for (pfn = start; pfn < end; pfn++) {
		const uint8_t seen = pfn < in->nr_frames ? in->first[pfn] : (uint8_t)KMR_SEEN_NOT;

		if (seen == KMR_SEEN_FREE || (seen == KMR_SEEN_NOT && others)) {
			run++;
			continue;
		}
		kmr_seed_range(m, ops, b, pfn - run, pfn);
		run = 0;
	}
	kmr_seed_range(m, ops, b, pfn - run, pfn);
}

void kmr_infer_seed(const struct kmr_inferred *in, const struct kmr_machine *m,
		    const struct kmr_page_ops *ops, struct kmr_page_backend *b)
{
	struct untouched u = { in, UINT64_C(1) << (m->nr_orders - 1), 0 };

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		const uint64_t end = z->start_pfn + z->spanned;
		uint64_t start = kmr_boot_first_free(m, z);

		u.longest = longest_run(&u, m, z, start, end);
		while (start < end) {
			bool is_touched;
			const uint64_t next = run_end(&u, start, end, &is_touched);

			seed_run(in, m, ops, b, start, next,
				 !is_touched && !is_kernel(m, z, start, next) &&
					 (next - start) * 3 > u.longest);
			start = next;
		}
	}
}
