// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, sizes, times, fractions and words out of scalars. */
#include "base/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/suggest.h"

#define SECOND	 UINT64_C(1000000000)
#define DECIMALS 9u
#define EXCERPT	 40u

/* Where a scalar is read, and what it would take, for messages. */
struct scalar {
	const struct kmr_yaml *yaml;
	const struct kmr_yaml_node *node;
	struct kmr_error *err;
	const char *takes;
};

struct decimal {
	uint64_t whole;
	uint64_t nano; /* what is behind the point, in 10^-9 */
	bool too_large; /* no uint64_t holds it */
	const char *end; /* what follows */
};

/* "KEY: ", "in KEY: " of an item of its list, or nothing */
static const char *where(const struct kmr_yaml_node *node, char *buf, size_t size)
{
	const struct kmr_yaml_node *list = node->parent;
	char key[EXCERPT];

	buf[0] = '\0';
	if (node->key)
		(void)snprintf(buf, size, "%s: ", kmr_excerpt(key, sizeof(key), node->key->text));
	else if (list && list->key)
		(void)snprintf(buf, size,
			       "in %s: ", kmr_excerpt(key, sizeof(key), list->key->text));
	return buf;
}

static const char *found(const struct kmr_yaml_node *node, char *buf, size_t size)
{
	char text[EXCERPT];

	if (node->kind == KMR_YAML_LIST)
		return "a list";
	if (node->kind == KMR_YAML_MAP)
		return "a map";
	if (!node->len)
		return "nothing";
	(void)snprintf(buf, size, node->plain ? "'%s'" : "the text \"%s\"",
		       kmr_excerpt(text, sizeof(text), node->text));
	return buf;
}

/* Something else than what is taken. */
static int fail_kind(const struct scalar *s)
{
	char key[EXCERPT + 8], what[EXCERPT + 16];

	return kmr_yaml_fail(s->yaml, s->node, s->err, "%sfound %s, takes %s",
			     where(s->node, key, sizeof(key)), found(s->node, what, sizeof(what)),
			     s->takes);
}

/* What is taken, but it will not do: "5 is too large: at most 4" */
static int fail_value(const struct scalar *s, const char *problem)
{
	char key[EXCERPT + 8], text[EXCERPT];

	return kmr_yaml_fail(s->yaml, s->node, s->err, "%s%s is %s",
			     where(s->node, key, sizeof(key)),
			     kmr_excerpt(text, sizeof(text), s->node->text), problem);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_negative(const char *text)
{
	return text[0] == '-' && (is_digit(text[1]) || text[1] == '.');
}

static void add_digit(struct decimal *d, unsigned int base, unsigned int digit)
{
	if (__builtin_mul_overflow(d->whole, base, &d->whole) ||
	    __builtin_add_overflow(d->whole, digit, &d->whole))
		d->too_large = true;
}

static int read_hex(const char *text, struct decimal *d)
{
	const char *p = text;

	for (; hex_digit(*p) >= 0; p++)
		add_digit(d, 16, (unsigned int)hex_digit(*p));
	d->end = p;
	return p == text ? -1 : 0;
}

/* A leading 0 means 8 as base to some readers, so it means nothing here. */
static int read_whole(const char *text, struct decimal *d)
{
	const char *p = text;

	*d = (struct decimal){ 0 };
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return read_hex(p + 2, d);
	if (p[0] == '0' && is_digit(p[1]))
		return -1;
	for (; is_digit(*p); p++)
		add_digit(d, 10, (unsigned int)(*p - '0'));
	d->end = p;
	return p == text ? -1 : 0;
}

/* With up to DECIMALS digits behind a point, which has digits on both sides. */
static int read_decimal(const char *text, struct decimal *d)
{
	uint64_t unit = SECOND;
	const char *p;

	if (read_whole(text, d) || text[1] == 'x' || text[1] == 'X')
		return -1;
	if (*d->end != '.')
		return 0;
	for (p = d->end + 1; is_digit(*p); p++) {
		if (unit == 1)
			return -1;
		unit /= 10;
		d->nano += (uint64_t)(*p - '0') * unit;
	}
	if (p == d->end + 1)
		return -1;
	d->end = p;
	return 0;
}

/* How a limit is told in a message. */
typedef const char *print_fn(uint64_t value, char *buf, size_t size);

static const char *print_u64(uint64_t value, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu64, value);
	return buf;
}

static const char *print_size(uint64_t value, char *buf, size_t size)
{
	static const char units[] = "KMGTP";
	size_t u = 0;

	while (value && value % 1024 == 0 && units[u]) {
		value /= 1024;
		u++;
	}
	(void)snprintf(buf, size, u ? "%" PRIu64 "%c" : "%" PRIu64, value, u ? units[u - 1] : ' ');
	return buf;
}

static const struct time_unit {
	const char *name;
	uint64_t ns;
} time_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", SECOND },
	{ "min", 60 * SECOND },
	{ "h", 3600 * SECOND },
	{ "d", 86400 * SECOND },
};

static const char *print_time(uint64_t value, char *buf, size_t size)
{
	size_t u = 0;

	for (size_t i = 1; value && i < ARRAY_SIZE(time_units); i++)
		if (value % time_units[i].ns == 0)
			u = i;
	(void)snprintf(buf, size, "%" PRIu64 "%s", value / time_units[u].ns, time_units[u].name);
	return buf;
}

static const char *print_nano(uint64_t value, char *buf, size_t size)
{
	uint64_t nano = value % SECOND;
	int digits = (int)DECIMALS;

	while (digits > 1 && nano % 10 == 0) {
		nano /= 10;
		digits--;
	}
	if (nano)
		(void)snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64, value / SECOND, digits, nano);
	else
		(void)snprintf(buf, size, "%" PRIu64, value / SECOND);
	return buf;
}

static int check_range(const struct scalar *s, bool too_large, uint64_t value, uint64_t min,
		       uint64_t max, print_fn *print)
{
	char limit[32], problem[64];

	if (too_large || value > max)
		(void)snprintf(problem, sizeof(problem), "too large: at most %s",
			       print(max, limit, sizeof(limit)));
	else if (value < min)
		(void)snprintf(problem, sizeof(problem), "too small: at least %s",
			       print(min, limit, sizeof(limit)));
	else
		return 0;
	return fail_value(s, problem);
}

static int fail_negative(const struct scalar *s, uint64_t min, print_fn *print)
{
	char limit[32], problem[64];

	(void)snprintf(problem, sizeof(problem), "negative: at least %s",
		       print(min, limit, sizeof(limit)));
	return fail_value(s, problem);
}

int kmr_yaml_u64(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		 uint64_t max, uint64_t *value, struct kmr_error *err)
{
	const struct scalar s = { yaml, node, err, "a number, such as 12 or 0x1000" };
	struct decimal d;

	if (node->kind != KMR_YAML_SCALAR || !node->plain)
		return fail_kind(&s);
	if (is_negative(node->text))
		return fail_negative(&s, min, print_u64);
	if (read_whole(node->text, &d) || *d.end)
		return fail_kind(&s);
	if (check_range(&s, d.too_large, d.whole, min, max, print_u64))
		return -1;
	*value = d.whole;
	return 0;
}

/* Bits to shift by, -1 for what is no unit. */
static int size_shift(const char *unit)
{
	static const char letters[] = "kmgtp";
	const char *at;

	if (!*unit)
		return 0;
	at = strchr(letters, *unit | 0x20);
	if (!at || !*at)
		return -1;
	if (unit[1] && ((unit[1] | 0x20) != 'i' || (unit[2] | 0x20) != 'b' || unit[3]))
		return -1;
	return (int)(at - letters + 1) * 10;
}

int kmr_yaml_size(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		  uint64_t max, uint64_t *bytes, struct kmr_error *err)
{
	const struct scalar s = { yaml, node, err, "a size, such as 4096, 64K or 512MiB" };
	struct decimal d;
	int shift;

	if (node->kind != KMR_YAML_SCALAR)
		return fail_kind(&s);
	if (is_negative(node->text))
		return fail_negative(&s, min, print_size);
	if (read_whole(node->text, &d))
		return fail_kind(&s);
	shift = size_shift(d.end);
	if (shift < 0)
		return fail_kind(&s);
	if (check_range(&s, d.too_large || d.whole > UINT64_MAX >> shift, d.whole << shift, min,
			max, print_size))
		return -1;
	*bytes = d.whole << shift;
	return 0;
}

static const struct time_unit *find_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++)
		if (!strcmp(time_units[i].name, name))
			return &time_units[i];
	return NULL;
}

/* 1 when there is a part of a nanosecond left. */
static int to_ns(const struct decimal *d, uint64_t unit, uint64_t *ns)
{
	const uint64_t scaled = unit < SECOND ? d->nano * unit : d->nano * (unit / SECOND);

	if (unit < SECOND && scaled % SECOND)
		return 1;
	if (d->too_large || __builtin_mul_overflow(d->whole, unit, ns) ||
	    __builtin_add_overflow(*ns, unit < SECOND ? scaled / SECOND : scaled, ns))
		return -1;
	return 0;
}

int kmr_yaml_time(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		  uint64_t max, uint64_t *ns, struct kmr_error *err)
{
	const struct scalar s = {
		yaml, node, err,
		"a time with its unit (ns, us, ms, s, min, h, d), such as 10ms or 1.5s"
	};
	const struct time_unit *unit;
	uint64_t value = 0;
	struct decimal d;
	int ret;

	if (node->kind != KMR_YAML_SCALAR)
		return fail_kind(&s);
	if (is_negative(node->text))
		return fail_negative(&s, min, print_time);
	if (read_decimal(node->text, &d))
		return fail_kind(&s);
	unit = strcmp(node->text, "0") ? find_unit(d.end) : &time_units[0];
	if (!unit)
		return fail_kind(&s);
	ret = to_ns(&d, unit->ns, &value);
	if (ret > 0)
		return fail_value(&s, "no whole number of nanoseconds");
	if (check_range(&s, ret < 0, value, min, max, print_time))
		return -1;
	*ns = value;
	return 0;
}

int kmr_yaml_fraction(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		      uint64_t max, uint64_t *nano, struct kmr_error *err)
{
	const struct scalar s = { yaml, node, err, "a fraction, such as 0.25 or 25%" };
	uint64_t value = 0;
	struct decimal d;
	bool percent, overflow;

	if (node->kind != KMR_YAML_SCALAR)
		return fail_kind(&s);
	if (is_negative(node->text))
		return fail_negative(&s, min, print_nano);
	if (read_decimal(node->text, &d))
		return fail_kind(&s);
	percent = !strcmp(d.end, "%");
	if (*d.end && !percent)
		return fail_kind(&s);
	if (percent && d.nano % 100)
		return fail_value(&s, "too exact: a percentage has at most 7 decimals");
	overflow = d.too_large ||
		   __builtin_mul_overflow(d.whole, percent ? SECOND / 100 : SECOND, &value) ||
		   __builtin_add_overflow(value, percent ? d.nano / 100 : d.nano, &value);
	if (check_range(&s, overflow, value, min, max, print_nano))
		return -1;
	*nano = value;
	return 0;
}

int kmr_yaml_bool(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, bool *value,
		  struct kmr_error *err)
{
	static const char *const words[] = { "false", "true", "off", "on", "no", "yes" };
	const struct scalar s = { yaml, node, err, "true or false" };

	if (node->kind != KMR_YAML_SCALAR || !node->plain)
		return fail_kind(&s);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(node->text, words[i]) != 0)
			continue;
		*value = i % 2;
		return 0;
	}
	return fail_kind(&s);
}

/* ASCII's, and those that Unicode has behind it: U+0080 to U+009F. */
static bool has_control(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
			return true;
	return false;
}

int kmr_yaml_text(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, char *buf,
		  size_t size, struct kmr_error *err)
{
	char takes[64];
	const struct scalar s = { yaml, node, err, takes };
	char key[EXCERPT + 8];

	(void)snprintf(takes, sizeof(takes), "a text of up to %zu bytes", size - 1);
	if (node->kind != KMR_YAML_SCALAR || !node->len)
		return fail_kind(&s);
	if (has_control(node->text))
		return kmr_yaml_fail(yaml, node, err,
				     "%sthe text has a control character in it, takes %s",
				     where(node, key, sizeof(key)), takes);
	if (node->len >= size)
		return kmr_yaml_fail(yaml, node, err, "%sthe text has %" PRIu32 " bytes, takes %s",
				     where(node, key, sizeof(key)), node->len, takes);
	memcpy(buf, node->text, (size_t)node->len + 1);
	return 0;
}

static int fail_choice(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		       const char *const *names, struct kmr_error *err)
{
	char key[EXCERPT + 8], what[EXCERPT + 16], text[320];
	struct kmr_suggest suggest;

	kmr_suggest_begin(&suggest, node->kind == KMR_YAML_SCALAR ? node->text : "");
	for (size_t i = 0; names[i]; i++)
		kmr_suggest_add(&suggest, names[i]);
	return kmr_yaml_fail(yaml, node, err, "%sfound %s; %s", where(node, key, sizeof(key)),
			     found(node, what, sizeof(what)),
			     kmr_suggest_text(&suggest, text, sizeof(text)));
}

int kmr_yaml_choice(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    const char *const *names, unsigned int *index, struct kmr_error *err)
{
	for (unsigned int i = 0; node->kind == KMR_YAML_SCALAR && names[i]; i++) {
		if (strcmp(node->text, names[i]) != 0)
			continue;
		*index = i;
		return 0;
	}
	return fail_choice(yaml, node, names, err);
}
