# SPDX-License-Identifier: GPL-2.0-only
# Free memory stacked by the order of its blocks; below, the number of blocks of each order, an
# order a strip. Numbers of different orders lie far apart, cross and jitter, so each strip has a
# scale of its own, from 0 to the most blocks there were; the columns to the right say how many.
array most[nr_orders]
array end[nr_orders]
do for [o = 0:nr_orders-1] {
	stats data using (end[o + 1] = column(at(o + 1)), column(high(o + 1))) skip 1 nooutput
	most[o + 1] = STATS_max
}
up_to(o) = sum [k = 0:o] mib(column(at(k + 1)) * 2**k)
height(o, blocks) = o + 0.85 * blocks / (most[o + 1] > 0 ? most[o + 1] : 1)

set multiplot
eval place(31, 112, height_mm * 0.61, height_mm - 11.5)
set ylabel 'free memory (MiB)' offset 1
set yrange [0:*]
set xlabel ''
set format x ''
unset key
set label 900 "one colour an order,\nas in the strips below" at screen x_mm(115), graph 0.97 left font ',8' textcolor rgb ink
plot for [o = nr_orders-1:0:-1] data using (t($1)):(up_to(o)) skip 1 \
	with fillsteps fillcolor rgb order_colour(o) notitle, \
	for [o = nr_orders-1:0:-1] data using (t($1)):(up_to(o)) skip 1 \
	with steps linecolor rgb '#80ffffff' linewidth 0.5 notitle
eval once
unset label 900
eval place(31, 112, 13.5, height_mm * 0.55)
set format x '%g'
set xlabel sprintf('time since the start of the run (%s)', time_unit)
set yrange [0:nr_orders]
set ytics scale 0 ('' -1)
set for [o = 0:nr_orders-1] ytics add (order_label(o) o + 0.35)
set ylabel 'blocks of each order' offset 1
unset grid
set border 1
set label 999 'most' at screen x_mm(128), graph 1.04 right font ',8' textcolor rgb ink
set label 998 'at the end' at screen x_mm(152), graph 1.04 right font ',8' textcolor rgb ink
set for [o = 0:nr_orders-1] label 100 + o sprintf('%d', most[o + 1]) at screen x_mm(128), first o + 0.35 right textcolor rgb ink
set for [o = 0:nr_orders-1] label 200 + o sprintf('%d', end[o + 1]) at screen x_mm(152), first o + 0.35 right textcolor rgb ink
set for [o = 0:nr_orders-1] arrow 300 + o from graph 0, first o to graph 1, first o nohead linewidth 0.5 linecolor rgb grid back
plot for [o = 0:nr_orders-1] data using (t($1)):(o):(height(o, column(high(o + 1)))) skip 1 \
	with filledcurves fillcolor rgb order_colour(o) notitle
