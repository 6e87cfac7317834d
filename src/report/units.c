// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers as text.  printf()'s decimal point and grouping belong to the locale, so both are made
 * here.
 */
#include "report/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

char *kmr_units_count(char *buf, uint64_t count)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *p = buf;
	int i;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return buf;
}

char *kmr_units_bytes(char *buf, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths, rest = 0;
	unsigned int i = 0;

	if (!bytes)
		return strcpy(buf, "0");
	/* to the next unit when it comes out whole, or the number gets long: 1280 MiB, 2 GiB */
	while (bytes >= 1024 && ((!rest && bytes % 1024 == 0) || bytes >= 16384)) {
		rest = bytes % 1024;
		bytes /= 1024;
		i++;
	}
	tenths = (rest * 10 + 512) / 1024;
	if (tenths == 10) {
		tenths = 0;
		bytes++;
	}
	if (tenths)
		(void)snprintf(buf, KMR_UNITS_SIZE, "%" PRIu64 ".%" PRIu64 " %s", bytes, tenths,
			       units[i]);
	else
		(void)snprintf(buf, KMR_UNITS_SIZE, "%" PRIu64 " %s", bytes, units[i]);
	return buf;
}

char *kmr_units_time(char *buf, uint64_t ns)
{
	uint64_t us = ns / 1000 + (ns % 1000 >= 500);

	(void)snprintf(buf, KMR_UNITS_SIZE, "%" PRIu64 ".%06" PRIu64 " s", us / 1000000,
		       us % 1000000);
	return buf;
}

char *kmr_units_percent(char *buf, uint64_t part, uint64_t whole)
{
	uint64_t parts; /* millionths of the whole */

	if (!whole)
		return strcpy(buf, "-");
	parts = (uint64_t)((long double)part / (long double)whole * 1e6L + 0.5L);
	if (parts >= 1000000 && part < whole)
		parts = 999999;
	if (!parts && part)
		parts = 1;
	(void)snprintf(buf, KMR_UNITS_SIZE, "%" PRIu64 ".%04" PRIu64 " %%", parts / 10000,
		       parts % 10000);
	return buf;
}

char *kmr_units_fixed(char *buf, double value, unsigned int decimals)
{
	char digits[KMR_UNITS_SIZE - 2]; /* room for a sign */
	uint64_t scaled, scale = 1;
	unsigned int i;
	const char *sign;

	if (decimals > 17)
		decimals = 17;
	for (i = 0; i < decimals; i++)
		scale *= 10;
	if (!isfinite(value))
		return strcpy(buf, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
	if (fabs(value) * (double)scale >= 1e18) {
		/* too large to scale: such numbers have no digits behind the point anyway */
		(void)snprintf(buf, KMR_UNITS_SIZE, "%.17e", value);
		for (i = 0; buf[i] && strchr("-0123456789", buf[i]); i++)
			;
		if (buf[i] && buf[i] != 'e')
			buf[i] = '.';
		return buf;
	}
	scaled = (uint64_t)(fabs(value) * (double)scale + 0.5);
	sign = value < 0 && scaled ? "-" : "";
	if (decimals)
		(void)snprintf(digits, sizeof(digits), "%" PRIu64 ".%0*" PRIu64, scaled / scale,
			       (int)decimals, scaled % scale);
	else
		(void)snprintf(digits, sizeof(digits), "%" PRIu64, scaled);
	(void)snprintf(buf, KMR_UNITS_SIZE, "%s%s", sign, digits);
	return buf;
}
