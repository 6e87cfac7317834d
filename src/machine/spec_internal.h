/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files share that read machine files. */
#ifndef KMR_MACHINE_SPEC_INTERNAL_H
#define KMR_MACHINE_SPEC_INTERNAL_H

#include "machine/spec.h"

/* That @node, the value of a key, is a list of at most @most entries; @what they are. */
int kmr_spec_list(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, const char *what,
		  uint32_t most, struct kmr_error *err);

/* The keys "nodes" and "boot"; @object is a struct kmr_spec. */
int kmr_spec_read_nodes(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *list,
			struct kmr_error *err);
int kmr_spec_read_boot(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		       struct kmr_error *err);

#endif
