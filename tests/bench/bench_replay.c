// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a trace is replayed.  Each capture is measured twice: its page events alone, decoded
 * into memory beforehand, through the engine and the linux-6.1 model (from its snapshot if there
 * is one, else from what the trace tells), in CPU time; and from text to database, all of
 * `kmreplay replay`, by the clock.
 *
 *   bench-replay [TRACE...]     without arguments: the captures beside the source, else the bundled
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kmreplay/replay.h"
#include "replay/engine.h"
#include "replay/setup.h"

#define BATCH  4096
#define ROUNDS 5

struct trace {
	const char *path;
	struct kmr_event *events;
	size_t count, cap;
	uint64_t page_events; /* of them */
};

static double now(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Bytes of this process that are in memory. */
static long long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long long size = 0, pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lld %lld", &size, &pages) != 2)
		pages = 0;
	(void)fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static int complain(const struct kmr_error *err)
{
	(void)fprintf(stderr, "%s\n", err->msg);
	return -1;
}

static bool is_page_event(const struct kmr_event *ev)
{
	return ev->type >= KMR_EV_PAGE_ALLOC && ev->type <= KMR_EV_PAGE_EXTFRAG;
}

/* Keeps what is replayed: everything from the snapshot's marker on. */
static int keep(struct trace *t, const struct kmr_event *events, size_t n,
		const struct kmr_setup *setup)
{
	for (size_t i = 0; i < n; i++) {
		const bool marker = events[i].type == KMR_EV_MARK && setup->snapshot &&
				    events[i].addr == setup->snapshot->seq;

		if (!t->count && setup->snapshot && !marker)
			continue;
		if (t->count == t->cap) {
			const size_t cap = t->cap ? t->cap * 2 : 1u << 16;
			struct kmr_event *grown = realloc(t->events, cap * sizeof(*grown));

			if (!grown)
				return -1;
			t->events = grown;
			t->cap = cap;
		}
		t->events[t->count++] = events[i];
		t->page_events += is_page_event(&events[i]);
	}
	return 0;
}

static int decode(struct trace *t, const struct kmr_setup *setup)
{
	static struct kmr_event batch[BATCH];
	struct kmr_source *source;
	struct kmr_error err = { "" };
	ssize_t n;

	if (kmr_source_open(&source, t->path, NULL, &err))
		return complain(&err);
	while ((n = kmr_source_read(source, batch, BATCH, &err)) > 0)
		if (keep(t, batch, (size_t)n, setup)) {
			n = kmr_fail_nomem(&err, "events");
			break;
		}
	kmr_source_close(source);
	return n < 0 ? complain(&err) : 0;
}

static void ignore_replayed(void *ctx, uint64_t time, uint64_t events)
{
	(void)ctx;
	(void)time;
	(void)events;
}

static void ignore_extfrag(void *ctx, uint64_t time, const struct kmr_extfrag *ef)
{
	(void)ctx;
	(void)time;
	(void)ef;
}

/* With the prices that are shipped; NULL with a message. */
static struct kmr_latency *latencies(const struct kmr_machine *m, const struct kmr_page_work *work,
				     struct kmr_error *err)
{
	struct kmr_cost_table cost;
	const struct kmr_latency_config config = { .machine = m, .cost = &cost, .page = work };

	return kmr_cost_defaults(&cost, err) ? NULL : kmr_latency_create(&config, err);
}

/* One replay from memory: seconds, and how much memory model and engine grew to. */
static int replay_once(const struct trace *t, struct kmr_setup *setup, bool priced, double *took,
		       long long *bytes, struct kmr_error *err)
{
	const struct kmr_page_ops *ops = kmr_page_backend_find("linux-6.1");
	const long long before = resident();
	struct kmr_page_backend *b = ops->create(&setup->machine, NULL, err);
	struct kmr_engine_config config = { 0 };
	struct kmr_engine *engine = NULL;

	config.machine = &setup->machine;
	config.ops = ops;
	config.backend = b;
	config.start_frames_live = true;
	config.start_frames_same = true;
	config.replayed = ignore_replayed;
	config.extfrag = ignore_extfrag;
	if (b && priced)
		config.latency = latencies(&setup->machine, ops->work(b), err);
	if (b && !kmr_setup_start(setup, ops, b, err))
		engine = kmr_engine_create(&config, err);
	if (engine) {
		const double start = now(CLOCK_PROCESS_CPUTIME_ID);

		for (size_t i = 0; i < t->count; i += BATCH)
			kmr_engine_feed(engine, t->events + i,
					t->count - i < BATCH ? t->count - i : BATCH);
		kmr_engine_flush(engine);
		*took = now(CLOCK_PROCESS_CPUTIME_ID) - start;
		*bytes = resident() - before;
		kmr_engine_destroy(engine);
	}
	kmr_latency_destroy(config.latency);
	if (b)
		ops->destroy(b);
	return engine ? 0 : -1;
}

/* The best of some rounds. */
static int replay_best(const struct trace *t, struct kmr_setup *setup, bool priced)
{
	struct kmr_error err = { "" };
	long long most = 0;
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		long long bytes;
		double took;

		if (replay_once(t, setup, priced, &took, &bytes, &err))
			return complain(&err);
		if (!round || took < best)
			best = took;
		/* later rounds reuse what the first got */
		if (bytes > most)
			most = bytes;
	}
	printf("  replay %s, from %s: %llu page events (of %zu), %.1f ns each, "
	       "%.2f million/s, %.1f MiB\n",
	       priced ? "with latencies" : "alone", kmr_start_name(setup->start),
	       (unsigned long long)t->page_events, t->count, best * 1e9 / (double)t->page_events,
	       (double)t->page_events / best / 1e6, (double)most / 1048576);
	return 0;
}

static int bench_replay(const char *path)
{
	const struct kmr_replay_options options = { .trace = path, .page = "linux-6.1" };
	struct kmr_setup *setup = malloc(sizeof(*setup));
	struct trace t = { .path = path };
	struct kmr_error err = { "" };
	int ret = -1;

	if (!setup)
		return -1;
	if (kmr_setup_choose(setup, &options, path, &err)) {
		(void)complain(&err);
		goto out;
	}
	if (decode(&t, setup))
		goto out;
	if (!replay_best(&t, setup, false) && !replay_best(&t, setup, true))
		ret = 0;
out:
	kmr_setup_free(setup);
	free(setup);
	free(t.events);
	return ret;
}

/* In a process of its own, so that its memory is its own; writes the seconds and events to @fd. */
static void replay_to_database(const char *path, const char *output, int fd)
{
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	const struct kmr_replay_options options = { .trace = path,
						    .page = "linux-6.1",
						    .output = output };
	struct kmr_error err = { "" };
	double figures[2];
	const double start = now(CLOCK_MONOTONIC);

	if (!r || kmr_replay(&options, r, &err)) {
		(void)complain(&err);
		_exit(1);
	}
	figures[0] = now(CLOCK_MONOTONIC) - start;
	figures[1] = (double)r->trace.events;
	if (write(fd, figures, sizeof(figures)) != (ssize_t)sizeof(figures))
		_exit(1);
	free(r);
	_exit(0);
}

static int database_once(const char *path, const char *output, double figures[2], long *peak)
{
	struct rusage usage;
	int fds[2], status = 1;
	ssize_t n;
	pid_t pid;

	if (pipe(fds))
		return -1;
	(void)fflush(stdout);
	pid = fork();
	if (!pid)
		replay_to_database(path, output, fds[1]);
	(void)close(fds[1]);
	n = read(fds[0], figures, 2 * sizeof(*figures));
	(void)close(fds[0]);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return -1;
	*peak = usage.ru_maxrss;
	return n == (ssize_t)(2 * sizeof(*figures)) && !status ? 0 : -1;
}

static int bench_database(const char *path)
{
	char dir[] = "/tmp/kmr-bench-XXXXXX", output[64];
	double figures[2], best = 0;
	long peak = 0;
	int ret = 0;

	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(output, sizeof(output), "%s/run.db", dir);
	for (int round = 0; round < ROUNDS && !ret; round++) {
		ret = database_once(path, output, figures, &peak);
		if (!round || figures[0] < best)
			best = figures[0];
	}
	(void)unlink(output);
	(void)rmdir(dir);
	if (ret)
		return -1;
	printf("  text to database: %.0f events, %.1f ns each, %.2f million/s, "
	       "peak %.1f MiB\n",
	       figures[1], best * 1e9 / figures[1], figures[1] / best / 1e6, (double)peak / 1024);
	return 0;
}

/* To the database first: the peak of a child includes what its parent had when it forked. */
static int bench(const char *path)
{
	printf("%s\n", path);
	return bench_database(path) || bench_replay(path) ? -1 : 0;
}

static int bench_captures(void)
{
	static const char *const paths[] = {
		KMR_SOURCE_ROOT "/../shared/captures/i386-slub-compile/trace.txt.zst",
		KMR_SOURCE_ROOT "/../shared/captures/i386-slub-pressure/trace.txt.zst",
		KMR_SOURCE_ROOT "/traces/i386-slub-compile/trace.txt.zst",
	};
	int status = 0, found = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		/* the bundled one stands in where the captures are not */
		if (access(paths[i], R_OK) || (i == 2 && found))
			continue;
		found++;
		if (bench(paths[i]))
			status = -1;
	}
	return found ? status : -1;
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
