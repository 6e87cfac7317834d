# SPDX-License-Identifier: GPL-2.0-only
# Fallbacks by the type that was wanted (rows) and the type of the list that the block came from
# (columns): how many, and of these how many were fragmenting. The colour is how harmful a
# fragmenting one is in that direction, darkest for unmovable pages in movable pageblocks; what did
# not happen stays white.
array harm_colour[3] = ['#dbe9f3', '#f6c46a', '#b5402a']
array harm_name[3] = ['little', 'some', 'most']
shade(count, fragmenting, harm) = count == 0 ? 0xffffff : fragmenting == 0 ? 0xeeeeee : harm == 1 ? 0xdbe9f3 : harm == 2 ? 0xf6c46a : 0xb5402a
letters(fragmenting, harm) = fragmenting > 0 && harm == 3 ? 0xffffff : 0x1a1a1b
number(n) = n >= 1000000 ? sprintf('%d,%03d,%03d', n / 1000000, int(n / 1000) % 1000, int(n) % 1000) : n >= 1000 ? sprintf('%d,%03d', n / 1000, int(n) % 1000) : sprintf('%d', n)
eval place(30, 116, 23, height_mm - 17)
set xrange [-0.5 : nr_types - 0.5]
set yrange [nr_types - 0.5 : -0.5]
unset grid
set border 15 linecolor rgb ink linewidth 0.6
set xtics () scale 0
set ytics () scale 0
set for [k = 1:nr_types] xtics add (migratetype[k] k - 1)
set for [k = 1:nr_types] ytics add (migratetype[k] k - 1)
set format x '%s'
unset xlabel
if (nr_types > 4) { set xtics font ',8' }
set label 900 'type of the list that the block came from' at screen x_mm(73), screen y_mm(bottom_mm + 14) center textcolor rgb ink
eval beside('type wanted', 23, height_mm - 17)
eval key_at(119, height_mm - 16)
set key title 'harm, if fragmenting' left samplen 1.2
set label 902 "most: unmovable pages in movable pageblocks; some: other pages that stay;\nlittle: pages that can be moved or reclaimed again" at screen x_mm(3), screen y_mm(bottom_mm + 8) left font ',8' textcolor rgb ink
set label 901 "upper number: fallbacks; lower: of these fragmenting" at screen x_mm(30), screen 1 - y_mm(13) left font ',8' textcolor rgb ink
plot data using 2:1:(0.5):(0.5):(shade($3, $4, $5)) skip 1 with boxxyerror fillstyle solid noborder linecolor rgb variable notitle, \
	data using 2:1:(0.5):(0.5) skip 1 with boxxyerror fillstyle empty border rgb '#9a9a9a' linecolor rgb '#9a9a9a' linewidth 0.6 notitle, \
	data using 2:($1 - 0.14):($3 > 0 ? number($3) : ''):(letters($4, $5)) skip 1 with labels textcolor rgb variable notitle, \
	data using 2:($1 + 0.2):($3 > 0 ? number($4) : ''):(letters($4, $5)) skip 1 with labels font ',8' textcolor rgb variable notitle, \
	for [k = 3:1:-1] NaN with boxes fillcolor rgb harm_colour[k] fillstyle solid border rgb ink title harm_name[k], \
	NaN with boxes fillcolor rgb '#eeeeee' fillstyle solid border rgb ink title 'none was'
