// SPDX-License-Identifier: GPL-2.0-only
#include "kmreplay/slabparams.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/align.h"
#include "base/linereader.h"
#include "machine/internal.h"

#define MAX_SIZE   (1u << 28)
#define MAX_FIELDS 3u

/* " NAME N N N ...": the name and the first numbers. */
static int split(const char *line, char *name, size_t size, uint64_t *values, unsigned int nr)
{
	size_t len;

	kmr_skip_blanks(&line);
	len = strcspn(line, " \t");
	if (!len || len >= size)
		return -1;
	memcpy(name, line, len);
	name[len] = '\0';
	line += len;
	for (unsigned int i = 0; i < nr; i++) {
		kmr_skip_blanks(&line);
		if (kmr_scan_u64(&line, MAX_SIZE, &values[i]) < 0)
			return -1;
	}
	return 0;
}

/*
 * A pointer behind the object, beyond what rounding takes, is for free objects that nothing may be
 * written to: there is a constructor, or RCU readers.
 */
static uint32_t flags_of(const struct kmr_snap_cache *c, unsigned int word)
{
	const uint32_t rounded = kmr_align_up(c->object_size, word);
	uint32_t flags = 0;

	if (c->size > kmr_align_up(rounded, c->align))
		flags |= KMR_CACHE_CTOR;
	if (!strncmp(c->name, "kmalloc-", 8) || !strncmp(c->name, "dma-kmalloc-", 12))
		flags |= KMR_CACHE_KMALLOC;
	return flags;
}

static int add(struct kmr_snapshot *snap, const struct kmr_snap_cache *cache, struct kmr_error *err)
{
	struct kmr_snap_cache *c;

	if (snap->nr_caches >= KMR_SNAP_NO_CACHE)
		return kmr_fail(err, "more than %u caches", KMR_SNAP_NO_CACHE);
	c = kmr_snapshot_add_cache(snap);
	if (!c)
		return kmr_fail_nomem(err, "the parameters of caches");
	*c = *cache;
	return 0;
}

/* A line of slab_params: 1 added, 0 passed over, -1 wrong. */
static int params_line(struct kmr_snapshot *snap, const char *line, unsigned int word,
		       struct kmr_error *err)
{
	struct kmr_snap_cache c;
	uint64_t v[MAX_FIELDS];

	memset(&c, 0, sizeof(c));
	/* ":0000064" and the like stand for caches that were merged, which come by name, too */
	if (*line == ':' || !*line)
		return 0;
	if (split(line, c.name, sizeof(c.name), v, 3) || !v[0] || v[1] < v[0] || !v[2] ||
	    v[2] & (v[2] - 1))
		return kmr_fail(err, "a name, object size, size and alignment expected");
	c.object_size = (uint32_t)v[0];
	c.size = (uint32_t)v[1];
	c.align = (uint32_t)v[2];
	c.flags = flags_of(&c, word);
	return add(snap, &c, err);
}

/* A line of slabinfo, whose objsize is from object to object. */
static int info_line(struct kmr_snapshot *snap, const char *line, unsigned int word,
		     struct kmr_error *err)
{
	struct kmr_snap_cache c;
	uint64_t v[MAX_FIELDS];

	memset(&c, 0, sizeof(c));
	if (*line == '#' || !strncmp(line, "slabinfo", 8) || !*line)
		return 0;
	if (split(line, c.name, sizeof(c.name), v, 3) || !v[2])
		return kmr_fail(err, "a name, active objects, objects and object size expected");
	c.object_size = (uint32_t)v[2];
	c.size = (uint32_t)v[2];
	c.align = word;
	c.flags = flags_of(&c, word);
	return add(snap, &c, err);
}

static int read_file(struct kmr_snapshot *snap, const char *path, unsigned int word,
		     int (*read_line)(struct kmr_snapshot *snap, const char *line,
				      unsigned int word, struct kmr_error *err),
		     struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	int ret;

	if (!lr)
		return -1;
	while ((ret = kmr_linereader_next(lr, &line, err)) > 0) {
		struct kmr_error why;

		if (!read_line(snap, line.text, word, &why))
			continue;
		ret = kmr_fail(err, "%s:%" PRIu64 ": %s", path, line.number, why.msg);
		break;
	}
	kmr_linereader_close(lr);
	return ret ? -1 : 1;
}

int kmr_slabparams_read(struct kmr_snapshot *snap, const char *dir, unsigned int pointer_bytes,
			struct kmr_error *err)
{
	static const char *const names[] = { "slab_params", "slabinfo", "slabinfo.before" };
	char path[4096];

	memset(snap, 0, sizeof(*snap));
	for (unsigned int i = 0; i < 3; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dir, names[i]) >= (int)sizeof(path) ||
		    access(path, R_OK))
			continue;
		return read_file(snap, path, pointer_bytes, i ? info_line : params_line, err);
	}
	return 0;
}
