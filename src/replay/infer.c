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

int kmr_infer(struct kmr_inferred *in, const char *trace, bool strict, struct kmr_error *err)
{
	const struct kmr_source_options options = { strict, 0 };
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
		while ((n = kmr_source_read(src, batch, BATCH, err)) > 0)
			for (ssize_t i = 0; i < n; i++)
				learn(in, &batch[i]);
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
 * Frames that the trace does not name: within a block of the largest order that it says was in
 * use somewhere, they were too (the rest of what the kernel and its caches hold); in one that it
 * only ever took from, they were free, as in one that it never touched.
 */
static bool was_free(const struct kmr_inferred *in, uint64_t pfn, bool block_used)
{
	const uint8_t seen = pfn < in->nr_frames ? in->first[pfn] : (uint8_t)KMR_SEEN_NOT;

	return seen == KMR_SEEN_FREE || (seen == KMR_SEEN_NOT && !block_used);
}

static bool any_used(const struct kmr_inferred *in, uint64_t start, uint64_t end)
{
	if (end > in->nr_frames)
		end = in->nr_frames;
	return start < end && memchr(in->first + start, KMR_SEEN_USED, end - start);
}

void kmr_infer_seed(const struct kmr_inferred *in, const struct kmr_machine *m,
		    const struct kmr_page_ops *ops, struct kmr_page_backend *b)
{
	const uint64_t block = UINT64_C(1) << (m->nr_orders - 1);

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const uint64_t zone_end = m->zones[i].start_pfn + m->zones[i].spanned;
		uint64_t run = 0, pfn = kmr_boot_first_free(&m->zones[i]);

		while (pfn < zone_end) {
			uint64_t end = (pfn & ~(block - 1)) + block;
			bool used;

			if (end > zone_end)
				end = zone_end;
			used = any_used(in, pfn, end);
			for (; pfn < end; pfn++) {
				if (was_free(in, pfn, used)) {
					run++;
					continue;
				}
				kmr_seed_range(m, ops, b, pfn - run, pfn);
				run = 0;
			}
		}
		kmr_seed_range(m, ops, b, pfn - run, pfn);
	}
}
