/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the captures are, and files for one test. */
#ifndef KMR_TESTS_MACHINE_SUPPORT_H
#define KMR_TESTS_MACHINE_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/machine.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"

/* A capture and the preset that describes its machine. */
struct capture {
	const char *name;
	const char *preset;
};

static const struct capture captures[] = {
	{ "i386-slub-compile", "i386" },
	{ "i386-slub-files", "i386:ram=1280M" },
	{ "i386-slab-compile", "i386:kernel=9068544" },
	{ "i386-slab-files", "i386:kernel=8856K" },
	{ "i386-slob-compile", "i386:kernel=9060352" },
	{ "i386-slob-files", "i386:kernel=8848K" },
	{ "i386-slub-smp2-shell", "i386:cpus=2" },
	{ "i386-slub-pressure", "i386:ram=320M" },
	{ "i386-slub-reclaim", "i386:ram=192M" },
	{ "x86_64-6.1-up-sqlite", "x86_64" },
	{ "x86_64-6.12-up-shell", "x86_64:version=6.12" },
	{ "x86_64-6.12-up-dat", "x86_64:ram=2G,version=6.12" },
	{ "x86_64-6.12-numa-compile", "x86_64:ram=6G,nodes=2,distance=21,cpus=4,version=6.12" },
	{ "x86_64-6.12-numa-reclaim", "x86_64:ram=360M,nodes=2,cpus=2,version=6.12" },
};

#define NR_CAPTURES (sizeof(captures) / sizeof(captures[0]))

/* Ends the test as skipped when the captures are not beside the source. */
static inline void need_captures(void)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures in " CAPTURES);
}

struct tmp {
	char dir[64];
	char path[128]; /* of the file written last */
};

static inline void tmp_begin(struct tmp *t)
{
	snprintf(t->dir, sizeof(t->dir), "/tmp/kmr-machine-XXXXXX");
	cr_assert_not_null(mkdtemp(t->dir));
}

static inline const char *tmp_write(struct tmp *t, const char *name, const void *data, size_t size)
{
	FILE *f;

	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	f = fopen(t->path, "w");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(data, 1, size, f), size);
	cr_assert_eq(fclose(f), 0);
	return t->path;
}

static inline void tmp_remove(struct tmp *t, const char *name)
{
	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	unlink(t->path);
}

static inline void tmp_end(struct tmp *t)
{
	cr_assert_eq(rmdir(t->dir), 0, "%s is not empty", t->dir);
}

static inline struct kmr_machine *new_machine(void)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));

	cr_assert_not_null(m);
	return m;
}

/* @text with the first @from replaced by @to; the caller frees it. */
static inline char *edited(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t size = strlen(text) + strlen(to) + 1;
	char *out = malloc(size);

	cr_assert_not_null(at, "\"%s\" is not in the text", from);
	cr_assert_not_null(out);
	snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out;
}

#define KMR_CHECK(field)                                                                        \
	cr_expect_eq(p->field, k->field, "%s, node %u zone %s: " #field " %llu, expected %llu", \
		     what, k->node, kmr_zone_name(k->type), (unsigned long long)p->field,       \
		     (unsigned long long)k->field)

/* Every figure of every zone, with a message that names it. */
static inline void compare_zones(const char *what, const struct kmr_machine *preset,
				 const struct kmr_machine *kernel)
{
	unsigned int i, t;

	cr_assert_eq(preset->nr_zones, kernel->nr_zones, "%s", what);
	for (i = 0; i < kernel->nr_zones; i++) {
		const struct kmr_zone_spec *p = &preset->zones[i], *k = &kernel->zones[i];

		KMR_CHECK(node);
		KMR_CHECK(type);
		KMR_CHECK(start_pfn);
		KMR_CHECK(spanned);
		KMR_CHECK(present);
		KMR_CHECK(managed);
		KMR_CHECK(wmark_min);
		KMR_CHECK(wmark_low);
		KMR_CHECK(wmark_high);
		KMR_CHECK(boost);
		KMR_CHECK(pcp_high);
		KMR_CHECK(pcp_batch);
		KMR_CHECK(stat_threshold);
		for (t = 0; t < KMR_ZONE_NR_TYPES; t++)
			KMR_CHECK(reserve[t]);
	}
}

#endif
