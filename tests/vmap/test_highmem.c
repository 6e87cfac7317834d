// SPDX-License-Identifier: GPL-2.0-only
/* kmap() and kmap_local_page(). */
#include "support.h"

#define HIGH 226302u /* the first frame of HighMem, as in the captures */

static struct kmr_machine machine;

static struct kmr_pkmap *pkmap(const char *preset)
{
	struct kmr_error err = { "" };
	struct kmr_pkmap *p;

	cr_assert_eq(kmr_machine_preset(&machine, preset, &err), 0, "%s", err.msg);
	p = kmr_pkmap_create(&machine, &err);
	cr_assert_not_null(p, "%s", err.msg);
	return p;
}

static void check(const struct kmr_pkmap *p)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_pkmap_check(p, &err), 0, "%s", err.msg);
}

Test(pkmap, low_memory_needs_no_slot)
{
	struct kmr_pkmap *p = pkmap("i386:ram=1280M");

	cr_expect_eq(kmr_pkmap_map(p, HIGH - 1), UINT64_C(0xc0000000) + (HIGH - 1) * PAGE);
	cr_expect_eq(kmr_pkmap_address(p, 1), UINT64_C(0xc0001000));
	cr_expect_eq(kmr_pkmap_stats(p)->lowmem, 1);
	cr_expect_eq(kmr_pkmap_used(p), 0);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH - 1), 0);
	kmr_pkmap_destroy(p);
	p = pkmap("x86_64");
	cr_expect_eq(kmr_pkmap_slots(p), 0);
	cr_expect_eq(kmr_pkmap_map(p, 0x12345), UINT64_C(0xffff888012345000));
	kmr_pkmap_destroy(p);
}

Test(pkmap, counts)
{
	struct kmr_pkmap *p = pkmap("i386:ram=1280M");
	const uint64_t base = UINT64_C(0xff400000);

	/* the first search begins at slot 1: last_pkmap_nr is raised before it is looked at */
	cr_expect_eq(kmr_pkmap_map(p, HIGH), base + PAGE);
	cr_expect_eq(kmr_pkmap_map(p, HIGH), base + PAGE, "mapped already");
	cr_expect_eq(kmr_pkmap_map(p, HIGH + 1), base + 2 * PAGE);
	cr_expect_eq(kmr_pkmap_used(p), 2);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH), 0);
	cr_expect_eq(kmr_pkmap_used(p), 2, "another user");
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH), 0);
	cr_expect_eq(kmr_pkmap_used(p), 1);
	/* nobody uses it, but its address is still known */
	cr_expect_eq(kmr_pkmap_address(p, HIGH), base + PAGE);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH), -1);
	cr_expect_eq(kmr_pkmap_stats(p)->bad_unmaps, 1);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH + 7), -1);
	cr_expect_eq(kmr_pkmap_map(p, HIGH), base + PAGE, "taken up again without a flush");
	cr_expect_eq(kmr_pkmap_stats(p)->reused, 2);
	cr_expect_eq(kmr_pkmap_stats(p)->flushes, 0);
	cr_expect_eq(kmr_pkmap_address(p, HIGH + 7), KMR_NO_ADDR);
	check(p);
	kmr_pkmap_destroy(p);
}

/* Slots without users are taken when the search has come round, all flushed at once. */
Test(pkmap, wrap)
{
	struct kmr_pkmap *p = pkmap("i386:ram=1280M");
	const struct kmr_pkmap_stats *s = kmr_pkmap_stats(p);

	for (uint32_t i = 1; i < 1024; i++) {
		(void)kmr_pkmap_map(p, HIGH + i);
		cr_expect_eq(kmr_pkmap_unmap(p, HIGH + i), 0);
	}
	cr_expect_eq(s->wraps, 0);
	cr_expect_eq(s->flushes, 0);
	cr_expect_eq(kmr_pkmap_map(p, HIGH + 5000), UINT64_C(0xff400000), "slot 0");
	cr_expect_eq(s->wraps, 1);
	cr_expect_eq(s->flushes, 1);
	cr_expect_eq(s->flushed_slots, 1023);
	cr_expect_eq(kmr_pkmap_address(p, HIGH + 1), KMR_NO_ADDR);
	check(p);
	kmr_pkmap_destroy(p);
}

Test(pkmap, waiting_for_a_slot)
{
	struct kmr_pkmap *p = pkmap("i386:ram=1280M");
	const struct kmr_pkmap_stats *s = kmr_pkmap_stats(p);

	cr_expect_eq(kmr_pkmap_slots(p), 1024);
	for (uint32_t i = 0; i < 1024; i++)
		cr_expect_neq(kmr_pkmap_map(p, HIGH + i), KMR_NO_ADDR);
	cr_expect_eq(s->most_used, 1024);
	cr_expect_eq(s->wraps, 1, "slot 0 was the last");
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(kmr_pkmap_map(p, HIGH + 2000 + i), KMR_NO_ADDR);
	cr_expect_eq(kmr_pkmap_map(p, HIGH + 2000), KMR_NO_ADDR, "the first page once more");
	cr_expect_eq(kmr_pkmap_waiting(p), 4);
	cr_expect_eq(s->most_waiting, 4);
	cr_expect_eq(s->waits, 4);
	check(p);
	/* what is mapped has no need to wait */
	cr_expect_neq(kmr_pkmap_map(p, HIGH + 3), KMR_NO_ADDR);
	/* who waited longest gets the slot, and with it whoever waits for that page */
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH + 7), 0);
	cr_expect_eq(kmr_pkmap_address(p, HIGH + 2000), UINT64_C(0xff400000) + 8 * PAGE);
	cr_expect_eq(kmr_pkmap_waiting(p), 2);
	check(p);
	/* one gives up before its turn */
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH + 2001), 0);
	cr_expect_eq(s->given_up, 1);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH + 2001), -1);
	cr_expect_eq(kmr_pkmap_unmap(p, HIGH + 9), 0);
	cr_expect_neq(kmr_pkmap_address(p, HIGH + 2002), KMR_NO_ADDR);
	cr_expect_eq(kmr_pkmap_waiting(p), 0);
	check(p);
	kmr_pkmap_destroy(p);
}

Test(pkmap, half_of_the_slots_with_pae)
{
	struct kmr_error err = { "" };
	struct kmr_pkmap *p;

	cr_assert_eq(kmr_machine_preset(&machine, "i386:ram=1280M", &err), 0);
	machine.pae = true;
	p = kmr_pkmap_create(&machine, &err);
	cr_assert_not_null(p);
	cr_expect_eq(kmr_pkmap_slots(p), 512);
	for (uint32_t i = 0; i < 512; i++)
		cr_expect_neq(kmr_pkmap_map(p, HIGH + 10000 + i), KMR_NO_ADDR);
	cr_expect_eq(kmr_pkmap_map(p, HIGH), KMR_NO_ADDR);
	check(p);
	kmr_pkmap_destroy(p);
}

Test(pkmap, at_random)
{
	for (uint64_t seed = 1; seed < 6; seed++) {
		struct kmr_pkmap *p = pkmap("i386:ram=1280M");
		uint32_t users[1500] = { 0 };
		uint64_t state = seed, waiting = 0;

		for (int i = 0; i < 60000; i++) {
			const uint32_t n = below(&state, 1500);
			const bool full = kmr_pkmap_used(p) == 1024;

			/* more maps than unmaps, until they wait; then the other way */
			if (below(&state, 100) < (full || (i / 10000) % 2 ? 40 : 60)) {
				(void)kmr_pkmap_map(p, HIGH + n);
				users[n]++;
			} else if (users[n]) {
				cr_assert_eq(kmr_pkmap_unmap(p, HIGH + n), 0, "page %u", n);
				users[n]--;
			}
			waiting += kmr_pkmap_waiting(p) != 0;
			if (i % 500 == 0)
				check(p);
		}
		cr_expect_gt(waiting, 0u);
		for (uint32_t n = 0; n < 1500; n++)
			while (users[n]--)
				cr_assert_eq(kmr_pkmap_unmap(p, HIGH + n), 0);
		cr_expect_eq(kmr_pkmap_used(p), 0);
		cr_expect_eq(kmr_pkmap_waiting(p), 0);
		check(p);
		kmr_pkmap_destroy(p);
	}
}

static struct kmr_kmap_local *local(const char *preset)
{
	struct kmr_error err = { "" };
	struct kmr_kmap_local *k;

	cr_assert_eq(kmr_machine_preset(&machine, preset, &err), 0, "%s", err.msg);
	k = kmr_kmap_local_create(&machine, &err);
	cr_assert_not_null(k, "%s", err.msg);
	return k;
}

/* Slots go downwards from FIX_KMAP_BEGIN, 16 to a CPU. */
Test(kmap_local, addresses)
{
	struct kmr_kmap_local *k = local("i386:ram=1280M,cpus=2");
	const uint64_t top = UINT64_C(0xfffff000) - 68 * PAGE;

	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, HIGH), top);
	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, HIGH + 1), top - PAGE);
	cr_expect_eq(kmr_kmap_local_map(k, 1, 2, HIGH), top - 16 * PAGE);
	/* task 1 has gone to CPU 1, with two mappings */
	cr_expect_eq(kmr_kmap_local_map(k, 1, 1, HIGH), top - 18 * PAGE);
	cr_expect_eq(kmr_kmap_local_depth(k, 1), 3);
	cr_expect_eq(kmr_kmap_local_depth(k, 3), 0);
	cr_expect_eq(kmr_kmap_local_unmap(k, 1, HIGH), 0);
	cr_expect_eq(kmr_kmap_local_unmap(k, 1, HIGH + 1), 0);
	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, HIGH + 9), top - PAGE);
	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, 7), UINT64_C(0xc0007000), "low memory");
	cr_expect_eq(kmr_kmap_local_unmap(k, 1, 7), 0);
	cr_expect_eq(kmr_kmap_local_stats(k)->lowmem, 1);
	cr_expect_eq(kmr_kmap_local_stats(k)->deepest, 3);
	kmr_kmap_local_destroy(k);
}

/* KM_MAX_IDX is 16; the index is compared once it is raised, so that 15 can be had. */
Test(kmap_local, nesting)
{
	struct kmr_kmap_local *k = local("i386:ram=1280M");
	const struct kmr_kmap_local_stats *s = kmr_kmap_local_stats(k);

	for (uint32_t i = 0; i < 15; i++)
		cr_expect_neq(kmr_kmap_local_map(k, 0, 1, HIGH + i), KMR_NO_ADDR, "%u", i);
	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, HIGH + 15), KMR_NO_ADDR);
	cr_expect_eq(s->overflows, 1);
	cr_expect_eq(s->deepest, 15);
	cr_expect_neq(kmr_kmap_local_map(k, 0, 2, HIGH), KMR_NO_ADDR, "another task");
	cr_expect_eq(kmr_kmap_local_unmap(k, 1, HIGH + 3), -1, "not the last one");
	cr_expect_eq(s->misordered, 1);
	cr_expect_eq(kmr_kmap_local_depth(k, 1), 14);
	cr_expect_eq(kmr_kmap_local_unmap(k, 1, HIGH + 13), 0, "which is gone, as in the kernel");
	cr_expect_eq(kmr_kmap_local_unmap(k, 9, HIGH), -1);
	cr_expect_eq(s->bad_unmaps, 1);
	kmr_kmap_local_destroy(k);
	k = local("x86_64");
	cr_expect_eq(kmr_kmap_local_map(k, 0, 1, 1), UINT64_C(0xffff888000001000));
	kmr_kmap_local_destroy(k);
}

Test(highmem, unknown_machine)
{
	struct kmr_error err = { "" };
	struct kmr_machine m;

	memset(&m, 0, sizeof(m));
	snprintf(m.name, sizeof(m.name), "m");
	snprintf(m.arch, sizeof(m.arch), "vax");
	cr_expect_null(kmr_pkmap_create(&m, &err));
	cr_expect_str_eq(err.msg,
			 "machine m: the kernel's address space is not known on vax; i386, "
			 "x86_64, arm64 and alpha are");
	err.msg[0] = '\0';
	cr_expect_null(kmr_kmap_local_create(&m, &err));
	cr_expect_neq(err.msg[0], '\0');
}
