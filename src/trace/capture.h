/* SPDX-License-Identifier: GPL-2.0-only */
/* A capture is a directory with a trace in it; it may stand where a trace is asked for. */
#ifndef KMR_TRACE_CAPTURE_H
#define KMR_TRACE_CAPTURE_H

#include "kmreplay/error.h"

#define TRACE_PATH 4096

/*
 * The file to read for @name: its trace if it is a directory (the path is put into @buf), else
 * @name itself.  NULL with a message for a directory that has none.
 */
const char *trace_of_capture(const char *name, char buf[TRACE_PATH], struct kmr_error *err);

#endif
