// SPDX-License-Identifier: GPL-2.0-only
/*
 * What dumps beside a zoneinfo or a snapshot tell about a machine: node distances, RAM ranges,
 * whether there are huge pages.  They are optional; one that is there must make sense.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/linereader.h"
#include "machine/internal.h"

int kmr_dump_path(char *path, size_t size, const char *dir, const char *name, const char *suffix)
{
	static const char *const suffixes[] = { "", ".before", ".after" };
	size_t i;

	if (suffix) {
		if ((size_t)snprintf(path, size, "%s/%s%s", dir, name, suffix) >= size)
			return -1;
		return access(path, F_OK);
	}
	for (i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (!kmr_dump_path(path, size, dir, name, suffixes[i]))
			return 0;
	return -1;
}

/* One line of distances: "10 21", or with a file name from sysfs and a colon before it. */
static int read_distance_line(struct kmr_machine *m, const char *path, const struct kmr_line *line,
			      unsigned int node, struct kmr_error *err)
{
	const char *colon = strrchr(line->text, ':');
	const char *p = colon ? colon + 1 : line->text;
	unsigned int i;

	for (i = 0; i < m->nr_nodes; i++) {
		uint64_t d;

		kmr_skip_blanks(&p);
		if (kmr_scan_u64(&p, UINT8_MAX, &d) < 0 || d < 10)
			return kmr_fail(err, "%s:%" PRIu64 ": not %u distances from 10 to 255",
					path, line->number, m->nr_nodes);
		m->distance[node][i] = (uint8_t)d;
	}
	return 0;
}

static int read_distance(struct kmr_machine *m, const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	unsigned int node = 0;
	int r;

	if (!lr)
		return -1;
	while ((r = kmr_linereader_next(lr, &line, err)) > 0) {
		if (!line.len)
			continue;
		if (node == m->nr_nodes)
			r = kmr_fail(err, "%s:%" PRIu64 ": distances of more than %u nodes", path,
				     line.number, m->nr_nodes);
		else
			r = read_distance_line(m, path, &line, node++, err);
		if (r < 0)
			break;
	}
	kmr_linereader_close(lr);
	if (r == 0 && node < m->nr_nodes)
		r = kmr_fail(err, "%s: distances of %u nodes, but the machine has %u", path, node,
			     m->nr_nodes);
	return r;
}

/* "00100000-4ffd9fff : System RAM", not indented; the whole pages of the range. */
static int read_iomem(struct kmr_machine *m, const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	uint64_t page = ((uint64_t)1 << m->page_shift) - 1;
	struct kmr_line line;
	int r;

	if (!lr)
		return -1;
	m->nr_ram = 0;
	while ((r = kmr_linereader_next(lr, &line, err)) > 0) {
		const char *p = line.text;
		uint64_t start, last;

		if (!strstr(p, ": System RAM") || *p == ' ')
			continue;
		if (kmr_scan_hex(&p, &start) < 0 || *p++ != '-' || kmr_scan_hex(&p, &last) < 0 ||
		    last < start || last == UINT64_MAX) {
			r = kmr_fail(err, "%s:%" PRIu64 ": not a range of addresses: %.60s", path,
				     line.number, line.text);
			break;
		}
		start = (start + page) >> m->page_shift;
		last = (last + 1) >> m->page_shift;
		if (start >= last)
			continue;
		if (m->nr_ram == KMR_MAX_RAM_RANGES) {
			r = kmr_fail(err, "%s:%" PRIu64 ": more than %d ranges of RAM", path,
				     line.number, KMR_MAX_RAM_RANGES);
			break;
		}
		m->ram[m->nr_ram++] = (struct kmr_ram_range){ start, last };
	}
	kmr_linereader_close(lr);
	return r;
}

/* An unprivileged reader of /proc/iomem sees zeroes: of no use, but no error. */
static void drop_blank_iomem(struct kmr_machine *m)
{
	uint64_t pages = 0, present = 0;
	unsigned int i;

	for (i = 0; i < m->nr_ram; i++)
		pages += m->ram[i].end_pfn - m->ram[i].start_pfn;
	for (i = 0; i < m->nr_zones; i++)
		present += m->zones[i].present;
	if (pages < present)
		m->nr_ram = 0;
}

/* The line is there when the kernel was built with transparent huge pages. */
static int read_meminfo(struct kmr_machine *m, const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	int r;

	if (!lr)
		return -1;
	m->thp = false;
	while ((r = kmr_linereader_next(lr, &line, err)) > 0)
		if (!strncmp(line.text, "AnonHugePages:", 14))
			m->thp = true;
	kmr_linereader_close(lr);
	return r;
}

int kmr_machine_read_dumps(struct kmr_machine *m, const char *dir, struct kmr_error *err)
{
	char path[4096];

	if (!kmr_dump_path(path, sizeof(path), dir, "distance", NULL) &&
	    read_distance(m, path, err) < 0)
		return -1;
	if (!kmr_dump_path(path, sizeof(path), dir, "meminfo", NULL) &&
	    read_meminfo(m, path, err) < 0)
		return -1;
	if (!kmr_dump_path(path, sizeof(path), dir, "iomem", NULL)) {
		if (read_iomem(m, path, err) < 0)
			return -1;
		drop_blank_iomem(m);
	}
	return 0;
}
