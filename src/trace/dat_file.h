/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace.dat file of trace-cmd, version 6 or 7: what stands before the records.  Layout:
 * trace-cmd.dat.v6(5), trace-cmd.dat.v7(5).
 */
#ifndef KMR_TRACE_DAT_FILE_H
#define KMR_TRACE_DAT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/randread.h"
#include "trace/dat_cursor.h"
#include "trace/dat_page.h"
#include "trace/dat_record.h"

enum dat_compression {
	DAT_PLAIN,
	DAT_ZSTD,
	DAT_ZLIB
};

/* Where a CPU's records are. */
struct dat_cpu {
	uint32_t cpu;
	uint64_t offset, size; /* in the file, bytes */
};

struct dat_file {
	struct kmr_randread *bytes; /* not owned */
	struct dat_names names;
	struct dat_layout layout;
	unsigned int version;
	enum dat_compression compression;
	bool big; /* endian */
	bool ns; /* the clock counts nanoseconds, which are printed as microseconds */
	uint32_t page_size; /* as the file has it */
	char kernel[64]; /* "6.12.117"; "": not told */
	char machine[32]; /* "x86_64" */
	char instance[64]; /* whose records they are; "": the top one */
	uint32_t tsc_mult, tsc_shift; /* 0: not */
	uint64_t time_offset; /* added to all times, modulo 2^64 */
	uint64_t overrun; /* events that the kernel counted as lost */
	bool packed; /* the records are compressed */
	struct dat_cpu *cpus; /* owned */
	size_t nr_cpus, cap_cpus;
};

/* Zeroed but for bytes before; to be closed also when it fails. */
int dat_file_open(struct dat_file *file, struct kmr_error *err);
void dat_file_close(struct dat_file *file);

/* Decompresses @len bytes into exactly @size; @at is the place for messages. */
int dat_decompress(const struct dat_file *file, const void *from, size_t len, void *to, size_t size,
		   uint64_t at, struct kmr_error *err);

/* dat_meta.c: the parts of a file, version 6 and 7 alike; all take what is next of @c. */
int dat_read_header(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
int dat_read_ftrace(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
int dat_read_formats(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
int dat_read_symbols(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
int dat_read_printk(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
int dat_read_comms(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);
/* dat_option.c: an option but those that say where a version 7 file has what. */
int dat_read_option(struct dat_file *file, unsigned int id, const char *bytes, size_t len,
		    struct kmr_error *err);
int dat_add_cpu(struct dat_file *file, uint32_t cpu, uint64_t offset, uint64_t size,
		struct kmr_error *err);
void dat_set_clock(struct dat_file *file, const char *clock);

enum {
	DAT_OPTION_DONE = 0,
	DAT_OPTION_DATE = 1,
	DAT_OPTION_CPUSTAT = 2,
	DAT_OPTION_BUFFER = 3,
	DAT_OPTION_CLOCK = 4,
	DAT_OPTION_UNAME = 5,
	DAT_OPTION_OFFSET = 7,
	DAT_OPTION_TSC2NSEC = 14,
	DAT_OPTION_HEADER = 16,
	DAT_OPTION_FTRACE = 17,
	DAT_OPTION_FORMATS = 18,
	DAT_OPTION_SYMBOLS = 19,
	DAT_OPTION_PRINTK = 20,
	DAT_OPTION_COMMS = 21,
	DAT_OPTION_BUFFER_TEXT = 22,
};

#endif
