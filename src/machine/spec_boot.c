// SPDX-License-Identifier: GPL-2.0-only
/* Machine files: the boot parameters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/internal.h"
#include "machine/spec_internal.h"

#define MAX_BYTES	 (UINT64_C(1) << 52)
#define WHOLE		 UINT64_C(1000000000)
#define MAX_COMMAND_LINE 4096
#define MAX_HUGE_PAGES	 (UINT64_C(1) << 32)

/* An amount of memory, or "30%" of all of it. */
static int amount_or_share(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			   uint64_t *bytes, uint64_t *share, struct kmr_error *err)
{
	*bytes = *share = 0;
	if (node->kind == KMR_YAML_SCALAR && node->len && node->text[node->len - 1] == '%')
		return kmr_yaml_fraction(yaml, node, 1, WHOLE, share, err);
	return kmr_yaml_size(yaml, node, 1, MAX_BYTES, bytes, err);
}

static int read_kernelcore(void *object, const struct kmr_yaml *yaml,
			   const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec_boot *boot = object;

	return amount_or_share(yaml, node, &boot->kernelcore, &boot->kernelcore_share, err);
}

static int read_movablecore(void *object, const struct kmr_yaml *yaml,
			    const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec_boot *boot = object;

	return amount_or_share(yaml, node, &boot->movablecore, &boot->movablecore_share, err);
}

static int read_area(struct kmr_spec_boot *boot, const struct kmr_yaml *yaml,
		     const struct kmr_yaml_node *node, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		{ .key = "name",
		  .type = KMR_YAML_TEXT,
		  .offset = offsetof(struct kmr_spec_cma, name),
		  .max = sizeof(((struct kmr_spec_cma *)NULL)->name) },
		{ .key = "size",
		  .type = KMR_YAML_SIZE,
		  .required = true,
		  .offset = offsetof(struct kmr_spec_cma, size),
		  .min = 1,
		  .max = MAX_BYTES },
		{ .key = "base",
		  .type = KMR_YAML_SIZE,
		  .offset = offsetof(struct kmr_spec_cma, base),
		  .max = MAX_BYTES },
	};
	struct kmr_spec_cma *area = &boot->cma[boot->nr_cma];

	/* dma_contiguous_default_area, kernel/dma/contiguous.c */
	*area = (struct kmr_spec_cma){ .name = "reserved", .at = node };
	if (node->kind == KMR_YAML_SCALAR) {
		if (kmr_yaml_size(yaml, node, 1, MAX_BYTES, &area->size, err))
			return -1;
	} else if (kmr_yaml_bind(yaml, node, "a CMA area", fields, ARRAY_SIZE(fields), area, err)) {
		return -1;
	}
	for (unsigned int i = 0; i < boot->nr_cma; i++)
		if (!strcmp(boot->cma[i].name, area->name))
			return kmr_yaml_fail(yaml, node, err,
					     "two CMA areas of the name '%s'; give each its own "
					     "'name'",
					     area->name);
	boot->nr_cma++;
	return 0;
}

/* One area, or a list of them. */
static int read_cma(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    struct kmr_error *err)
{
	struct kmr_spec_boot *boot = object;

	boot->nr_cma = 0;
	if (node->kind != KMR_YAML_LIST)
		return read_area(boot, yaml, node, err);
	if (kmr_spec_list(yaml, node, "CMA areas", KMR_MAX_CMA, err))
		return -1;
	for (const struct kmr_yaml_node *n = node->items; n; n = n->next)
		if (read_area(boot, yaml, n, err))
			return -1;
	return 0;
}

/* A number spread over the nodes, or a list with one for each. */
static int read_hugepages(void *object, const struct kmr_yaml *yaml,
			  const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec_boot *boot = object;
	unsigned int i = 0;

	memset(boot->huge_pages, 0, sizeof(boot->huge_pages));
	boot->huge_pages_any = 0;
	if (node->kind != KMR_YAML_LIST)
		return kmr_yaml_u64(yaml, node, 0, MAX_HUGE_PAGES, &boot->huge_pages_any, err);
	if (kmr_spec_list(yaml, node, "numbers, one for each node", KMR_MAX_NODES, err))
		return -1;
	for (const struct kmr_yaml_node *n = node->items; n; n = n->next, i++)
		if (kmr_yaml_u64(yaml, n, 0, MAX_HUGE_PAGES, &boot->huge_pages[i], err))
			return -1;
	return 0;
}

static int read_reserve_ratio(void *object, const struct kmr_yaml *yaml,
			      const struct kmr_yaml_node *map, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
#define RATIO(name, type_)      \
	{ .key = (name),        \
	  .type = KMR_YAML_U32, \
	  .offset = offsetof(struct kmr_spec_boot, reserve_ratio[KMR_ZONE_##type_]) }
		RATIO("DMA", DMA),	   RATIO("DMA32", DMA32),     RATIO("Normal", NORMAL),
		RATIO("HighMem", HIGHMEM), RATIO("Movable", MOVABLE),
#undef RATIO
	};
	struct kmr_spec_boot *boot = object;

	boot->has_reserve_ratio = true;
	return kmr_yaml_bind(yaml, map, "lowmem_reserve_ratio", fields, ARRAY_SIZE(fields), boot,
			     err);
}

/* What it says was taken beforehand: here its length. */
static int read_command_line(void *object, const struct kmr_yaml *yaml,
			     const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec_boot *boot = object;
	char text[MAX_COMMAND_LINE];

	if (kmr_yaml_text(yaml, node, text, sizeof(text), err))
		return -1;
	boot->command_line = node->len;
	return 0;
}

int kmr_spec_read_boot(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		       struct kmr_error *err)
{
	static const char *const zone_orders[] = { "node", "zone", NULL };
#define BOOT(name, kind, member, least, most)                                                   \
	{                                                                                       \
		.key = (name), .type = KMR_YAML_##kind,                                         \
		.offset = offsetof(struct kmr_spec_boot, member), .min = (least), .max = (most) \
	}
#define CALL(name, function)                                             \
	{                                                                \
		.key = (name), .type = KMR_YAML_CALL, .read = (function) \
	}
	static const struct kmr_yaml_field fields[] = {
		CALL("command_line", read_command_line),
		BOOT("mem", SIZE, mem, 1, MAX_BYTES),
		CALL("kernelcore", read_kernelcore),
		CALL("movablecore", read_movablecore),
		BOOT("movable_node", BOOL, movable_node, 0, 0),
		CALL("cma", read_cma),
		CALL("hugepages", read_hugepages),
		BOOT("hugepage_size", SIZE, huge_page_size, 4096, UINT64_C(1) << 40),
		BOOT("min_free_kbytes", U64, min_free_kbytes, 1, UINT64_C(1) << 32),
		/* mm/page_alloc.c allows a watermark distance of 30 % at most */
		BOOT("watermark_scale_factor", U32, watermark_scale, 1, 3000),
		CALL("lowmem_reserve_ratio", read_reserve_ratio),
		{ .key = "zone_order",
		  .type = KMR_YAML_CHOICE,
		  .offset = offsetof(struct kmr_spec_boot, zone_order),
		  .names = zone_orders },
		BOOT("vmalloc", SIZE, vmalloc, 1, UINT64_C(1) << 32),
		BOOT("log_buf_len", SIZE, log_buf_len, 1, UINT64_C(1) << 31),
		BOOT("swiotlb", SIZE, swiotlb, 0, UINT64_C(1) << 32),
	};
#undef BOOT
#undef CALL
	struct kmr_spec *spec = object;

	if (map->kind == KMR_YAML_MAP) {
		const struct kmr_yaml_node *line = kmr_yaml_get(map, "command_line");

		/* so that what keys say goes before what it says */
		if (line && line->kind == KMR_YAML_SCALAR)
			kmr_spec_command_line(&spec->boot, line->text);
	}
	return kmr_yaml_bind(yaml, map, "boot", fields, ARRAY_SIZE(fields), &spec->boot, err);
}

/* memparse() in lib/cmdline.c, decimal or 0x: stepped over; -1: no number. */
static int scan_size(const char **p, uint64_t *bytes)
{
	static const char units[] = "KMGTP";
	const char *unit;
	int bad;

	if ((*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X')) {
		*p += 2;
		bad = kmr_scan_hex(p, bytes);
	} else {
		bad = kmr_scan_u64(p, UINT64_MAX, bytes);
	}
	if (bad)
		return -1;
	unit = **p ? strchr(units, **p >= 'a' && **p <= 'z' ? **p - 'a' + 'A' : **p) : NULL;
	if (unit) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (*bytes >> (64 - shift))
			return -1;
		*bytes <<= shift;
		(*p)++;
	}
	return *bytes <= MAX_BYTES ? 0 : -1;
}

static void scan_amount_or_share(const char *p, uint64_t *bytes, uint64_t *share)
{
	const char *digits = p;
	uint64_t value;

	*bytes = *share = 0;
	if (!kmr_scan_u64(&digits, 100, &value) && *digits == '%')
		*share = value * (WHOLE / 100);
	else if (scan_size(&p, &value) == 0)
		*bytes = value;
}

/* "64M", "64M@1G", "64M@0-4G" */
static void scan_cma(struct kmr_spec_boot *boot, const char *p)
{
	struct kmr_spec_cma area = { .name = "reserved" };

	if (scan_size(&p, &area.size))
		return;
	if (*p == '@') {
		p++;
		if (scan_size(&p, &area.base))
			return;
		if (*p == '-') {
			p++;
			if (scan_size(&p, &area.limit))
				return;
		}
	}
	boot->cma[0] = area;
	boot->nr_cma = area.size ? 1 : 0;
}

/* "8", "0:2,1:6" */
static void scan_hugepages(struct kmr_spec_boot *boot, const char *p)
{
	uint64_t value, pages;

	if (kmr_scan_u64(&p, MAX_HUGE_PAGES, &value))
		return;
	if (*p != ':') {
		boot->huge_pages_any = value;
		return;
	}
	for (;;) {
		if (value >= KMR_MAX_NODES || *p++ != ':' ||
		    kmr_scan_u64(&p, MAX_HUGE_PAGES, &pages))
			return;
		boot->huge_pages[value] = pages;
		if (*p++ != ',' || kmr_scan_u64(&p, KMR_MAX_NODES - 1, &value))
			return;
	}
}

/* "noforce", "65536" or "65536,8": slots of 2 KiB (setup_io_tlb_npages()) */
static void scan_swiotlb(struct kmr_spec_boot *boot, const char *p)
{
	uint64_t slots;

	if (!strcmp(p, "noforce"))
		boot->swiotlb = 0;
	else if (!kmr_scan_u64(&p, UINT64_C(1) << 21, &slots))
		/* in segments of 128 slots */
		boot->swiotlb = ((slots + 127) & ~UINT64_C(127)) * 2048;
}

static void parameter(struct kmr_spec_boot *boot, const char *name, const char *value)
{
	static const struct {
		const char *name;
		size_t offset;
	} sizes[] = {
		{ "mem", offsetof(struct kmr_spec_boot, mem) },
		{ "vmalloc", offsetof(struct kmr_spec_boot, vmalloc) },
		{ "log_buf_len", offsetof(struct kmr_spec_boot, log_buf_len) },
		{ "hugepagesz", offsetof(struct kmr_spec_boot, huge_page_size) },
		{ "default_hugepagesz", offsetof(struct kmr_spec_boot, huge_page_size) },
		{ "sysctl.vm.min_free_kbytes", offsetof(struct kmr_spec_boot, min_free_kbytes) },
	};
	const char *p = value;
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (!strcmp(name, sizes[i].name) && !scan_size(&p, &number))
			memcpy((char *)boot + sizes[i].offset, &number, sizeof(number));
	if (!strcmp(name, "sysctl.vm.watermark_scale_factor") && !kmr_scan_u64(&p, 3000, &number) &&
	    number)
		boot->watermark_scale = (uint32_t)number;
	else if (!strcmp(name, "kernelcore"))
		scan_amount_or_share(value, &boot->kernelcore, &boot->kernelcore_share);
	else if (!strcmp(name, "movablecore"))
		scan_amount_or_share(value, &boot->movablecore, &boot->movablecore_share);
	else if (!strcmp(name, "movable_node"))
		boot->movable_node = true;
	else if (!strcmp(name, "cma"))
		scan_cma(boot, value);
	else if (!strcmp(name, "hugepages"))
		scan_hugepages(boot, value);
	else if (!strcmp(name, "swiotlb"))
		scan_swiotlb(boot, value);
}

void kmr_spec_command_line(struct kmr_spec_boot *boot, const char *text)
{
	char word[128];

	while (*text) {
		size_t len = strcspn(text, " \t\n");

		/* longer ones are none of ours */
		if (len && len < sizeof(word)) {
			char *value;

			memcpy(word, text, len);
			word[len] = '\0';
			value = strchr(word, '=');
			if (value)
				*value++ = '\0';
			parameter(boot, word, value ? value : "");
		}
		text += len;
		text += strspn(text, " \t\n");
	}
}
