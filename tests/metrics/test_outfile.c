// SPDX-License-Identifier: GPL-2.0-only
/* Where the database goes: never half written, never over something that is no plain file. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/fixture.h"

static void expect_refusal(struct fixture *f, const char *path, const char *message)
{
	struct kmr_store *store = (struct kmr_store *)1;
	struct kmr_error err = { { 0 } };

	cr_expect_eq(kmr_store_create(&store, path, &f->machine, &err), -1, "%s", path);
	cr_expect_null(store);
	cr_expect_str_eq(err.msg, message);
}

Test(outfile, refuses_what_is_no_plain_file)
{
	struct fixture *f = fixture_new();
	char path[256], message[512];

	expect_refusal(f, "", "the name of the database is empty");
	(void)snprintf(message, sizeof(message),
		       "%s: is a directory, give the name of a file in it", f->dir);
	expect_refusal(f, f->dir, message);
	(void)snprintf(path, sizeof(path), "%s/new/", f->dir);
	(void)snprintf(message, sizeof(message),
		       "%s: names a directory, give the name of a file in it", path);
	expect_refusal(f, path, message);
	(void)snprintf(path, sizeof(path), "%s/none/run.db", f->dir);
	(void)snprintf(message, sizeof(message), "%s: there is no directory %s/none/", path,
		       f->dir);
	expect_refusal(f, path, message);
	expect_refusal(f, "none-such/run.db", "none-such/run.db: there is no directory none-such/");
	expect_refusal(f, "/dev/full", "/dev/full: not a regular file, a database needs one");
	expect_refusal(f, "/dev/null/run.db", "/dev/null/run.db: Not a directory");
	cr_expect_eq(files_in(f->dir), 0);
	fixture_free(f);
}

Test(outfile, refuses_a_link_to_itself)
{
	struct fixture *f = fixture_new();
	char message[512];

	cr_assert_eq(symlink("run.db", f->db), 0);
	(void)snprintf(message, sizeof(message), "%s: Too many levels of symbolic links", f->db);
	expect_refusal(f, f->db, message);
	fixture_free(f);
}

Test(outfile, follows_links)
{
	struct fixture *f = fixture_new();
	char link[256], digest[KMR_DIGEST_SIZE];
	struct kmr_error err;
	struct stat st;

	(void)snprintf(link, sizeof(link), "%s/link.db", f->dir);
	cr_assert_eq(symlink("run.db", link), 0); /* to nothing yet */
	cr_assert_eq(fixture_store(f, link, 1, digest, &err), 0, "%s", err.msg);
	cr_assert_eq(lstat(link, &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	cr_assert_eq(lstat(f->db, &st), 0);
	cr_expect(S_ISREG(st.st_mode));
	cr_expect_eq(files_in(f->dir), 2);
	fixture_free(f);
}

Test(outfile, names_that_mean_something_to_sqlite_are_plain_names)
{
	static const char *const names[] = { ":memory:", "file:a?mode=memory", "a?b#c", "%41.db" };
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], path[256];
	struct kmr_error err;
	size_t i;

	cr_assert_eq(chdir(f->dir), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_assert_eq(fixture_store(f, names[i], 1, digest, &err), 0, "%s", err.msg);
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		cr_expect_eq(access(path, F_OK), 0, "%s", path);
		cr_expect_eq(files_in(f->dir), i + 1);
	}
	cr_assert_eq(chdir("/"), 0);
	fixture_free(f);
}

Test(outfile, an_existing_file_stays_until_the_end)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], *text;
	struct kmr_store *store;
	struct kmr_error err;

	write_file(f->db, "old", 3);
	cr_assert_eq(kmr_store_create(&store, f->db, &f->machine, &err), 0);
	text = read_whole(f->db);
	cr_expect_str_eq(text, "old");
	free(text);
	cr_expect_eq(files_in(f->dir), 2);
	kmr_store_discard(store);
	text = read_whole(f->db);
	cr_expect_str_eq(text, "old");
	free(text);
	cr_expect_eq(files_in(f->dir), 1);
	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	text = read_whole(f->db);
	cr_expect_eq(strncmp(text, "SQLite format 3", 15), 0);
	free(text);
	cr_expect_eq(files_in(f->dir), 1);
	fixture_free(f);
}

Test(outfile, two_stores_of_a_process_do_not_meet)
{
	struct fixture *f = fixture_new();
	struct kmr_store *a, *b;
	struct kmr_error err;

	cr_assert_eq(kmr_store_create(&a, f->db, &f->machine, &err), 0);
	cr_assert_eq(kmr_store_create(&b, f->db, &f->machine, &err), 0, "%s", err.msg);
	cr_expect_eq(files_in(f->dir), 2);
	kmr_store_discard(a);
	cr_expect_eq(files_in(f->dir), 1);
	kmr_store_discard(b);
	cr_expect_eq(files_in(f->dir), 0);
	kmr_store_discard(NULL);
	fixture_free(f);
}

static void on_term(int sig)
{
	kmr_store_emergency_cleanup();
	_exit(sig);
}

/* Starts a store in a child that waits to be killed; returns once the file is there. */
static pid_t child_with_store(struct fixture *f)
{
	int ready[2];
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(ready), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (!pid) {
		struct kmr_store *store;
		struct kmr_error err;

		(void)signal(SIGTERM, on_term);
		if (kmr_store_create(&store, f->db, &f->machine, &err) ||
		    write(ready[1], "x", 1) != 1)
			_exit(99);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return pid;
}

Test(outfile, a_handler_removes_the_temporary_file)
{
	struct fixture *f = fixture_new();
	pid_t pid = child_with_store(f);
	int status;

	cr_expect_eq(files_in(f->dir), 1);
	cr_assert_eq(kill(pid, SIGTERM), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(WEXITSTATUS(status), SIGTERM);
	cr_expect_eq(files_in(f->dir), 0);
	fixture_free(f);
}

Test(outfile, killed_outright_it_leaves_the_old_file)
{
	struct fixture *f = fixture_new();
	char *text;
	int status;
	pid_t pid;

	write_file(f->db, "old", 3);
	pid = child_with_store(f);
	cr_assert_eq(kill(pid, SIGKILL), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	text = read_whole(f->db);
	cr_expect_str_eq(text, "old");
	free(text);
	fixture_free(f);
}

/* Once the store is finished or gone, cleaning up must not touch what lies there. */
Test(outfile, cleanup_after_the_end_removes_nothing)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	kmr_store_emergency_cleanup();
	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	kmr_store_emergency_cleanup();
	cr_expect_eq(files_in(f->dir), 1);
	fixture_free(f);
}

/* mount -o OPTIONS; the words are the test's own and a name from mkdtemp() */
static int mount_tmpfs(const char *how, unsigned int kib, const char *place)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "mount %s,size=%uk none %s 2>/dev/null", how, kib,
		       place);
	return system(command);
}

static int unmount(const char *place)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "umount %s", place);
	return system(command);
}

/* With a little more room each time, the disk is full at one step of the run after the other. */
Test(outfile, full_disk, .timeout = 120)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], mount[96], path[128], message[256];
	unsigned int kib, failed = 0;
	struct kmr_error err;
	int ret;

	(void)snprintf(mount, sizeof(mount), "%s/mnt", f->dir);
	(void)snprintf(path, sizeof(path), "%s/run.db", mount);
	(void)snprintf(message, sizeof(message), "%s: No space left on device", path);
	cr_assert_eq(mkdir(mount, 0755), 0);
	if (mount_tmpfs("-t tmpfs -o rw", 64, mount)) {
		fixture_free(f);
		cr_skip_test("mounting a tmpfs is not permitted here: full disk not tested");
	}
	for (kib = 64; kib < 8192; kib *= 2) {
		cr_assert_eq(mount_tmpfs("-o remount", kib, mount), 0);
		ret = fixture_store(f, path, 2000, digest, &err);
		if (!ret)
			break;
		failed++;
		cr_expect_str_eq(err.msg, message, "%u KiB: %s", kib, err.msg);
		cr_expect_eq(files_in(mount), 0);
	}
	cr_expect_eq(ret, 0, "%s", err.msg);
	cr_expect_geq(failed, 3);
	cr_expect_eq(files_in(mount), 1);
	cr_assert_eq(unmount(mount), 0);
	fixture_free(f);
}

/* What a user who may not write everywhere meets; tried in a child that gives up root. */
Test(outfile, read_only_directory)
{
	struct fixture *f = fixture_new();
	char message[512];
	int status;
	pid_t pid;

	(void)snprintf(message, sizeof(message),
		       "%s: can't create a file in %s/: Permission denied", f->db, f->dir);
	cr_assert_eq(chmod(f->dir, 0555), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (!pid) {
		struct kmr_store *store;
		struct kmr_error err;

		if (!access(f->dir, W_OK) && (setgid(65534) || setuid(65534)))
			_exit(77);
		_exit(kmr_store_create(&store, f->db, &f->machine, &err) == -1 &&
				      !strcmp(err.msg, message)
			      ? 0
			      : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(chmod(f->dir, 0755), 0);
	fixture_free(f);
	if (WEXITSTATUS(status) == 77)
		cr_skip_test("can't give up root: read-only directory not tested");
	cr_expect_eq(status, 0, "not refused with: %s", message);
}
