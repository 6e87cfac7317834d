/* SPDX-License-Identifier: GPL-2.0-only */
/* A price as a cost file has it. */
#ifndef COST_PRICE_H
#define COST_PRICE_H

#include <stdint.h>

#include "base/yaml.h"

/* Picoseconds, at most KMR_MAX_PRICE, out of "94 ns", "0.5 ns", "120 ps", "2 us" or "0". */
int kmr_price_read(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t *ps,
		   struct kmr_error *err);

#endif
