# SPDX-License-Identifier: GPL-2.0-only
# How many requests asked for how much, and the memory that they ask for together, by size. Both
# axes of the upper panel are logarithmic.
array words_of[2]
do for [k = 1:nr_kinds] { words_of[k] = kind[k] eq 'object' ? 'objects' : kind[k] eq 'page' ? 'pages' : kind[k] }
set multiplot
set logscale x 2
set xtics (8, 32, 128, 512, 2048, 8192, 32768, 131072, 524288, 2097152, 8388608)
set xrange [*:*]
set yrange [*:*]
stats data using ($1 > 0 ? $1 : 1) nooutput
left_end = STATS_min / 1.3
right_end = STATS_max * 2.2
set xrange [left_end : right_end]
set grid xtics ytics
eval place(20, 130, height_mm * 0.55, height_mm - 11.5)
set format x ''
set xlabel ''
set logscale y 10
set format y '%.0s%c'
set ylabel 'requests' offset 0.5
eval key_at(132, height_mm - 10.5)
plot for [k = 1:nr_kinds] data index k - 1 using ($1 > 0 ? $1 : 1):3 with impulses linecolor rgb (kind[k] eq 'object' ? hue[1] : hue[2]) linewidth 2 title words_of[k], \
	for [k = 1:nr_kinds] data index k - 1 using ($1 > 0 ? $1 : 1):3 with points pointtype (kind[k] eq 'object' ? 7 : 4) pointsize 0.35 linecolor rgb (kind[k] eq 'object' ? hue[1] : ink) notitle
eval once
unset key
eval place(20, 130, 13.5, height_mm * 0.49)
unset logscale y
set yrange [0:100]
set format y '%g'
set ylabel 'requests up to it (%)' offset 0.5
set xtics ('8 B' 8, '32 B' 32, '128 B' 128, '512 B' 512, '2 KiB' 2048, '8 KiB' 8192, '32 KiB' 32768, '128 KiB' 131072, '512 KiB' 524288, '2 MiB' 2097152, '8 MiB' 8388608)
set xlabel 'bytes asked for' 
array total[2]
do for [k = 1:nr_kinds] {
	set xrange [*:*]
	set yrange [*:*]
	stats data index k - 1 using 3 nooutput
	total[k] = STATS_sum
}
set xrange [left_end : right_end]
set yrange [0:100]
plot for [k = 1:nr_kinds] data index k - 1 using ($1 > 0 ? $1 : 1):(100.0 * $3 / total[k]) smooth cumulative with steps linecolor rgb (kind[k] eq 'object' ? hue[1] : hue[2]) linewidth 1.8 dashtype k notitle
