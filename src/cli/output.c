// SPDX-License-Identifier: GPL-2.0-only
/* What commands say on standard error, and how they leave standard output. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"

int kmr_complain(const struct kmr_error *err)
{
	kmr_progress_end();
	fprintf(stderr, "kmreplay: %s\n", err->msg);
	return KMR_EXIT_BAD;
}

int kmr_close_stdout(int code)
{
	const int failed = ferror(stdout);

	if (fclose(stdout) || failed) {
		fprintf(stderr, "kmreplay: standard output: %s\n",
			errno ? strerror(errno) : "can't write");
		return KMR_EXIT_BAD;
	}
	return code;
}

void kmr_warn_about_trace(const char *path, const struct kmr_trace_info *info)
{
	const uint64_t kept =
		info->malformed < KMR_MALFORMED_KEPT ? info->malformed : KMR_MALFORMED_KEPT;

	/* a capture that was stopped ends anywhere: that line alone is worth one line here */
	if (info->truncated && info->binary)
		fprintf(stderr,
			"kmreplay: %s: the file is cut off; the records that are there were read\n",
			path);
	if (info->truncated && info->malformed == 1 && !info->binary) {
		fprintf(stderr, "kmreplay: %s:%" PRIu64 ": the last line is cut off\n", path,
			info->first_malformed[0].line);
	} else if (info->malformed) {
		for (uint64_t i = 0; i < kept; i++)
			fprintf(stderr, "kmreplay: %s:%" PRIu64 ": %s: %s\n", path,
				info->first_malformed[i].line, info->first_malformed[i].reason,
				info->first_malformed[i].text);
		fprintf(stderr,
			"kmreplay: %s: %" PRIu64
			" malformed %s%s left out (--strict stops at the first)\n",
			path, info->malformed, info->binary ? "record" : "line",
			info->malformed == 1 ? "" : "s");
	}
	if (info->gaps)
		fprintf(stderr,
			"kmreplay: %s: the kernel lost %" PRIu64 " events in %" PRIu64
			" places; record with a larger buffer\n",
			path, info->lost, info->gaps);
	else if (info->lost)
		fprintf(stderr,
			"kmreplay: %s: the kernel overwrote %" PRIu64
			" events that were before or between these; record with a larger buffer\n",
			path, info->lost);
}
