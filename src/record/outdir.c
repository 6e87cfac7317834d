// SPDX-License-Identifier: GPL-2.0-only
#include "record/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"

/* A capture has state/formats/EVENT; nothing deeper is ever removed. */
#define MAX_DEPTH 3

static int remove_at(int parent, const char *name, int depth)
{
	const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *e;
	int failed = 0;
	DIR *dir;

	if (fd < 0)
		return unlinkat(parent, name, 0);
	dir = depth ? fdopendir(fd) : NULL;
	if (!dir) {
		(void)close(fd);
		return -1;
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			failed |= remove_at(fd, e->d_name, depth - 1);
	(void)closedir(dir);
	return unlinkat(parent, name, AT_REMOVEDIR) || failed ? -1 : 0;
}

/* Whether what is at @path may be replaced: an empty directory, or one that looks like a capture. */
static bool replaceable(const char *path)
{
	static const char *const traces[] = { "trace.txt.zst", "trace.txt", "trace.dat" };
	char inner[REC_PATH];
	struct stat st;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return false;
	/* rmdir() takes empty ones only; a new one takes its place later */
	if (!rmdir(path))
		return !mkdir(path, 0777);
	if (stat(rec_path(inner, "%s/state", path), &st) || !S_ISDIR(st.st_mode))
		return false;
	for (unsigned int i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		if (!access(rec_path(inner, "%s/%s", path, traces[i]), F_OK))
			return true;
	return false;
}

static int check_target(const char *target, bool force, struct kmr_error *err)
{
	struct stat st;

	if (lstat(target, &st))
		return errno == ENOENT ? 0 : kmr_fail_errno(err, errno, "%s", target);
	if (!force)
		return kmr_fail(err, "%s: is there already; --force replaces a capture", target);
	if (!replaceable(target))
		return kmr_fail(err, "%s: is no capture, and won't be replaced", target);
	return 0;
}

int rec_outdir_make(struct rec_outdir *out, const char *path, bool force, struct kmr_error *err)
{
	size_t len = strlen(path);
	char sub[REC_PATH];

	memset(out, 0, sizeof(*out));
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (!len || len + 64 > REC_PATH)
		return kmr_fail(err, "--output: a name of 1 to %d bytes expected", REC_PATH - 64);
	memcpy(out->target, path, len);
	out->target[len] = '\0';
	if (check_target(out->target, force, err))
		return -1;
	rec_path(out->temp, "%s.tmp.%ld", out->target, (long)getpid());
	if (mkdir(out->temp, 0777)) {
		const int errnum = errno;

		(void)kmr_fail_errno(err, errnum, "%s: can't make the directory", out->temp);
		out->temp[0] = '\0';
		return -1;
	}
	if (mkdir(rec_path(sub, "%s/state", out->temp), 0777) ||
	    mkdir(rec_path(sub, "%s/state/formats", out->temp), 0777))
		return kmr_fail_errno(err, errno, "%s: can't make the directory", sub);
	return 0;
}

int rec_outdir_write(const struct rec_outdir *out, const char *name, const char *bytes, size_t len,
		     struct kmr_error *err)
{
	char path[REC_PATH];
	const int errnum =
		kmr_write_whole(rec_path(path, "%s/%s", out->temp, name), O_CREAT, bytes, len);

	return errnum ? kmr_fail_errno(err, errnum, "%s", path) : 0;
}

int rec_outdir_commit(struct rec_outdir *out, struct kmr_error *err)
{
	char old[REC_PATH];
	struct stat st;
	bool replaces;

	rec_path(old, "%s.old.%ld", out->target, (long)getpid());
	replaces = !lstat(out->target, &st);
	if (replaces && rename(out->target, old))
		return kmr_fail_errno(err, errno, "%s: can't move it away", out->target);
	if (rename(out->temp, out->target)) {
		(void)kmr_fail_errno(err, errno, "%s: can't move it to its place", out->temp);
		if (replaces)
			(void)rename(old, out->target);
		return -1;
	}
	out->temp[0] = '\0';
	if (replaces && remove_at(AT_FDCWD, old, MAX_DEPTH))
		return kmr_fail_errno(err, errno,
				      "%s: is whole, but what it replaced is still in %s",
				      out->target, old);
	return 0;
}

void rec_outdir_release(struct rec_outdir *out)
{
	if (out->temp[0])
		(void)remove_at(AT_FDCWD, out->temp, MAX_DEPTH);
	out->temp[0] = '\0';
}
