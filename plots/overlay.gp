# SPDX-License-Identifier: GPL-2.0-only
# Two runs on the same axes, a panel a series. The second is drawn in dashes over the first.
title_of(s) = series[s] eq 'free' ? "free memory\n(MiB)" : series[s] eq 'slabs' ? "slabs\n(MiB)" : "unusable\nindex"
each = (height_mm - 29.0) / nr_series
set multiplot
set grid xtics ytics
set label 950 sprintf('free memory: all zones; index: of %s, for pageblocks', index_zone) at screen x_mm(3), screen 1 - y_mm(10.8) left font ',8' textcolor rgb ink
set key at screen x_mm(22), screen 1 - y_mm(13) left top horizontal maxrows 1 width 2
do for [s = 1:nr_series] {
	eval place(27, 155, 13.5 + (nr_series - s) * each, 13.5 + (nr_series - s + 1) * each - 5)
	set yrange [*:*]
	stats data index 2 * s - 2 : 2 * s - 1 using 3 nooutput
	least = STATS_min
	stats data index 2 * s - 2 : 2 * s - 1 using 4 nooutput
	margin = STATS_max > least ? 0.06 * (STATS_max - least) : 0.5
	set yrange [least - margin < 0 ? 0 : least - margin : STATS_max + margin]
	set ytics step_of(least, STATS_max, 5)
	set ylabel title_of(s) offset -1
	set format x (s == nr_series ? '%g' : '')
	set xlabel (s == nr_series ? sprintf('time since the start of the run (%s)', time_unit) : '')
	plot data index 2 * s - 2 using (t($1)):3:4 with filledcurves fillcolor rgb pale[1] notitle, \
		data index 2 * s - 1 using (t($1)):3:4 with filledcurves fillcolor rgb pale[2] notitle, \
		data index 2 * s - 2 using (t($1)):2 with steps linecolor rgb hue[1] linewidth 1.8 title run_label[1], \
		data index 2 * s - 1 using (t($1)):2 with steps linecolor rgb '#b56a00' linewidth 1.8 dashtype (7,4) title run_label[2]
	unset label 950
	eval once
	unset key
}
