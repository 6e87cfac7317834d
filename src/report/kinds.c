// SPDX-License-Identifier: GPL-2.0-only
/* The kinds of figures there are. */
#include "base/array.h"
#include "kmreplay/plot.h"
#include "report/figure.h"

#define BY_REPLAY "the database has no rows of them: write it anew with this kmreplay's replay -o"
#define BY_OBJECTS \
	"the run was of pages alone: replay with --object=slub (or slab, slob), or compare"
#define BY_COST "the run has no latencies: write it anew with this kmreplay's replay -o"

static const struct kmr_plot_kind kinds[] = {
	{ "panels", "Runs side by side", KMR_SCOPE_SET,
	  KMR_NEED_FREE | KMR_NEED_ZONE | KMR_NEED_CACHES,
	  "there is one run alone: plot a database of compare's, or several databases", 110,
	  kmr_fill_panels },
	{ "overlay", "Two runs laid over each other", KMR_SCOPE_SET,
	  KMR_NEED_FREE | KMR_NEED_ZONE | KMR_NEED_CACHES,
	  "there is one run alone: plot a database of compare's, or several databases", 130,
	  kmr_fill_overlay },
	{ "latency", "Simulated latency", KMR_SCOPE_SET, 0, BY_COST, 110, kmr_fill_latency },
	{ "memory-map", "Physical memory over time, used part", KMR_SCOPE_RUN, KMR_NEED_STRIPS,
	  BY_REPLAY, 100, kmr_fill_memory_map },
	{ "mobility-map", "Physical memory over time, mobility", KMR_SCOPE_RUN, KMR_NEED_STRIPS,
	  BY_REPLAY, 100, kmr_fill_mobility_map },
	{ "free-blocks", "Free memory by order of block", KMR_SCOPE_ZONE, KMR_NEED_FREE, BY_REPLAY,
	  150, kmr_fill_free_blocks },
	{ "unusable-index", "Unusable free space index", KMR_SCOPE_ZONE, KMR_NEED_FREE, BY_REPLAY,
	  86, kmr_fill_unusable },
	{ "extfrag-index", "External fragmentation index", KMR_SCOPE_ZONE, KMR_NEED_FREE, BY_REPLAY,
	  86, kmr_fill_extfrag_index },
	{ "contiguity", "Free memory by length of its runs", KMR_SCOPE_ZONE, KMR_NEED_CONTIG,
	  BY_REPLAY, 86, kmr_fill_contiguity },
	{ "watermarks", "Free memory and watermarks", KMR_SCOPE_ZONE, KMR_NEED_ZONE, BY_REPLAY, 86,
	  kmr_fill_watermarks },
	{ "mobility", "Free memory by migrate type", KMR_SCOPE_ZONE, KMR_NEED_FREE, BY_REPLAY, 86,
	  kmr_fill_mobility },
	{ "pageblocks", "Pageblocks by migrate type", KMR_SCOPE_ZONE, KMR_NEED_PAGEBLOCK, BY_REPLAY,
	  86, kmr_fill_pageblocks },
	{ "unmovable-blocks", "Pageblocks by what is in them", KMR_SCOPE_ZONE,
	  KMR_NEED_BLOCKS | KMR_NEED_UNMOVABLE, BY_REPLAY, 86, kmr_fill_unmovable },
	{ "extfrag-matrix", "Fallbacks from type to type", KMR_SCOPE_RUN, KMR_NEED_EXTFRAG,
	  "no request fell back to another migrate type", 96, kmr_fill_extfrag_matrix },
	{ "extfrag-time", "Fallbacks over time", KMR_SCOPE_RUN, KMR_NEED_EXTFRAG,
	  "no request fell back to another migrate type", 86, kmr_fill_extfrag_time },
	{ "pressure", "Reclaim and compaction over time", KMR_SCOPE_RUN,
	  KMR_NEED_COUNTERS | KMR_NEED_ZONE,
	  "nothing was reclaimed or compacted: replay with --pressure=model, of a trace that is "
	  "short of memory",
	  140, kmr_fill_pressure },
	{ "slab-use", "Utilisation of caches", KMR_SCOPE_RUN, KMR_NEED_CACHES, BY_OBJECTS, 120,
	  kmr_fill_slab_use },
	{ "internal-frag", "Internal fragmentation", KMR_SCOPE_RUN, 0, BY_OBJECTS, 130,
	  kmr_fill_internal },
	{ "live-memory", "Live memory by call site", KMR_SCOPE_RUN, KMR_NEED_SITES, BY_OBJECTS, 96,
	  kmr_fill_live_memory },
	{ "sizes", "Sizes asked for", KMR_SCOPE_RUN, 0, BY_REPLAY, 96, kmr_fill_sizes },
	{ "lifetimes", "Lifetimes", KMR_SCOPE_RUN, 0, BY_REPLAY, 96, kmr_fill_lifetimes },
	{ "numa", "Where memory came from", KMR_SCOPE_RUN, 0,
	  "the machine has one node alone: replay with --machine=x86_64:ram=4G,nodes=2, say", 96,
	  kmr_fill_numa },
};

const struct kmr_plot_kind *kmr_plot_kind_at(unsigned int i)
{
	return i < ARRAY_SIZE(kinds) ? &kinds[i] : NULL;
}

const char *kmr_plot_kind_name(unsigned int i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i].name : NULL;
}

const char *kmr_plot_kind_title(unsigned int i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i].title : NULL;
}
