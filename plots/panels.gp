# SPDX-License-Identifier: GPL-2.0-only
# A column of panels for each run, a row for each series, all of a row on the same axes; behind each
# line, in grey, those of the other runs. More than four runs get a row of panels of the first series
# that tells them apart: change `shown` to see another.
title_of(s) = series[s] eq 'free' ? "free\n(MiB)" : series[s] eq 'slabs' ? "slabs\n(MiB)" : "unusable\nindex"
columns = nr_shown < 5 ? nr_shown : 4
bands = (nr_shown + columns - 1) / columns
shown = nr_shown < 5 ? nr_series : 1
rows = shown * bands
wide = (160.0 - 29) / columns
each = (height_mm - 33.0) / rows
array lowest[nr_series]
array highest[nr_series]
do for [s = 1:nr_series] {
	set yrange [*:*]
	lowest[s] = 1e300
	highest[s] = -1e300
	do for [i = 0:nr_shown - 1] {
		stats data index (s - 1) * nr_shown + i using 3 nooutput
		if (STATS_min < lowest[s]) { lowest[s] = STATS_min }
		stats data index (s - 1) * nr_shown + i using 4 nooutput
		if (STATS_max > highest[s]) { highest[s] = STATS_max }
	}
	margin = highest[s] > lowest[s] ? 0.08 * (highest[s] - lowest[s]) : 0.5
	lowest[s] = lowest[s] - margin < 0 ? 0 : lowest[s] - margin
	highest[s] = highest[s] + margin
}
unset key
set multiplot
set xtics step_of(0, t(time_end), 4)
set label 950 sprintf('free: all zones; index: of %s, for pageblocks; grey: the other runs', index_zone) at screen x_mm(3), screen 1 - y_mm(10.8) left font ',8' textcolor rgb ink
set grid xtics ytics
do for [r = 0:rows - 1] {
	do for [c = 0:columns - 1] {
		n = (r / shown) * columns + c
		s = r % shown + 1
		if (n < nr_shown) {
			eval place(28 + c * wide, 28 + (c + 1) * wide - 3, height_mm - 19.5 - (r + 1) * each + (bands > 1 ? 8 : 5), height_mm - 19.5 - r * each)
			set yrange [lowest[s] : highest[s]]
			set ytics step_of(lowest[s], highest[s], 4)
			set format y (c == 0 ? '%g' : '')
			set ylabel (c == 0 ? title_of(s) : '') offset -1.6
			set format x (r == rows - 1 || n + columns >= nr_shown && s == shown ? '%g' : '')
			set xlabel (r == rows - 1 && c == 0 ? sprintf('time since the start (%s)', time_unit) : '')
			if (s == 1) { set label 900 run_label[n + 1] at graph 0, graph 1 left offset 0,0.7 font ',8' textcolor rgb ink } else { unset label 900 }
			plot for [i = 0:nr_shown - 1] data index (s - 1) * nr_shown + i using (t($1)):2 with steps linecolor rgb '#bdbdbd' linewidth 0.8 notitle, \
				data index (s - 1) * nr_shown + n using (t($1)):3:4 with filledcurves fillcolor rgb pale[1] notitle, \
				data index (s - 1) * nr_shown + n using (t($1)):2 with steps linecolor rgb hue[1] linewidth 1.6 notitle
			unset label 950
			eval once
		}
	}
}
