# SPDX-License-Identifier: GPL-2.0-only
# Free memory, stacked by the migrate type of the free list it is on. Types without any are left
# out of the key.
set ylabel 'free memory in the zone (MiB)' offset 1
set yrange [0:*]
set key title 'type of the list'
array colour[6] = ['#d55e00', '#56b4e9', '#f0e442', '#1a1a1b', '#009e73', '#cc79a7']
array most[6]
do for [k = 1:6] {
	stats data using (column(high(k))) skip 1 nooutput
	most[k] = STATS_max
}
up_to(n) = sum [k = 1:n] mib(column(at(k)))
plot for [k = 6:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with fillsteps fillcolor rgb colour[k] title (most[k] > 0 ? migratetype[k] : ''), \
	for [k = 6:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with steps linecolor rgb '#ffffff' linewidth 0.7 notitle
