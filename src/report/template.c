// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding and reading templates.  A template is gnuplot code of a page or two, so a limit on its
 * size costs nobody anything and keeps a mistaken path (a device, a database) harmless.
 */
#include "report/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/plot_dirs.h"

#define TEMPLATE_MAX (256 * 1024)

const char *kmr_template_directory(const char *asked)
{
	const char *env;

	if (asked)
		return asked;
	env = getenv("KMREPLAY_PLOTS");
	if (env && *env)
		return env;
	if (!access(KMR_PLOTS_INSTALLED "/style.gp", R_OK))
		return KMR_PLOTS_INSTALLED;
	return KMR_PLOTS_SOURCE;
}

int kmr_template_read(char **text, const char *directory, const char *name, struct kmr_error *err)
{
	char path[1024];
	size_t got;
	FILE *f;

	*text = NULL;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s.gp", directory, name) >= sizeof(path))
		return kmr_fail(err, "%s: the name of the template directory is too long",
				directory);
	f = fopen(path, "rb");
	if (!f)
		return kmr_fail_errno(err, errno, "%s: can't read the plot template", path);
	*text = malloc(TEMPLATE_MAX + 1);
	if (!*text) {
		(void)fclose(f);
		return kmr_fail_nomem(err, "a plot template");
	}
	got = fread(*text, 1, TEMPLATE_MAX + 1, f);
	if (ferror(f))
		kmr_fail_errno(err, errno, "%s: can't read the plot template", path);
	else if (got > TEMPLATE_MAX)
		kmr_fail(err, "%s: longer than a plot template may be, %d bytes", path,
			 TEMPLATE_MAX);
	else if (memchr(*text, '\0', got))
		kmr_fail(err, "%s: not text, a plot template is a gnuplot script", path);
	else {
		(*text)[got] = '\0';
		(void)fclose(f);
		return 0;
	}
	(void)fclose(f);
	free(*text);
	*text = NULL;
	return -1;
}
