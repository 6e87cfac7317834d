# SPDX-License-Identifier: GPL-2.0-only
# Bytes asked for by objects in use, of the call sites that had most, stacked.
set ylabel 'live memory (MiB)' offset 1
set yrange [0:*]
eval place(21, 100, 13.5, height_mm - 15)
eval key_at(101, height_mm - 14)
set key title 'asked for at' font ',8' samplen 1.2
if (bytes_before > 0) {
	set label 900 sprintf('Not drawn: %.2f MiB at the end from before the trace or without a call site.', mib_of_bytes(bytes_before)) at screen x_mm(3), screen 1 - y_mm(11) left font ',8' textcolor rgb ink
}
up_to(n) = mib_of_bytes(sum [k = 1:n] column(at(k)))
plot for [k = nr_sites:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with fillsteps fillcolor rgb of_viridis(1 - (k - 1.0) / (nr_sites > 1 ? nr_sites - 1 : 1)) title site_name[k], \
	for [k = nr_sites:1:-1] data using (t($1)):(up_to(k)) skip 1 \
	with steps linecolor rgb '#ffffff' linewidth 0.7 notitle
