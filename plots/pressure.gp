# SPDX-License-Identifier: GPL-2.0-only
# How memory ran short and what was done about it: free memory of all zones, pages scanned and
# reclaimed so far, and compaction. Columns: time, free, low watermark, scanned, reclaimed, stalls,
# zones compacted, requests that it served, pages moved.
array top[3]
array bottom[3]
do for [k = 1:3] {
	bottom[k] = 13.5 + (3 - k) * (height_mm - 21) / 3.0
	top[k] = bottom[k] + (height_mm - 21) / 3.0 - 5
}
set xrange [*:*]
greatest(least) = STATS_max > least ? STATS_max : least
stats data using 2 skip 1 nooutput
most_free = greatest(1)
stats data using 4 skip 1 nooutput
most_pages = greatest(4)
stats data using ($6 > $7 ? $6 : $7) skip 1 nooutput
most_times = greatest(4)
set xrange [0 : time_end > 0 ? t(time_end) : 1]
set multiplot
set xlabel ''
set format x ''
set yrange [0:*]
eval place(20, 112, bottom[1], top[1])
eval key_at(114, top[1] + 1)
eval beside('memory (MiB)', bottom[1], top[1])
set ytics step_of(0, mib(most_free), 4)
plot data using (t($1)):(mib($2)) skip 1 with fillsteps fillcolor rgb '#cfe0ec' notitle, \
	data using (t($1)):(mib($2)) skip 1 with steps linecolor rgb hue[1] linewidth 1.3 title 'free, all zones', \
	data using (t($1)):(mib($3)) skip 1 with steps linecolor rgb hue[5] dashtype (8,3) linewidth 1.3 title 'low watermarks'
eval once
eval place(20, 112, bottom[2], top[2])
eval key_at(114, top[2] + 1)
eval beside('pages so far', bottom[2], top[2])
set ytics step_of(0, most_pages, 4)
set format y '%.0s%c'
plot data using (t($1)):4 skip 1 with steps linecolor rgb hue[2] linewidth 1.8 title 'scanned', \
	data using (t($1)):5 skip 1 with steps linecolor rgb hue[1] dashtype (10,3) linewidth 1.8 title 'reclaimed', \
	data using (t($1)):9 skip 1 with steps linecolor rgb ink dashtype (3,3) linewidth 1.6 title 'migrated'
set format x '%g'
set xlabel sprintf('time since the start of the run (%s)', time_unit)
eval place(20, 112, bottom[3], top[3])
eval key_at(114, top[3] + 1)
eval beside('times so far', bottom[3], top[3])
set ytics step_of(0, most_times, 4)
plot data using (t($1)):6 skip 1 with steps linecolor rgb hue[5] linewidth 1.8 title 'requests stalled', \
	data using (t($1)):7 skip 1 with steps linecolor rgb hue[4] dashtype (10,3) linewidth 1.8 title 'zones compacted', \
	data using (t($1)):8 skip 1 with steps linecolor rgb ink dashtype (3,3) linewidth 1.6 title 'served a request'
