// SPDX-License-Identifier: GPL-2.0-only
/* A machine by whatever names it on the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "kmreplay/machine.h"
#include "kmreplay/snapshot.h"

enum kmr_machine_kind kmr_machine_kind(const char *what)
{
	struct stat st;

	if (stat(what, &st))
		return KMR_MACHINE_PRESET;
	return S_ISDIR(st.st_mode) ? KMR_MACHINE_PROC : KMR_MACHINE_SNAPSHOT;
}

static int from_snapshot(struct kmr_machine *m, const char *what, struct kmr_snapshot *snap,
			 struct kmr_error *err)
{
	struct kmr_snapshot *own = snap ? NULL : calloc(1, sizeof(*own));
	int ret;

	if (!snap && !own)
		return kmr_fail_nomem(err, "a snapshot");
	ret = kmr_snapshot_read(snap ? snap : own, what, err);
	if (!ret)
		*m = snap ? snap->machine : own->machine;
	if (own)
		kmr_snapshot_free(own);
	free(own);
	return ret;
}

int kmr_machine_open(struct kmr_machine *m, const char *what, struct kmr_snapshot *snap, char *from,
		     size_t size, struct kmr_error *err)
{
	static const char *const kinds[] = {
		[KMR_MACHINE_PRESET] = "preset",
		[KMR_MACHINE_PROC] = "/proc dumps in",
		[KMR_MACHINE_SNAPSHOT] = "snapshot",
	};
	const enum kmr_machine_kind kind = kmr_machine_kind(what);

	if (from)
		(void)snprintf(from, size, "%s %s", kinds[kind], what);
	switch (kind) {
	case KMR_MACHINE_PROC:
		return kmr_machine_from_proc(m, what, err);
	case KMR_MACHINE_SNAPSHOT:
		return from_snapshot(m, what, snap, err);
	default:
		return kmr_machine_preset(m, what, err);
	}
}
