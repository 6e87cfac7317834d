// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a file beside its place and moving it there.  What a signal handler needs, the name of
 * the temporary file, is kept in static storage, because a handler may not look at the heap.
 */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as many as Linux follows */

static char emergency_path[PATH_MAX];
static volatile sig_atomic_t emergency_set;

void kmr_outfile_emergency_cleanup(void)
{
	if (emergency_set)
		(void)unlink(emergency_path);
}

static void emergency_arm(const char *path)
{
	size_t len = strlen(path);

	emergency_set = 0;
	if (len >= sizeof(emergency_path))
		return;
	memcpy(emergency_path, path, len + 1);
	emergency_set = 1;
}

static void emergency_disarm(const char *path)
{
	if (emergency_set && !strcmp(emergency_path, path))
		emergency_set = 0;
}

/* Creates a file that was not there.  No signal comes between that and its name being known. */
static int create(const char *path)
{
	sigset_t all, old;
	int fd, errnum;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	errnum = errno;
	if (fd >= 0)
		emergency_arm(path);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	errno = errnum;
	return fd;
}

static char *join(const char *a, size_t a_len, const char *b)
{
	size_t b_len = strlen(b);
	char *s = malloc(a_len + b_len + 1);

	if (s) {
		memcpy(s, a, a_len);
		memcpy(s + a_len, b, b_len + 1);
	}
	return s;
}

/* Length of the part of @path up to and with its last slash; 0: none. */
static size_t dir_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The directory of @path as something to open. */
static char *dir_of(const char *path)
{
	size_t len = dir_length(path);

	return len ? join(path, len, "") : join(".", 1, "");
}

/* Replaces file->target by what the symbolic link there points to. */
static int follow_link(struct kmr_outfile *file, struct kmr_error *err)
{
	char text[PATH_MAX];
	ssize_t len = readlink(file->target, text, sizeof(text) - 1);
	char *next;

	if (len < 0)
		return kmr_fail_errno(err, errno, "%s", file->given);
	text[len] = '\0';
	next = join(file->target, text[0] == '/' ? 0 : dir_length(file->target), text);
	if (!next)
		return kmr_fail_nomem(err, "a path");
	free(file->target);
	file->target = next;
	return 0;
}

/* Follows links and makes sure that a plain file can be put there. */
static int find_target(struct kmr_outfile *file, struct kmr_error *err)
{
	struct stat st;
	unsigned int links;

	for (links = 0; links <= MAX_LINKS; links++) {
		if (lstat(file->target, &st)) {
			if (errno == ENOENT)
				return 0;
			return kmr_fail_errno(err, errno, "%s", file->given);
		}
		if (S_ISDIR(st.st_mode))
			return kmr_fail(err, "%s: is a directory, give the name of a file in it",
					file->given);
		if (S_ISREG(st.st_mode)) {
			if (access(file->target, W_OK))
				return kmr_fail_errno(err, errno, "%s", file->given);
			return 0;
		}
		if (!S_ISLNK(st.st_mode))
			return kmr_fail(err, "%s: not a regular file, a %s needs one", file->given,
					file->what);
		if (follow_link(file, err))
			return -1;
	}
	return kmr_fail_errno(err, ELOOP, "%s", file->given);
}

static int fail_create(const struct kmr_outfile *file, int errnum, struct kmr_error *err)
{
	char *dir = dir_of(file->target);

	if (!dir)
		return kmr_fail_nomem(err, "a path");
	if (errnum == ENOENT)
		kmr_fail(err, "%s: there is no directory %s", file->given, dir);
	else if (errnum == EACCES || errnum == EROFS || errnum == EPERM)
		kmr_fail_errno(err, errnum, "%s: can't create a file in %s", file->given, dir);
	else
		kmr_fail_errno(err, errnum, "%s", file->given);
	free(dir);
	return -1;
}

static int create_temp(struct kmr_outfile *file, struct kmr_error *err)
{
	char suffix[48];
	unsigned int try;
	int fd = -1;

	/* a killed process with the same id may have left one, and another store may be open */
	for (try = 0; fd < 0 && try < 100; try++) {
		free(file->temp);
		(void)snprintf(suffix, sizeof(suffix), ".tmp.%ld-%u", (long)getpid(), try);
		file->temp = join(file->target, strlen(file->target), suffix);
		if (!file->temp)
			return kmr_fail_nomem(err, "a path");
		fd = create(file->temp);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		file->temp[0] = '\0';
		return fail_create(file, errno, err);
	}
	(void)close(fd);
	return 0;
}

int kmr_outfile_create(struct kmr_outfile *file, const char *path, const char *what,
		       struct kmr_error *err)
{
	size_t len = strlen(path);

	memset(file, 0, sizeof(*file));
	file->what = what;
	if (!len)
		return kmr_fail(err, "the name of the %s is empty", what);
	file->given = join(path, len, "");
	file->target = join(path, len, "");
	if (!file->given || !file->target) {
		kmr_fail_nomem(err, "a path");
		goto fail;
	}
	if (path[len - 1] == '/') {
		kmr_fail(err, "%s: names a directory, give the name of a file in it", path);
		goto fail;
	}
	if (find_target(file, err) || create_temp(file, err))
		goto fail;
	return 0;
fail:
	kmr_outfile_release(file);
	return -1;
}

int kmr_write_whole(const char *path, int flags, const char *bytes, size_t len)
{
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | flags, 0666);
	int errnum = fd < 0 ? errno : 0;
	size_t done = 0;

	while (!errnum && done < len) {
		const ssize_t n = write(fd, bytes + done, len - done);

		if (n < 0 && errno != EINTR)
			errnum = errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && close(fd) && !errnum)
		errnum = errno;
	return errnum;
}

int kmr_outfile_write(const struct kmr_outfile *file, const char *bytes, size_t len,
		      struct kmr_error *err)
{
	const int errnum = kmr_write_whole(file->temp, 0, bytes, len);

	return errnum ? kmr_fail_errno(err, errnum, "%s", file->given) : 0;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int errnum = 0;

	if (fd < 0)
		return errno;
	if (fsync(fd))
		errnum = errno;
	if (close(fd) && !errnum)
		errnum = errno;
	return errnum;
}

int kmr_outfile_commit(struct kmr_outfile *file, struct kmr_error *err)
{
	int errnum = sync_path(file->temp, O_RDWR);
	char *dir;

	if (!errnum && rename(file->temp, file->target))
		errnum = errno;
	if (errnum)
		return kmr_fail_errno(err, errnum, "%s", file->given);
	emergency_disarm(file->temp);
	file->temp[0] = '\0';
	/* the file is whole and in place; some file systems can't sync a directory */
	dir = dir_of(file->target);
	if (dir)
		(void)sync_path(dir, O_RDONLY | O_DIRECTORY);
	free(dir);
	return 0;
}

void kmr_outfile_release(struct kmr_outfile *file)
{
	if (file->temp && file->temp[0]) {
		(void)unlink(file->temp);
		emergency_disarm(file->temp);
	}
	free(file->given);
	free(file->target);
	free(file->temp);
	memset(file, 0, sizeof(*file));
}
