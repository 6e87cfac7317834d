// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a trace is decoded: `bench-parse TRACE...` prints ns and bytes per line.  Without
 * arguments, the largest captures it finds unpacked in KMR_BENCH_DIR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kmreplay/source.h"

#define BATCH  4096
#define ROUNDS 3

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int read_once(const char *path, struct kmr_trace_info *info)
{
	static struct kmr_event events[BATCH];
	struct kmr_source *source;
	struct kmr_error err = { "" };
	ssize_t n;

	if (kmr_source_open(&source, path, NULL, &err)) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	do {
		n = kmr_source_read(source, events, BATCH, &err);
	} while (n > 0);
	if (n < 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	*info = *kmr_source_info(source);
	kmr_source_close(source);
	return n < 0 ? -1 : 0;
}

static int bench(const char *path)
{
	struct kmr_trace_info info = { 0 };
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now();
		double took;

		if (read_once(path, &info))
			return -1;
		took = now() - start;
		if (!round || took < best)
			best = took;
	}
	printf("%s: %llu lines, %llu events, %.1f ns/line, %.2f million lines/s, %.0f MB/s\n", path,
	       (unsigned long long)info.lines, (unsigned long long)info.events,
	       best * 1e9 / (double)info.lines, (double)info.lines / best / 1e6,
	       (double)info.bytes / best / 1e6);
	return 0;
}

static int bench_captures(void)
{
	static const char *const names[] = { "x86_64-6.12-numa-reclaim", "i386-slub-pressure" };
	const char *dir = getenv("KMR_BENCH_DIR");
	int status = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/%s/trace.txt%s",
			       dir ? dir : KMR_SOURCE_ROOT "/../shared/captures", names[i],
			       dir ? "" : ".zst");
		if (bench(path))
			status = -1;
	}
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2)
		return bench_captures() ? 1 : 0;
	for (int i = 1; i < argc; i++)
		if (bench(argv[i]))
			status = 1;
	return status;
}
