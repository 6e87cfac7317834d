# SPDX-License-Identifier: GPL-2.0-only
# Fallbacks so far, by the harm they do; below, how many there were in each part of the time.
array name[3] = ['not movable', 'movable', 'not fragmenting']
array colour[3] = ['#b5402a', '#56b4e9', '#9a9a9a']
set multiplot
eval place(21, 112, height_mm * 0.45, height_mm - 11.5)
eval beside('fallbacks so far', height_mm * 0.45, height_mm - 11.5)
set yrange [0:*]
set xlabel ''
set format x ''
set key title 'fragmenting, for pages' left
plot for [k = 1:3] data using (t($1)):(column(2 * k + 1)) skip 1 with steps linecolor rgb colour[k] linewidth 1.8 dashtype k title name[k]
eval once
unset key
eval place(21, 112, 13.5, height_mm * 0.39)
set format x '%g'
set xlabel sprintf('time since the start of the run (%s)', time_unit)
eval beside('at a time', 13.5, height_mm * 0.39)
set ytics autofreq
up_to(n) = sum [k = 1:n] column(2 * k)
plot for [k = 3:1:-1] data using (t($1)):(up_to(k)) skip 1 with impulses linecolor rgb colour[k] linewidth 1.2 notitle
