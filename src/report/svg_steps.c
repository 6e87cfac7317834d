// SPDX-License-Identifier: GPL-2.0-only
#include "report/svg_steps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the text that is read. */
struct piece {
	const char *at;
	size_t len;
};

/* A rectangle from (x0, base) to (x1, top). */
struct step {
	struct piece colour, x0, x1, base, top;
};

static bool same(struct piece a, struct piece b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static bool skip(const char **p, const char *text)
{
	const size_t len = strlen(text);

	if (strncmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

/* Up to before @end, of which there must be something. */
static bool take(const char **p, char end, struct piece *piece)
{
	const char *stop = strchr(*p, end);

	if (!stop || stop == *p || stop - *p > 64)
		return false;
	*piece = (struct piece){ *p, (size_t)(stop - *p) };
	*p = stop + 1;
	return true;
}

static bool take_point(const char **p, struct piece *x, struct piece *y)
{
	return take(p, ',', x) && take(p, ' ', y);
}

/* The line at a step's left edge and its rectangle, as gnuplot's SVG terminal writes them. */
static bool take_step(const char **p, struct step *s)
{
	struct piece line, colour, x[2], y[2];

	return skip(p, "\t<path stroke='") && take(p, '\'', &s->colour) && skip(p, "  d='") &&
	       take(p, '\'', &line) &&
	       skip(p,
		    "/>\t<g stroke='none' shape-rendering='crispEdges'>\n\t\t<polygon fill = '") &&
	       take(p, '\'', &colour) && same(colour, s->colour) && skip(p, " points = '") &&
	       take_point(p, &s->x0, &s->base) && take_point(p, &s->x1, &y[0]) &&
	       take_point(p, &x[0], &s->top) && take_point(p, &x[1], &y[1]) &&
	       skip(p, "'/>\n\t</g>\n") && same(y[0], s->base) && same(x[0], s->x1) &&
	       same(x[1], s->x0) && same(y[1], s->top);
}

static void put(char **to, struct piece piece)
{
	memcpy(*to, piece.at, piece.len);
	*to += piece.len;
}

static void put_text(char **to, const char *text)
{
	put(to, (struct piece){ text, strlen(text) });
}

/* "M1,9V3H2V4H3V9Z": up from the base, along the tops, and down again. */
static const char *put_steps(char **to, const char *from, struct step first)
{
	struct step last = first, next;
	const char *p = from;

	put_text(to, " <path stroke-linejoin='bevel' stroke='");
	put(to, first.colour);
	put_text(to, "' fill='");
	put(to, first.colour);
	put_text(to, "' d='M");
	put(to, first.x0);
	put_text(to, ",");
	put(to, first.base);
	put_text(to, "V");
	put(to, first.top);
	while (take_step(&p, &next) && same(next.colour, first.colour) &&
	       same(next.base, first.base) && same(next.x0, last.x1)) {
		from = p;
		if (!same(next.top, last.top)) {
			put_text(to, "H");
			put(to, last.x1);
			put_text(to, "V");
			put(to, next.top);
		}
		last = next;
	}
	put_text(to, "H");
	put(to, last.x1);
	put_text(to, "V");
	put(to, last.base);
	put_text(to, "Z'/>\n");
	return from;
}

char *kmr_svg_join_steps(const char *svg)
{
	/* a step is longer than the path of it alone, so that the whole only gets shorter */
	char *text = malloc(strlen(svg) + 1), *to = text;
	const char *from = svg;

	while (text && *from) {
		const char *p = from;
		struct step s;

		if (*p == '\t' && take_step(&p, &s))
			from = put_steps(&to, p, s);
		else
			*to++ = *from++;
	}
	if (text)
		*to = '\0';
	return text;
}
