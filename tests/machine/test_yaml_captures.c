// SPDX-License-Identifier: GPL-2.0-only
/*
 * The captures' machines from what their /proc/iomem says: described in YAML and booted, their
 * zones have the kernel's figures, without one that was counted from them.
 */
#include <stdio.h>

#include "support.h"

/* The files that are shipped; several captures are of one machine. */
static const struct {
	const char *capture, *file;
} files[] = {
	{ "i386-slub-compile", "i386-slub" },
	{ "i386-slub-files", "i386-slub" },
	{ "i386-slab-compile", "i386-slab" },
	{ "i386-slab-files", "i386-slab" },
	{ "i386-slob-compile", "i386-slob" },
	{ "i386-slob-files", "i386-slob" },
	{ "i386-slub-smp2-shell", "i386-smp2" },
	{ "i386-slub-pressure", "i386-320M" },
	{ "i386-slub-reclaim", "i386-192M" },
	{ "x86_64-6.1-up-sqlite", "x86_64-6.1-2G" },
	{ "x86_64-6.12-up-shell", "x86_64-6.12-2G" },
	{ "x86_64-6.12-up-dat", "x86_64-6.12-2G" },
	{ "x86_64-6.12-numa-compile", "x86_64-6.12-numa" },
	{ "x86_64-6.12-numa-reclaim", "x86_64-6.12-numa-360M" },
};

_Static_assert(sizeof(files) / sizeof(files[0]) == NR_CAPTURES, "a file for each capture");

static void compare(const char *what, const struct kmr_machine *m, const struct kmr_machine *k)
{
	compare_zones(what, m, k);
	cr_expect_str_eq(m->arch, k->arch, "%s", what);
	cr_expect_eq(m->pageblock_order, k->pageblock_order, "%s", what);
	cr_expect_eq(m->nr_orders, k->nr_orders, "%s", what);
	cr_expect_eq(m->nr_nodes, k->nr_nodes, "%s", what);
	cr_expect_eq(m->nr_cpus, k->nr_cpus, "%s", what);
	cr_expect_eq(m->thp, k->thp, "%s", what);
	cr_expect_arr_eq(m->cpu_node, k->cpu_node, sizeof(m->cpu_node), "%s", what);
	cr_expect_arr_eq(m->distance, k->distance, sizeof(m->distance), "%s", what);
	cr_expect_arr_eq(m->has_type, k->has_type, sizeof(m->has_type), "%s", what);
}

static void read_kernel(struct kmr_machine *k, const char *capture, char *dir, size_t size)
{
	struct kmr_error err;

	snprintf(dir, size, "%s/%s", CAPTURES, capture);
	cr_assert_eq(kmr_machine_from_proc(k, dir, &err), 0, "%s", err.msg);
}

Test(yaml_captures, shipped_files_have_the_kernel_s_zones)
{
	struct kmr_machine *m = new_machine(), *k = new_machine();
	struct kmr_error err;
	char dir[512], path[512];

	need_captures();
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		read_kernel(k, files[i].capture, dir, sizeof(dir));
		snprintf(path, sizeof(path), "%s/traces/machines/%s.yaml", KMR_SOURCE_ROOT,
			 files[i].file);
		cr_assert_eq(kmr_machine_from_yaml(m, path, &err), 0, "%s", err.msg);
		cr_expect_str_eq(m->name, files[i].file);
		compare(files[i].capture, m, k);
	}
	free(m);
	free(k);
}

/* What the program writes from a directory of dumps is such a file. */
Test(yaml_captures, written_from_iomem_they_have_the_kernel_s_zones)
{
	struct kmr_machine *m = new_machine(), *k = new_machine();
	struct kmr_error err;
	char dir[512];

	need_captures();
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);

		cr_assert_not_null(f);
		read_kernel(k, files[i].capture, dir, sizeof(dir));
		cr_assert_eq(kmr_machine_write_yaml(f, dir, &err), 0, "%s", err.msg);
		fclose(f);
		cr_assert_eq(kmr_machine_parse_yaml(m, dir, text, len, &err), 0, "%s", err.msg);
		cr_expect_str_eq(m->name, files[i].capture);
		compare(files[i].capture, m, k);
		free(text);
	}
	free(m);
	free(k);
}

/* Of the zones' figures none comes from zoneinfo, which one node does not even need. */
Test(yaml_captures, iomem_alone)
{
	static const char iomem[] = "00000000-00000fff : Reserved\n"
				    "00001000-0009fbff : System RAM\n"
				    "00100000-7ffd9fff : System RAM\n"
				    "  01000000-019fffff : Kernel code\n"
				    "  01a00000-01c04fff : Kernel rodata\n"
				    "  01e00000-01f6fa7f : Kernel data\n"
				    "  02344000-023fffff : Kernel bss\n";
	static const char uname[] = "Linux a 6.12.117 #2 SMP Sat x86_64 GNU/Linux\n";
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	struct tmp t;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	tmp_begin(&t);
	tmp_write(&t, "iomem", iomem, sizeof(iomem) - 1);
	tmp_write(&t, "uname", uname, sizeof(uname) - 1);
	cr_assert_eq(kmr_machine_write_yaml(f, t.dir, &err), 0, "%s", err.msg);
	fclose(f);
	cr_assert_eq(kmr_machine_parse_yaml(m, "m.yaml", text, len, &err), 0, "%s", err.msg);
	cr_expect_eq(m->nr_zones, 2);
	/* of x86_64-6.12-up-shell */
	cr_expect_eq(m->zones[1].managed, 506808);
	tmp_remove(&t, "iomem");
	tmp_remove(&t, "uname");
	tmp_end(&t);
	free(text);
	free(m);
}

Test(yaml_captures, directories_that_will_not_do)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "00000000-00000000 : System RAM\n",
		  "iomem: no range of System RAM with an address; only root sees them" },
		{ "00001000-0009fbff : Reserved\n",
		  "iomem: no range of System RAM with an address; only root sees them" },
		{ "System RAM\n", "iomem:1: not a range of addresses: System RAM" },
		{ "00001000-00000fff : System RAM\n",
		  "iomem:1: not a range of addresses: 00001000-00000fff : System RAM" },
	};
	struct kmr_error err;
	struct tmp t;
	FILE *f = fopen("/dev/null", "w");

	tmp_begin(&t);
	cr_expect_eq(kmr_machine_write_yaml(f, t.dir, &err), -1);
	cr_expect_not_null(strstr(err.msg, ": no iomem, iomem.before or iomem.after there"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tmp_write(&t, "iomem", cases[i].text, strlen(cases[i].text));
		cr_expect_eq(kmr_machine_write_yaml(f, t.dir, &err), -1);
		cr_expect_not_null(strstr(err.msg, cases[i].message), "%s", err.msg);
	}
	tmp_remove(&t, "iomem");
	tmp_end(&t);
	fclose(f);
}
