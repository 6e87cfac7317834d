# SPDX-License-Identifier: GPL-2.0-only
# Pageblocks by what is in them, whatever type they have: compaction can empty those without
# unmovable frames, and no others.
set ylabel sprintf('pageblocks (of %s)', size_label(page_bytes * 2**pageblock_order)) offset 1
set yrange [0:*]
set key title 'in use (at the end)'
array content[4] = ['none', 'movable', 'both kinds', 'unmovable']
array colour[4] = ['#f3f0e4', '#7fc4ee', '#d55e00', '#3d2a1c']
array end[4]
do for [k = 1:4] {
	stats data using (end[k] = column(at(k)), column(high(k))) skip 1 nooutput
}
up_to(n) = sum [k = n:4] column(at(k))
plot for [k = 1:4] data using (t($1)):(up_to(k)) skip 1 \
	with fillsteps fillcolor rgb colour[k] title sprintf('%s (%d)', content[k], end[k]), \
	for [k = 1:4] data using (t($1)):(up_to(k)) skip 1 \
	with steps linecolor rgb ink linewidth 0.5 notitle
