# SPDX-License-Identifier: GPL-2.0-only
# The part of what was allocated and freed in the run that lived longer than a time.
set logscale xy
set xtics ('1 ns' 1, '' 10, '100 ns' 100, '' 1e3, '10 µs' 1e4, '' 1e5, '1 ms' 1e6, '' 1e7, '100 ms' 1e8, '' 1e9, '10 s' 1e10, '' 1e11, '1,000 s' 1e12)
set ytics ('all' 1, '10 %%' 1e-1, '1 %%' 1e-2, '0.1 %%' 1e-3, '0.01 %%' 1e-4, '0.001 %%' 1e-5, '0.0001 %%' 1e-6)
set xrange [*:*]
set yrange [*:*]
stats data using 1 nooutput
set xrange [10 ** floor(log10(STATS_min > 1 ? STATS_min : 1)) : STATS_max * 1.3]
stats data using ($2 > 0 ? $2 : NaN) nooutput
fewest = 10 ** floor(log10(STATS_min))
set yrange [fewest : 1]
set grid xtics ytics
eval place(22, 116, 13.5, height_mm - 11.5)
eval key_at(119, height_mm - 10.5)
set xlabel 'lifetime'
set ylabel 'part that lived longer' offset 0.5
command = 'plot '
do for [k = 1:nr_lines] {
	command = command.sprintf("data index %d using 1:($2 > 0 ? $2 : fewest) with fsteps %s title line_label[%d], ", k - 1, line_of(k), k)
}
eval command.'NaN notitle'
