// SPDX-License-Identifier: GPL-2.0-only
/* Log-linear buckets: every value is in exactly one, which is narrow enough. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/loglin.h"

Test(base_loglin, buckets_follow_each_other)
{
	uint64_t next = 0;

	for (unsigned int b = 0; b < KMR_LOGLIN_BUCKETS; b++) {
		const uint64_t low = kmr_loglin_low(b), width = kmr_loglin_width(b);

		cr_assert_eq(low, next, "bucket %u begins at %" PRIu64, b, low);
		cr_assert_eq(kmr_loglin_bucket(low), b);
		cr_assert_eq(kmr_loglin_bucket(low + width - 1), b);
		cr_assert(width == 1 || width * 16 <= low, "bucket %u: width %" PRIu64, b, width);
		next = low + width;
	}
	cr_assert_eq(next, 0, "the last one ends at 2^64");
	cr_assert_eq(kmr_loglin_bucket(UINT64_MAX), KMR_LOGLIN_BUCKETS - 1);
}

/* The same of finer and of coarser ones. */
Test(base_loglin, of_other_widths)
{
	for (unsigned int bits = 1; bits <= 12; bits++) {
		uint64_t next = 0;

		for (unsigned int b = 0; b < KMR_LOGLIN_NR(bits); b++) {
			const uint64_t low = kmr_loglin_start(b, bits);
			const uint64_t span = kmr_loglin_span(b, bits);

			cr_assert_eq(low, next, "%u bits, bucket %u", bits, b);
			cr_assert_eq(kmr_loglin_find(low, bits), b);
			cr_assert_eq(kmr_loglin_find(low + span - 1, bits), b);
			cr_assert(span == 1 || span << bits <= low);
			next = low + span;
		}
		cr_assert_eq(next, 0, "%u bits: the last one ends at 2^64", bits);
	}
}

Test(base_loglin, known_values)
{
	/* value, lowest of its bucket, width */
	static const uint64_t known[][3] = {
		{ 0, 0, 1 },	   { 15, 15, 1 },	 { 16, 16, 1 },	      { 31, 31, 1 },
		{ 33, 32, 2 },	   { 63, 62, 2 },	 { 64, 64, 4 },	      { 100, 100, 4 },
		{ 1000, 992, 32 }, { 10000, 9728, 512 }, { 4096, 4096, 256 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const unsigned int b = kmr_loglin_bucket(known[i][0]);

		cr_expect_eq(kmr_loglin_low(b), known[i][1], "%" PRIu64, known[i][0]);
		cr_expect_eq(kmr_loglin_width(b), known[i][2], "%" PRIu64, known[i][0]);
	}
}

Test(base_loglin, counts)
{
	static struct kmr_loglin h;
	uint64_t n = 0;

	for (uint64_t v = 0; v < 5000; v++)
		kmr_loglin_add(&h, v);
	for (unsigned int b = 0; kmr_loglin_low(b) + kmr_loglin_width(b) <= 5000; b++) {
		cr_assert_eq(h.count[b], kmr_loglin_width(b), "bucket %u", b);
		n += h.count[b];
	}
	/* the last one is not full */
	cr_expect_eq(n + h.count[kmr_loglin_bucket(4999)], 5000);
}
