// SPDX-License-Identifier: GPL-2.0-only
#include "record/events.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "record/files.h"

/* Whole systems, so that events which later kernels add come along. */
static const char *const systems[] = { "kmem",	 "compaction", "migrate", "oom",
				       "vmscan", "cma",	       "vmalloc" };

/* rss_stat comes with every page fault and tells nothing of an allocator. */
static bool wanted(const char *system, const char *event, bool pages)
{
	if (strcmp(system, "kmem") != 0)
		return true;
	if (!strcmp(event, "rss_stat"))
		return false;
	return !pages || !strncmp(event, "mm_", 3);
}

static int each_of(const char *instance, const char *system, bool pages,
		   int (*each)(void *ctx, const char *system, const char *event,
			       struct kmr_error *err),
		   void *ctx, struct kmr_error *err)
{
	char path[REC_PATH];
	struct dirent *e;
	DIR *dir = opendir(rec_path(path, "%s/events/%s", instance, system));
	int ret = 0;

	/* a kernel that was built without it has no such system */
	if (!dir)
		return 0;
	while (!ret && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || !wanted(system, e->d_name, pages))
			continue;
		rec_path(path, "%s/events/%s/%s/enable", instance, system, e->d_name);
		if (!access(path, F_OK))
			ret = each(ctx, system, e->d_name, err);
	}
	(void)closedir(dir);
	return ret;
}

int rec_events_each(const char *instance, bool pages,
		    int (*each)(void *ctx, const char *system, const char *event,
				struct kmr_error *err),
		    void *ctx, struct kmr_error *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(systems); i++)
		ret = each_of(instance, systems[i], pages, each, ctx, err);
	return ret;
}
