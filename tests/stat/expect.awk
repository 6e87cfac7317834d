# SPDX-License-Identifier: GPL-2.0-only
# What `kmreplay stat` should count in a trace as tracefs prints it, worked out from the text alone
# and in another way than the program does.  Writes callers, allocs, caches, tasks, sums, matrix,
# frames and pages into the directory -v out=DIR.

function field(key,    at, value) {
	at = index(rest, " " key "=")
	if (!at)
		return ""
	value = substr(rest, at + length(key) + 2)
	sub(/ .*/, "", value)
	return value
}

function hex(text,    value, i) {
	value = 0
	for (i = 3; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}

function site_of(    value, module) {
	value = field("call_site")
	module = rest
	sub(/\/.*/, "", value)
	if (sub(/.* call_site=[^ ]* \[/, "[", module)) {
		sub(/\].*/, "]", module)
		value = value " " module
	}
	return value
}

# one object more, or less, in a row of a table; a table's row is hit, req, alloc, frees, freed, pp
function count(table, row, n, req, alloc) {
	hit[table, row] += n
	bytes_req[table, row] += n * req
	bytes_alloc[table, row] += n * alloc
	rows[table, row] = 1
}

function count_free(table, row, alloc, pp) {
	frees[table, row]++
	bytes_freed[table, row] += alloc
	pingpong[table, row] += pp
	rows[table, row] = 1
}

function on_alloc(kmalloc,    ptr, req, alloc) {
	ptr = field("ptr")
	req = field("bytes_req") + 0
	alloc = field("bytes_alloc") + 0
	sum["requests"]++
	if (field("node") != "-1")
		sum["node_requests"]++
	if (!req)
		sum["zero_sizes"]++
	if (ptr ~ /^0*$/ || ptr ~ /^\(/) {
		sum["failures"]++
		return
	}
	sum["bytes_req"] += req
	sum["bytes_alloc"] += alloc
	if (ptr in live_req)
		sum["repeated_allocs"]++
	number++
	o_site[number] = site_of()
	o_req[number] = req
	o_alloc[number] = alloc
	o_task[number] = task
	o_kind[number] = kmalloc ? "kmalloc" : o_site[number] SUBSEP req SUBSEP alloc
	count("callers", o_site[number], 1, req, alloc)
	count("tasks", task, 1, req, alloc)
	count("allocs", ptr, 1, req, alloc)
	last_site[ptr] = o_site[number]
	live_req[ptr] = number
	o_cpu[number] = cpu
}

function on_free(named,    ptr, name, o, pp) {
	ptr = field("ptr")
	if (ptr ~ /^0*(10)?$/ || ptr ~ /^\(/) {
		sum["null_frees"]++
		return
	}
	name = ""
	if (named) {
		name = rest
		sub(/.* name=/, "", name)
		sub(/ *$/, "", name)
	}
	sum["frees"]++
	if (!(ptr in live_req)) {
		sum["unknown_frees"]++
		frees["caches", name == "" ? "(unknown)" : name]++
		rows["caches", name == "" ? "(unknown)" : name] = 1
		return
	}
	o = live_req[ptr]
	delete live_req[ptr]
	pp = o_cpu[o] != cpu
	sum["pingpong"] += pp
	sum["bytes_freed"] += o_alloc[o]
	count_free("callers", o_site[o], o_alloc[o], pp)
	count_free("tasks", o_task[o], o_alloc[o], pp)
	count_free("allocs", ptr, o_alloc[o], pp)
	o_freed[o] = 1
	o_pp[o] = pp
	o_name[o] = name
	if (name != "") {
		if (!(o_kind[o] in kind_name))
			kind_name[o_kind[o]] = name
		else if (kind_name[o_kind[o]] != name)
			kind_several[o_kind[o]] = 1
	}
}

# the caches of all objects, when all frees are known
function settle(    o, name) {
	for (o = 1; o <= number; o++) {
		name = o_name[o]
		if (name == "" && o_kind[o] == "kmalloc")
			name = "kmalloc-" o_alloc[o]
		else if (name == "" && (o_kind[o] in kind_name) && !(o_kind[o] in kind_several))
			name = kind_name[o_kind[o]]
		else if (name == "")
			name = "(unknown, " o_alloc[o] " bytes)"
		count("caches", name, 1, o_req[o], o_alloc[o])
		if (o in o_freed)
			count_free("caches", name, o_alloc[o], o_pp[o])
	}
}

BEGIN {
	split("unmovable movable reclaimable highatomic cma isolate", type_names, " ")
}

match($0, / \[[0-9]+\] /) {
	task = substr($0, 1, RSTART - 1)
	gsub(/^ +| +$/, "", task)
	cpu = substr($0, RSTART + 2, RLENGTH - 4) + 0
	rest = substr($0, RSTART + RLENGTH)
	if (!sub(/^[^ ]+ +[0-9]+\.[0-9]+: /, "", rest))
		next
	event = rest
	sub(/:.*/, "", event)
	if (event == "kmalloc" || event == "kmalloc_node")
		on_alloc(1)
	else if (event == "kmem_cache_alloc" || event == "kmem_cache_alloc_node")
		on_alloc(0)
	else if (event == "kfree")
		on_free(0)
	else if (event == "kmem_cache_free")
		on_free(1)
	else if (event == "mm_page_alloc") {
		page["requests"]++
		page["bytes"] += 4096 * 2 ^ field("order")
		if (field("page") ~ /^0*$/ || field("page") ~ /^\(/) {
			page["failures"]++
			page["bytes_failed"] += 4096 * 2 ^ field("order")
			next
		}
		type = type_names[field("migratetype") + 1]
		matrix[field("order") "," type]++
		frame_hit[sprintf("%.0f", hex(field("pfn"))) "," field("order") "," type]++
	} else if (event == "mm_page_free") {
		page["frees"]++
		page["bytes_freed"] += 4096 * 2 ^ field("order")
	}
}

END {
	settle()
	sum["wasted"] = sum["bytes_alloc"] - sum["bytes_req"]
	for (ptr in live_req) {
		sum["live"]++
		sum["bytes_live"] += o_alloc[live_req[ptr]]
	}
	for (key in rows) {
		split(key, part, SUBSEP)
		name = part[2]
		if (part[1] == "allocs") {
			site = last_site[name]
			sub(/^0*/, "0x", name)
			name = name "," site
		} else if (name ~ /[,"]/) {
			name = "\"" name "\""
		}
		printf "%s,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f\n", name, hit[key], bytes_req[key],
			bytes_alloc[key], frees[key], bytes_freed[key], pingpong[key] >(out "/" part[1])
	}
	n = split("requests failures zero_sizes node_requests bytes_req bytes_alloc wasted frees " \
		"bytes_freed pingpong unknown_frees repeated_allocs null_frees live bytes_live",
		keys, " ")
	for (i = 1; i <= n; i++)
		printf "%s %.0f\n", keys[i], sum[keys[i]] >(out "/sums")
	n = split("requests bytes frees bytes_freed failures bytes_failed", keys, " ")
	for (i = 1; i <= n; i++)
		printf "%s %.0f\n", keys[i], page[keys[i]] >(out "/pages")
	for (key in matrix)
		printf "%s,%.0f\n", key, matrix[key] >(out "/matrix")
	for (key in frame_hit)
		printf "%s,%.0f\n", key, frame_hit[key] >(out "/frames")
}
