// SPDX-License-Identifier: GPL-2.0-only
/* Machines from machine files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/boot.h"

static int make(struct kmr_machine *m, struct kmr_spec *spec, const struct kmr_yaml *yaml,
		struct kmr_error *err)
{
	const char *where = kmr_yaml_name(yaml);

	if (kmr_spec_read(spec, yaml, err))
		return -1;
	kmr_spec_settle(spec);
	if (kmr_spec_check(spec, yaml, err))
		return -1;
	(void)snprintf(m->name, sizeof(m->name), "%s", spec->name);
	if (spec->ram && kmr_boot_lay_out(spec, where, err))
		return -1;
	return kmr_boot(m, spec, where, err);
}

static int from_tree(struct kmr_machine *m, struct kmr_yaml *yaml, struct kmr_error *err)
{
	struct kmr_spec *spec = malloc(sizeof(*spec));
	int ret;

	memset(m, 0, sizeof(*m));
	ret = spec ? make(m, spec, yaml, err) : kmr_fail_nomem(err, "a machine");
	free(spec);
	kmr_yaml_free(yaml);
	return ret;
}

int kmr_machine_from_yaml(struct kmr_machine *m, const char *path, struct kmr_error *err)
{
	struct kmr_yaml *yaml;

	return kmr_yaml_read(&yaml, path, "a machine", err) ? -1 : from_tree(m, yaml, err);
}

int kmr_machine_parse_yaml(struct kmr_machine *m, const char *name, const char *text, size_t len,
			   struct kmr_error *err)
{
	struct kmr_yaml *yaml;

	return kmr_yaml_parse(&yaml, name, text, len, err) ? -1 : from_tree(m, yaml, err);
}
