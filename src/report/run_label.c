// SPDX-License-Identifier: GPL-2.0-only
/*
 * What to call runs that are shown together: as short as tells them apart.  Backends are named when
 * they differ, parameters when runs with the same backend have other values, and what the trace,
 * the machine and the file are called only when nothing before that does it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/run_facts.h"

/* How much is said when runs differ in it. */
enum detail {
	POLICIES,
	WITH_TRACE,
	WITH_MACHINE
};

struct labels {
	struct kmr_run_facts *const *runs;
	size_t nr;
};

static const char *fact(const struct labels *l, size_t i, enum kmr_fact which)
{
	return l->runs[i]->fact[which];
}

static bool agree(const struct labels *l, enum kmr_fact which)
{
	for (size_t i = 1; i < l->nr; i++)
		if (strcmp(fact(l, i, which), fact(l, 0, which)) != 0)
			return false;
	return true;
}

/* Is "name=value" among a backend's parameters? */
static bool has_param(const char *params, const char *param, size_t len)
{
	for (; *params; params += strcspn(params, ","), params += *params == ',')
		if (strcspn(params, ",") == len && !strncmp(params, param, len))
			return true;
	return false;
}

/* Do all runs with the backend of run @i have this parameter? */
static bool common_param(const struct labels *l, size_t i, enum kmr_fact backend,
			 enum kmr_fact params, const char *param, size_t len)
{
	for (size_t k = 0; k < l->nr; k++)
		if (!strcmp(fact(l, k, backend), fact(l, i, backend)) &&
		    !has_param(fact(l, k, params), param, len))
			return false;
	return true;
}

static void put_word(FILE *out, const char *word, size_t len)
{
	(void)fprintf(out, "%s%.*s", ftell(out) ? " " : "", (int)len, word);
}

static void put_backend(FILE *out, const struct labels *l, size_t i, enum kmr_fact backend,
			enum kmr_fact params, bool always)
{
	const char *name = fact(l, i, backend), *p = fact(l, i, params);

	if (always || !agree(l, backend))
		put_word(out, *name ? name : "none", strlen(*name ? name : "none"));
	for (; *p; p += strcspn(p, ","), p += *p == ',') {
		const size_t len = strcspn(p, ",");

		if (!common_param(l, i, backend, params, p, len))
			put_word(out, p, len);
	}
}

/* The last part of a path, without what it ends in. */
static void put_name(FILE *out, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash && slash[1] ? slash + 1 : path;

	put_word(out, name, strcspn(name, "."));
}

static char *make_label(const struct labels *l, size_t i, enum detail detail)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool pages;

	if (!out)
		return NULL;
	/* something has to be said even when nothing differs */
	pages = agree(l, KMR_FACT_OBJECT) && agree(l, KMR_FACT_VMAP);
	put_backend(out, l, i, KMR_FACT_BACKEND, KMR_FACT_PARAMS, pages);
	put_backend(out, l, i, KMR_FACT_OBJECT, KMR_FACT_OBJECT_PARAMS, false);
	put_backend(out, l, i, KMR_FACT_VMAP, KMR_FACT_VMAP_PARAMS, false);
	if (!agree(l, KMR_FACT_PRESSURE)) {
		const char *how = *fact(l, i, KMR_FACT_PRESSURE) ? "model" : "follow";

		put_word(out, how, strlen(how));
	}
	if (!agree(l, KMR_FACT_START))
		put_word(out, fact(l, i, KMR_FACT_START), strlen(fact(l, i, KMR_FACT_START)));
	if (detail >= WITH_TRACE && !agree(l, KMR_FACT_TRACE))
		put_name(out, fact(l, i, KMR_FACT_TRACE));
	if (detail >= WITH_MACHINE && !agree(l, KMR_FACT_MACHINE))
		put_name(out, fact(l, i, KMR_FACT_MACHINE));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static bool is_double(const struct labels *l, size_t i)
{
	for (size_t k = 0; k < l->nr; k++)
		if (k != i && !strcmp(l->runs[k]->label, l->runs[i]->label))
			return true;
	return false;
}

/* Equal ones get the numbers they have among all. */
static int number_doubles(const struct labels *l)
{
	char **numbered = calloc(l->nr, sizeof(*numbered));
	int ret = numbered ? 0 : -1;

	for (size_t i = 0; !ret && i < l->nr; i++) {
		const size_t size = strlen(l->runs[i]->label) + 32;

		if (!is_double(l, i))
			continue;
		numbered[i] = malloc(size);
		if (!numbered[i])
			ret = -1;
		else
			(void)snprintf(numbered[i], size, "%s #%zu", l->runs[i]->label, i + 1);
	}
	for (size_t i = 0; numbered && i < l->nr; i++) {
		if (!numbered[i])
			continue;
		free(l->runs[i]->label);
		l->runs[i]->label = numbered[i];
	}
	free(numbered);
	return ret;
}

static int label_all(const struct labels *l, enum detail detail)
{
	for (size_t i = 0; i < l->nr; i++) {
		free(l->runs[i]->label);
		l->runs[i]->label = make_label(l, i, detail);
		if (!l->runs[i]->label)
			return -1;
	}
	return 0;
}

int kmr_runs_label(struct kmr_run_facts *const *runs, size_t nr, struct kmr_error *err)
{
	const struct labels l = { runs, nr };
	bool doubles = true;

	for (int detail = POLICIES; doubles && detail <= WITH_MACHINE; detail++) {
		if (label_all(&l, (enum detail)detail))
			return kmr_fail_nomem(err, "names for runs");
		doubles = false;
		for (size_t i = 0; i < nr; i++)
			doubles |= is_double(&l, i);
	}
	return doubles && number_doubles(&l) ? kmr_fail_nomem(err, "names for runs") : 0;
}
