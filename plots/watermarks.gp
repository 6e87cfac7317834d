# SPDX-License-Identifier: GPL-2.0-only
# Free memory against the watermarks: below low the kernel reclaims in the background, below min
# only requests with a claim on the reserves are served.
set ylabel 'memory (MiB)'
set logscale y
set key title 'pages'

eval to_svg
plot data using 1:(mib($2)) skip 1 with steps linecolor rgb '#000000' linewidth 2 title 'free', \
	data using 1:(mib($5)) skip 1 with steps linecolor rgb '#0072b2' linewidth 1.5 dashtype 4 title 'high', \
	data using 1:(mib($4)) skip 1 with steps linecolor rgb '#e69f00' linewidth 1.5 dashtype 2 title 'low', \
	data using 1:(mib($3)) skip 1 with steps linecolor rgb '#d55e00' linewidth 1.5 dashtype 3 title 'min'
eval to_png
replot
set output
