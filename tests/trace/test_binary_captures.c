// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures that are there as trace.dat and as text: the same events, with the same ids for the same
 * strings.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/source.h"

#define BUNDLED	 KMR_SOURCE_ROOT "/traces/x86_64-6.12-dat"
#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"
#define BATCH	 512

struct side {
	struct kmr_source *source;
	struct kmr_event events[BATCH];
	ssize_t count;
};

static void open_side(struct side *s, const char *path)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_source_open(&s->source, path, NULL, &err), 0, "%s", err.msg);
}

static void read_side(struct side *s)
{
	struct kmr_error err = { "" };

	s->count = kmr_source_read(s->source, s->events, BATCH, &err);
	cr_assert_geq(s->count, 0, "%s", err.msg);
}

static void same_names(const struct side *a, const struct side *b, const struct kmr_event *ev)
{
	cr_assert_str_eq(kmr_source_task(a->source, ev->task),
			 kmr_source_task(b->source, ev->task));
	cr_assert_str_eq(kmr_source_site(a->source, ev->site),
			 kmr_source_site(b->source, ev->site));
	cr_assert_str_eq(kmr_source_cache(a->source, ev->cache),
			 kmr_source_cache(b->source, ev->cache));
}

/* @gfp_and_names: text that has them empty is compared without. */
static void compare(const char *binary, const char *text, bool gfp_and_names)
{
	static struct side a, b;
	const struct kmr_trace_info *i, *j;
	uint64_t n = 0;

	open_side(&a, binary);
	open_side(&b, text);
	do {
		read_side(&a);
		read_side(&b);
		cr_assert_eq(a.count, b.count);
		for (ssize_t k = 0; k < a.count; k++, n++) {
			if (!gfp_and_names) {
				/* the text has nothing where the binary knows */
				cr_assert(!b.events[k].gfp && !b.events[k].cache);
				a.events[k].gfp = 0;
				a.events[k].cache = 0;
				a.events[k].flags &= (uint8_t)~KMR_EVF_GFP_KNOWN;
			}
			cr_assert(!memcmp(&a.events[k], &b.events[k], sizeof(a.events[k])),
				  "event %llu of %s", (unsigned long long)n, binary);
			same_names(&a, &b, &b.events[k]);
		}
	} while (a.count);
	i = kmr_source_info(a.source);
	j = kmr_source_info(b.source);
	cr_assert_gt(n, 10000);
	cr_assert_eq(i->events, j->events);
	cr_assert(!memcmp(i->by_type, j->by_type, sizeof(i->by_type)));
	cr_assert_eq(i->foreign, j->foreign);
	cr_assert(!i->malformed && !j->malformed && i->lost == j->lost);
	cr_assert(i->pointer_bits == j->pointer_bits && i->max_pfn == j->max_pfn);
	cr_assert(i->has_gfp && !i->hashed_pointers && !j->hashed_pointers);
	kmr_source_close(a.source);
	kmr_source_close(b.source);
}

Test(binary_captures, bundled)
{
	compare(BUNDLED "/trace.dat", BUNDLED "/trace.txt.zst", true);
}

static bool present(void)
{
	return access(CAPTURES, R_OK) == 0;
}

Test(binary_captures, linux_6_12)
{
	if (!present())
		cr_skip_test("the captures are not here");
	compare(CAPTURES "/x86_64-6.12-up-dat/trace.dat.zst",
		CAPTURES "/x86_64-6.12-up-dat/trace.txt.zst", true);
}

/* This kernel's text has no flags and no names of caches; its records have. */
Test(binary_captures, linux_6_1)
{
	if (!present())
		cr_skip_test("the captures are not here");
	compare(CAPTURES "/x86_64-6.1-up-sqlite/trace.dat.zst",
		CAPTURES "/x86_64-6.1-up-sqlite/trace.txt.zst", false);
}
