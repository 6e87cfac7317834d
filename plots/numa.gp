# SPDX-License-Identifier: GPL-2.0-only
# From which node CPUs of another got their memory: pages, and the share of all that CPUs of that
# node got. The darker, the larger the share; in brackets how far the nodes are apart.
number(n) = n >= 1000000 ? sprintf('%d,%03d,%03d', n / 1000000, int(n / 1000) % 1000, int(n) % 1000) : n >= 1000 ? sprintf('%d,%03d', n / 1000, int(n) % 1000) : sprintf('%d', n)
eval place(24, 118, 14, height_mm - 12)
set xrange [-0.5 : nr_nodes - 0.5]
set yrange [nr_nodes - 0.5 : -0.5]
unset grid
unset key
set border 15 linecolor rgb ink linewidth 0.6
set xtics () scale 0
set ytics () scale 0
set for [k = 0:nr_nodes-1] xtics add (sprintf('node %d', k) k)
set for [k = 0:nr_nodes-1] ytics add (sprintf('node %d', k) k)
set xlabel 'node that the memory is on' 
eval beside('node of the CPU that asked', 14, height_mm - 12)
set palette defined (0 '#f7fbff', 0.5 '#6baed6', 1 '#08306b')
set cbrange [0:1]
set cbtics ('0' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '100 %%' 1) scale 0.4
set label 951 'share of what its CPUs got' at screen x_mm(147), screen y_mm(bottom_mm + height_mm / 2.0) center rotate textcolor rgb ink
set colorbox user origin x_mm(126), y_mm(bottom_mm + 14) size x_mm(4), y_mm(height_mm - 26)
letters(share) = share > 0.45 ? 0xffffff : 0x1a1a1b
plot data using 2:1:(0.5):(0.5):4 skip 1 with boxxyerror fillstyle solid noborder linecolor palette notitle, \
	data using 2:($1 - 0.12):(number($3).' pages'):(letters($4)) skip 1 with labels textcolor rgb variable notitle, \
	data using 2:($1 + 0.02):(sprintf('%.1f %%', 100 * $4)):(letters($4)) skip 1 with labels textcolor rgb variable notitle, \
	data using 2:($1 + 0.16):(sprintf('(distance %d)', $5)):(letters($4)) skip 1 with labels font ',8' textcolor rgb variable notitle
