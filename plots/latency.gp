# SPDX-License-Identifier: GPL-2.0-only
# The part of operations that took longer than a time. Both axes are logarithmic: a step to the
# right is ten times the time, a step down a tenth of the operations.
columns = nr_panels > 1 ? 2 : 1
rows = (nr_panels + columns - 1) / columns
wide = 132.0 / columns
in_key = first_line[2]
key_lines = several_runs ? (in_key + 3) / 4 : 0
head_mm = 15 + 5 * key_lines
key_x(i) = 24 + (i % 4) * 34
key_y(i) = height_mm - 12 - 5 * (i / 4)
each = (height_mm - head_mm - 13.0) / rows
panel_left(p) = 24 + (p % columns) * wide
panel_right(p) = panel_left(p) + wide - 4
panel_top(p) = height_mm - head_mm - (p / columns) * each
panel_bottom(p) = panel_top(p) - each + 7
lowest(p) = p + columns >= nr_panels
labels = first_line[nr_panels + 1]
style_of(i) = line_of(line_style[i])
set logscale xy
set xrange [*:*]
set yrange [*:*]
stats data using 1 nooutput
least = 10 ** floor(log10(STATS_min > 0 ? STATS_min : 1))
set xrange [least : STATS_max * 1.5]
stats data using ($2 > 0 ? $2 : NaN) nooutput
fewest = 10 ** floor(log10(STATS_min))
set yrange [fewest : 1]
named_x = "set xtics ('1 ns' 1, '' 10, '100 ns' 100, '' 1e3, '10 µs' 1e4, '' 1e5, '1 ms' 1e6, '' 1e7, '100 ms' 1e8, '' 1e9, '10 s' 1e10, '' 1e11, '1,000 s' 1e12)"
unnamed_x = "set xtics ('' 1, '' 10, '' 100, '' 1e3, '' 1e4, '' 1e5, '' 1e6, '' 1e7, '' 1e8, '' 1e9, '' 1e10, '' 1e11, '' 1e12)"
named_y = "set ytics ('all' 1, '' 1e-1, '1 %%' 1e-2, '' 1e-3, '0.01 %%' 1e-4, '' 1e-5, '0.0001 %%' 1e-6, '' 1e-7)"
unnamed_y = "set ytics ('' 1, '' 1e-1, '' 1e-2, '' 1e-3, '' 1e-4, '' 1e-5, '' 1e-6, '' 1e-7)"
set grid xtics ytics
set multiplot
do for [p = 0:nr_panels - 1] {
	eval place(panel_left(p), panel_right(p), panel_bottom(p), panel_top(p))
	set label 900 panel_title[p + 1] at graph 0, graph 1 left offset 0,0.6 textcolor rgb ink
	unset key
	if (several_runs && p == 0) {
		do for [i = 0:in_key - 1] {
			eval sprintf("set arrow %d from screen %f, screen %f to screen %f, screen %f nohead %s", 10 + i, x_mm(key_x(i)), y_mm(bottom_mm + key_y(i)), x_mm(key_x(i) + 8), y_mm(bottom_mm + key_y(i)), style_of(i + 1))
			set label 100 + i line_label[i + 1] at screen x_mm(key_x(i) + 9.5), screen y_mm(bottom_mm + key_y(i)) left textcolor rgb ink
		}
	}
	if (!several_runs && first_line[p + 2] - first_line[p + 1] > 1) { set key inside left bottom vertical font ',8' samplen 2.5 spacing 1 Left reverse maxrows 10 }
	set format x (lowest(p) ? '%g' : '')
	set format y (p % columns == 0 ? '%g' : '')
	eval (lowest(p) ? named_x : unnamed_x)
	eval (p % columns == 0 ? named_y : unnamed_y)
	set xlabel (lowest(p) ? 'latency' : '')
	set ylabel (p % columns == 0 ? 'took longer' : '') offset 0
	command = 'plot '
	do for [i = first_line[p + 1]:first_line[p + 2] - 1] {
		command = command.sprintf("data index %d using 1:($2 > 0 ? $2 : fewest) with fsteps %s title line_label[%d], ", i, style_of(i + 1), i + 1)
	}
	eval command.'NaN notitle'
	eval once
	do for [i = 0:in_key - 1] { unset label 100 + i; unset arrow 10 + i }
}
