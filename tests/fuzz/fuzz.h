/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A target is one function that libFuzzer calls with bytes of its making, or fuzz_main.c with those
 * of files.  It returns 0, and aborts when something that must hold does not.
 */
#ifndef KMR_TESTS_FUZZ_H
#define KMR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                                       \
	do {                                                                                  \
		if (!(condition)) {                                                           \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                              \
		}                                                                             \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
