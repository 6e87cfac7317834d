// SPDX-License-Identifier: GPL-2.0-only
/* Machines from a name and a few keys: "i386:ram=1280M", "x86_64:ram=6G,nodes=2,cpus=4". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/boot.h"
#include "machine/internal.h"

struct preset {
	const char *name;
	const char *description;
	uint64_t ram; /* bytes, when none is asked for */
	unsigned int max_nodes;
	unsigned int max_cpus;
	const char *versions; /* for messages; those of the boot profiles */
};

static const struct preset presets[] = {
	{ "i386",
	  "32-bit PC without PAE: DMA, Normal and HighMem; "
	  "ram= (1280M), cpus= (1), thp=on|off, version=6.1, pageblock=, kernel=BYTES",
	  (uint64_t)1280 << 20, 1, 64, "6.1" },
	{ "x86_64",
	  "64-bit PC: DMA, DMA32 and Normal; ram= (2G), nodes= (1), cpus= (1), thp=on|off, "
	  "version=6.1|6.12, pageblock=, kernel=BYTES",
	  (uint64_t)2 << 30, KMR_MAX_NODES, KMR_MAX_CPUS, "6.1, 6.12" },
};

/* What the keys asked for. */
struct wish {
	const struct preset *preset;
	const struct kmr_boot_profile *profile;
	uint64_t ram;
	uint64_t nodes, cpus;
	uint64_t kernel; /* pages; UINT64_MAX: the profile's */
	uint64_t pageblock; /* 0: the profile's */
	bool thp;
};

bool kmr_machine_preset_info(unsigned int i, const char **name, const char **description)
{
	if (i >= ARRAY_SIZE(presets))
		return false;
	*name = presets[i].name;
	*description = presets[i].description;
	return true;
}

/* A number with an optional K, M, G or T; -1: it is none, or too large. */
static int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned int shift = 0;

	if (kmr_scan_u64(&text, UINT64_MAX, bytes) < 0)
		return -1;
	if (*text) {
		/* either case, as the kernel's memparse() takes it */
		unit = strchr(units, *text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
		if (!unit || text[1])
			return -1;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (shift && *bytes >> (64 - shift))
		return -1;
	*bytes <<= shift;
	return 0;
}

static int key_size(uint64_t *bytes, const struct wish *w, const char *key, const char *value,
		    struct kmr_error *err)
{
	if (parse_size(value, bytes) < 0)
		return kmr_fail(err,
				"machine %s: %s=%s is no size: a number of bytes, or one with "
				"K, M, G or T",
				w->preset->name, key, value);
	return 0;
}

static int key_count(uint64_t *count, const struct wish *w, const char *key, const char *value,
		     uint64_t least, uint64_t most, struct kmr_error *err)
{
	const char *p = value;

	if (kmr_scan_u64(&p, most, count) < 0 || *p || *count < least)
		return kmr_fail(err, "machine %s: %s=%s is no number from %" PRIu64 " to %" PRIu64,
				w->preset->name, key, value, least, most);
	return 0;
}

static int key_switch(bool *on, const struct wish *w, const char *key, const char *value,
		      struct kmr_error *err)
{
	*on = !strcmp(value, "on");
	if (!*on && strcmp(value, "off"))
		return kmr_fail(err, "machine %s: %s=%s is neither on nor off", w->preset->name,
				key, value);
	return 0;
}

static int set_key(struct wish *w, const char *key, const char *value, struct kmr_error *err)
{
	if (!strcmp(key, "ram"))
		return key_size(&w->ram, w, key, value, err);
	if (!strcmp(key, "nodes"))
		return key_count(&w->nodes, w, key, value, 1, w->preset->max_nodes, err);
	if (!strcmp(key, "cpus"))
		return key_count(&w->cpus, w, key, value, 1, w->preset->max_cpus, err);
	if (!strcmp(key, "pageblock"))
		return key_count(&w->pageblock, w, key, value, 1, 10, err);
	if (!strcmp(key, "thp"))
		return key_switch(&w->thp, w, key, value, err);
	if (!strcmp(key, "kernel")) {
		if (key_size(&w->kernel, w, key, value, err) < 0)
			return -1;
		w->kernel = (w->kernel >> 12) + (w->kernel % 4096 != 0);
		return 0;
	}
	if (!strcmp(key, "version")) {
		w->profile = kmr_boot_profile(w->preset->name, value);
		if (!w->profile)
			return kmr_fail(err, "machine %s: version=%s is not known: one of %s",
					w->preset->name, value, w->preset->versions);
		return 0;
	}
	return kmr_fail(err,
			"machine %s: unknown key %s: it takes ram, nodes, cpus, thp, version, "
			"pageblock and kernel",
			w->preset->name, *key ? key : "\"\"");
}

static int parse_keys(struct wish *w, char *keys, struct kmr_error *err)
{
	while (keys) {
		char *next = strchr(keys, ',');
		char *value;

		if (next)
			*next++ = '\0';
		value = strchr(keys, '=');
		if (!value)
			return kmr_fail(
				err, "machine %s: \"%s\" is no key=value, such as ram=%" PRIu64 "M",
				w->preset->name, keys, w->preset->ram >> 20);
		*value++ = '\0';
		if (set_key(w, keys, value, err) < 0)
			return -1;
		keys = next;
	}
	return 0;
}

static int build(struct kmr_machine *m, const struct wish *w, struct kmr_error *err)
{
	const struct kmr_boot_profile *p = w->profile;
	uint64_t kernel = w->kernel == UINT64_MAX ? p->image + p->tables : w->kernel;

	kmr_machine_set_arch(m, w->preset->name);
	m->pageblock_order = w->pageblock ? (unsigned int)w->pageblock : p->pageblock_order;
	m->thp = w->thp;
	m->nr_nodes = (unsigned int)w->nodes;
	m->nr_cpus = (unsigned int)w->cpus;
	kmr_machine_default_topology(m);
	if (kmr_boot_layout(m, w->ram, err) < 0 || kmr_boot_reserve(m, p, kernel, err) < 0)
		return -1;
	kmr_machine_set_limits(m);
	return 0;
}

int kmr_machine_preset(struct kmr_machine *m, const char *spec, struct kmr_error *err)
{
	struct wish w = { .nodes = 1, .cpus = 1, .kernel = UINT64_MAX, .thp = true };
	char copy[sizeof(m->name)];
	char *keys;
	size_t i;

	memset(m, 0, sizeof(*m));
	if ((size_t)snprintf(copy, sizeof(copy), "%s", spec) >= sizeof(copy))
		return kmr_fail(err, "machine %.40s...: longer than %zu characters", spec,
				sizeof(copy) - 1);
	memcpy(m->name, copy, sizeof(copy));
	keys = strchr(copy, ':');
	if (keys)
		*keys++ = '\0';
	for (i = 0; i < ARRAY_SIZE(presets); i++)
		if (!strcmp(presets[i].name, copy))
			w.preset = &presets[i];
	if (!w.preset)
		return kmr_fail(err, "machine \"%s\": no such preset; there are i386 and x86_64",
				copy);
	w.profile = kmr_boot_profile(w.preset->name, NULL);
	w.ram = w.preset->ram;
	if (parse_keys(&w, keys, err) < 0)
		return -1;
	return build(m, &w, err);
}
