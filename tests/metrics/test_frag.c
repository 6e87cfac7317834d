// SPDX-License-Identifier: GPL-2.0-only
/* The fragmentation indices against the kernels' own files, for every capture, zone and order. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "captures.h"
#include "kmreplay/frag.h"

#define MAX_LINES 16

struct dump {
	unsigned int nr_lines;
	unsigned int nr_orders;
	char zone[MAX_LINES][32];
	char word[MAX_LINES][KMR_MAX_ORDERS][16];
};

/* "Node 0, zone   Normal " and a word an order */
static void read_dump(struct dump *d, const char *capture, const char *file, const char *when)
{
	char path[512], line[512], *word, *state;
	unsigned int node;
	FILE *f;

	memset(d, 0, sizeof(*d));
	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/%s.%s", capture, file, when);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f) && d->nr_lines < MAX_LINES) {
		char zone[16];
		int used;

		cr_assert_eq(sscanf(line, "Node %u, zone %15s %n", &node, zone, &used), 2);
		(void)snprintf(d->zone[d->nr_lines], sizeof(d->zone[0]), "%u %s", node, zone);
		d->nr_orders = 0;
		for (word = strtok_r(line + used, " \n", &state); word;
		     word = strtok_r(NULL, " \n", &state))
			(void)snprintf(d->word[d->nr_lines][d->nr_orders++], 16, "%s", word);
		d->nr_lines++;
	}
	(void)fclose(f);
	cr_assert_gt(d->nr_lines, 0, "%s", path);
}

static int thousandths(const char *word)
{
	return (int)(strtod(word, NULL) * 1000 + (*word == '-' ? -0.5 : 0.5));
}

struct tally {
	unsigned int total, exact;
	int worst;
};

static void compare(struct tally *tally, const char *capture, const char *when, const char *file,
		    int (*index)(const uint64_t *, unsigned int, unsigned int))
{
	struct dump counts, kernel;
	uint64_t nr_free[KMR_MAX_ORDERS];
	unsigned int i, order;
	int off;

	read_dump(&counts, capture, "buddyinfo", when);
	read_dump(&kernel, capture, file, when);
	cr_assert_eq(counts.nr_lines, kernel.nr_lines);
	cr_assert_eq(counts.nr_orders, kernel.nr_orders);
	for (i = 0; i < counts.nr_lines; i++) {
		cr_assert_str_eq(counts.zone[i], kernel.zone[i]);
		for (order = 0; order < counts.nr_orders; order++)
			nr_free[order] = strtoull(counts.word[i][order], NULL, 10);
		for (order = 0; order < counts.nr_orders; order++) {
			off = abs(index(nr_free, counts.nr_orders, order) -
				  thousandths(kernel.word[i][order]));
			tally->total++;
			tally->exact += !off;
			if (off > tally->worst)
				tally->worst = off;
		}
	}
}

static void compare_capture(struct tally *tally, const char *capture)
{
	static const char *const whens[] = { "before", "after" };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		compare(tally, capture, whens[i], "unusable_index", kmr_unusable_index);
		compare(tally, capture, whens[i], "extfrag_index", kmr_extfrag_index);
	}
}

Test(frag, equals_the_kernels_files)
{
	unsigned int i;

	need_captures();
	for (i = 0; i < NR_CAPTURES; i++) {
		struct tally tally = { 0 };

		compare_capture(&tally, captures[i].name);
		if (captures[i].drifts) {
			/* the machine allocated between the reading of one file and the other */
			cr_expect_leq(tally.total - tally.exact, captures[i].drifts, "%s",
				      captures[i].name);
			cr_expect_leq(tally.worst, 17, "%s", captures[i].name);
		} else {
			cr_expect_eq(tally.exact, tally.total, "%s: %u of %u", captures[i].name,
				     tally.exact, tally.total);
		}
	}
}

Test(frag, nothing_free)
{
	static const uint64_t none[11] = { 0 };

	cr_expect_eq(kmr_unusable_index(none, 11, 0), 1000);
	cr_expect_eq(kmr_extfrag_index(none, 11, 0), 0);
}

Test(frag, one_page_is_too_small_and_too_little)
{
	static const uint64_t one[11] = { 1 };

	cr_expect_eq(kmr_unusable_index(one, 11, 0), 0);
	cr_expect_eq(kmr_unusable_index(one, 11, 1), 1000);
	cr_expect_eq(kmr_extfrag_index(one, 11, 0), -1000);
	/* 1000 - (1000 + 1000/2)/1: below zero, as the kernel has it */
	cr_expect_eq(kmr_extfrag_index(one, 11, 1), -500);
}

Test(frag, many_small_pages_are_fragmentation)
{
	static const uint64_t small[11] = { 100000 };

	cr_expect_eq(kmr_extfrag_index(small, 11, 10), 1000 - (1000 + 100000000 / 1024) / 100000);
	cr_expect_eq(kmr_unusable_index(small, 11, 10), 1000);
}
