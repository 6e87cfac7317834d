// SPDX-License-Identifier: GPL-2.0-only
#include "feed.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void feed_file(struct feed *feed, const char *path, const struct kmr_source_options *options)
{
	struct kmr_event spare[FEED_EVENTS];
	ssize_t n;

	memset(feed, 0, sizeof(*feed));
	feed->status = kmr_source_open(&feed->source, path, options, &feed->err);
	if (feed->status)
		return;
	feed->info = kmr_source_info(feed->source);
	n = kmr_source_read(feed->source, feed->events, FEED_EVENTS, &feed->err);
	feed->count = n > 0 ? (size_t)n : 0;
	while (n > 0)
		n = kmr_source_read(feed->source, spare, FEED_EVENTS, &feed->err);
	feed->status = n < 0 ? -1 : 0;
}

void feed_bytes(struct feed *feed, const void *bytes, size_t len,
		const struct kmr_source_options *options)
{
	char path[] = "/tmp/kmreplay-test-XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	cr_assert_eq(close(fd), 0);
	feed_file(feed, path, options);
	cr_assert_eq(unlink(path), 0);
}

void feed_text(struct feed *feed, const char *text)
{
	feed_bytes(feed, text, strlen(text), NULL);
}

void feed_done(struct feed *feed)
{
	kmr_source_close(feed->source);
}
