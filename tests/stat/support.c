// SPDX-License-Identifier: GPL-2.0-only
#include "support.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/source.h"

static char text[1 << 20];
static size_t used;
static struct kmr_source *source;
static struct kmr_stat *stat_now;

__attribute__((format(printf, 1, 2))) static void append(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	used += (size_t)vsnprintf(text + used, sizeof(text) - used, format, ap);
	va_end(ap);
	cr_assert_lt(used, sizeof(text));
}

void event(unsigned int cpu, unsigned int ms, const char *name, const char *fields, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fields);
	(void)vsnprintf(line, sizeof(line), fields, ap);
	va_end(ap);
	append("  task-%u  [%03u] ..... %u.%03u000: %s: %s\n", cpu + 1, cpu, ms / 1000, ms % 1000,
	       name, line);
}

void object_alloc(unsigned int cpu, const char *name, const char *site, const char *ptr,
		  unsigned int req, unsigned int alloc)
{
	event(cpu, 1000, name,
	      SITE "%s/0x99 ptr=%s bytes_req=%u bytes_alloc=%u gfp_flags=GFP_KERNEL node=-1 "
		   "accounted=false",
	      site, ptr, req, alloc);
}

void object_free(unsigned int cpu, const char *ptr)
{
	event(cpu, 1000, "kfree", SITE "free+0x1/0x2 ptr=%s", ptr);
}

void cache_free(unsigned int cpu, const char *ptr, const char *cache)
{
	event(cpu, 1000, "kmem_cache_free", SITE "free+0x1/0x2 ptr=%s name=%s", ptr, cache);
}

void page_alloc(unsigned int pfn, unsigned int order, unsigned int migratetype, const char *gfp)
{
	event(0, 1000, "mm_page_alloc", "page=c%07x pfn=0x%x order=%u migratetype=%u gfp_flags=%s",
	      pfn * 32, pfn, order, migratetype, gfp);
}

void page_free(unsigned int pfn, unsigned int order)
{
	event(0, 1000, "mm_page_free", "page=c%07x pfn=0x%x order=%u", pfn * 32, pfn, order);
}

static void open_text(void)
{
	char path[] = "/tmp/kmreplay-stat-XXXXXX";
	struct kmr_error err = { "" };
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, used), (ssize_t)used);
	cr_assert_eq(close(fd), 0);
	cr_assert_eq(kmr_source_open(&source, path, NULL, &err), 0, "%s", err.msg);
	cr_assert_eq(unlink(path), 0);
	used = 0;
}

struct kmr_stat *begin(const struct kmr_stat_options *options)
{
	struct kmr_error err = { "" };

	open_text();
	cr_assert_eq(kmr_stat_new(&stat_now, options, &err), 0, "%s", err.msg);
	return stat_now;
}

void complete(void)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_stat_finish(stat_now, source, &err), 0, "%s", err.msg);
}

struct kmr_stat *statistics(const struct kmr_stat_options *options)
{
	static struct kmr_event events[100];
	struct kmr_error err = { "" };
	ssize_t n;

	(void)begin(options);
	while ((n = kmr_source_read(source, events, 100, &err)) > 0)
		cr_assert_eq(kmr_stat_feed(stat_now, events, (size_t)n, &err), 0, "%s", err.msg);
	cr_assert_eq(n, 0, "%s", err.msg);
	cr_assert_eq(kmr_source_info(source)->malformed, 0, "%s",
		     kmr_source_info(source)->first_malformed[0].text);
	complete();
	return stat_now;
}

void leave(void)
{
	kmr_stat_free(stat_now);
	kmr_source_close(source);
	stat_now = NULL;
	source = NULL;
}

struct kmr_stat_options everything(void)
{
	return (struct kmr_stat_options){ .slab = true,
					  .page = true,
					  .views = (1u << KMR_STAT_NR_VIEWS) - 1,
					  .stop = UINT64_MAX };
}

const struct kmr_stat_row *named(const struct kmr_stat *stat, enum kmr_stat_view view,
				 const char *name)
{
	const struct kmr_stat_row *found = NULL;

	for (size_t i = 0; i < kmr_stat_nr_rows(stat, view); i++) {
		const struct kmr_stat_row *row = kmr_stat_row(stat, view, i);

		if (strcmp(row->name, name))
			continue;
		cr_assert_null(found, "two rows of %s", name);
		found = row;
	}
	cr_assert_not_null(found, "no row of %s", name);
	return found;
}

const struct kmr_stat_row *at_address(const struct kmr_stat *stat, enum kmr_stat_view view,
				      uint64_t addr)
{
	for (size_t i = 0; i < kmr_stat_nr_rows(stat, view); i++)
		if (kmr_stat_row(stat, view, i)->addr == addr)
			return kmr_stat_row(stat, view, i);
	cr_assert_fail("no row of 0x%llx", (unsigned long long)addr);
	return NULL;
}
