// SPDX-License-Identifier: GPL-2.0-only
#include "trace/dat_file.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/excerpt.h"
#include "trace/features.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#define MAGIC_BYTES  10
#define SECTION_HEAD 16
#define COMPRESSED   1u

/* Options may go on in another section; no file has more of them. */
#define MAX_OPTION_SECTIONS 64

struct section {
	unsigned int id, flags;
	uint64_t size; /* in the file, behind its head */
};

int dat_decompress(const struct dat_file *file, const void *from, size_t len, void *to, size_t size,
		   uint64_t at, struct kmr_error *err)
{
	const char *wrong = "it has another size than the file says";
	size_t got = 0;

	if (file->compression == DAT_ZSTD) {
		got = ZSTD_decompress(to, size, from, len);
		if (ZSTD_isError(got))
			wrong = ZSTD_getErrorName(got);
#ifdef HAVE_ZLIB
	} else if (file->compression == DAT_ZLIB) {
		uLongf n = (uLongf)size;
		const int status = uncompress(to, &n, from, (uLong)len);

		got = status == Z_OK ? n : 0;
		if (status != Z_OK)
			wrong = zError(status);
#endif
	}
	if (got == size)
		return 0;
	return kmr_fail(err, "%s: corrupt compressed data at byte %llu: %s",
			kmr_randread_name(file->bytes), (unsigned long long)at, wrong);
}

static struct dat_cursor cursor(const struct dat_file *file, uint64_t at)
{
	return (struct dat_cursor){
		.file = file->bytes, .at = at, .end = file->bytes->size, .big = file->big
	};
}

static int take_section(struct dat_cursor *c, struct section *s, struct kmr_error *err)
{
	uint64_t id, flags, string;

	if (dat_take_number(c, 2, &id, "a section", err) ||
	    dat_take_number(c, 2, &flags, "a section", err) ||
	    dat_take_number(c, 4, &string, "a section", err) ||
	    dat_take_number(c, 8, &s->size, "a section", err))
		return -1;
	s->id = (unsigned int)id;
	s->flags = (unsigned int)flags;
	return 0;
}

/* A whole section that is compressed, into memory. */
static int unpack(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	const uint64_t at = c->at;
	uint64_t packed, size;
	char *from = NULL, *to;
	int ret;

	if (dat_take_number(c, 4, &packed, "a compressed section", err) ||
	    dat_take_number(c, 4, &size, "a compressed section", err))
		return -1;
	if (size > DAT_MAX_BLOB)
		return kmr_fail(err, "%s: the section at byte %llu would take %llu MiB of memory",
				kmr_randread_name(file->bytes), (unsigned long long)at,
				(unsigned long long)(size >> 20));
	if (dat_take_blob(c, packed, &from, "a compressed section", err))
		return -1;
	to = malloc((size_t)size + 1);
	ret = to ? dat_decompress(file, from, (size_t)packed, to, (size_t)size, at, err)
		 : kmr_fail_nomem(err, "a section of a trace");
	free(from);
	if (ret) {
		free(to);
		return -1;
	}
	*c = (struct dat_cursor){
		.file = file->bytes, .mem = to, .end = size, .section = at, .big = file->big
	};
	return 0;
}

/* A cursor over the section at @at, which must have this @id. */
static int open_section(struct dat_file *file, uint64_t at, unsigned int id, struct dat_cursor *c,
			struct kmr_error *err)
{
	struct section s;

	*c = cursor(file, at);
	if (take_section(c, &s, err))
		return -1;
	if (s.id != id)
		return kmr_fail(
			err,
			"%s: at byte %llu should be a section of kind %u and is one of kind "
			"%u; the file is damaged",
			kmr_randread_name(file->bytes), (unsigned long long)at, id, s.id);
	if (s.flags & COMPRESSED)
		return unpack(file, c, err);
	if (s.size < c->end - c->at)
		c->end = c->at + s.size;
	return 0;
}

static int too_many_instances(const struct dat_file *file, const char *name, struct kmr_error *err)
{
	char first[64], second[64];

	return kmr_fail(err,
			"%s: has events of two instances, '%s' and '%s', which are two traces; "
			"record each into a file of its own",
			kmr_randread_name(file->bytes),
			kmr_excerpt(first, sizeof(first), file->instance),
			kmr_excerpt(second, sizeof(second), name));
}

/* Where the records of an instance are. */
static int read_buffer(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	char name[64], clock[64];
	uint64_t at, page_size, cpus, cpu, offset, size;
	struct dat_cursor data;
	struct section s;
	const size_t before = file->nr_cpus;

	if (dat_take_number(c, 8, &at, "a buffer", err) ||
	    dat_take_string(c, name, sizeof(name), "an instance's name", err) ||
	    dat_take_string(c, clock, sizeof(clock), "a clock's name", err) ||
	    dat_take_number(c, 4, &page_size, "a buffer", err) ||
	    dat_take_number(c, 4, &cpus, "a buffer", err))
		return -1;
	for (; cpus; cpus--) {
		if (dat_take_number(c, 4, &cpu, "a CPU's buffer", err) ||
		    dat_take_number(c, 8, &offset, "a CPU's buffer", err) ||
		    dat_take_number(c, 8, &size, "a CPU's buffer", err) ||
		    dat_add_cpu(file, (uint32_t)cpu, offset, size, err))
			return -1;
	}
	if (file->nr_cpus == before)
		return 0;
	if (before)
		return too_many_instances(file, name, err);
	data = cursor(file, at);
	if (take_section(&data, &s, err))
		return -1;
	memcpy(file->instance, name, sizeof(name));
	file->packed = (s.flags & COMPRESSED) != 0;
	file->page_size = (uint32_t)page_size;
	dat_set_clock(file, clock);
	return 0;
}

static int latency_text(const struct dat_file *file, struct kmr_error *err)
{
	return kmr_fail(err,
			"%s: holds the text of a latency tracer and no records; give that text, as "
			"trace-cmd report prints it",
			kmr_randread_name(file->bytes));
}

/* Where version 7 has what. */
struct places {
	uint64_t of[DAT_OPTION_COMMS + 1];
	uint64_t next; /* section of options; 0: none */
};

static int take_option(struct dat_file *file, struct dat_cursor *c, struct places *places,
		       bool *done, struct kmr_error *err)
{
	struct dat_cursor sub;
	uint64_t id, size;
	char *bytes;
	int ret;

	if (dat_take_number(c, 2, &id, "an option", err) ||
	    dat_take_number(c, 4, &size, "an option", err) ||
	    dat_take_blob(c, size, &bytes, "an option", err))
		return -1;
	sub = (struct dat_cursor){ .file = file->bytes,
				   .mem = bytes,
				   .end = size,
				   .section = c->mem ? c->section : c->at,
				   .big = file->big };
	*done = id == DAT_OPTION_DONE;
	if (id == DAT_OPTION_DONE)
		ret = dat_take_number(&sub, 8, &places->next, "the end of options", err);
	else if (id == DAT_OPTION_BUFFER)
		ret = read_buffer(file, &sub, err);
	else if (id == DAT_OPTION_BUFFER_TEXT)
		ret = latency_text(file, err);
	else if (id >= DAT_OPTION_HEADER && id <= DAT_OPTION_COMMS)
		ret = dat_take_number(&sub, 8, &places->of[id], "a section's place", err);
	else
		ret = dat_read_option(file, (unsigned int)id, bytes, (size_t)size, err);
	dat_cursor_fini(&sub);
	return ret;
}

static int read_options(struct dat_file *file, struct places *places, struct kmr_error *err)
{
	for (unsigned int n = 0; places->next; n++) {
		struct dat_cursor c;
		bool done = false;
		int ret;

		if (n == MAX_OPTION_SECTIONS)
			return kmr_fail(err, "%s: its options never end; the file is damaged",
					kmr_randread_name(file->bytes));
		if (open_section(file, places->next, DAT_OPTION_DONE, &c, err))
			return -1;
		places->next = 0;
		do {
			ret = take_option(file, &c, places, &done, err);
		} while (!ret && !done);
		dat_cursor_fini(&c);
		if (ret)
			return -1;
	}
	return 0;
}

typedef int part_reader(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err);

static part_reader *const parts[] = { dat_read_header,	dat_read_ftrace, dat_read_formats,
				      dat_read_symbols, dat_read_printk, dat_read_comms };

#define NR_PARTS (sizeof(parts) / sizeof(parts[0]))

static int set_compression(struct dat_file *file, const char *name, struct kmr_error *err)
{
	char shown[32];

	if (!strcmp(name, "none"))
		file->compression = DAT_PLAIN;
	else if (!strcmp(name, "zstd"))
		file->compression = DAT_ZSTD;
#ifdef HAVE_ZLIB
	else if (!strcmp(name, "zlib"))
		file->compression = DAT_ZLIB;
#else
	else if (!strcmp(name, "zlib"))
		return kmr_fail(err,
				"%s: is compressed by zlib, which this kmreplay was built without; "
				"build it with zlib (zlib1g-dev), or convert the file with "
				"trace-cmd convert --compression zstd",
				kmr_randread_name(file->bytes));
#endif
	else
		return kmr_fail(err,
				"%s: is compressed by '%s', which is not known; trace-cmd "
				"convert --compression zstd makes a file that can be read",
				kmr_randread_name(file->bytes),
				kmr_excerpt(shown, sizeof(shown), name));
	return 0;
}

static int open_v7(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	char name[32], version[64];
	struct places places = { { 0 }, 0 };

	if (dat_take_string(c, name, sizeof(name), "the compression's name", err) ||
	    dat_take_string(c, version, sizeof(version), "the compression's version", err) ||
	    dat_take_number(c, 8, &places.next, "the place of the options", err) ||
	    set_compression(file, name, err) || read_options(file, &places, err))
		return -1;
	for (unsigned int i = 0; i < NR_PARTS; i++) {
		struct dat_cursor part;
		int ret;

		if (!places.of[DAT_OPTION_HEADER + i])
			continue;
		if (open_section(file, places.of[DAT_OPTION_HEADER + i], DAT_OPTION_HEADER + i,
				 &part, err))
			return -1;
		ret = parts[i](file, &part, err);
		dat_cursor_fini(&part);
		if (ret)
			return -1;
	}
	return 0;
}

static int read_v6_options(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	for (;;) {
		uint64_t id, size;
		char *bytes;
		int ret;

		if (dat_take_number(c, 2, &id, "an option", err))
			return -1;
		if (id == DAT_OPTION_DONE)
			return 0;
		if (dat_take_number(c, 4, &size, "an option", err) ||
		    dat_take_blob(c, size, &bytes, "an option", err))
			return -1;
		if (id == DAT_OPTION_BUFFER && size > 8 && bytes[8])
			ret = kmr_fail(
				err,
				"%s: has events of instances, which are traces of their own; "
				"record each into a file of its own",
				kmr_randread_name(file->bytes));
		else
			ret = dat_read_option(file, (unsigned int)id, bytes, (size_t)size, err);
		free(bytes);
		if (ret)
			return -1;
	}
}

static int open_v6(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	char kind[MAGIC_BYTES + 1] = "";
	uint64_t cpus, offset, size;

	dat_set_clock(file, "local");
	for (unsigned int i = 0; i < NR_PARTS; i++)
		if (parts[i](file, c, err))
			return -1;
	if (dat_take_number(c, 4, &cpus, "the number of CPUs", err) ||
	    dat_take(c, kind, MAGIC_BYTES, "the kind of data", err))
		return -1;
	if (!strncmp(kind, "options", 7) &&
	    (read_v6_options(file, c, err) ||
	     dat_take(c, kind, MAGIC_BYTES, "the kind of data", err)))
		return -1;
	if (!strncmp(kind, "latency", 7))
		return latency_text(file, err);
	if (strncmp(kind, "flyrecord", 9) != 0)
		return kmr_fail(err,
				"%s: says of no kind of data at byte %llu; the file is damaged",
				kmr_randread_name(file->bytes), (unsigned long long)c->at);
	for (uint64_t cpu = 0; cpu < cpus; cpu++)
		if (dat_take_number(c, 8, &offset, "a CPU's place", err) ||
		    dat_take_number(c, 8, &size, "a CPU's place", err) ||
		    dat_add_cpu(file, (uint32_t)(cpu & UINT32_MAX), offset, size, err))
			return -1;
	return 0;
}

/* Until Linux 3.19 events of pages had the address of a struct page, of a size that no file tells. */
static bool lacks_pfn(const struct dat_formats *formats)
{
	for (unsigned int i = 0; i < formats->count; i++)
		if (formats->format[i].type == KMR_EV_PAGE_ALLOC &&
		    !formats->format[i].field[0].present)
			return true;
	return false;
}

static int check_parts(struct dat_file *file, struct kmr_error *err)
{
	const char *name = kmr_randread_name(file->bytes);
	struct dat_layout *l = &file->layout;

	if (!l->size)
		return kmr_fail(err,
				"%s: has no header_page, which says where records lie; the "
				"file is damaged",
				name);
	if (!file->names.formats.count)
		return kmr_fail(err,
				"%s: has the format of no event that kmreplay knows; record with "
				"trace-cmd record -e kmem",
				name);
	if (lacks_pfn(&file->names.formats))
		return kmr_fail(err,
				"%s: its mm_page_alloc has no page frame number (kernels before "
				"4.0); give the text that trace-cmd report makes of it",
				name);
	/* sub-buffers can be larger than header_page, which older trace-cmd has from boot, says */
	if (file->page_size > l->size && file->page_size <= UINT32_C(1) << 20)
		l->size = file->page_size;
	if (file->tsc_mult)
		file->ns = true;
	return 0;
}

int dat_file_open(struct dat_file *file, struct kmr_error *err)
{
	const char *name = kmr_randread_name(file->bytes);
	struct dat_cursor c = cursor(file, MAGIC_BYTES);
	uint64_t big, bits, page_size;
	char version[8], shown[16];

	if (dat_take_string(&c, version, sizeof(version), "the version", err))
		return -1;
	if (strcmp(version, "6") != 0 && strcmp(version, "7") != 0)
		return kmr_fail(err,
				"%s: is a trace-cmd file of version %s; those of 6 and 7 can be "
				"read, which trace-cmd convert makes",
				name, kmr_excerpt(shown, sizeof(shown), version));
	file->version = (unsigned int)(version[0] - '0');
	if (dat_take_number(&c, 1, &big, "the byte order", err) ||
	    dat_take_number(&c, 1, &bits, "the size of a long", err))
		return -1;
	if (big > 1)
		return kmr_fail(err, "%s: says of no byte order; the file is damaged", name);
	file->big = c.big = big != 0;
	file->names.big = file->big;
	if (dat_take_number(&c, 4, &page_size, "the size of a page", err))
		return -1;
	if (file->version == 6 ? open_v6(file, &c, err) : open_v7(file, &c, err))
		return -1;
	return check_parts(file, err);
}

void dat_file_close(struct dat_file *file)
{
	dat_names_fini(&file->names);
	free(file->cpus);
	file->cpus = NULL;
}
