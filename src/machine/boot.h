/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A preset's machine as it boots: from how much RAM it has to what each zone manages.  The PC is
 * QEMU's "pc" with SeaBIOS, the kernel one of those in the table of profiles.
 */
#ifndef KMR_MACHINE_BOOT_H
#define KMR_MACHINE_BOOT_H

#include <stdint.h>

#include "kmreplay/machine.h"

/* What boot takes from a kernel of one architecture and version; pages, where nothing is said. */
struct kmr_boot_profile {
	const char *arch;
	const char *version;
	unsigned int pageblock_order;
	unsigned int hash_bucket; /* bytes: sizeof(struct hlist_bl_head) */
	unsigned int struct_page; /* bytes */
	/* the kernel's image from 16 MiB, and tables at the top of memory, after boot */
	uint64_t image;
	uint64_t tables;
	uint64_t tables_per_node; /* for each node after the first */
	uint64_t tables_above_4g; /* when there is memory there */
	uint64_t percpu; /* first chunk, each CPU */
	uint64_t init; /* __init sections */
};

/* The profile of @arch and @version (NULL: the first); NULL: none. */
const struct kmr_boot_profile *kmr_boot_profile(const char *arch, const char *version);

/*
 * Lays out RAM, nodes and zones of @m (arch, nr_nodes, nr_cpus and their nodes filled in) with
 * @ram bytes, present sizes included.
 */
int kmr_boot_layout(struct kmr_machine *m, uint64_t ram, struct kmr_error *err);

/* Fills in managed and init_pages of a machine laid out; @kernel: image and tables, pages. */
int kmr_boot_reserve(struct kmr_machine *m, const struct kmr_boot_profile *profile, uint64_t kernel,
		     struct kmr_error *err);

#endif
