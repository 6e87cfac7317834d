# SPDX-License-Identifier: GPL-2.0-only
# Free memory, stacked by the migrate type of the free list it is on. Types without any are left out of the key.
set ylabel 'free memory in the zone (MiB)'
set yrange [0:*]
set key title 'migrate type' width 1
nr_types = words(migratetypes)
array most[nr_types]
do for [t = 1:nr_types] {
	stats data using (column(t + 1)) skip 1 nooutput
	most[t] = STATS_max
}
up_to(t) = sum [k = 1:t] column(k + 1)

eval to_svg
plot for [t = nr_types:1:-1] data using 1:(mib(up_to(t))) skip 1 \
	with fillsteps fillcolor rgb word(hues, t) title (most[t] > 0 ? word(migratetypes, t) : ''), \
	for [t = nr_types:1:-1] data using 1:(mib(up_to(t))) skip 1 \
	with steps linecolor rgb '#a0ffffff' linewidth 0.5 notitle
eval to_png
replot
set output
