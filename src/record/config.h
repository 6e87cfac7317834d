/* SPDX-License-Identifier: GPL-2.0-only */
/* How the running kernel was configured. */
#ifndef KMR_RECORD_CONFIG_H
#define KMR_RECORD_CONFIG_H

#include <stddef.h>

#include "kmreplay/record.h"

/*
 * The kernel's .config, into memory that the caller frees: out of /proc/config.gz (read with zlib
 * where there is one), or where distributions put it, in /boot.  -1: neither is there.
 */
int rec_config(const struct kmr_record_options *o, char **bytes, size_t *len);

#endif
