/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as people read them, the same in every locale.  Each writes into @buf of KMR_UNITS_SIZE
 * bytes and returns it.
 */
#ifndef REPORT_UNITS_H
#define REPORT_UNITS_H

#include <stdint.h>

#define KMR_UNITS_SIZE 48

/* "1,234,567" */
char *kmr_units_count(char *buf, uint64_t count);
/* "0", "512 B", "4 KiB", "1280 MiB", "2 GiB", "395.9 MiB": at most one decimal */
char *kmr_units_bytes(char *buf, uint64_t bytes);
/* "0.000001 s" to "12.345678 s": microseconds, as ftrace prints them */
char *kmr_units_time(char *buf, uint64_t ns);
/*
 * "99.9973 %"; never rounded up to 100 unless all of @whole, nor down to 0 unless none.  "-" when
 * @whole is 0.
 */
char *kmr_units_percent(char *buf, uint64_t part, uint64_t whole);
/* @value with @decimals (at most 17) digits behind a point, without a sign when all are zero */
char *kmr_units_fixed(char *buf, double value, unsigned int decimals);

#endif
