// SPDX-License-Identifier: GPL-2.0-only
#include "replay/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"

#define BATCH	     4096u
#define FIRST_CACHES 64u
#define FIRST_SIZE   (UINT64_C(1) << 18) /* events */

static const char *directory(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

static int open_unnamed(struct kmr_error *err)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/kmreplay-XXXXXX", directory()) >= (int)sizeof(path))
		return kmr_fail(err, "$TMPDIR: the name is too long");
	fd = mkstemp(path);
	if (fd < 0)
		return kmr_fail_errno(err, errno, "%s: can't keep the decoded trace there",
				      directory());
	(void)unlink(path);
	return fd;
}

/* Room for @events; what the file has not got for sure, a full disk would turn into a signal. */
static int reserve(struct kmr_tape *t, uint64_t events, struct kmr_error *err)
{
	const size_t old = (size_t)t->mapped * sizeof(*t->events);
	const size_t size = (size_t)events * sizeof(*t->events);
	int failed;
	void *p;

	do {
		failed = posix_fallocate(t->fd, (off_t)old, (off_t)(size - old));
	} while (failed == EINTR);
	if (failed)
		return kmr_fail_errno(err, failed, "%s: can't keep the decoded trace there",
				      directory());
	if (t->events)
		(void)munmap(t->events, old);
	t->events = NULL;
	t->mapped = 0;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (p == MAP_FAILED)
		return kmr_fail_nomem(err, "the decoded trace");
	t->events = p;
	t->mapped = events;
	return 0;
}

static int read_all(struct kmr_tape *t, const char *path, kmr_tape_progress progress, void *ctx,
		    struct kmr_error *err)
{
	for (;;) {
		ssize_t n;

		if (t->count + BATCH > t->mapped &&
		    reserve(t, t->mapped ? t->mapped * 2 : FIRST_SIZE, err))
			return -1;
		n = kmr_source_read(t->source, t->events + t->count, BATCH, err);
		if (n <= 0)
			return (int)n;
		t->count += (uint64_t)n;
		if (t->count > KMR_TAPE_MAX_EVENTS - BATCH)
			return kmr_fail(err, "%s: more than %u events can't be replayed at once",
					path, KMR_TAPE_MAX_EVENTS - BATCH);
		if (progress)
			progress(ctx, t->info);
	}
}

/* The names that the reader met keep their numbers. */
static int take_names(struct kmr_tape *t)
{
	const char *name;

	t->caches = calloc(FIRST_CACHES, sizeof(*t->caches));
	if (!t->caches)
		return -1;
	t->cap_caches = FIRST_CACHES;
	t->nr_caches = 1;
	while (*(name = kmr_source_cache(t->source, t->nr_caches)))
		if (!kmr_tape_cache(t, name))
			return -1;
	return 0;
}

int kmr_tape_record(struct kmr_tape *t, const char *path, const struct kmr_source_options *options,
		    kmr_tape_progress progress, void *ctx, struct kmr_error *err)
{
	memset(t, 0, sizeof(*t));
	t->fd = open_unnamed(err);
	if (t->fd < 0)
		return -1;
	if (kmr_source_open(&t->source, path, options, err))
		return -1;
	t->info = kmr_source_info(t->source);
	if (read_all(t, path, progress, ctx, err))
		return -1;
	return take_names(t) ? kmr_fail_nomem(err, "the names of caches") : 0;
}

uint16_t kmr_tape_find_cache(const struct kmr_tape *t, const char *name)
{
	for (uint32_t i = 1; i < t->nr_caches; i++)
		if (!strncmp(t->caches[i].name, name, sizeof(t->caches[i].name) - 1))
			return (uint16_t)i;
	return 0;
}

uint16_t kmr_tape_cache(struct kmr_tape *t, const char *name)
{
	const uint16_t found = kmr_tape_find_cache(t, name);
	struct kmr_tape_cache *caches;

	if (found)
		return found;
	if (t->nr_caches > UINT16_MAX)
		return 0;
	caches = kmr_grow(t->caches, t->nr_caches, &t->cap_caches, sizeof(*caches));
	if (!caches)
		return 0;
	t->caches = caches;
	memset(&t->caches[t->nr_caches], 0, sizeof(*caches));
	(void)snprintf(t->caches[t->nr_caches].name, sizeof(t->caches->name), "%s", name);
	return (uint16_t)t->nr_caches++;
}

void kmr_tape_free(struct kmr_tape *t)
{
	if (t->events)
		(void)munmap(t->events, (size_t)t->mapped * sizeof(*t->events));
	if (t->fd > 0)
		(void)close(t->fd);
	kmr_source_close(t->source);
	free(t->caches);
	memset(t, 0, sizeof(*t));
}
