// SPDX-License-Identifier: GPL-2.0-only
#include "trace/capture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

/* Text comes first: it is what snapshots' markers were looked for in when the capture was made. */
static const char *const names[] = { "trace.txt.zst", "trace.txt", "trace.dat.zst", "trace.dat" };

const char *trace_of_capture(const char *name, char buf[TRACE_PATH], struct kmr_error *err)
{
	const size_t len = strlen(name);
	const char *slash = len && name[len - 1] == '/' ? "" : "/";
	struct stat st;

	if (!strcmp(name, "-") || stat(name, &st) || !S_ISDIR(st.st_mode))
		return name;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		const int n = snprintf(buf, TRACE_PATH, "%s%s%s", name, slash, names[i]);

		if (n > 0 && n < TRACE_PATH && !stat(buf, &st))
			return buf;
	}
	(void)kmr_fail(err,
		       "%s: is a directory without a trace; a capture has %s, %s, %s or %s in it",
		       name, names[0], names[1], names[2], names[3]);
	return NULL;
}
