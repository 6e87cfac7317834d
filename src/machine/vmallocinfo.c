// SPDX-License-Identifier: GPL-2.0-only
#include "kmreplay/vmallocinfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/linereader.h"
#include "machine/internal.h"

struct list {
	struct kmr_vmallocinfo *info;
	size_t cap;
};

/* "0x…", 1 to 16 digits, stepped over. */
static int scan_address(const char **p, uint64_t *value)
{
	const char *s = *p;
	size_t len;

	if (s[0] != '0' || s[1] != 'x')
		return -1;
	s += 2;
	len = strspn(s, "0123456789abcdef");
	if (!len || len > 16)
		return -1;
	*value = strtoull(s, NULL, 16);
	*p = s + len;
	return 0;
}

/* "0xf7bfe000-0xf7c00000    8192 acpi_os_map_iomem+0x1f7/0x230 phys=…"; mm/vmalloc.c, s_show() */
static int read_line(struct list *list, const char *text, struct kmr_error *err)
{
	struct kmr_vmallocinfo_area area, *areas;
	const char *p = text;
	uint64_t size;

	if (!*text)
		return 0;
	if (scan_address(&p, &area.start) || *p++ != '-' || scan_address(&p, &area.end))
		return kmr_fail(err, "an area's addresses expected, as 0x1000-0x3000");
	kmr_skip_blanks(&p);
	if (kmr_scan_u64(&p, UINT64_MAX, &size) < 0 || area.end <= area.start ||
	    area.end - area.start != size)
		return kmr_fail(err, "the size of 0x%" PRIx64 "-0x%" PRIx64 " expected, %" PRIu64,
				area.start, area.end, area.end - area.start);
	area.lazy = strstr(p, "unpurged vm_area") != NULL;
	areas = kmr_grow(list->info->areas, list->info->nr, &list->cap, sizeof(*areas));
	if (!areas)
		return kmr_fail_nomem(err, "areas in use");
	list->info->areas = areas;
	areas[list->info->nr++] = area;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct kmr_vmallocinfo_area *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Later kernels print them node by node. */
static int sort(struct kmr_vmallocinfo *info, const char *path, struct kmr_error *err)
{
	qsort(info->areas, info->nr, sizeof(*info->areas), by_start);
	for (size_t i = 1; i < info->nr; i++)
		if (info->areas[i].start < info->areas[i - 1].end)
			return kmr_fail(err,
					"%s: areas 0x%" PRIx64 "-0x%" PRIx64 " and 0x%" PRIx64
					"-0x%" PRIx64 " overlap",
					path, info->areas[i - 1].start, info->areas[i - 1].end,
					info->areas[i].start, info->areas[i].end);
	return 0;
}

/*
 * Without privileges, %pK prints zeroes; "(____ptrval____)" before there is a key to hash with.  With
 * kptr_restrict 0 it prints a hash of 32 bits, with zeroes before it on 64-bit kernels, where nothing
 * is mapped that low; on others it is told by not being the address of a page.
 */
static bool is_hidden(const char *text)
{
	uint64_t start;

	if (!strncmp(text, "0x00000000", 10) || !strncmp(text, "0x(", 3))
		return true;
	return !scan_address(&text, &start) && start % 4096;
}

static int read_file(struct list *list, const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	bool hidden = false;
	int ret;

	if (!lr)
		return -1;
	while (!hidden && (ret = kmr_linereader_next(lr, &line, err)) > 0) {
		struct kmr_error why;

		hidden = is_hidden(line.text);
		if (hidden || !read_line(list, line.text, &why))
			continue;
		ret = kmr_fail(err, "%s:%" PRIu64 ": %s", path, line.number, why.msg);
		break;
	}
	kmr_linereader_close(lr);
	if (hidden) {
		list->info->nr = 0;
		return 0;
	}
	return ret < 0 || sort(list->info, path, err) ? -1 : 1;
}

int kmr_vmallocinfo_read(struct kmr_vmallocinfo *info, const char *dir, const char *suffix,
			 struct kmr_error *err)
{
	struct list list = { info, 0 };
	char path[4096];

	memset(info, 0, sizeof(*info));
	if (kmr_dump_path(path, sizeof(path), dir, "vmallocinfo", suffix))
		return 0;
	return read_file(&list, path, err);
}

void kmr_vmallocinfo_free(struct kmr_vmallocinfo *info)
{
	free(info->areas);
	memset(info, 0, sizeof(*info));
}
