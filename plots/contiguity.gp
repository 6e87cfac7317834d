# SPDX-License-Identifier: GPL-2.0-only
# Share of free memory that lies in runs of at least so many pages together, at any alignment. The
# share falls with the length, so the areas are drawn one over the other.
set ylabel 'share of free memory (%)'
set yrange [0:100]
set key title 'in runs of at least'
key_step = (nr_runs + 11) / 12
colour_of(k) = of_viridis(nr_runs > 1 ? 1 - 1.0 * k / (nr_runs - 1) : 0)
whole(x) = (sum [k = 1:nr_runs] column(at(k)))
beyond(n) = (sum [k = n+1:nr_runs] column(at(k)))
share(n) = whole(0) > 0 ? 100.0 * beyond(n) / whole(0) : 0
plot for [n = 1:nr_runs-1] data using (t($1)):(share(n)) skip 1 \
	with fillsteps fillcolor rgb colour_of(n) title (n % key_step == 0 ? size_label(page_bytes * 2**n) : ''), \
	for [n = 1:nr_runs-1] data using (t($1)):(share(n)) skip 1 \
	with steps linecolor rgb '#80ffffff' linewidth 0.5 notitle
