# SPDX-License-Identifier: GPL-2.0-only
# Which part of the frames is in use, dark for all of them. Rows of data are frames from the lowest
# up, columns are equal parts of the time; holes between zones are left empty. What differs most
# from the column before is shown of a column, so that short peaks are seen.
set ylabel 'physical memory (MiB)' offset 1
set yrange [mib(first_pfn) : mib(last_pfn)]
set xrange [0 : time_end > 0 ? t(time_end) : 1]
set palette defined (0 '#fff7ec', 0.15 '#fdd49e', 0.4 '#fc8d59', 0.7 '#b8304f', 1 '#240a2e')
set cbrange [0:1]
set label 951 'part of the frames in use' at screen x_mm(151), screen y_mm(bottom_mm + height_mm / 2.0) center rotate textcolor rgb ink
set cbtics ('0' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '100 %%' 1) scale 0.4
eval place(20, 110, 13.5, height_mm - 11.5)
set colorbox user origin x_mm(132), y_mm(bottom_mm + 13.5) size x_mm(4), y_mm(height_mm - 25)
unset grid
unset key
set tics front
set border 15 linecolor rgb ink linewidth 0.6
label_of(i) = zone_name[i] eq '' || nr_nodes < 2 ? zone_name[i] : sprintf("%s\nnode %d", zone_name[i], zone_node[i])
do for [z = 1:nr_zones] {
	if (zone_start[z] > first_pfn) {
		set arrow 100 + z from graph 0, first mib(zone_start[z]) to graph 1, first mib(zone_start[z]) nohead front linecolor rgb '#ffffff' linewidth 1.6
		set arrow 200 + z from graph 0, first mib(zone_start[z]) to graph 1, first mib(zone_start[z]) nohead front linecolor rgb ink linewidth 0.8 dashtype (5,3)
	}
	set label 100 + z label_of(z) at screen x_mm(111.5), first mib(zone_end[z]) left offset 0,-0.6 font ',8' textcolor rgb ink
}
plot data matrix using (t((($1 + 0.5) / pixel_columns) * time_end)):(mib(first_pfn + ($2 + 0.5) * (last_pfn - first_pfn) / pixel_rows)):3 with image
