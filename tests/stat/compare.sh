#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# compare.sh KMREPLAY TRACE.zst: is all that `kmreplay stat` counts what expect.awk counts?  Exit 0
# when it is, 1 with the first differences when not.
set -eu
export LC_ALL=C
program=$1 trace=$2
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

mkdir "$dir/want" "$dir/got"
for view in callers allocs caches tasks sums pages matrix frames; do
	: >"$dir/want/$view"
done
zstd -qdc "$trace" | awk -v out="$dir/want" -f "$here/expect.awk"

# rows VIEW FILE: without the heading
rows() {
	"$program" stat --csv "$@" "$trace" | sed 1d
}

# numbers SECTION KEYS-FROM: "key value" of an object in the JSON, in the order of a file's keys
numbers() {
	awk -v section="\"$1\": {" '
		NR == FNR { order[++n] = $1; next }
		index($0, section) { inside = 1; next }
		inside && /^    "/ {
			gsub(/[":,]/, "")
			value[$1] = $2
		}
		/^  }/ { inside = 0 }
		END { for (i = 1; i <= n; i++) print order[i], value[order[i]] }
	' "$2" "$dir/json"
}

rows --caller >"$dir/got/callers"
rows --alloc >"$dir/got/allocs"
rows --cache >"$dir/got/caches"
rows --task >"$dir/got/tasks"
"$program" stat --json --slab --page "$trace" >"$dir/json"
numbers slab "$dir/want/sums" >"$dir/got/sums"
numbers page "$dir/want/pages" >"$dir/got/pages"
# the last fields are hit, bytes_alloc, frees, bytes_freed; GFP flags have no comma
rows --page --caller |
	awk -F, '{ n[$2 "," $3] += $5 } END { for (k in n) print k "," n[k] }' >"$dir/got/matrix"
rows --page --alloc |
	awk -F, '{ n[$1 "," $3 "," $4] += $6 } END { for (k in n) print k "," n[k] }' >"$dir/got/frames"

status=0
for view in callers allocs caches tasks sums pages matrix frames; do
	sort "$dir/want/$view" >"$dir/want.sorted"
	sort "$dir/got/$view" >"$dir/got.sorted"
	if [ ! -s "$dir/want.sorted" ]; then
		echo "$view: nothing in $trace"
		status=1
	elif ! cmp -s "$dir/want.sorted" "$dir/got.sorted"; then
		echo "$view of $trace: < by awk, > by kmreplay"
		diff "$dir/want.sorted" "$dir/got.sorted" | head -n 6
		status=1
	fi
done
exit $status
