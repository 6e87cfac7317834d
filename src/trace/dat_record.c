// SPDX-License-Identifier: GPL-2.0-only
/* What all records have, tasks, and markers. */
#include "trace/dat_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/dat_record_internal.h"

/* include/linux/trace_events.h */
#define FLAG_HARDIRQ 0x08
#define FLAG_SOFTIRQ 0x10
#define FLAG_NMI     0x40

/* Positions in dat_wanted(). */
enum {
	PRINT_BUF,
	PRINT_FMT,
	PRINT_STR
};

#define MARK_TEXT "kmsnap: "

static bool mark_in(const char *text, size_t len, struct kmr_event *ev)
{
	const char *p = text + sizeof(MARK_TEXT) - 1, *end = text + len;

	if (len < sizeof(MARK_TEXT) || memcmp(text, MARK_TEXT, sizeof(MARK_TEXT) - 1))
		return false;
	for (ev->addr = 0; p < end && *p >= '0' && *p <= '9'; p++)
		ev->addr = ev->addr * 10 + (uint64_t)(*p - '0');
	return p > text + sizeof(MARK_TEXT) - 1 && (p == end || (unsigned char)*p <= ' ');
}

static const char *string_at(const struct record *r, unsigned int field)
{
	uint64_t address;

	return take(r, field, &address) ? symbols_string(&r->d->names->strings, address) : NULL;
}

/* "kmsnap: %d", the argument in the record: lib/vsprintf.c, vbin_printf() */
static bool bprint_mark(const struct record *r, struct kmr_event *ev)
{
	const char *format = string_at(r, PRINT_FMT), *p;
	const struct dat_field *buf = &r->format->field[PRINT_BUF];
	struct dat_field argument = { .present = true, .offset = buf->offset, .size = 4 };
	uint64_t value;

	if (!format || strncmp(format, MARK_TEXT, sizeof(MARK_TEXT) - 1) != 0)
		return false;
	p = format + sizeof(MARK_TEXT) - 1;
	if (*p != '%')
		return mark_in(format, strlen(format), ev);
	for (p++; *p == 'l'; p++)
		argument.size = r->format->field[PRINT_FMT].size;
	if ((*p != 'd' && *p != 'u' && *p != 'i') || !record_number(r, &argument, &value))
		return false;
	ev->addr = value;
	return true;
}

static bool is_mark(const struct record *r, struct kmr_event *ev)
{
	const struct dat_field *buf = &r->format->field[PRINT_BUF];
	const char *text;

	switch (r->format->mark) {
	case DAT_BPRINT:
		return buf->present && bprint_mark(r, ev);
	case DAT_BPUTS:
		text = string_at(r, PRINT_STR);
		return text && mark_in(text, strlen(text), ev);
	default:
		if (!buf->present || buf->offset >= r->len)
			return false;
		text = (const char *)r->bytes + buf->offset;
		return mark_in(text, strnlen(text, r->len - buf->offset), ev);
	}
}

static uint8_t context(uint64_t flags)
{
	if (flags & FLAG_NMI)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_NMI;
	if (flags & FLAG_HARDIRQ)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_HARDIRQ;
	if (flags & FLAG_SOFTIRQ)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_SOFTIRQ;
	return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_TASK;
}

/* "comm-pid", where the trace does not know the comm as the kernel prints it then. */
static void intern_task(struct dat_decoder *d, uint64_t pid, struct kmr_event *ev)
{
	struct dat_names *names = d->names;
	uint32_t at = kmr_ptrmap_get(&names->comm_of, pid + 1), id;
	const char *comm = at ? names->comms + at - 1 : pid ? "<...>" : "<idle>";
	size_t len = strcspn(comm, "\n");
	char task[128];

	id = kmr_ptrmap_get(&names->task_of, pid + 1);
	if (id) {
		ev->task = (uint16_t)(id - 1);
		return;
	}
	while (len && (*comm == ' ' || *comm == '\t')) {
		comm++;
		len--;
	}
	while (len && (comm[len - 1] == ' ' || comm[len - 1] == '\t'))
		len--;
	(void)snprintf(task, sizeof(task), "%.*s-%" PRIu64, (int)(len < 64 ? len : 64), comm, pid);
	if (kmr_strtab_intern(&d->text->tasks, task, strlen(task), &id))
		d->text->decoder.nomem = true;
	ev->task = id ? (uint16_t)id : UINT16_MAX;
	if (names->task_of.count < DAT_MAX_KNOWN &&
	    kmr_ptrmap_put(&names->task_of, pid + 1, (uint32_t)ev->task + 1))
		d->text->decoder.nomem = true;
}

enum text_kind dat_decode(struct dat_decoder *d, const uint8_t *record, uint32_t len,
			  struct kmr_event *ev, struct text_problem *problem)
{
	const struct dat_formats *formats = &d->names->formats;
	struct record r = { .d = d, .bytes = record, .len = len };
	uint64_t type, flags, pid;
	uint8_t index;

	problem->type = KMR_EV_NONE;
	problem->reason = "shorter than the fields of all events";
	if (!record_number(&r, &formats->type, &type) ||
	    !record_number(&r, &formats->flags, &flags) || !record_number(&r, &formats->pid, &pid))
		return TEXT_MALFORMED;
	ev->flags = context(flags);
	intern_task(d, pid & UINT32_MAX, ev);
	index = type <= UINT16_MAX ? formats->by_id[type] : 0;
	if (d->text->decoder.nomem)
		return TEXT_NOMEM;
	if (!index)
		return TEXT_FOREIGN;
	r.format = &formats->format[index - 1];
	ev->type = (uint8_t)r.format->type;
	ev->node = -1;
	if (r.format->mark)
		return is_mark(&r, ev) ? TEXT_EVENT : TEXT_FOREIGN;
	d->text->decoder.seen |= r.format->seen;
	problem->type = r.format->type;
	problem->reason = record_fill(&r, ev);
	if (d->text->decoder.nomem)
		return TEXT_NOMEM;
	return problem->reason ? TEXT_MALFORMED : TEXT_EVENT;
}

int dat_names_comms(struct dat_names *names, char *text, size_t len)
{
	char *end = text + len;

	names->comms = text;
	for (char *line = text; line < end;) {
		char *newline = memchr(line, '\n', (size_t)(end - line)), *comm;
		/* a line that begins otherwise must not be read on into the next */
		const bool digit = *line >= '0' && *line <= '9';
		const unsigned long pid = digit ? strtoul(line, &comm, 10) : 0;

		if (digit && *comm == ' ' && pid <= UINT32_MAX &&
		    kmr_ptrmap_put(&names->comm_of, (uint64_t)pid + 1,
				   (uint32_t)(comm + 1 - text) + 1))
			return -1;
		line = newline ? newline + 1 : end;
	}
	return 0;
}

void dat_names_fini(struct dat_names *names)
{
	dat_formats_fini(&names->formats);
	symbols_fini(&names->symbols);
	symbols_fini(&names->strings);
	free(names->comms);
	kmr_ptrmap_fini(&names->comm_of);
	kmr_ptrmap_fini(&names->task_of);
	kmr_ptrmap_fini(&names->site_of);
}
