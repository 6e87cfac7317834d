// SPDX-License-Identifier: GPL-2.0-only
#include "dat_maker.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static void put(struct maker *m, const void *bytes, size_t len)
{
	while (m->len + len > m->cap) {
		m->cap = m->cap ? m->cap * 2 : 65536;
		m->bytes = realloc(m->bytes, m->cap);
		cr_assert_not_null(m->bytes);
	}
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static void store(const struct maker *m, uint8_t *to, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		to[m->big ? size - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

static void put_number(struct maker *m, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	store(m, bytes, value, size);
	put(m, bytes, size);
}

static void put_string(struct maker *m, const char *text)
{
	put(m, text, strlen(text) + 1);
}

/* Pages and their records. */

static struct maker_page *last(struct maker *m)
{
	return &m->pages[m->nr_pages - 1];
}

void maker_page(struct maker *m, uint32_t cpu, uint64_t time)
{
	cr_assert_lt(m->nr_pages, MAKER_PAGES);
	m->pages[m->nr_pages++] = (struct maker_page){ .cpu = cpu, .time = time };
}

void maker_lost(struct maker *m, uint64_t count)
{
	last(m)->commit_flags = UINT64_C(1) << 31 | (count ? UINT64_C(1) << 30 : 0);
	last(m)->missed = count;
}

void maker_raw(struct maker *m, unsigned int type, uint32_t delta, uint32_t word)
{
	struct maker_page *p = last(m);

	store(m, p->data + p->used, m->big ? type << 27 | delta : delta << 5 | type, 4);
	p->used += 4;
	if (!type || type > 28) {
		store(m, p->data + p->used, word, 4);
		p->used += 4;
	}
}

static void record(struct maker *m, uint32_t delta, const uint8_t *bytes, uint32_t len)
{
	struct maker_page *p = last(m);
	const uint32_t whole = (len + 3) & ~3u;

	if (whole / 4 <= 28)
		maker_raw(m, whole / 4, delta, 0);
	else
		maker_raw(m, 0, delta, whole + 4);
	cr_assert_lt(p->used + whole, MAKER_PAGE - 32);
	memcpy(p->data + p->used, bytes, len);
	p->used += whole;
}

static void common(const struct maker *m, uint8_t *to, unsigned int id, unsigned int flags, int pid)
{
	store(m, to, id, 2);
	to[2] = (uint8_t)flags;
	store(m, to + 4, (uint64_t)pid, 4);
}

void maker_alloc(struct maker *m, uint32_t delta, uint64_t pfn, unsigned int order, uint64_t gfp)
{
	uint8_t r[40] = { 0 };
	const unsigned int l = m->long_size;

	common(m, r, MAKER_ALLOC, 0, 7);
	store(m, r + 8, pfn, l);
	store(m, r + 8 + l, order, 4);
	store(m, r + 16 + l, gfp, l);
	store(m, r + 16 + 2 * l, 1, 4);
	record(m, delta, r, 20 + 2 * l);
}

void maker_free(struct maker *m, uint32_t delta, uint64_t pfn, unsigned int flags, int pid)
{
	uint8_t r[24] = { 0 };

	common(m, r, MAKER_FREE, flags, pid);
	store(m, r + 8, pfn, m->long_size);
	record(m, delta, r, 12 + m->long_size);
}

void maker_cache_free(struct maker *m, uint32_t delta, uint64_t ptr, const char *name)
{
	uint8_t r[256] = { 0 };
	const unsigned int l = m->long_size, at = 12 + 2 * l;
	const size_t len = strlen(name) + 1;

	common(m, r, MAKER_CACHE_FREE, 0, 7);
	store(m, r + 8, 0xc0100000u + 0x12, l);
	store(m, r + 8 + l, ptr, l);
	store(m, r + 8 + 2 * l, (uint64_t)len << 16 | at, 4);
	memcpy(r + at, name, len);
	record(m, delta, r, at + (uint32_t)len);
}

void maker_cache_alloc(struct maker *m, uint32_t delta, uint64_t ptr, const char *name)
{
	uint8_t r[256] = { 0 };
	const unsigned int l = m->long_size, at = 16 + 5 * l + 8;
	const size_t len = strlen(name) + 1;

	common(m, r, MAKER_CACHE_ALLOC, 0, 7);
	store(m, r + 8, 0xc0100000u + 0x34, l);
	store(m, r + 8 + l, ptr, l);
	store(m, r + 8 + 2 * l, (uint64_t)len << 16 | at, 4);
	store(m, r + 16 + 2 * l, 100, l);
	store(m, r + 16 + 3 * l, 128, l);
	store(m, r + 16 + 4 * l, 0xcc0, l);
	store(m, r + 16 + 5 * l, UINT32_MAX, 4); /* any node */
	r[20 + 5 * l] = 1; /* accounted */
	memcpy(r + at, name, len);
	record(m, delta, r, at + (uint32_t)len);
}

void maker_print(struct maker *m, uint32_t delta, const char *text)
{
	uint8_t r[128] = { 0 };

	common(m, r, MAKER_PRINT, 0, 7);
	memcpy(r + 8 + m->long_size, text, strlen(text) + 1);
	record(m, delta, r, 8 + m->long_size + (uint32_t)strlen(text) + 1);
}

void maker_other(struct maker *m, uint32_t delta)
{
	uint8_t r[12] = { 0 };

	common(m, r, MAKER_OTHER, 0, 9);
	record(m, delta, r, sizeof(r));
}

/* The file around them. */

#define COMMON                                                                         \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

#define FLAGS                                                                       \
	"__print_flags(REC->gfp_flags, \"|\", {( unsigned long)(((( gfp_t)"         \
	"(0x400u|0x800u)) | (( gfp_t)0x40u) | (( gfp_t)0x80u))), \"GFP_KERNEL\"}, " \
	"{( unsigned long)(( gfp_t)((((1UL))) << (8))), \"__GFP_ZERO\"} ) : \"none\""

static void put_format(struct maker *m, const char *text)
{
	put_number(m, strlen(text), 8);
	put(m, text, strlen(text));
}

static void put_alloc_format(struct maker *m)
{
	const unsigned int l = m->long_size;
	char text[2048];

	(void)snprintf(
		text, sizeof(text),
		"name: mm_page_alloc\nID: %d\nformat:\n" COMMON
		"\tfield:unsigned long pfn;\toffset:8;\tsize:%u;\tsigned:0;\n"
		"\tfield:unsigned int order;\toffset:%u;\tsize:4;\tsigned:0;\n"
		"\tfield:unsigned long gfp_flags;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		"\tfield:int migratetype;\toffset:%u;\tsize:4;\tsigned:1;\n\n"
		"print fmt: \"page=%%p pfn=0x%%lx order=%%d migratetype=%%d gfp_flags=%%s\", "
		"REC->order, (REC->gfp_flags) ? " FLAGS "\n",
		MAKER_ALLOC, l, 8 + l, 16 + l, l, 16 + 2 * l);
	put_format(m, text);
}

static void put_free_formats(struct maker *m)
{
	const unsigned int l = m->long_size;
	char text[2048];

	(void)snprintf(text, sizeof(text),
		       "name: mm_page_free\nID: %d\nformat:\n" COMMON
		       "\tfield:unsigned long pfn;\toffset:8;\tsize:%u;\tsigned:0;\n"
		       "\tfield:unsigned int order;\toffset:%u;\tsize:4;\tsigned:0;\n\n"
		       "print fmt: \"page=%%p pfn=0x%%lx order=%%d\", REC->order\n",
		       MAKER_FREE, l, 8 + l);
	put_format(m, text);
	(void)snprintf(text, sizeof(text),
		       "name: kmem_cache_free\nID: %d\nformat:\n" COMMON
		       "\tfield:unsigned long call_site;\toffset:8;\tsize:%u;\tsigned:0;\n"
		       "\tfield:const void * ptr;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		       "\tfield:__data_loc char[] name;\toffset:%u;\tsize:4;\tsigned:0;\n\n"
		       "print fmt: \"call_site=%%pS ptr=%%p name=%%s\", (void *)REC->call_site\n",
		       MAKER_CACHE_FREE, l, 8 + l, l, 8 + 2 * l);
	put_format(m, text);
}

static void put_cache_alloc_format(struct maker *m)
{
	const unsigned int l = m->long_size;
	char text[2048];

	(void)snprintf(text, sizeof(text),
		       "name: kmem_cache_alloc\nID: %d\nformat:\n" COMMON
		       "\tfield:unsigned long call_site;\toffset:8;\tsize:%u;\tsigned:0;\n"
		       "\tfield:const void * ptr;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		       "\tfield:__data_loc char[] name;\toffset:%u;\tsize:4;\tsigned:0;\n"
		       "\tfield:size_t bytes_req;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		       "\tfield:size_t bytes_alloc;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		       "\tfield:unsigned long gfp_flags;\toffset:%u;\tsize:%u;\tsigned:0;\n"
		       "\tfield:int node;\toffset:%u;\tsize:4;\tsigned:1;\n"
		       "\tfield:bool accounted;\toffset:%u;\tsize:1;\tsigned:0;\n\n"
		       "print fmt: \"call_site=%%pS ptr=%%p name=%%s bytes_req=%%zu node=%%d "
		       "accounted=%%s\", (REC->gfp_flags) ? " FLAGS "\n",
		       MAKER_CACHE_ALLOC, l, 8 + l, l, 8 + 2 * l, 16 + 2 * l, l, 16 + 3 * l, l,
		       16 + 4 * l, l, 16 + 5 * l, 20 + 5 * l);
	put_format(m, text);
}

static void put_header(struct maker *m)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		       "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		       "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		       "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:0;\n",
		       m->long_size, 8 + m->long_size, MAKER_PAGE - 8 - m->long_size);
	put_string(m, "header_page");
	put_format(m, text);
	put_string(m, "header_event");
	put_format(m, "# compressed entry header\n");
}

static void put_ftrace(struct maker *m)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "name: print\nID: %d\nformat:\n" COMMON
		       "\tfield:unsigned long ip;\toffset:8;\tsize:%u;\tsigned:0;\n"
		       "\tfield:char buf[];\toffset:%u;\tsize:0;\tsigned:0;\n\n"
		       "print fmt: \"%%ps: %%s\", (void *)REC->ip, REC->buf\n",
		       MAKER_PRINT, m->long_size, 8 + m->long_size);
	put_number(m, 1, 4);
	put_format(m, text);
}

static void put_formats(struct maker *m)
{
	put_number(m, 1, 4);
	put_string(m, "kmem");
	put_number(m, 4, 4);
	put_alloc_format(m);
	put_free_formats(m);
	put_cache_alloc_format(m);
}

static void put_symbols(struct maker *m)
{
	static const char text[] = "c0100000 T kfree_it\nc0100000 T alias\nc0100100 T after\n";

	put_number(m, sizeof(text) - 1, 4);
	put(m, text, sizeof(text) - 1);
}

static void put_printk(struct maker *m)
{
	put_number(m, 0, 4);
}

static void put_comms(struct maker *m)
{
	static const char text[] = "7 a task\n8 other\n";

	put_number(m, sizeof(text) - 1, 8);
	put(m, text, sizeof(text) - 1);
}

typedef void part(struct maker *m);

static part *const parts[] = { put_header,  put_ftrace, put_formats,
			       put_symbols, put_printk, put_comms };

static size_t page_bytes(const struct maker *m, const struct maker_page *p, uint8_t *to)
{
	const unsigned int l = m->long_size;

	memset(to, 0, MAKER_PAGE);
	store(m, to, p->time, 8);
	store(m, to + 8, p->used | p->commit_flags, l);
	memcpy(to + 8 + l, p->data, p->used);
	if (p->missed)
		store(m, to + 8 + l + p->used, p->missed, l);
	return MAKER_PAGE;
}

static unsigned int pages_of(const struct maker *m, uint32_t cpu)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->nr_pages; i++)
		n += m->pages[i].cpu == cpu;
	return n;
}

static uint32_t nr_cpus(const struct maker *m)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < m->nr_pages; i++)
		if (m->pages[i].cpu >= n)
			n = m->pages[i].cpu + 1;
	return n;
}

static size_t pack(const struct maker *m, void *to, size_t room, const void *from, size_t len)
{
	const size_t n =
		m->pack ? m->pack(to, room, from, len) : ZSTD_compress(to, room, from, len, 1);

	cr_assert(m->pack || !ZSTD_isError(n));
	return n;
}

static void put_options(struct maker *m)
{
	for (unsigned int i = 0; i < 4 && m->options[i].bytes; i++) {
		put_number(m, m->options[i].id, 2);
		put_number(m, m->options[i].len, 4);
		put(m, m->options[i].bytes, m->options[i].len);
	}
}

/* A CPU's pages; compressed ones in chunks of a page each.  Returns the size that files tell. */
static size_t put_cpu(struct maker *m, uint32_t cpu)
{
	const size_t start = m->len;
	uint8_t page[MAKER_PAGE], packed[2 * MAKER_PAGE];

	if (m->zstd)
		put_number(m, pages_of(m, cpu), 4);
	for (unsigned int i = 0; i < m->nr_pages; i++) {
		size_t n;

		if (m->pages[i].cpu != cpu)
			continue;
		n = page_bytes(m, &m->pages[i], page);
		if (!m->zstd) {
			put(m, page, n);
			continue;
		}
		n = pack(m, packed, sizeof(packed), page, n);
		put_number(m, n, 4);
		put_number(m, MAKER_PAGE, 4);
		put(m, packed, n);
	}
	return m->len - start - (m->zstd ? 4 : 0);
}

static void put_v6(struct maker *m)
{
	const uint32_t cpus = nr_cpus(m);
	size_t table;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](m);
	put_number(m, cpus, 4);
	put(m, "options  ", 10);
	put_number(m, 4, 2);
	put_number(m, strlen(m->clock) + 3, 4);
	put(m, "[", 1);
	put(m, m->clock, strlen(m->clock));
	put_string(m, "]");
	put_options(m);
	put_number(m, 0, 2);
	put(m, "flyrecord", 10);
	table = m->len;
	for (uint32_t cpu = 0; cpu < 2 * cpus; cpu++)
		put_number(m, 0, 8);
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		const size_t at = m->len, size = put_cpu(m, cpu);

		store(m, m->bytes + table + (size_t)cpu * 16, at, 8);
		store(m, m->bytes + table + (size_t)cpu * 16 + 8, size, 8);
	}
}

/* Puts the head of a section; its size is stored when it is done. */
static size_t begin_section(struct maker *m, unsigned int id, unsigned int flags)
{
	put_number(m, id, 2);
	put_number(m, flags, 2);
	put_number(m, 0, 4);
	put_number(m, 0, 8);
	return m->len;
}

static void end_section(struct maker *m, size_t start)
{
	store(m, m->bytes + start - 8, m->len - start, 8);
}

static void put_section(struct maker *m, unsigned int id, part *fill)
{
	const size_t start = begin_section(m, id, m->zstd);
	uint8_t packed[16384];
	size_t size, n;

	fill(m);
	size = m->len - start;
	if (m->zstd) {
		n = pack(m, packed, sizeof(packed), m->bytes + start, size);
		m->len = start;
		put_number(m, n, 4);
		put_number(m, size, 4);
		put(m, packed, n);
	}
	end_section(m, start);
}

static void put_v7(struct maker *m)
{
	const uint32_t cpus = nr_cpus(m);
	uint64_t at[8], buffer, offset[MAKER_PAGES], size[MAKER_PAGES];
	const char *packer = !m->zstd ? "none" : m->packer ? m->packer : "zstd";
	size_t place = m->len + strlen(packer) + 1 + 2, start;

	put_string(m, packer);
	put_string(m, "1");
	put_number(m, 0, 8);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at[i] = m->len;
		put_section(m, 16 + i, parts[i]);
	}
	buffer = m->len;
	start = begin_section(m, 3, m->zstd);
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		offset[cpu] = m->len;
		size[cpu] = put_cpu(m, cpu);
	}
	end_section(m, start);
	store(m, m->bytes + place, m->len, 8);
	start = begin_section(m, 0, 0);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		put_number(m, 16 + i, 2);
		put_number(m, 8, 4);
		put_number(m, at[i], 8);
	}
	put_number(m, 3, 2);
	put_number(m, 8 + 1 + strlen(m->clock) + 1 + 8 + 20 * cpus, 4);
	put_number(m, buffer, 8);
	put_string(m, "");
	put_string(m, m->clock);
	put_number(m, MAKER_PAGE, 4);
	put_number(m, cpus, 4);
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		put_number(m, cpu, 4);
		put_number(m, offset[cpu], 8);
		put_number(m, size[cpu], 8);
	}
	put_options(m);
	put_number(m, 0, 2);
	put_number(m, 8, 4);
	put_number(m, 0, 8);
	end_section(m, start);
}

void maker_finish(struct maker *m)
{
	m->len = 0;
	put(m, "\x17\x08\x44tracing", 10);
	put_string(m, m->version == 6 ? "6" : "7");
	put_number(m, m->big, 1);
	put_number(m, m->long_size, 1);
	put_number(m, MAKER_PAGE, 4);
	if (m->version == 6)
		put_v6(m);
	else
		put_v7(m);
}

void maker_free_bytes(struct maker *m)
{
	free(m->bytes);
	m->bytes = NULL;
}
