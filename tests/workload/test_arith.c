// SPDX-License-Identifier: GPL-2.0-only
/* Functions that libm has, too: as exact as said, and the same bits whoever compiles them. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "workload/arith.h"

TestSuite(arith, .init = load_arith_init);

static double apart(double a, double b)
{
	return a < b ? b - a : a - b;
}

static uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/* Values with twenty digits, of tables. */
Test(arith, known_logarithms)
{
	static const struct {
		double x, log;
	} known[] = {
		{ 1, 0 },
		{ 2, 0.69314718055994530942 },
		{ 3, 1.0986122886681096914 },
		{ 10, 2.3025850929940456840 },
		{ 0.1, -2.3025850929940456840 },
		{ 0.5, -0.69314718055994530942 },
		{ 1.0078125, 0.0077821404420549489 },
		{ 0x1p-53, -36.736800569677101399 },
		{ 1e300, 690.77552789821370520 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const double scale = apart(known[i].log, 0) > 1 ? apart(known[i].log, 0) : 1;

		cr_expect_leq(apart(load_log(known[i].x), known[i].log), 1e-15 * scale, "%g: %.17g",
			      known[i].x, load_log(known[i].x));
	}
}

Test(arith, known_exponentials)
{
	static const struct {
		double x, exp;
	} known[] = {
		{ 0, 1 },
		{ 1, 2.7182818284590452354 },
		{ -1, 0.36787944117144232160 },
		{ 0.69314718055994530942, 2 },
		{ 10, 22026.465794806716517 },
		{ -20, 2.0611536224385578280e-9 },
		{ 100, 2.6881171418161354484e43 },
		{ -700, 9.8596765437597708567e-305 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		cr_expect_leq(apart(load_exp(known[i].x) / known[i].exp, 1), 1e-15, "%g: %.17g",
			      known[i].x, load_exp(known[i].x));
}

/* exp(log x) = x over the whole range, through every row of both tables. */
Test(arith, logarithm_and_exponential_are_inverse)
{
	double worst = 0;

	for (double x = 1e-290; x < 1e290; x *= 1.0137) {
		const double off = apart(load_exp(load_log(x)) / x, 1);

		worst = off > worst ? off : worst;
	}
	/* the logarithm's last digit, times what it is a logarithm of */
	cr_expect_leq(worst, 2e-13, "%g", worst);
}

Test(arith, logarithms_rise)
{
	double last = load_log(0x1p-60);

	for (double x = 0x1p-60; x < 0x1p60; x *= 1.000103) {
		cr_assert_geq(load_log(x), last);
		last = load_log(x);
	}
}

Test(arith, square_roots)
{
	cr_expect_eq(load_sqrt(0), 0);
	cr_expect_eq(load_sqrt(-1), 0);
	for (double x = 0; x < 1000; x++)
		cr_expect_leq(apart(load_sqrt(x * x), x), x * 2.3e-16, "%g", x);
	for (double x = 1e-300; x < 1e300; x *= 1.37) {
		const double root = load_sqrt(x);

		cr_expect_leq(apart(root * root / x, 1), 1e-15, "%g", x);
	}
}

/* Quantiles of the normal distribution from tables, in the middle and in both parts of the tail. */
Test(arith, normal_quantiles)
{
	static const struct {
		double p, x;
	} known[] = {
		{ 0.5, 0 },
		{ 0.6, 0.25334710313579972 },
		{ 0.75, 0.67448975019608171 },
		{ 0.9, 1.2815515655446004 },
		{ 0.975, 1.9599639845400545 },
		{ 0.99, 2.3263478740408408 },
		{ 0.999, 3.0902323061678132 },
		{ 1e-6, -4.7534243088228987 },
		{ 1e-12, -7.0344838253011315 },
		{ 1e-20, -9.2623400897984054 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		cr_expect_leq(apart(load_normal_quantile(known[i].p), known[i].x), 1e-14,
			      "%g: %.17g", known[i].p, load_normal_quantile(known[i].p));
	for (double p = 1e-9; p < 0.5; p *= 1.01)
		cr_expect_leq(apart(load_normal_quantile(p), -load_normal_quantile(1 - p)),
			      1e-7 * load_normal_quantile(1 - p) + 1e-15, "%g", p);
}

/* The same bits with every compiler and optimisation. */
Test(arith, bits)
{
	uint64_t sum = 0;

	for (double x = 1e-290; x < 1e290; x *= 1.037) {
		sum = sum * 31 + bits_of(load_log(x));
		sum = sum * 31 + bits_of(load_sqrt(x));
	}
	for (double x = -699; x < 699; x += 0.37)
		sum = sum * 31 + bits_of(load_exp(x));
	for (double p = 0x1p-53; p < 1; p += 0x1.001p-10)
		sum = sum * 31 + bits_of(load_normal_quantile(p));
	cr_expect_eq(sum, UINT64_C(0xa6b2c325595d77e0), "0x%llx", (unsigned long long)sum);
}
