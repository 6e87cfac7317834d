# SPDX-License-Identifier: GPL-2.0-only
# The part of free memory that lies in blocks too small for an order. It grows with the order, so
# the lines never cross and the space below each is filled in its colour. Where several samples are
# in a column, the highest counts.
set ylabel 'unusable free space index'
stats data using (column(high(nr_orders))) skip 1 nooutput
set yrange [0 : STATS_max > 0.5 ? 1 : STATS_max > 0.01 ? STATS_max * 1.1 : 0.01]
set format y '%g'
set key title 'order (size)'
plot for [o = nr_orders-1:1:-1] data using (t($1)):(column(high(o + 1))) skip 1 \
	with fillsteps fillcolor rgb order_colour(o) title order_label(o), \
	for [o = nr_orders-1:1:-1] data using (t($1)):(column(high(o + 1))) skip 1 \
	with steps linecolor rgb '#80ffffff' linewidth 0.5 notitle
