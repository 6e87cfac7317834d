# SPDX-License-Identifier: GPL-2.0-only
# What all figures have in common. In front of this, kmreplay sets:
#   formats, format_number  which images to make, and which of them this pass is for
#   figure_name      name of the files, without ending
#   figure_title     caption_line[1] ... caption_line[caption_lines]
#   height_mm        of a figure 160 mm wide, without its caption
#   nr_orders        block sizes: orders 0 to nr_orders - 1
#   pageblock_order  order of a pageblock
#   page_bytes       bytes in a page
#   zone_pages       pages that the zone manages, in figures of a zone
#   time_end         s, end of the axis of time
#   reduced          1: each column of data has two more behind it, its lowest and highest value
# and what belongs to the kind of the figure. Change anything and run the script again.
set encoding utf8
set datafile separator "\t"
data = figure_name.'.tsv'

# Page: 160 mm wide, type of 8.5 points and never less than 8. Ink and grid have colours that nothing
# else has, so that they can follow a web page's (embed).
width_mm = 160.0
full_mm = height_mm + 3.9 * caption_lines + 3.0
ink = '#1a1a1b'
grid = '#d8d8d9'
format_name = word(formats, format_number)
tall(wide) = int(wide * full_mm / width_mm + 0.5)
paper = format_name eq 'embed' ? '' : "background '#ffffff'"
if (format_name eq 'svg' || format_name eq 'embed') {
	eval sprintf("set terminal svg size 605,%d dynamic noenhanced font 'sans-serif,8.5' fontscale 1.3333 linewidth 1 %s", tall(605), paper)
	set output figure_name.(format_name eq 'svg' ? '.svg' : '.embed.svg')
}
if (format_name eq 'png') {
	eval sprintf("set terminal pngcairo size 1890,%d noenhanced font 'DejaVu Sans Condensed,8.5' fontscale 4.1667 linewidth 3.1 pointscale 3.1 dashlength 1.2 %s", tall(1890), paper)
	set output figure_name.'.png'
}
if (format_name eq 'pdf') {
	eval sprintf("set terminal pdfcairo size 16cm,%.2fcm noenhanced font 'DejaVu Sans Condensed,8.5' fontscale 1 linewidth 1.5 pointscale 0.5 dashlength 1.2 %s", full_mm / 10, paper)
	set output figure_name.'.pdf'
}

# Colours. Hues for kinds (Okabe and Ito), so ordered that neighbours differ in lightness, too; each
# with a dash of its own. Orders run from dark to light: viridis without its palest end.
array hue[8] = ['#0072b2', '#e69f00', '#1a1a1b', '#56b4e9', '#d55e00', '#009e73', '#cc79a7', '#8a7d00']
array pale[8] = ['#b3d3e8', '#f7dfae', '#c9c9c9', '#d3eaf9', '#f2cbb0', '#b0e0d3', '#f0d8e5', '#dcd8b0']
array dash[8] = ['1', '(12,4)', '(3,3)', '(14,3,3,3)', '(7,3)', '(3,3,10,3)', '(20,4)', '(2,5)']
nth(i) = (i - 1) % 8 + 1
viridis = '#440154 #482173 #433e85 #38588c #2d708e #25858e #1e9b8a #2ab07f #52c569 #86d549 #c2df23'
of_viridis(share) = word(viridis, 11 - int(floor(10.0 * (share < 0 ? 0 : share > 1 ? 1 : share) + 0.5)))
order_colour(o) = of_viridis(nr_orders > 1 ? 1.0 * o / (nr_orders - 1) : 0)
line_of(i) = sprintf("linecolor rgb '%s' dashtype %s linewidth 1.4", hue[nth(i)], dash[nth(i)])

# Units.
mib(pages) = pages * page_bytes / 1048576.0
mib_of_bytes(bytes) = bytes / 1048576.0
size_label(bytes) = bytes < 1024 ? sprintf('%d B', bytes) : bytes < 1048576 ? sprintf('%d KiB', bytes / 1024) : \
	bytes < 1073741824 ? sprintf('%d MiB', bytes / 1048576) : sprintf('%d GiB', bytes / 1073741824)
order_label(o) = sprintf('%2d (%s)', o, size_label(page_bytes * 2**o))
time_unit = time_end > 36000 ? 'h' : time_end > 600 ? 'min' : time_end >= 1 ? 's' : time_end >= 0.001 ? 'ms' : 'µs'
per_second = time_unit eq 'h' ? 1 / 3600.0 : time_unit eq 'min' ? 1 / 60.0 : time_unit eq 's' ? 1 : time_unit eq 'ms' ? 1e3 : 1e6
t(seconds) = seconds * per_second

# Columns of data over time: series k, from 1.
if (!exists('reduced')) { reduced = 0 }
at(k) = reduced ? 3 * k - 1 : k + 1
low(k) = reduced ? 3 * k : k + 1
high(k) = reduced ? 3 * k + 1 : k + 1

# A round step for about nr ticks from one value to another.
round_up(step) = (scale_of_step = 10 ** floor(log10(step)), step / scale_of_step <= 1 ? scale_of_step : step / scale_of_step <= 2 ? 2 * scale_of_step : step / scale_of_step <= 5 ? 5 * scale_of_step : 10 * scale_of_step)
step_of(from, to, nr) = to > from ? round_up((to - from) / (1.0 * nr)) : 1

# Places in mm from the left and from the bottom, as parts of the screen.
x_mm(mm) = mm / width_mm
y_mm(mm) = mm / full_mm
bottom_mm = full_mm - height_mm
place(left, right, bottom, top) = sprintf('set lmargin at screen %.6f; set rmargin at screen %.6f; set bmargin at screen %.6f; set tmargin at screen %.6f', \
	x_mm(left), x_mm(right), y_mm(bottom_mm + bottom), y_mm(bottom_mm + top))
# What stands beside the axis of a panel: at a place of its own, as gnuplot's follows the widest tick.
beside(text, bottom, top) = sprintf("set label 950 '%s' at screen %.6f, screen %.6f center rotate textcolor rgb ink", text, x_mm(3.6), y_mm(bottom_mm + (bottom + top) / 2.0))
# What is drawn once a figure goes away before the next panel of it.
once = 'do for [i = 1000:1010] { unset label i }'

set label 1000 figure_title at screen x_mm(3), screen 1 - y_mm(5.5) left font ',10.5' textcolor rgb ink
do for [i = 1:caption_lines] {
	set label 1000 + i caption_line[i] at screen x_mm(3), screen y_mm(3.4 + 3.9 * (caption_lines - i)) left font ',8' textcolor rgb ink
}
set border 3 linecolor rgb ink linewidth 0.8
set tics nomirror out scale 0.5 textcolor rgb ink
set grid ytics linetype 1 linewidth 0.6 linecolor rgb grid
set xlabel sprintf('time since the start of the run (%s)', time_unit) textcolor rgb ink
set ylabel textcolor rgb ink
set xrange [0 : time_end > 0 ? t(time_end) : 1]
key_at(x, y) = sprintf('set key at screen %.6f, screen %.6f left top vertical maxrows 16 Left reverse', x_mm(x), y_mm(bottom_mm + y))
set key samplen 1.8 spacing 1.1 textcolor rgb ink
eval key_at(114, height_mm - 10.5)
set style fill solid noborder
eval place(20, 112, 13.5, height_mm - 11.5)
