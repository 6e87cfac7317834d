// SPDX-License-Identifier: GPL-2.0-only
#include "machine/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/linereader.h"
#include "machine/internal.h"
#include "machine/zoneinfo.h"

/* One file, line by line; @on_line gets what was asked for in @ctx. */
static int each_line(const char *path, void *ctx,
		     int (*on_line)(void *ctx, const char *path, const struct kmr_line *line,
				    struct kmr_error *err),
		     struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	int r;

	if (!lr)
		return -1;
	while ((r = kmr_linereader_next(lr, &line, err)) > 0) {
		r = on_line(ctx, path, &line, err);
		if (r < 0)
			break;
	}
	kmr_linereader_close(lr);
	return r < 0 ? -1 : 0;
}

/* "00100000-4ffd9fff : System RAM" */
static int iomem_line(void *ctx, const char *path, const struct kmr_line *line,
		      struct kmr_error *err)
{
	struct kmr_facts *f = ctx;
	struct kmr_iomem_range r = { .inside = line->text[0] == ' ' };
	const char *p = line->text + strspn(line->text, " ");

	if (!*p)
		return 0;
	if (kmr_scan_hex(&p, &r.start) || *p++ != '-' || kmr_scan_hex(&p, &r.last) ||
	    r.last < r.start || strncmp(p, " : ", 3))
		return kmr_fail(err, "%s:%" PRIu64 ": not a range of addresses: %.60s", path,
				line->number, line->text);
	if (f->nr_ranges == ARRAY_SIZE(f->ranges))
		return kmr_fail(err, "%s:%" PRIu64 ": more than %zu ranges", path, line->number,
				ARRAY_SIZE(f->ranges));
	kmr_printable(r.what, sizeof(r.what), p + 3, strlen(p + 3));
	f->ranges[f->nr_ranges++] = r;
	return 0;
}

/* An unprivileged reader sees zeroes in place of addresses. */
static int check_iomem(const struct kmr_facts *f, const char *path, struct kmr_error *err)
{
	for (unsigned int i = 0; i < f->nr_ranges; i++)
		if (!strcmp(f->ranges[i].what, "System RAM") && f->ranges[i].last)
			return 0;
	return kmr_fail(err, "%s: no range of System RAM with an address; only root sees them",
			path);
}

/* "Linux (none) 6.1.192 #1 SMP ... i686 GNU/Linux", or /proc/version without the machine */
static int uname_line(void *ctx, const char *path, const struct kmr_line *line,
		      struct kmr_error *err)
{
	static const struct {
		const char *machine;
		enum kmr_arch arch;
	} machines[] = {
		{ " i386 ", KMR_ARCH_I386 },	 { " i486 ", KMR_ARCH_I386 },
		{ " i586 ", KMR_ARCH_I386 },	 { " i686 ", KMR_ARCH_I386 },
		{ " x86_64 ", KMR_ARCH_X86_64 }, { " aarch64 ", KMR_ARCH_ARM64 },
		{ " alpha ", KMR_ARCH_ALPHA },
	};
	struct kmr_facts *f = ctx;
	uint64_t major = 0, minor = 0;
	const char *p = line->text;

	(void)path;
	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (strstr(line->text, machines[i].machine))
			f->arch = machines[i].arch;
	for (; (p = strchr(p, ' ')); p++) {
		const char *s = p + 1;

		if (kmr_scan_u64(&s, 99, &major) || *s++ != '.' || kmr_scan_u64(&s, 999, &minor))
			continue;
		kmr_printable(f->release, sizeof(f->release), p + 1, strcspn(p + 1, " "));
		/* what boot does differently came with 6.2 to 6.11, most of it with 6.10 */
		f->kernel =
			major > 6 || (major == 6 && minor >= 10) ? KMR_KERNEL_6_12 : KMR_KERNEL_6_1;
		break;
	}
	return 0;
}

static int cpuinfo_line(void *ctx, const char *path, const struct kmr_line *line,
			struct kmr_error *err)
{
	struct kmr_facts *f = ctx;

	(void)path;
	(void)err;
	if (!strncmp(line->text, "processor", 9))
		f->nr_cpus++;
	if (!strncmp(line->text, "flags", 5))
		f->no_gbpages = !strstr(line->text, " pdpe1gb");
	return 0;
}

static int meminfo_line(void *ctx, const char *path, const struct kmr_line *line,
			struct kmr_error *err)
{
	struct kmr_facts *f = ctx;

	(void)path;
	(void)err;
	if (!strncmp(line->text, "AnonHugePages:", 14))
		f->thp = true;
	return 0;
}

static int config_line(void *ctx, const char *path, const struct kmr_line *line,
		       struct kmr_error *err)
{
	struct kmr_facts *f = ctx;
	const char *p = line->text;
	uint64_t value;

	(void)path;
	(void)err;
	if (!strcmp(p, "CONFIG_X86_PAE=y"))
		f->pae = true;
	else if (!strcmp(p, "# CONFIG_DMA_CMA is not set") || !strcmp(p, "# CONFIG_CMA is not set"))
		f->no_cma = true;
	else if (!strcmp(p, "# CONFIG_HUGETLBFS is not set"))
		f->no_hugetlb = true;
	else if (!strncmp(p, "CONFIG_NR_CPUS=", 15) && (p += 15) && !kmr_scan_u64(&p, 8192, &value))
		f->max_cpus = (unsigned int)value;
	return 0;
}

static int cmdline_line(void *ctx, const char *path, const struct kmr_line *line,
			struct kmr_error *err)
{
	struct kmr_facts *f = ctx;

	(void)path;
	(void)err;
	if (line->number == 1)
		kmr_printable(f->command_line, sizeof(f->command_line), line->text, line->len);
	return 0;
}

static int pagetypeinfo_line(void *ctx, const char *path, const struct kmr_line *line,
			     struct kmr_error *err)
{
	static const char head[] = "Page block order: ";
	struct kmr_facts *f = ctx;
	const char *p = line->text + sizeof(head) - 1;
	uint64_t order;

	(void)path;
	(void)err;
	if (!strncmp(line->text, head, sizeof(head) - 1) &&
	    !kmr_scan_u64(&p, KMR_MAX_ORDERS - 1, &order))
		f->pageblock_order = (int)order;
	return 0;
}

/* A node's distances: "10 21", or with the file's name from sysfs and a colon before them. */
static int distance_line(void *ctx, const char *path, const struct kmr_line *line,
			 struct kmr_error *err)
{
	struct kmr_facts *f = ctx;
	const char *colon = strrchr(line->text, ':');
	const char *p = colon ? colon + 1 : line->text;
	uint64_t d;

	kmr_skip_blanks(&p);
	if (!*p)
		return 0;
	if (f->nr_nodes == KMR_MAX_NODES)
		return kmr_fail(err, "%s:%" PRIu64 ": more than %d nodes", path, line->number,
				KMR_MAX_NODES);
	for (unsigned int n = 0; n < KMR_MAX_NODES && !kmr_scan_u64(&p, UINT8_MAX, &d); n++) {
		f->distance[f->nr_nodes][n] = (uint8_t)d;
		f->has_distance |= n != f->nr_nodes && d != 20;
		kmr_skip_blanks(&p);
	}
	f->nr_nodes++;
	return *p ? kmr_fail(err, "%s:%" PRIu64 ": not distances up to 255: %.60s", path,
			     line->number, line->text)
		  : 0;
}

/* Where each node's memory begins. */
static int on_zone(void *ctx, const struct kmr_zoneinfo_zone *z, struct kmr_error *err)
{
	struct kmr_facts *f = ctx;

	if (z->node >= KMR_MAX_NODES)
		return kmr_fail(err, "node %u; at most %d nodes will do", z->node, KMR_MAX_NODES);
	if (z->node >= f->nr_nodes)
		f->nr_nodes = z->node + 1;
	if (!z->present)
		return 0;
	if (!f->has_node[z->node] || z->start_pfn < f->node_pfn[z->node])
		f->node_pfn[z->node] = z->start_pfn;
	f->has_node[z->node] = true;
	return 0;
}

/* The directory's name, or that of the one above "state". */
static void name_after(struct kmr_facts *f, const char *dir)
{
	size_t end = strlen(dir), start;

	while (end > 1 && dir[end - 1] == '/')
		end--;
	if (end > 6 && !strncmp(dir + end - 6, "/state", 6))
		end -= 6;
	for (start = end; start && dir[start - 1] != '/'; start--)
		;
	kmr_printable(f->name, sizeof(f->name), dir + start, end - start);
	if (!f->name[0] || f->name[0] == '/' || f->name[0] == '.')
		(void)snprintf(f->name, sizeof(f->name), "machine");
}

static int read_files(struct kmr_facts *f, const char *dir, struct kmr_error *err)
{
	static const struct {
		const char *name;
		int (*on_line)(void *ctx, const char *path, const struct kmr_line *line,
			       struct kmr_error *err);
	} files[] = {
		{ "version", uname_line },
		{ "uname", uname_line },
		{ "cpuinfo", cpuinfo_line },
		{ "meminfo", meminfo_line },
		{ "config", config_line },
		{ "cmdline", cmdline_line },
		{ "pagetypeinfo", pagetypeinfo_line },
		{ "distance", distance_line },
	};
	char path[4096];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!kmr_dump_path(path, sizeof(path), dir, files[i].name, NULL) &&
		    each_line(path, f, files[i].on_line, err))
			return -1;
	if (!kmr_dump_path(path, sizeof(path), dir, "zoneinfo", NULL) &&
	    kmr_zoneinfo_read(path, on_zone, f, err))
		return -1;
	return 0;
}

int kmr_facts_read(struct kmr_facts *f, const char *dir, struct kmr_error *err)
{
	char sub[4000], path[4096];

	memset(f, 0, sizeof(*f));
	f->arch = KMR_ARCH_X86_64;
	f->pageblock_order = -1;
	name_after(f, dir);
	if ((size_t)snprintf(sub, sizeof(sub), "%s/state", dir) >= sizeof(sub))
		return kmr_fail(err, "%.100s...: path too long", dir);
	if (kmr_dump_path(path, sizeof(path), sub, "iomem", NULL)) {
		(void)snprintf(sub, sizeof(sub), "%s", dir);
		if (kmr_dump_path(path, sizeof(path), sub, "iomem", NULL))
			return kmr_fail(err, "%s: no iomem, iomem.before or iomem.after there",
					dir);
	}
	if (each_line(path, f, iomem_line, err) || check_iomem(f, path, err))
		return -1;
	return read_files(f, sub, err);
}
