# SPDX-License-Identifier: GPL-2.0-only
# What is held for objects (slabs, SLOB's heaps, large kmalloc()) and how much of it objects in use
# take, in_use: of SLOB those of its caches alone; below, the share in use of the caches that hold most,
# named at their lines' ends. Columns: time, held, active, requested, then held and active
# of each cache; bytes.
set multiplot
eval place(18, 106, height_mm * 0.56, height_mm - 11.5)
set xlabel ''
set format x ''
set yrange [0:*]
set ylabel 'memory (MiB)' offset 1
eval key_at(108, height_mm - 10.5)
plot data using (t($1)):(mib_of_bytes($2)) skip 1 with fillsteps fillcolor rgb '#f0d9b0' title 'pages held', \
	data using (t($1)):(mib_of_bytes($3)) skip 1 with fillsteps fillcolor rgb '#7fb8da' title in_use, \
	data using (t($1)):(mib_of_bytes($4)) skip 1 with steps linecolor rgb ink linewidth 1.4 dashtype (6,3) title 'asked for'
eval once
eval place(18, 106, 13.5, height_mm * 0.50)
set format x '%g'
set xlabel sprintf('time since the start of the run (%s)', time_unit)
set ylabel 'in use (% of slabs)' offset 1
eval key_at(108, height_mm * 0.50 + 1)
set key title 'caches that hold most' font ',8' samplen 1.6
set yrange [0:100]
used(k) = column(2 * k + 3) > 0 ? 100.0 * column(2 * k + 4) / column(2 * k + 3) : NaN
command = 'plot '
do for [k = 1:nr_caches] {
	command = command.sprintf("data using (t($1)):(used(%d)) skip 1 with steps %s title cache_name[%d], ", k, line_of(k), k)
}
eval command.'NaN notitle'
