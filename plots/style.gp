# SPDX-License-Identifier: GPL-2.0-only
# What all figures have in common. In front of this, kmreplay sets:
#   figure_name     name of the files, without ending
#   figure_title, figure_caption
#   nr_orders       block sizes: orders 0 to nr_orders - 1
#   page_bytes      bytes in a page
#   migratetypes    their names, as in /proc/pagetypeinfo
#   time_end        s, last sample
set encoding utf8
set datafile separator "\t"
data = figure_name.'.tsv'
mib(pages) = pages * page_bytes / 1048576.0

# Output: 16 cm wide in print. SVG for screens and typesetting, PNG at 200 dpi.
to_svg = "set terminal svg size 800,480 dynamic noenhanced font 'sans-serif,12' background '#ffffff'; set output figure_name.'.svg'"
to_png = "set terminal pngcairo size 1260,756 noenhanced font 'sans-serif,12' fontscale 1.5 linewidth 1.5 pointscale 1.5 background '#ffffff'; set output figure_name.'.png'"

# Orders run from dark to light: the viridis scale without its palest end, which keeps its order in
# black and white and for the colour-blind.
viridis = '#440154 #482173 #433e85 #38588c #2d708e #25858e #1e9b8a #2ab07f #52c569 #86d549 #c2df23'
order_colour(o) = word(viridis, 11 - int(floor(10.0 * o / (nr_orders > 1 ? nr_orders - 1 : 1) + 0.5)))

# Hues for kinds (Okabe and Ito), neighbours of different lightness.
hues = '#0072b2 #e69f00 #f0e442 #d55e00 #56b4e9 #000000'

size_label(bytes) = bytes < 1048576 ? sprintf('%d KiB', bytes / 1024) : sprintf('%d MiB', bytes / 1048576)
order_label(o) = sprintf('%2d  (%s)', o, size_label(page_bytes * 2**o))

set title figure_title font ',14' offset 0,-0.4
set label 1000 figure_caption at screen 0.5, screen 0.025 center font ',9' textcolor '#404040'
set border 3 linecolor '#606060'
set tics nomirror out textcolor '#202020'
set grid ytics linetype 1 linewidth 0.5 linecolor '#d8d8d8'
set bmargin 5
set tmargin 2.5
set xlabel 'time since the start of the run (s)'
set xrange [0 : time_end > 0 ? time_end : 1]
set key outside right center vertical Left reverse samplen 2.5 spacing 1.15
set style fill solid noborder
