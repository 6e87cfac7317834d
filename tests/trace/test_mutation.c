// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of every shape with bytes changed, dropped, doubled and cut, seeded: nothing may be read
 * outside its bounds (run with sanitizers), every line has to be accounted for, and what comes out
 * has to be in range.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/source.h"

#define ROUNDS	   300
#define TEXT_BYTES 65536
#define SEED_BYTES 32768

static uint64_t state;

static uint32_t random32(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33);
}

static size_t load(char *seed, const char *name)
{
	char path[4300];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/trace/data/%s", KMR_SOURCE_ROOT, name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	n = fread(seed, 1, SEED_BYTES, f);
	(void)fclose(f);
	return n;
}

static void mutate(char *text, size_t *len)
{
	static const char spice[] = " :=()[]-./|0x9fGN\n\r\t\xff#+~,";
	uint32_t times = 1 + random32() % 400;

	while (times--) {
		size_t at = random32() % *len;
		size_t span = 1 + random32() % 12;

		if (at + span >= *len)
			continue;
		switch (random32() % 4) {
		case 0:
			text[at] = spice[random32() % (sizeof(spice) - 1)];
			break;
		case 1: /* never 0: that would be no text */
			text[at] = (char)(1 + random32() % 255);
			break;
		case 2:
			memmove(text + at, text + at + span, *len - at - span);
			*len -= span;
			break;
		default:
			if (*len + span > TEXT_BYTES)
				break;
			memmove(text + at + span, text + at, *len - at);
			*len += span;
			break;
		}
	}
	if (random32() % 4 == 0)
		*len -= random32() % (*len / 2);
}

static void check(const char *path, const char *what)
{
	struct kmr_error err = { "" };
	const struct kmr_trace_info *info;
	struct kmr_source *source;
	struct kmr_event events[64];
	uint64_t total = 0;
	ssize_t n;

	if (kmr_source_open(&source, path, NULL, &err)) {
		cr_assert_neq(err.msg[0], '\0');
		return;
	}
	info = kmr_source_info(source);
	while ((n = kmr_source_read(source, events, 64, &err)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			const struct kmr_event *ev = &events[i];

			cr_assert(ev->type > KMR_EV_NONE && ev->type < KMR_EV_NR_TYPES, "%s", what);
			if (ev->type <= KMR_EV_PAGE_EXTFRAG) {
				cr_assert_leq(ev->page.order, 31, "%s", what);
				cr_assert(ev->addr == KMR_EV_NO_PFN || ev->addr >> 52 == 0, "%s",
					  what);
			}
			cr_assert_geq(ev->node, -1, "%s", what);
			cr_assert_lt(ev->cpu, info->nr_cpus + 65536u, "%s", what);
		}
		total += (uint64_t)n;
	}
	cr_assert_eq(n, 0, "%s: %s", what, err.msg);
	cr_assert_eq(info->events, total, "%s", what);
	cr_assert_leq(info->events + info->foreign + info->malformed, info->lines, "%s", what);
	kmr_source_close(source);
}

static void mutate_file(const char *name)
{
	static char seed[SEED_BYTES];
	static char text[TEXT_BYTES];
	size_t seed_len = load(seed, name);

	for (uint32_t round = 0; round < ROUNDS; round++) {
		char path[] = "/tmp/kmreplay-test-XXXXXX";
		char what[128];
		size_t len = seed_len;
		int fd = mkstemp(path);

		state = round * UINT64_C(7919) + 1;
		(void)snprintf(what, sizeof(what), "%s, round %u", name, round);
		memcpy(text, seed, len);
		mutate(text, &len);
		cr_assert(fd >= 0);
		cr_assert_eq(write(fd, text, len), (ssize_t)len);
		(void)close(fd);
		check(path, what);
		(void)unlink(path);
	}
}

Test(mutation, ftrace)
{
	mutate_file("ftrace.txt");
}

Test(mutation, trace_cmd)
{
	mutate_file("trace-cmd.txt");
}

Test(mutation, latency)
{
	mutate_file("trace-cmd-latency.txt");
}

Test(mutation, perf)
{
	mutate_file("perf.txt");
}

Test(mutation, function_graph)
{
	mutate_file("function_graph.txt");
}
