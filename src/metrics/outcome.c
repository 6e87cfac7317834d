// SPDX-License-Identifier: GPL-2.0-only
#include "kmreplay/outcome.h"

static const char *const kind_names[KMR_REQ_NR] = {
	[KMR_REQ_PAGES] = "pages",	   [KMR_REQ_VMALLOC] = "vmalloc",
	[KMR_REQ_KMAP] = "kmap",	   [KMR_REQ_CMA] = "cma",
	[KMR_REQ_ONLINE] = "online",	   [KMR_REQ_OFFLINE] = "offline",
	[KMR_REQ_HUGEPAGES] = "hugepages",
};

const char *kmr_request_kind_name(enum kmr_request_kind kind)
{
	return (unsigned int)kind < KMR_REQ_NR ? kind_names[kind] : "?";
}
