#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fake-tracefs.sh DIR: tracefs, proc and sysfs as plain files, with a tracing instance "i" that has
# settings of its own, as nobody but a kernel can make files appear by mkdir.  What the kernel would
# write into trace or trace_pipe is written by the command that is recorded.
set -e
t=$1/tracing i=$1/tracing/instances/i p=$1/proc s=$1/sys
put() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1"
}
for top in "$t" "$i"; do
	for e in kmem/mm_page_alloc kmem/mm_page_free kmem/kmalloc kmem/rss_stat \
		vmscan/mm_vmscan_wakeup_reclaim sched/sched_switch; do
		put "$top/events/$e/enable" 0
		put "$top/events/$e/format" "name: ${e#*/}"
	done
	put "$top/events/kmem/enable" 0
	put "$top/tracing_on" 1
	put "$top/trace_clock" "local [mono] counter"
	put "$top/buffer_size_kb" "7 (expanded: 1408)"
	put "$top/current_tracer" nop
	: >"$top/trace_marker"
	: >"$top/trace_pipe"
	put "$top/trace" "somebody's events"
	for o in overwrite:1 hash-ptr:1 irq-info:0 stacktrace:1; do
		put "$top/options/${o%:*}" "${o#*:}"
	done
	for c in 0 1; do
		put "$top/per_cpu/cpu$c/stats" "entries: 5$c"
	done
done
put "$i/events/kmem/rss_stat/enable" 1
put "$i/tracing_on" 0
put "$t/trace_clock" "local [global] mono"
put "$t/saved_cmdlines_size" 128
put "$p/mounts" "nodev $t tracefs rw,relatime 0 0"
printf 'nodev\tsysfs\nnodev\ttracefs\n' >"$p/filesystems"
put "$p/meminfo" "MemAvailable:     819200 kB"
put "$p/cmdline" "quiet"
put "$p/sys/kernel/kptr_restrict" 0
for f in zoneinfo buddyinfo pagetypeinfo slabinfo vmstat iomem vmallocinfo; do
	put "$p/$f" "$f"
done
printf 'CONFIG_SLUB=y\n' | gzip -c >"$p/config.gz"
put "$s/devices/system/node/node0/distance" "10 21"
put "$s/devices/system/node/node1/distance" "21 10"
put "$s/kernel/debug/extfrag/extfrag_index" "extfrag_index"
for f in object_size:64 slab_size:64 align:8 objs_per_slab:64 order:0 min_partial:5 cpu_partial:120; do
	put "$s/kernel/slab/task/${f%:*}" "${f#*:}"
done
mkdir -p "$s/kernel/slab/broken"
