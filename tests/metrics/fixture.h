/* SPDX-License-Identifier: GPL-2.0-only */
/* A small made-up run to store, and a directory to store it in. */
#ifndef TESTS_METRICS_FIXTURE_H
#define TESTS_METRICS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "kmreplay/store.h"

#define FIXTURE_ZONES 4 /* room; two are used */
#define FIXTURE_CPUS  2

struct fixture {
	char dir[64]; /* fresh, under /tmp */
	char db[128]; /* dir/run.db */
	struct kmr_machine machine;
	struct kmr_run_info run;
	struct kmr_trace_info trace;
	struct kmr_replay_stats stats;
	struct kmr_page_work work;
	struct kmr_numa_report numa;
	struct kmr_zone_state zones[FIXTURE_ZONES];
	uint32_t pcp[FIXTURE_ZONES * FIXTURE_CPUS];
};

/* Makes the directory and a run that has something of everything. */
struct fixture *fixture_new(void);
/* Removes the directory with all that is in it. */
void fixture_free(struct fixture *f);

/* Stores the run with @nr_samples samples at @path. */
int fixture_store(const struct fixture *f, const char *path, unsigned int nr_samples,
		  char digest[KMR_DIGEST_SIZE], struct kmr_error *err);

/* Number of directory entries but . and .. */
unsigned int files_in(const char *dir);
bool same_bytes(const char *a, const char *b);
void copy_file(const char *from, const char *to);
void write_file(const char *path, const void *data, size_t size);
/* The whole file, terminated; the caller frees. */
char *read_whole(const char *path);

/* Opens for reading and writing; asserts that it works. */
sqlite3 *open_raw(const char *path);
/* Rows of a query, columns separated by |, rows by newlines; the caller frees. */
char *rows_of(sqlite3 *db, const char *query);

#endif
