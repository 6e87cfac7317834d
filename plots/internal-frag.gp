# SPDX-License-Identifier: GPL-2.0-only
# What rounding up to objects' sizes costs: for caches, of the objects in use at the end; for call
# sites, over all their allocations. Longest bars first; the numbers are the share that is lost.
set multiplot
unit_of(most) = most >= 1048576 ? 1048576.0 : most >= 1024 ? 1024.0 : 1.0
name_of(unit) = unit > 1024 ? 'MiB' : unit > 1 ? 'KiB' : 'bytes'
lost(waste, used) = waste + used > 0 ? sprintf('%.0f %%', 100.0 * waste / (waste + used)) : ''
set grid noytics xtics
set border 1
unset key
set ytics scale 0 font ',8'
set xrange [0:*]
do for [b = 0:1] {
	nr = b == 0 ? nr_caches : nr_sites
	set xrange [*:*]
	set yrange [*:*]
	stats data index b using 2 nooutput
	unit = unit_of(STATS_max)
	set xrange [0 : STATS_max > 0 ? STATS_max / unit * 1.12 : 1]
	eval place(58, 154, b == 0 ? height_mm * 0.56 : 9, b == 0 ? height_mm - 18 : height_mm * 0.44)
	set yrange [nr - 0.4 : -0.6]
	set label 900 sprintf('%s: %s given beyond those asked for', b == 0 ? 'caches, objects in use at the end' : 'call sites, all allocations of the run', name_of(unit)) at screen x_mm(3), graph 1 left offset 0,0.8 textcolor rgb ink
	unset xlabel
	plot data index b using ($2 / unit / 2):0:($2 / unit / 2):(0.36):ytic(1) with boxxyerror fillcolor rgb hue[1] fillstyle solid noborder, \
		data index b using ($2 / unit):0:(lost($2, $3)) with labels left offset 0.4,0 font ',8' textcolor rgb ink
	eval once
}
