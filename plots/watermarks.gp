# SPDX-License-Identifier: GPL-2.0-only
# Free memory against the watermarks: below low the kernel reclaims in the background, below min
# only requests with a claim on the reserves are served. The scale is logarithmic, because free
# memory is often hundreds of times the watermarks; 0 is drawn as one page.
amount(pages) = mib(pages > 0 ? pages : 1)
lowest = 1e18
highest = 0
do for [k = 1:4] {
	stats data using (amount(column(low(k)))) skip 1 nooutput
	if (STATS_min < lowest) { lowest = STATS_min }
	stats data using (amount(column(high(k)))) skip 1 nooutput
	if (STATS_max > highest) { highest = STATS_max }
}
set ylabel 'memory in the zone (MiB)' offset 1
eval place(23, 112, 13.5, height_mm - 11.5)
set key title 'watermarks'
set grid back
set logscale y
set yrange [lowest / 1.4 : highest * 1.4]
set ytics (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, '1,000' 1000, \
	'2,000' 2000, '5,000' 5000, '10,000' 10000, '20,000' 20000, '50,000' 50000, '100,000' 100000, \
	'200,000' 200000, '500,000' 500000, '1,000,000' 1000000)
plot data using (t($1)):(amount(column(high(4)))) skip 1 with fillsteps fillcolor rgb '#dcebf5' title 'below high', \
	data using (t($1)):(amount(column(high(3)))) skip 1 with fillsteps fillcolor rgb '#eebc55' title 'below low', \
	data using (t($1)):(amount(column(high(2)))) skip 1 with fillsteps fillcolor rgb '#b5532a' title 'below min', \
	data using (t($1)):(amount(column(low(1)))):(amount(column(high(1)))) skip 1 with filledcurves fillcolor rgb '#8a8a8a' title (reduced ? 'lowest to highest' : ''), \
	data using (t($1)):(amount(column(at(1)))) skip 1 with steps linecolor rgb ink linewidth 1.5 title 'free memory'
