# SPDX-License-Identifier: GPL-2.0-only
# Free blocks of each order. The scale is logarithmic but for its beginning, so that 0 has a place.
set ylabel 'free blocks'
set nonlinear y via log10(y + 1) inverse 10**y - 1
set ytics (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, '1,000' 1000, '2,000' 2000, '5,000' 5000, \
	'10,000' 10000, '100,000' 100000, '1,000,000' 1000000)
set yrange [0:*]
set key title 'order (size)'
set style data steps

eval to_svg
plot for [o = nr_orders-1:0:-1] data using 1:(column(o + 2)) skip 1 \
	linecolor rgb order_colour(o) linewidth 1.5 title order_label(o)
eval to_png
replot
set output
