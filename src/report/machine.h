/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine for people and programs to read, in sections that can be chosen. */
#ifndef REPORT_MACHINE_H
#define REPORT_MACHINE_H

#include <stdio.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"

#define KMR_ALL_SECTIONS (~0u)

/*
 * Sections by name, separated by commas, into a set of them.  -1: one of them is none; the message
 * names those that there are.
 */
int kmr_machine_sections(const char *names, unsigned int *set, struct kmr_error *err);

/*
 * Prints sections in their own order, as the kernel or the usual tool does where there is one,
 * @from being what the machine was made from.  -1: no memory for it, or the stream failed.
 */
int kmr_machine_print(const struct kmr_machine *m, const char *from, unsigned int set, FILE *out);

/* The same as one JSON object with a member a section. */
int kmr_machine_print_json(const struct kmr_machine *m, const char *from, unsigned int set,
			   FILE *out);

#endif
