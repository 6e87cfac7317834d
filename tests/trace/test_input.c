// SPDX-License-Identifier: GPL-2.0-only
/* What can be wrong with an input, and what the source tells of a good one. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "feed.h"

#define HEADER "# tracer: nop\n#\n"
#define LINE                                                                                     \
	"          init-1       [000] d..1.    20.067457: mm_page_free: page=f6ac9180 pfn=0x70 " \
	"order=2\n"

static struct feed feed;

static void done(void)
{
	feed_done(&feed);
}

static void check_error(const char *needle)
{
	cr_assert_eq(feed.status, -1, "no error, but wanted: %s", needle);
	cr_expect(strstr(feed.err.msg, needle), "'%s' lacks '%s'", feed.err.msg, needle);
	cr_expect_null(strchr(feed.err.msg, '\n'));
}

Test(input, missing_file)
{
	feed_file(&feed, "/nonexistent/trace", NULL);
	check_error("/nonexistent/trace: cannot open: No such file or directory");
}

Test(input, directory)
{
	feed_file(&feed, "/tmp", NULL);
	check_error("/tmp: is a directory without a trace; a capture has trace.txt.zst,");
}

Test(input, empty_file)
{
	feed_text(&feed, "");
	check_error(": is empty, not a trace");
}

Test(input, binary_content)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	static const char nul[] = "abcdefg\0hij";

	feed_bytes(&feed, png, sizeof(png), NULL);
	check_error("is a PNG image");
	feed_bytes(&feed, nul, sizeof(nul), NULL);
	check_error("binary content (a NUL at byte 7)");
}

Test(input, formats_of_other_tools)
{
	feed_text(&feed, "\x17\x08\x44tracing6");
	check_error("the version is cut off at byte 11; the file is not whole");
	feed_text(&feed, "PERFILE2........");
	check_error(
		"is a perf.data file, not a trace that can be read: convert it with perf script "
		"--ns --show-lost-events -F comm,tid,cpu,time,event,trace -i /tmp/kmreplay-test-");
	feed_text(&feed, "\x1f\x8b\x08........");
	check_error("gzip -dc");
	feed_text(&feed, "\xfd"
			 "7zXZ.......");
	check_error("xz -dc");
	feed_text(&feed, "BZh91AY&SY");
	check_error("bzip2 -dc");
	feed_text(&feed, "\x04\x22\x4d\x18");
	check_error("lz4 -dc");
	feed_text(&feed, "\x7f"
			 "ELF");
	check_error("is an ELF file");
	/* as much as there need be of the longest */
	feed_text(&feed, "SQLite format 3");
	check_error("is an SQLite database");
}

Test(input, text_that_is_no_trace)
{
	feed_text(&feed, "Dear diary,\nat 12: 30 we met.\n");
	check_error("not an ftrace/perf trace: line 1 is 'Dear diary,'");
	feed_text(&feed, "\n\n");
	check_error("line 1 is ''");
	feed_text(&feed, "caf\xc3\xa9 ol\x01\n");
	check_error("line 1 is 'caf?"
		    "? ol?'");
}

/* Whether there is something in it is the caller's question. */
Test(input, trace_without_events, .fini = done)
{
	feed_text(&feed, HEADER);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.count, 0);
	cr_expect_str_eq(feed.info->format, "ftrace");
	cr_expect_eq(feed.info->lines, 2);
}

Test(input, text_before_the_trace, .fini = done)
{
	feed_text(&feed, "cat /sys/kernel/tracing/trace\n" LINE);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.count, 1);
	cr_expect_str_eq(feed.info->format, "trace_pipe");
}

Test(input, foreign_and_other_lines, .fini = done)
{
	feed_text(&feed,
		  HEADER "##### CPU 1 buffer started ####\n"
			 "          init-1       [000] d..1.    1.000000: sched_switch: "
			 "prev_comm=kfree: next=1\n"
			 "          init-1       [000] d..1.    1.000000: do_fork <-sys_fork\n"
			 "          init-1       [000] d..1.    1.000000: <stack trace>\n"
			 " => do_fork\n"
			 " => kmalloc\n"
			 "\n"
			 "          init-1       [000] d..1.    1.000000: sys_read(fd: 3, buf: 7f, "
			 "count: 1)\n" LINE);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.info->foreign, 4, "%" PRIu64, feed.info->foreign);
	cr_expect_eq(feed.info->malformed, 0, "%s", feed.info->first_malformed[0].text);
	cr_expect_eq(feed.info->events, 1);
	cr_expect_eq(feed.info->lines, 11);
}

Test(input, lost_events, .fini = done)
{
	feed_text(&feed, "# tracer: nop\n# entries-in-buffer/entries-written: 10/30   #P:2\n" LINE
			 "CPU:1 [LOST 12 EVENTS]\n" LINE "CPU:0 [LOST EVENTS]\n");
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.info->lost, 32);
	cr_expect_eq(feed.info->gaps, 2);
	cr_expect_eq(feed.info->by_type[KMR_EV_LOST], 2);
	cr_expect_eq(feed.count, 4);
	cr_expect_eq(feed.events[1].type, KMR_EV_LOST);
	cr_expect_eq(feed.events[1].time, 20067457000);
	cr_expect_eq(feed.info->nr_cpus, 2);
}

Test(input, time_going_backwards, .fini = done)
{
	feed_text(&feed, "a-1 [000] 5.0: mm_page_free: pfn=0x1 order=0\n"
			 "a-1 [001] 4.5: mm_page_free: pfn=0x2 order=0\n"
			 "a-1 [000] 5.5: mm_page_free: pfn=0x3 order=0\n");
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.info->backwards, 1);
	cr_expect_eq(feed.info->first_time, 5000000000);
	cr_expect_eq(feed.info->last_time, 5500000000);
}

Test(input, malformed_lines_are_kept_up_to_five, .fini = done)
{
	static const char bad[] =
		"          init-1       [000] d..1.    1.0: mm_page_free: order=1\n";
	char text[2048] = HEADER;

	for (int i = 0; i < 7; i++)
		strcat(text, bad);
	strcat(text, "mm_page_free: page=f6ac9180 pfn=0x70 order=2\n");
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.info->malformed, 8);
	cr_expect_eq(feed.info->first_malformed[0].line, 3);
	cr_expect_eq(feed.info->first_malformed[4].line, 7);
	cr_expect_str_eq(feed.info->first_malformed[4].reason, "no pfn=");
	cr_expect(!strncmp(feed.info->first_malformed[4].text, bad, strlen(bad) - 1));
}

Test(input, strict_fails_on_the_first_malformed_line)
{
	static const char text[] = HEADER LINE "  a-1 [000] 1.0: kfree: call_site=foo\n" LINE;
	struct kmr_source_options strict = { .strict = true };
	struct kmr_event ev;

	feed_bytes(&feed, text, sizeof(text) - 1, &strict);
	check_error(":4: malformed kfree: no ptr=, in '  a-1 [000] 1.0: kfree: call_site=foo'");
	cr_expect_eq(kmr_source_read(feed.source, &ev, 1, &feed.err), -1);
	feed_done(&feed);
}

Test(input, truncated_last_line, .fini = done)
{
	static const char *const cut[] = {
		"          init-1       [000] d..1.    20.067457: mm_page_free: page=f6ac9180 "
		"pfn=0x70",
		"  a-1 [000] 1.0: mm_page_alloc: page=f6ac9180 pfn=0x70 order=2 migratetype=0 "
		"gfp_flags=GFP_KER",
		"  a-1 [000] 1.0: kmem_cache_free: call_site=foo ptr=f6ac9180",
		"  a-1 [000] 1.0: kmalloc: call_site=foo ptr=f6ac9180 bytes_req=1 bytes_alloc=8 "
		"gfp_flags=none node=-1",
	};
	static const char before[] =
		"  a-1 [000] 1.0: kmem_cache_free: call_site=foo ptr=f6ac9180 name=\n"
		"  a-1 [000] 1.0: kmalloc: call_site=foo ptr=f6ac9180 bytes_req=1 bytes_alloc=8 "
		"gfp_flags=none node=-1 accounted=true\n";

	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		char text[1024];

		(void)snprintf(text, sizeof(text), "%s%s", before, cut[i]);
		feed_text(&feed, text);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_expect(feed.info->truncated, "%s", cut[i]);
		cr_expect_eq(feed.info->malformed, 1, "%s", cut[i]);
		cr_expect_eq(feed.info->events, 2, "%s", cut[i]);
		feed_done(&feed);
	}
	/* cut in its columns or its name, it is no event of ours */
	feed_text(&feed, LINE "          init-1       [000] d..1.    20.067457: mm_pa");
	cr_expect(feed.info->truncated);
	cr_expect_eq(feed.info->malformed, 0);
	feed_done(&feed);
	feed_text(&feed, LINE "          init-1       [000");
	cr_expect(feed.info->truncated);
	cr_expect_eq(feed.info->malformed, 0);
	feed_done(&feed);
	/* whole but for its newline */
	feed_bytes(&feed, LINE LINE, 2 * strlen(LINE) - 1, NULL);
	cr_expect_not(feed.info->truncated);
	cr_expect_eq(feed.info->events, 2);
}

static size_t build_long(char *text, size_t line)
{
	size_t len = 0;

	memcpy(text, LINE, strlen(LINE));
	len += strlen(LINE);
	memset(text + len, 'x', line);
	len += line;
	text[len++] = '\n';
	memcpy(text + len, LINE, strlen(LINE));
	return len + strlen(LINE);
}

Test(input, overlong_lines)
{
	static const size_t lengths[] = { 65536, 65537, 300000, 327680, 400000, 2000000 };
	char *text = malloc(3000000);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t len = build_long(text, lengths[i]);

		feed_bytes(&feed, text, len, NULL);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_expect_eq(feed.info->events, 2, "%zu: %" PRIu64, lengths[i], feed.info->events);
		cr_expect_eq(feed.info->lines, 3, "%zu: %" PRIu64, lengths[i], feed.info->lines);
		cr_expect_eq(feed.info->bytes, len, "%zu: %" PRIu64 " of %zu", lengths[i],
			     feed.info->bytes, len);
		cr_expect_eq(feed.info->malformed, lengths[i] > 65536, "%zu", lengths[i]);
		if (feed.info->malformed) {
			cr_expect_eq(feed.info->first_malformed[0].line, 2);
			cr_expect_str_eq(feed.info->first_malformed[0].reason,
					 "longer than 64 KiB");
		}
		feed_done(&feed);
	}
	free(text);
}

/* Blocks end anywhere: the same lines whatever their length does to the buffer's ends. */
Test(input, lines_across_blocks)
{
	static const size_t sizes[] = { 1000, 262144, 327680, 1000003 };
	char *text = malloc(1100000);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t lines = 0;
		size_t len = 0;

		while (len < sizes[i]) {
			len += (size_t)sprintf(text + len,
					       "%*s-1 [000] 5.0: mm_page_free: pfn=0x%" PRIx64
					       " order=0\n",
					       (int)(1 + lines % 37), "a", lines);
			lines++;
		}
		feed_bytes(&feed, text, len, NULL);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_expect_eq(feed.info->events, lines);
		cr_expect_eq(feed.info->max_pfn, lines - 1);
		cr_expect_eq(feed.info->bytes, len);
		feed_done(&feed);
	}
	free(text);
}

struct packed {
	char bytes[65536];
	size_t len;
};

/* @text as @frames frames with checksums. */
static void pack(struct packed *packed, const char *text, size_t len, size_t frames)
{
	ZSTD_CCtx *cctx = ZSTD_createCCtx();

	cr_assert_not_null(cctx);
	(void)ZSTD_CCtx_setParameter(cctx, ZSTD_c_checksumFlag, 1);
	packed->len = 0;
	for (size_t i = 0; i < frames; i++) {
		size_t from = len * i / frames;
		size_t to = len * (i + 1) / frames;
		size_t n =
			ZSTD_compress2(cctx, packed->bytes + packed->len,
				       sizeof(packed->bytes) - packed->len, text + from, to - from);

		cr_assert_not(ZSTD_isError(n));
		packed->len += n;
	}
	(void)ZSTD_freeCCtx(cctx);
}

static size_t random_trace(char *text, size_t size)
{
	uint32_t x = 7;
	size_t len = 0;

	while (len + 128 < size) {
		x = x * 1664525u + 1013904223u;
		len += (size_t)sprintf(text + len,
				       "init-1 [000] 5.0: mm_page_free: pfn=0x%x order=0\n", x);
	}
	return len;
}

Test(input, zstd, .fini = done)
{
	static struct packed packed;
	static char text[100000];
	size_t len = random_trace(text, sizeof(text));

	for (size_t frames = 1; frames <= 3; frames++) {
		feed_done(&feed);
		pack(&packed, text, len, frames);
		feed_bytes(&feed, packed.bytes, packed.len, NULL);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_expect_str_eq(feed.info->compression, "zstd");
		cr_expect_eq(feed.info->bytes, len);
		cr_expect_eq(feed.info->malformed, 0);
	}
}

Test(input, zstd_cut_off)
{
	static struct packed packed;
	static char text[100000];
	size_t len = random_trace(text, sizeof(text));
	char at[64];

	pack(&packed, text, len, 2);
	for (size_t cut = 5; cut < packed.len; cut += 997) {
		feed_bytes(&feed, packed.bytes, cut, NULL);
		(void)snprintf(at, sizeof(at), "cut off at byte %zu", cut);
		check_error(at);
		feed_done(&feed);
	}
}

Test(input, zstd_corrupt)
{
	static struct packed packed;
	static char text[100000];
	size_t len = random_trace(text, sizeof(text));

	pack(&packed, text, len, 1);
	memset(packed.bytes + packed.len / 2, 0xff, 200);
	feed_bytes(&feed, packed.bytes, packed.len, NULL);
	check_error("corrupt zstd frame near byte ");
	feed_done(&feed);
	/* a whole frame with other bytes behind it */
	pack(&packed, text, len, 1);
	memset(packed.bytes + packed.len, 'x', 64);
	feed_bytes(&feed, packed.bytes, packed.len + 64, NULL);
	check_error("corrupt zstd frame near byte ");
	feed_done(&feed);
}

Test(input, zstd_of_nothing_or_of_something_else)
{
	static struct packed packed;

	pack(&packed, "", 0, 1);
	feed_bytes(&feed, packed.bytes, packed.len, NULL);
	check_error("holds nothing once decompressed");
	pack(&packed, "a\0b", 3, 1);
	feed_bytes(&feed, packed.bytes, packed.len, NULL);
	check_error("NUL at byte 1 once decompressed");
}

Test(input, standard_input, .fini = done)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], HEADER LINE, strlen(HEADER LINE)),
		     (ssize_t)strlen(HEADER LINE));
	(void)close(ends[1]);
	cr_assert(dup2(ends[0], STDIN_FILENO) >= 0);
	feed_file(&feed, "-", NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_expect_eq(feed.count, 1);
	feed_done(&feed);
	feed_file(&feed, "-", NULL);
	check_error("standard input: is empty");
	(void)close(ends[0]);
}
