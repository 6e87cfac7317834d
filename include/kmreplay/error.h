/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors are values: a function that can fail returns 0 or a count on success and -1 on failure,
 * takes a struct kmr_error last, and leaves one line there that names the file, the line or byte
 * offset, what was found, and what would do.  Nothing below the command line prints or exits.
 */
#ifndef KMREPLAY_ERROR_H
#define KMREPLAY_ERROR_H

#define KMR_ERROR_MAX 512

#define KMR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct kmr_error {
	char msg[KMR_ERROR_MAX]; /* one line, no newline at its end; "" when nothing failed */
};

/* Writes the message and returns -1, so that a caller can `return kmr_fail(err, ...)`. */
int kmr_fail(struct kmr_error *err, const char *fmt, ...) KMR_PRINTF(2, 3);

/* As kmr_fail(), with ": " and the text of errno value @errnum appended. */
int kmr_fail_errno(struct kmr_error *err, int errnum, const char *fmt, ...) KMR_PRINTF(3, 4);

/* The one message for an allocation that failed; @what is what there was no memory for. */
int kmr_fail_nomem(struct kmr_error *err, const char *what);

/* clang-tidy looks at one file at a time and does not know that these return -1 */
#ifdef __clang_analyzer__
#define kmr_fail(...)	    (kmr_fail(__VA_ARGS__), -1)
#define kmr_fail_errno(...) (kmr_fail_errno(__VA_ARGS__), -1)
#define kmr_fail_nomem(...) (kmr_fail_nomem(__VA_ARGS__), -1)
#endif

#endif
