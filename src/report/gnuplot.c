// SPDX-License-Identifier: GPL-2.0-only
/*
 * gnuplot as a child process: its directory is the figures' (posix_spawn() has no portable way to
 * say so, hence fork), its standard error comes back through a pipe.
 */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX  256
#define NO_EXEC	  127 /* exit statuses of a child that could not become gnuplot */
#define NO_CHDIR  126
#define AT_A_TIME 2
#define STEM_SIZE 4096

/* What runs, for a handler of signals: a child and its images without their endings. */
static struct {
	volatile sig_atomic_t pid; /* 0: none */
	char stem[STEM_SIZE];
} running[AT_A_TIME];

/* As plots/style.gp names them.  Async-signal-safe. */
static void remove_images(const char *stem)
{
	static const char *const endings[] = { ".svg", ".png", ".pdf", ".embed.svg" };
	const size_t len = strlen(stem);
	char path[STEM_SIZE + 16];
	size_t i;

	memcpy(path, stem, len);
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		memcpy(path + len, endings[i], strlen(endings[i]) + 1);
		(void)unlink(path);
	}
}

void kmr_gnuplot_emergency_stop(void)
{
	pid_t pid;
	int i;

	for (i = 0; i < AT_A_TIME; i++) {
		pid = running[i].pid;
		if (!pid)
			continue;
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		remove_images(running[i].stem);
	}
}

/* The handler of the parent's would end the other children. */
static void take_signals(const sigset_t *mask)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	size_t i;

	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		(void)signal(caught[i], SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

static void become_gnuplot(const char *directory, const char *script, int err_fd)
{
	int null_fd = open("/dev/null", O_RDWR);

	if (chdir(directory))
		_exit(NO_CHDIR);
	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(null_fd, STDOUT_FILENO) < 0 ||
	    dup2(err_fd, STDERR_FILENO) < 0)
		_exit(NO_EXEC);
	(void)execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
	_exit(NO_EXEC);
}

/* Reads to the end, keeps the beginning. */
static void listen_to(int fd, char said[SAID_MAX])
{
	char more[512];
	size_t used = 0, len;
	ssize_t got;

	while ((got = read(fd, more, sizeof(more))) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		len = (size_t)got < SAID_MAX - 1 - used ? (size_t)got : SAID_MAX - 1 - used;
		memcpy(said + used, more, len);
		used += len;
	}
	said[used] = '\0';
}

/*
 * The line that tells what is wrong.  gnuplot repeats the command and points at a place in it
 * before it says `"x.gp" line 7: undefined variable: y`; that line counts, else the first that is
 * not empty.
 */
static const char *essence(char *said, const char *script)
{
	size_t len = strlen(script);
	char *line, *state = NULL;
	const char *first = NULL;

	for (line = strtok_r(said, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (line[0] == '"' && !strncmp(line + 1, script, len) &&
		    !strncmp(line + 1 + len, "\" line ", 7))
			return line;
		if (!first && line[strspn(line, " \t^")])
			first = line;
	}
	return first ? first : "it says nothing";
}

static int judge(int status, const char *directory, const char *script, char *said,
		 struct kmr_error *err)
{
	if (WIFSIGNALED(status))
		return kmr_fail(err, "%s/%s: gnuplot was killed by signal %d", directory, script,
				WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case 0:
		return 0;
	case NO_CHDIR:
		return kmr_fail(err, "%s: can't change to this directory", directory);
	case NO_EXEC:
		return kmr_fail(err,
				"gnuplot not found: apt-get install gnuplot-nox; data and scripts "
				"are in %s",
				directory);
	}
	return kmr_fail(err, "%s/%s: gnuplot: %s", directory, script, essence(said, script));
}

struct child {
	pid_t pid;
	int fd; /* what it says */
	unsigned int slot; /* of @running */
};

static int note_stem(char stem[STEM_SIZE], const char *directory, const char *script,
		     struct kmr_error *err)
{
	const char *dot = strrchr(script, '.');
	const size_t len = dot ? (size_t)(dot - script) : strlen(script);

	if ((size_t)snprintf(stem, STEM_SIZE, "%s/%.*s", directory, (int)len, script) >= STEM_SIZE)
		return kmr_fail_errno(err, ENAMETOOLONG, "%s", directory);
	return 0;
}

/* A pipe's ends are not for other children: one that kept it open would be waited for, too. */
static int start(struct child *child, unsigned int slot, const char *directory, const char *script,
		 struct kmr_error *err)
{
	int pipe_fd[2], errnum;
	sigset_t all, old;

	if (note_stem(running[slot].stem, directory, script, err))
		return -1;
	if (pipe(pipe_fd))
		return kmr_fail_errno(err, errno, "can't run gnuplot");
	(void)fcntl(pipe_fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(pipe_fd[1], F_SETFD, FD_CLOEXEC);
	child->fd = pipe_fd[0];
	child->slot = slot;
	/* no signal comes between the child and its being known */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	child->pid = fork();
	errnum = errno;
	if (!child->pid) {
		take_signals(&old);
		become_gnuplot(directory, script, pipe_fd[1]);
	}
	running[slot].pid = child->pid > 0 ? child->pid : 0;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (child->pid < 0) {
		kmr_fail_errno(err, errnum, "can't run gnuplot");
		(void)close(pipe_fd[0]);
		(void)close(pipe_fd[1]);
		return -1;
	}
	(void)close(pipe_fd[1]);
	return 0;
}

static int finish(const struct child *child, const char *directory, const char *script,
		  struct kmr_error *err)
{
	char said[SAID_MAX];
	int status;

	listen_to(child->fd, said);
	(void)close(child->fd);
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return kmr_fail_errno(err, errno, "can't wait for gnuplot");
	running[child->slot].pid = 0;
	if (status)
		remove_images(running[child->slot].stem);
	return judge(status, directory, script, said, err);
}

int kmr_gnuplot_run(const char *directory, const char *const *scripts, unsigned int nr,
		    int (*done)(void *ctx, unsigned int script, struct kmr_error *err), void *ctx,
		    struct kmr_error *err)
{
	struct child children[AT_A_TIME];
	unsigned int started = 0, i;
	int ret = 0;

	for (i = 0; i < started || (i < nr && !ret); i++) {
		while (!ret && started < nr && started < i + AT_A_TIME) {
			ret = start(&children[started % AT_A_TIME], started % AT_A_TIME, directory,
				    scripts[started], err);
			started += !ret;
		}
		if (i == started)
			break;
		/* the first error is the one that is told */
		if (finish(&children[i % AT_A_TIME], directory, scripts[i], ret ? NULL : err))
			ret = -1;
		else if (!ret && done)
			ret = done(ctx, i, err);
	}
	return ret;
}

bool kmr_gnuplot_found(void)
{
	const char *path = getenv("PATH");
	char file[4096];
	size_t len;

	for (; path && *path; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		if (len && len + sizeof("/gnuplot") <= sizeof(file)) {
			memcpy(file, path, len);
			memcpy(file + len, "/gnuplot", sizeof("/gnuplot"));
			if (!access(file, X_OK))
				return true;
		}
	}
	return false;
}
