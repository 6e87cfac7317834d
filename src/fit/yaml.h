/* SPDX-License-Identifier: GPL-2.0-only */
/* A model as the text of a workload file. */
#ifndef KMR_FIT_YAML_H
#define KMR_FIT_YAML_H

#include "fit/model.h"
#include "fit/names.h"
#include "fit/text.h"

struct fit_yaml {
	const struct fit_model *model;
	struct fit_names *names;
	const char *machine; /* NULL: none is named */
	const char *object; /* backend to replay it with; NULL: pages alone */
	const char *description; /* one line */
	uint32_t nr_cpus, nr_nodes; /* of the machine */
	uint32_t rows; /* of a distribution, at most */
};

/* Adds all of the file to @text.  -1: out of memory. */
int fit_yaml_write(const struct fit_yaml *yaml, struct fit_text *text);

#endif
