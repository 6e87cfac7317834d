// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a workload becomes events, and those text, and how much memory that takes for a million
 * events and a hundred times as many: `bench-gen [LOAD.yaml]`.  Times are of the processor, as others
 * may use it, too; the best of several rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kmreplay/workload.h"

#define BATCH  4096
#define ROUNDS 5
#define EVENTS UINT64_C(10000000)
#define FEW    UINT64_C(1000000)
#define MANY   UINT64_C(100000000)

/* 32 tasks, and some 80,000 pages and objects that live at one time. */
static const char plain[] =
	"workload: plain\n"
	"duration: 10000h\n"
	"actors:\n"
	"  - name: pages\n"
	"    count: 16\n"
	"    cpus: 0-3\n"
	"    pages: {gfp: GFP_HIGHUSER_MOVABLE}\n"
	"    every: {exponential: {mean: 20us}}\n"
	"    lifetime: {exponential: {mean: 50ms}}\n"
	"  - name: objects\n"
	"    count: 16\n"
	"    cpus: 0-3\n"
	"    kmalloc: {size: {table: [[32, 30], [64, 40], [128, 20], [512, 8], [4096, 2]]}}\n"
	"    every: {exponential: {mean: 20us}}\n"
	"    lifetime: {exponential: {mean: 50ms}}\n";

static struct kmr_event events[BATCH];

static void check(int status, const struct kmr_error *err)
{
	if (!status)
		return;
	(void)fprintf(stderr, "%s\n", err->msg);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* As replay reads it: ns an event. */
static double read_source(const char *path)
{
	struct kmr_error err = { "" };
	struct kmr_source *source;
	uint64_t nr = 0;
	double start;
	ssize_t n = 1;

	check(kmr_source_open(&source, path, NULL, &err), &err);
	start = now();
	while (nr < EVENTS && n > 0) {
		n = kmr_source_read(source, events, BATCH, &err);
		nr += n > 0 ? (uint64_t)n : 0;
	}
	start = now() - start;
	check(n < 0, &err);
	kmr_source_close(source);
	return start * 1e9 / (double)nr;
}

/* As gen writes it: ns an event, and bytes of all. */
static double write_text(const char *path, uint64_t *bytes)
{
	const struct kmr_workload_options o = { .limit = EVENTS };
	struct kmr_workload_stream *stream;
	struct kmr_error err = { "" };
	struct kmr_workload_text *text;
	struct kmr_workload *w;
	uint64_t nr = 0;
	double start;
	size_t len;
	ssize_t n;

	check(kmr_workload_read(&w, path, &err), &err);
	check(kmr_workload_stream_open(&stream, w, &o, &err), &err);
	check(kmr_workload_text_open(&text, w, stream, &err), &err);
	*bytes = 0;
	start = now();
	while ((n = kmr_workload_stream_read(stream, events, BATCH, &err)) > 0) {
		(void)kmr_workload_text_events(text, events, (size_t)n, &len);
		*bytes += len;
		nr += (uint64_t)n;
	}
	start = now() - start;
	check(n < 0, &err);
	kmr_workload_text_close(text);
	kmr_workload_stream_close(stream);
	kmr_workload_free(w);
	return start * 1e9 / (double)nr;
}

static void read_events(const char *path, uint64_t limit)
{
	const struct kmr_workload_options o = { .limit = limit };
	struct kmr_workload_stream *stream;
	struct kmr_error err = { "" };
	struct kmr_workload *w;
	ssize_t n;

	check(kmr_workload_read(&w, path, &err), &err);
	check(kmr_workload_stream_open(&stream, w, &o, &err), &err);
	do {
		n = kmr_workload_stream_read(stream, events, BATCH, &err);
	} while (n > 0);
	check(n < 0, &err);
	kmr_workload_stream_close(stream);
	kmr_workload_free(w);
}

/* The most memory that a process of its own has for so many events, in KiB. */
static long memory_for(const char *path, uint64_t limit)
{
	struct rusage usage;
	const pid_t child = fork();
	int status;

	if (!child) {
		read_events(path, limit);
		_exit(0);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status)
		return -1;
	return usage.ru_maxrss;
}

static void bench(const char *path)
{
	double source = 0, text = 0;
	uint64_t bytes = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const double as_source = read_source(path), as_text = write_text(path, &bytes);

		source = !round || as_source < source ? as_source : source;
		text = !round || as_text < text ? as_text : text;
	}
	printf("events: %.1f ns each, %.1f million/s\n", source, 1e3 / source);
	printf("events as text: %.1f ns each, %.1f million/s, %.0f MB/s\n", text, 1e3 / text,
	       (double)bytes / ((double)EVENTS * text) * 1e3);
	printf("memory for %.0e events: %ld KiB, for %.0e: %ld KiB\n", (double)FEW,
	       memory_for(path, FEW), (double)MANY, memory_for(path, MANY));
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/kmreplay-bench-XXXXXX";
	int fd;

	kmr_source_add_reader(&kmr_workload_reader);
	if (argc > 1) {
		bench(argv[1]);
		return 0;
	}
	fd = mkstemp(path);
	if (fd < 0 || write(fd, plain, strlen(plain)) != (ssize_t)strlen(plain) || close(fd)) {
		perror(path);
		return 1;
	}
	bench(path);
	(void)unlink(path);
	return 0;
}
