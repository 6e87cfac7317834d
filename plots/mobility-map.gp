# SPDX-License-Identifier: GPL-2.0-only
# What could be moved away: frames that are free, in use and movable, unmovable, or both kinds in
# one strip of the map. Rows of data are frames from the lowest up, columns equal parts of the time.
set ylabel 'physical memory (MiB)' offset 1
set yrange [mib(first_pfn) : mib(last_pfn)]
set xrange [0 : time_end > 0 ? t(time_end) : 1]
array content[4] = ['free', 'movable', 'both kinds', 'unmovable']
array colour[4] = ['#f3f0e4', '#7fc4ee', '#d55e00', '#3d2a1c']
set palette defined (0 '#f3f0e4', 1 '#7fc4ee', 2 '#d55e00', 3 '#3d2a1c')
set cbrange [0:3]
unset colorbox
eval place(20, 110, 13.5, height_mm - 11.5)
unset grid
set tics front
set border 15 linecolor rgb ink linewidth 0.6
eval key_at(128, height_mm - 20)
set key title 'frames are' samplen 1.2
label_of(i) = zone_name[i] eq '' || nr_nodes < 2 ? zone_name[i] : sprintf("%s\nnode %d", zone_name[i], zone_node[i])
do for [z = 1:nr_zones] {
	if (zone_start[z] > first_pfn) {
		set arrow 100 + z from graph 0, first mib(zone_start[z]) to graph 1, first mib(zone_start[z]) nohead front linecolor rgb '#ffffff' linewidth 1.6
		set arrow 200 + z from graph 0, first mib(zone_start[z]) to graph 1, first mib(zone_start[z]) nohead front linecolor rgb ink linewidth 0.8 dashtype (5,3)
	}
	set label 100 + z label_of(z) at screen x_mm(111.5), first mib(zone_end[z]) left offset 0,-0.6 font ',8' textcolor rgb ink
}
plot data matrix using (t((($1 + 0.5) / pixel_columns) * time_end)):(mib(first_pfn + ($2 + 0.5) * (last_pfn - first_pfn) / pixel_rows)):3 with image notitle, \
	for [k = 4:1:-1] NaN with boxes fillcolor rgb colour[k] fillstyle solid border rgb ink title content[k]
