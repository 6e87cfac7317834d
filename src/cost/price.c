// SPDX-License-Identifier: GPL-2.0-only
/* Decimal arithmetic on integers: "0.1 ns" is 100 ps everywhere. */
#include "cost/price.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "kmreplay/cost.h"

#define EXCERPT 40u

/* Largest first. */
static const struct {
	const char *name;
	uint64_t ps;
	unsigned int decimals; /* that are still whole picoseconds */
} units[] = {
	{ "ms", UINT64_C(1000000000), 9 },
	{ "us", UINT64_C(1000000), 6 },
	{ "ns", UINT64_C(1000), 3 },
	{ "ps", UINT64_C(1), 0 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int fail(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, const char *problem,
		struct kmr_error *err)
{
	char text[EXCERPT];

	if (node->kind != KMR_YAML_SCALAR)
		return kmr_yaml_fail(yaml, node, err,
				     "%s: found a list or a map, takes a price such as 94 ns, "
				     "0.5 ns or 120 ps",
				     node->key->text);
	return kmr_yaml_fail(yaml, node, err, "%s: '%s' %s", node->key->text,
			     kmr_excerpt(text, sizeof(text), node->text), problem);
}

/* The digits at *@at, without the point, in 10^-*@decimals.  -1: more than fit. */
static int read_number(const char **at, uint64_t *digits, unsigned int *decimals)
{
	const char *p = *at;
	bool point = false;

	*digits = 0;
	*decimals = 0;
	for (; is_digit(*p) || (*p == '.' && !point && is_digit(p[1])); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (__builtin_mul_overflow(*digits, UINT64_C(10), digits) ||
		    __builtin_add_overflow(*digits, (uint64_t)(*p - '0'), digits))
			return -1;
		*decimals += point;
	}
	*at = p;
	return 0;
}

/* Digits of which the last @decimals are behind the point, times the unit.  1: no whole number. */
static int to_ps(uint64_t digits, unsigned int decimals, uint64_t unit, uint64_t *ps)
{
	for (; decimals && unit % 10 == 0; decimals--)
		unit /= 10;
	for (; decimals && digits % 10 == 0; decimals--)
		digits /= 10;
	if (decimals)
		return 1;
	return __builtin_mul_overflow(digits, unit, ps) || *ps > KMR_MAX_PRICE ? -1 : 0;
}

int kmr_price_read(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t *ps,
		   struct kmr_error *err)
{
	const char *takes = "is no price: a number with its unit, such as 94 ns, 0.5 ns or 120 ps";
	const char *p = node->text;
	unsigned int decimals, i = 0;
	uint64_t digits, value = 0;
	int ret;

	if (node->kind != KMR_YAML_SCALAR || !is_digit(*p))
		return fail(yaml, node, takes, err);
	if (!strcmp(p, "0")) {
		*ps = 0;
		return 0;
	}
	if (read_number(&p, &digits, &decimals))
		return fail(yaml, node, "is too large: at most 1000 ms", err);
	while (*p == ' ')
		p++;
	while (i < ARRAY_SIZE(units) && strcmp(p, units[i].name) != 0)
		i++;
	if (i == ARRAY_SIZE(units))
		return fail(yaml, node, takes, err);
	ret = to_ps(digits, decimals, units[i].ps, &value);
	if (ret > 0)
		return fail(yaml, node, "is no whole number of picoseconds", err);
	if (ret < 0)
		return fail(yaml, node, "is too large: at most 1000 ms", err);
	*ps = value;
	return 0;
}

char *kmr_price_text(uint64_t ps, char *buf, size_t size)
{
	unsigned int i = 0, decimals;
	uint64_t rest;

	/* microseconds and above only where that is shorter than nanoseconds */
	while (i + 1 < ARRAY_SIZE(units) &&
	       (ps < units[i].ps || (i < 2 && ps % (units[i].ps / 10) != 0)))
		i++;
	/* half a nanosecond is 0.5 ns, less than a tenth of one is picoseconds */
	if (ps >= 100 && ps < 1000)
		i = 2;
	rest = ps % units[i].ps;
	decimals = units[i].decimals;
	for (; decimals && rest % 10 == 0; decimals--)
		rest /= 10;
	if (decimals)
		(void)snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64 " %s", ps / units[i].ps,
			       (int)decimals, rest, units[i].name);
	else
		(void)snprintf(buf, size, "%" PRIu64 " %s", ps / units[i].ps, units[i].name);
	return buf;
}
