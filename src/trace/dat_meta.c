// SPDX-License-Identifier: GPL-2.0-only
/* Formats, symbols and names of a trace.dat file. */
#include <stdlib.h>
#include <string.h>

#include "trace/dat_file.h"

/* No kernel has larger sub-buffers. */
#define MAX_SUB_BUFFER (UINT32_C(1) << 20)

/* "header_page\0", 8 bytes of size, text */
static int take_named_text(struct dat_cursor *c, const char *name, char **text,
			   struct kmr_error *err)
{
	char found[16];
	uint64_t size;

	if (dat_take_string(c, found, sizeof(found), name, err))
		return -1;
	if (strcmp(found, name) != 0)
		return kmr_fail(err, "%s: %s is missing; the file is damaged",
				kmr_randread_name(c->file), name);
	if (dat_take_number(c, 8, &size, name, err))
		return -1;
	return dat_take_blob(c, size, text, name, err);
}

static int set_layout(struct dat_file *file, const char *text, struct kmr_error *err)
{
	const struct dat_field time = dat_find_field(text, "timestamp"),
			       commit = dat_find_field(text, "commit"),
			       data = dat_find_field(text, "data");
	struct dat_layout *l = &file->layout;

	l->time = time.offset;
	l->commit = commit.offset;
	l->commit_size = commit.size;
	l->data = data.offset;
	l->size = data.offset + data.size;
	l->big = file->big;
	if (time.present && time.size == 8 && commit.present &&
	    (commit.size == 4 || commit.size == 8) && data.present && data.size &&
	    time.offset + 8 <= data.offset && commit.offset + commit.size <= data.offset &&
	    l->size <= MAX_SUB_BUFFER)
		return 0;
	return kmr_fail(err, "%s: header_page describes no sub-buffer; the file is damaged",
			kmr_randread_name(file->bytes));
}

int dat_read_header(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	char *text;
	int ret;

	if (take_named_text(c, "header_page", &text, err))
		return -1;
	ret = set_layout(file, text, err);
	free(text);
	if (ret || take_named_text(c, "header_event", &text, err))
		return -1;
	free(text);
	return 0;
}

static int take_format(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	uint64_t size;
	char *text;
	int ret;

	if (dat_take_number(c, 8, &size, "the size of an event's format", err) ||
	    dat_take_blob(c, size, &text, "an event's format", err))
		return -1;
	ret = dat_formats_add(&file->names.formats, text, kmr_randread_name(file->bytes), err);
	free(text);
	return ret;
}

int dat_read_ftrace(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	uint64_t count;

	if (dat_take_number(c, 4, &count, "the number of ftrace formats", err))
		return -1;
	for (; count; count--)
		if (take_format(file, c, err))
			return -1;
	return 0;
}

int dat_read_formats(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	char system[256];
	uint64_t systems;

	if (dat_take_number(c, 4, &systems, "the number of event systems", err))
		return -1;
	for (; systems; systems--) {
		if (dat_take_string(c, system, sizeof(system), "an event system's name", err) ||
		    dat_read_ftrace(file, c, err))
			return -1;
	}
	return 0;
}

int dat_read_symbols(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	uint64_t size;
	char *text;

	if (dat_take_number(c, 4, &size, "the size of kallsyms", err) ||
	    dat_take_blob(c, size, &text, "kallsyms", err))
		return -1;
	return symbols_read(&file->names.symbols, text, (size_t)size, err);
}

int dat_read_printk(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	uint64_t size;
	char *text;

	if (dat_take_number(c, 4, &size, "the size of printk_formats", err) ||
	    dat_take_blob(c, size, &text, "printk_formats", err))
		return -1;
	return symbols_read_strings(&file->names.strings, text, (size_t)size, err);
}

int dat_read_comms(struct dat_file *file, struct dat_cursor *c, struct kmr_error *err)
{
	uint64_t size;
	char *text;

	if (dat_take_number(c, 8, &size, "the size of saved_cmdlines", err) ||
	    dat_take_blob(c, size, &text, "saved_cmdlines", err))
		return -1;
	if (dat_names_comms(&file->names, text, (size_t)size))
		return kmr_fail_nomem(err, "names of tasks");
	return 0;
}
