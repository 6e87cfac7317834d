// SPDX-License-Identifier: GPL-2.0-only
/*
 * What statistics cost on top of reading: `bench-stat TRACE...` prints ns per object and page event
 * for sums alone and for each view.  Without arguments, the largest captures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "kmreplay/stat.h"

#define BATCH  4096
#define ROUNDS 5

struct decoded {
	struct kmr_event *events;
	size_t nr, cap;
};

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int keep(struct decoded *d, const struct kmr_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kmr_event *grown = kmr_grow(d->events, d->nr, &d->cap, sizeof(*grown));

		if (!grown)
			return -1;
		d->events = grown;
		d->events[d->nr++] = events[i];
	}
	return 0;
}

static int decode(struct kmr_source *source, struct decoded *d, struct kmr_error *err)
{
	static struct kmr_event events[BATCH];
	ssize_t n;

	while ((n = kmr_source_read(source, events, BATCH, err)) > 0)
		if (keep(d, events, (size_t)n))
			return kmr_fail_nomem(err, "events");
	return n ? -1 : 0;
}

/* Seconds to feed all events, the best of some rounds; *counted is how many were counted. */
static double feed(const struct decoded *d, const struct kmr_stat_options *options,
		   uint64_t *counted)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct kmr_error err = { "" };
		struct kmr_stat *stat;
		double start = now();
		double took;

		if (kmr_stat_new(&stat, options, &err) ||
		    kmr_stat_feed(stat, d->events, d->nr, &err))
			(void)fprintf(stderr, "%s\n", err.msg);
		took = now() - start;
		if (!round || took < best)
			best = took;
		*counted = kmr_stat_slab_events(stat) + kmr_stat_page_events(stat);
		kmr_stat_free(stat);
	}
	return best;
}

static void bench(const char *path, const struct decoded *d)
{
	static const struct {
		const char *name;
		unsigned int views;
	} rounds[] = {
		{ "sums", 0 },
		{ "by call site", 1u << KMR_STAT_SLAB_CALLER | 1u << KMR_STAT_PAGE_CALLER },
		{ "by cache", 1u << KMR_STAT_SLAB_CACHE },
		{ "by task", 1u << KMR_STAT_SLAB_TASK | 1u << KMR_STAT_PAGE_TASK },
		{ "by address", 1u << KMR_STAT_SLAB_ALLOC | 1u << KMR_STAT_PAGE_ALLOC },
		{ "all views", (1u << KMR_STAT_NR_VIEWS) - 1 },
	};

	printf("%s:", path);
	for (size_t i = 0; i < ARRAY_SIZE(rounds); i++) {
		const struct kmr_stat_options options = {
			.slab = true, .page = true, .views = rounds[i].views, .stop = UINT64_MAX
		};
		uint64_t counted = 0;
		const double took = feed(d, &options, &counted);

		printf("%s %s %.1f", i ? "," : "", rounds[i].name, took * 1e9 / (double)counted);
	}
	printf(" ns/event\n");
}

static int bench_file(const char *path)
{
	struct kmr_error err = { "" };
	struct decoded d = { NULL, 0, 0 };
	struct kmr_source *source = NULL;
	int status = -1;

	if (!kmr_source_open(&source, path, NULL, &err) && !decode(source, &d, &err)) {
		bench(path, &d);
		status = 0;
	} else {
		(void)fprintf(stderr, "%s\n", err.msg);
	}
	kmr_source_close(source);
	free(d.events);
	return status;
}

int main(int argc, char **argv)
{
	static const char *const captures[] = {
		KMR_SOURCE_ROOT "/../shared/captures/x86_64-6.12-numa-reclaim/trace.txt.zst",
		KMR_SOURCE_ROOT "/../shared/captures/i386-slub-pressure/trace.txt.zst",
	};
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= bench_file(argv[i]);
	for (size_t i = 0; argc < 2 && i < ARRAY_SIZE(captures); i++)
		status |= bench_file(captures[i]);
	return status ? 1 : 0;
}
