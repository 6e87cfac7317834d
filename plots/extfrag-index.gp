# SPDX-License-Identifier: GPL-2.0-only
# Why a request of an order would fail: towards 0 for lack of memory, towards 1 because memory is in
# pieces. While a block is free the kernel has -1, which is drawn as a gap: there is no failure to
# explain.
array some[nr_orders]
shown(v) = v < 0 ? NaN : v
used = 0
do for [o = 0:nr_orders-1] {
	some[o + 1] = 0
	stats data using (some[o + 1] = column(high(o + 1)) >= 0 ? some[o + 1] + 1 : some[o + 1], column(1)) skip 1 nooutput
	if (some[o + 1] > 0) { used = used + 1 }
}
set ylabel 'external fragmentation index'
set yrange [0:1]
set key title 'order (size)'
if (!used) {
	unset key
	set label 900 "A block of every order was free all the time:\nno request would have failed." at graph 0.5, graph 0.5 center textcolor rgb ink
}
command = 'plot '
rank = 0
do for [o = nr_orders-1:0:-1] {
	if (some[o + 1]) {
		command = command.sprintf("data using (t($1)):(shown(column(high(%d)))) skip 1 with lines linecolor rgb '%s' linewidth 1.6 dashtype %s title order_label(%d), ", o + 1, of_viridis(used > 1 ? 1 - 1.0 * rank / (used - 1) : 1), dash[nth(rank + 1)], o)
		rank = rank + 1
	}
}
eval command.'NaN notitle'
