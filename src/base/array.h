/* SPDX-License-Identifier: GPL-2.0-only */
/* How many entries an array has. */
#ifndef KMR_BASE_ARRAY_H
#define KMR_BASE_ARRAY_H

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
