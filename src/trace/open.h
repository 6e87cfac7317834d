/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens what should be a trace. */
#ifndef KMR_TRACE_OPEN_H
#define KMR_TRACE_OPEN_H

#include "base/input.h"
#include "kmreplay/error.h"

/* @path: "-" is standard input. */
int trace_open(struct kmr_input **input, const char *path, struct kmr_error *err);

/* Fails when @beginning is that of a format that is known and not read; tells what reads it. */
int trace_check(const char *name, const char *beginning, size_t len, struct kmr_error *err);

#endif
