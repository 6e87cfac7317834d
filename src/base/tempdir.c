// SPDX-License-Identifier: GPL-2.0-only
/*
 * readdir() may allocate memory, which a signal handler must not: so the directory's entries come
 * from the system call itself.
 */
#include "base/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A child that still writes can put a file in after the last was removed. */
#define MAX_TRIES 8

/* What getdents64() gives (fs/readdir.c: struct linux_dirent64). */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t size; /* of all of it, with what fills it up to the next */
	uint8_t type;
	char name[];
};

static char path[PATH_MAX];
static volatile sig_atomic_t made;

static void unlink_all(int dir)
{
	_Alignas(struct entry) char entries[4096];
	long got, at;

	while ((got = syscall(SYS_getdents64, dir, entries, sizeof(entries))) > 0)
		for (at = 0; at < got;) {
			const struct entry *e = (const void *)(entries + at);

			(void)unlinkat(dir, e->name, 0); /* "." and ".." are none and stay */
			at += e->size;
		}
}

void kmr_tempdir_emergency_cleanup(void)
{
	for (int i = 0; made && i < MAX_TRIES; i++) {
		const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0) {
			unlink_all(dir);
			(void)close(dir);
		}
		if (!rmdir(path) || errno != ENOTEMPTY)
			break;
	}
}

void kmr_tempdir_remove(void)
{
	kmr_tempdir_emergency_cleanup();
	made = 0;
}

/* No signal comes between its being there and its being known. */
static int make(void)
{
	sigset_t all, old;
	int errnum = 0;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	if (mkdtemp(path))
		made = 1;
	else
		errnum = errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return errnum;
}

const char *kmr_tempdir_create(struct kmr_error *err)
{
	const char *tmp = getenv("TMPDIR");
	int errnum;

	if (made) {
		(void)kmr_fail(err, "%s: is still in use", path);
		return NULL;
	}
	tmp = tmp && *tmp ? tmp : "/tmp";
	if ((size_t)snprintf(path, sizeof(path), "%s/kmreplay-XXXXXX", tmp) >= sizeof(path)) {
		(void)kmr_fail_errno(err, ENAMETOOLONG, "$TMPDIR");
		return NULL;
	}
	errnum = make();
	if (errnum) {
		(void)kmr_fail_errno(err, errnum, "%s: can't make a directory there", tmp);
		return NULL;
	}
	return path;
}
