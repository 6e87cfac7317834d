/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the captures are, and files for one test. */
#ifndef KMR_TESTS_REPLAY_SUPPORT_H
#define KMR_TESTS_REPLAY_SUPPORT_H

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"
#define BUNDLED	 KMR_SOURCE_ROOT "/traces"

/* gcc's and clang's way to tell */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct capture {
	char trace[256];
	char before[256];
	char after[256];
};

/* False when the capture is not there: neither beside the source nor bundled with it. */
static inline bool capture_in(struct capture *c, const char *dir, const char *name)
{
	(void)snprintf(c->trace, sizeof(c->trace), "%s/%s/trace.txt.zst", dir, name);
	(void)snprintf(c->before, sizeof(c->before), "%s/%s/state/kmsnap.before.zst", dir, name);
	(void)snprintf(c->after, sizeof(c->after), "%s/%s/state/kmsnap.after.zst", dir, name);
	return !access(c->trace, R_OK);
}

/* Ends the test as skipped when the capture is nowhere. */
static inline void need_capture(struct capture *c, const char *name)
{
	if (!capture_in(c, CAPTURES, name) && !capture_in(c, BUNDLED, name))
		cr_skip_test("no capture %s in " CAPTURES " or " BUNDLED, name);
}

static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void tmp_make(char *dir, size_t size)
{
	(void)snprintf(dir, size, "/tmp/kmr-replay-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
}

static inline void tmp_path(char *path, size_t size, const char *dir, const char *name)
{
	(void)snprintf(path, size, "%s/%s", dir, name);
}

static inline void tmp_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f, "%s", path);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

#endif
