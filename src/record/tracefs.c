// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why tracefs can't be used has half a dozen reasons that all show as "No such file" or "Permission
 * denied"; each is told apart here by what else the machine says.
 */
#include "record/tracefs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* lockdown_reason LOCKDOWN_TRACEFS is one of those that confidentiality forbids. */
static bool locked_down(const struct kmr_record_options *o)
{
	char path[REC_PATH], *text;
	size_t len;
	bool yes;

	if (rec_read(rec_path(path, "%s/kernel/security/lockdown", o->sys), &text, &len))
		return false;
	yes = strstr(text, "[confidentiality]") != NULL;
	free(text);
	return yes;
}

int rec_denied(const struct kmr_record_options *o, const char *path, int errnum,
	       struct kmr_error *err)
{
	if ((errnum == EPERM || errnum == EACCES) && locked_down(o))
		return kmr_fail_errno(err, errnum,
				      "%s: the kernel is locked down, and forbids tracing; boot it "
				      "without lockdown=confidentiality",
				      path);
	if ((errnum == EPERM || errnum == EACCES) && geteuid())
		return kmr_fail_errno(err, errnum,
				      "%s: recording needs root: sudo kmreplay record ...", path);
	if (errnum == EPERM || errnum == EACCES)
		return kmr_fail_errno(err, errnum,
				      "%s: root, but not allowed to trace; in a container, record "
				      "on its host",
				      path);
	if (errnum == EROFS)
		return kmr_fail_errno(err, errnum, "%s: mount -o remount,rw %s would do", path,
				      path);
	return kmr_fail_errno(err, errnum, "%s", path);
}

/* "\040" and the like in a mount table stand for blanks; undone in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* The first line of the mount table whose type is tracefs; false: none. */
static bool find_mount(char path[REC_PATH], const struct kmr_record_options *o)
{
	char *table, *line, *save;
	bool found = false;
	size_t len;

	if (rec_read(rec_path(path, "%s/mounts", o->proc), &table, &len))
		return false;
	for (line = strtok_r(table, "\n", &save); line && !found;
	     line = strtok_r(NULL, "\n", &save)) {
		char *place = strchr(line, ' ');
		char *type = place ? strchr(place + 1, ' ') : NULL;

		if (!type || strncmp(type, " tracefs ", 9) != 0)
			continue;
		*type = '\0';
		unescape(place + 1);
		rec_path(path, "%s", place + 1);
		found = path[0] != '\0';
	}
	free(table);
	return found;
}

static bool kernel_has_tracefs(const struct kmr_record_options *o)
{
	char path[REC_PATH], *text;
	size_t len;
	bool has;

	/* what can't be read says nothing */
	if (rec_read(rec_path(path, "%s/filesystems", o->proc), &text, &len))
		return true;
	has = strstr(text, "\ttracefs\n") != NULL;
	free(text);
	return has;
}

static int not_mounted(const struct kmr_record_options *o, struct kmr_error *err)
{
	if (!kernel_has_tracefs(o))
		return kmr_fail(err,
				"this kernel has no tracefs (%s/filesystems does not name it); one "
				"built with CONFIG_EVENT_TRACING=y has",
				o->proc);
	return kmr_fail(err,
			"tracefs is not mounted: sudo mount -t tracefs tracefs "
			"%s/kernel/tracing",
			o->sys);
}

static int check_file(const struct kmr_record_options *o, const char *root, const char *name,
		      const char *missing, struct kmr_error *err)
{
	char path[REC_PATH];

	if (!access(rec_path(path, "%s/%s", root, name), F_OK))
		return 0;
	if (errno == ENOENT)
		return kmr_fail(err, "%s: %s", path, missing);
	return rec_denied(o, path, errno, err);
}

int rec_find_tracefs(char path[REC_PATH], const struct kmr_record_options *o, struct kmr_error *err)
{
	static const char no_event[] =
		"this kernel has not the event, without which there is no trace to replay";

	if (o->tracefs)
		rec_path(path, "%s", o->tracefs);
	else if (!find_mount(path, o))
		return not_mounted(o, err);
	/* a directory that may not be searched hides what is in it */
	if (access(path, R_OK | X_OK))
		return rec_denied(o, path, errno, err);
	if (check_file(o, path, "trace_marker",
		       "no tracefs is mounted there; sudo mount -t tracefs tracefs DIRECTORY", err))
		return -1;
	if (check_file(o, path, "instances",
		       "no instances of tracing in this kernel; Linux 3.10 and later have them",
		       err) ||
	    check_file(o, path, "events",
		       "this kernel traces no events; one built with CONFIG_EVENT_TRACING=y does",
		       err))
		return -1;
	return check_file(o, path, "events/kmem/mm_page_alloc", no_event, err) ||
			       check_file(o, path, "events/kmem/mm_page_free", no_event, err)
		       ? -1
		       : 0;
}
