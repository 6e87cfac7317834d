// SPDX-License-Identifier: GPL-2.0-only
#include "support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/attribute.h"
#include "replay/tape.h"

static char *text;
static size_t used, room;
static const char *now_by = "task-1";
static unsigned int now_cpu;
static char trace_path[64];
static struct kmr_tape tape;
static struct fit_collect collected;
static struct fit_epoch sum;
static uint32_t chances = 1;

__attribute__((format(printf, 1, 0))) static void append(const char *format, va_list ap)
{
	if (room - used < 1024) {
		room = room ? 2 * room : 65536;
		text = realloc(text, room);
		cr_assert_not_null(text);
	}
	used += (size_t)vsnprintf(text + used, room - used, format, ap);
	cr_assert_lt(used, room);
}

__attribute__((format(printf, 1, 2))) static void appendf(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	append(format, ap);
	va_end(ap);
}

void by(const char *task, unsigned int cpu)
{
	now_by = task;
	now_cpu = cpu;
}

void event(uint64_t us, const char *name, const char *fields, ...)
{
	va_list ap;

	appendf("  %s  [%03u] ..... %" PRIu64 ".%06" PRIu64 ": %s: ", now_by, now_cpu, us / 1000000,
		us % 1000000, name);
	va_start(ap, fields);
	append(fields, ap);
	va_end(ap);
	appendf("\n");
}

void page_alloc(uint64_t us, uint64_t pfn, unsigned int order, unsigned int migratetype,
		const char *gfp)
{
	event(us, "mm_page_alloc",
	      "page=c%07" PRIx64 " pfn=0x%" PRIx64 " order=%u migratetype=%u gfp_flags=%s",
	      pfn * 32, pfn, order, migratetype, gfp);
}

void page_free(uint64_t us, uint64_t pfn, unsigned int order)
{
	event(us, "mm_page_free", "page=c%07" PRIx64 " pfn=0x%" PRIx64 " order=%u", pfn * 32, pfn,
	      order);
}

static void object_alloc(uint64_t us, const char *name, const char *site, uint64_t ptr,
			 unsigned int req, unsigned int alloc)
{
	event(us, name,
	      "call_site=%s/0x99 ptr=%08" PRIx64 " bytes_req=%u bytes_alloc=%u "
	      "gfp_flags=GFP_KERNEL node=-1 accounted=false",
	      site, ptr, req, alloc);
}

void kmalloc(uint64_t us, const char *site, uint64_t ptr, unsigned int req, unsigned int alloc)
{
	object_alloc(us, "kmalloc", site, ptr, req, alloc);
}

void cache_alloc(uint64_t us, const char *site, uint64_t ptr, unsigned int req, unsigned int alloc)
{
	object_alloc(us, "kmem_cache_alloc", site, ptr, req, alloc);
}

void kfree(uint64_t us, uint64_t ptr)
{
	event(us, "kfree", "call_site=free+0x1/0x2 ptr=%08" PRIx64, ptr);
}

void cache_free(uint64_t us, uint64_t ptr, const char *cache)
{
	event(us, "kmem_cache_free", "call_site=free+0x1/0x2 ptr=%08" PRIx64 " name=%s", ptr,
	      cache);
}

void write_text(const char *all)
{
	free(text);
	used = strlen(all);
	room = used + 1;
	text = strdup(all);
	cr_assert_not_null(text);
}

const char *write_trace(void)
{
	size_t done = 0;
	int fd;

	(void)snprintf(trace_path, sizeof(trace_path), "/tmp/kmreplay-fit-XXXXXX");
	fd = mkstemp(trace_path);
	cr_assert_geq(fd, 0);
	while (done < used) {
		const ssize_t n = write(fd, text + done, used - done);

		cr_assert_gt(n, 0);
		done += (size_t)n;
	}
	(void)close(fd);
	free(text);
	text = NULL;
	used = room = 0;
	by("task-1", 0);
	return trace_path;
}

const struct fit_collect *collect(bool objects, enum kmr_fit_by how)
{
	const struct kmr_source_options options = { .strict = true };
	struct kmr_attribution attribution;
	struct kmr_error err = { "" };
	struct fit_collect_config config = { .by = how, .objects = objects };

	cr_assert_eq(kmr_tape_record(&tape, write_trace(), &options, NULL, NULL, &err), 0, "%s",
		     err.msg);
	(void)unlink(trace_path);
	cr_assert_eq(kmr_attribute(&tape, NULL, &attribution, &err), 0, "%s", err.msg);
	config.source = tape.source;
	config.duration = tape.info->last_time - tape.info->first_time;
	cr_assert_eq(fit_collect_init(&collected, &config), 0);
	cr_assert_eq(fit_collect_feed(&collected, tape.events, tape.count), 0);
	cr_assert_eq(fit_collect_end(&collected), 0);
	return &collected;
}

void leave(void)
{
	fit_collect_fini(&collected);
	kmr_tape_free(&tape);
	fit_epoch_fini(&sum);
	memset(&sum, 0, sizeof(sum));
}

const struct fit_class *page_class(const struct fit_collect *c, unsigned int order)
{
	for (size_t i = 0; i < c->classes.nr; i++)
		if (c->classes.class[i] -> key.kind == FIT_PAGES &&
						   c->classes.class[i] -> key.order == order)
			return c->classes.class[i];
	cr_assert_fail("no class of order %u", order);
	return NULL;
}

const struct fit_class *site_class(const struct fit_collect *c, const char *site)
{
	for (size_t i = 0; i < c->classes.nr; i++)
		if (!strcmp(kmr_source_site(tape.source, c->classes.class[i] -> key.site), site))
			return c->classes.class[i];
	cr_assert_fail("no class of %s", site);
	return NULL;
}

const struct fit_epoch *whole(const struct fit_class *class)
{
	fit_epoch_fini(&sum);
	memset(&sum, 0, sizeof(sum));
	for (unsigned int i = 0; i < FIT_EPOCHS; i++)
		if (class->epochs[i])
			cr_assert_eq(fit_epoch_merge(&sum, class->epochs[i]), 0);
	return &sum;
}

uint32_t chance(uint32_t below)
{
	/* xorshift, Marsaglia 2003 */
	chances ^= chances << 13;
	chances ^= chances >> 17;
	chances ^= chances << 5;
	return chances % below;
}
