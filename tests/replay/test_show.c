// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's files, recomputed from its snapshots by what serves runs, against what the kernel
 * printed: buddyinfo, pagetypeinfo, extfrag_index, unusable_index, slabinfo of every capture.
 *
 * The files were not read at the moment of the snapshot.  Those of before the trace: first the files,
 * one after the other, then tracing was switched on, then the snapshot was taken, for which the
 * kernel allocated 48 MiB and more; and events tell of all that left the free lists.  So the model is
 * put into the snapshot's state and what the events tell is taken back, the last first; the state
 * that comes out is that of the files, to the digit.  Those of after the trace were read after the
 * second snapshot, when tracing was off again, and nothing tells what happened in between.
 *
 * So the lines that differ are counted, file by file, and the numbers are known.
 */
#include "kmreplay/show.h"

#include "kmreplay/replay.h"
#include "kmreplay/source.h"
#include "replay/setup.h"
#include "support.h"

#define MAX_LINES 512

struct lines {
	char *line[MAX_LINES];
	unsigned int nr;
};

static void add_line(struct lines *l, const char *text, size_t len)
{
	cr_assert_lt(l->nr, MAX_LINES);
	l->line[l->nr] = strndup(text, len);
	cr_assert_not_null(l->line[l->nr++]);
}

static void free_lines(struct lines *l)
{
	while (l->nr)
		free(l->line[--l->nr]);
}

static int keep_line(void *ctx, enum kmr_shown shown, const char *line)
{
	struct lines *all = ctx;

	add_line(&all[shown], line, strlen(line));
	return 0;
}

/* The kernel's file; one that is empty or not there has no lines. */
static void read_file(struct lines *l, const char *dir, enum kmr_shown shown, const char *when)
{
	char path[512], *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/state/%s.%s", dir, kmr_shown_name(shown), when);
	f = fopen(path, "r");
	while (f && (len = getline(&line, &size, f)) > 0)
		add_line(l, line, (size_t)len - (line[len - 1] == '\n'));
	free(line);
	if (f)
		(void)fclose(f);
}

static unsigned int count_differing(const struct lines *got, const struct lines *want,
				    const char *what)
{
	unsigned int differing = 0;

	cr_expect_eq(got->nr, want->nr, "%s: %u lines, not %u", what, got->nr, want->nr);
	for (unsigned int i = 0; i < got->nr && i < want->nr; i++)
		differing += strcmp(got->line[i], want->line[i]) != 0;
	return differing;
}

/* How many lines of each file differ. */
static void compare(unsigned int *differing, struct lines *got, const char *dir, const char *when)
{
	for (unsigned int i = 0; i < KMR_NR_SHOWN; i++) {
		struct lines want = { .nr = 0 };
		char what[512];

		(void)snprintf(what, sizeof(what), "%s, %s.%s", dir,
			       kmr_shown_name((enum kmr_shown)i), when);
		read_file(&want, dir, (enum kmr_shown)i, when);
		differing[i] = count_differing(&got[i], &want, what);
		free_lines(&want);
		free_lines(&got[i]);
	}
}

static struct kmr_snapshot *read_snapshot(const char *path)
{
	struct kmr_snapshot *snap = calloc(1, sizeof(*snap));
	struct kmr_error err;

	cr_assert_not_null(snap);
	cr_assert_eq(kmr_snapshot_read(snap, path, &err), 0, "%s", err.msg);
	return snap;
}

/* The snapshot itself against the files. */
static void compare_snapshot(unsigned int *differing, const char *dir, const char *path,
			     const char *when)
{
	struct lines got[KMR_NR_SHOWN] = { { .nr = 0 } };
	const struct kmr_show show = { .what = (1u << KMR_NR_SHOWN) - 1,
				       .line = keep_line,
				       .ctx = got };
	struct kmr_snapshot *snap = read_snapshot(path);
	struct kmr_error err;

	cr_assert_eq(kmr_show_snapshot(&show, snap, &err), 0, "%s", err.msg);
	compare(differing, got, dir, when);
	kmr_snapshot_free(snap);
	free(snap);
}

/* The events about free lists that the trace has before the snapshot's marker. */
static struct kmr_event *read_prelude(const char *trace, unsigned int seq, size_t *nr)
{
	const struct kmr_source_options options = { .strict = false };
	struct kmr_event batch[512], *events = NULL;
	struct kmr_source *source;
	bool found = false;
	struct kmr_error err;
	ssize_t n;

	*nr = 0;
	cr_assert_eq(kmr_source_open(&source, trace, &options, &err), 0, "%s", err.msg);
	while (!found && (n = kmr_source_read(source, batch, 512, &err)) > 0) {
		events = realloc(events, (*nr + (size_t)n) * sizeof(*events));
		cr_assert_not_null(events);
		for (ssize_t i = 0; i < n && !found; i++) {
			const struct kmr_event *ev = &batch[i];

			found = ev->type == KMR_EV_MARK && ev->addr == seq;
			if (ev->type == KMR_EV_PAGE_REFILL || ev->type == KMR_EV_PAGE_DRAIN ||
			    ev->type == KMR_EV_PAGE_EXTFRAG)
				events[(*nr)++] = *ev;
		}
	}
	kmr_source_close(source);
	cr_assert(found, "%s has no marker", trace);
	return events;
}

static void put_back(const struct kmr_page_ops *ops, struct kmr_page_backend *b, kmr_pfn_t pfn,
		     unsigned int order, unsigned int migratetype)
{
	ops->take(b, pfn, order, false);
	ops->buddy_put(b, pfn, order, migratetype, 0);
}

static bool all_free(const struct kmr_page_ops *ops, const struct kmr_page_backend *b,
		     kmr_pfn_t pfn, unsigned int order)
{
	for (uint32_t i = 0; i < 1u << order; i++) {
		struct kmr_frame_info info;

		ops->where(b, pfn + i, &info);
		if (info.place != KMR_FRAME_BUDDY)
			return false;
	}
	return true;
}

static void take_back(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, const struct kmr_event *ev)
{
	const kmr_pfn_t pfn = (kmr_pfn_t)ev->addr;
	const unsigned int order = ev->page.fallback_order;

	switch (ev->type) {
	case KMR_EV_PAGE_REFILL:
		put_back(ops, b, pfn, ev->page.order, ev->page.migratetype);
		return;
	case KMR_EV_PAGE_DRAIN:
		ops->take(b, pfn, ev->page.order, false);
		return;
	default:
		break;
	}
	if (ops->extfrag_takes)
		put_back(ops, b, pfn, ev->page.order, ev->page.migratetype);
	/* whole pageblocks changed their type */
	if (order < m->pageblock_order || !all_free(ops, b, pfn & ~((1u << order) - 1), order))
		return;
	for (uint32_t i = 0; i < 1u << order; i += 1u << m->pageblock_order)
		ops->set_pageblock(b, (pfn & ~((1u << order) - 1)) + i,
				   ev->page.fallback_migratetype);
	put_back(ops, b, pfn & ~((1u << order) - 1), order, ev->page.fallback_migratetype);
}

static void show_state(struct lines *got, const struct kmr_snapshot *snap,
		       const struct kmr_page_ops *ops, struct kmr_page_backend *b)
{
	const struct kmr_show show = { .what = (1u << KMR_SHOWN_SLABINFO) - 1,
				       .line = keep_line,
				       .ctx = got };
	struct kmr_zone_state *zones = calloc(snap->machine.nr_zones, sizeof(*zones));
	struct kmr_survey *survey;
	struct kmr_sample sample = { .zones = zones };
	struct kmr_store *store;
	struct kmr_error err;

	cr_assert_not_null(zones);
	cr_assert_eq(ops->check(b, &err), 0, "%s", err.msg);
	for (unsigned int i = 0; i < snap->machine.nr_zones; i++)
		ops->zone_state(b, i, &zones[i]);
	cr_assert_eq(kmr_survey_create(&survey, &snap->machine, &err), 0);
	ops->survey(b, survey, 0);
	sample.surveys = kmr_survey_zones(survey);
	cr_assert_eq(kmr_store_create(&store, NULL, &snap->machine, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_sample(store, &sample, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_show(store, &show, &err), 0, "%s", err.msg);
	kmr_store_discard(store);
	kmr_survey_destroy(survey);
	free(zones);
}

/* The snapshot without what the trace tells to have happened since the files were read. */
static void compare_earlier(unsigned int *differing, const char *dir, const struct capture *c)
{
	struct lines got[KMR_NR_SHOWN] = { { .nr = 0 } };
	struct kmr_snapshot *snap = read_snapshot(c->before);
	char why[KMR_BACKEND_WHY];
	const struct kmr_page_ops *ops =
		kmr_page_backend_find(kmr_setup_page_backend(snap, &snap->machine, why));
	struct kmr_page_backend *b;
	struct kmr_error err;
	struct kmr_event *events;
	size_t nr;

	b = ops->create(&snap->machine, NULL, &err);
	cr_assert_not_null(b, "%s", err.msg);
	cr_assert_eq(ops->load(b, snap, &err), 0, "%s", err.msg);
	events = read_prelude(c->trace, snap->seq, &nr);
	while (nr)
		take_back(&snap->machine, ops, b, &events[--nr]);
	show_state(got, snap, ops, b);
	for (unsigned int i = 0; i < KMR_SHOWN_SLABINFO; i++) {
		struct lines want = { .nr = 0 };

		read_file(&want, dir, (enum kmr_shown)i, "before");
		differing[i] = count_differing(&got[i], &want, dir);
		free_lines(&want);
		free_lines(&got[i]);
	}
	ops->destroy(b);
	free(events);
	kmr_snapshot_free(snap);
	free(snap);
}

/* Lines that differ, by enum kmr_shown. */
static const struct {
	const char *name;
	unsigned int earlier[KMR_SHOWN_SLABINFO]; /* files before against the state taken back */
	unsigned int before[KMR_NR_SHOWN]; /* files before against the snapshot */
	unsigned int after[KMR_NR_SHOWN]; /* files after against the snapshot at the end */
} captures[] = {
	{ "i386-slab-compile", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 2 }, { 0, 0, 0, 0, 3 } },
	{ "i386-slab-files", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 2 }, { 0, 0, 0, 0, 7 } },
	{ "i386-slob-compile", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 0, 0, 0, 0, 0 } },
	{ "i386-slob-files", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 0, 0, 0, 0, 0 } },
	{ "i386-slub-compile", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 0, 0, 0, 0, 1 } },
	{ "i386-slub-files", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 0, 0, 0, 0, 0 } },
	{ "i386-slub-pressure", { 1, 1, 0, 0 }, { 1, 3, 0, 1, 1 }, { 1, 1, 0, 1, 1 } },
	{ "i386-slub-reclaim", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 1, 2, 1, 1, 1 } },
	{ "i386-slub-smp2-shell", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 0 }, { 0, 0, 0, 0, 1 } },
	{ "x86_64-6.1-up-sqlite", { 0, 0, 0, 0 }, { 1, 3, 0, 0, 2 }, { 0, 0, 0, 0, 1 } },
	{ "x86_64-6.12-numa-compile", { 1, 1, 0, 0 }, { 2, 4, 0, 1, 1 }, { 0, 0, 0, 0, 1 } },
	{ "x86_64-6.12-numa-reclaim", { 2, 3, 0, 0 }, { 2, 5, 0, 1, 1 }, { 2, 6, 1, 2, 2 } },
	{ "x86_64-6.12-up-dat", { 1, 1, 0, 0 }, { 1, 3, 0, 1, 4 }, { 1, 1, 0, 0, 2 } },
	{ "x86_64-6.12-up-shell", { 0, 0, 0, 0 }, { 1, 3, 0, 1, 4 }, { 0, 0, 0, 0, 2 } },
};

static void compare_capture(unsigned int i, const char *root)
{
	unsigned int differing[KMR_NR_SHOWN] = { 0 };
	struct capture c;
	char dir[300];

	if (!capture_in(&c, root, captures[i].name))
		return;
	(void)snprintf(dir, sizeof(dir), "%s/%s", root, captures[i].name);
	compare_earlier(differing, dir, &c);
	for (unsigned int k = 0; k < KMR_SHOWN_SLABINFO; k++)
		cr_expect_eq(differing[k], captures[i].earlier[k],
			     "%s, earlier, %s: %u lines differ", dir,
			     kmr_shown_name((enum kmr_shown)k), differing[k]);
	compare_snapshot(differing, dir, c.before, "before");
	for (unsigned int k = 0; k < KMR_NR_SHOWN; k++)
		cr_expect_eq(differing[k], captures[i].before[k], "%s, before, %s: %u lines differ",
			     dir, kmr_shown_name((enum kmr_shown)k), differing[k]);
	compare_snapshot(differing, dir, c.after, "after");
	for (unsigned int k = 0; k < KMR_NR_SHOWN; k++)
		cr_expect_eq(differing[k], captures[i].after[k], "%s, after, %s: %u lines differ",
			     dir, kmr_shown_name((enum kmr_shown)k), differing[k]);
}

Test(show, equals_the_kernels_files, .timeout = 200)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("%s is not there: nothing to compare with", CAPTURES);
	for (unsigned int i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		compare_capture(i, CAPTURES);
}

/* The capture that ships. */
Test(show, bundled)
{
	for (unsigned int i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		compare_capture(i, BUNDLED);
}
