// SPDX-License-Identifier: GPL-2.0-only
/* What options of a trace.dat file tell of the machine and its clock. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "trace/dat_file.h"

/* No kernel has more. */
#define MAX_CPUS 8192

void dat_set_clock(struct dat_file *file, const char *clock)
{
	/* those that the kernel prints in seconds: kernel/trace/trace.c, trace_clocks[] */
	static const char *const in_ns[] = { "local",	 "global", "perf", "mono",
					     "mono_raw", "boot",   "tai" };

	file->ns = false;
	for (size_t i = 0; i < ARRAY_SIZE(in_ns); i++)
		file->ns |= !strcmp(clock, in_ns[i]);
}

/* "[local] global counter …" */
static void read_clocks(struct dat_file *file, char *text)
{
	char *clock = strchr(text, '['), *end = clock ? strchr(clock, ']') : NULL;

	if (!end)
		return;
	*end = '\0';
	dat_set_clock(file, clock + 1);
}

static void copy_word(char *to, size_t size, const char *from, size_t len)
{
	if (len > size - 1)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
	for (char *p = to; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
}

/* "Linux (none) 6.12.117 x86_64": the node's name may hold anything */
static void read_uname(struct dat_file *file, const char *text)
{
	const char *machine = strrchr(text, ' '), *release = machine;
	char *end;
	unsigned long major, minor;

	if (!machine)
		return;
	while (release > text && release[-1] != ' ')
		release--;
	copy_word(file->kernel, sizeof(file->kernel), release, (size_t)(machine - release));
	copy_word(file->machine, sizeof(file->machine), machine + 1, strlen(machine + 1));
	major = strtoul(release, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	if (major && major < 1000 && minor < 100)
		file->names.version = (unsigned int)(major * 100 + minor);
}

/* Lines of per_cpu/cpuN/stats. */
static void read_stats(struct dat_file *file, const char *text)
{
	static const char *const lost[] = { "\noverrun: ", "\ndropped events: " };

	for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
		const char *p = strstr(text, lost[i]);

		if (p)
			file->overrun += strtoull(p + strlen(lost[i]), NULL, 10);
	}
}

static void read_text(struct dat_file *file, unsigned int id, char *text)
{
	switch (id) {
	case DAT_OPTION_DATE: /* microseconds */
		file->time_offset += (uint64_t)strtoll(text, NULL, 0) * 1000;
		break;
	case DAT_OPTION_OFFSET:
		file->time_offset += (uint64_t)strtoll(text, NULL, 0);
		break;
	case DAT_OPTION_CPUSTAT:
		read_stats(file, text);
		break;
	case DAT_OPTION_CLOCK:
		read_clocks(file, text);
		break;
	default:
		read_uname(file, text);
	}
}

int dat_read_option(struct dat_file *file, unsigned int id, const char *bytes, size_t len,
		    struct kmr_error *err)
{
	char *text;

	switch (id) {
	case DAT_OPTION_TSC2NSEC:
		if (len < 16)
			return 0;
		file->tsc_mult = (uint32_t)dat_number(bytes, 4, file->big);
		file->tsc_shift = (uint32_t)dat_number(bytes + 4, 4, file->big);
		if (file->tsc_shift > 63)
			return kmr_fail(err,
					"%s: its clock cannot be converted: a shift of %u bits",
					kmr_randread_name(file->bytes), file->tsc_shift);
		return 0;
	case DAT_OPTION_DATE:
	case DAT_OPTION_OFFSET:
	case DAT_OPTION_CPUSTAT:
	case DAT_OPTION_CLOCK:
	case DAT_OPTION_UNAME:
		text = malloc(len + 1);
		if (!text)
			return kmr_fail_nomem(err, "an option of a trace");
		memcpy(text, bytes, len);
		text[len] = '\0';
		read_text(file, id, text);
		free(text);
		return 0;
	default:
		return 0;
	}
}

int dat_add_cpu(struct dat_file *file, uint32_t cpu, uint64_t offset, uint64_t size,
		struct kmr_error *err)
{
	struct dat_cpu *grown;

	if (!size)
		return 0;
	if (cpu >= MAX_CPUS || file->nr_cpus == MAX_CPUS)
		return kmr_fail(err, "%s: has records of CPU %u; the file is damaged",
				kmr_randread_name(file->bytes), cpu);
	grown = kmr_grow(file->cpus, file->nr_cpus, &file->cap_cpus, sizeof(*grown));
	if (!grown)
		return kmr_fail_nomem(err, "a trace's CPUs");
	file->cpus = grown;
	file->cpus[file->nr_cpus++] = (struct dat_cpu){ cpu, offset, size };
	return 0;
}
