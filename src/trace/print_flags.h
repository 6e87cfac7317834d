/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of flags in an event's print format: what a kernel calls which bits, as it was built.
 *
 *	__print_flags(REC->gfp_flags, "|", {( unsigned long)(...), "GFP_KERNEL"}, ...)
 */
#ifndef KMR_TRACE_PRINT_FLAGS_H
#define KMR_TRACE_PRINT_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINT_FLAGS_MAX	 96
#define PRINT_FLAGS_NAME 32

struct print_flags {
	unsigned int count;
	struct {
		uint64_t mask;
		char name[PRINT_FLAGS_NAME];
	} flag[PRINT_FLAGS_MAX]; /* in the order in which the kernel looks */
};

/*
 * Reads the table for @field out of @format.  False when there is none, or when a mask is not a
 * constant expression of numbers (kernels 6.10 and 6.11 have names of enumerators there).
 */
bool print_flags_read(struct print_flags *flags, const char *format, const char *field);

/* As the kernel prints @value: kernel/trace/trace_output.c, trace_print_flags_seq(). */
void print_flags_format(const struct print_flags *flags, uint64_t value, char *buf, size_t size);

#endif
