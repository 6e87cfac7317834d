// SPDX-License-Identifier: GPL-2.0-only
#include "replay/beside.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "dir/name" into @path when it is readable; else @path is "". */
static bool probe(char path[KMR_BESIDE_PATH], const char *dir, const char *name)
{
	const int n = snprintf(path, KMR_BESIDE_PATH, "%s/%s", dir, name);

	if (n > 0 && n < KMR_BESIDE_PATH && !access(path, R_OK))
		return true;
	path[0] = '\0';
	return false;
}

static void look_in(struct kmr_beside *beside, const char *dir)
{
	char path[KMR_BESIDE_PATH];

	if (!beside->snapshot[0] && !probe(beside->snapshot, dir, "kmsnap.before.zst"))
		(void)probe(beside->snapshot, dir, "kmsnap.before");
	if (!beside->end_snapshot[0] && !probe(beside->end_snapshot, dir, "kmsnap.after.zst"))
		(void)probe(beside->end_snapshot, dir, "kmsnap.after");
	if (!beside->proc[0] && probe(path, dir, "zoneinfo.before") &&
	    probe(path, dir, "buddyinfo.before")) {
		(void)snprintf(beside->proc, sizeof(beside->proc), "%s", dir);
		beside->has_after = probe(path, dir, "buddyinfo.after");
	}
}

void kmr_beside_find_in(struct kmr_beside *beside, const char *dir)
{
	char state[KMR_BESIDE_PATH];
	const int n = snprintf(state, sizeof(state), "%s/state", dir);

	memset(beside, 0, sizeof(*beside));
	look_in(beside, dir);
	if (n > 0 && n < KMR_BESIDE_PATH)
		look_in(beside, state);
}

void kmr_beside_find(struct kmr_beside *beside, const char *trace)
{
	const char *slash = strrchr(trace, '/');
	char dir[KMR_BESIDE_PATH];
	struct stat st;
	int n;

	memset(beside, 0, sizeof(*beside));
	if (!strcmp(trace, "-"))
		return;
	if (!stat(trace, &st) && S_ISDIR(st.st_mode)) {
		kmr_beside_find_in(beside, trace);
		return;
	}
	if (slash)
		n = snprintf(dir, sizeof(dir), "%.*s", (int)(slash - trace), trace);
	else
		n = snprintf(dir, sizeof(dir), ".");
	if (n < 0 || n >= KMR_BESIDE_PATH)
		return;
	/* a trace in the root directory leaves an empty name */
	kmr_beside_find_in(beside, dir[0] ? dir : "/");
}
