// SPDX-License-Identifier: GPL-2.0-only
#include "fit/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_ACTORS     65536u
#define MAX_NAME_BYTES ((size_t)8 << 20)

/* Kinds of names that numbers stand for. */
enum kind {
	TASK = 1,
	SITE,
	CACHE
};

int fit_names_init(struct fit_names *names)
{
	return kmr_strtab_init(&names->actors, MAX_ACTORS, MAX_NAME_BYTES);
}

void fit_names_fini(struct fit_names *names)
{
	kmr_strtab_fini(&names->actors);
	kmr_ptrmap_fini(&names->numbers);
}

/* The number of what has @id; *next counts its kind.  0: out of memory. */
static uint32_t number_of(struct fit_names *names, enum kind kind, uint32_t id, uint32_t *next)
{
	const uint64_t key = (uint64_t)kind << 32 | id;
	const uint32_t known = kmr_ptrmap_get(&names->numbers, key);

	if (known)
		return known;
	return kmr_ptrmap_put(&names->numbers, key, *next + 1) ? 0 : ++*next;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/* As much of @from as there is room for, with '_' for all but letters, digits and @others. */
static void copy_plain(char *to, size_t size, const char *from, const char *others)
{
	size_t len = 0;

	for (; from[len] && len + 1 < size; len++)
		to[len] = is_plain(from[len]) || strchr(others, from[len]) ? from[len] : '_';
	to[len] = '\0';
	if (to[0] && !is_plain(to[0]))
		to[0] = '_';
}

static bool is_address(const char *name)
{
	return !strncmp(name, "0x", 2) || strspn(name, "0123456789abcdefABCDEF") == strlen(name);
}

int fit_name_site(struct fit_names *names, uint32_t site, char text[FIT_SITE])
{
	const char *name = kmr_source_site(names->source, site);
	uint32_t number;

	if (!names->anonymous && !is_address(name)) {
		/* a slash would begin the function's length, a blank the module */
		copy_plain(text, FIT_SITE, name, ".+-:$[]");
		return 0;
	}
	number = number_of(names, SITE, site, &names->nr_sites);
	(void)snprintf(text, FIT_SITE, "site_%" PRIu32 "+0x0", number);
	return number ? 0 : -1;
}

/* A name that would have to be changed could become another's, which has another size. */
int fit_name_cache(struct fit_names *names, uint16_t cache, char text[FIT_CACHE_NAME])
{
	const char *name = names->tape->caches[cache].name;
	uint32_t number;

	copy_plain(text, FIT_CACHE_NAME, name, ".:/+-");
	if (!names->anonymous && name[0] && !strcmp(text, name) && strncmp(name, "cache-", 6) != 0)
		return 0;
	number = number_of(names, CACHE, cache, &names->nr_caches);
	(void)snprintf(text, FIT_CACHE_NAME, "cache-%" PRIu32, number);
	return number ? 0 : -1;
}

/* What an actor is called after. */
static int base_name(struct fit_names *names, const struct fit_actor *actor, char *text,
		     size_t size)
{
	char long_name[FIT_SITE];
	uint32_t number;
	int status = 0;

	long_name[0] = '\0';
	if (actor->key.comm && names->anonymous) {
		number = number_of(names, TASK, actor->key.comm, &names->nr_tasks);
		(void)snprintf(long_name, sizeof(long_name), "task-%" PRIu32, number);
		status = number ? 0 : -1;
	} else if (actor->key.comm) {
		(void)snprintf(long_name, sizeof(long_name), "%s",
			       kmr_strtab_get(names->comms, actor->key.comm));
	} else if (actor->key.site) {
		status = fit_name_site(names, actor->key.site, long_name);
		long_name[strcspn(long_name, "+")] = '\0';
	} else if (actor->key.kind == FIT_CACHE && names->tape) {
		status = fit_name_cache(names, actor->key.cache, long_name);
	} else {
		(void)snprintf(long_name, sizeof(long_name), "%s",
			       actor->lead			? "start"
			       : actor->key.kind == FIT_KMALLOC ? "kmalloc"
								: "pages");
	}
	copy_plain(text, size, long_name, ".:/+-");
	if (!text[0])
		(void)snprintf(text, size, "task");
	return status;
}

int fit_name_actor(struct fit_names *names, const struct fit_actor *actor, char text[FIT_COMM])
{
	char base[FIT_COMM];

	if (base_name(names, actor, base, sizeof(base)))
		return -1;
	for (uint32_t i = 1; i < MAX_ACTORS; i++) {
		const uint32_t known = names->actors.count;
		char suffix[8] = "";
		uint32_t id;

		if (i > 1)
			(void)snprintf(suffix, sizeof(suffix), ".%" PRIu32, i);
		(void)snprintf(text, FIT_COMM, "%.*s%s", (int)(FIT_COMM - 1 - strlen(suffix)), base,
			       suffix);
		if (kmr_strtab_intern(&names->actors, text, strlen(text), &id))
			return -1;
		if (id > known)
			return 0;
	}
	return -1;
}
