// SPDX-License-Identifier: GPL-2.0-only
#include "kmreplay/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#undef kmr_fail
#undef kmr_fail_errno
#undef kmr_fail_nomem

KMR_PRINTF(2, 0)
static void set_message(struct kmr_error *err, const char *fmt, va_list ap)
{
	if (err)
		(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

int kmr_fail(struct kmr_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(err, fmt, ap);
	va_end(ap);
	return -1;
}

int kmr_fail_errno(struct kmr_error *err, int errnum, const char *fmt, ...)
{
	char reason[128];
	size_t used;
	va_list ap;

	va_start(ap, fmt);
	set_message(err, fmt, ap);
	va_end(ap);
	if (!err)
		return -1;
	/* strerror_r() of POSIX, not GNU's: _GNU_SOURCE is off in this project */
	if (strerror_r(errnum, reason, sizeof(reason)))
		(void)snprintf(reason, sizeof(reason), "error %d", errnum);
	used = strlen(err->msg);
	(void)snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", reason);
	return -1;
}

int kmr_fail_nomem(struct kmr_error *err, const char *what)
{
	return kmr_fail(err, "out of memory for %s", what);
}
