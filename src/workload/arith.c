// SPDX-License-Identifier: GPL-2.0-only
#include "workload/arith.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"

/* ln 2 in two parts, the first with so few bits that its multiples are exact */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW	 0x1.a39ef35793c76p-33
#define LN2	 (LN2_HIGH + LN2_LOW)

#define EXPONENT_BITS 52
#define EXPONENT_BIAS 1023
#define MANTISSA_MASK ((UINT64_C(1) << EXPONENT_BITS) - 1)

#define LOG_BITS 7 /* of the mantissa that choose a row */
#define EXP_BITS 6 /* of the exponent behind the point */

static pthread_once_t made = PTHREAD_ONCE_INIT;

/* Of the middle of each 2^-LOG_BITS of [1, 2): its inverse and its logarithm. */
static struct {
	double inverse, log;
} log_rows[1 << LOG_BITS];

/* 2^(i / 2^EXP_BITS) */
static double exp_rows[1 << EXP_BITS];

static uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static double double_of(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* 2^e for e from -1022 to 1023 */
static double power_of_2(int e)
{
	return double_of((uint64_t)(e + EXPONENT_BIAS) << EXPONENT_BITS);
}

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1) */
static inline double polynomial(const double *c, size_t n, double x)
{
	double sum = c[n - 1];

	for (size_t i = n - 1; i > 0; i--)
		sum = sum * x + c[i - 1];
	return sum;
}

/* ln c = 2 artanh s with s = (c - 1) / (c + 1), which is at most 1/3 for c from 1 to 2. */
static double log_by_series(double c)
{
	const double s = (c - 1) / (c + 1), s2 = s * s;
	double sum = 0;

	for (int n = 33; n > 0; n -= 2)
		sum = sum * s2 + 1.0 / n;
	return 2 * s * sum;
}

static double exp_by_series(double x)
{
	double sum = 1;

	for (int n = 20; n > 0; n--)
		sum = 1 + x / n * sum;
	return sum;
}

static void make_tables(void)
{
	for (int i = 0; i < 1 << LOG_BITS; i++) {
		const double c = 1 + (i + 0.5) / (1 << LOG_BITS);

		log_rows[i].inverse = 1 / c;
		log_rows[i].log = log_by_series(c);
	}
	for (int i = 0; i < 1 << EXP_BITS; i++)
		exp_rows[i] = exp_by_series(i * LN2 / (1 << EXP_BITS));
}

void load_arith_init(void)
{
	(void)pthread_once(&made, make_tables);
}

/*
 * x = 2^e m with m from 1 to 2, and m = c (1 + t) with c from the table and |t| at most 2^-8: five
 * terms of the series of ln(1 + t) leave 10^-15.
 */
double load_log(double x)
{
	const uint64_t bits = bits_of(x), mantissa = bits & MANTISSA_MASK;
	const double e = (double)((int)(bits >> EXPONENT_BITS) - EXPONENT_BIAS);
	const double m = double_of(mantissa | (uint64_t)EXPONENT_BIAS << EXPONENT_BITS);
	const size_t row = mantissa >> (EXPONENT_BITS - LOG_BITS);
	const double t = m * log_rows[row].inverse - 1, t2 = t * t;
	const double rest = t2 * (1. / 5 * t2 + (1. / 3 - 1. / 4 * t));

	return (e * LN2_HIGH + log_rows[row].log) + (e * LN2_LOW + (t + (t * rest - 0.5 * t2)));
}

/*
 * x = (k + i / 2^EXP_BITS) ln 2 + r with |r| at most 0.0055: six terms of the series of e^r leave
 * 10^-16.
 */
double load_exp(double x)
{
	const double k = x * ((1 << EXP_BITS) / LN2);
	const int n = (int)(k < 0 ? k - 0.5 : k + 0.5);
	const double r = (x - (double)n * (LN2_HIGH / (1 << EXP_BITS))) -
			 (double)n * (LN2_LOW / (1 << EXP_BITS));
	const double r2 = r * r;
	const double series = (1 + r) + r2 * ((0.5 + 1. / 6 * r) + r2 * (1. / 24 + 1. / 120 * r));
	const int whole = n >= 0 ? n >> EXP_BITS : -(((1 << EXP_BITS) - 1 - n) >> EXP_BITS);

	return exp_rows[n - whole * (1 << EXP_BITS)] * series * power_of_2(whole);
}

/* Newton's iteration from a guess that halves the exponent: within 6 % of the root. */
double load_sqrt(double x)
{
	double root;

	if (x <= 0)
		return 0;
	root = double_of((bits_of(x) >> 1) + ((uint64_t)EXPONENT_BIAS << (EXPONENT_BITS - 1)));
	for (int i = 0; i < 4; i++)
		root = 0.5 * (root + x / root);
	return root;
}

/*
 * M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied
 * Statistics 37 (1988), function PPND16: a ratio of polynomials for the middle and one for each
 * part of the tail; about 16 digits.
 */
double load_normal_quantile(double p)
{
	static const double middle_over[] = {
		3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
		1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
		3.3430575583588128105e4, 2.5090809287301226727e3,
	};
	static const double middle_under[] = {
		1.0,
		4.2313330701600911252e1,
		6.8718700749205790830e2,
		5.3941960214247511077e3,
		2.1213794301586595867e4,
		3.9307895800092710610e4,
		2.8729085735721942674e4,
		5.2264952788528545610e3,
	};
	static const double near_over[] = {
		1.42343711074968357734e0,  4.63033784615654529590e0,  5.76949722146069140550e0,
		3.64784832476320460504e0,  1.27045825245236838258e0,  2.41780725177450611770e-1,
		2.27238449892691845833e-2, 7.74545014278341407640e-4,
	};
	static const double near_under[] = {
		1.0,
		2.05319162663775882187e0,
		1.67638483018380384940e0,
		6.89767334985100004550e-1,
		1.48103976427480074590e-1,
		1.51986665636164571966e-2,
		5.47593808499534494600e-4,
		1.05075007164441684324e-9,
	};
	static const double far_over[] = {
		6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
		2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
		2.71155556874348757815e-5, 2.01033439929228813265e-7,
	};
	static const double far_under[] = {
		1.0,
		5.99832206555887937690e-1,
		1.36929880922735805310e-1,
		1.48753612908506148525e-2,
		7.86869131145613259100e-4,
		1.84631831751005468180e-5,
		1.42151175831644588870e-7,
		2.04426310338993978564e-15,
	};
	const double q = p - 0.5;
	double r, x;

	if (q >= -0.425 && q <= 0.425) {
		r = 0.180625 - q * q;
		return q * polynomial(middle_over, ARRAY_SIZE(middle_over), r) /
		       polynomial(middle_under, ARRAY_SIZE(middle_under), r);
	}
	r = load_sqrt(-load_log(q < 0 ? p : 1 - p));
	if (r <= 5) {
		r -= 1.6;
		x = polynomial(near_over, ARRAY_SIZE(near_over), r) /
		    polynomial(near_under, ARRAY_SIZE(near_under), r);
	} else {
		r -= 5;
		x = polynomial(far_over, ARRAY_SIZE(far_over), r) /
		    polynomial(far_under, ARRAY_SIZE(far_under), r);
	}
	return q < 0 ? -x : x;
}
