// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines from a name and a few keys: "i386:ram=1280M", "x86_64:ram=6G,nodes=2,cpus=4".  A preset
 * is a machine file that is built in (traces/machines/); keys go before what it says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/boot.h"
#include "machine/internal.h"
#include "machine/presets.h"

struct preset {
	const char *name, *description;
	const char *text; /* its machine file */
};

#define COMMON "thp=on|off, version=6.1|6.12, pageblock=, kernel=BYTES"
#define NUMA   "nodes= (1), distance= (20), "

static const struct preset presets[] = {
	{ "i386",
	  "32-bit PC without PAE: DMA, Normal and HighMem; ram= (1280M), cpus= (1), " COMMON,
	  kmr_preset_i386 },
	{ "i386-pae", "the same with PAE; ram= (64G), cpus= (1), " COMMON, kmr_preset_i386_pae },
	{ "x86_64", "64-bit PC: DMA, DMA32 and Normal; ram= (2G), " NUMA "cpus= (1), " COMMON,
	  kmr_preset_x86_64 },
	{ "arm64",
	  "64-bit ARM, pages of 4 KiB: DMA and Normal; ram= (4G), " NUMA "cpus= (4), " COMMON,
	  kmr_preset_arm64 },
	{ "alpha", "Alpha, pages of 8 KiB: DMA and Normal; ram= (1G), cpus= (1), " COMMON,
	  kmr_preset_alpha },
};

/* What the keys ask for, and of which preset. */
struct wish {
	const char *preset;
	struct kmr_spec *spec;
	unsigned int max_nodes, max_cpus;
	uint32_t distance; /* between any two nodes */
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
				w->preset, key, value);
	return 0;
}

static int key_count(uint32_t *count, const struct wish *w, const char *key, const char *value,
		     uint32_t least, uint32_t most, struct kmr_error *err)
{
	const char *p = value;
	uint64_t n;

	if (kmr_scan_u64(&p, most, &n) < 0 || *p || n < least)
		return kmr_fail(err, "machine %s: %s=%s is no number from %" PRIu32 " to %" PRIu32,
				w->preset, key, value, least, most);
	*count = (uint32_t)n;
	return 0;
}

static int key_switch(bool *on, const struct wish *w, const char *key, const char *value,
		      struct kmr_error *err)
{
	*on = !strcmp(value, "on");
	if (!*on && strcmp(value, "off"))
		return kmr_fail(err, "machine %s: %s=%s is neither on nor off", w->preset, key,
				value);
	return 0;
}

static int key_kernel(struct kmr_spec *spec, const struct wish *w, const char *value,
		      struct kmr_error *err)
{
	uint64_t bytes;

	if (key_size(&bytes, w, "kernel", value, err) < 0)
		return -1;
	spec->build.kernel = bytes / spec->page_size + (bytes % spec->page_size != 0);
	return 0;
}

static int key_version(struct kmr_spec *spec, const struct wish *w, const char *value,
		       struct kmr_error *err)
{
	char known[64] = "";

	for (unsigned int i = 0; i < KMR_NR_KERNELS; i++) {
		size_t used = strlen(known);

		if (!strcmp(value, kmr_kernel_names[i])) {
			spec->kernel = i;
			return 0;
		}
		(void)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
			       kmr_kernel_names[i]);
	}
	return kmr_fail(err, "machine %s: version=%s is not known: one of %s", w->preset, value,
			known);
}

static int set_key(struct wish *w, const char *key, const char *value, struct kmr_error *err)
{
	struct kmr_spec *spec = w->spec;

	if (!strcmp(key, "ram"))
		return key_size(&spec->ram, w, key, value, err);
	if (!strcmp(key, "nodes"))
		return key_count(&spec->nr_nodes, w, key, value, 1, w->max_nodes, err);
	if (!strcmp(key, "cpus"))
		return key_count(&spec->nr_cpus, w, key, value, 1, w->max_cpus, err);
	if (!strcmp(key, "distance"))
		return key_count(&w->distance, w, key, value, 11, UINT8_MAX, err);
	if (!strcmp(key, "pageblock"))
		return key_count(&spec->pageblock_order, w, key, value, 1, 10, err);
	if (!strcmp(key, "thp"))
		return key_switch(&spec->thp, w, key, value, err);
	if (!strcmp(key, "kernel"))
		return key_kernel(spec, w, value, err);
	if (!strcmp(key, "version"))
		return key_version(spec, w, value, err);
	return kmr_fail(err,
			"machine %s: unknown key %s: it takes ram, nodes, distance, cpus, thp, "
			"version, pageblock and kernel",
			w->preset, *key ? key : "\"\"");
}

static int parse_keys(struct wish *w, char *keys, struct kmr_error *err)
{
	const uint64_t ram = w->spec->ram;

	while (keys) {
		char *next = strchr(keys, ',');
		char *value;

		if (next)
			*next++ = '\0';
		value = strchr(keys, '=');
		if (!value)
			return kmr_fail(
				err, "machine %s: \"%s\" is no key=value, such as ram=%" PRIu64 "M",
				w->preset, keys, ram >> 20);
		*value++ = '\0';
		if (set_key(w, keys, value, err) < 0)
			return -1;
		keys = next;
	}
	return 0;
}

static int fail_unknown(const char *name, struct kmr_error *err)
{
	char known[128] = "";

	for (unsigned int i = 0; i < ARRAY_SIZE(presets); i++) {
		size_t used = strlen(known);

		(void)snprintf(known + used, sizeof(known) - used, "%s%s",
			       !i			      ? ""
			       : i + 1 == ARRAY_SIZE(presets) ? " and "
							      : ", ",
			       presets[i].name);
	}
	return kmr_fail(err, "machine \"%s\": no such preset; there are %s", name, known);
}

static int read_preset(struct kmr_spec *spec, const struct preset *preset, struct kmr_error *err)
{
	struct kmr_yaml *yaml;
	int ret;

	if (kmr_yaml_parse(&yaml, preset->name, preset->text, strlen(preset->text), err))
		return -1;
	ret = kmr_spec_read(spec, yaml, err);
	/* keys go before what it says, so no message points to it */
	spec->yaml = NULL;
	kmr_yaml_free(yaml);
	return ret;
}

static int make(struct kmr_machine *m, struct kmr_spec *spec, const char *name, char *keys,
		struct kmr_error *err)
{
	struct wish w = { .spec = spec, .max_nodes = 1, .max_cpus = 64 };
	char where[sizeof(m->name) + 16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(presets) && strcmp(presets[i].name, name); i++)
		;
	if (i == ARRAY_SIZE(presets))
		return fail_unknown(name, err);
	if (read_preset(spec, &presets[i], err))
		return -1;
	w.preset = presets[i].name;
	if (spec->arch == KMR_ARCH_X86_64 || spec->arch == KMR_ARCH_ARM64) {
		w.max_nodes = KMR_MAX_NODES;
		w.max_cpus = KMR_MAX_CPUS;
	}
	if (parse_keys(&w, keys, err) < 0)
		return -1;
	kmr_spec_settle(spec);
	for (unsigned int n = 0; n < spec->nr_nodes; n++)
		for (unsigned int to = 0; w.distance && to < spec->nr_nodes; to++)
			if (n != to)
				spec->distance[n][to] = (uint8_t)w.distance;
	(void)snprintf(where, sizeof(where), "machine %s", w.preset);
	return kmr_boot_lay_out(spec, where, err) ? -1 : kmr_boot(m, spec, where, err);
}

int kmr_machine_preset(struct kmr_machine *m, const char *spec, struct kmr_error *err)
{
	char copy[sizeof(m->name)];
	struct kmr_spec *s;
	char *keys;
	int ret;

	memset(m, 0, sizeof(*m));
	if ((size_t)snprintf(copy, sizeof(copy), "%s", spec) >= sizeof(copy))
		return kmr_fail(err, "machine %.40s...: longer than %zu characters", spec,
				sizeof(copy) - 1);
	memcpy(m->name, copy, sizeof(copy));
	keys = strchr(copy, ':');
	if (keys)
		*keys++ = '\0';
	s = malloc(sizeof(*s));
	if (!s)
		return kmr_fail_nomem(err, "a machine");
	ret = make(m, s, copy, keys, err);
	free(s);
	return ret;
}
