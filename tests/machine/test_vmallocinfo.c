// SPDX-License-Identifier: GPL-2.0-only
/* Dumps of /proc/vmallocinfo. */
#include "support.h"

#include "kmreplay/vmallocinfo.h"

static struct tmp tmp;

static int read_text(struct kmr_vmallocinfo *info, const char *text, struct kmr_error *err)
{
	int ret;

	tmp_begin(&tmp);
	(void)tmp_write(&tmp, "vmallocinfo.before", text, strlen(text));
	ret = kmr_vmallocinfo_read(info, tmp.dir, NULL, err);
	tmp_remove(&tmp, "vmallocinfo.before");
	tmp_end(&tmp);
	return ret;
}

Test(vmallocinfo, areas)
{
	struct kmr_vmallocinfo info;
	struct kmr_error err = { "" };

	cr_assert_eq(read_text(&info,
			       "0xffffc90000a01000-0xffffc90000a82000  528384 a+0x1/0x2 pages=128 "
			       "vmalloc N0=64 N1=64\n"
			       "\n"
			       "0xffffc90000000000-0xffffc90000002000    8192 b+0x1/0x2 "
			       "phys=0x00000000bffe1000 ioremap\n"
			       "0xffffc90000005000-0xffffc90000007000    8192 unpurged vm_area",
			       &err),
		     1, "%s", err.msg);
	cr_assert_eq(info.nr, 3);
	cr_expect_eq(info.areas[0].start, UINT64_C(0xffffc90000000000));
	cr_expect_eq(info.areas[0].end, UINT64_C(0xffffc90000002000));
	cr_expect_not(info.areas[0].lazy);
	cr_expect(info.areas[1].lazy);
	cr_expect_eq(info.areas[2].start, UINT64_C(0xffffc90000a01000));
	kmr_vmallocinfo_free(&info);
	cr_expect_eq(info.nr, 0);
}

static void tells_nothing(const char *text)
{
	struct kmr_vmallocinfo info;
	struct kmr_error err = { "" };

	cr_expect_eq(read_text(&info, text, &err), 0, "%s", err.msg);
	cr_expect_eq(info.nr, 0);
	kmr_vmallocinfo_free(&info);
}

Test(vmallocinfo, hidden_addresses)
{
	tells_nothing("0x0000000000000000-0x0000000000000000    8192 a+0x1/0x2 ioremap\n");
	tells_nothing("0x00000000-0x00000000    8192 a+0x1/0x2 ioremap\n");
	tells_nothing("0x(____ptrval____)-0x(____ptrval____)    8192 a+0x1/0x2 ioremap\n");
	/* hashes, of a 64-bit and of a 32-bit kernel, which a line may hide that looks well */
	tells_nothing("0x00000000ea46aaf5-0x000000001b6233e9    8192 a+0x1/0x2 ioremap\n");
	tells_nothing("0xea46aaf5-0x1b6233e9    8192 a+0x1/0x2 ioremap\n");
	tells_nothing("0x1000-0x3000 8192 a\n0x1b6233e9-0xea46aaf5    8192 b\n");
}

Test(vmallocinfo, absent)
{
	struct kmr_vmallocinfo info;
	struct kmr_error err = { "" };

	tmp_begin(&tmp);
	cr_expect_eq(kmr_vmallocinfo_read(&info, tmp.dir, ".before", &err), 0);
	tmp_end(&tmp);
	kmr_vmallocinfo_free(&info);
}

static void damaged(const char *text, const char *message)
{
	struct kmr_vmallocinfo info;
	struct kmr_error err = { "" };
	char expected[512];

	cr_expect_eq(read_text(&info, text, &err), -1, "%s", text);
	(void)snprintf(expected, sizeof(expected), "%s/vmallocinfo.before%s", tmp.dir, message);
	cr_expect_str_eq(err.msg, expected);
	kmr_vmallocinfo_free(&info);
}

Test(vmallocinfo, damaged)
{
	damaged("0x1000-0x3000 8192 a\nf7bfe000-f7c00000 8192 a\n",
		":2: an area's addresses expected, as 0x1000-0x3000");
	damaged("0x1000+0x3000 8192 a\n", ":1: an area's addresses expected, as 0x1000-0x3000");
	damaged("0x1000-0x12345678901234567 8192 a\n",
		":1: an area's addresses expected, as 0x1000-0x3000");
	damaged("0x1000-0x3000 4096 a\n", ":1: the size of 0x1000-0x3000 expected, 8192");
	damaged("0x1000-0x3000 x\n", ":1: the size of 0x1000-0x3000 expected, 8192");
	damaged("0x1000-0x3000 8192 a\n0x2000-0x4000 8192 a\n",
		": areas 0x1000-0x3000 and 0x2000-0x4000 overlap");
}

Test(vmallocinfo, captures)
{
	need_captures();
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		struct kmr_vmallocinfo info;
		struct kmr_error err = { "" };
		char path[512];

		snprintf(path, sizeof(path), "%s/%s/state", CAPTURES, captures[i].name);
		cr_expect_eq(kmr_vmallocinfo_read(&info, path, ".before", &err), 1, "%s", err.msg);
		cr_expect_geq(info.nr, 13u, "%s", path);
		kmr_vmallocinfo_free(&info);
		cr_expect_eq(kmr_vmallocinfo_read(&info, path, ".after", &err), 1, "%s", err.msg);
		kmr_vmallocinfo_free(&info);
	}
}
