// SPDX-License-Identifier: GPL-2.0-only
#include "record/child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void ending_set(sigset_t *set)
{
	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		(void)sigaddset(set, ending[i]);
}

void rec_signals_hold(struct rec_signals *s)
{
	/* a parent may have made it ignored, which this process would inherit */
	(void)signal(SIGCHLD, SIG_DFL);
	ending_set(&s->set);
	(void)sigaddset(&s->set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &s->set, &s->old);
}

void rec_signals_release(const struct rec_signals *s)
{
	(void)sigprocmask(SIG_SETMASK, &s->old, NULL);
}

int rec_signals_pending(void)
{
	static const struct timespec now = { 0, 0 };
	sigset_t set;
	int sig;

	ending_set(&set);
	sig = sigtimedwait(&set, NULL, &now);
	return sig > 0 ? sig : 0;
}

/* In the child: waits for the byte, then becomes the command. */
static void become(const struct rec_child *c, int go, const struct kmr_record_options *o,
		   const struct rec_signals *s)
{
	char byte;
	int errnum;

	(void)signal(SIGXFSZ, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &s->old, NULL);
	/* the parent's end closed without a byte: there is nothing to be recorded */
	if (read(go, &byte, 1) != 1)
		_exit(0);
	(void)execvp(o->command[0], o->command);
	errnum = errno;
	(void)!write(c->failed, &errnum, sizeof(errnum));
	_exit(127);
}

static void close_both(const int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int rec_child_fork(struct rec_child *c, const struct kmr_record_options *o,
		   const struct rec_signals *s, struct kmr_error *err)
{
	int go[2], failed[2];

	if (!o->command)
		return 0;
	if (pipe(go))
		return kmr_fail_errno(err, errno, "no pipe to %s", o->command[0]);
	if (pipe(failed)) {
		close_both(go);
		return kmr_fail_errno(err, errno, "no pipe from %s", o->command[0]);
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(go[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(failed[i], F_SETFD, FD_CLOEXEC);
	}
	c->pid = fork();
	if (!c->pid) {
		(void)close(go[1]);
		c->failed = failed[1];
		become(c, go[0], o, s);
	}
	(void)close(go[0]);
	(void)close(failed[1]);
	c->go = go[1];
	c->failed = failed[0];
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	return kmr_fail_errno(err, errno, "no process for %s", o->command[0]);
}

int rec_child_start(struct rec_child *c, const struct kmr_record_options *o, struct kmr_error *err)
{
	int errnum = 0;
	ssize_t n;

	if (!c->pid)
		return 0;
	(void)!write(c->go, "", 1);
	(void)close(c->go);
	c->go = -1;
	/* execvp() closes the other end, and nothing comes; else its errno does */
	do {
		n = read(c->failed, &errnum, sizeof(errnum));
	} while (n < 0 && errno == EINTR);
	(void)close(c->failed);
	c->failed = -1;
	if (n != (ssize_t)sizeof(errnum))
		return 0;
	(void)waitpid(c->pid, NULL, 0);
	c->pid = 0;
	return kmr_fail_errno(err, errnum, "%s: can't be run", o->command[0]);
}

/* What is left until @end; false: nothing. */
static bool left_until(const struct timespec *end, struct timespec *left)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now))
		return false;
	left->tv_sec = end->tv_sec - now.tv_sec;
	left->tv_nsec = end->tv_nsec - now.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_sec--;
		left->tv_nsec += 1000000000;
	}
	return left->tv_sec >= 0;
}

static void on_signal(struct rec_child *c, const siginfo_t *info, struct kmr_record_result *r)
{
	if (info->si_signo == SIGCHLD) {
		c->ended = c->pid && waitpid(c->pid, &c->status, WNOHANG) == c->pid;
		return;
	}
	if (r->interrupted) {
		r->given_up = info->si_signo;
		return;
	}
	r->interrupted = info->si_signo;
	/* what a terminal sends, it sends to the command as well */
	if (c->pid && info->si_code <= 0)
		(void)kill(c->pid, info->si_signo);
}

void rec_child_wait(struct rec_child *c, const struct kmr_record_options *o,
		    const struct rec_signals *s, struct kmr_record_result *r)
{
	struct timespec end = { 0, 0 }, left = { 3600, 0 };
	const bool timed = !c->pid && o->seconds;
	siginfo_t info;

	if (timed) {
		(void)clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec += (time_t)o->seconds;
	}
	while (!c->ended && !r->given_up && (c->pid || !r->interrupted)) {
		if (timed && !left_until(&end, &left))
			return;
		if (sigtimedwait(&s->set, &info, &left) > 0)
			on_signal(c, &info, r);
	}
}

int rec_child_code(const struct rec_child *c)
{
	if (!c->pid)
		return 0;
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

void rec_child_free(struct rec_child *c)
{
	if (c->failed >= 0)
		(void)close(c->failed);
	c->failed = -1;
	if (c->go < 0)
		return;
	(void)close(c->go);
	c->go = -1;
	if (c->pid > 0)
		(void)waitpid(c->pid, NULL, 0);
	c->pid = 0;
}
