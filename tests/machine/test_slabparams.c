// SPDX-License-Identifier: GPL-2.0-only
/* slab_params and slabinfo: what caches are like, from files beside a trace. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kmreplay/slabparams.h"

static char dir[64];

static void make_dir(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/kmr-slabparams-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
}

static void path_of(char *path, size_t size, const char *name)
{
	(void)snprintf(path, size, "%s/%s", dir, name);
}

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof(path), name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

static void remove_dir(void)
{
	static const char *const names[] = { "slab_params", "slabinfo", "slabinfo.before" };
	char path[128];

	for (unsigned int i = 0; i < 3; i++) {
		path_of(path, sizeof(path), names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

TestSuite(slabparams, .init = make_dir, .fini = remove_dir);

Test(slabparams, none_is_no_error)
{
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_slabparams_read(&snap, dir, 4, &err), 0);
	cr_assert_eq(snap.nr_caches, 0);
	kmr_snapshot_free(&snap);
}

Test(slabparams, params_tell_constructors_by_the_layout)
{
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };

	put("slab_params", ":0000064 64 64 64 64 0 5 120 \n"
			   "filp 192 192 64 21 0 5 120 \n"
			   "ext4_inode_cache 736 744 8 11 1 5 52 \n"
			   "kmalloc-64 64 64 64 64 0 5 120 \n"
			   "sighand_cache 1300 1344 64 12 2 5 24 \n");
	/* the first of the files counts */
	put("slabinfo", "nonsense\n");
	cr_assert_eq(kmr_slabparams_read(&snap, dir, 4, &err), 1, "%s", err.msg);
	cr_assert_eq(snap.nr_caches, 4);
	cr_assert_str_eq(snap.caches[0].name, "filp");
	cr_assert_eq(snap.caches[0].object_size, 192);
	cr_assert_eq(snap.caches[0].align, 64);
	cr_assert_eq(snap.caches[0].flags, 0);
	cr_assert_eq(snap.caches[1].flags, KMR_CACHE_CTOR);
	cr_assert_eq(snap.caches[2].flags, KMR_CACHE_KMALLOC);
	/* rounding to the line hides the pointer behind the object */
	cr_assert_eq(snap.caches[3].flags, 0);
	kmr_snapshot_free(&snap);
}

Test(slabparams, slabinfo_has_sizes_alone)
{
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };

	put("slabinfo.before",
	    "slabinfo - version: 2.1\n"
	    "# name            <active_objs> <num_objs> <objsize> ...\n"
	    "dentry             5440   5440    128   32    1 : tunables    0    0    0\n");
	cr_assert_eq(kmr_slabparams_read(&snap, dir, 8, &err), 1, "%s", err.msg);
	cr_assert_eq(snap.nr_caches, 1);
	cr_assert_str_eq(snap.caches[0].name, "dentry");
	cr_assert_eq(snap.caches[0].size, 128);
	cr_assert_eq(snap.caches[0].align, 8);
	kmr_snapshot_free(&snap);
}

Test(slabparams, damage_is_told_with_file_and_line)
{
	static const struct {
		const char *file, *text, *message;
	} cases[] = {
		{ "slab_params", "filp 192 192 64\nfilp\n", "slab_params:2: a name, object size" },
		{ "slab_params", "filp 0 192 64\n", "slab_params:1: " },
		{ "slab_params", "filp 192 64 64\n", "slab_params:1: " },
		{ "slab_params", "filp 192 192 3\n", "slab_params:1: " },
		{ "slab_params", "filp 192 192 99999999999999999999\n", "slab_params:1: " },
		{ "slabinfo", "dentry 1 1\n", "slabinfo:1: a name, active objects" },
		{ "slabinfo", "dentry 1 1 0\n", "slabinfo:1: " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_snapshot snap;
		struct kmr_error err = { "" };
		char path[128];

		put(cases[i].file, cases[i].text);
		cr_expect_eq(kmr_slabparams_read(&snap, dir, 4, &err), -1, "case %zu", i);
		cr_expect_not_null(strstr(err.msg, cases[i].message), "case %zu: %s", i, err.msg);
		kmr_snapshot_free(&snap);
		path_of(path, sizeof(path), cases[i].file);
		(void)unlink(path);
	}
}
