// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of /proc/zoneinfo (mm/vmstat.c: zoneinfo_show_print()).  Lines that it has no use
 * for are passed over, as kernels keep adding counters.
 */
#include "machine/zoneinfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/linereader.h"
#include "machine/internal.h"

struct reader {
	const char *path;
	struct kmr_zoneinfo_zone *zone;
	bool in_zone;
	uint64_t line;
};

/* Steps over @word and blanks when the text begins so. */
static bool word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len) || ((*p)[len] != ' ' && (*p)[len] != '\0'))
		return false;
	*p += len;
	kmr_skip_blanks(p);
	return true;
}

static int bad_line(const struct reader *r, const char *what, const char *found,
		    struct kmr_error *err)
{
	char buf[48];

	return kmr_fail(err, "%s:%" PRIu64 ": %s expected, found \"%s\"", r->path, r->line, what,
			kmr_excerpt(buf, sizeof(buf), found));
}

static int number(const struct reader *r, const char *p, uint64_t max, uint64_t *value,
		  struct kmr_error *err)
{
	const char *s = p;

	if (kmr_scan_u64(&s, max, value) < 0 || (*s && *s != ' '))
		return bad_line(r, "a number", p, err);
	return 0;
}

/* "protection: (0, 847, 1243, 1243)" */
static int protection(struct reader *r, const char *p, struct kmr_error *err)
{
	struct kmr_zoneinfo_zone *z = r->zone;
	const char *s = p;

	z->nr_protection = 0;
	if (*s++ != '(')
		return bad_line(r, "(", p, err);
	for (;;) {
		if (z->nr_protection == KMR_ZONEINFO_MAX_TYPES ||
		    kmr_scan_u64(&s, UINT64_MAX, &z->protection[z->nr_protection]) < 0)
			return bad_line(r, "a list of up to 8 numbers", p, err);
		z->nr_protection++;
		if (*s == ')')
			return 0;
		if (*s++ != ',')
			return bad_line(r, "a comma", s - 1, err);
		kmr_skip_blanks(&s);
	}
}

/* Within a zone's "pagesets"; 1: it was such a line. */
static int pageset_line(struct reader *r, const char *p, struct kmr_error *err)
{
	struct kmr_zoneinfo_zone *z = r->zone;
	uint64_t *value = NULL;
	uint64_t cpu;

	if (word(&p, "cpu:")) {
		if (number(r, p, KMR_MAX_CPUS - 1, &cpu, err) < 0)
			return -1;
		if (cpu != z->nr_cpus)
			return kmr_fail(err,
					"%s:%" PRIu64 ": cpu %" PRIu64 " where cpu %u should "
					"follow: only machines whose CPUs are all online will do",
					r->path, r->line, cpu, z->nr_cpus);
		z->cpus[z->nr_cpus++] = (struct kmr_zoneinfo_cpu){ 0 };
		return 1;
	}
	if (!z->nr_cpus)
		return 0;
	if (word(&p, "count:"))
		value = &z->cpus[z->nr_cpus - 1].count;
	else if (word(&p, "high:"))
		value = &z->cpus[z->nr_cpus - 1].high;
	else if (word(&p, "batch:"))
		value = &z->cpus[z->nr_cpus - 1].batch;
	else if (word(&p, "vm stats threshold:"))
		value = &z->cpus[z->nr_cpus - 1].threshold;
	if (!value)
		return 0;
	return number(r, p, INT32_MAX, value, err) < 0 ? -1 : 1;
}

static int zone_line(struct reader *r, const char *p, struct kmr_error *err)
{
	struct kmr_zoneinfo_zone *z = r->zone;
	const struct {
		const char *name;
		uint64_t *value;
	} fields[] = {
		{ "pages free", &z->free },
		{ "boost", &z->boost },
		{ "min", &z->min },
		{ "low", &z->low },
		{ "high", &z->high },
		{ "spanned", &z->spanned },
		{ "present", &z->present },
		{ "managed", &z->managed },
		{ "start_pfn:", &z->start_pfn },
		{ "nr_zone_inactive_anon", &z->lru[0] },
		{ "nr_zone_active_anon", &z->lru[1] },
		{ "nr_zone_inactive_file", &z->lru[2] },
		{ "nr_zone_active_file", &z->lru[3] },
	};
	size_t i;
	int ret;

	if (word(&p, "protection:"))
		return protection(r, p, err);
	if (word(&p, "promo"))
		z->promo = true;
	ret = pageset_line(r, p, err);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (word(&p, fields[i].name)) {
			z->has_start_pfn |= fields[i].value == &z->start_pfn;
			return number(r, p, UINT64_MAX >> 12, fields[i].value, err);
		}
	return 0;
}

static int begin_zone(struct reader *r, const char *text, struct kmr_error *err)
{
	struct kmr_zoneinfo_zone *z = r->zone;
	const char *p = text;

	memset(z, 0, sizeof(*z));
	if (kmr_scan_zone_head(&p, &z->node, z->name, sizeof(z->name)) < 0)
		return bad_line(r, "Node N, zone NAME", text, err);
	z->line = r->line;
	r->in_zone = true;
	return 0;
}

static int read_zones(struct reader *r, struct kmr_linereader *lr,
		      int (*zone)(void *ctx, const struct kmr_zoneinfo_zone *z,
				  struct kmr_error *err),
		      void *ctx, struct kmr_error *err)
{
	struct kmr_line line;
	int ret;

	while ((ret = kmr_linereader_next(lr, &line, err)) > 0) {
		const char *p = line.text;

		r->line = line.number;
		if (!line.complete)
			return kmr_fail(err, "%s:%" PRIu64 ": the last line is cut off", r->path,
					r->line);
		kmr_skip_blanks(&p);
		if (!strncmp(p, "Node ", 5)) {
			if (r->in_zone && zone(ctx, r->zone, err) < 0)
				return -1;
			ret = begin_zone(r, p, err);
		} else if (r->in_zone) {
			ret = zone_line(r, p, err);
		} else {
			ret = bad_line(r, "Node N, zone NAME", p, err);
		}
		if (ret < 0)
			return -1;
	}
	if (ret < 0)
		return -1;
	if (!r->in_zone)
		return kmr_fail(err, "%s: empty: a copy of /proc/zoneinfo expected", r->path);
	return zone(ctx, r->zone, err);
}

int kmr_zoneinfo_read(const char *path,
		      int (*zone)(void *ctx, const struct kmr_zoneinfo_zone *z,
				  struct kmr_error *err),
		      void *ctx, struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct reader r = { .path = path };
	int ret;

	if (!lr)
		return -1;
	r.zone = malloc(sizeof(*r.zone));
	if (r.zone)
		ret = read_zones(&r, lr, zone, ctx, err);
	else
		ret = kmr_fail_nomem(err, "a zone");
	free(r.zone);
	kmr_linereader_close(lr);
	return ret;
}
