/* SPDX-License-Identifier: GPL-2.0-only */
/* schemas/cost.yaml as text, embedded at build time. */
#ifndef COST_SHIPPED_H
#define COST_SHIPPED_H

extern const char kmr_cost_yaml[];

#endif
