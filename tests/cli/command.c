// SPDX-License-Identifier: GPL-2.0-only
/* Commands go through sh, so that tests read like what a user types. */
#include "command.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* what the shell wrote lies beside the directory, so that this holds what kmreplay left only */
static char home[64], work[80];
static struct outcome last;

void command_enter(void)
{
	(void)snprintf(home, sizeof(home), "/tmp/kmreplay-cli-XXXXXX");
	cr_assert(mkdtemp(home));
	(void)snprintf(work, sizeof(work), "%s/work", home);
	(void)setenv("K", KMREPLAY, 1);
	(void)setenv("LC_ALL", "C", 1);
	cr_assert_eq(mkdir(work, 0700), 0);
	cr_assert_eq(chdir(work), 0);
}

void command_leave(void)
{
	char line[128];

	if (chdir("/"))
		return;
	(void)snprintf(line, sizeof(line), "rm -rf %s", home);
	(void)!system(line);
}

static void slurp(char *text, size_t size, const char *name)
{
	char path[96];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	f = fopen(path, "r");
	cr_assert(f, "%s", path);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	(void)fclose(f);
}

__attribute__((format(printf, 1, 0))) static const struct outcome *run_line(const char *format,
									    va_list ap)
{
	char line[4096], whole[4400];
	int status;

	cr_assert_lt((size_t)vsnprintf(line, sizeof(line), format, ap), sizeof(line));
	(void)snprintf(whole, sizeof(whole), "{ %s\n} >%s/out 2>%s/err", line, home, home);
	status = system(whole);
	cr_assert(WIFEXITED(status), "the shell itself died: %s", line);
	last.status = WEXITSTATUS(status);
	slurp(last.out, sizeof(last.out), "out");
	slurp(last.err, sizeof(last.err), "err");
	return &last;
}

const struct outcome *run(const char *format, ...)
{
	const struct outcome *o;
	va_list ap;

	va_start(ap, format);
	o = run_line(format, ap);
	va_end(ap);
	return o;
}

void need(const char *format, ...)
{
	const struct outcome *o;
	va_list ap;

	va_start(ap, format);
	o = run_line(format, ap);
	va_end(ap);
	cr_assert_eq(o->status, 0, "'%s' exits with %d: %s", format, o->status, o->err);
}

void assert_refused(const struct outcome *o, const char *says)
{
	const char *newline = strchr(o->err, '\n');

	cr_assert_eq(o->status, 2, "exit %d, not 2; it says: %s", o->status, o->err);
	cr_assert(newline && !newline[1], "not one line: %s", o->err);
	cr_assert_eq(strncmp(o->err, "kmreplay", 8), 0, "%s", o->err);
	cr_assert(strstr(o->err, says), "no '%s' in: %s", says, o->err);
	cr_assert_str_empty(o->out);
}

void assert_files(const char *names)
{
	const struct outcome *o = run("echo $(ls -A)");
	const size_t len = strcspn(o->out, "\n");

	cr_assert(strlen(names) == len && !strncmp(o->out, names, len),
		  "there should be '%s', there is: %s", names, o->out);
}

const char *json_value(const char *json, const char *key)
{
	static char value[256];
	char quoted[64];
	const char *p;
	size_t len;

	(void)snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	p = strstr(json, quoted);
	if (!p)
		return "";
	p += strlen(quoted);
	p += *p == '"';
	len = strcspn(p, "\",\n");
	if (len >= sizeof(value))
		len = sizeof(value) - 1;
	memcpy(value, p, len);
	value[len] = '\0';
	return value;
}
