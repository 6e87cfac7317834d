# SPDX-License-Identifier: GPL-2.0-only
# Pageblocks, stacked by their migrate type. Types that none ever had are left out of the key.
set ylabel sprintf('pageblocks (of %s)', size_label(page_bytes * 2**pageblock_order)) offset 1
set yrange [0:*]
set key title 'type (at the end)'
array colour[6] = ['#d55e00', '#56b4e9', '#f0e442', '#1a1a1b', '#009e73', '#cc79a7']
array most[6]
array end[6]
do for [k = 1:6] {
	stats data using (end[k] = column(at(k)), column(high(k))) skip 1 nooutput
	most[k] = STATS_max
}
up_to(n) = sum [k = 1:n] column(at(k))
plot for [k = 6:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with fillsteps fillcolor rgb colour[k] title (most[k] > 0 ? sprintf('%s (%d)', migratetype[k], end[k]) : ''), \
	for [k = 6:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with steps linecolor rgb '#ffffff' linewidth 0.7 notitle
