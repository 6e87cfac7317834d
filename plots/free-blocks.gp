# SPDX-License-Identifier: GPL-2.0-only
# Free blocks of each order, an order a strip. Counts of different orders lie far apart, cross and
# jitter, so each strip has a scale of its own, from 0 to the most blocks there were; the numbers to
# the right say how many that is.
array most[nr_orders]
array last[nr_orders]
do for [o = 0:nr_orders-1] {
	stats data using (last[o + 1] = column(o + 2)) skip 1 nooutput
	most[o + 1] = STATS_max
}
height(o, blocks) = o + 0.85 * blocks / (most[o + 1] > 0 ? most[o + 1] : 1)

set yrange [0:nr_orders]
set ytics scale 0 ('' -1)
set for [o = 0:nr_orders-1] ytics add (order_label(o) o + 0.35)
set ylabel 'order (block size)' offset 2
set grid noxtics noytics
set border 1
unset key
set lmargin at screen 0.19
set rmargin at screen 0.79
set label 999 'most' at screen 0.875, graph 1.03 right font ',11' textcolor '#404040'
set label 998 'at end' at screen 0.975, graph 1.03 right font ',11' textcolor '#404040'
set for [o = 0:nr_orders-1] label 100 + o sprintf('%d', most[o + 1]) at screen 0.875, first o + 0.35 right
set for [o = 0:nr_orders-1] label 200 + o sprintf('%d', last[o + 1]) at screen 0.975, first o + 0.35 right
set for [o = 0:nr_orders-1] arrow 300 + o from graph 0, first o to graph 1, first o nohead linewidth 0.5 linecolor '#b0b0b0' back

eval to_svg
plot for [o = 0:nr_orders-1] data using 1:(o):(height(o, column(o + 2))) skip 1 \
	with filledcurves fillcolor rgb order_colour(o) notitle
eval to_png
replot
set output
