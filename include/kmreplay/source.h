/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source of events: a trace opened by content, not by name, and read as a stream.  Memory does
 * not grow with the length of the trace (interned strings do, up to fixed limits).
 */
#ifndef KMREPLAY_SOURCE_H
#define KMREPLAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/graph.h"

struct kmr_source;

struct kmr_source_options {
	bool strict; /* a malformed line of a known event is an error */
	unsigned int version; /* the kernel that wrote the trace, 601 for 6.1; 0: find out */
	/* told of the calls in a trace of function_graph, as they are read; NULL: nobody */
	const struct kmr_graph_sink *graph;
};

#define KMR_MALFORMED_KEPT 5
#define KMR_MALFORMED_TEXT 160

struct kmr_malformed {
	uint64_t line; /* from 1 */
	char reason[96]; /* "no pfn=", … */
	char text[KMR_MALFORMED_TEXT]; /* the line's beginning, unprintable bytes as '?' */
};

/* Bytes of a machine's name, its end included. */
#define KMR_TRACE_MACHINE 512

/* What is known of the trace so far; complete once the source has been read to its end. */
struct kmr_trace_info {
	/* static: "ftrace", "trace_pipe", "trace-cmd report", "perf script", "function_graph", ... */
	const char *format;
	const char *compression; /* "none" or "zstd" */
	char kernel[64]; /* a hint at the version range, "6.1 or later", … */
	unsigned int pointer_bits; /* 32 or 64 by the width of printed pointers; 0: not seen */
	bool hashed_pointers; /* page= or ptr= cannot be addresses of direct-map memory */
	bool has_context; /* the irq-info column is there */
	bool timeless; /* lines without a time: times are sums of what calls took */
	bool has_gfp; /* at least one gfp_flags= that was not empty */
	uint64_t bytes; /* decompressed, read so far */
	/*
	 * How far reading is, for people who wait: bytes of the file as it is on disk, of which
	 * input_read are done, and the time in ns that what is made up ends at.  0: not known.
	 */
	uint64_t input_size, input_read, until;
	uint64_t lines;
	uint64_t events; /* decoded */
	uint64_t by_type[KMR_EV_NR_TYPES]; /* of them */
	uint64_t foreign; /* lines of other events */
	uint64_t malformed; /* lines of known events that could not be decoded */
	struct kmr_malformed first_malformed[KMR_MALFORMED_KEPT];
	uint64_t lost; /* events the kernel says it lost */
	uint64_t gaps; /* places where it says so */
	uint64_t backwards; /* events earlier than the one before */
	uint64_t first_time; /* ns */
	uint64_t last_time; /* ns */
	unsigned int nr_cpus; /* highest CPU seen + 1 */
	uint64_t max_pfn; /* highest last frame of a page event; 0: none seen */
	bool binary; /* records, not lines of text: "lines" counts those */
	/* the last line has no newline and could not be decoded; binary: the file ends too early */
	bool truncated;
	/*
	 * No kernel did this: page frames and pointers are names without a place, and no page was
	 * asked for by a cache of objects.  Nothing of it lived before its first event.
	 */
	bool made_up;
	char machine[KMR_TRACE_MACHINE]; /* that it is for, see kmr_machine_open(); "": not said */
};

/*
 * Something else than a trace that can be read as one.  @open is given all of its bytes, which are
 * not kept, with the name of the input for messages; *reader is its own, and so is @info but for
 * what events tell.  The names are as kmr_source_site() has them.
 */
struct kmr_source_reader {
	const char *format;
	size_t max_bytes; /* of an input */
	bool (*recognise)(const char *beginning, size_t len);
	int (*open)(void **reader, const char *name, const char *bytes, size_t len,
		    struct kmr_trace_info *info, struct kmr_error *err);
	ssize_t (*read)(void *reader, struct kmr_event *events, size_t count,
			struct kmr_error *err);
	const char *(*site)(const void *reader, uint32_t id);
	const char *(*task)(const void *reader, uint32_t id);
	const char *(*cache)(const void *reader, uint32_t id);
	void (*close)(void *reader);
};

/*
 * Inputs that @reader recognises are its own in every kmr_source_open() after this; at most 4 readers,
 * before anything else is done with sources.
 */
void kmr_source_add_reader(const struct kmr_source_reader *reader);

/*
 * Opens @path ("-": standard input; a directory: the trace.txt.zst, trace.txt, trace.dat.zst or
 * trace.dat in it), plain or zstd, by content.  Fails with a message on a directory without a
 * trace, an unreadable, empty or binary file, a corrupt frame, text that is no trace and that no
 * reader takes.
 */
int kmr_source_open(struct kmr_source **source, const char *path,
		    const struct kmr_source_options *options, struct kmr_error *err);

/* Fills up to @count events; returns how many, 0 at the end of the trace, -1 on failure. */
ssize_t kmr_source_read(struct kmr_source *source, struct kmr_event *events, size_t count,
			struct kmr_error *err);

/* Owned by the source, valid until it is closed. */
const struct kmr_trace_info *kmr_source_info(const struct kmr_source *source);

/* The interned strings; "" for id 0 and for ids never given out. */
const char *kmr_source_site(const struct kmr_source *source, uint32_t id);
const char *kmr_source_task(const struct kmr_source *source, uint32_t id);
const char *kmr_source_cache(const struct kmr_source *source, uint32_t id);

/*
 * The range of addresses that alloc_vmap_area was told, [*start, *end); false for id 0, when it was
 * not told, and for ids never given out.
 */
bool kmr_source_range(const struct kmr_source *source, uint32_t id, uint64_t *start, uint64_t *end);

/* NULL is fine. */
void kmr_source_close(struct kmr_source *source);

#endif
