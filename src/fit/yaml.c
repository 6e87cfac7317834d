// SPDX-License-Identifier: GPL-2.0-only
#include "fit/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "replay/request.h"

#define TIME_SIZE 32
#define GFP_SIZE  512

/* What the reader takes: weights below 2^40, objects of a cache up to 1 MiB, kmalloc() to 4. */
#define MAX_WEIGHT  (UINT64_C(1) << 40)
#define MAX_OBJECT  (UINT32_C(1) << 20)
#define MAX_KMALLOC (UINT32_C(4) << 20)

enum unit {
	TIMES, /* to three digits */
	DATES, /* to six: what is near the end is not to come after it */
	NUMBERS
};

struct writer {
	const struct fit_yaml *yaml;
	struct fit_text *text;
};

/* @ns to @digits digits, in the largest unit that it is one of. */
static const char *time_text(char buf[TIME_SIZE], uint64_t ns, unsigned int digits)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	uint64_t step = 1, limit = 1;
	size_t u = 0;
	int len;

	for (unsigned int i = 0; i < digits; i++)
		limit *= 10;
	while (ns / step >= limit)
		step *= 10;
	ns = (ns + step / 2) / step * step;
	if (!ns) {
		(void)snprintf(buf, TIME_SIZE, "0");
		return buf;
	}
	while (ns < units[u].ns)
		u++;
	len = snprintf(buf, TIME_SIZE, "%" PRIu64, ns / units[u].ns);
	if (ns % units[u].ns) {
		uint64_t part = ns % units[u].ns, digit = units[u].ns / 10;

		buf[len++] = '.';
		for (; part; part %= digit, digit /= 10) {
			buf[len++] = (char)('0' + part / digit);
			if (digit == 1)
				break;
		}
	}
	(void)snprintf(buf + len, TIME_SIZE - (size_t)len, "%s", units[u].name);
	return buf;
}

/* Sums of weights have to stay in bounds; none becomes 0. */
static uint64_t weight_of(uint64_t weight)
{
	return weight < MAX_WEIGHT ? weight : MAX_WEIGHT;
}

/* Names are of letters, digits and few others, of which YAML may see more in some. */
static const char *quote_of(const char *name)
{
	return strpbrk(name, ":[]") ? "'" : "";
}

static void write_name(struct writer *w, const char *key, const char *name)
{
	const char *quote = quote_of(name);

	fit_text_add(w->text, "%s: %s%s%s", key, quote, name, quote);
}

static unsigned int digits_of(enum unit unit)
{
	return unit == TIMES ? 3 : 6;
}

static void write_value(struct writer *w, enum unit unit, uint64_t value)
{
	char buf[TIME_SIZE];

	if (unit != NUMBERS)
		fit_text_add(w->text, "%s", time_text(buf, value, digits_of(unit)));
	else
		fit_text_add(w->text, "%" PRIu64, value);
}

/* What is left out when @value is written. */
static uint64_t step_of(enum unit unit, uint64_t value)
{
	const uint64_t limit = unit == TIMES ? 1000 : 1000000;
	uint64_t step = 1;

	while (unit != NUMBERS && value / step >= limit)
		step *= 10;
	return step;
}

/* The same number for what is the same when it is written, to keep rows apart. */
static uint64_t as_written(enum unit unit, uint64_t value)
{
	const uint64_t step = step_of(unit, value);

	return (value + step / 2) / step * step;
}

/* [value, weight] each; or [upto, weight], with rows of weight 0 for what lies between. */
static void write_rows(struct writer *w, enum unit unit, const struct fit_rows *rows, bool table)
{
	const char *comma = "";
	uint64_t upto = 0;
	bool first = true;

	for (uint32_t i = 0; i < rows->nr; i++) {
		const struct fit_row *row = &rows->row[i];
		/* times run on from one row to the next, numbers do not */
		const uint64_t low =
			as_written(unit, unit != NUMBERS || !row->low ? row->low : row->low - 1);
		uint64_t high = as_written(unit, unit != NUMBERS ? row->high + 1 : row->high);

		if (!table && low > upto) {
			fit_text_add(w->text, "%s[", comma);
			write_value(w, unit, low);
			fit_text_add(w->text, ", 0]");
			comma = ", ";
			upto = low;
			first = false;
		}
		/* so narrow that it has become nothing */
		if (!table && !first && high <= upto)
			high = upto + step_of(unit, upto);
		fit_text_add(w->text, "%s[", comma);
		write_value(w, unit, high);
		fit_text_add(w->text, ", %" PRIu64 "]", weight_of(row->weight));
		comma = ", ";
		upto = high;
		first = false;
	}
}

static bool is_table(const struct fit_rows *rows)
{
	for (uint32_t i = 0; i < rows->nr; i++)
		if (rows->row[i].low != rows->row[i].high)
			return false;
	return true;
}

static void write_dist(struct writer *w, enum unit unit, const struct fit_rows *all)
{
	struct fit_rows rows = *all;
	const bool table = is_table(all) && (unit == NUMBERS || all->nr == 1);

	if (table && rows.nr == 1) {
		write_value(w, unit, rows.row[0].low);
		return;
	}
	if (!table)
		fit_rows_condense(&rows, w->yaml->rows);
	fit_text_add(w->text, table ? "{table: [" : "{histogram: [");
	write_rows(w, unit, &rows, table);
	fit_text_add(w->text, "]}");
}

static void write_times(struct writer *w, enum unit unit, bool exponential, uint64_t mean,
			const struct fit_rows *rows)
{
	char buf[TIME_SIZE];

	if (exponential)
		fit_text_add(w->text, "{exponential: {mean: %s}}",
			     time_text(buf, mean ? mean : 1, 3));
	else
		write_dist(w, unit, rows);
}

/* The least alignment that makes @given of @asked; 0: none does. */
static uint32_t align_of(uint32_t asked, uint32_t given)
{
	for (uint32_t align = 8; align <= 64; align *= 2)
		if ((asked + align - 1) / align * align == given)
			return align;
	return 0;
}

static int write_cache(struct writer *w, const struct fit_actor *actor)
{
	const struct kmr_tape_cache *cache = &w->yaml->names->tape->caches[actor->key.cache];
	char name[FIT_CACHE_NAME];
	uint32_t size = cache->object_size, align;

	if (fit_name_cache(w->yaml->names, actor->key.cache, name))
		return -1;
	if (size > MAX_OBJECT)
		size = MAX_OBJECT;
	align = align_of(size, cache->size);
	if (!align && cache->size <= MAX_OBJECT)
		size = cache->size;
	write_name(w, "cache: {name", name);
	fit_text_add(w->text, ", size: %" PRIu32, size ? size : 1);
	if (align > 8)
		fit_text_add(w->text, ", align: %" PRIu32, align);
	return 0;
}

static void write_kmalloc(struct writer *w, const struct fit_actor *actor)
{
	struct fit_rows sizes = actor->sizes;

	/* kmalloc(0) gets no memory, and no allocator gives more than 4 MiB */
	for (uint32_t i = 0; i < sizes.nr; i++) {
		struct fit_row *row = &sizes.row[i];

		row->low += !row->low;
		row->high += !row->high;
		if (row->high > MAX_KMALLOC)
			row->high = MAX_KMALLOC;
		if (row->low > MAX_KMALLOC)
			row->low = MAX_KMALLOC;
	}
	fit_text_add(w->text, "kmalloc: {size: ");
	write_dist(w, NUMBERS, &sizes);
}

/* What all kinds of requests have. */
static void close_request(struct writer *w, const struct fit_key *key)
{
	char gfp[GFP_SIZE];

	fit_text_add(w->text, ", gfp: %s",
		     kmr_gfp_format(key->gfp_known ? key->gfp : kmr_gfp_guess(key->migratetype),
				    gfp, sizeof(gfp)));
	if (key->node >= 0 && (uint32_t)key->node < w->yaml->nr_nodes)
		fit_text_add(w->text, ", node: %d", key->node);
	fit_text_add(w->text, "}\n");
}

static int write_request(struct writer *w, const struct fit_actor *actor)
{
	switch (actor->key.kind) {
	case FIT_CACHE:
		if (write_cache(w, actor))
			return -1;
		break;
	case FIT_KMALLOC:
		write_kmalloc(w, actor);
		break;
	default:
		fit_text_add(w->text, "pages: {order: %u", actor->key.order);
		break;
	}
	close_request(w, &actor->key);
	return 0;
}

static void write_life(struct writer *w, const char *indent, const struct fit_life *life)
{
	const bool group = life->kind == FIT_TOGETHER;

	fit_text_add(w->text, "%slifetime: ", indent);
	if (life->kind == FIT_FOREVER) {
		fit_text_add(w->text, "forever\n");
		return;
	}
	if (group) {
		fit_text_add(w->text, "{group: ");
		write_dist(w, NUMBERS, &life->group);
		fit_text_add(w->text, life->dated ? ", until: " : ", of: ");
	} else if (life->dated) {
		fit_text_add(w->text, "{until: ");
	}
	write_times(w, life->dated ? DATES : TIMES, life->exponential, life->mean, &life->when);
	fit_text_add(w->text, group || life->dated ? "}\n" : "\n");
}

/* Where its tasks run, when that is not everywhere: one task, on one of the CPUs at random. */
static void write_cpus(struct writer *w, const struct fit_actor *actor, size_t index)
{
	const uint32_t nr_cpus = w->yaml->nr_cpus;
	uint16_t cpus[KMR_MAX_CPUS];
	uint32_t nr = 0;

	for (uint32_t i = 0; i < nr_cpus && i < KMR_MAX_CPUS; i++)
		if (actor->cpus[i / 64] >> i % 64 & 1)
			cpus[nr++] = (uint16_t)i;
	if (!nr || nr_cpus == 1)
		return;
	if (actor->tasks == 1 && nr > 1) {
		cpus[0] = cpus[index % nr];
		nr = 1;
	}
	if (nr == nr_cpus)
		return;
	fit_text_add(w->text, "    cpus: [");
	for (uint32_t i = 0; i < nr; i++)
		fit_text_add(w->text, "%s%u", i ? ", " : "", cpus[i]);
	fit_text_add(w->text, "]\n");
}

static void write_arrival(struct writer *w, const struct fit_actor *actor)
{
	/* rounded down: the last request may come when the trace ends */
	const uint64_t step = step_of(DATES, actor->begin);
	const uint64_t begin = actor->begin / step * step;
	uint64_t end = as_written(DATES, actor->end);

	if (begin) {
		fit_text_add(w->text, "    start: ");
		write_value(w, DATES, begin);
		fit_text_add(w->text, "\n");
	}
	if (actor->arrival == FIT_AT_ONCE) {
		if (actor->requests > 1)
			fit_text_add(w->text, "    burst: {size: %" PRIu64 "}\n",
				     actor->requests < UINT32_MAX ? actor->requests : UINT32_MAX);
		return;
	}
	if (actor->end) {
		/* so short that both have become the same */
		if (end <= begin)
			end = begin + step_of(DATES, begin);
		fit_text_add(w->text, "    stop: ");
		write_value(w, DATES, end);
		fit_text_add(w->text, "\n    spread: true\n");
	}
	fit_text_add(w->text, "    every: ");
	if (actor->arrival == FIT_EVENLY)
		write_value(w, TIMES, actor->mean);
	else
		write_times(w, TIMES, actor->arrival == FIT_EXPONENTIAL, actor->mean, &actor->gaps);
	fit_text_add(w->text, "\n    limit: %" PRIu64 "\n", actor->requests);
}

/* One request, or as many as there are ways in which it ends. */
static int write_requests(struct writer *w, const struct fit_actor *actor)
{
	if (actor->nr_lives == 1) {
		fit_text_add(w->text, "    ");
		if (write_request(w, actor))
			return -1;
		write_life(w, "    ", &actor->lives[0]);
		return 0;
	}
	fit_text_add(w->text, "    mix:\n");
	for (uint32_t i = 0; i < actor->nr_lives; i++) {
		fit_text_add(w->text, "      - ");
		if (write_request(w, actor))
			return -1;
		fit_text_add(w->text, "        weight: %" PRIu64 "\n",
			     weight_of(actor->lives[i].weight));
		write_life(w, "        ", &actor->lives[i]);
	}
	return 0;
}

static int write_actor(struct writer *w, size_t index)
{
	const struct fit_actor *actor = &w->yaml->model->actors[index];
	char name[FIT_COMM], site[FIT_SITE];

	if (fit_name_actor(w->yaml->names, actor, name))
		return -1;
	write_name(w, "  - name", name);
	fit_text_add(w->text, "\n");
	if (actor->tasks > 1)
		fit_text_add(w->text, "    count: %" PRIu32 "\n", actor->tasks);
	write_cpus(w, actor, index);
	if (actor->key.site && actor->key.kind != FIT_PAGES) {
		if (fit_name_site(w->yaml->names, actor->key.site, site))
			return -1;
		write_name(w, "    site", site);
		fit_text_add(w->text, "\n");
	}
	if (actor->moved && w->yaml->nr_cpus > 1)
		fit_text_add(w->text, "    free_cpu: any\n");
	write_arrival(w, actor);
	return write_requests(w, actor);
}

/* Behind the last event, to nine digits. */
static uint64_t end_of(const struct fit_model *model)
{
	uint64_t step = 1;

	while (model->duration / step >= UINT64_C(1000000000))
		step *= 10;
	return (model->duration / step + 1) * step;
}

int fit_yaml_write(const struct fit_yaml *yaml, struct fit_text *text)
{
	struct writer w = { yaml, text };
	char buf[TIME_SIZE];

	fit_text_add(
		text,
		"# A model of a trace, made by kmreplay fit: distributions, none of its events.\n"
		"# It was compared with the trace by: kmreplay replay THIS%s%s\n"
		"workload: fitted\n"
		"description: %s\n",
		yaml->object ? " --object " : "", yaml->object ? yaml->object : "",
		yaml->description);
	if (yaml->machine)
		fit_text_add(text, "machine: %s\n", yaml->machine);
	fit_text_add(text, "duration: %s\nactors:\n", time_text(buf, end_of(yaml->model), 9));
	for (size_t i = 0; i < yaml->model->nr; i++)
		if (write_actor(&w, i))
			return -1;
	return text->failed ? -1 : 0;
}
